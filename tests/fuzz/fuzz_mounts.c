/*
 * Any text as /proc/self/mountinfo: each mount has a point and a device; a text that is cut behind a
 * line has the mounts of its lines, but for what those behind cover, and no others; and what the
 * kernel writes of a mount of ours, with any point, is read as that, until another one covers it.
 */
#include "fuzz.h"

#include "mounts.h"
#include <stdio.h>

static bool same_mount(const struct mount *a, const struct mount *b)
{
	return strcmp(a->point, b->point) == 0 && strcmp(a->device, b->device) == 0 &&
	       a->owner == b->owner;
}

static void parse(const char *text, size_t len, struct mounts *ret_mounts)
{
	auto_free char *copy = malloc(len ? len : 1); /* with nothing to read behind it */
	promise(copy);
	memcpy(copy, text, len);
	promise(mounts_parse(copy, len, ret_mounts) == 0);
}

static void check_beginning(const struct mounts *whole, const char *text, size_t len)
{
	auto_mounts struct mounts some = {.items = NULL}, rest = {.items = NULL};
	const char *newline = memchr(text, '\n', len);
	size_t cut = newline ? (size_t)(newline - text) + 1 : len;
	parse(text, cut, &some);
	parse(text + cut, len - cut, &rest);
	promise(some.count <= 1 && whole->count >= rest.count);
	size_t left = whole->count - rest.count;
	promise(left <= some.count);
	for (size_t i = 0; i < left; i++)
		promise(same_mount(&some.items[i], &whole->items[i]));
	for (size_t i = 0; i < rest.count; i++)
		promise(same_mount(&rest.items[i], &whole->items[left + i]));
}

static void check_queries(const struct mounts *mounts)
{
	size_t count;
	for (size_t i = 0; i < mounts->count && i < 50; i++) {
		const struct mount *upper = mounts_at(mounts, mounts->items[i].point);
		promise(upper && upper >= &mounts->items[i]);
		const struct mount *only = mounts_only(mounts, mounts->items[i].owner, &count);
		promise((only != NULL) == (count == 1) && count <= mounts->count);
	}
}

/* Spells a point as the kernel does. */
static void add_line(struct buf *lines, const char *point, const char *rest)
{
	promise(buf_add_str(lines, "90 22 0:50 / ") == 0);
	for (; *point; point++) {
		bool is_escaped = strchr(" \t\n\\#", *point);
		promise(buf_addf(lines, is_escaped ? "\\%03o" : "%c", (unsigned char)*point) == 0);
	}
	promise(buf_add_str(lines, rest) == 0);
}

static void check_written(const uint8_t *data, size_t size)
{
	auto_buf struct buf lines = BUF_INIT(20000);
	char point[1000] = "/";
	size_t len = min_size(size, sizeof point - 2);
	memcpy(point + 1, data, len);
	add_line(&lines, point, " rw shared:1 - fuse.clevertimfs https://x rw,user_id=7\n");
	auto_mounts struct mounts mounts = {.items = NULL}, covered = {.items = NULL};
	parse(lines.data, lines.len, &mounts);
	promise(mounts.count == 1 && strcmp(mounts.items[0].point, point) == 0);
	promise(mounts.items[0].owner == 7 && strcmp(mounts.items[0].device, "0:50") == 0);

	add_line(&lines, point, " rw - tmpfs none rw\n");
	parse(lines.data, lines.len, &covered);
	promise(covered.count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	auto_mounts struct mounts mounts = {.items = NULL};
	parse(text, size, &mounts);
	check_beginning(&mounts, text, size);
	check_queries(&mounts);
	check_written(data, size);
	return 0;
}
