#include "record.h"

#include "clock.h"
#include "json_object.h"
#include "json_render.h"
#include "name.h"

static bool parse_time(struct json_slice value, struct timespec *ret_time)
{
	if (value.len < 2 || value.data[0] != '"')
		return false;
	return clock_parse_iso(value.data + 1, value.len - 2, ret_time);
}

/* False: it has no such date, or one that cannot be read. */
static bool take_time(struct record *record, const struct json_brief *brief, const char *name)
{
	struct json_slice value;
	struct timespec time;
	if (!json_get_brief(record_slice(record), brief, name, &value) || !parse_time(value, &time))
		return false;
	record->mtime_sec = time.tv_sec;
	record->mtime_nsec = (uint32_t)time.tv_nsec;
	return true;
}

struct record *record_create(const char *text, size_t len, const struct json_facts *facts)
{
	struct record *record = malloc(sizeof *record + len);
	if (!record)
		return NULL;
	atomic_init(&record->refs, 1);
	record->mtime_sec = RECORD_NO_TIME;
	record->mtime_nsec = 0;
	record->file_size = (uint32_t)facts->rendered_size;
	record->len = (uint32_t)len;
	memcpy(record->text, text, len);
	if (!take_time(record, &facts->brief, "lm"))
		take_time(record, &facts->brief, "ao");
	return record;
}

int record_parse(const char *text, size_t len, struct record **ret_record)
{
	struct json_facts facts;
	if (json_check(text, len, &facts, NULL) < 0 || facts.first != '{')
		return -EBADMSG;
	if (!record_size_is_sane(len, facts.rendered_size))
		return -EFBIG;
	struct record *record = record_create(text, len, &facts);
	if (!record)
		return -ENOMEM;
	*ret_record = record;
	return 0;
}

struct record *record_ref(struct record *record)
{
	atomic_fetch_add_explicit(&record->refs, 1, memory_order_relaxed);
	return record;
}

void record_unref(struct record *record)
{
	if (record && atomic_fetch_sub_explicit(&record->refs, 1, memory_order_acq_rel) == 1)
		free(record);
}

struct json_slice record_slice(const struct record *record)
{
	return (struct json_slice){.data = record->text, .len = record->len};
}

bool record_same(const struct record *a, const struct record *b)
{
	if (a == b)
		return true;
	return a && b && a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

int record_render(const struct record *record, struct buf *out)
{
	int err = buf_reserve(out, record->file_size);
	if (err < 0)
		return err;
	out->len += json_render(record->text, record->len, out->data + out->len);
	out->data[out->len] = '\0';
	return 0;
}

int record_id(struct json_slice object, struct buf *ret_id)
{
	struct json_slice id;
	auto_buf struct buf decoded = BUF_INIT(ID_MAX);

	if (!json_get(object, "id", &id) || id.len == 0)
		return -ENOENT;
	bool is_number = id.data[0] == '-' || (id.data[0] >= '0' && id.data[0] <= '9');
	int err = is_number ? buf_add(&decoded, id.data, id.len) : json_string_decode(id, &decoded);
	if (err == -ENOMEM)
		return err;
	if (err < 0 || decoded.len == 0)
		return -ENOENT;
	buf_swap(ret_id, &decoded);
	return 0;
}
