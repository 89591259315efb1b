#include "sync_fixture.h"

#include "clock.h"

/* ---- creating ---- */

static void test_create__drops_what_the_server_decides(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot;
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(
		create(&fixture,
			"{\n \"id\": 4, \"fn\": \"Ann\", \"notes\": [1], \"userId\": 2,"
			" \"ao\": \"2020-01-01\", \"lm\": \"2020-01-01\", \"city\": null }",
			&slot),
		0);
	assert_body_was(&fixture, "{\"fn\":\"Ann\",\"city\":null}");
	assert_string_equal(slot->id, "100");
	check_truth(&fixture, slot, "created");
	assert_false(store_adopt(slot)); /* it is our own already */
	assert_requests(&fixture, .lists = 1, .posts = 1);
	stop_sync(&fixture);
}

static void test_create__ends_in_the_servers_version(void **state)
{
	static const struct {
		const char *name;
		enum crm_answer answer;
	} rows[] = {
		{"whole", CRM_WHOLE},
		{"id alone", CRM_ID},
		{"nothing", CRM_NOTHING},
		{"broken", CRM_BROKEN},
		{"lost", CRM_LOST},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct sync_fixture fixture;
		struct slot *slot;
		start_sync(&fixture, LONG_TTL_MS);
		assert_int_equal(read_listing(&fixture), 0);
		crm_set_manner(
			fixture.crm, CRM_POST, (struct crm_manner){.answer = rows[i].answer});
		int err = create(&fixture, "{\"fn\":\"New\",\"title\":null}", &slot);
		if (err < 0)
			fail_msg("%s: %s '%s'", rows[i].name, problem_errno_name(err),
				fixture.problem.message);
		assert_string_equal(slot->id, "100");
		check_truth(&fixture, slot, rows[i].name);
		assert_int_equal(crm_count(fixture.crm, CRM_POST), 1);
		stop_sync(&fixture);
	}
}

static void test_create__that_the_server_changes_shows_it(void **state)
{
	static const enum crm_answer answers[] = {CRM_WHOLE, CRM_ID};
	for (size_t i = 0; i < array_size(answers); i++) {
		struct sync_fixture fixture;
		struct slot *slot;
		start_sync(&fixture, LONG_TTL_MS);
		crm_set_manner(fixture.crm, CRM_POST, (struct crm_manner){.answer = answers[i]});
		assert_int_equal(create(&fixture, "{\"fn\":\"New\",\"ignored\":1}", &slot), 0);
		check_truth(&fixture, slot, "without what was ignored");
		stop_sync(&fixture);
	}
}

/* A record of somebody else that says the same; whatever its date, it is not the new one. */
static void put_twin(struct sync_fixture *fixture, bool is_dated)
{
	char now[CLOCK_ISO_SIZE], text[100];
	clock_iso(clock_now().tv_sec, now);
	snprintf(text, sizeof text, "{\"id\":9,%s%s%s\"fn\":\"New\"}", is_dated ? "\"ao\":\"" : "",
		is_dated ? now : "", is_dated ? "\"," : "");
	crm_put(fixture->crm, "contact", "9", text);
}

/* With no listing from before, or an old one, one is fetched: then it is known who was there. */
static void test_create__finds_a_lost_record_among_twins(void **state)
{
	for (int i = 0; i < 8; i++) {
		bool is_listed = i & 1, is_dated = i & 2, is_expired = i & 4;
		struct sync_fixture fixture;
		struct slot *slot;
		start_sync(&fixture, is_expired ? LONG_TTL_MS : 0);
		if (is_listed)
			assert_int_equal(read_listing(&fixture), 0);
		if (is_expired)
			store_expire_all(fixture.store);
		put_twin(&fixture, is_dated);
		crm_set_manner(fixture.crm, CRM_POST, (struct crm_manner){.answer = CRM_LOST});
		assert_int_equal(create(&fixture, "{\"fn\":\"New\"}", &slot), 0);
		assert_string_equal(slot->id, "100");
		assert_requests(&fixture, .lists = is_listed ? 3 : 2, .posts = 1);
		stop_sync(&fixture);
	}
}

