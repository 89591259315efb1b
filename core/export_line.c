#include "export_line.h"

#include "json_object.h"
#include "json_render.h"
#include "json_text.h"

/* Columns that are looked at before a search: records mostly have their properties in one order. */
enum { LIKELY_COLUMNS = 4 };

/* ---- NDJSON ---- */

/* The next run of text without white space between tokens. False: none is left. */
static bool next_run(const char **at, const char *end, struct json_slice *ret_run)
{
	const char *start = json_skip_space(*at, end), *stop = start;
	while (stop && stop < end && !json_is(*stop, JSON_SPACE))
		stop = *stop == '"' ? json_skip_string(stop, end) : stop + 1;
	if (!stop)
		stop = end;
	*at = stop;
	*ret_run = (struct json_slice){start, (size_t)(stop - start)};
	return stop > start;
}

size_t ndjson_line_size(struct json_slice text)
{
	const char *at = text.data, *end = at + text.len;
	size_t size = 1;
	struct json_slice run;
	while (next_run(&at, end, &run))
		size += run.len;
	return size;
}

int ndjson_line_write(struct json_slice text, struct buf *out)
{
	const char *at = text.data, *end = at + text.len;
	struct json_slice run;
	int err = 0;
	while (err == 0 && next_run(&at, end, &run))
		err = buf_add(out, run.data, run.len);
	return err < 0 ? err : buf_add_char(out, '\n');
}

/* ---- columns ---- */

void csv_columns_release(struct csv_columns *columns)
{
	free(columns->names);
	free(columns->by_name);
	*columns = (struct csv_columns){0};
}

static bool same_spelling(struct json_slice a, struct json_slice b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/*
 * The column of a key; columns->count, and its place among the names, when there is none. A search
 * by halves and no hash table: names that a server picks cannot make it slow.
 */
static size_t find_column(
	const struct csv_columns *columns, struct json_slice key, size_t likely, size_t *ret_place)
{
	size_t likely_end = min_size(likely + LIKELY_COLUMNS, columns->count);
	for (; likely < likely_end; likely++) {
		if (same_spelling(columns->names[likely], key))
			return likely;
	}
	size_t low = 0, high = columns->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2, column = columns->by_name[middle];
		int order = json_string_compare(columns->names[column], key);
		if (order == 0)
			return column;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_place = low;
	return columns->count;
}

static int grow(struct csv_columns *columns)
{
	size_t capacity = columns->capacity ? 2 * columns->capacity : 32;
	struct json_slice *names = reallocarray(columns->names, capacity, sizeof(*names));
	if (!names)
		return -ENOMEM;
	columns->names = names;
	uint16_t *by_name = reallocarray(columns->by_name, capacity, sizeof(*by_name));
	if (!by_name)
		return -ENOMEM;
	columns->by_name = by_name;
	columns->capacity = capacity;
	return 0;
}

static int add_column(struct csv_columns *columns, struct json_slice key, size_t place)
{
	if (columns->count == CSV_MAX_COLUMNS)
		return -EFBIG;
	int err = columns->count == columns->capacity ? grow(columns) : 0;
	if (err < 0)
		return err;
	uint16_t *at = columns->by_name + place;
	memmove(at + 1, at, (columns->count - place) * sizeof(*at));
	*at = (uint16_t)columns->count;
	columns->names[columns->count++] = key;
	return 0;
}

int csv_row_learn(struct csv_columns *columns, struct json_slice object, struct json_slice *row)
{
	struct json_walk walk;
	struct json_member member;
	size_t place = 0, likely = 0; /* gcc -O3 does not see that place is set where it is used */
	memset(row, 0, columns->count * sizeof(*row));
	json_walk_init(&walk, object);
	while (json_walk_next(&walk, &member)) {
		size_t column = find_column(columns, member.key, likely, &place);
		int err = column == columns->count ? add_column(columns, member.key, place) : 0;
		if (err < 0)
			return err;
		row[column] = member.value;
		likely = column + 1;
	}
	return 0;
}

void csv_row_fill(
	const struct csv_columns *columns, struct json_slice object, struct json_slice *row)
{
	struct json_walk walk;
	struct json_member member;
	size_t place, likely = 0;
	memset(row, 0, columns->count * sizeof(*row));
	json_walk_init(&walk, object);
	while (json_walk_next(&walk, &member)) {
		size_t column = find_column(columns, member.key, likely, &place);
		if (column < columns->count)
			row[column] = member.value;
		likely = column + 1;
	}
}

/* ---- fields ---- */

/* Puts what stands behind start into quotes, in place. */
static int quote(struct buf *out, size_t start, size_t quotes)
{
	size_t len = out->len;
	int err = buf_resize(out, len + quotes + 2);
	if (err < 0)
		return err;
	char *to = out->data + out->len;
	*--to = '"';
	for (const char *at = out->data + len; at > out->data + start;) {
		*--to = *--at;
		if (*at == '"')
			*--to = '"';
	}
	*--to = '"';
	return 0;
}

/* Quotes what stands behind start if it has to be: an empty text, too, which is no empty field. */
static int quote_if_needed(struct buf *out, size_t start)
{
	const char *text = out->data + start, *end = out->data + out->len;
	size_t quotes = 0;
	bool needed = text == end || *text == ' ' || end[-1] == ' ';
	for (const char *at = text; at < end; at++) {
		quotes += *at == '"';
		needed |= *at == ',' || *at == '\r' || *at == '\n';
	}
	return needed || quotes > 0 ? quote(out, start, quotes) : 0;
}

static int write_string(struct json_slice string, struct buf *out)
{
	size_t start = out->len;
	int err = json_string_show(string, out);
	return err < 0 ? err : quote_if_needed(out, start);
}

static int write_field(struct json_slice value, struct buf *out)
{
	size_t start = out->len;
	int err;
	switch (value.len > 0 ? value.data[0] : 'n') {
	case 'n':
		return 0;
	case '"':
		return write_string(value, out);
	case '{':
	case '[':
		err = json_compact(value.data, value.len, out);
		return err < 0 ? err : quote_if_needed(out, start);
	default:
		return buf_add(out, value.data, value.len);
	}
}

/* ---- rows ---- */

int csv_header_write(const struct csv_columns *columns, struct buf *out)
{
	int err = 0;
	for (size_t i = 0; err == 0 && i < columns->count; i++) {
		err = i > 0 ? buf_add_char(out, ',') : 0;
		if (err == 0)
			err = write_string(columns->names[i], out);
	}
	return err < 0 || columns->count == 0 ? err : buf_add_str(out, "\r\n");
}

int csv_row_write(const struct json_slice *row, size_t count, struct buf *out)
{
	int err = 0;
	for (size_t i = 0; err == 0 && i < count; i++) {
		err = i > 0 ? buf_add_char(out, ',') : 0;
		if (err == 0)
			err = write_field(row[i], out);
	}
	return err < 0 || count == 0 ? err : buf_add_str(out, "\r\n");
}
