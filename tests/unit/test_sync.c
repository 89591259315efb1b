#include "sync_fixture.h"

#include "clock.h"

/* ---- listings ---- */

static void test_listing__costs_one_request(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	assert_false(sync_listing_ready(fixture.contact));
	assert_int_equal(read_listing(&fixture), 0);
	assert_true(sync_listing_ready(fixture.contact));
	assert_int_equal(read_listing(&fixture), 0);
	assert_listing_is(fixture.contact, "4 7");
	/* Each record comes from it, and each absence. */
	assert_true(sync_record_ready(fixture.contact, "4", 1));
	assert_int_equal(read_record(&fixture, "4"), 0);
	assert_int_equal(read_record(&fixture, "5"), 0);
	assert_slot_has(slot_of(&fixture, "4"), ANN);
	assert_requests(&fixture, .lists = 1);
	stop_sync(&fixture);
}

static void test_listing__is_refreshed_when_stale(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, 0);
	assert_int_equal(read_listing(&fixture), 0);
	crm_put(fixture.crm, "contact", "4", NULL);
	crm_put(fixture.crm, "contact", "9", "{\"id\":9}");
	assert_int_equal(read_listing(&fixture), 0);
	assert_listing_is(fixture.contact, "7 9");
	assert_requests(&fixture, .lists = 2);
	stop_sync(&fixture);
}

static void test_listing__is_kept_at_a_304(void **state)
{
	struct sync_fixture fixture;
	struct api_stats stats;
	start_sync(&fixture, 0);
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.has_etag = true});
	assert_int_equal(read_listing(&fixture), 0);
	api_get_stats(fixture.api, &stats);
	uint64_t bytes = stats.bytes_received;
	assert_int_equal(read_listing(&fixture), 0);
	api_get_stats(fixture.api, &stats);
	assert_int_equal(stats.bytes_received, bytes);
	assert_listing_is(fixture.contact, "4 7");

	crm_put(fixture.crm, "contact", "4", NULL);
	assert_int_equal(read_listing(&fixture), 0);
	assert_listing_is(fixture.contact, "7");
	assert_requests(&fixture, .lists = 3);
	stop_sync(&fixture);
}

struct reader {
	struct sync_fixture *fixture;
	struct cancel cancel;
	const char *id; /* NULL: the listing */
	pthread_t thread;
	atomic_bool has_begun;
	int err;
	struct problem problem;
};

static void *read_in_thread(void *arg)
{
	struct reader *reader = arg;
	struct sync_fixture *fixture = reader->fixture;
	atomic_store(&reader->has_begun, true);
	reader->err = reader->id ? sync_record(fixture->sync, fixture->contact, reader->id,
					   strlen(reader->id), &reader->cancel, &reader->problem)
				 : sync_listing(fixture->sync, fixture->contact, &reader->cancel,
					   &reader->problem);
	return NULL;
}

static void begin_read(struct reader *reader, struct sync_fixture *fixture, const char *id)
{
	*reader = (struct reader){.fixture = fixture, .id = id, .err = 1};
	cancel_init(&reader->cancel);
	assert_int_equal(pthread_create(&reader->thread, NULL, read_in_thread, reader), 0);
}

static int end_read(struct reader *reader)
{
	pthread_join(reader->thread, NULL);
	cancel_release(&reader->cancel);
	return reader->err;
}

static void test_listing__is_one_request_for_many_readers(void **state)
{
	struct sync_fixture fixture;
	struct reader readers[8];
	start_sync(&fixture, LONG_TTL_MS);
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.holds = true});
	for (size_t i = 0; i < array_size(readers); i++)
		begin_read(&readers[i], &fixture, NULL);
	assert_true(crm_await(fixture.crm, CRM_LIST, 1));
	for (size_t i = 0; i < array_size(readers); i++) {
		while (!atomic_load(&readers[i].has_begun))
			poll(NULL, 0, 1);
	}
	/* That a thread waits for the fetch cannot be seen: a moment lets it get there. */
	poll(NULL, 0, 200);
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.holds = false});
	for (size_t i = 0; i < array_size(readers); i++)
		assert_int_equal(end_read(&readers[i]), 0);
	assert_requests(&fixture, .lists = 1);
	stop_sync(&fixture);
}

