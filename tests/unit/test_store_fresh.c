#include "store_fixture.h"

#include "clock.h"
#include <poll.h>

#define ANN "{\"id\":4,\"fn\":\"Ann\"}"
#define BOB "{\"id\":4,\"fn\":\"Bob\"}"

struct fixture {
	struct witness witness;
	struct store *store;
	struct collection *contact;
};

static void start(struct fixture *fixture, int64_t ttl_ms)
{
	*fixture = (struct fixture){.store = NULL};
	struct store_observer observer = witness_observer(&fixture->witness);
	fixture->store = make_store(ttl_ms, &observer);
	fixture->contact = store_collection(fixture->store, "contact");
	assert_non_null(fixture->contact);
}

static void stop(struct fixture *fixture)
{
	store_destroy(fixture->store);
}

static struct slot *theirs(struct fixture *fixture, const char *id, const char *text)
{
	return put_theirs(fixture->store, fixture->contact, id, text);
}

static void test_freshness__follows_what_was_asked(void **state)
{
	struct fixture fixture;
	struct slot *slot;
	start(&fixture, LONG_TTL_MS);
	assert_int_equal(store_listing_freshness(fixture.contact), UNKNOWN);
	assert_int_equal(store_id_freshness(fixture.contact, "4", 1, &slot), UNKNOWN);
	assert_null(slot);

	slot = theirs(&fixture, "4", ANN);
	assert_int_equal(store_slot_freshness(slot), FRESH);
	assert_true(store_slot_fresh_ms(slot) > 0);
	assert_int_equal(store_listing_freshness(fixture.contact), UNKNOWN);
	assert_int_equal(store_id_freshness(fixture.contact, "5", 1, &slot), UNKNOWN);

	list_of(fixture.contact, ANN);
	assert_int_equal(store_listing_freshness(fixture.contact), FRESH);
	/* The listing says that there is none. */
	assert_int_equal(store_id_freshness(fixture.contact, "5", 1, &slot), FRESH);
	assert_null(slot);
	stop(&fixture);
}

/* With no time to live everything is stale at once, and so is what is not there. */
static void test_freshness__ends(void **state)
{
	struct fixture fixture;
	struct slot *slot;
	start(&fixture, 0);
	list_of(fixture.contact, ANN);
	assert_int_equal(store_listing_freshness(fixture.contact), STALE);
	assert_int_equal(store_id_freshness(fixture.contact, "4", 1, &slot), STALE);
	assert_int_equal(store_slot_freshness(slot), STALE);
	assert_int_equal(store_slot_fresh_ms(slot), 0);
	assert_int_equal(store_slot_freshness(theirs(&fixture, "4", NULL)), ABSENT);
	assert_int_equal(store_id_freshness(fixture.contact, "5", 1, &slot), ABSENT);
	stop(&fixture);
}

static void test_freshness__ends_after_a_while(void **state)
{
	struct fixture fixture;
	start(&fixture, 20);
	struct slot *slot = theirs(&fixture, "4", ANN);
	int64_t until = clock_ms() + 20000;
	while (store_slot_freshness(slot) == FRESH && clock_ms() < until)
		poll(NULL, 0, 5);
	assert_int_equal(store_slot_freshness(slot), STALE);
	stop(&fixture);
}

static void test_expire__drops_what_is_known(void **state)
{
	struct fixture fixture;
	struct slot *found;
	start(&fixture, LONG_TTL_MS);
	list_of(fixture.contact, ANN);
	struct slot *alone = theirs(&fixture, "7", "{\"id\":7}");
	struct slot *gone = theirs(&fixture, "8", NULL);

	store_expire_all(fixture.store);
	assert_int_equal(store_listing_freshness(fixture.contact), DROPPED);
	assert_int_equal(store_id_freshness(fixture.contact, "4", 1, &found), DROPPED);
	assert_int_equal(store_slot_freshness(alone), DROPPED);
	assert_int_equal(store_slot_freshness(gone), UNKNOWN);
	assert_int_equal(store_id_freshness(fixture.contact, "9", 1, &found), UNKNOWN);
	assert_int_equal(store_slot_fresh_ms(alone), 0);
	assert_slot_has(alone, "{\"id\":7}");

	list_of(fixture.contact, ANN, "{\"id\":7}");
	assert_int_equal(store_slot_freshness(alone), FRESH);
	stop(&fixture);
}

