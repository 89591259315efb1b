#include "saver_fixture.h"

static void test_save__sends_the_difference(void **state)
{
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	assert_int_equal(
		save(&saver, "{\n  \"id\": 4,\n  \"fn\": \"Zo\\u00eb\",\n  \"city\": \"Rome\","
			     "\n  \"lm\": \"2020-01-01T00:00:00Z\"\n}\n"),
		0);
	assert_body_was(&fixture, "{\"fn\":\"Zoë\"}");
	/* One GET to open, one to compare. */
	assert_requests(&fixture, .gets = 2, .puts = 1);
	check_truth(&fixture, saver.slot, "saved");
	auto_record struct record *known = store_take(saver.slot);
	assert_true(record_same(known, saver.saved));
	assert_false(store_adopt(saver.slot)); /* it is our own already */
	close_4(&saver);
	stop_sync(&fixture);
}

static void test_save__of_no_change_sends_nothing(void **state)
{
	static const char *const texts[] = {
		ANN,
		"{}",
		"{\"id\":4}",
		"{\"city\":\"Rome\",\"fn\":\"\\u0041nn\"}",
		"{\"lm\":\"2019-12-31T23:59:59Z\",\"fn\":\"Ann\"}",
		"{\"title\":null}",
	};
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	for (size_t i = 0; i < array_size(texts); i++) {
		if (save(&saver, texts[i]) != 0 || !record_same(saver.saved, saver.base))
			fail_msg("%s", texts[i]);
	}
	assert_requests(&fixture, .gets = 1);
	close_4(&saver);
	stop_sync(&fixture);
}

/* Nothing would be sent; but there is nothing that says so any more. */
static void test_save__of_no_change_to_what_is_gone_is_refused(void **state)
{
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	assert_int_equal(sync_delete(fixture.sync, saver.slot, &saver.problem), 0);
	assert_int_equal(save(&saver, ANN), -EIO);
	assert_null(saver.saved);
	assert_requests(&fixture, .gets = 1, .deletes = 1);
	close_4(&saver);
	stop_sync(&fixture);
}

static void test_save__refuses_what_can_never_be(void **state)
{
	static const char *const texts[] = {
		"{\"id\":5,\"fn\":\"Zoe\"}",
		"{\"id\":null}",
		"{\"fn\":\"Zoe\",\"notes\":[1]}",
		"{\"userId\":1}",
		"{\"lm\":\"2031-01-01T00:00:00Z\"}",
	};
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	for (size_t i = 0; i < array_size(texts); i++) {
		saver.problem = (struct problem){.http_status = 0};
		if (save(&saver, texts[i]) != -EINVAL || saver.problem.message[0] == '\0')
			fail_msg("%s", texts[i]);
		assert_null(saver.saved);
	}
	assert_requests(&fixture, .gets = 1);
	close_4(&saver);
	stop_sync(&fixture);
}

static void test_save__is_refused_for_what_cannot_be_updated(void **state)
{
	static const char *const names[] = {"comment", "user", "group"};
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	for (size_t i = 0; i < array_size(names); i++) {
		struct collection *collection = store_collection(fixture.store, names[i]);
		auto_record struct record *base = make_record("{\"id\":3}");
		struct record *saved;
		struct slot *slot = put_theirs(fixture.store, collection, "3", "{\"id\":3}");
		assert_int_equal(sync_save(fixture.sync, slot, base, slice("{\"x\":1}"), NULL,
					 &saved, &fixture.problem),
			-EACCES);
	}
	assert_requests(&fixture, .lists = 0);
	stop_sync(&fixture);
}