static void test_listing__that_was_never_read_fails(void **state)
{
	static const struct {
		struct crm_manner manner;
		int err;
	} rows[] = {
		{{.status = 400}, -EINVAL},
		{{.status = 401}, -EACCES},
		{{.status = 403}, -EACCES},
		{{.status = 405}, -EOPNOTSUPP},
		{{.status = 500}, -EIO},
		{{.answer = CRM_BROKEN}, -EIO},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct sync_fixture fixture;
		struct collection_stats stats;
		start_sync(&fixture, LONG_TTL_MS);
		crm_set_manner(fixture.crm, CRM_LIST, rows[i].manner);
		int err = read_listing(&fixture);
		if (err != rows[i].err || fixture.problem.message[0] == '\0')
			fail_msg("row %zu: %s '%s'", i, problem_errno_name(err),
				fixture.problem.message);
		assert_false(store_is_absent(fixture.contact));
		assert_false(sync_listing_ready(fixture.contact));
		store_get_stats(fixture.contact, &stats);
		assert_int_equal(stats.error, rows[i].err);
		assert_true(fixture.errors.lines.len > 0);

		/* And is asked for again at once. */
		crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.status = 0});
		assert_int_equal(read_listing(&fixture), 0);
		assert_listing_is(fixture.contact, "4 7");
		stop_sync(&fixture);
	}
}

static void test_listing__stays_when_it_cannot_be_refreshed(void **state)
{
	static const struct crm_manner manners[] = {
		{.status = 500}, {.status = 401}, {.status = 404}, {.answer = CRM_BROKEN}};
	for (size_t i = 0; i < array_size(manners); i++) {
		struct sync_fixture fixture;
		start_sync(&fixture, 0);
		assert_int_equal(read_listing(&fixture), 0);
		crm_put(fixture.crm, "contact", "9", "{\"id\":9}");
		crm_set_manner(fixture.crm, CRM_LIST, manners[i]);
		assert_int_equal(read_listing(&fixture), 0);
		assert_listing_is(fixture.contact, "4 7");
		assert_false(store_is_absent(fixture.contact));
		assert_requests(&fixture, .lists = 2);
		stop_sync(&fixture);
	}
}

/* Who reads on while the server fails does not ask it each time. */
static void test_listing__is_not_asked_for_again_right_after_a_failure(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, 0);
	assert_int_equal(read_listing(&fixture), 0);
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.status = 500});
	for (int i = 0; i < 5; i++)
		assert_int_equal(read_listing(&fixture), 0);
	assert_true(sync_listing_ready(fixture.contact));
	assert_requests(&fixture, .lists = 2);
	/* But who asks for a refresh means it. */
	store_expire_all(fixture.store);
	assert_false(sync_listing_ready(fixture.contact));
	assert_int_equal(read_listing(&fixture), 0);
	assert_requests(&fixture, .lists = 3);
	assert_listing_is(fixture.contact, "4 7");
	stop_sync(&fixture);
}

static void test_listing__that_is_late_is_served_as_it_was(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, 0);
	assert_int_equal(read_listing(&fixture), 0);
	crm_put(fixture.crm, "contact", "4", NULL);
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.holds = true});
	int64_t before = clock_ms();
	assert_int_equal(read_listing(&fixture), 0);
	assert_listing_is(fixture.contact, "4 7");
	/* The next one does not wait as long again: the fetch is the same. */
	assert_int_equal(read_listing(&fixture), 0);
	assert_true(clock_ms() - before < PATIENT_MS / 2);
	assert_requests(&fixture, .lists = 2);

	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.holds = false});
	int64_t until = clock_ms() + PATIENT_MS;
	struct slot *slot = slot_of(&fixture, "4");
	struct version_stat stat;
	while (store_stat(slot, &stat) && clock_ms() < until)
		poll(NULL, 0, 10);
	assert_listing_is(fixture.contact, "7");
	stop_sync(&fixture);
}