static void test_expire__of_a_slot_gives_up_the_listing_that_vouches_for_it(void **state)
{
	struct fixture fixture;
	struct slot *slot;
	start(&fixture, LONG_TTL_MS);
	list_of(fixture.contact, ANN);
	assert_int_equal(store_id_freshness(fixture.contact, "4", 1, &slot), FRESH);
	store_expire_slot(slot);
	assert_int_equal(store_slot_freshness(slot), DROPPED);
	assert_int_equal(store_listing_freshness(fixture.contact), DROPPED);
	theirs(&fixture, "4", BOB);
	assert_int_equal(store_slot_freshness(slot), FRESH);
	assert_int_equal(store_listing_freshness(fixture.contact), DROPPED);
	stop(&fixture);
}

static void test_doubt__makes_a_record_and_the_listing_stale(void **state)
{
	struct fixture fixture;
	struct slot *slot, *other;
	start(&fixture, LONG_TTL_MS);
	list_of(fixture.contact, ANN);
	assert_int_equal(store_id_freshness(fixture.contact, "4", 1, &slot), FRESH);
	theirs(&fixture, "4", ANN);
	store_doubt_slot(slot);
	assert_int_equal(store_slot_freshness(slot), STALE);
	assert_int_equal(store_slot_fresh_ms(slot), 0);
	assert_int_equal(store_listing_freshness(fixture.contact), STALE);
	assert_int_equal(store_id_freshness(fixture.contact, "5", 1, &other), ABSENT);
	/* The record alone, and then all. */
	theirs(&fixture, "4", BOB);
	assert_int_equal(store_slot_freshness(slot), FRESH);
	assert_int_equal(store_listing_freshness(fixture.contact), STALE);
	list_of(fixture.contact, BOB);
	assert_int_equal(store_listing_freshness(fixture.contact), FRESH);
	/* Who refreshes means it, doubt or not. */
	store_doubt_slot(slot);
	store_expire_all(fixture.store);
	assert_int_equal(store_listing_freshness(fixture.contact), DROPPED);
	assert_int_equal(store_slot_freshness(slot), DROPPED);
	stop(&fixture);
}

static void test_outcome__is_of_the_last_fetch(void **state)
{
	struct fixture fixture;
	struct problem problem = {.http_status = 500};
	struct collection_stats stats;
	int64_t since_ms;
	start(&fixture, LONG_TTL_MS);
	assert_int_equal(store_outcome(fixture.contact, &since_ms), 0);

	problem_set(&problem, -EIO, "it is\nbroken");
	store_set_outcome(fixture.contact, -EIO, &problem);
	assert_int_equal(store_outcome(fixture.contact, &since_ms), -EIO);
	assert_in_range(since_ms, 0, 60000);
	store_get_stats(fixture.contact, &stats);
	assert_int_equal(stats.error, -EIO);
	assert_string_equal(stats.error_message, "it is broken");

	/* Who asks for a refresh does not want to hear of an earlier failure. */
	store_expire_listing(fixture.contact);
	assert_int_equal(store_outcome(fixture.contact, &since_ms), 0);

	store_set_outcome(fixture.contact, 0, &problem);
	store_get_stats(fixture.contact, &stats);
	assert_int_equal(stats.error, 0);
	assert_string_equal(stats.error_message, "");
	stop(&fixture);
}

static void test_singles__are_counted_until_the_next_listing(void **state)
{
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	assert_int_equal(store_singles(fixture.contact), 0);
	store_count_single(fixture.contact);
	store_count_single(fixture.contact);
	assert_int_equal(store_singles(fixture.contact), 2);
	assert_int_equal(store_singles(store_collection(fixture.store, "note")), 0);
	list_of(fixture.contact, ANN);
	assert_int_equal(store_singles(fixture.contact), 0);
	store_count_single(fixture.contact);
	assert_int_equal(store_singles(fixture.contact), 1);
	stop(&fixture);
}