static void test_save__merges_changes_of_different_properties(void **state)
{
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	crm_put(fixture.crm, "contact", "4",
		"{\"id\":4,\"fn\":\"Ann\",\"city\":\"Oslo\",\"lm\":\"2021-01-01T00:00:00Z\",\"x\":"
		"1}");
	assert_int_equal(save(&saver, "{\"id\":4,\"fn\":\"Zoe\",\"city\":\"Rome\"}"), 0);
	assert_body_was(&fixture, "{\"fn\":\"Zoe\"}");
	check_truth(&fixture, saver.slot, "merged");
	auto_free char *text = crm_text(fixture.crm, "contact", "4");
	assert_non_null(strstr(text, "\"fn\":\"Zoe\",\"city\":\"Oslo\""));
	close_4(&saver);
	stop_sync(&fixture);
}

static void test_save__of_what_was_changed_there_too_is_busy(void **state)
{
	static const char theirs[] = "{\"id\":4,\"fn\":\"Eve\",\"city\":\"Rome\"}";
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	crm_put(fixture.crm, "contact", "4", theirs);
	assert_int_equal(save(&saver, "{\"fn\":\"Zoe\",\"city\":\"Oslo\"}"), -EBUSY);
	assert_non_null(strstr(saver.problem.message, "\"fn\" was changed"));
	assert_null(saver.saved);
	assert_slot_has(saver.slot, theirs);
	assert_requests(&fixture, .gets = 2);
	/* What the server is known to have already is no conflict, and needs no request. */
	assert_int_equal(save(&saver, "{\"fn\":\"Eve\"}"), 0);
	assert_true(record_same(saver.saved, saver.base) == false);
	assert_slot_has(saver.slot, theirs);
	assert_requests(&fixture, .gets = 2);
	/* Nor is what it turns out to have. */
	crm_put(fixture.crm, "contact", "4", "{\"id\":4,\"fn\":\"Zoe\",\"city\":\"Rome\"}");
	assert_int_equal(save(&saver, "{\"fn\":\"Zoe\"}"), 0);
	assert_requests(&fixture, .gets = 3);
	close_4(&saver);
	stop_sync(&fixture);
}

static void test_save__without_conflicts_asks_nothing_before(void **state)
{
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	start_verbs(&fixture, PATIENT_MS, false);
	open_4(&saver, &fixture);
	crm_put(fixture.crm, "contact", "4", "{\"id\":4,\"fn\":\"Eve\",\"city\":\"Rome\"}");
	assert_int_equal(save(&saver, "{\"fn\":\"Zoe\"}"), 0);
	assert_requests(&fixture, .gets = 1, .puts = 1);
	close_4(&saver);
	stop_sync(&fixture);
}

/* Whatever the server says of a PUT, the file shows what the server has. */
static void test_save__ends_in_the_servers_version(void **state)
{
	static const struct {
		const char *name;
		enum crm_answer answer;
	} answers[] = {
		{"whole", CRM_WHOLE},
		{"id alone", CRM_ID},
		{"what was sent", CRM_SENT},
		{"nothing", CRM_NOTHING},
		{"broken", CRM_BROKEN},
	};
	static const char *const texts[] = {
		"{\"fn\":\"Zoe\"}",
		"{\"fn\":\"Zoe\",\"title\":\"Dr\"}",
		"{\"city\":null}",
		"{\"fn\":\"Zoe\",\"ignored\":1}",
		"{\"ignored\":1}",
	};
	for (size_t i = 0; i < array_size(answers) * array_size(texts); i++) {
		const char *name = answers[i % array_size(answers)].name;
		const char *text = texts[i / array_size(answers)];
		struct crm_manner manner = {.answer = answers[i % array_size(answers)].answer};
		struct sync_fixture fixture;
		struct saver saver;
		start_sync(&fixture, LONG_TTL_MS);
		open_4(&saver, &fixture);
		crm_set_manner(fixture.crm, CRM_PUT, manner);
		int err = save(&saver, text);
		if (err < 0)
			fail_msg("%s, %s: %s", text, name, problem_errno_name(err));
		check_truth(&fixture, saver.slot, name);
		auto_record struct record *known = store_take(saver.slot);
		assert_true(record_same(known, saver.saved));
		assert_int_equal(crm_count(fixture.crm, CRM_PUT), 1);
		close_4(&saver);
		stop_sync(&fixture);
	}
}

