/* What is known once the server has answered a save: what it said, and what it left unsaid. */
#include "sync_fixture.h"

/* Record 4 as it is known now, changed to text. Its version then, owned by the caller. */
static struct record *save_4(struct sync_fixture *fixture, const char *text)
{
	struct record *saved = NULL;
	struct slot *slot = slot_of(fixture, "4");
	auto_record struct record *base = store_take(slot);
	assert_non_null(base);
	int err =
		sync_save(fixture->sync, slot, base, slice(text), NULL, &saved, &fixture->problem);
	if (err < 0)
		fail_msg("%s: %s '%s'", text, problem_errno_name(err), fixture->problem.message);
	return saved;
}

static void check_known(struct sync_fixture *fixture, struct slot *slot, struct record *saved)
{
	auto_record struct record *known = store_take(slot);
	assert_non_null(known);
	assert_true(record_same(known, saved));
	check_truth(fixture, slot, "known");
}

/* A server may drop what is null: its whole answer says so, and costs no other request. */
static void test_answer__that_is_whole_is_the_record(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot;
	start_sync(&fixture, LONG_TTL_MS);
	crm_drop_nulls(fixture.crm);
	assert_int_equal(read_listing(&fixture), 0);
	auto_record struct record *cleared = save_4(&fixture, "{\"city\":null}");
	check_known(&fixture, slot_of(&fixture, "4"), cleared);
	assert_null(memmem(cleared->text, cleared->len, "city", 4));
	auto_record struct record *both = save_4(&fixture, "{\"fn\":\"Zoe\",\"title\":\"Dr\"}");
	check_known(&fixture, slot_of(&fixture, "4"), both);
	assert_requests(&fixture, .lists = 1, .gets = 2, .puts = 2);

	assert_int_equal(create(&fixture, "{\"fn\":\"New\",\"city\":null}", &slot), 0);
	check_truth(&fixture, slot, "created");
	assert_requests(&fixture, .lists = 1, .gets = 2, .puts = 2, .posts = 1);
	stop_sync(&fixture);
}

/* The server that answers next may not have heard of a change yet. */
static void test_answer__stays_when_a_lagging_server_denies_the_record(void **state)
{
	static const struct crm_manner lagging = {.status = 404, .times = 1};
	struct sync_fixture fixture;
	struct slot *slot;
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(read_listing(&fixture), 0);
	crm_set_manner(fixture.crm, CRM_POST, (struct crm_manner){.answer = CRM_ID});
	crm_set_manner(fixture.crm, CRM_GET, lagging);
	assert_int_equal(create(&fixture, "{\"fn\":\"New\"}", &slot), 0);
	assert_slot_has(slot, "{\"id\":100,\"fn\":\"New\"}");
	assert_listing_is(fixture.contact, "4 7 100");
	assert_int_equal(fixture.errors.lines.len, 0);
	/* Whoever saves it next updates it. */
	auto_record struct record *base = store_take(slot);
	struct record *saved = NULL;
	assert_int_equal(sync_save(fixture.sync, slot, base, slice("{\"fn\":\"Newer\"}"), NULL,
				 &saved, &fixture.problem),
		0);
	check_known(&fixture, slot, saved);
	record_unref(saved);
	assert_requests(&fixture, .lists = 1, .gets = 2, .puts = 1, .posts = 1);
	/* A later refresh has the last word. */
	crm_put(fixture.crm, "contact", "100", NULL);
	store_expire_all(fixture.store);
	assert_int_equal(read_record(&fixture, "100"), -ENOENT);
	assert_slot_has(slot, NULL);
	stop_sync(&fixture);
}

/* The same after a PUT, and where it is the listing that lacks the record. */
static void test_answer__stays_when_a_lagging_listing_lacks_the_record(void **state)
{
	struct sync_fixture fixture;
	struct slot *slot;
	start_sync(&fixture, LONG_TTL_MS);
	struct collection *customfield = store_collection(fixture.store, "customfield");
	assert_int_equal(sync_listing(fixture.sync, customfield, NULL, &fixture.problem), 0);
	crm_set_manner(fixture.crm, CRM_POST, (struct crm_manner){.answer = CRM_ID});
	crm_set_manner(fixture.crm, CRM_GET, (struct crm_manner){.status = 404, .times = 1});
	crm_set_manner(
		fixture.crm, CRM_LIST, (struct crm_manner){.answer = CRM_NOTHING, .times = 1});
	assert_int_equal(sync_create_record(fixture.sync, customfield, NULL,
				 slice("{\"name\":\"n\"}"), &slot, &fixture.problem),
		0);
	assert_slot_has(slot, "{\"id\":100,\"name\":\"n\"}");
	assert_listing_is(customfield, "100");
	stop_sync(&fixture);
}

