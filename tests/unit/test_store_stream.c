#include "store_fixture.h"

#define ANN "{\"id\":4,\"fn\":\"Ann\"}"
#define BEA "{\"id\":4,\"fn\":\"Bea\"}"
#define SEVEN "{\"id\":7,\"fn\":\"Sam\"}"
#define NINE "{\"id\":9,\"fn\":\"Nia\"}"

struct fixture {
	struct witness witness;
	struct store *store;
	struct collection *contact;
};

static void start(struct fixture *fixture)
{
	*fixture = (struct fixture){.store = NULL};
	const struct store_observer observer = witness_observer(&fixture->witness);
	fixture->store = make_store(LONG_TTL_MS, &observer);
	fixture->contact = store_collection(fixture->store, "contact");
}

static enum freshness freshness_of(struct fixture *fixture, const char *id)
{
	struct slot *slot;
	return store_id_freshness(fixture->contact, id, strlen(id), &slot);
}

static void check_extent(
	struct fixture *fixture, size_t wanted, bool wanted_whole, const char *file, int line)
{
	bool is_whole;
	size_t extent = store_extent(fixture->contact, &is_whole);
	_assert_int_equal(extent, wanted, file, line);
	_assert_int_equal(is_whole, wanted_whole, file, line);
}
#define assert_extent(fixture, wanted, is_whole) \
	check_extent(fixture, wanted, is_whole, __FILE__, __LINE__)

/* "4@0 9@2": the records, and where they stand. */
static void check_places(struct fixture *fixture, const char *wanted, const char *file, int line)
{
	bool is_whole;
	size_t extent = store_extent(fixture->contact, &is_whole);
	char places[200] = "";
	struct slot *slot;
	for (size_t place = 0; (slot = store_next_record(fixture->contact, &place, extent));
		place++) {
		size_t used = strlen(places);
		snprintf(places + used, sizeof places - used, "%s%s@%zu", used ? " " : "", slot->id,
			place);
	}
	_assert_string_equal(places, wanted, file, line);
}
#define assert_places(fixture, wanted) check_places(fixture, wanted, __FILE__, __LINE__)

/* ---- the first listing is seen while it arrives ---- */

static void test_first__shows_each_record_as_it_arrives(void **state)
{
	struct fixture fixture;
	start(&fixture);
	const struct timespec mtime = store_listing_mtime(fixture.contact);
	assert_extent(&fixture, 0, false);
	struct update *update = begin_update(fixture.contact);
	assert_extent(&fixture, 0, false);
	add_element(update, ANN);
	assert_extent(&fixture, 1, false);
	assert_int_equal(freshness_of(&fixture, "4"), FRESH);
	assert_int_equal(freshness_of(&fixture, "7"), UNKNOWN);
	assert_int_equal(fixture.witness.changes, 1);
	add_element(update, SEVEN);
	assert_places(&fixture, "4@0 7@1");
	assert_int_equal(store_listing_freshness(fixture.contact), UNKNOWN);
	assert_int_equal(fixture.witness.listing_changes, 0);

	commit_update(update, "");
	assert_extent(&fixture, 2, true);
	assert_int_equal(store_listing_freshness(fixture.contact), FRESH);
	assert_int_equal(freshness_of(&fixture, "9"), FRESH);
	assert_int_equal(fixture.witness.changes, 2);
	/* It has found out what was there before. */
	const struct timespec now = store_listing_mtime(fixture.contact);
	assert_memory_equal(&now, &mtime, sizeof now);
	assert_int_equal(fixture.witness.listing_changes, 0);
	store_destroy(fixture.store);
}

static void test_first__takes_away_what_it_lacks_at_its_end(void **state)
{
	struct fixture fixture;
	start(&fixture);
	put_theirs(fixture.store, fixture.contact, "9", NINE);
	struct update *update = begin_update(fixture.contact);
	add_element(update, ANN);
	/* Nobody has said yet that it is still there. */
	assert_places(&fixture, "4@0");
	assert_slot_has(store_find(fixture.contact, "9", 1), NINE);
	commit_update(update, "");
	assert_places(&fixture, "4@0");
	assert_slot_has(store_find(fixture.contact, "9", 1), NULL);
	assert_extent(&fixture, 2, true);
	store_destroy(fixture.store);
}

