/*
 * The verbs when memory is short, against a CRM: none crashes or leaks; one that fails says why, and
 * either nothing changed on the server or it says that something may have; a create never sends two;
 * and the next try succeeds.
 */
#include "curl_fixture.h"
#include "failing.h"
#undef PATIENT_MS
#include "sync_fixture.h"

#define OSLO "{\"city\":\"Oslo\"}"
#define EVE "{\"fn\":\"Eve\"}"

static void *at_start(void)
{
	struct sync_fixture *fixture = calloc(1, sizeof *fixture);
	assert_non_null(fixture);
	start_sync(fixture, LONG_TTL_MS);
	return fixture;
}

static void at_end(struct sync_fixture *fixture)
{
	stop_sync(fixture);
	free(fixture);
}

static void assert_explained(const struct sync_fixture *fixture, int err, bool has_failed)
{
	if (err == 0)
		return;
	if (!has_failed || !fixture->problem.message[0])
		fail_msg("%s: '%s'", problem_errno_name(err), fixture->problem.message);
}

/* ---- the API ---- */

static bool try_api_create(void *arg, unsigned nth)
{
	failing_arm(nth);
	struct api *api = api_create(&(struct api_config){.url = "https://x/api",
		.http = {.token = "token",
			.user_agent = "test/1",
			.cacert = "/dev/null",
			.timeout_ms = PATIENT_MS}});
	bool has_failed = failing_disarm();
	assert_int_equal(api == NULL, has_failed);
	api_destroy(api);
	return has_failed;
}

static void begin(void *arg)
{
	*(unsigned *)arg = 0;
}

static int count_element(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	++*(unsigned *)arg;
	return 0;
}

static int list(struct sync_fixture *fixture)
{
	char etag[128] = "";
	unsigned count = 0;
	struct api_list_sink sink = {.begin = begin, .element = count_element, .arg = &count};
	int err = api_list(fixture->api, "contact", &sink, etag, NULL, NULL, &fixture->problem);
	assert_true(err < 0 || count == 2);
	return err;
}

static int get(struct sync_fixture *fixture)
{
	auto_buf struct buf record = BUF_INIT(10000);
	int err = api_get(fixture->api, "contact", "4", &record, NULL, &fixture->problem);
	assert_true(err < 0 ? record.len == 0 : strcmp(record.data, ANN) == 0);
	return err;
}

static int check(struct sync_fixture *fixture)
{
	char user[API_USER_SIZE];
	return api_check(fixture->api, user, &fixture->problem);
}

/* ---- reading ---- */

static int listing(struct sync_fixture *fixture)
{
	int err = read_listing(fixture);
	failing_disarm();
	if (err == 0)
		assert_listing_is(fixture->contact, "4 7");
	return err;
}

static int record(struct sync_fixture *fixture)
{
	int err = read_record(fixture, "4");
	if (err == 0)
		assert_slot_has(slot_of(fixture, "4"), ANN);
	return err;
}

static int start_and_stop(struct sync_fixture *fixture)
{
	struct sync *sync = sync_create(&(struct sync_config){
		.api = fixture->api, .store = fixture->store, .errors = &fixture->errors});
	sync_destroy(sync);
	if (!sync)
		problem_set(&fixture->problem, -ENOMEM, "out of memory");
	return sync ? 0 : -ENOMEM;
}

static const struct reading {
	const char *name;
	int (*read)(struct sync_fixture *fixture);
} readings[] = {
	{"api_list", list},
	{"api_get", get},
	{"api_check", check},
	{"sync_listing", listing},
	{"sync_record", record},
	{"sync_create", start_and_stop},
};

static bool try_read(void *arg, unsigned nth)
{
	const struct reading *reading = arg;
	struct sync_fixture *fixture = at_start();
	failing_arm(nth);
	int err = reading->read(fixture);
	bool has_failed = failing_disarm();
	assert_explained(fixture, err, has_failed);
	/* What failed just now is not asked for again at once. */
	if (err < 0)
		assert_int_equal(reading->read(fixture), 0);
	at_end(fixture);
	return has_failed;
}

static void test_read__fails_cleanly_when_memory_is_short(void **state)
{
	failing_each("api_create", try_api_create, NULL);
	for (size_t i = 0; i < array_size(readings); i++) {
		struct reading reading = readings[i];
		failing_each(reading.name, try_read, &reading);
	}
}

/* ---- writing ---- */

static int save(struct sync_fixture *fixture, struct record *base)
{
	auto_record struct record *saved = NULL;
	fixture->problem = (struct problem){.http_status = 0};
	int err = sync_save(fixture->sync, slot_of(fixture, "4"), base, slice(OSLO), NULL, &saved,
		&fixture->problem);
	assert_int_equal(err < 0, saved == NULL);
	return err;
}