static void test_save__of_a_record_that_was_deleted_fails(void **state)
{
	struct sync_fixture fixture;
	struct saver saver;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	crm_put(fixture.crm, "contact", "4", NULL);
	assert_int_equal(save(&saver, "{\"fn\":\"Zoe\"}"), -EIO);
	assert_non_null(strstr(saver.problem.message, "deleted on the server"));
	assert_slot_has(saver.slot, NULL);
	assert_requests(&fixture, .gets = 2);
	close_4(&saver);
	stop_sync(&fixture);
}

static void test_save__that_the_server_refuses_changes_nothing(void **state)
{
	static const struct {
		int status, err;
	} rows[] = {{400, -EINVAL}, {401, -EACCES}, {403, -EACCES}, {404, -ENOENT},
		{405, -EOPNOTSUPP}, {409, -EBUSY}, {412, -EBUSY}, {413, -EFBIG}, {500, -EIO}};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct sync_fixture fixture;
		struct saver saver;
		start_sync(&fixture, LONG_TTL_MS);
		open_4(&saver, &fixture);
		crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.status = rows[i].status});
		int err = save(&saver, "{\"fn\":\"Zoe\"}");
		if (err != rows[i].err)
			fail_msg("%d: %s", rows[i].status, problem_errno_name(err));
		assert_int_equal(saver.problem.http_status, rows[i].status);
		assert_non_null(strstr(saver.problem.message, "said"));
		assert_null(saver.saved);
		assert_slot_has(saver.slot, ANN);
		close_4(&saver);
		stop_sync(&fixture);
	}
}

static void test_savers__of_one_record_take_turns(void **state)
{
	struct sync_fixture fixture;
	struct saver first, second;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&first, &fixture);
	open_4(&second, &fixture);
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.holds = true});
	begin_save(&first, "{\"fn\":\"Zoe\"}");
	assert_true(crm_await(fixture.crm, CRM_PUT, 1));
	begin_save(&second, "{\"city\":\"Oslo\"}");
	poll(NULL, 0, 100);
	/* The second has not even compared yet. */
	assert_requests(&fixture, .gets = 2, .puts = 1);
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.holds = false});
	assert_int_equal(end_save(&first), 0);
	assert_int_equal(end_save(&second), 0);
	assert_requests(&fixture, .gets = 3, .puts = 2);
	check_truth(&fixture, first.slot, "both");
	auto_free char *text = crm_text(fixture.crm, "contact", "4");
	assert_non_null(strstr(text, "\"fn\":\"Zoe\",\"city\":\"Oslo\""));
	close_4(&first);
	close_4(&second);
	stop_sync(&fixture);
}

static void test_savers__of_the_same_property_do_not_both_win(void **state)
{
	struct sync_fixture fixture;
	struct saver first, second;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&first, &fixture);
	open_4(&second, &fixture);
	begin_save(&first, "{\"fn\":\"Zoe\"}");
	begin_save(&second, "{\"fn\":\"Eve\"}");
	int errs[] = {end_save(&first), end_save(&second)};
	assert_true((errs[0] == 0 && errs[1] == -EBUSY) || (errs[0] == -EBUSY && errs[1] == 0));
	assert_int_equal(crm_count(fixture.crm, CRM_PUT), 1);
	close_4(&first);
	close_4(&second);
	stop_sync(&fixture);
}

static void test_savers__of_different_records_do_not_wait(void **state)
{
	struct sync_fixture fixture;
	struct saver first;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&first, &fixture);
	assert_int_equal(read_record(&fixture, "7"), 0);
	struct slot *slot_7 = slot_of(&fixture, "7");
	auto_record struct record *base = store_take(slot_7);
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.holds = true});
	begin_save(&first, "{\"fn\":\"Zoe\"}");
	assert_true(crm_await(fixture.crm, CRM_PUT, 1));
	struct saver second = {.fixture = &fixture, .slot = slot_7, .base = base};
	begin_save(&second, "{\"fn\":\"Rob\"}");
	assert_true(crm_await(fixture.crm, CRM_PUT, 2));
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.holds = false});
	assert_int_equal(end_save(&first), 0);
	assert_int_equal(end_save(&second), 0);
	record_unref(second.saved);
	close_4(&first);
	stop_sync(&fixture);
}