/* However long the server hangs: who has refreshed waits for one timeout. */
static void test_listing__that_was_refreshed_is_not_waited_for_for_ever(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(read_listing(&fixture), 0);
	start_verbs(&fixture, 50, true);
	store_expire_all(fixture.store);
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.holds = true});
	assert_int_equal(read_listing(&fixture), 0);
	assert_listing_is(fixture.contact, "4 7");
	assert_true(sync_listing_ready(fixture.contact));
	assert_requests(&fixture, .lists = 2);
	stop_sync(&fixture);
}

/* That there was none is known, if not for sure: who creates one would wait in vain. */
static void test_record__that_was_not_there_is_not_waited_for(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, 0);
	assert_int_equal(read_listing(&fixture), 0);
	crm_set_manner(fixture.crm, CRM_GET, (struct crm_manner){.holds = true});
	int64_t before = clock_ms();
	assert_int_equal(read_record(&fixture, "new"), 0);
	assert_null(slot_of(&fixture, "new"));
	assert_true(sync_record_ready(fixture.contact, "other", 5));
	assert_true(clock_ms() - before < PATIENT_MS / 2);
	assert_requests(&fixture, .lists = 1, .gets = 1);
	stop_sync(&fixture);
}

/* ---- single records ---- */

static void test_record__costs_one_small_request(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	assert_false(sync_record_ready(fixture.contact, "4", 1));
	assert_int_equal(read_record(&fixture, "4"), 0);
	assert_slot_has(slot_of(&fixture, "4"), ANN);
	assert_true(sync_record_ready(fixture.contact, "4", 1));
	assert_true(sync_slot_ready(slot_of(&fixture, "4")));
	assert_int_equal(read_record(&fixture, "4"), 0);
	assert_requests(&fixture, .gets = 1);
	store_expire_slot(slot_of(&fixture, "4"));
	assert_false(sync_slot_ready(slot_of(&fixture, "4")));
	stop_sync(&fixture);
}

static void test_record__is_not_there(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(read_record(&fixture, "5"), -ENOENT);
	/* Unheard of: no slot is made for it, so that guesses cost no memory. */
	assert_null(slot_of(&fixture, "5"));
	assert_int_equal(fixture.errors.lines.len, 0);
	stop_sync(&fixture);
}

static void test_record__that_was_deleted_goes(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, 0);
	assert_int_equal(read_record(&fixture, "4"), 0);
	crm_put(fixture.crm, "contact", "4", NULL);
	assert_int_equal(read_record(&fixture, "4"), -ENOENT);
	assert_slot_has(slot_of(&fixture, "4"), NULL);
	stop_sync(&fixture);
}

static void test_record__stays_when_it_cannot_be_refreshed(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, 0);
	assert_int_equal(read_record(&fixture, "4"), 0);
	crm_set_manner(fixture.crm, CRM_GET, (struct crm_manner){.status = 500});
	assert_int_equal(read_record(&fixture, "4"), 0);
	assert_slot_has(slot_of(&fixture, "4"), ANN);
	/* What was never read fails. */
	assert_int_equal(read_record(&fixture, "7"), -EIO);
	assert_non_null(strstr(fixture.errors.lines.data, "contact/7.json"));
	stop_sync(&fixture);
}

static void test_record__takes_the_element_with_its_id(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	crm_put(fixture.crm, "contact", "4", "{\"id\":5}, " ANN);
	assert_int_equal(read_record(&fixture, "4"), 0);
	assert_slot_has(slot_of(&fixture, "4"), ANN);
	assert_null(slot_of(&fixture, "5"));
	stop_sync(&fixture);
}

