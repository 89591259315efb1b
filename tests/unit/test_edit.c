#include "edit.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SLICE(text) ((struct json_slice){.data = (text), .len = strlen(text)})
#define CONTACT \
	"{\"id\":4,\"fn\":\"Ann\",\"city\":null,\"notes\":[1,2],\"tags\":[\"a\"]," \
	"\"lm\":\"2017-04-23T12:23:22Z\",\"n\":1.0}"

/* ---- edit_check ---- */

static void test_check__judges_what_was_written(void **state)
{
	static const struct {
		const char *name, *text;
		int err;
		bool is_incomplete;
	} rows[] = {
		{"object", " {\"fn\": \"Ann\"}\n", 0, false},
		{"empty object", "{}", 0, false},
		{"nothing", "", -EINVAL, true},
		{"white space", " \n", -EINVAL, true},
		{"open object", "{\"fn\": \"Ann\",\n", -EINVAL, true},
		{"open string", "{\"fn\": \"An", -EINVAL, true},
		{"open escape", "{\"fn\": \"An\\u0", -EINVAL, true},
		{"array", "[{}]", -EINVAL, false},
		{"number", "4", -EINVAL, false},
		{"two objects", "{}{}", -EINVAL, false},
		{"duplicate", "{\"a\":1,\"\\u0061\":2}", -EINVAL, false},
		{"duplicate inside", "{\"x\":[{\"a\":1,\"a\":1}]}", -EINVAL, false},
		{"not UTF-8", "{\"a\":\"\xe9\"}", -EINVAL, false},
		{"byte order mark", "\xef\xbb\xbf{}", -EINVAL, false},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct problem problem = {.http_status = 0};
		struct edit edit = {.text.data = NULL};
		bool is_incomplete = !rows[i].is_incomplete;
		size_t len = strlen(rows[i].text);
		int err = edit_check(rows[i].text, len, &edit, &is_incomplete, &problem);
		if (err != rows[i].err || is_incomplete != rows[i].is_incomplete ||
			(err == 0) != (problem.message[0] == '\0'))
			fail_msg("%s: %d, %d, '%s'", rows[i].name, err, is_incomplete,
				problem.message);
		if (err == 0)
			assert_ptr_equal(edit.text.data, rows[i].text);
	}
}

static void test_check__tells_where_it_is_wrong(void **state)
{
	static const char text[] = "{\n  \"fn\": \"Zoë\", oops\n}\n";
	struct problem problem = {.http_status = 0};
	struct edit edit;
	bool is_incomplete;
	assert_int_equal(edit_check(text, strlen(text), &edit, &is_incomplete, &problem), -EINVAL);
	assert_memory_equal(problem.message, "line 2, column 16: ", 19);
}

static void test_check__refuses_more_than_a_record_may_hold(void **state)
{
	struct problem problem = {.http_status = 0};
	struct edit edit;
	bool is_incomplete = true;
	auto_buf struct buf text = BUF_INIT(2 * RECORD_MAX_BYTES);
	assert_int_equal(buf_resize(&text, RECORD_MAX_BYTES + 1), 0);
	memset(text.data, ' ', text.len);
	memcpy(text.data, "{}", 2);
	assert_int_equal(edit_check(text.data, text.len, &edit, &is_incomplete, &problem), -EFBIG);
	assert_false(is_incomplete);
	assert_int_equal(edit_check(text.data, text.len - 1, &edit, &is_incomplete, &problem), 0);
}

/* ---- edit_changes ---- */

