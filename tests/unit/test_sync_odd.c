/* Answers that a CRM should not give, and very long ones: what is shown of them. */
#include "sync_fixture.h"

static void test_listing__ignores_odd_elements_and_says_so(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	crm_put(fixture.crm, "contact", "odd", "{\"fn\":\"nobody\"}");
	assert_int_equal(read_listing(&fixture), 0);
	assert_listing_is(fixture.contact, "4 7");
	assert_non_null(strstr(fixture.errors.lines.data, "list contact: left out 1 elements"));
	stop_sync(&fixture);
}

static void test_listing__of_nothing_usable_is_an_error(void **state)
{
	static const char *const texts[] = {
		"1", "{\"fn\":\"no id\"}", "null, [], \"4\"", "{\"id\":null}, {\"id\":\"\"}"};
	for (size_t i = 0; i < array_size(texts); i++) {
		struct sync_fixture fixture;
		start_sync(&fixture, 0);
		assert_int_equal(read_listing(&fixture), 0);
		crm_put(fixture.crm, "contact", "4", NULL);
		crm_put(fixture.crm, "contact", "7", texts[i]);
		assert_int_equal(read_listing(&fixture), 0);
		assert_listing_is(fixture.contact, "4 7");
		assert_non_null(strstr(fixture.errors.lines.data, "none of them is a record"));
		stop_sync(&fixture);
		/* And where there is no old one. */
		start_sync(&fixture, LONG_TTL_MS);
		crm_put(fixture.crm, "contact", "4", NULL);
		crm_put(fixture.crm, "contact", "7", texts[i]);
		assert_int_equal(read_listing(&fixture), -EIO);
		/* A true empty list is none. */
		crm_put(fixture.crm, "contact", "7", NULL);
		assert_int_equal(read_listing(&fixture), 0);
		assert_listing_is(fixture.contact, "");
		stop_sync(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listing__ignores_odd_elements_and_says_so),
		cmocka_unit_test(test_listing__of_nothing_usable_is_an_error),
	};
	http_global_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_cleanup();
	return failed;
}
