#include "table.h"

#include "show.h"

#define MAX_TABLE_BYTES ((size_t)64 << 20)

void table_init(struct table *table, const char *alignment)
{
	*table = (struct table){.alignment = alignment, .cells = BUF_INIT(MAX_TABLE_BYTES)};
}

void table_release(struct table *table)
{
	buf_release(&table->cells);
}

void table_add(struct table *table, const char *text)
{
	if (table->err == 0 && text)
		table->err = show_add(&table->cells, text, strlen(text));
	if (table->err == 0)
		table->err = buf_add_char(&table->cells, '\0');
	table->count++;
}

static void measure(const struct table *table, size_t columns, size_t widths[])
{
	const char *cell = table->cells.data;
	for (size_t i = 0; i < table->count; i++, cell += strlen(cell) + 1) {
		size_t width = show_width(cell);
		if (width > widths[i % columns])
			widths[i % columns] = width;
	}
}

static int add_spaces(struct buf *out, size_t count)
{
	int err = 0;
	while (count-- > 0 && err == 0)
		err = buf_add_char(out, ' ');
	return err;
}

/* The spaces behind a cell are owed until another one says something: no line ends in any. */
static int add_cell(struct buf *out, const char *cell, size_t width, bool is_right, size_t *owed)
{
	size_t pad = width - show_width(cell);
	int err = 0;
	if (*cell) {
		err = add_spaces(out, *owed + (is_right ? pad : 0));
		if (err == 0)
			err = buf_add_str(out, cell);
		*owed = is_right ? 0 : pad;
	} else {
		*owed += width;
	}
	*owed += 2;
	return err;
}

static int add_row(const struct table *table, const char **cell, size_t cells,
	const size_t widths[], struct buf *out)
{
	size_t owed = 0;
	int err = 0;
	for (size_t i = 0; i < cells && err == 0; i++, *cell += strlen(*cell) + 1)
		err = add_cell(out, *cell, widths[i], table->alignment[i] == '>', &owed);
	return err;
}

int table_render(const struct table *table, const struct colours *colours, struct buf *out)
{
	size_t columns = strlen(table->alignment), widths[TABLE_MAX_COLUMNS] = {0};
	const char *cell = table->cells.data;
	int err = table->err;

	if (err == 0)
		measure(table, columns, widths);
	for (size_t at = 0; at < table->count && err == 0; at += columns) {
		bool is_heading = at == 0;
		err = buf_add_str(out, is_heading ? colours->heading : "");
		if (err == 0)
			err = add_row(
				table, &cell, min_size(columns, table->count - at), widths, out);
		if (err == 0)
			err = buf_add_str(out, is_heading ? colours->end : "");
		if (err == 0)
			err = buf_add_char(out, '\n');
	}
	return err;
}
