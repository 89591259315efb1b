#include "mounts.h"

#include "file.h"
#include <stdio.h>

#define MOUNT_TYPE "fuse.clevertimfs"
#define MAX_TABLE_BYTES ((size_t)64 << 20)
#define MAX_WORDS 64

/* The words of one line, see proc(5); borrowed. */
struct words {
	struct {
		const char *text;
		size_t len;
	} items[MAX_WORDS];
	size_t count;
};
enum {
	DEVICE = 2,
	ROOT = 3,
	POINT = 4,
	FIRST_OPTIONAL = 6, /* any number of them, then a "-" */
	TYPE_BEHIND = 1,
	OPTIONS_BEHIND = 3,
};

static void split(const char *line, size_t len, struct words *words)
{
	const char *end = line + len;
	words->count = 0;
	while (line < end && words->count < MAX_WORDS) {
		const char *space = memchr(line, ' ', (size_t)(end - line));
		size_t word_len = (size_t)((space ? space : end) - line);
		words->items[words->count].text = line;
		words->items[words->count++].len = word_len;
		line += word_len + 1;
	}
}

static bool word_is(const struct words *words, size_t i, const char *text)
{
	return i < words->count && words->items[i].len == strlen(text) &&
	       memcmp(words->items[i].text, text, strlen(text)) == 0;
}

static bool is_octal(const char *text, const char *end)
{
	return end - text >= 4 && text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
	       text[2] >= '0' && text[2] <= '7' && text[3] >= '0' && text[3] <= '7';
}

/* "\040" is a space. NULL: no memory. */
static char *decode(const char *text, size_t len)
{
	const char *end = text + len;
	char *decoded = malloc(len + 1), *to = decoded;
	while (decoded && text < end) {
		if (is_octal(text, end)) {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
				       (text[3] - '0'));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	if (decoded)
		*to = '\0';
	return decoded;
}

/* Digits alone; (uid_t)-1: something else, or too many. */
static uid_t parse_id(const char *text, const char *end)
{
	uint64_t id = 0;
	if (text == end)
		return (uid_t)-1;
	for (; text < end; text++) {
		if (*text < '0' || *text > '9')
			return (uid_t)-1;
		id = id * 10 + (uint64_t)(*text - '0');
		if (id >= (uid_t)-1)
			return (uid_t)-1;
	}
	return (uid_t)id;
}

/* From "rw,user_id=1000,group_id=1000". */
static uid_t parse_owner(const char *options, size_t len)
{
	static const char name[] = "user_id=";
	const size_t name_len = strlen(name);
	const char *end = options + len;
	while (options < end) {
		const char *comma = memchr(options, ',', (size_t)(end - options));
		const char *stop = comma ? comma : end;
		if ((size_t)(stop - options) >= name_len && memcmp(options, name, name_len) == 0)
			return parse_id(options + name_len, stop);
		options = comma ? comma + 1 : end;
	}
	return (uid_t)-1;
}

/* Where the "-" stands; 0: this is no line of a mount of ours. */
static size_t find_dash(const struct words *words)
{
	size_t dash = FIRST_OPTIONAL;
	while (dash < words->count && !word_is(words, dash, "-"))
		dash++;
	bool is_ours = dash + OPTIONS_BEHIND < words->count &&
		       word_is(words, dash + TYPE_BEHIND, MOUNT_TYPE) && word_is(words, ROOT, "/");
	return is_ours ? dash : 0;
}

/* Another file system was mounted there: what was there before cannot be reached. */
static void take_away(struct mounts *mounts, const char *point)
{
	size_t left = 0;
	for (size_t i = 0; i < mounts->count; i++) {
		if (strcmp(mounts->items[i].point, point) == 0)
			free(mounts->items[i].point);
		else
			mounts->items[left++] = mounts->items[i];
	}
	mounts->count = left;
}

static int add_mount(
	struct mounts *mounts, const struct words *words, size_t dash, const char *point)
{
	struct mount *items = realloc(mounts->items, (mounts->count + 1) * sizeof *items);
	if (!items)
		return -ENOMEM;
	mounts->items = items;
	struct mount *mount = &items[mounts->count];
	mount->point = strdup(point);
	if (!mount->point)
		return -ENOMEM;
	snprintf(mount->device, sizeof mount->device, "%.*s", (int)words->items[DEVICE].len,
		words->items[DEVICE].text);
	mount->owner = parse_owner(
		words->items[dash + OPTIONS_BEHIND].text, words->items[dash + OPTIONS_BEHIND].len);
	mounts->count++;
	return 0;
}

static int take_line(struct mounts *mounts, const char *line, size_t len)
{
	struct words words = {.count = 0};
	split(line, len, &words);
	if (words.count <= POINT)
		return 0;
	size_t dash = find_dash(&words);
	auto_free char *point = decode(words.items[POINT].text, words.items[POINT].len);
	if (!point)
		return -ENOMEM;
	if (dash > 0)
		return add_mount(mounts, &words, dash, point);
	take_away(mounts, point);
	return 0;
}

int mounts_parse(const char *text, size_t len, struct mounts *ret_mounts)
{
	auto_mounts struct mounts mounts = {.items = NULL};
	const char *end = text + len;
	int err = 0;
	while (text < end && err == 0) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline ? newline : end;
		err = take_line(&mounts, text, (size_t)(line_end - text));
		text = line_end + 1;
	}
	if (err < 0)
		return err;
	*ret_mounts = mounts;
	mounts = (struct mounts){.items = NULL};
	return 0;
}

void mounts_release(struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++)
		free(mounts->items[i].point);
	free(mounts->items);
	*mounts = (struct mounts){.items = NULL};
}

int mounts_read(struct mounts *ret_mounts, struct problem *problem)
{
	auto_buf struct buf text = BUF_INIT(MAX_TABLE_BYTES);
	int err = file_read("/proc/self/mountinfo", &text);
	if (err == 0)
		err = mounts_parse(text.data, text.len, ret_mounts);
	return err < 0 ? problem_set(problem, err, "cannot read the table of mounts: %s",
				 strerrordesc_np(-err))
		       : 0;
}

const struct mount *mounts_at(const struct mounts *mounts, const char *point)
{
	for (size_t i = mounts->count; i > 0; i--) {
		if (strcmp(mounts->items[i - 1].point, point) == 0)
			return &mounts->items[i - 1];
	}
	return NULL;
}

/* Whether an earlier one shows the same, or this one is covered by a later one. */
static bool is_double(const struct mounts *mounts, size_t i, uid_t owner)
{
	const struct mount *mount = &mounts->items[i];
	for (size_t j = 0; j < i; j++) {
		if (mounts->items[j].owner == owner &&
			strcmp(mounts->items[j].device, mount->device) == 0)
			return true;
	}
	return mounts_at(mounts, mount->point) != mount;
}

const struct mount *mounts_only(const struct mounts *mounts, uid_t owner, size_t *ret_count)
{
	const struct mount *only = NULL;
	*ret_count = 0;
	for (size_t i = 0; i < mounts->count; i++) {
		if (mounts->items[i].owner != owner || is_double(mounts, i, owner))
			continue;
		only = &mounts->items[i];
		(*ret_count)++;
	}
	return *ret_count == 1 ? only : NULL;
}
