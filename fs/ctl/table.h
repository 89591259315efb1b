/*
 * A table for people: columns aligned by what they take on the screen, two spaces apart. Every cell
 * is made safe to show (show.h). One thread at a time.
 */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include "buf.h"
#include "terminal.h"

#define TABLE_MAX_COLUMNS 8

struct table {
	const char *alignment; /* a '<' or '>' for each column; borrowed */
	struct buf cells;      /* each with a NUL behind it */
	size_t count;
	int err; /* the first failure: nothing is added after it */
};

void table_init(struct table *table, const char *alignment);
void table_release(struct table *table);
#define auto_table cleanup(table_release)

/* The next cell, row by row; the first row is the heading. NULL is an empty one. */
void table_add(struct table *table, const char *text);
/* Appends the rows, each with its newline; a row that was not filled is as if it ended in empty
 * cells. -EFBIG, -ENOMEM, also those of table_add. */
int table_render(
	const struct table *table, const struct colours *colours, struct buf *out) nodiscard;

#endif
