#include "log.h"

#include "clock.h"
#include <stdarg.h>
#include <stdio.h>

#define LINE_SIZE 2048

void log_init(struct log *log, size_t max_bytes)
{
	pthread_mutex_init(&log->lock, NULL);
	buf_init(&log->lines, max_bytes);
}

void log_release(struct log *log)
{
	buf_release(&log->lines);
	pthread_mutex_destroy(&log->lock);
}

/* Whole lines go; every line ends in a newline, so there is one to cut behind. */
static void drop_older_half_locked(struct log *log)
{
	struct buf *lines = &log->lines;
	const char *half = lines->data + lines->len / 2;
	const char *cut = (const char *)memchr(half, '\n', lines->len - lines->len / 2) + 1;
	lines->len -= (size_t)(cut - lines->data);
	memmove(lines->data, cut, lines->len + 1);
}

/* A line that is longer than the whole log, or finds no memory, is lost: a log fails nobody. */
static void append(struct log *log, const char *line)
{
	size_t need = strlen(line) + 1;
	pthread_mutex_lock(&log->lock);
	if (need <= log->lines.max) {
		while (need > log->lines.max - log->lines.len)
			drop_older_half_locked(log);
		if (buf_reserve(&log->lines, need) == 0 &&
			buf_add(&log->lines, line, need - 1) == 0)
			(void)!buf_add_char(&log->lines, '\n');
	}
	pthread_mutex_unlock(&log->lock);
}

void log_line(struct log *log, const char *format, ...)
{
	char text[LINE_SIZE], line[LINE_SIZE + CLOCK_ISO_SIZE], *fields = line + CLOCK_ISO_SIZE;
	va_list args;
	va_start(args, format);
	int len = vsnprintf(text, sizeof text, format, args);
	va_end(args);

	clock_iso(clock_now().tv_sec, line);
	fields[-1] = ' ';
	problem_one_line(
		text, len < 0 ? 0 : min_size((size_t)len, sizeof text - 1), fields, LINE_SIZE);
	append(log, line);
}

void log_failure(struct log *log, const char *operation, const char *path, int err,
	const struct problem *problem)
{
	char status[16] = "-";
	if (problem && problem->http_status > 0)
		snprintf(status, sizeof status, "%d", problem->http_status);
	const char *message = problem && *problem->message ? problem->message
							   : strerrordesc_np(err < 0 ? -err : err);
	log_line(log, "%s %s %s %s %s", operation, path, problem_errno_name(err), status,
		message ? message : "");
}

int log_copy(struct log *log, struct buf *out)
{
	pthread_mutex_lock(&log->lock);
	int err = buf_add(out, log->lines.data, log->lines.len);
	pthread_mutex_unlock(&log->lock);
	return err;
}