static void test_changes__are_what_a_put_has_to_say(void **state)
{
	static const struct {
		const char *name, *text;
		int err;
		const char *body; /* "{}": nothing to send */
	} rows[] = {
		{"the same", CONTACT, 0, "{}"},
		{"the same, laid out anew", "{ \"n\" : 1.0, \"fn\" : \"\\u0041nn\" }", 0, "{}"},
		{"one property", "{\"fn\":\"Bob\"}", 0, "{\"fn\":\"Bob\"}"},
		{"a new one", "{\"title\":\"Dr\"}", 0, "{\"title\":\"Dr\"}"},
		{"left out", "{}", 0, "{}"},
		{"cleared", "{\"fn\":null}", 0, "{\"fn\":null}"},
		{"cleared what had no value", "{\"title\":null,\"city\":null}", 0, "{}"},
		{"other digits", "{\"n\":1}", 0, "{}"},
		{"another number", "{\"n\":1.01}", 0, "{\"n\":1.01}"},
		{"order of a list", "{\"tags\":[\"b\",\"a\"]}", 0, "{\"tags\":[\"b\",\"a\"]}"},
		{"the id", "{\"id\":4}", 0, "{}"},
		{"the id as a string", "{\"id\":\"4\",\"fn\":\"Bob\"}", 0, "{\"fn\":\"Bob\"}"},
		{"another id", "{\"id\":5}", -EINVAL, NULL},
		{"no id", "{\"id\":null}", -EINVAL, NULL},
		{"an odd id", "{\"id\":[4]}", -EINVAL, NULL},
		{"read-only, the same", "{\"notes\":[1,2]}", 0, "{}"},
		{"read-only, changed", "{\"fn\":\"Bob\",\"notes\":[1]}", -EINVAL, NULL},
		{"read-only, cleared", "{\"notes\":null}", -EINVAL, NULL},
		{"read-only, new", "{\"userId\":1}", -EINVAL, NULL},
		{"read-only, escaped", "{\"not\\u0065s\":[]}", -EINVAL, NULL},
		{"older lm", "{\"lm\":\"2017-04-23T12:23:21Z\"}", 0, "{}"},
		{"older lm by its zone", "{\"lm\":\"2017-04-23T13:23:22+02:00\"}", 0, "{}"},
		{"older by a fraction", "{\"lm\":\"2017-04-23T12:23:21.999Z\"}", 0, "{}"},
		{"newer lm", "{\"lm\":\"2017-04-23T12:23:23Z\"}", -EINVAL, NULL},
		{"lm that is no date", "{\"lm\":\"old\"}", -EINVAL, NULL},
		{"older lm and more", "{\"lm\":\"2016-01-01\",\"fn\":\"Bob\"}", 0,
			"{\"fn\":\"Bob\"}"},
	};
	auto_record struct record *base = NULL;
	assert_int_equal(record_parse(CONTACT, strlen(CONTACT), &base), 0);
	for (size_t i = 0; i < array_size(rows); i++) {
		const struct edit edit = {.text = SLICE(rows[i].text)};
		struct json_changes changes = {.items = NULL};
		struct problem problem = {.http_status = 0};
		auto_buf struct buf body = BUF_INIT(1000);
		int err = edit_changes(
			&edit, resource_find("contact"), "4", 1, base, NULL, &changes, &problem);
		if (err != rows[i].err || (err < 0) != (problem.message[0] != '\0'))
			fail_msg("%s: %d '%s'", rows[i].name, err, problem.message);
		if (err < 0)
			continue;
		assert_int_equal(json_changes_write(&changes, &body), 0);
		if (strcmp(body.data, rows[i].body) != 0)
			fail_msg("%s: %s", rows[i].name, body.data);
		json_changes_release(&changes);
	}
}

/* One opened a version, another saved, the first read what that made of it, and saves. */
static void test_changes__are_not_what_was_read_of_the_newest_version(void **state)
{
	static const char newest_text[] = "{\"id\":4,\"fn\":\"Bob\",\"city\":\"Oslo\",\"notes\":[1,"
					  "2,3],\"lm\":\"2018-01-01T00:00:00Z\","
					  "\"n\":1.5}";
	static const struct {
		const char *name, *text;
		int err;
		const char *body;
	} rows[] = {
		{"the newest version's text", newest_text, 0, "{}"},
		{"and a change of his own",
			"{\"fn\":\"Bob\",\"city\":\"Rome\",\"notes\":[1,2,3],\"lm\":\"2018-01-"
			"01T00:00:00Z\"}",
			0, "{\"city\":\"Rome\"}"},
		{"spelt otherwise", "{\"n\":15e-1,\"city\":\"\\u004fslo\"}", 0, "{}"},
		{"gone in the newest", "{\"tags\":null}", 0, "{}"},
		{"as it was opened", "{\"fn\":\"Ann\",\"notes\":[1,2],\"n\":1}", 0, "{}"},
		{"lm in between", "{\"lm\":\"2017-12-31T00:00:00Z\"}", 0, "{}"},
		{"lm older than both", "{\"lm\":\"2016-12-31T00:00:00Z\"}", 0, "{}"},
		{"the newest lm, spelt otherwise", "{\"lm\":\"2018-01-01T01:00:00+01:00\"}", 0,
			"{}"},
		{"lm newer than both", "{\"lm\":\"2018-01-01T00:00:01Z\"}", -EINVAL, NULL},
		{"read-only, neither version's", "{\"notes\":[1,2,3,4]}", -EINVAL, NULL},
		{"read-only, cleared", "{\"fn\":\"Bob\",\"notes\":null}", -EINVAL, NULL},
		{"another id", "{\"id\":5}", -EINVAL, NULL},
	};
	auto_record struct record *base = NULL, *newest = NULL;
	assert_int_equal(record_parse(CONTACT, strlen(CONTACT), &base), 0);
	assert_int_equal(record_parse(newest_text, strlen(newest_text), &newest), 0);
	for (size_t i = 0; i < array_size(rows); i++) {
		const struct edit edit = {.text = SLICE(rows[i].text)};
		struct json_changes changes = {.items = NULL};
		struct problem problem = {.http_status = 0};
		auto_buf struct buf body = BUF_INIT(1000);
		int err = edit_changes(
			&edit, resource_find("contact"), "4", 1, base, newest, &changes, &problem);
		if (err != rows[i].err || (err < 0) != (problem.message[0] != '\0'))
			fail_msg("%s: %d '%s'", rows[i].name, err, problem.message);
		if (err < 0)
			continue;
		assert_int_equal(json_changes_write(&changes, &body), 0);
		if (strcmp(body.data, rows[i].body) != 0)
			fail_msg("%s: %s", rows[i].name, body.data);
		json_changes_release(&changes);
	}
}

