/* Resources that the server does not offer. */
#include "sync_fixture.h"

static void test_absent__is_what_the_server_does_not_offer(void **state)
{
	static const int statuses[] = {404, 501};
	for (size_t i = 0; i < array_size(statuses); i++) {
		struct sync_fixture fixture;
		start_sync(&fixture, LONG_TTL_MS);
		struct collection *folder = store_collection(fixture.store, "folder");
		crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.status = statuses[i]});
		assert_int_equal(sync_listing(fixture.sync, folder, NULL, &fixture.problem), 0);
		assert_true(store_is_absent(folder));
		assert_listing_is(folder, "");
		assert_true(sync_listing_ready(folder));
		assert_int_equal(fixture.errors.lines.len, 0);
		assert_requests(&fixture, .lists = 1);
		stop_sync(&fixture);
	}
}

/* What every account has is not just empty, however little of it has been read. */
static void test_absent__is_an_error_for_what_should_be_there(void **state)
{
	static const struct {
		int status, err;
	} rows[] = {{404, -ENOENT}, {501, -EOPNOTSUPP}};
	for (size_t i = 0; i < 2 * array_size(rows); i++) {
		bool was_empty = i % 2;
		struct crm_manner none = {.answer = CRM_NOTHING};
		struct crm_manner failing = {.status = rows[i / 2].status};
		struct sync_fixture fixture;
		start_sync(&fixture, 0);
		crm_set_manner(fixture.crm, CRM_LIST, none);
		if (was_empty)
			assert_int_equal(read_listing(&fixture), 0);
		crm_set_manner(fixture.crm, CRM_LIST, failing);
		for (int j = 0; j < 2; j++) {
			int err = read_listing(&fixture);
			if (err != rows[i / 2].err)
				fail_msg("%d: %s", rows[i / 2].status, problem_errno_name(err));
			assert_true(store_is_absent(fixture.contact));
		}
		assert_non_null(strstr(fixture.errors.lines.data, "list contact"));
		assert_int_equal(sync_listing_failure(fixture.contact), rows[i / 2].err);
		stop_sync(&fixture);
	}
}

static void test_absent__ends_when_it_is_offered(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, 0);
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.status = 404});
	assert_int_equal(read_listing(&fixture), -ENOENT);
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.status = 0});
	assert_int_equal(read_listing(&fixture), 0);
	assert_false(store_is_absent(fixture.contact));
	assert_listing_is(fixture.contact, "4 7");
	stop_sync(&fixture);
}

static void test_absent__is_not_what_had_records(void **state)
{
	static const struct {
		int status, err;
	} rows[] = {{404, -EIO}, {501, -EOPNOTSUPP}};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct sync_fixture fixture;
		start_sync(&fixture, LONG_TTL_MS);
		assert_int_equal(read_record(&fixture, "4"), 0);
		crm_set_manner(
			fixture.crm, CRM_LIST, (struct crm_manner){.status = rows[i].status});
		assert_int_equal(read_listing(&fixture), rows[i].err);
		assert_false(store_is_absent(fixture.contact));
		assert_slot_has(slot_of(&fixture, "4"), ANN);
		stop_sync(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absent__is_what_the_server_does_not_offer),
		cmocka_unit_test(test_absent__is_an_error_for_what_should_be_there),
		cmocka_unit_test(test_absent__ends_when_it_is_offered),
		cmocka_unit_test(test_absent__is_not_what_had_records),
	};
	http_global_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_cleanup();
	return failed;
}
