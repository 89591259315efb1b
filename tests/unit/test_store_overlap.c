/* Listings that were asked for before something else happened. */
#include "store_fixture.h"

#define ANN "{\"id\":4,\"fn\":\"Ann\"}"
#define BOB "{\"id\":4,\"fn\":\"Bob\"}"
#define SEVEN "{\"id\":7}"
#define NINE "{\"id\":9}"

struct fixture {
	struct store *store;
	struct collection *contact;
};

static void start(struct fixture *fixture)
{
	fixture->store = make_store(LONG_TTL_MS, NULL);
	fixture->contact = store_collection(fixture->store, "contact");
	list_of(fixture->contact, ANN, SEVEN);
}

static struct slot *slot_of(struct fixture *fixture, const char *id)
{
	struct slot *slot = store_find(fixture->contact, id, strlen(id));
	assert_non_null(slot);
	return slot;
}

/* A fetch that was called off takes its answer in while the next one is on its way. */
static void test_overlap__only_the_newest_update_counts(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *older = begin_update(fixture.contact);
	add_element(older, BOB);
	struct update *newer = begin_update(fixture.contact);
	add_element(newer, ANN);
	add_element(newer, SEVEN);
	assert_int_equal(update_known(older, SEVEN, strlen(SEVEN)), 0);
	commit_update(older, "older");
	assert_listing_is(fixture.contact, "4 7");
	assert_slot_has(slot_of(&fixture, "4"), ANN);
	commit_update(newer, "newer");
	assert_listing_is(fixture.contact, "4 7");
	assert_slot_has(slot_of(&fixture, "4"), ANN);
	char etag[128];
	store_etag(fixture.contact, etag);
	assert_string_equal(etag, "newer");
	store_destroy(fixture.store);
}

static void test_overlap__the_older_update_takes_nothing_more(void **state)
{
	struct fixture fixture;
	struct json_facts facts;
	start(&fixture);
	struct update *older = begin_update(fixture.contact);
	struct update *newer = begin_update(fixture.contact);
	add_element(newer, ANN);
	assert_int_equal(json_check(NINE, strlen(NINE), &facts, NULL), 0);
	assert_int_equal(update_add(older, NINE, strlen(NINE), &facts), -ECANCELED);
	update_abort(older);
	commit_update(newer, "");
	assert_listing_is(fixture.contact, "4");
	store_destroy(fixture.store);
}

static void test_expire__is_not_answered_by_what_was_asked_for_before(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	add_element(update, BOB);
	store_expire_listing(fixture.contact);
	commit_update(update, "");
	assert_int_equal(store_listing_freshness(fixture.contact), DROPPED);
	assert_slot_has(slot_of(&fixture, "4"), BOB);
	list_of(fixture.contact, BOB);
	assert_int_equal(store_listing_freshness(fixture.contact), FRESH);
	store_destroy(fixture.store);
}

static void test_doubt__is_not_ended_by_what_was_asked_for_before(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	store_doubt_slot(slot_of(&fixture, "4"));
	update_unchanged(update);
	assert_int_equal(store_listing_freshness(fixture.contact), STALE);
	update_unchanged(begin_update(fixture.contact));
	assert_int_equal(store_listing_freshness(fixture.contact), FRESH);
	store_destroy(fixture.store);
}

/* One doubt says nothing of the others, which somebody wants to see anew. */
static void test_doubt__leaves_what_was_dropped_dropped(void **state)
{
	struct fixture fixture;
	start(&fixture);
	store_expire_listing(fixture.contact);
	store_doubt_slot(slot_of(&fixture, "4"));
	assert_int_equal(store_slot_freshness(slot_of(&fixture, "7")), DROPPED);
	store_destroy(fixture.store);
}

/* A million holes between records cost a look each, however often one record comes again. */
static void test_known__goes_past_what_is_gone(void **state)
{
	enum { MANY = 3000 };
	struct fixture fixture;
	char text[40];
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	for (int i = 10; i < MANY; i++) {
		snprintf(text, sizeof text, "{\"id\":%d}", i);
		add_element(update, text);
	}
	commit_update(update, "");
	list_of(fixture.contact, "{\"id\":10}", "{\"id\":2999}");
	update = begin_update(fixture.contact);
	assert_int_equal(update_known(update, "{\"id\":10}", 9), 9);
	size_t looks = 0;
	while (update_known(update, "{\"id\":2999}", 11) == 0)
		assert_true(++looks < 10);
	commit_update(update, "");
	assert_listing_is(fixture.contact, "10 2999");
	store_destroy(fixture.store);
}

static void test_deleted_here__is_what_we_deleted_and_nothing_else(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct slot *slot = slot_of(&fixture, "4");
	assert_false(store_is_deleted_here(slot));
	put_own(fixture.store, fixture.contact, "4", BOB);
	put_theirs(fixture.store, fixture.contact, "4", NULL);
	assert_false(store_is_deleted_here(slot));
	list_of(fixture.contact, BOB);
	put_own(fixture.store, fixture.contact, "4", NULL);
	assert_true(store_is_deleted_here(slot));
	list_of(fixture.contact, ANN);
	assert_false(store_is_deleted_here(slot));
	put_theirs(fixture.store, fixture.contact, "4", NULL);
	assert_false(store_is_deleted_here(slot));
	store_destroy(fixture.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlap__only_the_newest_update_counts),
		cmocka_unit_test(test_overlap__the_older_update_takes_nothing_more),
		cmocka_unit_test(test_expire__is_not_answered_by_what_was_asked_for_before),
		cmocka_unit_test(test_doubt__is_not_ended_by_what_was_asked_for_before),
		cmocka_unit_test(test_doubt__leaves_what_was_dropped_dropped),
		cmocka_unit_test(test_known__goes_past_what_is_gone),
		cmocka_unit_test(test_deleted_here__is_what_we_deleted_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
