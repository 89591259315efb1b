/* Saving and deleting: each one short story. */
#include "sync_private.h"

#include "clock.h"
#include "edit.h"
#include "json_render.h"
#include <pthread.h>
#include <stdio.h>

void sync_path(const struct collection *collection, const char *id, size_t id_len, char *out,
	size_t out_size)
{
	char name[NAME_SIZE];
	if (id_len == 0 || name_from_id(id, id_len, name) < 0)
		snprintf(out, out_size, "%s", collection_name(collection));
	else
		snprintf(out, out_size, "%s/%s", collection_name(collection), name);
}

static void changes_cleanup(struct json_changes *changes)
{
	json_changes_release(changes);
}
#define auto_changes cleanup(changes_cleanup)

/* The server's present version, asked for now and put into the store. -ENOENT: it is gone. */
static int fetch_present(struct sync *sync, struct slot *slot, enum sync_trust trust,
	struct record **ret_record, struct problem *problem)
{
	bool alone = sync_can_get_one(slot->collection, slot->id, slot->id_len);
	int err = alone ? sync_fetch_now(
				  sync, slot->collection, slot->id, slot->id_len, trust, problem)
			: fetch_wait_new(sync->fetches, slot->collection, "", 0, problem);
	if (err < 0)
		return err;
	struct record *record = store_take(slot);
	if (!record)
		return -ENOENT;
	*ret_record = record;
	return 0;
}

/*
 * What the server made of our request, as its answer or a look afterwards says: no answer to an older
 * request takes that back.
 */
static int publish(struct sync *sync, struct slot *slot, struct record *record)
{
	return store_publish(slot->collection, slot->id, slot->id_len, record,
		store_seq(sync->config.store), true, &slot);
}

/*
 * What is known after a PUT: the answer, where it is whole, as a property that it lacks then has no
 * value any more; else the version before, what was sent, and the answer laid over it.
 */
static int lay_over(const struct record *before, struct json_slice sent, const struct buf *answer,
	struct record **ret_record)
{
	auto_buf struct buf with_sent = BUF_INIT(2 * RECORD_MAX_FILE_BYTES);
	auto_buf struct buf with_answer = BUF_INIT(2 * RECORD_MAX_FILE_BYTES);
	struct json_slice known = record_slice(before);

	int err = json_overlay(known, sent, &with_sent);
	known = (struct json_slice){.data = with_sent.data, .len = with_sent.len};
	struct json_slice said = {.data = answer->data, .len = answer->len};
	if (err == 0 && said.len > 0 && edit_is_whole(known, said))
		return record_parse(said.data, said.len, ret_record);
	if (err == 0 && said.len > 0) {
		err = json_overlay(known, said, &with_answer);
		known = (struct json_slice){.data = with_answer.data, .len = with_answer.len};
	}
	return err < 0 ? err : record_parse(known.data, known.len, ret_record);
}

/*
 * Whether a record is no longer than a person may save. The server's escapes do not count: it may
 * write the same in three times as many bytes.
 */
static int check_length(struct json_slice text)
{
	auto_buf struct buf compact = BUF_INIT(RECORD_MAX_BYTES);
	return text.len <= RECORD_MAX_BYTES ? 0 : json_compact(text.data, text.len, &compact);
}

void sync_complete_answer(struct sync *sync, struct slot *slot, struct json_slice known,
	struct json_slice said, struct record **record)
{
	struct problem ignored = {.http_status = 0};
	struct record *whole = NULL;

	if (said.len > 0 && edit_is_whole(known, said))
		return;
	uint64_t seq = store_seq(sync->config.store);
	int err = fetch_present(sync, slot, SYNC_DOUBT_404, &whole, &ignored);
	if (err == 0) {
		record_unref(*record);
		*record = whole;
	} else if (err == -ENOENT) {
		/* A listing may have taken it away. */
		err = store_publish(
			slot->collection, slot->id, slot->id_len, *record, seq, false, &slot);
		(void)err;
	}
}

