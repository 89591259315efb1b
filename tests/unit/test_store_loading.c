/* What the store tells of a listing that is still arriving. */
#include "store_fixture.h"

#define FOUR "{\"id\":4,\"fn\":\"Ann\"}"
#define SEVEN "{\"id\":7}"

struct fixture {
	struct store *store;
	struct collection *contact;
};

static void start(struct fixture *fixture)
{
	fixture->store = make_store(LONG_TTL_MS, NULL);
	fixture->contact = store_collection(fixture->store, "contact");
}

static void assert_loads(struct fixture *fixture, size_t records, uint64_t bytes)
{
	struct collection_stats stats;
	store_get_stats(fixture->contact, &stats);
	assert_true(stats.is_loading);
	assert_int_equal(stats.loading_records, records);
	assert_int_equal(stats.loading_bytes, bytes);
	assert_true(stats.loading_ms >= 0);
}

static void assert_loads_nothing(struct fixture *fixture)
{
	struct collection_stats stats;
	store_get_stats(fixture->contact, &stats);
	assert_false(stats.is_loading);
}

static void test_loading__counts_what_has_come(void **state)
{
	struct fixture fixture;
	start(&fixture);
	assert_loads_nothing(&fixture);
	struct update *update = begin_update(fixture.contact);
	assert_loads(&fixture, 0, 0);
	add_element(update, FOUR);
	assert_loads(&fixture, 1, strlen(FOUR));
	add_element(update, SEVEN);
	assert_loads(&fixture, 2, strlen(FOUR) + strlen(SEVEN));
	commit_update(update, "");
	assert_loads_nothing(&fixture);
	store_destroy(fixture.store);
}

static void test_loading__counts_what_is_known_already_too(void **state)
{
	struct fixture fixture;
	start(&fixture);
	list_of(fixture.contact, FOUR, SEVEN);
	struct update *update = begin_update(fixture.contact);
	add_element(update, FOUR);
	assert_loads(&fixture, 1, strlen(FOUR));
	update_abort(update);
	store_destroy(fixture.store);
}

static void test_loading__starts_anew_with_another_attempt(void **state)
{
	struct fixture fixture;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	add_element(update, FOUR);
	update_restart(update);
	assert_loads(&fixture, 0, 0);
	add_element(update, SEVEN);
	assert_loads(&fixture, 1, strlen(SEVEN));
	update_abort(update);
	store_destroy(fixture.store);
}

static void test_loading__ends_however_the_answer_does(void **state)
{
	struct fixture fixture;
	start(&fixture);
	update_abort(begin_update(fixture.contact));
	assert_loads_nothing(&fixture);
	update_unchanged(begin_update(fixture.contact));
	assert_loads_nothing(&fixture);
	store_destroy(fixture.store);
}

static void test_loading__tells_of_its_own_collection_alone(void **state)
{
	struct fixture fixture;
	struct collection_stats stats;
	start(&fixture);
	struct update *update = begin_update(fixture.contact);
	store_get_stats(store_collection(fixture.store, "note"), &stats);
	assert_false(stats.is_loading);
	update_abort(update);
	store_destroy(fixture.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loading__counts_what_has_come),
		cmocka_unit_test(test_loading__counts_what_is_known_already_too),
		cmocka_unit_test(test_loading__starts_anew_with_another_attempt),
		cmocka_unit_test(test_loading__ends_however_the_answer_does),
		cmocka_unit_test(test_loading__tells_of_its_own_collection_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