/* Where it cannot be known who was there, nobody is taken for the new one. */
static void test_create__adopts_nothing_without_a_listing_from_before(void **state)
{
	for (int i = 0; i < 4; i++) {
		bool is_listed = i & 1, is_dated = i & 2;
		struct sync_fixture fixture;
		struct slot *slot = NULL;
		start_sync(&fixture, 0);
		if (is_listed)
			assert_int_equal(read_listing(&fixture), 0);
		put_twin(&fixture, is_dated);
		crm_set_manner(
			fixture.crm, CRM_LIST, (struct crm_manner){.status = 500, .times = 1});
		crm_set_manner(fixture.crm, CRM_POST, (struct crm_manner){.answer = CRM_LOST});
		assert_int_equal(create(&fixture, "{\"fn\":\"New\"}", &slot), -EIO);
		assert_null(slot);
		assert_non_null(strstr(fixture.problem.message, "look for it in contact/"));
		/* Who looks sees it. */
		assert_int_equal(read_listing(&fixture), 0);
		assert_listing_is(fixture.contact, "4 7 9 100");
		assert_int_equal(crm_count(fixture.crm, CRM_POST), 1);
		stop_sync(&fixture);
	}
}

/* A listing that cannot be had stands in no creation's way. */
static void test_create__goes_on_without_a_listing(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot;
	start_sync(&fixture, LONG_TTL_MS);
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.status = 500});
	assert_int_equal(create(&fixture, "{\"fn\":\"New\"}", &slot), 0);
	check_truth(&fixture, slot, "created");
	assert_requests(&fixture, .lists = 1, .posts = 1);
	stop_sync(&fixture);
}

static void test_create__that_is_not_found_fails_and_says_why(void **state)
{
	for (int is_listed = 0; is_listed < 2; is_listed++) {
		struct sync_fixture fixture;
		struct slot *slot = NULL;
		start_sync(&fixture, LONG_TTL_MS);
		/* What was there before is not the new one, however equal. */
		crm_put(fixture.crm, "contact", "9",
			"{\"id\":9,\"ao\":\"2020-01-01T00:00:00Z\",\"fn\":\"New\"}");
		if (is_listed)
			assert_int_equal(read_listing(&fixture), 0);
		crm_set_manner(fixture.crm, CRM_POST, (struct crm_manner){.answer = CRM_UNDONE});
		assert_int_equal(create(&fixture, "{\"fn\":\"New\"}", &slot), -EIO);
		assert_null(slot);
		assert_non_null(strstr(fixture.problem.message, "not known whether"));
		assert_int_equal(crm_count(fixture.crm, CRM_POST), 1);
		stop_sync(&fixture);
	}
}

static void test_create__that_cannot_be_looked_for_fails(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot;
	start_sync(&fixture, LONG_TTL_MS);
	crm_set_manner(fixture.crm, CRM_POST, (struct crm_manner){.answer = CRM_LOST});
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.status = 500});
	assert_int_equal(create(&fixture, "{\"fn\":\"New\"}", &slot), -EIO);
	assert_non_null(strstr(fixture.problem.message, "not known whether"));
	stop_sync(&fixture);
}

static void test_create__lost_twice_finds_two_records(void **state)
{
	for (int is_listed = 0; is_listed < 2; is_listed++) {
		struct sync_fixture fixture;
		struct slot *first, *second;
		start_sync(&fixture, LONG_TTL_MS);
		if (is_listed)
			assert_int_equal(read_listing(&fixture), 0);
		crm_set_manner(fixture.crm, CRM_POST, (struct crm_manner){.answer = CRM_LOST});
		assert_int_equal(create(&fixture, "{\"fn\":\"New\"}", &first), 0);
		assert_int_equal(create(&fixture, "{\"fn\":\"New\"}", &second), 0);
		assert_string_equal(first->id, "100");
		assert_string_equal(second->id, "101");
		assert_int_equal(crm_count(fixture.crm, CRM_POST), 2);
		stop_sync(&fixture);
	}
}

static void test_create__that_is_refused_creates_nothing(void **state)
{
	static const struct {
		int status, err;
	} rows[] = {{400, -EINVAL}, {403, -EACCES}, {404, -ENOENT}, {501, -EOPNOTSUPP}};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct sync_fixture fixture;
		struct slot *slot = NULL;
		start_sync(&fixture, LONG_TTL_MS);
		crm_set_manner(
			fixture.crm, CRM_POST, (struct crm_manner){.status = rows[i].status});
		assert_int_equal(create(&fixture, "{\"fn\":\"New\"}", &slot), rows[i].err);
		assert_null(slot);
		assert_requests(&fixture, .lists = 1, .posts = 1);
		stop_sync(&fixture);
	}
}

