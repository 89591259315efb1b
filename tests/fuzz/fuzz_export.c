/*
 * Any records, a NUL between them, as one file of either kind: its size is what can be read, a
 * read in pieces gives the same bytes, each line of NDJSON is its record without white space, and
 * CSV has as many fields in each row. The first byte chooses kind and pieces.
 */
#include "fuzz.h"

#include "export.h"
#include "json_render.h"

#define MAX_FILE ((size_t)64 << 20)

enum { MAX_RECORDS = 100 };

struct records {
	struct record *items[MAX_RECORDS];
	size_t count;
};

static void take_records(struct records *records, const char *text, size_t len)
{
	const char *end = text + len;
	while (text < end && records->count < MAX_RECORDS) {
		const char *stop = memchr(text, '\0', (size_t)(end - text));
		if (!stop)
			stop = end;
		struct record *record;
		if (record_parse(text, (size_t)(stop - text), &record) == 0)
			records->items[records->count++] = record;
		text = stop + 1;
	}
}

static void check_pieces(const struct export *export, const struct buf *whole, size_t piece_bytes)
{
	auto_buf struct buf pieces = BUF_INIT(MAX_FILE);
	while (pieces.len < whole->len) {
		size_t before = pieces.len, rest = whole->len - before;
		promise(export_read(export, before, piece_bytes, &pieces) == 0);
		promise(pieces.len - before == min_size(piece_bytes, rest));
	}
	promise(same_bytes(whole->data, whole->len, pieces.data, pieces.len));
	promise(export_read(export, whole->len, 1, &pieces) == 0 && pieces.len == whole->len);
}

static void check_ndjson(const struct records *records, const struct buf *file)
{
	const char *line = file->data, *end = line + file->len;
	for (size_t i = 0; i < records->count; i++) {
		struct json_slice text = record_slice(records->items[i]);
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		promise(stop && json_check(line, (size_t)(stop - line), NULL, NULL) == 0);
		auto_buf struct buf a = BUF_INIT(MAX_FILE), b = BUF_INIT(MAX_FILE);
		promise(json_compact(text.data, text.len, &a) == 0);
		promise(json_compact(line, (size_t)(stop - line), &b) == 0);
		promise(same_bytes(a.data, a.len, b.data, b.len));
		promise((size_t)(stop - line) <= text.len);
		line = stop + 1;
	}
	promise(line == end);
}

/* Reads one row as RFC 4180 has it; returns its fields. */
static size_t read_row(const char **at, const char *end)
{
	size_t fields = 1;
	bool is_quoted = false, is_first = true;
	for (; *at < end; ++*at, is_first = false) {
		char c = **at;
		if (c == '"') {
			promise(is_quoted || is_first || (*at)[-1] == ',' || (*at)[-1] == '"');
			is_quoted = !is_quoted;
		} else if (!is_quoted && c == ',') {
			fields++;
		} else if (!is_quoted) {
			promise(c != '\n');
			if (c == '\r') {
				promise(end - *at >= 2 && (*at)[1] == '\n');
				*at += 2;
				return fields;
			}
		}
	}
	promise(false);
	return 0;
}

static void check_csv(const struct records *records, const struct buf *file)
{
	const char *at = file->data, *end = at + file->len;
	if (file->len == 0)
		return;
	size_t fields = read_row(&at, end);
	for (size_t i = 0; i < records->count; i++)
		promise(read_row(&at, end) == fields);
	promise(at == end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	enum export_kind kind = data[0] & 1 ? EXPORT_CSV : EXPORT_NDJSON;
	struct records records = {.count = 0};
	struct export *export;
	take_records(&records, (const char *)data + 1, size - 1);
	promise(export_create(kind, records.items, records.count, &export) == 0);

	auto_buf struct buf file = BUF_INIT(MAX_FILE);
	promise(export_read(export, 0, MAX_FILE, &file) == 0);
	promise(export_size(export) == file.len);
	check_pieces(export, &file, 1 + (data[0] >> 1));
	if (kind == EXPORT_CSV)
		check_csv(&records, &file);
	else
		check_ndjson(&records, &file);

	export_unref(export);
	while (records.count > 0)
		record_unref(records.items[--records.count]);
	return 0;
}
