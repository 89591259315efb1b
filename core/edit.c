#include "edit.h"

#include "clock.h"
#include "json_render.h"
#include "name.h"

int edit_check(const char *text, size_t len, struct edit *ret_edit, bool *ret_incomplete,
	struct problem *problem)
{
	struct json_problem wrong;

	*ret_incomplete = false;
	if (len > RECORD_MAX_BYTES)
		return problem_set(problem, -EFBIG, "the text is longer than 16 MiB");
	int err = json_check_user(text, len, &wrong, ret_incomplete);
	if (err == -EBADMSG)
		return problem_set(problem, -EINVAL, "line %u, column %u: %s", wrong.line,
			wrong.column, wrong.what);
	if (err < 0)
		return problem_set(problem, err, "out of memory");
	ret_edit->text = (struct json_slice){.data = text, .len = len};
	return 0;
}

static bool id_matches(struct json_slice object, const char *id, size_t id_len)
{
	struct json_slice value;
	auto_buf struct buf mine = BUF_INIT(ID_MAX);
	if (!json_get(object, "id", &value))
		return true;
	return record_id(object, &mine) == 0 && mine.len == id_len &&
	       memcmp(mine.data, id, id_len) == 0;
}

static bool read_date(struct json_slice value, struct timespec *ret_time)
{
	return value.data && value.len > 2 && value.data[0] == '"' &&
	       clock_parse_iso(value.data + 1, value.len - 2, ret_time);
}

/* Both are dates, and mine is not the later one. */
static bool is_no_later(struct json_slice mine, struct json_slice theirs)
{
	struct timespec a, b;
	return read_date(mine, &a) && read_date(theirs, &b) &&
	       (a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec <= b.tv_nsec));
}

/* What an older copy of the record, or a newer one than was opened, holds is no change of `lm`. */
static bool is_known_date(const struct json_change *change, struct json_slice newest)
{
	struct json_slice date = {.data = NULL};
	if (!json_key_is(change->key, "lm"))
		return false;
	return is_no_later(change->value, change->before) ||
	       (json_get(newest, "lm", &date) && is_no_later(change->value, date));
}

/* The first change that cannot be is refused. */
static int keep_allowed(struct json_changes *changes, const struct resource *resource,
	struct json_slice newest, struct problem *problem)
{
	size_t kept = 0;
	for (size_t i = 0; i < changes->count; i++) {
		const struct json_change *change = &changes->items[i];
		if (is_known_date(change, newest) || json_key_is(change->key, "id"))
			continue;
		if (resource_is_read_only(resource, change->key))
			return problem_set(problem, -EINVAL,
				"%.*s is read-only: leave it as it was, or leave it out",
				(int)min_size(change->key.len, 100), change->key.data);
		changes->items[kept++] = *change;
	}
	changes->count = kept;
	return 0;
}

int edit_changes(const struct edit *edit, const struct resource *resource, const char *id,
	size_t id_len, const struct record *base, const struct record *newest,
	struct json_changes *ret_changes, struct problem *problem)
{
	struct json_changes changes;

	if (!id_matches(edit->text, id, id_len))
		return problem_set(problem, -EINVAL, "the \"id\" in the text is not this file's");
	int err = json_diff(record_slice(base), edit->text, &changes);
	if (err < 0)
		return problem_set(problem, err, "the text has too many properties");
	if (!newest)
		newest = base;
	if (newest != base && json_changes_drop_known(&changes, record_slice(newest)) < 0)
		err = problem_set(problem, -ENOMEM, "out of memory");
	if (err == 0)
		err = keep_allowed(&changes, resource, record_slice(newest), problem);
	if (err < 0) {
		json_changes_release(&changes);
		return err;
	}
	*ret_changes = changes;
	return 0;
}

static bool is_dropped(void *arg, struct json_slice key)
{
	return resource_is_read_only(arg, key);
}

int edit_creation(const struct edit *edit, const struct resource *resource, struct buf *body)
{
	auto_buf struct buf without = BUF_INIT(RECORD_MAX_BYTES);
	int err = json_without(edit->text, is_dropped, (void *)resource, &without);
	return err < 0 ? err : json_compact(without.data, without.len, body);
}

int edit_is_contained(struct json_slice body, struct json_slice record, bool *ret_contained)
{
	struct json_changes changes;

	int err = json_diff(record, body, &changes);
	if (err < 0)
		return err;
	*ret_contained = changes.count == 0;
	json_changes_release(&changes);
	return 0;
}

/* Seen from the answer, a property of known that it lacks is one without a value before. */
bool edit_is_whole(struct json_slice known, struct json_slice answer)
{
	struct json_changes differing;
	bool is_whole = true;

	if (json_diff(answer, known, &differing) < 0)
		return false;
	for (size_t i = 0; i < differing.count; i++)
		is_whole &= differing.items[i].before.data != NULL;
	json_changes_release(&differing);
	return is_whole;
}