/* A wrong answer hid record 4: it is not made once more. */
static void test_create__in_place_of_a_hidden_record_is_refused(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot = NULL;
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(read_listing(&fixture), 0);
	store_expire_slot(slot_of(&fixture, "4"));
	crm_set_manner(fixture.crm, CRM_GET, (struct crm_manner){.status = 404});
	assert_int_equal(read_record(&fixture, "4"), -ENOENT);
	assert_slot_has(slot_of(&fixture, "4"), NULL);
	assert_int_equal(create_as(&fixture, "4.json", "{\"fn\":\"New\"}", &slot), -EBUSY);
	assert_non_null(strstr(fixture.problem.message, "nothing was created"));
	assert_null(slot);
	assert_slot_has(slot_of(&fixture, "4"), ANN);
	assert_requests(&fixture, .lists = 2, .gets = 1);
	stop_sync(&fixture);
}

/* Of one that was heard of neither the listing nor an answer for it alone is believed by itself. */
static void test_create__in_place_of_a_record_that_others_deleted_asks_twice(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot = NULL;
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(read_listing(&fixture), 0);
	crm_put(fixture.crm, "contact", "4", NULL);
	assert_int_equal(create_as(&fixture, "4.json", "{\"fn\":\"New\"}", &slot), 0);
	assert_string_equal(slot->id, "100");
	assert_requests(&fixture, .lists = 2, .gets = 1, .posts = 1);
	stop_sync(&fixture);
}

static void test_create__in_place_of_a_deleted_record_makes_another(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot;
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(read_listing(&fixture), 0);
	assert_int_equal(sync_delete(fixture.sync, slot_of(&fixture, "4"), &fixture.problem), 0);
	assert_int_equal(create_as(&fixture, "4.json", "{\"fn\":\"New\"}", &slot), 0);
	assert_string_equal(slot->id, "100");
	assert_requests(&fixture, .lists = 1, .deletes = 1, .posts = 1);
	stop_sync(&fixture);
}

/* One that somebody made since the listing; one that nobody made. */
static void test_create__by_a_number_asks_whether_it_is_taken(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot = NULL;
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(read_listing(&fixture), 0);
	crm_put(fixture.crm, "contact", "70", "{\"id\":70,\"fn\":\"Theirs\"}");
	assert_int_equal(create_as(&fixture, "70.json", "{\"fn\":\"New\"}", &slot), -EBUSY);
	assert_slot_has(slot_of(&fixture, "70"), "{\"id\":70,\"fn\":\"Theirs\"}");
	assert_requests(&fixture, .lists = 1, .gets = 1);
	assert_int_equal(create_as(&fixture, "71.json", "{\"fn\":\"New\"}", &slot), 0);
	assert_requests(&fixture, .lists = 1, .gets = 2, .posts = 1);
	stop_sync(&fixture);
}

static void test_create__that_cannot_ask_whether_it_is_taken_fails(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot = NULL;
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(read_listing(&fixture), 0);
	crm_set_manner(fixture.crm, CRM_GET, (struct crm_manner){.status = 500});
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.status = 403});
	assert_int_equal(create_as(&fixture, "71.json", "{\"fn\":\"New\"}", &slot), -EIO);
	assert_int_equal(create_as(&fixture, "4.json", "{\"fn\":\"New\"}", &slot), -EACCES);
	assert_requests(&fixture, .lists = 2, .gets = 1);
	stop_sync(&fixture);
}

static void test_create__of_what_cannot_be_created(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot;
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(sync_create_record(fixture.sync, store_collection(fixture.store, "user"),
				 NULL, slice("{\"x\":1}"), &slot, &fixture.problem),
		-EACCES);
	assert_requests(&fixture, .posts = 0);
	stop_sync(&fixture);
}

/* ---- deleting ---- */

/* A slot of contact 4, which was read. */
static struct slot *open_4(struct sync_fixture *fixture)
{
	assert_int_equal(read_record(fixture, "4"), 0);
	return slot_of(fixture, "4");
}

static void test_delete__empties_the_slot(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	struct slot *slot = open_4(&fixture);
	assert_int_equal(sync_delete(fixture.sync, slot, &fixture.problem), 0);
	assert_slot_has(slot, NULL);
	auto_free char *text = crm_text(fixture.crm, "contact", "4");
	assert_string_equal(text, "");
	assert_requests(&fixture, .gets = 1, .deletes = 1);
	stop_sync(&fixture);
}

