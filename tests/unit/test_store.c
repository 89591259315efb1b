#include "contact_fixture.h"

#include "clock.h"
#include <pthread.h>

/* ---- collections ---- */

static void test_collections__keep_the_order_they_were_named_in(void **state)
{
	static const char *const names[] = {"note", "invoice", "note", "contact", NULL};
	struct store *store = store_create(&(struct store_config){.resources = names});
	size_t count;
	struct collection *const *collections = store_collections(store, &count);

	assert_int_equal(count, 3);
	assert_string_equal(collection_name(collections[0]), "note");
	assert_string_equal(collection_name(collections[1]), "invoice");
	assert_string_equal(collection_name(collections[2]), "contact");
	assert_ptr_equal(collection_resource(collections[0]), resource_find("note"));
	assert_ptr_equal(collection_resource(collections[1]), resource_default());
	assert_ptr_equal(store_collection(store, "contact"), collections[2]);
	assert_null(store_collection(store, "task"));
	store_destroy(store);
}

static void test_collections__are_the_documented_ones_by_default(void **state)
{
	struct store *store = store_create(&(struct store_config){.resources = NULL});
	size_t count, wanted;
	struct collection *const *collections = store_collections(store, &count);
	const struct resource *table = resource_table(&wanted);

	assert_int_equal(count, wanted);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(collection_name(collections[i]), table[i].name);
	store_destroy(store);
	store_destroy(NULL);
}

/* ---- slots ---- */

static void test_slot__stays_with_its_inode_number(void **state)
{
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	struct slot *slot = theirs(&fixture, "4", ANN);
	uint64_t ino = slot->ino;

	assert_int_equal(ino, FIRST_INO);
	assert_int_equal(store_next_ino(fixture.store), FIRST_INO + 1);
	assert_ptr_equal(theirs(&fixture, "4", NULL), slot);
	assert_slot_has(slot, NULL);
	assert_ptr_equal(store_find(fixture.contact, "4", 1), slot);
	assert_ptr_equal(theirs(&fixture, "4", BOB), slot);
	assert_slot_has(slot, BOB);
	assert_int_equal(slot->ino, ino);
	assert_null(store_find(fixture.contact, "40", 2));
	stop(&fixture);
}

static void test_slot__is_of_one_collection(void **state)
{
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	struct collection *note = store_collection(fixture.store, "note");
	struct slot *contact_4 = theirs(&fixture, "4", ANN);
	struct slot *note_4 = put_theirs(fixture.store, note, "4", BOB);

	assert_ptr_not_equal(contact_4, note_4);
	assert_true(contact_4->ino != note_4->ino);
	assert_ptr_equal(note_4->collection, note);
	assert_slot_has(contact_4, ANN);
	assert_slot_has(note_4, BOB);
	stop(&fixture);
}

static void test_ids__may_hold_any_bytes(void **state)
{
	struct fixture fixture;
	struct slot *with_nul, *without;
	start(&fixture, LONG_TTL_MS);
	auto_record struct record *record = make_record(ANN);

	assert_int_equal(store_publish(fixture.contact, "a\0b", 3, record, 0, false, &with_nul), 0);
	assert_int_equal(store_publish(fixture.contact, "a", 1, record, 0, false, &without), 0);
	assert_ptr_not_equal(with_nul, without);
	assert_int_equal(with_nul->id_len, 3);
	assert_memory_equal(with_nul->id, "a\0b", 4);
	assert_ptr_equal(store_find(fixture.contact, "a\0b", 3), with_nul);
	assert_null(store_find(fixture.contact, "a\0c", 3));
	stop(&fixture);
}

static void test_slots__are_found_among_many(void **state)
{
	enum { MANY = 5000 };
	struct fixture fixture;
	char id[20];
	start(&fixture, LONG_TTL_MS);
	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof id, "%d", i);
		theirs(&fixture, id, ANN);
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof id, "%d", i);
		const struct slot *slot = store_find(fixture.contact, id, strlen(id));
		assert_non_null(slot);
		assert_string_equal(slot->id, id);
		assert_int_equal(slot->ino, FIRST_INO + i);
	}
	stop(&fixture);
}

/* ---- which version counts ---- */

static void test_publish__lets_own_changes_win_over_older_answers(void **state)
{
	static const struct {
		const char *name;
		const char *own; /* published while the request for `answer` is under way */
		bool is_older;	 /* whether that request went out before it */
		const char *answer, *wanted;
	} rows[] = {
		{"older answer after a save", BOB, true, ANN, BOB},
		{"older 404 after a save", BOB, true, NULL, BOB},
		{"older answer after a delete", NULL, true, ANN, NULL},
		{"newer answer after a save", BOB, false, CY, CY},
		{"newer 404 after a save", BOB, false, NULL, NULL},
		{"newer answer after a delete", NULL, false, ANN, ANN},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fixture fixture;
		start(&fixture, LONG_TTL_MS);
		theirs(&fixture, "4", ANN);
		uint64_t before = store_seq(fixture.store);
		own(&fixture, "4", rows[i].own);
		uint64_t seq = rows[i].is_older ? before : store_seq(fixture.store);
		struct slot *slot = put_at(fixture.contact, "4", rows[i].answer, seq, false);

		auto_record struct record *record = store_take(slot);
		auto_record struct record *wanted =
			rows[i].wanted ? make_record(rows[i].wanted) : NULL;
		if (!record_same(record, wanted))
			fail_msg("%s", rows[i].name);
		stop(&fixture);
	}
}

