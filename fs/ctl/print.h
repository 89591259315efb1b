/* The ends of a verb: what was gathered, onto standard output. */
#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include "table.h"

#include "problem.h"

#define PRINT_MAX_BYTES ((size_t)64 << 20)

/* Prints a table, coloured where that is fit. */
int print_table(const struct table *table, struct problem *problem) nodiscard;
/* Prints a text as it is; err, if it is one, is that of having made it. */
int print_text(const struct buf *text, int err, struct problem *problem) nodiscard;

/*
 * One JSON object a line, made key by key: keys are plain words, `text` may be NULL for null. The
 * first failure is kept: 0, -EFBIG, -ENOMEM.
 */
struct json_line {
	struct buf *out;
	int err;
};
void json_line_text(struct json_line *line, const char *key, const char *text, size_t len);
void json_line_number(struct json_line *line, const char *key, int64_t number);
void json_line_null(struct json_line *line, const char *key);
void json_line_begin(struct json_line *line, struct buf *out);
void json_line_end(struct json_line *line);

#endif