static void test_first__that_breaks_off_leaves_what_came(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	add_element(update, ANN);
	update_abort(update);
	assert_int_equal(store_listing_freshness(fixture.contact), UNKNOWN);
	assert_int_equal(freshness_of(&fixture, "4"), FRESH);
	assert_int_equal(freshness_of(&fixture, "7"), UNKNOWN);
	assert_int_equal(fixture.witness.listing_changes, 0);

	/* Of the next one only that can be read which it has, where it stood before. */
	assert_extent(&fixture, 0, false);
	update = begin_update(fixture.contact);
	add_element(update, SEVEN);
	assert_extent(&fixture, 0, false);
	commit_update(update, "");
	assert_places(&fixture, "7@1");
	store_destroy(fixture.store);
}

static void test_first__goes_on_in_another_attempt(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	add_element(update, ANN);
	add_element(update, NINE);
	update_restart(update);
	assert_extent(&fixture, 0, false);
	add_element(update, BEA);
	assert_places(&fixture, "4@0");
	/* Who has read on to the third place would miss what came to stand in the second. */
	add_element(update, SEVEN);
	assert_places(&fixture, "4@0");
	assert_slot_has(store_find(fixture.contact, "4", 1), BEA);
	assert_int_equal(commit_update(update, ""), 0);
	assert_places(&fixture, "4@0 7@2");
	store_destroy(fixture.store);
}

/* ---- what it must not show ---- */

static void test_first__keeps_our_own_newer_version(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	put_own(fixture.store, fixture.contact, "4", BEA);
	add_element(update, ANN);
	assert_slot_has(store_find(fixture.contact, "4", 1), BEA);
	commit_update(update, "");
	assert_slot_has(store_find(fixture.contact, "4", 1), BEA);
	store_destroy(fixture.store);
}

static void test_first__is_not_fresh_if_a_newer_one_was_asked_for(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	store_expire_listing(fixture.contact);
	add_element(update, ANN);
	assert_int_equal(freshness_of(&fixture, "4"), DROPPED);
	commit_update(update, "");
	assert_int_equal(freshness_of(&fixture, "4"), DROPPED);
	store_destroy(fixture.store);
}

static void test_first__catches_up_in_another_order(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	add_element(update, ANN);
	add_element(update, SEVEN);
	update_restart(update);
	add_element(update, NINE);
	add_element(update, SEVEN);
	assert_extent(&fixture, 0, false);
	add_element(update, ANN);
	assert_places(&fixture, "4@0 7@1 9@2");
	commit_update(update, "");
	store_destroy(fixture.store);
}

static void test_first__vouches_for_what_was_known_already(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	add_element(update, ANN);
	add_element(update, SEVEN);
	update_abort(update);
	store_expire_listing(fixture.contact);
	assert_int_equal(freshness_of(&fixture, "4"), DROPPED);
	update = begin_update(fixture.contact);
	assert_int_equal(update_known(update, ANN, strlen(ANN)), strlen(ANN));
	assert_int_equal(freshness_of(&fixture, "4"), FRESH);
	assert_int_equal(freshness_of(&fixture, "7"), DROPPED);
	assert_places(&fixture, "4@0");
	add_element(update, SEVEN);
	assert_places(&fixture, "4@0 7@1");
	commit_update(update, "");
	store_destroy(fixture.store);
}

static void test_first__shows_a_record_that_was_gone_where_it_comes(void **state)
{
	struct fixture fixture;
	start(&fixture);
	put_theirs(fixture.store, fixture.contact, "9", NINE);
	put_theirs(fixture.store, fixture.contact, "9", NULL);
	struct update *update = begin_update(fixture.contact);
	add_element(update, ANN);
	assert_places(&fixture, "4@0");
	add_element(update, NINE);
	assert_places(&fixture, "4@0 9@1");
	commit_update(update, "");
	assert_places(&fixture, "4@0 9@1");
	store_destroy(fixture.store);
}

static void test_later__waits_for_its_end(void **state)
{
	struct fixture fixture;
	start(&fixture);
	list_of(fixture.contact, ANN);
	struct update *update = begin_update(fixture.contact);
	add_element(update, BEA);
	add_element(update, SEVEN);
	assert_slot_has(store_find(fixture.contact, "4", 1), ANN);
	assert_places(&fixture, "4@0");
	commit_update(update, "");
	assert_slot_has(store_find(fixture.contact, "4", 1), BEA);
	assert_places(&fixture, "4@0 7@1");
	store_destroy(fixture.store);
}