/*
 * An answer that names nothing of the record (HTML of a proxy, another record, nothing at all) says
 * 200 and proves little: the save counts only if the record shows that something was done.
 */
static int verify_save(struct sync *sync, struct slot *slot, const struct record *before,
	struct json_slice sent, struct record **ret_record, struct problem *problem)
{
	auto_record struct record *now = NULL;
	bool contained = false;

	int err = fetch_present(sync, slot, SYNC_DOUBT_404, &now, problem);
	if (err == 0)
		err = edit_is_contained(sent, record_slice(now), &contained);
	if (err == 0 && (contained || !record_same(now, before))) {
		*ret_record = steal(now);
		return publish(sync, slot, *ret_record);
	}
	problem->maybe_applied = err < 0;
	return problem_set(problem, -EIO,
		err < 0 ? "the server's answer could not be read: it is not known whether it saved"
			: "the server's answer could not be read, and the record is as it was");
}

/*
 * The answer to a PUT was lost, or somebody on the way (a gateway) gave another one: it is done if
 * the record has now what was sent. Else the failure stays what it was.
 */
static int find_lost_save(struct sync *sync, struct slot *slot, const struct json_changes *changes,
	int err, struct record **ret_record, struct problem *problem)
{
	auto_buf struct buf body = BUF_INIT(RECORD_MAX_BYTES);
	auto_record struct record *now = NULL;
	struct problem look = {.http_status = 0};
	bool contained = false;

	if (json_changes_write(changes, &body) < 0)
		return err;
	struct json_slice sent = {.data = body.data, .len = body.len};
	if (fetch_present(sync, slot, SYNC_DOUBT_404, &now, &look) < 0 ||
		edit_is_contained(sent, record_slice(now), &contained) < 0 || !contained)
		return err;
	*problem = look;
	*ret_record = steal(now);
	return publish(sync, slot, *ret_record);
}

/* Puts what the answer says into the store. */
static int keep_answer(struct sync *sync, struct slot *slot, const struct record *before,
	struct json_slice sent, const struct buf *answer, struct record **ret_record)
{
	auto_record struct record *after = NULL;
	struct json_slice said = {.data = answer->data, .len = answer->len};

	int err = lay_over(before, sent, answer, &after);
	if (err == 0)
		err = publish(sync, slot, after);
	if (err < 0)
		return err;
	sync_complete_answer(sync, slot, record_slice(after), said, &after);
	*ret_record = steal(after);
	return 0;
}

static int put_changes(struct sync *sync, struct slot *slot, const struct record *before,
	const struct json_changes *changes, const struct api_tries *tries,
	struct record **ret_record, struct problem *problem)
{
	auto_buf struct buf body = BUF_INIT(RECORD_MAX_BYTES);
	auto_buf struct buf answer = BUF_INIT(API_MAX_RECORD);
	auto_buf struct buf nothing = BUF_INIT(0);
	auto_record struct record *expected = NULL;

	int err = json_changes_write(changes, &body);
	struct json_slice sent = {.data = body.data, .len = body.len};
	/* A record that would be too long to be shown is not sent. */
	if (err == 0)
		err = lay_over(before, sent, &nothing, &expected);
	if (err == 0)
		err = check_length(record_slice(expected));
	if (err < 0)
		return problem_set(problem, err,
			err == -ENOMEM ? "out of memory"
				       : "the record would be longer than 16 MiB");
	err = api_put(sync->config.api, tries, collection_name(slot->collection), slot->id, sent,
		&answer, problem);
	if (err < 0)
		return err;
	if (answer.len == 0)
		return verify_save(sync, slot, before, sent, ret_record, problem);
	err = keep_answer(sync, slot, before, sent, &answer, ret_record);
	if (err == 0)
		return 0;
	problem->maybe_applied = true;
	return problem_set(problem, err, "saved, but the answer could not be kept");
}

