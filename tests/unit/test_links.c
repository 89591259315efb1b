#include "catalog_fixture.h"

static void test_links__go_from_target_to_source(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.company, "{\"id\":3}", "{\"id\":8}");
	list_of(fixture.contact, "{\"id\":4,\"companyId\":3}", "{\"id\":5,\"companyId\":8}",
		"{\"id\":7,\"companyId\":3}", "{\"id\":9,\"companyId\":null}");
	const struct slot *three = store_find(fixture.company, "3", 1);
	const struct slot *eight = store_find(fixture.company, "8", 1);

	assert_sources_are(&fixture, fixture.contact, three, "4 7");
	assert_sources_are(&fixture, fixture.contact, eight, "5");
	assert_sources_are(&fixture, fixture.company, three, "");
	stop_catalog(&fixture);
}

/* One id space: what both have is pointed at in both. */
static void test_links__of_a_customer_go_to_contact_and_company(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.company, "{\"id\":3}", "{\"id\":4}");
	list_of(fixture.contact, "{\"id\":4}");
	list_of(fixture.task, "{\"id\":1,\"cust\":3}", "{\"id\":2,\"cust\":4}");

	assert_sources_are(&fixture, fixture.task, store_find(fixture.company, "3", 1), "1");
	assert_sources_are(&fixture, fixture.task, store_find(fixture.company, "4", 1), "2");
	assert_sources_are(&fixture, fixture.task, store_find(fixture.contact, "4", 1), "2");
	stop_catalog(&fixture);
}

static void test_links__stand_once_however_often_they_are_named(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.contact, "{\"id\":4}");
	list_of(fixture.task, "{\"id\":1,\"cust\":[4,4,\"4\",4]}");
	assert_sources_are(&fixture, fixture.task, store_find(fixture.contact, "4", 1), "1");
	stop_catalog(&fixture);
}

static void test_links__follow_a_change_at_once(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.company, "{\"id\":3}", "{\"id\":8}");
	list_of(fixture.contact, "{\"id\":4,\"companyId\":3}", "{\"id\":5,\"companyId\":3}");
	const struct slot *three = store_find(fixture.company, "3", 1);
	const struct slot *eight = store_find(fixture.company, "8", 1);
	assert_sources_are(&fixture, fixture.contact, three, "4 5");

	put_own(fixture.store, fixture.contact, "4", "{\"id\":4,\"companyId\":8}");
	assert_sources_are(&fixture, fixture.contact, three, "5");
	assert_sources_are(&fixture, fixture.contact, eight, "4");
	put_own(fixture.store, fixture.contact, "5", NULL);
	put_own(fixture.store, fixture.contact, "6", "{\"id\":6,\"companyId\":8}");
	assert_sources_are(&fixture, fixture.contact, three, "");
	assert_sources_are(&fixture, fixture.contact, eight, "4 6");
	stop_catalog(&fixture);
}

/* The index may be older than the record: that decides whether a name leads to it. */
static void test_links__are_as_the_record_says_now(void **state)
{
	struct catalog_fixture fixture;
	start_catalog(&fixture);
	list_of(fixture.company, "{\"id\":3}");
	list_of(fixture.contact, "{\"id\":4,\"companyId\":3}");
	const struct slot *three = store_find(fixture.company, "3", 1);
	struct slot *four = store_find(fixture.contact, "4", 1);
	struct snapshot *links = made(&fixture, fixture.contact, CATALOG_LINKS);
	assert_true(links_any(catalog_index(links), three));
	assert_true(links_points(four, three));
	snapshot_unref(links);

	put_own(fixture.store, fixture.contact, "4", "{\"id\":4}");
	assert_false(links_points(four, three));
	put_own(fixture.store, fixture.contact, "4", NULL);
	assert_false(links_points(four, three));
	assert_sources_are(&fixture, fixture.contact, three, "");
	stop_catalog(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links__go_from_target_to_source),
		cmocka_unit_test(test_links__of_a_customer_go_to_contact_and_company),
		cmocka_unit_test(test_links__stand_once_however_often_they_are_named),
		cmocka_unit_test(test_links__follow_a_change_at_once),
		cmocka_unit_test(test_links__are_as_the_record_says_now),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