/* `grep` over a directory that nobody listed: the collection comes after a few. */
static void test_record__is_fetched_with_all_others_after_many(void **state)
{
	enum { MANY = 30 };
	struct sync_fixture fixture;
	char id[20], text[40];
	start_sync(&fixture, LONG_TTL_MS);
	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof id, "%d", 1000 + i);
		snprintf(text, sizeof text, "{\"id\":%s}", id);
		crm_put(fixture.crm, "contact", id, text);
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof id, "%d", 1000 + i);
		assert_int_equal(read_record(&fixture, id), 0);
		assert_non_null(slot_of(&fixture, id));
	}
	assert_requests(&fixture, .lists = 1, .gets = 8);
	stop_sync(&fixture);
}

static void test_record__of_what_has_no_address_comes_by_the_listing(void **state)
{
	struct sync_fixture fixture;
	start_sync(&fixture, LONG_TTL_MS);
	crm_put(fixture.crm, "user", "3", "{\"id\":3}");
	struct collection *user = store_collection(fixture.store, "user");
	assert_int_equal(read_record_of(&fixture, user, "3"), 0);
	assert_slot_has(store_find(user, "3", 1), "{\"id\":3}");
	assert_int_equal(read_record_of(&fixture, user, "4"), 0);
	assert_null(store_find(user, "4", 1));
	assert_requests(&fixture, .lists = 1);
	/* "." would be a step in the URL's path. */
	crm_put(fixture.crm, "contact", ".", "{\"id\":\".\"}");
	assert_int_equal(read_record(&fixture, "."), 0);
	assert_slot_has(slot_of(&fixture, "."), "{\"id\":\".\"}");
	assert_requests(&fixture, .lists = 2);
	stop_sync(&fixture);
}

static void test_record__comes_by_the_listing_where_the_server_gives_no_single_ones(void **state)
{
	static const struct {
		const char *resource;
		int status;
		int err;
		unsigned lists;
	} rows[] = {
		{"customfield", 404, 0, 1},
		{"customfield", 405, 0, 1},
		{"contact", 501, 0, 1},
		{"contact", 405, 0, 1},
		{"contact", 400, 0, 1},
		{"contact", 404, -ENOENT, 0},
		{"contact", 500, -EIO, 0},
		{"contact", 403, -EACCES, 0},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct sync_fixture fixture;
		start_sync(&fixture, LONG_TTL_MS);
		crm_put(fixture.crm, rows[i].resource, "3", "{\"id\":3}");
		crm_set_manner(fixture.crm, CRM_GET, (struct crm_manner){.status = rows[i].status});
		struct collection *collection = store_collection(fixture.store, rows[i].resource);
		int err = read_record_of(&fixture, collection, "3");
		if (err != rows[i].err || crm_count(fixture.crm, CRM_LIST) != rows[i].lists)
			fail_msg("%s %d: %s, %u lists", rows[i].resource, rows[i].status,
				problem_errno_name(err), crm_count(fixture.crm, CRM_LIST));
		if (err == 0)
			assert_slot_has(store_find(collection, "3", 1), "{\"id\":3}");
		stop_sync(&fixture);
	}
}

/* ---- calling off ---- */

