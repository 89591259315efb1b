#include "status_text.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char whole[] =
	"{\n"
	"  \"version\": \"0.1.0\", \"url\": \"https://www.clevertim.com/api\", \"uptime\": 75,\n"
	"  \"requests\": {\"GET\": {\"ok\": 7, \"refused\": 2, \"unanswered\": 1},\n"
	"    \"DELETE\": {\"ok\": 3}},\n"
	"  \"bytes_received\": 18446744073709551615,\n"
	"  \"resources\": {\n"
	"    \"contact\": {\"offered\": true, \"records\": 5, \"bytes\": 600, \"age\": 12,\n"
	"      \"last_error\": \"no \\\"way\\\"\",\n"
	"      \"loading\": {\"records\": 3, \"bytes\": 400, \"seconds\": 1.5}},\n"
	"    \"case\": {\"offered\": false, \"records\": 0, \"bytes\": 0, \"age\": null,\n"
	"      \"last_error\": null, \"loading\": null}\n"
	"  },\n"
	"  \"drafts\": {\"count\": 2, \"bytes\": 30}, \"trash\": {\"count\": 1, \"bytes\": 20}\n"
	"}\n";

static struct status parse(const char *text)
{
	struct status status;
	assert_int_equal(status_parse(text, strlen(text), &status), 0);
	return status;
}

static void test_parse__takes_all(void **state)
{
	auto_status struct status status = parse(whole);
	assert_string_equal(status.version, "0.1.0");
	assert_string_equal(status.url, "https://www.clevertim.com/api");
	assert_int_equal(status.uptime_s, 75);
	assert_int_equal(status.bytes_received, UINT64_MAX);
	assert_int_equal(status.requests[0].ok, 7);
	assert_int_equal(status.requests[0].refused, 2);
	assert_int_equal(status.requests[0].unanswered, 1);
	assert_int_equal(status.requests[3].ok, 3);
	assert_int_equal(status.drafts, 2);
	assert_int_equal(status.draft_bytes, 30);
	assert_int_equal(status.trash, 1);
	assert_int_equal(status.trash_bytes, 20);
}

static void test_parse__takes_resources_in_order(void **state)
{
	auto_status struct status status = parse(whole);
	assert_int_equal(status.resource_count, 2);
	const struct status_resource *contact = &status.resources[0];
	assert_string_equal(contact->name, "contact");
	assert_true(contact->is_offered);
	assert_int_equal(contact->records, 5);
	assert_int_equal(contact->bytes, 600);
	assert_int_equal(contact->age_s, 12);
	assert_string_equal(contact->last_error, "no \"way\"");
	assert_true(contact->is_loading);
	assert_int_equal(contact->loading_records, 3);
	assert_int_equal(contact->loading_bytes, 400);
	assert_int_equal(contact->loading_ms, 1500);
	const struct status_resource *cases = &status.resources[1];
	assert_string_equal(cases->name, "case");
	assert_false(cases->is_offered);
	assert_int_equal(cases->age_s, -1);
	assert_null(cases->last_error);
	assert_false(cases->is_loading);
	assert_ptr_equal(status_find(&status, "case"), cases);
	assert_null(status_find(&status, "cas"));
}

static void test_parse__takes_less(void **state)
{
	auto_status struct status status = parse("{\"resources\": {\"contact\": {}}, \"url\": 7,"
						 " \"requests\": [], \"uptime\": \"x\"}");
	assert_null(status.version);
	assert_null(status.url);
	assert_int_equal(status.uptime_s, 0);
	assert_int_equal(status.resource_count, 1);
	assert_true(status.resources[0].is_offered);
	assert_int_equal(status.resources[0].age_s, -1);
}

static void test_parse__takes_no_number_for_another(void **state)
{
	auto_status struct status status = parse(
		"{\"uptime\": -5, \"bytes_received\": -1, \"resources\": {"
		"\"a\": {\"age\": -7, \"records\": -1, \"loading\": {\"seconds\": 1e300}},"
		"\"b\": {\"age\": 99999999999999999999, \"loading\": {\"seconds\": -1e300}}}}");
	assert_int_equal(status.uptime_s, 0);
	assert_int_equal(status.bytes_received, 0);
	assert_int_equal(status.resources[0].age_s, -1);
	assert_int_equal(status.resources[0].records, 0);
	assert_true(status.resources[0].loading_ms == INT64_MAX);
	assert_true(status.resources[1].age_s == INT64_MAX);
	assert_int_equal(status.resources[1].loading_ms, 0);
}

static void test_parse__leaves_out_a_name_that_is_no_text(void **state)
{
	auto_status struct status status =
		parse("{\"resources\": {\"a\\uda00\": {}, \"note\": {\"records\": 2}}}");
	assert_int_equal(status.resource_count, 1);
	assert_string_equal(status.resources[0].name, "note");
	assert_int_equal(status.resources[0].records, 2);
}

static void test_parse__refuses_what_is_no_object(void **state)
{
	static const char *const texts[] = {"", "[]", "7", "{\"version\":", "x"};
	for (size_t i = 0; i < array_size(texts); i++) {
		struct status status;
		assert_int_equal(status_parse(texts[i], strlen(texts[i]), &status), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse__takes_all),
		cmocka_unit_test(test_parse__takes_resources_in_order),
		cmocka_unit_test(test_parse__takes_less),
		cmocka_unit_test(test_parse__takes_no_number_for_another),
		cmocka_unit_test(test_parse__leaves_out_a_name_that_is_no_text),
		cmocka_unit_test(test_parse__refuses_what_is_no_object),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