static void test_savers__do_not_wait_for_ever(void **state)
{
	struct sync_fixture fixture;
	struct saver first, second;
	start_sync(&fixture, LONG_TTL_MS);
	start_verbs(&fixture, 50, true);
	open_4(&first, &fixture);
	open_4(&second, &fixture);
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.holds = true});
	begin_save(&first, "{\"fn\":\"Zoe\"}");
	assert_true(crm_await(fixture.crm, CRM_PUT, 1));
	assert_int_equal(save(&second, "{\"city\":\"Oslo\"}"), -ETIMEDOUT);
	assert_true(second.problem.message[0] != '\0');
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.holds = false});
	assert_int_equal(end_save(&first), 0);
	assert_int_equal(save(&second, "{\"city\":\"Oslo\"}"), 0);
	close_4(&first);
	close_4(&second);
	stop_sync(&fixture);
}

struct lister {
	struct sync_fixture *fixture;
	pthread_t thread;
	int err;
};

static void *list_in_thread(void *arg)
{
	struct lister *lister = arg;
	lister->err = sync_listing(
		lister->fixture->sync, lister->fixture->contact, NULL, &lister->fixture->problem);
	return NULL;
}

/* A listing that was on its way all the while knows nothing of what we did. */
static void test_own_changes__win_over_an_older_listing(void **state)
{
	struct sync_fixture fixture;
	struct saver saver;
	struct problem problem;
	start_sync(&fixture, LONG_TTL_MS);
	open_4(&saver, &fixture);
	assert_int_equal(read_record(&fixture, "7"), 0);
	struct slot *slot_7 = slot_of(&fixture, "7");
	struct lister lister = {.fixture = &fixture};
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.holds = true});
	assert_int_equal(pthread_create(&lister.thread, NULL, list_in_thread, &lister), 0);
	assert_true(crm_await(fixture.crm, CRM_LIST, 1));

	assert_int_equal(save(&saver, "{\"fn\":\"Zoe\"}"), 0);
	assert_int_equal(sync_delete(fixture.sync, slot_7, &problem), 0);
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.holds = false});
	pthread_join(lister.thread, NULL);
	assert_int_equal(lister.err, 0);
	check_truth(&fixture, saver.slot, "saved");
	assert_slot_has(slot_7, NULL);
	assert_listing_is(fixture.contact, "4");
	close_4(&saver);
	stop_sync(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_save__sends_the_difference),
		cmocka_unit_test(test_save__of_no_change_sends_nothing),
		cmocka_unit_test(test_save__of_no_change_to_what_is_gone_is_refused),
		cmocka_unit_test(test_save__refuses_what_can_never_be),
		cmocka_unit_test(test_save__is_refused_for_what_cannot_be_updated),
		cmocka_unit_test(test_save__merges_changes_of_different_properties),
		cmocka_unit_test(test_save__of_what_was_changed_there_too_is_busy),
		cmocka_unit_test(test_save__without_conflicts_asks_nothing_before),
		cmocka_unit_test(test_save__ends_in_the_servers_version),
		cmocka_unit_test(test_save__of_a_record_that_was_deleted_fails),
		cmocka_unit_test(test_save__that_the_server_refuses_changes_nothing),
		cmocka_unit_test(test_savers__of_one_record_take_turns),
		cmocka_unit_test(test_savers__of_the_same_property_do_not_both_win),
		cmocka_unit_test(test_savers__of_different_records_do_not_wait),
		cmocka_unit_test(test_savers__do_not_wait_for_ever),
		cmocka_unit_test(test_own_changes__win_over_an_older_listing),
	};
	http_global_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_cleanup();
	return failed;
}
