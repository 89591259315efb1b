/* A save whose answer is lost, refused for now, or says nothing: what is sent again, and when. */
#include "saver_fixture.h"

static void test_save__whose_answer_is_lost_is_sent_again(void **state)
{
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.answer = CRM_UNDONE, .times = 1});
	assert_int_equal(save(&saver, "{\"fn\":\"Zoe\"}"), 0);
	check_truth(&fixture, saver.slot, "sent twice");
	/* With a look before each. */
	assert_requests(&fixture, .gets = 3, .puts = 2);
	close_4(&saver);
	stop_sync(&fixture);
}

static void test_save__whose_answer_is_lost_was_done(void **state)
{
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.answer = CRM_LOST});
	assert_int_equal(save(&saver, "{\"fn\":\"Zoe\"}"), 0);
	assert_false(saver.problem.maybe_applied);
	check_truth(&fixture, saver.slot, "sent once");
	assert_requests(&fixture, .gets = 3, .puts = 1);
	close_4(&saver);
	stop_sync(&fixture);
}

/* While a PUT fails for now, somebody else changes the record. */
static void test_save__is_not_sent_again_over_what_changed_meanwhile(void **state)
{
	static const struct crm_manner failures[] = {
		{.status = 503, .holds = true}, {.answer = CRM_UNDONE, .holds = true}};
	for (size_t i = 0; i < array_size(failures); i++) {
		static const char theirs[] = "{\"id\":4,\"fn\":\"Eve\",\"city\":\"Rome\"}";
		struct sync_fixture fixture;
		struct saver saver;
		start_sync(&fixture, LONG_TTL_MS);
		open_4(&saver, &fixture);
		crm_set_manner(fixture.crm, CRM_PUT, failures[i]);
		begin_save(&saver, "{\"fn\":\"Zoe\"}");
		assert_true(crm_await(fixture.crm, CRM_PUT, 1));
		crm_put(fixture.crm, "contact", "4", theirs);
		crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.holds = false});
		assert_int_equal(end_save(&saver), -EBUSY);
		assert_slot_has(saver.slot, theirs);
		assert_requests(&fixture, .gets = 3, .puts = 1);
		assert_int_equal(fixture.errors.lines.len, 0); /* the caller tells it */
		close_4(&saver);
		stop_sync(&fixture);
	}
}

static void test_save__merges_what_changed_between_its_attempts(void **state)
{
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.status = 502, .holds = true});
	begin_save(&saver, "{\"fn\":\"Zoe\"}");
	assert_true(crm_await(fixture.crm, CRM_PUT, 1));
	crm_put(fixture.crm, "contact", "4", "{\"id\":4,\"fn\":\"Ann\",\"city\":\"Oslo\"}");
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.holds = false});
	assert_int_equal(end_save(&saver), 0);
	assert_body_was(&fixture, "{\"fn\":\"Zoe\"}");
	check_truth(&fixture, saver.slot, "merged");
	assert_requests(&fixture, .gets = 3, .puts = 2);
	close_4(&saver);
	stop_sync(&fixture);
}

/* What the server says of it does not name the record, and the record is as it was. */
static void test_save__that_did_nothing_is_told(void **state)
{
	static const enum crm_answer answers[] = {CRM_NOTHING, CRM_ANONYMOUS};
	for (size_t i = 0; i < array_size(answers); i++) {
		struct sync_fixture fixture;
		struct saver saver;
		start_sync(&fixture, LONG_TTL_MS);
		open_4(&saver, &fixture);
		crm_set_manner(fixture.crm, CRM_PUT,
			(struct crm_manner){.answer = answers[i], .does_nothing = true});
		assert_int_equal(save(&saver, "{\"fn\":\"Zoe\"}"), -EIO);
		assert_non_null(strstr(saver.problem.message, "the record is as it was"));
		assert_requests(&fixture, .gets = 3, .puts = 1);
		assert_slot_has(saver.slot, ANN);
		close_4(&saver);
		stop_sync(&fixture);
	}
}

/* One line tells of a save that failed: its caller's. */
static void test_save__whose_look_fails_leaves_the_telling_to_its_caller(void **state)
{
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	crm_set_manner(fixture.crm, CRM_GET, (struct crm_manner){.status = 403});
	assert_int_equal(save(&saver, "{\"fn\":\"Zoe\"}"), -EACCES);
	assert_int_equal(fixture.errors.lines.len, 0);
	assert_requests(&fixture, .gets = 2);
	close_4(&saver);
	stop_sync(&fixture);
}

/* It was looked at, but may count yet: what is known is not to be trusted. */
static void test_save__that_may_have_counted_is_asked_for_again(void **state)
{
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.status = 500});
	assert_int_equal(save(&saver, "{\"fn\":\"Zoe\"}"), -EIO);
	assert_true(saver.problem.maybe_applied);
	assert_int_equal(saver.problem.http_status, 500);
	assert_int_equal(store_slot_freshness(saver.slot), STALE);
	assert_false(sync_record_ready(fixture.contact, "4", 1));
	assert_int_equal(read_record(&fixture, "4"), 0);
	assert_requests(&fixture, .gets = 4, .puts = 1);
	close_4(&saver);
	stop_sync(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_save__whose_answer_is_lost_is_sent_again),
		cmocka_unit_test(test_save__whose_answer_is_lost_was_done),
		cmocka_unit_test(test_save__is_not_sent_again_over_what_changed_meanwhile),
		cmocka_unit_test(test_save__merges_what_changed_between_its_attempts),
		cmocka_unit_test(test_save__that_did_nothing_is_told),
		cmocka_unit_test(test_save__whose_look_fails_leaves_the_telling_to_its_caller),
		cmocka_unit_test(test_save__that_may_have_counted_is_asked_for_again),
	};
	http_global_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_cleanup();
	return failed;
}