static void test_cancel__ends_the_wait(void **state)
{
	static const char *const ids[] = {NULL, "4"};
	for (size_t i = 0; i < array_size(ids); i++) {
		struct sync_fixture fixture;
		struct reader reader;
		enum crm_verb verb = ids[i] ? CRM_GET : CRM_LIST;
		start_sync(&fixture, LONG_TTL_MS);
		crm_set_manner(fixture.crm, verb, (struct crm_manner){.holds = true});
		begin_read(&reader, &fixture, ids[i]);
		assert_true(crm_await(fixture.crm, verb, 1));
		cancel_set(&reader.cancel);
		assert_int_equal(end_read(&reader), -EINTR);
		/* Nobody's failure. */
		int64_t since_ms;
		assert_int_equal(store_outcome(fixture.contact, &since_ms), 0);
		crm_set_manner(fixture.crm, verb, (struct crm_manner){.holds = false});
		assert_int_equal(
			ids[i] ? read_record(&fixture, ids[i]) : read_listing(&fixture), 0);
		stop_sync(&fixture);
	}
}

static void test_stop__ends_all_waits(void **state)
{
	struct sync_fixture fixture;
	struct reader listing, record;
	start_sync(&fixture, LONG_TTL_MS);
	crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.holds = true});
	crm_set_manner(fixture.crm, CRM_GET, (struct crm_manner){.holds = true});
	begin_read(&listing, &fixture, NULL);
	begin_read(&record, &fixture, "4");
	assert_true(crm_await(fixture.crm, CRM_LIST, 1));
	assert_true(crm_await(fixture.crm, CRM_GET, 1));
	sync_stop(fixture.sync);
	assert_int_equal(end_read(&listing), -ECANCELED);
	assert_int_equal(end_read(&record), -ECANCELED);
	stop_sync(&fixture);
}

/* A fetch of a record that waits for the listing is called off as any other. */
static void test_cancel__ends_the_wait_for_a_listing_that_decides(void **state)
{
	for (int by_stop = 0; by_stop < 2; by_stop++) {
		struct sync_fixture fixture;
		struct reader reader;
		start_sync(&fixture, LONG_TTL_MS);
		crm_set_manner(fixture.crm, CRM_GET, (struct crm_manner){.status = 405});
		crm_set_manner(fixture.crm, CRM_LIST, (struct crm_manner){.holds = true});
		begin_read(&reader, &fixture, "4");
		assert_true(crm_await(fixture.crm, CRM_LIST, 1));
		if (by_stop)
			sync_stop(fixture.sync);
		else
			cancel_set(&reader.cancel);
		assert_int_equal(end_read(&reader), by_stop ? -ECANCELED : -EINTR);
		stop_sync(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listing__costs_one_request),
		cmocka_unit_test(test_listing__is_refreshed_when_stale),
		cmocka_unit_test(test_listing__is_kept_at_a_304),
		cmocka_unit_test(test_listing__is_one_request_for_many_readers),
		cmocka_unit_test(test_listing__that_was_never_read_fails),
		cmocka_unit_test(test_listing__stays_when_it_cannot_be_refreshed),
		cmocka_unit_test(test_listing__is_not_asked_for_again_right_after_a_failure),
		cmocka_unit_test(test_listing__that_is_late_is_served_as_it_was),
		cmocka_unit_test(test_listing__that_was_refreshed_is_not_waited_for_for_ever),
		cmocka_unit_test(test_record__that_was_not_there_is_not_waited_for),
		cmocka_unit_test(test_record__costs_one_small_request),
		cmocka_unit_test(test_record__is_not_there),
		cmocka_unit_test(test_record__that_was_deleted_goes),
		cmocka_unit_test(test_record__stays_when_it_cannot_be_refreshed),
		cmocka_unit_test(test_record__takes_the_element_with_its_id),
		cmocka_unit_test(test_record__is_fetched_with_all_others_after_many),
		cmocka_unit_test(test_record__of_what_has_no_address_comes_by_the_listing),
		cmocka_unit_test(
			test_record__comes_by_the_listing_where_the_server_gives_no_single_ones),
		cmocka_unit_test(test_cancel__ends_the_wait),
		cmocka_unit_test(test_stop__ends_all_waits),
		cmocka_unit_test(test_cancel__ends_the_wait_for_a_listing_that_decides),
	};
	http_global_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_cleanup();
	return failed;
}
