/* Lines of .clevertimfs/errors, as core/log.h writes them. Pure; any thread. */
#ifndef CTL_ERROR_LINE_H
#define CTL_ERROR_LINE_H

#include "json_check.h"

/* Borrowed from the line. What it does not have is NULL, of length 0. */
struct error_line {
	struct json_slice time; /* "2026-11-24T09:30:00Z" */
	struct json_slice operation, path, errno_name;
	int http_status; /* 0: no answer came */
	struct json_slice message;
};

/*
 * Reads a line without its newline. A path may hold spaces: it ends before the first word that is an
 * errno's name with a status or "-" behind it. A line without these is a time and a message.
 */
void error_line_parse(const char *line, size_t len, struct error_line *ret_line);

/* Where the last `count` lines of a text begin; 0: all. */
const char *error_lines_last(const char *text, size_t len, unsigned long count);

/* The last line about a path in a text. False: there is none. */
bool error_lines_find(const char *text, size_t len, const char *path, struct error_line *ret_line);

#endif