static void test_absent__is_an_answer_until_a_listing_comes(void **state)
{
	struct fixture fixture;
	struct slot *slot;
	fixture.witness = (struct witness){.changes = 0};
	fixture.store = store_create(&(struct store_config){
		.ttl_ms = LONG_TTL_MS, .observer = witness_observer(&fixture.witness)});
	struct collection *folder = store_collection(fixture.store, "folder");
	assert_false(store_is_absent(folder));
	assert_true(store_set_absent(folder));
	assert_true(store_is_absent(folder));
	assert_int_equal(fixture.witness.listing_changes, 1);
	assert_int_equal(store_listing_freshness(folder), FRESH);
	assert_int_equal(store_id_freshness(folder, "4", 1, &slot), FRESH);
	assert_listing_is(folder, "");
	assert_true(store_set_absent(folder));
	assert_int_equal(fixture.witness.listing_changes, 1);

	list_of(folder, NULL);
	assert_false(store_is_absent(folder));
	assert_int_equal(fixture.witness.listing_changes, 2);
	stop(&fixture);
}

/* What should be there is asked for again each time, as is what somebody asked for by name. */
static void test_absent__of_what_should_be_there_is_no_answer(void **state)
{
	static const char *const asked_for[] = {"contact", "folder", NULL};
	for (size_t i = 0; i < array_size(asked_for); i++) {
		struct store *store = store_create(&(struct store_config){
			.resources = i > 0 ? asked_for : NULL, .ttl_ms = LONG_TTL_MS});
		struct collection *collection = store_collection(store, asked_for[i == 2]);
		list_of(collection, NULL);
		assert_false(store_set_absent(collection));
		assert_true(store_is_absent(collection));
		assert_int_equal(store_listing_freshness(collection), UNKNOWN);
		store_destroy(store);
	}
}

static void assert_etag_is(const struct fixture *fixture, const char *wanted)
{
	char etag[128];
	store_etag(fixture->contact, etag);
	assert_string_equal(etag, wanted);
}

static void test_etag__is_of_the_last_whole_answer(void **state)
{
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	assert_etag_is(&fixture, "");
	commit_update(begin_update(fixture.contact), "\"v1\"");
	assert_etag_is(&fixture, "\"v1\"");
	update_abort(begin_update(fixture.contact));
	assert_etag_is(&fixture, "\"v1\"");
	update_unchanged(begin_update(fixture.contact));
	assert_etag_is(&fixture, "\"v1\"");
	commit_update(begin_update(fixture.contact), "");
	assert_etag_is(&fixture, "");
	stop(&fixture);
}

static void test_etag__is_forgotten_with_what_it_stands_for(void **state)
{
	struct fixture fixture;
	start(&fixture, LONG_TTL_MS);
	commit_update(begin_update(fixture.contact), "\"v1\"");
	store_expire_listing(fixture.contact);
	assert_etag_is(&fixture, "");
	commit_update(begin_update(fixture.contact), "\"v2\"");
	assert_false(store_set_absent(fixture.contact));
	assert_etag_is(&fixture, "");
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_freshness__follows_what_was_asked),
		cmocka_unit_test(test_freshness__ends),
		cmocka_unit_test(test_freshness__ends_after_a_while),
		cmocka_unit_test(test_expire__drops_what_is_known),
		cmocka_unit_test(test_expire__of_a_slot_gives_up_the_listing_that_vouches_for_it),
		cmocka_unit_test(test_doubt__makes_a_record_and_the_listing_stale),
		cmocka_unit_test(test_outcome__is_of_the_last_fetch),
		cmocka_unit_test(test_singles__are_counted_until_the_next_listing),
		cmocka_unit_test(test_absent__is_an_answer_until_a_listing_comes),
		cmocka_unit_test(test_absent__of_what_should_be_there_is_no_answer),
		cmocka_unit_test(test_etag__is_of_the_last_whole_answer),
		cmocka_unit_test(test_etag__is_forgotten_with_what_it_stands_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
