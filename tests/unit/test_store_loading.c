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

/* ---- a server that sends without end ---- */

/* Adds records of 1,000 bytes until no more is taken; how many were. */
static unsigned add_until_full(struct update *update, unsigned first)
{
	char text[1001];
	struct json_facts facts;
	unsigned count = 0;
	int err = 0;
	while (err == 0) {
		snprintf(text, sizeof text, "{\"id\":%u,\"fn\":\"%0978u\"}", first + count, 0U);
		assert_int_equal(json_check(text, strlen(text), &facts, NULL), 0);
		err = update_add(update, text, strlen(text), &facts);
		count += err == 0;
	}
	assert_int_equal(err, -ENOMEM);
	return count;
}

static void test_add__has_a_limit_for_all_records_together(void **state)
{
	static const char *const names[] = {"contact", "note", NULL};
	struct store *store = store_create(&(struct store_config){
		.resources = names, .ttl_ms = LONG_TTL_MS, .max_bytes = 100000});
	struct collection *contact = store_collection(store, "contact");
	struct update *update = begin_update(contact);
	unsigned count = add_until_full(update, 10000);
	assert_in_range(count, 60, 99);
	commit_update(update, "");

	/* Others find no room, but what is there is confirmed, and makes room when it goes. */
	update = begin_update(store_collection(store, "note"));
	assert_int_equal(add_until_full(update, 10000), 0);
	update_abort(update);
	list_of(contact, NULL);
	update = begin_update(store_collection(store, "note"));
	assert_in_range(add_until_full(update, 10000), 60, 99);
	update_restart(update);
	assert_in_range(add_until_full(update, 10000), 60, 99);
	update_abort(update);
	store_destroy(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loading__counts_what_has_come),
		cmocka_unit_test(test_loading__counts_what_is_known_already_too),
		cmocka_unit_test(test_loading__starts_anew_with_another_attempt),
		cmocka_unit_test(test_loading__ends_however_the_answer_does),
		cmocka_unit_test(test_loading__tells_of_its_own_collection_alone),
		cmocka_unit_test(test_add__has_a_limit_for_all_records_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
