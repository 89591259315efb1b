/* Creating: one POST, and a search where its answer is lost. */
#include "sync_private.h"

#include "clock.h"
#include "edit.h"
#include <stdio.h>

/* An answer that only echoes what was sent leaves the server's own dates unsaid. */
static bool is_dated(struct json_slice answer)
{
	struct json_slice date;
	return json_get(answer, "lm", &date) || json_get(answer, "ao", &date);
}

/*
 * A new record's text from what was sent and what the server said of it: its properties and its
 * order lead, what it left unsaid follows. An answer that is whole leaves nothing unsaid.
 */
static int record_of_answer(
	struct json_slice sent, struct json_slice said, struct record **ret_record)
{
	if (is_dated(said) && edit_is_whole(sent, said))
		return record_parse(said.data, said.len, ret_record);
	auto_buf struct buf ordered = BUF_INIT(2 * RECORD_MAX_FILE_BYTES);
	auto_buf struct buf text = BUF_INIT(2 * RECORD_MAX_FILE_BYTES);

	int err = json_overlay(said, sent, &ordered);
	struct json_slice known = {.data = ordered.data, .len = ordered.len};
	if (err == 0)
		err = json_overlay(known, said, &text);
	return err < 0 ? err : record_parse(text.data, text.len, ret_record);
}

/* A new record cannot have the id of one that was there before and says something else. */
static bool is_somebody_elses(
	struct collection *collection, const struct buf *id, struct json_slice sent)
{
	struct slot *slot = store_find(collection, id->data, id->len);
	auto_record struct record *known = slot ? store_take(slot) : NULL;
	bool contained = false;
	/* Where there is no memory to tell, it is not taken for new. */
	return known &&
	       (edit_is_contained(sent, record_slice(known), &contained) < 0 || !contained);
}

static int adopt_answer(struct sync *sync, struct collection *collection, struct json_slice sent,
	const struct buf *answer, struct slot **ret_slot)
{
	const struct json_slice nothing = {.len = 0};
	struct json_slice said = {.data = answer->data, .len = answer->len};
	auto_buf struct buf id = BUF_INIT(ID_MAX);
	auto_record struct record *record = NULL;

	int err = record_id(said, &id);
	if (err == 0 && is_somebody_elses(collection, &id, sent))
		return -EEXIST;
	if (err == 0)
		err = record_of_answer(sent, said, &record);
	if (err < 0)
		return err;
	err = store_publish(
		collection, id.data, id.len, record, store_seq(sync->config.store), true, ret_slot);
	if (err == 0)
		sync_complete_answer(
			sync, *ret_slot, sent, is_dated(said) ? said : nothing, &record);
	return err;
}

/* What the collection was before a POST, to tell a new record by. */
struct before {
	bool is_known; /* all records of that time have been heard of */
	uint64_t next_ino;
};

/*
 * Has the collection listed, unless it was just now: were the answer lost, nothing else would tell
 * the new record from somebody's older one that says the same. Without it the POST goes out all the
 * same, but nothing will be adopted.
 */
static struct before look_before(struct sync *sync, struct collection *collection)
{
	struct problem ignored = {.http_status = 0};
	struct collection_stats stats;
	int64_t began_ms = clock_age_ms();
	bool is_fresh = store_listing_freshness(collection) == FRESH;

	int err = sync_listing(sync, collection, NULL, &ignored);
	store_get_stats(collection, &stats);
	/* An older listing is good enough to be shown, but not for this. */
	bool is_new = err == 0 && stats.error == 0 && stats.age_ms >= 0 &&
		      stats.age_ms <= clock_age_ms() - began_ms;
	return (struct before){
		.is_known = is_fresh || is_new,
		.next_ino = store_next_ino(sync->config.store),
	};
}

static bool is_the_lost_one(struct slot *slot, const struct before *before, struct json_slice sent)
{
	auto_record struct record *record = store_take(slot);
	bool contained;

	if (!record || slot->ino < before->next_ino)
		return false;
	return edit_is_contained(sent, record_slice(record), &contained) == 0 && contained;
}