static void test_changes__name_the_read_only_property(void **state)
{
	const struct edit edit = {.text = SLICE("{\"notes\":[]}")};
	struct json_changes changes;
	struct problem problem = {.http_status = 0};
	auto_record struct record *base = NULL;
	assert_int_equal(record_parse(CONTACT, strlen(CONTACT), &base), 0);
	assert_int_equal(edit_changes(&edit, resource_find("contact"), "4", 1, base, base, &changes,
				 &problem),
		-EINVAL);
	assert_non_null(strstr(problem.message, "\"notes\" is read-only"));
}

/* ---- edit_creation, edit_is_contained, edit_is_whole ---- */

static void test_creation__drops_what_the_server_decides(void **state)
{
	static const struct {
		const char *name, *resource, *text, *body;
	} rows[] = {
		{"nothing to drop", "contact", "{\"fn\":\"Ann\"}", "{\"fn\":\"Ann\"}"},
		{"made compact", "contact", "{\n  \"fn\": \"Ann\",\n  \"x\": [ 1 ]\n}\n",
			"{\"fn\":\"Ann\",\"x\":[1]}"},
		{"a copy", "contact",
			"{\"id\":4,\"fn\":\"Ann\",\"ao\":\"2017-01-01\",\"lm\":\"2017-01-01\","
			"\"userId\":1,"
			"\"notes\":[1],\"cases\":[]}",
			"{\"fn\":\"Ann\"}"},
		{"of its own resource", "case", "{\"notes\":[1],\"id\":9}", "{\"notes\":[1]}"},
		{"inside it stays", "contact", "{\"x\":{\"id\":1}}", "{\"x\":{\"id\":1}}"},
		{"nothing left", "contact", "{\"id\":4}", "{}"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		const struct edit edit = {.text = SLICE(rows[i].text)};
		auto_buf struct buf body = BUF_INIT(1000);
		assert_int_equal(edit_creation(&edit, resource_find(rows[i].resource), &body), 0);
		if (strcmp(body.data, rows[i].body) != 0)
			fail_msg("%s: %s", rows[i].name, body.data);
	}
}

static void test_contained__holds_each_property_against_the_record(void **state)
{
	static const struct {
		const char *name, *body, *record;
		bool wanted;
	} rows[] = {
		{"equal", "{\"a\":1}", "{\"a\":1}", true},
		{"more there", "{\"a\":1}", "{\"id\":7,\"b\":2,\"a\":1}", true},
		{"escapes", "{\"a\":\"\\u00eb\"}", "{\"a\":\"ë\"}", true},
		{"other value", "{\"a\":1}", "{\"a\":2}", false},
		{"missing", "{\"a\":1,\"b\":2}", "{\"a\":1}", false},
		{"null for nothing", "{\"a\":1,\"b\":null}", "{\"a\":1}", true},
		{"nothing sent", "{}", "{\"a\":1}", true},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		bool is_contained = !rows[i].wanted;
		assert_int_equal(edit_is_contained(
					 SLICE(rows[i].body), SLICE(rows[i].record), &is_contained),
			0);
		if (is_contained != rows[i].wanted)
			fail_msg("%s", rows[i].name);
	}
}

static void test_whole__names_all_that_was_known(void **state)
{
	static const struct {
		const char *name, *known, *answer;
		bool wanted;
	} rows[] = {
		{"equal", "{\"id\":4,\"a\":1}", "{\"id\":4,\"a\":1}", true},
		{"other values", "{\"id\":4,\"a\":1}", "{\"a\":2,\"id\":4}", true},
		{"more", "{\"a\":1}", "{\"a\":1,\"lm\":\"x\"}", true},
		{"id alone", "{\"id\":4,\"a\":1}", "{\"id\":4}", false},
		{"one missing", "{\"id\":4,\"a\":1,\"b\":2}", "{\"id\":4,\"a\":1}", false},
		{"set to null", "{\"id\":4,\"a\":1}", "{\"id\":4,\"a\":null}", true},
		{"null left out", "{\"id\":4,\"a\":null}", "{\"id\":4}", true},
		{"empty", "{\"a\":1}", "{}", false},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		if (edit_is_whole(SLICE(rows[i].known), SLICE(rows[i].answer)) != rows[i].wanted)
			fail_msg("%s", rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check__judges_what_was_written),
		cmocka_unit_test(test_check__tells_where_it_is_wrong),
		cmocka_unit_test(test_check__refuses_more_than_a_record_may_hold),
		cmocka_unit_test(test_changes__are_what_a_put_has_to_say),
		cmocka_unit_test(test_changes__are_not_what_was_read_of_the_newest_version),
		cmocka_unit_test(test_changes__name_the_read_only_property),
		cmocka_unit_test(test_creation__drops_what_the_server_decides),
		cmocka_unit_test(test_contained__holds_each_property_against_the_record),
		cmocka_unit_test(test_whole__names_all_that_was_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
