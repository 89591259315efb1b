/* A store in memory and short words to fill it with. Asserts: for the test's thread alone. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include "store.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define FIRST_INO 1000
/* Nothing gets stale while a test runs. */
#define LONG_TTL_MS 3600000

static inline struct record *make_record(const char *text)
{
	struct record *record;
	assert_int_equal(record_parse(text, strlen(text), &record), 0);
	return record;
}

static inline struct store *make_store(int64_t ttl_ms, const struct store_observer *observer)
{
	static const char *const names[] = {"contact", "note", NULL};
	struct store *store = store_create(&(struct store_config){
		.resources = names,
		.ttl_ms = ttl_ms,
		.first_ino = FIRST_INO,
		.observer = observer ? *observer : (struct store_observer){.arg = NULL},
	});
	assert_non_null(store);
	return store;
}

/* text NULL: there is no such record. */
static inline struct slot *put_at(
	struct collection *collection, const char *id, const char *text, uint64_t seq, bool is_own)
{
	auto_record struct record *record = text ? make_record(text) : NULL;
	struct slot *slot;
	assert_int_equal(store_publish(collection, id, strlen(id), record, seq, is_own, &slot), 0);
	return slot;
}

/* What the server says of a record when it is asked, and what it answers to our own request. */
static inline struct slot *put_theirs(
	struct store *store, struct collection *collection, const char *id, const char *text)
{
	return put_at(collection, id, text, store_seq(store), false);
}

static inline struct slot *put_own(
	struct store *store, struct collection *collection, const char *id, const char *text)
{
	return put_at(collection, id, text, store_seq(store), true);
}

static inline void add_element(struct update *update, const char *text)
{
	struct json_facts facts;
	assert_int_equal(json_check(text, strlen(text), &facts, NULL), 0);
	assert_int_equal(update_add(update, text, strlen(text), &facts), 0);
}

static inline struct update *begin_update(struct collection *collection)
{
	struct update *update;
	assert_int_equal(update_begin(collection, &update), 0);
	return update;
}

static inline size_t commit_update(struct update *update, const char *etag)
{
	size_t odd;
	update_commit(update, etag, &odd);
	return odd;
}

/* A whole listing, of NULL-terminated texts; how many were odd. NULL alone: an empty one. */
static inline size_t list_texts(struct collection *collection, const char *const *texts)
{
	struct update *update = begin_update(collection);
	for (; *texts; texts++)
		add_element(update, *texts);
	return commit_update(update, "");
}
#define list_of(collection, ...) list_texts(collection, (const char *const[]){__VA_ARGS__, NULL})

static inline void check_text(struct slot *slot, const char *wanted, const char *file, int line)
{
	auto_record struct record *record = slot ? store_take(slot) : NULL;
	char text[200] = "nothing";
	if (record)
		snprintf(text, sizeof text, "%.*s", (int)record->len, record->text);
	_assert_string_equal(text, wanted ? wanted : "nothing", file, line);
}
/* text NULL: no record. */
#define assert_slot_has(slot, text) check_text(slot, text, __FILE__, __LINE__)

static inline void check_ids(
	struct collection *collection, const char *wanted, const char *file, int line)
{
	struct listing *listing = store_listing(collection);
	char ids[400] = "";
	for (size_t i = 0; i < listing->count; i++) {
		size_t used = strlen(ids);
		snprintf(
			ids + used, sizeof ids - used, "%s%s", i ? " " : "", listing->slots[i]->id);
	}
	listing_unref(listing);
	_assert_string_equal(ids, wanted, file, line);
}
/* "4 7": the listing, in its order. */
#define assert_listing_is(collection, ids) check_ids(collection, ids, __FILE__, __LINE__)

/* An observer that counts, and calls back into the store as a mount does. */
struct witness {
	unsigned changes, listing_changes;
	struct slot *last;
};

static inline void witness_change(void *arg, struct slot *slot)
{
	struct witness *witness = arg;
	struct version_stat stat;
	witness->changes++;
	witness->last = slot;
	store_stat(slot, &stat);
	record_unref(store_take(slot));
	listing_unref(store_listing(slot->collection));
}

static inline void witness_listing(void *arg, struct collection *collection)
{
	struct witness *witness = arg;
	witness->listing_changes++;
	store_listing_mtime(collection);
	listing_unref(store_listing(collection));
}

static inline struct store_observer witness_observer(struct witness *witness)
{
	return (struct store_observer){
		.changed = witness_change, .listing_changed = witness_listing, .arg = witness};
}

#endif
