#include "json_diff.h"

#include "json_render.h"
#include "json_text.h"

static const struct json_slice null_value = {"null", 4};

void json_changes_release(struct json_changes *changes)
{
	free(changes->items);
	*changes = (struct json_changes){0};
}

/* The value that an object has under a name; "null" where it has none. */
static struct json_slice value_or_null(const struct json_index *index, struct json_slice key)
{
	const struct json_member *member = json_index_find(index, key);
	return member ? member->value : null_value;
}

static int add_change(struct json_changes *changes, struct json_change change)
{
	if (changes->count == JSON_MAX_CHANGES)
		return -EFBIG;
	/* Grows at each power of two. */
	if ((changes->count & (changes->count - 1)) == 0) {
		size_t capacity = changes->count ? 2 * changes->count : 1;
		void *items = reallocarray(changes->items, capacity, sizeof(change));
		if (!items)
			return -ENOMEM;
		changes->items = items;
	}
	changes->items[changes->count++] = change;
	return 0;
}

int json_diff(struct json_slice base, struct json_slice mine, struct json_changes *ret_changes)
{
	cleanup(json_index_release) struct json_index index = {0};
	cleanup(json_changes_release) struct json_changes changes = {0};
	int err = json_index_init(&index, base);
	struct json_walk walk;
	struct json_member member;
	json_walk_init(&walk, mine);
	while (err == 0 && json_walk_next(&walk, &member)) {
		const struct json_member *before = json_index_find(&index, member.key);
		bool equal;
		err = json_equal(before ? before->value : null_value, member.value, &equal);
		if (err == 0 && !equal)
			err = add_change(&changes,
				(struct json_change){.key = member.key,
					.value = member.value,
					.before = before ? before->value : (struct json_slice){0}});
	}
	if (err < 0)
		return err;
	*ret_changes = changes;
	changes = (struct json_changes){0};
	return 0;
}

/* What the server's present value makes of a change. */
enum verdict { STANDS, IS_THERE, CONFLICTS };

static int judge(
	const struct json_change *change, struct json_slice theirs, enum verdict *ret_verdict)
{
	bool is_there = false, is_untouched = false;
	struct json_slice before = change->before.data ? change->before : null_value;
	int err = json_equal(theirs, change->value, &is_there);
	if (err == 0)
		err = json_equal(theirs, before, &is_untouched);
	if (err < 0)
		return err;
	*ret_verdict = is_there ? IS_THERE : is_untouched ? STANDS : CONFLICTS;
	return 0;
}

int json_merge(struct json_changes *changes, struct json_slice theirs, struct json_slice *ret_key)
{
	cleanup(json_index_release) struct json_index index = {0};
	int err = json_index_init(&index, theirs);
	size_t kept = 0, i = 0;
	for (; err == 0 && i < changes->count; i++) {
		struct json_change change = changes->items[i];
		enum verdict verdict = CONFLICTS;
		err = judge(&change, value_or_null(&index, change.key), &verdict);
		if (err < 0)
			break;
		if (verdict == CONFLICTS) {
			*ret_key = change.key;
			err = -EBUSY;
			break;
		}
		if (verdict == STANDS)
			changes->items[kept++] = change;
	}
	/* Those that were not reached stay. */
	while (i < changes->count)
		changes->items[kept++] = changes->items[i++];
	changes->count = kept;
	return err;
}

int json_changes_drop_known(struct json_changes *changes, struct json_slice known)
{
	cleanup(json_index_release) struct json_index index = {0};
	int err = changes->count > 0 ? json_index_init(&index, known) : 0;
	size_t kept = 0, i = 0;
	for (; err == 0 && i < changes->count; i++) {
		struct json_change change = changes->items[i];
		bool is_known;
		err = json_equal(value_or_null(&index, change.key), change.value, &is_known);
		if (err < 0)
			break;
		if (!is_known)
			changes->items[kept++] = change;
	}
	/* Those that were not reached stay. */
	while (i < changes->count)
		changes->items[kept++] = changes->items[i++];
	changes->count = kept;
	return err;
}

static int add_slice(struct buf *out, struct json_slice slice)
{
	return buf_add(out, slice.data, slice.len);
}

/* Writes "key":value, with a comma in front if the object that began at start has one already. */
static int add_member(struct buf *out, size_t start, struct json_slice key, struct json_slice value)
{
	bool is_first = out->len == start + 1;
	int err = is_first ? 0 : buf_add_char(out, ',');
	if (err == 0)
		err = add_slice(out, key);
	if (err == 0)
		err = buf_add_char(out, ':');
	return err < 0 ? err : add_slice(out, value);
}

/* Ends the object that began at start; after a failure, takes it away. */
static int end_object(struct buf *out, size_t start, int err)
{
	return json_undo(out, start, err < 0 ? err : buf_add_char(out, '}'));
}

int json_changes_write(const struct json_changes *changes, struct buf *out)
{
	size_t start = out->len;
	int err = buf_add_char(out, '{');
	for (size_t i = 0; err == 0 && i < changes->count; i++) {
		const struct json_change *change = &changes->items[i];
		err = i == 0 ? 0 : buf_add_char(out, ',');
		if (err == 0)
			err = json_compact(change->key.data, change->key.len, out);
		if (err == 0)
			err = buf_add_char(out, ':');
		if (err == 0)
			err = json_compact(change->value.data, change->value.len, out);
	}
	return end_object(out, start, err);
}

int json_overlay(struct json_slice known, struct json_slice answer, struct buf *out)
{
	cleanup(json_index_release) struct json_index in_known = {0}, in_answer = {0};
	int err = json_index_init(&in_known, known);
	if (err == 0)
		err = json_index_init(&in_answer, answer);

	size_t start = out->len;
	if (err == 0)
		err = buf_add_char(out, '{');
	struct json_walk walk;
	struct json_member member;
	json_walk_init(&walk, known);
	while (err == 0 && json_walk_next(&walk, &member)) {
		const struct json_member *newer = json_index_find(&in_answer, member.key);
		err = add_member(out, start, member.key, newer ? newer->value : member.value);
	}
	json_walk_init(&walk, answer);
	while (err == 0 && json_walk_next(&walk, &member)) {
		if (!json_index_find(&in_known, member.key))
			err = add_member(out, start, member.key, member.value);
	}
	return end_object(out, start, err);
}

int json_without(struct json_slice object, bool (*drop)(void *arg, struct json_slice key),
	void *arg, struct buf *out)
{
	size_t start = out->len;
	int err = buf_add_char(out, '{');
	struct json_walk walk;
	struct json_member member;
	json_walk_init(&walk, object);
	while (err == 0 && json_walk_next(&walk, &member)) {
		if (!drop(arg, member.key))
			err = add_member(out, start, member.key, member.value);
	}
	return end_object(out, start, err);
}