static int find_lost(struct sync *sync, struct collection *collection, const struct before *before,
	struct json_slice sent, struct slot **ret_slot)
{
	struct problem ignored = {.http_status = 0};
	int err = fetch_wait_new(sync->fetches, collection, "", 0, &ignored);
	if (err < 0)
		return err;
	struct listing *listing = store_listing(collection);
	err = listing ? -ENOENT : -ENOMEM;
	for (size_t i = 0; listing && err == -ENOENT && i < listing->count; i++) {
		if (!is_the_lost_one(listing->slots[i], before, sent))
			continue;
		if (!store_adopt(listing->slots[i]))
			continue;
		*ret_slot = listing->slots[i];
		err = 0;
	}
	listing_unref(listing);
	return err;
}

static int resolve_lost(struct sync *sync, struct collection *collection,
	const struct before *before, struct json_slice sent, int err, struct slot **ret_slot,
	struct problem *problem)
{
	char reason[200];

	if (before->is_known && find_lost(sync, collection, before, sent, ret_slot) == 0)
		return 0;
	/* Whoever looks has to see it. */
	if (!before->is_known)
		store_expire_listing(collection);
	problem_one_line(problem->message, strlen(problem->message), reason, sizeof reason);
	problem_set(problem, err,
		PROBLEM_MAYBE_CREATED " (%s): look for it in %s/ before you save again", reason,
		collection_name(collection));
	return -EIO;
}

static bool is_number(const char *id, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (id[i] < '0' || id[i] > '9')
			return false;
	}
	return len > 0;
}

static bool has_record(struct collection *collection, const char *id, size_t len)
{
	struct slot *slot = store_find(collection, id, len);
	struct version_stat stat;
	return slot && store_stat(slot, &stat);
}

/*
 * A file of this name is new here, but may be a record there: one that a wrong answer hid, or that
 * somebody has made since the listing. Of one that was heard of both have to deny it, the listing and
 * an answer for it alone; of another number the latter. What was deleted here is gone.
 */
static int check_no_such_record(
	struct sync *sync, struct collection *collection, const char *name, struct problem *problem)
{
	char id[ID_MAX + 1];
	size_t len;

	if (!name || name_to_id(name, id, &len) < 0)
		return 0;
	struct slot *slot = store_find(collection, id, len);
	if (slot ? store_is_deleted_here(slot) : !is_number(id, len))
		return 0;
	int err = slot ? fetch_wait_new(sync->fetches, collection, "", 0, problem) : 0;
	if (err == 0 && !has_record(collection, id, len) && sync_can_get_one(collection, id, len))
		err = sync_fetch_now(sync, collection, id, len, SYNC_TRUST_404, problem);
	if (err < 0 && err != -ENOENT)
		return err;
	if (has_record(collection, id, len))
		return problem_set(problem, -EBUSY,
			"the server has a record of this name: nothing was created; open it again");
	*problem = (struct problem){.http_status = 0};
	return 0;
}

int sync_create_record(struct sync *sync, struct collection *collection, const char *name,
	struct json_slice text, struct slot **ret_slot, struct problem *problem)
{
	const struct resource *resource = collection_resource(collection);
	const struct edit edit = {.text = text};
	auto_buf struct buf body = BUF_INIT(RECORD_MAX_BYTES);
	auto_buf struct buf answer = BUF_INIT(API_MAX_RECORD);

	if (!(resource->flags & RESOURCE_CREATE))
		return problem_set(problem, -EACCES, "a %s cannot be created here",
			collection_name(collection));
	int err = edit_creation(&edit, resource, &body);
	if (err < 0)
		return problem_set(problem, err, "the new record's text cannot be made");
	err = check_no_such_record(sync, collection, name, problem);
	if (err < 0)
		return err;
	struct json_slice sent = {.data = body.data, .len = body.len};
	const struct before before = look_before(sync, collection);
	err = api_post(sync->config.api, collection_name(collection), sent, &answer, problem);
	if (err < 0 && problem->maybe_applied)
		return resolve_lost(sync, collection, &before, sent, err, ret_slot, problem);
	if (err < 0)
		return err;
	err = adopt_answer(sync, collection, sent, &answer, ret_slot);
	if (err >= 0)
		return 0;
	problem_set(problem, err, "the answer names no new record");
	problem->maybe_applied = true;
	return resolve_lost(sync, collection, &before, sent, err, ret_slot, problem);
}
