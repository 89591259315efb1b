#include "export.h"

#include "export_line.h"
#include <pthread.h>

enum { NAMES_MAX_BYTES = RECORD_MAX_FILE_BYTES };

/* Quotes may double what no file of a record exceeds. */
#define ROW_MAX_BYTES (4 * RECORD_MAX_FILE_BYTES)

/* The kernel reads by 128 KiB: a line that is longer is kept from one read to the next. */
#define LONG_LINE_BYTES ((size_t)64 << 10)

struct long_line {
	pthread_mutex_t lock;
	/* guarded by lock */
	const struct record *of; /* borrowed from the export; NULL: none */
	struct buf text;
};

struct export
{
	atomic_uint refs;
	enum export_kind kind;
	size_t count;
	struct record **records; /* count of them; each a reference */
	uint64_t *ends; /* where the header ends, then each record's line: count + 1 of them */
	struct csv_columns columns; /* names borrowed from the records */
	struct buf header;
	struct long_line *long_line;
};

/* ---- how long ---- */

static void measure_ndjson(struct export *export)
{
	for (size_t i = 0; i < export->count; i++) {
		export->ends[i + 1] =
			export->ends[i] + ndjson_line_size(record_slice(export->records[i]));
	}
}

/* The columns, and in ends[i + 1] the bytes of record i's fields. */
static int learn_columns(struct export *export)
{
	auto_free struct json_slice *row = calloc(CSV_MAX_COLUMNS, sizeof(*row));
	auto_buf struct buf line = BUF_INIT(ROW_MAX_BYTES);
	int err = row ? 0 : -ENOMEM;
	for (size_t i = 0; err == 0 && i < export->count; i++) {
		struct json_slice object = record_slice(export->records[i]);
		err = csv_row_learn(&export->columns, object, row);
		if (err < 0)
			break;
		size_t columns = export->columns.count;
		buf_clear(&line);
		err = csv_row_write(row, columns, &line);
		export->ends[i + 1] = line.len - csv_row_frame(columns);
	}
	return err;
}

static int measure_csv(struct export *export)
{
	int err = learn_columns(export);
	if (err == 0)
		err = csv_header_write(&export->columns, &export->header);
	export->ends[0] = export->header.len;
	for (size_t i = 0; err == 0 && i < export->count; i++)
		export->ends[i + 1] += export->ends[i] + csv_row_frame(export->columns.count);
	return err;
}

/* ---- life ---- */

static struct long_line *new_long_line(void)
{
	struct long_line *line = calloc(1, sizeof(*line));
	if (!line)
		return NULL;
	pthread_mutex_init(&line->lock, NULL);
	buf_init(&line->text, ROW_MAX_BYTES);
	return line;
}

static void long_line_destroy(struct long_line *line)
{
	if (!line)
		return;
	buf_release(&line->text);
	pthread_mutex_destroy(&line->lock);
	free(line);
}

static struct export *new_export(enum export_kind kind, size_t count)
{
	struct export *export = calloc(1, sizeof(*export));
	if (!export)
		return NULL;
	atomic_init(&export->refs, 1);
	export->kind = kind;
	buf_init(&export->header, NAMES_MAX_BYTES);
	if (count < SIZE_MAX) {
		export->records = calloc(count + 1, sizeof(struct record *));
		export->ends = calloc(count + 1, sizeof(*export->ends));
	}
	export->long_line = new_long_line();
	if (!export->records || !export->ends || !export->long_line) {
		export_unref(export);
		return NULL;
	}
	return export;
}

int export_create(enum export_kind kind, struct record *const *records, size_t count,
	struct export **ret_export)
{
	auto_export struct export *export = new_export(kind, count);
	if (!export)
		return -ENOMEM;
	for (; export->count < count; export->count++)
		export->records[export->count] = record_ref(records[export->count]);

	int err = 0;
	if (kind == EXPORT_CSV)
		err = measure_csv(export);
	else
		measure_ndjson(export);
	if (err == 0)
		*ret_export = steal(export);
	return err;
}

struct export *export_ref(struct export *export)
{
	atomic_fetch_add_explicit(&export->refs, 1, memory_order_relaxed);
	return export;
}

