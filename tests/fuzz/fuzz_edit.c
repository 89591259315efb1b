/*
 * What a person saved, and the two versions it is held against, with a NUL between them: it is
 * refused with a sentence, or what is sent has neither an id nor anything that is read-only; and
 * what is made of the text has all that was sent. A version's date and size are those of its file.
 * The first byte chooses the resource.
 */
#include "fuzz.h"

#include "clock.h"
#include "edit.h"
#include "json_object.h"
#include "utf8.h"

static struct json_slice take_text(struct json_slice *rest)
{
	const char *gap = rest->len ? memchr(rest->data, '\0', rest->len) : NULL;
	struct json_slice text = {rest->data, gap ? (size_t)(gap - rest->data) : rest->len};
	size_t used = text.len + (gap != NULL);
	*rest = (struct json_slice){rest->data + used, rest->len - used};
	return text;
}

static void check_sentence(int err, const struct problem *problem)
{
	const char *at = problem->message, *end = at + strlen(at);
	promise(err == -EINVAL || err == -EFBIG);
	promise(at < end);
	while (at < end) {
		uint32_t c;
		int bytes = utf8_read(at, end, &c);
		promise(bytes > 0 && !utf8_is_unsafe(c));
		at += bytes;
	}
}

/* A date that is read, written and read again is the same, but for the fraction. */
static void check_date(const char *text, size_t len)
{
	struct timespec first, again;
	char iso[CLOCK_ISO_SIZE];
	if (!clock_parse_iso(text, len, &first))
		return;
	promise(first.tv_nsec >= 0 && first.tv_nsec < 1000000000);
	/* The zone may lead out of the years that can be written. */
	if (first.tv_sec < -62167219200 || first.tv_sec > 253402300799)
		return;
	clock_iso(first.tv_sec, iso);
	promise(clock_parse_iso(iso, strlen(iso), &again) && again.tv_sec == first.tv_sec);
}

static struct record *read_version(struct json_slice text)
{
	struct record *record = NULL;
	check_date(text.data, text.len);
	if (text.len > 4096 || record_parse(text.data, text.len, &record) < 0)
		return NULL;
	auto_buf struct buf file = BUF_INIT(RECORD_MAX_FILE_BYTES);
	promise(record_render(record, &file) == 0 && file.len == record->file_size);
	promise(record->mtime_nsec < 1000000000);
	return record;
}

static void check_sent(const struct resource *resource, struct json_slice sent)
{
	struct json_walk walk;
	struct json_member member;
	promise(json_check_user(sent.data, sent.len, NULL, &(bool){false}) == 0);
	json_walk_init(&walk, sent);
	while (json_walk_next(&walk, &member))
		promise(!json_key_is(member.key, "id") &&
			!resource_is_read_only(resource, member.key));
}

static void check_creation(const struct resource *resource, const struct edit *edit)
{
	auto_buf struct buf body = BUF_INIT(RECORD_MAX_BYTES);
	bool is_contained = false;
	promise(edit_creation(edit, resource, &body) == 0);
	struct json_slice sent = {body.data, body.len};
	check_sent(resource, sent);
	promise(edit_is_contained(sent, edit->text, &is_contained) == 0 && is_contained);
	promise(edit_is_whole(sent, edit->text) && edit_is_whole(edit->text, edit->text));
}

static void check_changes(const struct resource *resource, const struct edit *edit,
	const struct record *base, const struct record *newest)
{
	auto_buf struct buf id = BUF_INIT(128), body = BUF_INIT(RECORD_MAX_BYTES);
	struct json_changes changes;
	struct problem problem = {.http_status = 0};
	if (record_id(record_slice(base), &id) < 0)
		return;
	int err = edit_changes(edit, resource, id.data, id.len, base, newest, &changes, &problem);
	if (err < 0) {
		check_sentence(err, &problem);
		return;
	}
	promise(json_changes_write(&changes, &body) == 0);
	check_sent(resource, (struct json_slice){body.data, body.len});
	json_changes_release(&changes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problem problem = {.http_status = 0};
	struct edit edit;
	bool is_incomplete;
	size_t count;
	if (size == 0)
		return 0;
	const struct resource *resources = resource_table(&count);
	size_t chosen = data[0] % (count + 1);
	const struct resource *resource = chosen == count ? resource_default() : &resources[chosen];
	struct json_slice rest = {(const char *)data + 1, size - 1};
	struct json_slice text = take_text(&rest);
	auto_record struct record *base = read_version(take_text(&rest));
	auto_record struct record *newest = read_version(take_text(&rest));

	int err = edit_check(text.data, text.len, &edit, &is_incomplete, &problem);
	if (err < 0) {
		check_sentence(err, &problem);
		return 0;
	}
	promise(!is_incomplete);
	check_creation(resource, &edit);
	if (base)
		check_changes(resource, &edit, base, newest);
	return 0;
}