struct denier {
	struct sync_fixture *fixture;
	pthread_t thread;
};

/* From the PUT on, the next GET is answered 404. */
static void *deny_after_put(void *arg)
{
	struct denier *denier = arg;
	struct crm *crm = denier->fixture->crm;
	if (crm_await(crm, CRM_PUT, 1))
		crm_set_manner(crm, CRM_GET, (struct crm_manner){.status = 404, .times = 1});
	crm_set_manner(crm, CRM_PUT, (struct crm_manner){.holds = false});
	return NULL;
}

static void test_answer__to_a_put_stays_when_a_lagging_server_denies_the_record(void **state)
{
	struct sync_fixture fixture;
	struct denier denier = {.fixture = &fixture};
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(read_record(&fixture, "4"), 0);
	crm_set_manner(fixture.crm, CRM_PUT, (struct crm_manner){.answer = CRM_ID, .holds = true});
	assert_int_equal(pthread_create(&denier.thread, NULL, deny_after_put, &denier), 0);
	auto_record struct record *saved = save_4(&fixture, "{\"fn\":\"Zoe\"}");
	pthread_join(denier.thread, NULL);
	auto_record struct record *known = store_take(slot_of(&fixture, "4"));
	assert_true(record_same(known, saved));
	assert_slot_has(slot_of(&fixture, "4"),
		"{\"id\":4,\"fn\":\"Zoe\",\"city\":\"Rome\",\"lm\":\"2020-01-01T00:00:00Z\"}");
	assert_requests(&fixture, .gets = 3, .puts = 1);
	stop_sync(&fixture);
}

/*
 * Opened before another's save, read after it: what he read there is not his change, and what a
 * third one changes meanwhile is not taken back.
 */
static void test_save__of_what_was_read_of_a_newer_version(void **state)
{
	struct sync_fixture fixture;
	struct record *saved = NULL;
	start_sync(&fixture, LONG_TTL_MS);
	crm_put(fixture.crm, "contact", "4",
		"{\"id\":4,\"fn\":\"Ann\",\"city\":\"Rome\",\"title\":\"Dr\"}");
	assert_int_equal(read_record(&fixture, "4"), 0);
	struct slot *slot = slot_of(&fixture, "4");
	auto_record struct record *opened = store_take(slot);
	auto_record struct record *second = save_4(&fixture, "{\"fn\":\"Zoe\",\"title\":\"Mx\"}");
	auto_buf struct buf text = BUF_INIT(1000);
	assert_int_equal(buf_add(&text, second->text, second->len), 0);
	memcpy(strstr(text.data, "Rome"), "Oslo", 4);
	assert_non_null(strstr(text.data, "\"lm\""));
	crm_put(fixture.crm, "contact", "4",
		"{\"id\":4,\"fn\":\"Eve\",\"city\":\"Rome\",\"title\":\"Dr\",\"lm\":\"2031-01-"
		"01T00:00:00Z\"}");

	int err = sync_save(
		fixture.sync, slot, opened, slice(text.data), NULL, &saved, &fixture.problem);
	if (err < 0)
		fail_msg("%s '%s'", problem_errno_name(err), fixture.problem.message);
	assert_body_was(&fixture, "{\"city\":\"Oslo\"}");
	check_known(&fixture, slot, saved);
	assert_non_null(memmem(saved->text, saved->len, "Eve", 3));
	assert_non_null(memmem(saved->text, saved->len, "\"Dr\"", 4));
	record_unref(saved);
	stop_sync(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer__that_is_whole_is_the_record),
		cmocka_unit_test(test_answer__stays_when_a_lagging_server_denies_the_record),
		cmocka_unit_test(test_answer__stays_when_a_lagging_listing_lacks_the_record),
		cmocka_unit_test(
			test_answer__to_a_put_stays_when_a_lagging_server_denies_the_record),
		cmocka_unit_test(test_save__of_what_was_read_of_a_newer_version),
	};
	http_global_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_cleanup();
	return failed;
}