static void test_delete__of_what_is_gone_is_done(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	struct slot *slot = open_4(&fixture);
	crm_put(fixture.crm, "contact", "4", NULL);
	assert_int_equal(sync_delete(fixture.sync, slot, &fixture.problem), 0);
	assert_slot_has(slot, NULL);
	stop_sync(&fixture);
}

static void test_delete__whose_answer_cannot_be_read_is_looked_for(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	struct slot *slot = open_4(&fixture);
	crm_set_manner(fixture.crm, CRM_DELETE, (struct crm_manner){.answer = CRM_BROKEN});
	assert_int_equal(sync_delete(fixture.sync, slot, &fixture.problem), 0);
	assert_slot_has(slot, NULL);
	assert_requests(&fixture, .gets = 2, .deletes = 1);
	stop_sync(&fixture);
}

static void test_delete__that_may_count_yet_fails_as_it_was_told(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	struct slot *slot = open_4(&fixture);
	crm_set_manner(fixture.crm, CRM_DELETE, (struct crm_manner){.status = 500});
	assert_int_equal(sync_delete(fixture.sync, slot, &fixture.problem), -EIO);
	assert_int_equal(fixture.problem.http_status, 500);
	assert_slot_has(slot, ANN);
	assert_int_equal(store_slot_freshness(slot), STALE);
	assert_false(sync_record_ready(fixture.contact, "4", 1));
	assert_requests(&fixture, .gets = 2, .deletes = 1);
	stop_sync(&fixture);
}

static void test_delete__that_is_refused_keeps_the_record(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	struct slot *slot = open_4(&fixture);
	crm_set_manner(fixture.crm, CRM_DELETE, (struct crm_manner){.status = 403});
	assert_int_equal(sync_delete(fixture.sync, slot, &fixture.problem), -EACCES);
	assert_slot_has(slot, ANN);
	assert_non_null(strstr(fixture.problem.message, "said 403"));
	stop_sync(&fixture);
}

static void test_delete__of_what_cannot_be_deleted(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	struct slot *user = put_theirs(
		fixture.store, store_collection(fixture.store, "user"), "3", "{\"id\":3}");
	struct slot *step = put_theirs(fixture.store, fixture.contact, "..", "{\"id\":\"..\"}");
	assert_int_equal(sync_delete(fixture.sync, user, &fixture.problem), -EACCES);
	assert_int_equal(sync_delete(fixture.sync, step, &fixture.problem), -EINVAL);
	assert_requests(&fixture, .deletes = 0);
	stop_sync(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create__drops_what_the_server_decides),
		cmocka_unit_test(test_create__ends_in_the_servers_version),
		cmocka_unit_test(test_create__that_the_server_changes_shows_it),
		cmocka_unit_test(test_create__finds_a_lost_record_among_twins),
		cmocka_unit_test(test_create__adopts_nothing_without_a_listing_from_before),
		cmocka_unit_test(test_create__goes_on_without_a_listing),
		cmocka_unit_test(test_create__that_is_not_found_fails_and_says_why),
		cmocka_unit_test(test_create__that_cannot_be_looked_for_fails),
		cmocka_unit_test(test_create__lost_twice_finds_two_records),
		cmocka_unit_test(test_create__that_is_refused_creates_nothing),
		cmocka_unit_test(test_create__in_place_of_a_hidden_record_is_refused),
		cmocka_unit_test(test_create__in_place_of_a_record_that_others_deleted_asks_twice),
		cmocka_unit_test(test_create__in_place_of_a_deleted_record_makes_another),
		cmocka_unit_test(test_create__by_a_number_asks_whether_it_is_taken),
		cmocka_unit_test(test_create__that_cannot_ask_whether_it_is_taken_fails),
		cmocka_unit_test(test_create__of_what_cannot_be_created),
		cmocka_unit_test(test_delete__empties_the_slot),
		cmocka_unit_test(test_delete__of_what_is_gone_is_done),
		cmocka_unit_test(test_delete__whose_answer_cannot_be_read_is_looked_for),
		cmocka_unit_test(test_delete__that_may_count_yet_fails_as_it_was_told),
		cmocka_unit_test(test_delete__that_is_refused_keeps_the_record),
		cmocka_unit_test(test_delete__of_what_cannot_be_deleted),
	};
	http_global_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_cleanup();
	return failed;
}
