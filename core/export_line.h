/*
 * The lines of an export: how a record is spelt as one (contract 2, export/). Records must have
 * passed json_check. All that writes appends: 0, -EFBIG, -ENOMEM; after a failure part of a line
 * may stand there. Pure; any thread.
 */
#ifndef CORE_EXPORT_LINE_H
#define CORE_EXPORT_LINE_H

#include "buf.h"
#include "json_check.h"

/* ---- NDJSON: the server's own bytes without the white space between tokens, and a newline ---- */

size_t ndjson_line_size(struct json_slice text);
int ndjson_line_write(struct json_slice text, struct buf *out) nodiscard;

/* ---- CSV, RFC 4180: a column for each property that any record has ---- */

#define CSV_MAX_COLUMNS 4096

/* In the order of their first appearance. Compared as decoded, so however a name is spelt. */
struct csv_columns {
	struct json_slice *names; /* quoted keys, borrowed from the records' texts */
	uint16_t *by_name;	  /* the columns in the order of their names, to look them up */
	size_t count, capacity;
};

void csv_columns_release(struct csv_columns *columns);
/*
 * A row is a value for each column, borrowed from the record's text; no data where it has none. Of
 * properties that share a name the last counts.
 *
 * Fills a row of CSV_MAX_COLUMNS, all zero at first, and adds the columns that are new. -EFBIG: too
 * many; -ENOMEM.
 */
int csv_row_learn(
	struct csv_columns *columns, struct json_slice object, struct json_slice *row) nodiscard;
/* Fills a row of columns->count, of a record that was learned. */
void csv_row_fill(
	const struct csv_columns *columns, struct json_slice object, struct json_slice *row);

/* Without columns there are no lines: this writes nothing then. */
int csv_header_write(const struct csv_columns *columns, struct buf *out) nodiscard;
int csv_row_write(const struct json_slice *row, size_t count, struct buf *out) nodiscard;
/* What of a row of this many columns is not in its fields: the commas and the line's end. */
static inline size_t csv_row_frame(size_t count)
{
	return count > 0 ? count - 1 + strlen("\r\n") : 0;
}

#endif
