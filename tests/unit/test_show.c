#include "show.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <locale.h>

#define REPLACEMENT "\xef\xbf\xbd"

static const struct {
	const char *name, *text, *shown, *json;
	size_t width; /* of what is shown */
} rows[] = {
	{"plain", "Ada", "Ada", "\"Ada\"", 3},
	{"not ASCII", "Zo\xc3\xab", "Zo\xc3\xab", "\"Zo\xc3\xab\"", 3},
	{"wide", "\xe6\x9d\xb1\xe4\xba\xac", "\xe6\x9d\xb1\xe4\xba\xac",
		"\"\xe6\x9d\xb1\xe4\xba\xac\"", 4},
	{"combining", "e\xcc\x81", "e\xcc\x81", "\"e\xcc\x81\"", 1},
	{"quotes", "a\"b\\c", "a\"b\\c", "\"a\\\"b\\\\c\"", 5},
	{"lines", "a\r\n\tb", "a   b", "\"a\\u000d\\u000a\\u0009b\"", 5},
	{"a colour", "\033[31mred", " [31mred", "\"\\u001b[31mred\"", 8},
	{"DEL", "a\x7f", "a ", "\"a\\u007f\"", 2},
	{"C1",
		"a\xc2\x9b"
		"31m",
		"a 31m", "\"a\\u009b31m\"", 5},
	{"turned about",
		"a\xe2\x80\xae"
		"b",
		"a b", "\"a\\u202eb\"", 3},
	{"no UTF-8",
		"a\xff"
		"b",
		"a" REPLACEMENT "b", "\"a" REPLACEMENT "b\"", 3},
	{"cut short", "a\xc3", "a" REPLACEMENT, "\"a" REPLACEMENT "\"", 2},
};

static void test_show__is_safe(void **state)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_buf struct buf out = BUF_INIT(100);
		assert_int_equal(show_add(&out, rows[i].text, strlen(rows[i].text)), 0);
		if (strcmp(out.data, rows[i].shown) != 0)
			fail_msg("%s: '%s'", rows[i].name, out.data);
		if (show_width(out.data) != rows[i].width)
			fail_msg("%s: %zu columns", rows[i].name, show_width(out.data));
	}
}

static void test_show__escapes_in_json(void **state)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		auto_buf struct buf out = BUF_INIT(100);
		assert_int_equal(show_add_json(&out, rows[i].text, strlen(rows[i].text)), 0);
		if (strcmp(out.data, rows[i].json) != 0)
			fail_msg("%s: '%s'", rows[i].name, out.data);
	}
}

static void test_show__takes_nul_as_any_other(void **state)
{
	auto_buf struct buf out = BUF_INIT(100), json = BUF_INIT(100);
	assert_int_equal(show_add(&out, "a\0b", 3), 0);
	assert_string_equal(out.data, "a b");
	assert_int_equal(show_add_json(&json, "a\0b", 3), 0);
	assert_string_equal(json.data, "\"a\\u0000b\"");
}

static void test_show__ends_where_there_is_no_room(void **state)
{
	auto_buf struct buf out = BUF_INIT(2);
	assert_int_equal(show_add(&out, "abc", 3), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_show__is_safe),
		cmocka_unit_test(test_show__escapes_in_json),
		cmocka_unit_test(test_show__takes_nul_as_any_other),
		cmocka_unit_test(test_show__ends_where_there_is_no_room),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