static void test_publish__of_one_record_does_not_age_the_others(void **state)
{
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	uint64_t before = store_seq(fixture.store);
	own(&fixture, "7", "{\"id\":7}");
	assert_slot_has(put_at(fixture.contact, "4", ANN, before, false), ANN);
	stop(&fixture);
}

static void test_own__tells_our_changes_from_theirs(void **state)
{
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	struct slot *slot = theirs(&fixture, "4", ANN);
	uint64_t before = store_seq(fixture.store);
	own(&fixture, "4", ANN);
	assert_false(store_adopt(slot));
	assert_true(store_adopt(theirs(&fixture, "5", ANN)));
	assert_true(store_seq(fixture.store) > before);
	stop(&fixture);
}

static void test_take__outlives_the_next_version(void **state)
{
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	struct slot *slot = theirs(&fixture, "4", ANN);
	auto_record struct record *record = store_take(slot);
	theirs(&fixture, "4", BOB);
	stop(&fixture);
	assert_memory_equal(record->text, ANN, strlen(ANN));
}

/* ---- the observer ---- */

static void test_observer__hears_of_each_change_once(void **state)
{
	static const struct {
		const char *name, *text;
		unsigned changes, listing_changes;
	} steps[] = {
		{"not there", NULL, 0, 0},
		{"appears", ANN, 1, 1},
		{"the same again", ANN, 1, 1},
		{"another version", BOB, 2, 1},
		{"goes", NULL, 3, 2},
		{"still gone", NULL, 3, 2},
		{"comes back", BOB, 4, 3},
	};
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	for (size_t i = 0; i < array_size(steps); i++) {
		theirs(&fixture, "4", steps[i].text);
		if (fixture.witness.changes != steps[i].changes ||
			fixture.witness.listing_changes != steps[i].listing_changes)
			fail_msg("%s: %u changes, %u of the listing", steps[i].name,
				fixture.witness.changes, fixture.witness.listing_changes);
	}
	stop(&fixture);
}

static void test_observer__hears_nothing_of_an_ignored_answer(void **state)
{
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	uint64_t before = store_seq(fixture.store);
	own(&fixture, "4", BOB);
	fixture.witness = (struct witness){.changes = 0};
	put_at(fixture.contact, "4", NULL, before, false);
	assert_int_equal(fixture.witness.changes, 0);
	assert_int_equal(fixture.witness.listing_changes, 0);
	stop(&fixture);
}

static void test_observer__may_be_absent(void **state)
{
	struct store *store = make_store(LONG_TTL_MS, NULL);
	struct collection *contact = store_collection(store, "contact");
	put_theirs(store, contact, "4", ANN);
	list_of(contact, BOB);
	assert_false(store_set_absent(store_collection(store, "note")));
	store_destroy(store);
}

/* ---- what a listing and stat show ---- */

static void test_listing__is_of_one_moment(void **state)
{
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	theirs(&fixture, "9", "{\"id\":9}");
	theirs(&fixture, "4", ANN);
	struct listing *listing = store_listing(fixture.contact);
	theirs(&fixture, "9", NULL);
	theirs(&fixture, "5", "{\"id\":5}");

	assert_int_equal(listing->count, 2);
	assert_string_equal(listing->slots[0]->id, "9");
	assert_string_equal(listing->slots[1]->id, "4");
	assert_listing_is(fixture.contact, "4 5");
	listing_unref(listing);
	listing_unref(NULL);
	stop(&fixture);
}

static void test_listing__is_shared_until_it_changes(void **state)
{
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	theirs(&fixture, "4", ANN);
	struct listing *first = store_listing(fixture.contact);
	theirs(&fixture, "4", BOB);
	struct listing *second = store_listing(fixture.contact);
	assert_ptr_equal(first, second);
	listing_unref(first);
	listing_unref(second);
	stop(&fixture);
}

static void test_stat__takes_the_time_of_the_record(void **state)
{
	static const struct {
		const char *name, *text;
		time_t wanted; /* 0: now */
		long wanted_nsec;
	} rows[] = {
		{"lm", "{\"ao\":\"2000-01-01\",\"lm\":\"2017-04-23T12:23:22Z\"}", 1492950202, 0},
		{"fraction", "{\"lm\":\"2017-04-23T12:23:22.5Z\"}", 1492950202, 500000000},
		{"ao alone", "{\"ao\":\"2017-04-23T12:23:22Z\"}", 1492950202, 0},
		{"neither", "{}", 0, 0},
		{"unreadable", "{\"lm\":\"yesterday\"}", 0, 0},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct fixture fixture;
		struct version_stat stat;
		start(&fixture, LONG_TTL_MS);
		time_t before = clock_now().tv_sec;
		struct slot *slot = theirs(&fixture, "4", rows[i].text);
		assert_true(store_stat(slot, &stat));
		bool is_right = rows[i].wanted ? stat.mtime.tv_sec == rows[i].wanted
					       : stat.mtime.tv_sec >= before &&
							 stat.mtime.tv_sec <= clock_now().tv_sec;
		if (!is_right || (rows[i].wanted && stat.mtime.tv_nsec != rows[i].wanted_nsec))
			fail_msg("%s: %lld", rows[i].name, (long long)stat.mtime.tv_sec);
		theirs(&fixture, "4", NULL);
		assert_false(store_stat(slot, &stat));
		stop(&fixture);
	}
}

