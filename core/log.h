/*
 * Failures for the person: .clevertimfs/errors and .clevertimfs/created (contract 8, 9), a bounded
 * run of lines in memory each, oldest lines dropped first. Any thread.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "buf.h"
#include "problem.h"
#include <pthread.h>

struct log {
	pthread_mutex_t lock;
	struct buf lines; /* guarded by lock */
};

/* max_bytes: when a line would not fit, the older half goes. */
void log_init(struct log *log, size_t max_bytes);
void log_release(struct log *log);

/* Appends "time fields\n"; the line is made safe as by problem_one_line. Never fails. */
void log_line(struct log *log, const char *format, ...) printf_like(2, 3);
/* One line of the errors file: time, operation, path, errno name, HTTP status, message. */
void log_failure(struct log *log, const char *operation, const char *path, int err,
	const struct problem *problem);
/* A copy of all lines, appended to out. */
int log_copy(struct log *log, struct buf *out) nodiscard;

#endif