static int merge(struct json_changes *changes, const struct record *theirs, struct problem *problem)
{
	struct json_slice key;
	int err = json_merge(changes, record_slice(theirs), &key);
	if (err == -EBUSY)
		problem_set(problem, err,
			"%.*s was changed on the server meanwhile: the file shows the server's "
			"version",
			(int)min_size(key.len, 100), key.data);
	else if (err < 0)
		problem_set(problem, err, "out of memory");
	return err;
}

/* Compare and PUT must not be split by another save of the same record, nor by its DELETE. */
static int claim(struct sync *sync, struct slot *slot, struct claim *claim, struct problem *problem)
{
	struct timespec until = clock_timespec(clock_ms() + sync->config.claim_ms);
	int late = 0;

	*claim = (struct claim){.slot = slot};
	pthread_mutex_lock(&sync->claims_lock);
	for (struct claim *at = sync->claims; at && late == 0;) {
		if (at->slot != slot) {
			at = at->next;
			continue;
		}
		late = pthread_cond_clockwait(
			&sync->claim_ended, &sync->claims_lock, CLOCK_MONOTONIC, &until);
		at = sync->claims;
	}
	if (late == 0) {
		claim->next = sync->claims;
		sync->claims = claim;
	}
	pthread_mutex_unlock(&sync->claims_lock);
	return late == 0
		       ? 0
		       : problem_set(problem, -late, "another save of this record takes too long");
}

static void end_claim(struct sync *sync, struct claim *claim)
{
	pthread_mutex_lock(&sync->claims_lock);
	struct claim **at = &sync->claims;
	while (*at != claim)
		at = &(*at)->next;
	*at = claim->next;
	pthread_cond_broadcast(&sync->claim_ended);
	pthread_mutex_unlock(&sync->claims_lock);
}

/*
 * The server's present version, and what is left of the changes beside it. Where an earlier attempt
 * counted that is nothing.
 */
static int look_and_merge(struct sync *sync, struct slot *slot, struct json_changes *changes,
	struct record **ret_theirs, struct problem *problem)
{
	auto_record struct record *theirs = NULL;
	int err = 0;

	if (sync->config.detect_conflicts)
		err = fetch_present(sync, slot, SYNC_TRUST_404, &theirs, problem);
	else
		theirs = store_take(slot);
	if (err == -ENOENT || (err == 0 && !theirs))
		return problem_set(problem, -EIO, "the record was deleted on the server");
	if (err == 0 && sync->config.detect_conflicts)
		err = merge(changes, theirs, problem);
	if (err == 0)
		*ret_theirs = steal(theirs);
	return err;
}

/* That time ran out tells less than why the attempts before failed. */
static void keep_failure(int err, const struct problem *latest, int *kept_err, struct problem *kept)
{
	bool maybe_applied = kept->maybe_applied || latest->maybe_applied;
	if (*kept_err == 0 || err != -ETIMEDOUT) {
		*kept_err = err;
		*kept = *latest;
	}
	kept->maybe_applied = maybe_applied;
}

/*
 * Looks, and sends what is left of the changes. What was sent and failed for now is not sent again
 * without another look: somebody may have changed the same meanwhile.
 */
static int save_changes(struct sync *sync, struct slot *slot, const struct record *base,
	struct json_changes *changes, struct record **ret_record, bool *ret_merged,
	struct problem *problem)
{
	struct api_tries tries = {.count = 0};
	struct problem latest;
	bool was_sent;
	int failure = 0;

	do {
		auto_record struct record *theirs = NULL;
		latest = (struct problem){.http_status = 0};
		int err = look_and_merge(sync, slot, changes, &theirs, &latest);
		was_sent = err == 0 && changes->count > 0;
		if (tries.count == 0)
			tries = api_tries_begin(sync->config.api);
		if (was_sent)
			err = put_changes(sync, slot, theirs, changes, &tries, ret_record, &latest);
		else if (err == 0)
			*ret_record = record_ref(theirs);
		/* Nothing was left to send, as an attempt before had counted. */
		if (err == 0 && !was_sent && problem->maybe_applied)
			err = publish(sync, slot, theirs);
		if (err == 0) {
			*ret_merged = !record_same(theirs, base);
			*problem = latest;
			return 0;
		}
		keep_failure(err, &latest, &failure, problem);
	} while (was_sent && api_tries_again(&tries, &latest, NULL));
	if (was_sent && problem->maybe_applied)
		return find_lost_save(sync, slot, changes, failure, ret_record, problem);
	return failure;
}

