/*
 * What was asked of the API and how it was answered, for tests to look at: lines of JSON, and
 * counts. Any thread.
 */
#ifndef SANDBOX_REQUEST_LOG_H
#define SANDBOX_REQUEST_LOG_H

#include "request.h"

struct request_log;

/* Lines are appended to the file too; NULL: to none. NULL: no memory, or errno of the file. */
struct request_log *request_log_create(const char *file);
void request_log_destroy(struct request_log *log);

/* At its arrival. */
void request_log_count(struct request_log *log, const struct request *request);
/*
 * When its outcome is known. status 0: there was no answer; bytes: of the body, negative when
 * nobody knows; fault: the kind of fault that it met, or NULL.
 */
void request_log_add(struct request_log *log, const struct request *request, unsigned status,
	int64_t bytes, const char *fault);

/* Copies what was logged, or the counts as an object. 0, -ENOMEM, -EFBIG. */
int request_log_lines(struct request_log *log, struct buf *out) nodiscard;
int request_log_counts(struct request_log *log, struct buf *out) nodiscard;
/* Forgets both; the file stays. */
void request_log_clear(struct request_log *log);

#endif
