#include "error_line.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TIME "2026-11-24T09:30:00Z"

static void assert_slice(const char *name, struct json_slice slice, const char *expected)
{
	size_t len = expected ? strlen(expected) : 0;
	if (slice.len != len || (slice.data != NULL) != (expected != NULL) ||
		(expected && memcmp(slice.data, expected, len) != 0))
		fail_msg("%s: '%.*s'", name, (int)slice.len, slice.data ? slice.data : "(none)");
}

static void test_parse__takes_the_fields(void **state)
{
	static const struct {
		const char *rest, *operation, *path, *errno_name;
		int status;
		const char *message;
	} rows[] = {
		{"save contact/4.json EINVAL 400 There is no such city", "save", "contact/4.json",
			"EINVAL", 400, "There is no such city"},
		{"list contact EHOSTUNREACH - cannot reach 'x'", "list", "contact", "EHOSTUNREACH",
			0, "cannot reach 'x'"},
		{"save contact/my new one.json EIO 500 no", "save", "contact/my new one.json",
			"EIO", 500, "no"},
		{"save contact/a EIO.json EINVAL - no", "save", "contact/a EIO.json", "EINVAL", 0,
			"no"},
		{"save contact/4.json E2BIG - EIO 500", "save", "contact/4.json", "E2BIG", 0,
			"EIO 500"},
		{"save contact/4.json EIO -", "save", "contact/4.json", "EIO", 0, ""},
		{"list contact: left out 3 records", NULL, NULL, NULL, 0,
			"list contact: left out 3 records"},
		{"save contact/4.json EIO", NULL, NULL, NULL, 0, "save contact/4.json EIO"},
		{"save contact/4.json EIO 50 x", NULL, NULL, NULL, 0,
			"save contact/4.json EIO 50 x"},
		{"", NULL, NULL, NULL, 0, ""},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char line[200];
		struct error_line parsed;
		snprintf(line, sizeof line, TIME " %s", rows[i].rest);
		error_line_parse(line, strlen(line), &parsed);
		assert_slice(line, parsed.time, TIME);
		assert_slice(line, parsed.operation, rows[i].operation);
		assert_slice(line, parsed.path, rows[i].path);
		assert_slice(line, parsed.errno_name, rows[i].errno_name);
		assert_slice(line, parsed.message, rows[i].message);
		if (parsed.http_status != rows[i].status)
			fail_msg("%s: %d", line, parsed.http_status);
	}
}

static void test_parse__takes_any_text(void **state)
{
	static const char *const texts[] = {"", " ", "  ", "x", "x ", "x y", "x y z", "   E- -"};
	for (size_t i = 0; i < array_size(texts); i++) {
		struct error_line parsed;
		error_line_parse(texts[i], strlen(texts[i]), &parsed);
		assert_null(parsed.errno_name.data);
	}
}

static void test_last__counts_from_the_end(void **state)
{
	static const char text[] = "a\nb\nc\n";
	static const struct {
		unsigned long count;
		const char *rest;
	} rows[] = {
		{1, "c\n"}, {2, "b\nc\n"}, {3, "a\nb\nc\n"}, {4, "a\nb\nc\n"}, {0, "a\nb\nc\n"}};
	for (size_t i = 0; i < array_size(rows); i++)
		assert_string_equal(
			error_lines_last(text, strlen(text), rows[i].count), rows[i].rest);
	assert_string_equal(error_lines_last("", 0, 20), "");
}

static void test_find__finds_the_newest(void **state)
{
	static const char text[] =
		TIME " save contact/4.json EIO 500 first\n" TIME
		     " save contact/4.json EINVAL 400 second\n" TIME
		     " save contact/44.json EBUSY - other\n" TIME " list contact: x\n";
	struct error_line line;
	assert_true(error_lines_find(text, strlen(text), "contact/4.json", &line));
	assert_slice("found", line.message, "second");
	assert_true(error_lines_find(text, strlen(text), "contact/44.json", &line));
	assert_slice("found", line.errno_name, "EBUSY");
	assert_false(error_lines_find(text, strlen(text), "contact/5.json", &line));
	assert_false(error_lines_find(text, strlen(text), "contact", &line));
	assert_false(error_lines_find(text, strlen(text), "", &line));
	assert_false(error_lines_find("", 0, "contact", &line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse__takes_the_fields),
		cmocka_unit_test(test_parse__takes_any_text),
		cmocka_unit_test(test_last__counts_from_the_end),
		cmocka_unit_test(test_find__finds_the_newest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