static bool server_has(struct sync_fixture *fixture, const char *id, const char *words)
{
	auto_free char *text = crm_text(fixture->crm, "contact", id);
	return strstr(text, words);
}

/*
 * What was written, and what the server made of it. That the record is asked for again, where the
 * answer does not say all of it, is no part of the success.
 */
static void assert_store_has(
	struct sync_fixture *fixture, struct slot *slot, const char *words, bool has_failed)
{
	auto_record struct record *record = store_take(slot);
	assert_non_null(record);
	assert_non_null(memmem(record->text, record->len, words, strlen(words)));
	if (!has_failed)
		check_truth(fixture, slot, words);
}

static bool try_save(void *arg, unsigned nth)
{
	const struct crm_manner *manner = arg;
	struct sync_fixture *fixture = at_start();
	crm_set_manner(fixture->crm, CRM_PUT, *manner);
	assert_int_equal(read_listing(fixture), 0);
	auto_record struct record *base = store_take(slot_of(fixture, "4"));

	failing_arm(nth);
	int err = save(fixture, base);
	bool has_failed = failing_disarm();
	assert_explained(fixture, err, has_failed);
	bool is_there = server_has(fixture, "4", "Oslo");
	if (err == 0 || !is_there)
		assert_true(is_there == (err == 0));
	else if (!fixture->problem.maybe_applied)
		fail_msg("allocation %u: saved, but: %s", nth, fixture->problem.message);
	assert_true(crm_count(fixture->crm, CRM_PUT) <= 1);
	if (err < 0)
		assert_int_equal(save(fixture, base), 0);
	assert_true(server_has(fixture, "4", "Oslo"));
	assert_store_has(fixture, slot_of(fixture, "4"), "Oslo", has_failed);
	at_end(fixture);
	return has_failed;
}

static void test_save__tells_the_truth_when_memory_is_short(void **state)
{
	struct crm_manner whole = {.answer = CRM_WHOLE}, partial = {.answer = CRM_ID};
	failing_each("a save", try_save, &whole);
	failing_each("a save with a partial answer", try_save, &partial);
}

static bool try_new(void *arg, unsigned nth)
{
	const struct crm_manner *manner = arg;
	struct sync_fixture *fixture = at_start();
	struct slot *slot = NULL;
	crm_set_manner(fixture->crm, CRM_POST, *manner);

	failing_arm(nth);
	int err = create(fixture, EVE, &slot);
	bool has_failed = failing_disarm();
	assert_explained(fixture, err, has_failed);
	assert_int_equal(err < 0, slot == NULL);
	unsigned posts = crm_count(fixture->crm, CRM_POST);
	assert_true(posts <= 1);
	if (slot)
		assert_store_has(fixture, slot, "Eve", has_failed);
	else if (posts == 1 && !fixture->problem.maybe_applied)
		fail_msg("allocation %u: created, but: %s", nth, fixture->problem.message);
	at_end(fixture);
	return has_failed;
}

static void test_create__tells_the_truth_when_memory_is_short(void **state)
{
	struct crm_manner whole = {.answer = CRM_WHOLE}, partial = {.answer = CRM_ID},
			  lost = {.answer = CRM_LOST};
	failing_each("a create", try_new, &whole);
	failing_each("a create with a partial answer", try_new, &partial);
	failing_each("a create without an answer", try_new, &lost);
}

static bool try_delete(void *arg, unsigned nth)
{
	struct sync_fixture *fixture = at_start();
	assert_int_equal(read_listing(fixture), 0);
	struct slot *slot = slot_of(fixture, "4");

	failing_arm(nth);
	int err = sync_delete(fixture->sync, slot, &fixture->problem);
	bool has_failed = failing_disarm();
	assert_explained(fixture, err, has_failed);
	bool is_there = server_has(fixture, "4", "Ann");
	assert_true(err < 0 || !is_there);
	assert_true(is_there || err == 0 || fixture->problem.maybe_applied);
	if (err < 0)
		assert_int_equal(sync_delete(fixture->sync, slot, &fixture->problem), 0);
	assert_slot_has(slot, NULL);
	at_end(fixture);
	return has_failed;
}

static void test_delete__tells_the_truth_when_memory_is_short(void **state)
{
	failing_each("a delete", try_delete, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read__fails_cleanly_when_memory_is_short),
		cmocka_unit_test(test_save__tells_the_truth_when_memory_is_short),
		cmocka_unit_test(test_create__tells_the_truth_when_memory_is_short),
		cmocka_unit_test(test_delete__tells_the_truth_when_memory_is_short),
	};
	return cmocka_run_group_tests(tests, start_curl, stop_curl);
}