static void test_first__that_a_newer_one_overtook_does_nothing(void **state)
{
	struct fixture fixture;
	struct json_facts facts;
	start(&fixture);
	struct update *old = begin_update(fixture.contact);
	add_element(old, ANN);
	struct update *new = begin_update(fixture.contact);
	assert_int_equal(json_check(NINE, strlen(NINE), &facts, NULL), 0);
	assert_int_equal(update_add(old, NINE, strlen(NINE), &facts), -ECANCELED);
	add_element(new, SEVEN);
	update_abort(old);
	assert_places(&fixture, "");
	update_restart(new);
	add_element(new, ANN);
	add_element(new, SEVEN);
	assert_places(&fixture, "4@0 7@1");
	commit_update(new, "");
	assert_places(&fixture, "4@0 7@1");
	store_destroy(fixture.store);
}

/* ---- places ---- */

static void test_places__stay_and_are_passed_over(void **state)
{
	struct fixture fixture;
	start(&fixture);
	list_of(fixture.contact, ANN, SEVEN, NINE);
	put_own(fixture.store, fixture.contact, "7", NULL);
	assert_places(&fixture, "4@0 9@2");
	list_of(fixture.contact, NINE, ANN, SEVEN);
	assert_places(&fixture, "4@0 7@1 9@2");
	list_of(fixture.contact, NULL);
	assert_places(&fixture, "");
	assert_extent(&fixture, 3, true);
	store_destroy(fixture.store);
}

static void test_places__are_passed_over_in_thousands(void **state)
{
	struct fixture fixture;
	char text[40], last[40];
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	for (unsigned id = 1; id <= 5000; id++) {
		snprintf(text, sizeof text, "{\"id\":%u}", id);
		add_element(update, text);
	}
	commit_update(update, "");
	snprintf(last, sizeof last, "{\"id\":%u}", 5000U);
	list_of(fixture.contact, last);
	assert_places(&fixture, "5000@4999");
	size_t place = 3;
	assert_null(store_next_record(fixture.contact, &place, 4999));
	assert_int_equal(place, 4999);
	store_destroy(fixture.store);
}

/* ---- too much ---- */

/* Adds records of 1,000 bytes until no more is taken. */
static void add_until_full(struct update *update)
{
	char text[1001];
	struct json_facts facts;
	int err = 0;
	for (unsigned id = 10000; err == 0; id++) {
		snprintf(text, sizeof text, "{\"id\":%u,\"fn\":\"%0978u\"}", id, 0U);
		assert_int_equal(json_check(text, strlen(text), &facts, NULL), 0);
		err = update_add(update, text, strlen(text), &facts);
	}
	assert_int_equal(err, -ENOMEM);
}

static void test_first__that_takes_too_much_gives_all_of_it_back(void **state)
{
	static const char *const names[] = {"contact", "note", NULL};
	struct store *store = store_create(&(struct store_config){
		.resources = names, .ttl_ms = LONG_TTL_MS, .max_bytes = 100000});
	struct collection *contact = store_collection(store, "contact");
	struct slot *slot;
	struct update *update = begin_update(contact);
	add_until_full(update);
	assert_int_equal(store_id_freshness(contact, "10000", 5, &slot), FRESH);
	update_discard(update);
	assert_null(store_take(slot));
	assert_int_equal(store_id_freshness(contact, "10000", 5, &slot), UNKNOWN);

	struct collection *note = store_collection(store, "note");
	assert_int_equal(list_of(note, ANN, SEVEN), 0);
	assert_listing_is(note, "4 7");
	store_destroy(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first__shows_each_record_as_it_arrives),
		cmocka_unit_test(test_first__takes_away_what_it_lacks_at_its_end),
		cmocka_unit_test(test_first__that_breaks_off_leaves_what_came),
		cmocka_unit_test(test_first__goes_on_in_another_attempt),
		cmocka_unit_test(test_first__keeps_our_own_newer_version),
		cmocka_unit_test(test_first__is_not_fresh_if_a_newer_one_was_asked_for),
		cmocka_unit_test(test_first__catches_up_in_another_order),
		cmocka_unit_test(test_first__vouches_for_what_was_known_already),
		cmocka_unit_test(test_first__shows_a_record_that_was_gone_where_it_comes),
		cmocka_unit_test(test_later__waits_for_its_end),
		cmocka_unit_test(test_first__that_a_newer_one_overtook_does_nothing),
		cmocka_unit_test(test_places__stay_and_are_passed_over),
		cmocka_unit_test(test_places__are_passed_over_in_thousands),
		cmocka_unit_test(test_first__that_takes_too_much_gives_all_of_it_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