void export_unref(struct export *export)
{
	if (!export || atomic_fetch_sub_explicit(&export->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < export->count; i++)
		record_unref(export->records[i]);
	csv_columns_release(&export->columns);
	buf_release(&export->header);
	long_line_destroy(export->long_line);
	free(export->records);
	free(export->ends);
	free(export);
}

uint64_t export_size(const struct export *export)
{
	return export->ends[export->count];
}

/* ---- reading ---- */

/* Bytes of one line, in an export. */
struct part {
	const struct record *record;
	size_t line_size, skip, len;
};

static int write_line(const struct export *export, const struct record *record,
	struct json_slice *row, struct buf *out)
{
	struct json_slice text = record_slice(record);
	if (export->kind == EXPORT_NDJSON)
		return ndjson_line_write(text, out);
	csv_row_fill(&export->columns, text, row);
	return csv_row_write(row, export->columns.count, out);
}

static int make_long_line_locked(
	const struct export *export, const struct record *record, struct json_slice *row)
{
	struct long_line *line = export->long_line;
	if (line->of == record)
		return 0;
	line->of = NULL;
	buf_clear(&line->text);
	int err = write_line(export, record, row, &line->text);
	if (err == 0)
		line->of = record;
	return err;
}

static int add_part_of_long_line(
	const struct export *export, struct part part, struct json_slice *row, struct buf *out)
{
	struct long_line *line = export->long_line;
	pthread_mutex_lock(&line->lock);
	int err = make_long_line_locked(export, part.record, row);
	if (err == 0)
		err = buf_add(out, line->text.data + part.skip, part.len);
	pthread_mutex_unlock(&line->lock);
	return err;
}

static int add_part(
	const struct export *export, struct part part, struct json_slice *row, struct buf *out)
{
	size_t len = part.record->len;
	if (export->kind == EXPORT_NDJSON && part.line_size == len + 1) {
		/* There is no white space to take out: nothing needs to be made. */
		size_t plain = part.skip < len ? min_size(part.len, len - part.skip) : 0;
		int err = buf_add(out, part.record->text + part.skip, plain);
		return err < 0 || plain == part.len ? err : buf_add_char(out, '\n');
	}
	if (part.len == part.line_size)
		return write_line(export, part.record, row, out);

	if (part.line_size > LONG_LINE_BYTES)
		return add_part_of_long_line(export, part, row, out);
	auto_buf struct buf line = BUF_INIT(part.line_size);
	int err = write_line(export, part.record, row, &line);
	return err < 0 ? err : buf_add(out, line.data + part.skip, part.len);
}

/* The first line that ends behind offset, which is within the file. */
static size_t find_line(const struct export *export, uint64_t offset)
{
	size_t low = 0, high = export->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (export->ends[middle] <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int read_lines(const struct export *export, uint64_t offset, size_t len,
	struct json_slice *row, struct buf *out)
{
	int err = 0;
	for (size_t line = find_line(export, offset); err == 0 && len > 0; line++) {
		uint64_t start = line > 0 ? export->ends[line - 1] : 0;
		size_t size = (size_t)(export->ends[line] - start), skip = (size_t)(offset - start);
		size_t here = min_size(len, size - skip);
		if (line == 0)
			err = buf_add(out, export->header.data + skip, here);
		else
			err = add_part(export,
				(struct part){export->records[line - 1], size, skip, here}, row,
				out);
		offset += here;
		len -= here;
	}
	return err;
}

int export_read(const struct export *export, uint64_t offset, size_t len, struct buf *out)
{
	uint64_t size = export_size(export);
	if (offset >= size)
		return 0;
	if (len > size - offset)
		len = (size_t)(size - offset);
	size_t before = out->len;
	auto_free struct json_slice *row = calloc(export->columns.count + 1, sizeof(*row));
	int err = row ? buf_reserve(out, len) : -ENOMEM;
	if (err == 0)
		err = read_lines(export, offset, len, row, out);
	return err < 0 && buf_resize(out, before) < 0 ? -ENOMEM : err;
}
