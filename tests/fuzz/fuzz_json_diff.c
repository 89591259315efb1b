/*
 * Two objects, with a NUL between them: what differs, sent and laid over the base, makes every
 * property of mine; and merged with mine, nothing is left of it.
 */
#include "fuzz.h"

#include "json_diff.h"

#define MAX_TEXT ((size_t)16 << 20)

static bool is_object(struct json_slice text)
{
	return json_check_user(text.data, text.len, NULL, NULL) == 0;
}

static struct json_slice slice_of(const struct buf *buf)
{
	return (struct json_slice){buf->data, buf->len};
}

/* Whether every property that a names, b has with the same value; null counts as absent. */
static bool holds_all(struct json_slice a, struct json_slice b)
{
	struct json_changes changes = {0};
	promise(json_diff(b, a, &changes) == 0);
	bool holds = changes.count == 0;
	json_changes_release(&changes);
	return holds;
}

static bool drop_every_second(void *arg, struct json_slice key)
{
	unsigned *count = arg;
	return ++*count % 2 == 0;
}

static void check_diff(struct json_slice base, struct json_slice mine)
{
	auto_buf struct buf sent = BUF_INIT(MAX_TEXT), merged = BUF_INIT(MAX_TEXT);
	struct json_changes changes = {0};
	struct json_slice key;
	promise(json_diff(base, mine, &changes) == 0);
	promise(json_changes_write(&changes, &sent) == 0);
	promise(is_object(slice_of(&sent)));
	promise(json_overlay(base, slice_of(&sent), &merged) == 0);
	promise(is_object(slice_of(&merged)));
	promise(holds_all(mine, slice_of(&merged)));

	size_t count = changes.count;
	promise(json_merge(&changes, base, &key) == 0 && changes.count == count);
	promise(json_merge(&changes, slice_of(&merged), &key) == 0 && changes.count == 0);
	json_changes_release(&changes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *gap = size ? memchr(text, '\0', size) : NULL;
	if (!gap)
		return 0;
	struct json_slice base = {text, (size_t)(gap - text)};
	struct json_slice mine = {gap + 1, size - base.len - 1};
	if (!is_object(base) || !is_object(mine))
		return 0;

	bool equal, back;
	promise(json_equal(base, mine, &equal) == 0);
	promise(json_equal(mine, base, &back) == 0 && equal == back);
	promise(!equal || (holds_all(base, mine) && holds_all(mine, base)));
	check_diff(base, mine);
	check_diff(mine, base);

	unsigned seen = 0;
	auto_buf struct buf half = BUF_INIT(MAX_TEXT);
	promise(json_without(base, drop_every_second, &seen, &half) == 0);
	promise(is_object(slice_of(&half)) && holds_all(slice_of(&half), base));
	return 0;
}