static void tell_known(const struct sync_guard *guard, const struct record *base,
	struct json_slice text, bool merged, struct record *saved)
{
	auto_buf struct buf own = BUF_INIT(2 * RECORD_MAX_FILE_BYTES);
	auto_record struct record *known = NULL;

	if (!guard || !guard->after_save)
		return;
	if (merged && (json_overlay(record_slice(base), text, &own) < 0 ||
			      record_parse(own.data, own.len, &known) < 0))
		known = NULL;
	guard->after_save(guard->arg, known ? known : saved);
}

int sync_save(struct sync *sync, struct slot *slot, struct record *base, struct json_slice text,
	const struct sync_guard *guard, struct record **ret_record, struct problem *problem)
{
	const struct resource *resource = collection_resource(slot->collection);
	const struct edit edit = {.text = text};
	auto_changes struct json_changes changes = {.items = NULL};
	struct claim own;
	bool merged = false;

	if (!(resource->flags & RESOURCE_UPDATE))
		return problem_set(problem, -EACCES,
			"a %s cannot be updated: delete it and create another",
			collection_name(slot->collection));
	auto_record struct record *newest = store_take(slot);
	int err = edit_changes(
		&edit, resource, slot->id, slot->id_len, base, newest, &changes, problem);
	if (err < 0)
		return err;
	if (changes.count == 0 && !newest)
		return problem_set(problem, -EIO, "the record was deleted on the server");
	if (changes.count == 0) {
		merged = !record_same(newest, base);
		*ret_record = steal(newest);
		tell_known(guard, base, text, merged, *ret_record);
		return 0;
	}
	if (guard && (err = guard->before_send(guard->arg, problem)) < 0)
		return err;
	err = claim(sync, slot, &own, problem);
	if (err < 0)
		return err;
	err = save_changes(sync, slot, base, &changes, ret_record, &merged, problem);
	end_claim(sync, &own);
	if (err == 0)
		tell_known(guard, base, text, merged, *ret_record);
	if (problem->maybe_applied)
		store_doubt_slot(slot);
	return err;
}

/* ---- deleting ---- */

/* A DELETE whose answer was lost, or says nothing, is done if the record is gone now. */
static bool is_gone(struct sync *sync, struct slot *slot)
{
	auto_record struct record *present = NULL;
	struct problem ignored = {.http_status = 0};
	return fetch_present(sync, slot, SYNC_TRUST_404, &present, &ignored) == -ENOENT;
}

static int delete_claimed(struct sync *sync, struct slot *slot, struct problem *problem)
{
	int err =
		api_delete(sync->config.api, collection_name(slot->collection), slot->id, problem);
	if (err < 0 && problem->maybe_applied) {
		err = is_gone(sync, slot) ? 0 : err;
		if (err == 0)
			*problem = (struct problem){.http_status = 0};
		else
			store_doubt_slot(slot);
	}
	return err < 0 ? err : publish(sync, slot, NULL);
}

int sync_delete(struct sync *sync, struct slot *slot, struct problem *problem)
{
	struct claim own;

	if (!(collection_resource(slot->collection)->flags & RESOURCE_DELETE))
		return problem_set(problem, -EACCES, "a %s cannot be deleted here",
			collection_name(slot->collection));
	if (!api_id_is_addressable(slot->id, slot->id_len))
		return problem_set(
			problem, -EINVAL, "a record with this id cannot be asked for by URL");
	int err = claim(sync, slot, &own, problem);
	if (err < 0)
		return err;
	err = delete_claimed(sync, slot, problem);
	end_claim(sync, &own);
	return err;
}