static void test_stat__has_the_size_of_the_file(void **state)
{
	struct fixture fixture;
	struct version_stat stat;
	start(&fixture, LONG_TTL_MS);
	assert_true(store_stat(theirs(&fixture, "4", ANN), &stat));
	assert_int_equal(stat.size, strlen("{\n  \"id\": 4,\n  \"fn\": \"Ann\"\n}\n"));
	stop(&fixture);
}

static void test_stats__count_records_and_bytes(void **state)
{
	struct fixture fixture;
	struct collection_stats stats;
	start(&fixture, LONG_TTL_MS);
	store_get_stats(fixture.contact, &stats);
	assert_int_equal(stats.records, 0);
	assert_int_equal(stats.age_ms, -1);
	assert_false(stats.listed);

	theirs(&fixture, "4", ANN);
	theirs(&fixture, "7", "{\"id\":7}");
	theirs(&fixture, "4", CY);
	store_get_stats(fixture.contact, &stats);
	assert_int_equal(stats.records, 2);
	assert_int_equal(stats.bytes, strlen(CY) + strlen("{\"id\":7}"));

	theirs(&fixture, "4", NULL);
	list_of(fixture.contact, NULL);
	store_get_stats(fixture.contact, &stats);
	assert_int_equal(stats.records, 0);
	assert_int_equal(stats.bytes, 0);
	assert_true(stats.listed);
	assert_true(stats.age_ms >= 0);
	stop(&fixture);
}

/* ---- threads ---- */

static void *write_much(void *arg)
{
	struct collection *contact = arg;
	struct slot *slot;
	struct record *ann, *bob;
	if (record_parse(ANN, strlen(ANN), &ann) < 0 || record_parse(BOB, strlen(BOB), &bob) < 0)
		return NULL;
	for (int i = 0; i < 500; i++) {
		char id[20];
		snprintf(id, sizeof id, "%d", i % 50);
		struct record *record = i % 5 == 0 ? NULL : i % 2 ? ann : bob;
		if (store_publish(contact, id, strlen(id), record, UINT64_MAX, i % 3 == 0, &slot))
			return NULL;
	}
	record_unref(ann);
	record_unref(bob);
	return arg;
}

static void test_store__takes_many_threads(void **state)
{
	struct store *store = make_store(LONG_TTL_MS, NULL);
	struct collection *contact = store_collection(store, "contact");
	pthread_t threads[4];
	for (size_t i = 0; i < array_size(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_much, contact), 0);
	for (int i = 0; i < 50; i++)
		list_of(contact, ANN, "{\"id\":60}");
	for (size_t i = 0; i < array_size(threads); i++) {
		void *result;
		pthread_join(threads[i], &result);
		assert_ptr_equal(result, contact);
	}
	struct listing *listing = store_listing(contact);
	struct collection_stats stats;
	store_get_stats(contact, &stats);
	assert_int_equal(stats.records, listing->count);
	listing_unref(listing);
	store_destroy(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_collections__keep_the_order_they_were_named_in),
		cmocka_unit_test(test_collections__are_the_documented_ones_by_default),
		cmocka_unit_test(test_slot__stays_with_its_inode_number),
		cmocka_unit_test(test_slot__is_of_one_collection),
		cmocka_unit_test(test_ids__may_hold_any_bytes),
		cmocka_unit_test(test_slots__are_found_among_many),
		cmocka_unit_test(test_publish__lets_own_changes_win_over_older_answers),
		cmocka_unit_test(test_publish__of_one_record_does_not_age_the_others),
		cmocka_unit_test(test_own__tells_our_changes_from_theirs),
		cmocka_unit_test(test_take__outlives_the_next_version),
		cmocka_unit_test(test_observer__hears_of_each_change_once),
		cmocka_unit_test(test_observer__hears_nothing_of_an_ignored_answer),
		cmocka_unit_test(test_observer__may_be_absent),
		cmocka_unit_test(test_listing__is_of_one_moment),
		cmocka_unit_test(test_listing__is_shared_until_it_changes),
		cmocka_unit_test(test_stat__takes_the_time_of_the_record),
		cmocka_unit_test(test_stat__has_the_size_of_the_file),
		cmocka_unit_test(test_stats__count_records_and_bytes),
		cmocka_unit_test(test_store__takes_many_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
