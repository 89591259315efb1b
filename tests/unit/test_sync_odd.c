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

static void test_listing__most_of_which_is_unusable_is_an_error(void **state)
{
	static const char *const texts[] = {"1", "{\"fn\":\"no id\"}", "null, [], \"4\"",
		"{\"id\":null}, {\"id\":\"\"}",
		"{\"id\":9}, {\"fn\":\"no id\"}, {\"fn\":\"nor here\"}"};
	for (size_t i = 0; i < array_size(texts); i++) {
		struct sync_fixture fixture;
		start_sync(&fixture, 0);
		assert_int_equal(read_listing(&fixture), 0);
		crm_put(fixture.crm, "contact", "4", NULL);
		crm_put(fixture.crm, "contact", "7", texts[i]);
		assert_int_equal(read_listing(&fixture), 0);
		assert_listing_is(fixture.contact, "4 7");
		assert_non_null(strstr(fixture.errors.lines.data, "of them are no records"));
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

static void test_listing__without_end_is_called_off(void **state)
{
	struct sync_fixture fixture;
	auto_buf struct buf flood = BUF_INIT(1 << 20);
	start_sync(&fixture, 0);
	assert_int_equal(read_listing(&fixture), 0);
	for (int i = 0; i < 150000; i++)
		assert_int_equal(buf_add_str(&flood, i ? ",1" : "1"), 0);
	crm_put(fixture.crm, "contact", "7", flood.data);
	assert_int_equal(read_listing(&fixture), 0);
	assert_listing_is(fixture.contact, "4 7");
	assert_non_null(strstr(fixture.errors.lines.data, "100001 of its first 100002 are none"));
	stop_sync(&fixture);
}

/* Appends a property of so many "ü". */
static void add_long_text(struct buf *out, size_t count)
{
	assert_int_equal(buf_reserve(out, 2 * count + 20), 0);
	assert_int_equal(buf_add_str(out, "\"long\":\""), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(buf_add(out, "\xc3\xbc", 2), 0);
	assert_int_equal(buf_add_str(out, "\""), 0);
}

/* 6 MiB as a person saves them are 18 MiB as the server may write them. */
static void test_long__record_that_the_server_spells_in_escapes(void **state)
{
	struct sync_fixture fixture;
	auto_buf struct buf text = BUF_INIT(RECORD_MAX_BYTES);
	auto_record struct record *saved = NULL;
	start_sync(&fixture, LONG_TTL_MS);
	for (int verb = 0; verb < CRM_VERBS; verb++)
		crm_set_manner(
			fixture.crm, (enum crm_verb)verb, (struct crm_manner){.escapes = true});
	assert_int_equal(read_record(&fixture, "4"), 0);
	struct slot *slot = slot_of(&fixture, "4");
	auto_record struct record *base = store_take(slot);
	assert_int_equal(buf_add_str(&text, "{\"id\":4,"), 0);
	add_long_text(&text, 3 << 20);
	assert_int_equal(buf_add_str(&text, "}"), 0);

	int err = sync_save(fixture.sync, slot, base,
		(struct json_slice){.data = text.data, .len = text.len}, NULL, &saved,
		&fixture.problem);
	if (err < 0)
		fail_msg("%s: %s", problem_errno_name(err), fixture.problem.message);
	assert_true(saved->len > RECORD_MAX_BYTES && saved->file_size < saved->len);
	store_expire_all(fixture.store);
	assert_int_equal(read_record(&fixture, "4"), 0);
	assert_int_equal(read_listing(&fixture), 0);
	assert_listing_is(fixture.contact, "4 7");
	assert_int_equal(fixture.errors.lines.len, 0);
	auto_record struct record *known = store_take(slot);
	assert_int_equal(known->len, saved->len);
	stop_sync(&fixture);
}

/* Together they would be more than a person may save. */
static void test_long__record_is_not_made_longer_than_16_mib(void **state)
{
	struct sync_fixture fixture;
	auto_buf struct buf text = BUF_INIT(RECORD_MAX_BYTES);
	struct record *saved = NULL;
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(buf_add_str(&text, "{\"id\":4,"), 0);
	add_long_text(&text, 5 << 20);
	assert_int_equal(buf_add_str(&text, "}"), 0);
	crm_put(fixture.crm, "contact", "4", text.data);
	assert_int_equal(read_record(&fixture, "4"), 0);
	struct slot *slot = slot_of(&fixture, "4");
	auto_record struct record *base = store_take(slot);
	memcpy(strstr(text.data, "long"), "more", 4);
	assert_int_equal(sync_save(fixture.sync, slot, base,
				 (struct json_slice){.data = text.data, .len = text.len}, NULL,
				 &saved, &fixture.problem),
		-EFBIG);
	assert_int_equal(crm_count(fixture.crm, CRM_PUT), 0);
	stop_sync(&fixture);
}

/* One that is longer than any record may be does not take the others with it. */
static void test_long__record_is_left_out_of_its_list(void **state)
{
	struct sync_fixture fixture;
	auto_buf struct buf text = BUF_INIT(2 * API_MAX_RECORD);
	start_sync(&fixture, LONG_TTL_MS);
	assert_int_equal(buf_add_str(&text, "{\"id\":5,"), 0);
	add_long_text(&text, API_MAX_RECORD / 2);
	assert_int_equal(buf_add_str(&text, "}"), 0);
	crm_put(fixture.crm, "contact", "5", text.data);
	crm_put(fixture.crm, "contact", "9", "{\"id\":9}");
	assert_int_equal(read_listing(&fixture), 0);
	assert_listing_is(fixture.contact, "4 7 9");
	assert_non_null(strstr(fixture.errors.lines.data, "list contact: left out 1 records that"));
	/* By itself it is no record that was deleted. */
	store_expire_all(fixture.store);
	assert_int_equal(read_record(&fixture, "5"), -EIO);
	stop_sync(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listing__ignores_odd_elements_and_says_so),
		cmocka_unit_test(test_listing__without_end_is_called_off),
		cmocka_unit_test(test_listing__most_of_which_is_unusable_is_an_error),
		cmocka_unit_test(test_long__record_that_the_server_spells_in_escapes),
		cmocka_unit_test(test_long__record_is_not_made_longer_than_16_mib),
		cmocka_unit_test(test_long__record_is_left_out_of_its_list),
	};
	http_global_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_cleanup();
	return failed;
}
