#include "problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void test_problem_one_line__makes_text_safe(void **state)
{
	static const struct {
		const char *name, *text, *line;
	} rows[] = {
		{"plain", "city is wrong", "city is wrong"},
		{"empty", "", ""},
		{"lines", "a\nb\r\nc\td", "a b  c d"},
		{"terminal escapes", "\x1b[31mred\x07\x7f", " [31mred  "},
		{"controls of Latin-1", "w\xc2\x80x\xc2\x9fy\xc2\xa0z", "w x y\xc2\xa0z"},
		{"two, three and four bytes", "Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80",
			"Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80"},
		{"marks of direction",
			"a\xd8\x9c"
			"b\xe2\x80\x8e"
			"c\xe2\x80\x8f"
			"d",
			"a b c d"},
		{"embeddings and overrides",
			"a\xe2\x80\xaa"
			"b\xe2\x80\xae"
			"c",
			"a b c"},
		{"isolates",
			"a\xe2\x81\xa6"
			"b\xe2\x81\xa9"
			"c",
			"a b c"},
		{"their neighbours", "\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa\xe2\x80\x8d",
			"\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa\xe2\x80\x8d"},
		{"line ends of Unicode",
			"a\xe2\x80\xa8"
			"b\xe2\x80\xa9"
			"c",
			"a b c"},
		{"Latin-1", "Zo\xeb M", "Zo M"},
		{"a lone continuation", "x\x80\xbfy", "xy"},
		{"cut at the end", "x\xe2\x82", "x"},
		{"cut in the middle", "x\xe2\x82y", "xy"},
		{"over-long slash", "w\xc0\xafx\xe0\x80\xafy\xf0\x80\x80\xafz", "wxyz"},
		{"over-long newline", "x\xc0\x8ay", "xy"},
		{"a surrogate", "x\xed\xa0\x80y", "xy"},
		{"beyond Unicode", "x\xf4\x90\x80\x80y\xf8\x88\x80\x80\x80z\xff", "xyz"},
		{"the ends of ranges",
			"\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf",
			"\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char line[100];
		print_message("row '%s'\n", rows[i].name);
		problem_one_line(rows[i].text, strlen(rows[i].text), line, sizeof line);
		assert_string_equal(line, rows[i].line);
	}
}

static void test_problem_one_line__takes_nul_for_a_control(void **state)
{
	char line[10];
	problem_one_line("a\0b", 3, line, sizeof line);
	assert_string_equal(line, "a b");
}

static void test_problem_one_line__cuts_between_characters(void **state)
{
	static const char *const lines[] = {"", "x", "x", "x", "x\xe2\x82\xac", "x\xe2\x82\xacy"};
	for (size_t i = 0; i < array_size(lines); i++) {
		char line[8] = "zzzzzzz";
		problem_one_line("x\xe2\x82\xacy", 5, line, i + 1);
		assert_string_equal(line, lines[i]);
		assert_int_equal(line[i + 1], 'z');
	}
}

static void test_problem_set__keeps_what_is_known(void **state)
{
	struct problem problem = {.http_status = 503, .maybe_applied = true};
	assert_int_equal(problem_set(&problem, -EIO, "no '%s'\n(%d)", "answer", 3), -EIO);
	assert_string_equal(problem.message, "no 'answer' (3)");
	assert_int_equal(problem.http_status, 503);
	assert_true(problem.maybe_applied);
}

static void test_problem_set__takes_its_own_message_as_argument(void **state)
{
	struct problem problem = {0};
	assert_int_equal(problem_set(&problem, -EIO, "inner"), -EIO);
	assert_int_equal(problem_set(&problem, -EBUSY, "outer: %s", problem.message), -EBUSY);
	assert_string_equal(problem.message, "outer: inner");
}

static void test_problem_set__cuts_a_long_message(void **state)
{
	struct problem problem = {0};
	char euros[3 * 500 + 1];
	for (size_t i = 0; i + 3 < sizeof euros; i += 3)
		memcpy(euros + i, "\xe2\x82\xac", 4);
	assert_int_equal(problem_set(&problem, -EIO, "%s", euros), -EIO);
	assert_int_equal(strlen(problem.message), sizeof problem.message - 1);
	assert_memory_equal(problem.message + sizeof problem.message - 4, "\xe2\x82\xac", 4);
}

static void test_problem_errno_name__names_each_of_the_contract(void **state)
{
	static const struct {
		int err;
		const char *name;
	} rows[] = {
		{EINVAL, "EINVAL"},
		{-EACCES, "EACCES"},
		{-ENOENT, "ENOENT"},
		{-EOPNOTSUPP, "EOPNOTSUPP"},
		{-EBUSY, "EBUSY"},
		{-EFBIG, "EFBIG"},
		{-EAGAIN, "EAGAIN"},
		{-EIO, "EIO"},
		{-EHOSTUNREACH, "EHOSTUNREACH"},
		{-ETIMEDOUT, "ETIMEDOUT"},
		{-EPROTO, "EPROTO"},
		{-123456, "EIO"},
	};
	for (size_t i = 0; i < array_size(rows); i++)
		assert_string_equal(problem_errno_name(rows[i].err), rows[i].name);
}

static void test_problem_leaves_creation_open__by_how_a_reason_begins(void **state)
{
	assert_true(problem_leaves_creation_open(
		PROBLEM_MAYBE_CREATED " (no answer): look for it in contact/"));
	assert_true(problem_leaves_creation_open(PROBLEM_LEFT_ON_ITS_WAY));
	assert_false(problem_leaves_creation_open("the server says: " PROBLEM_MAYBE_CREATED));
	assert_false(problem_leaves_creation_open(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_problem_one_line__makes_text_safe),
		cmocka_unit_test(test_problem_one_line__takes_nul_for_a_control),
		cmocka_unit_test(test_problem_one_line__cuts_between_characters),
		cmocka_unit_test(test_problem_set__keeps_what_is_known),
		cmocka_unit_test(test_problem_set__takes_its_own_message_as_argument),
		cmocka_unit_test(test_problem_set__cuts_a_long_message),
		cmocka_unit_test(test_problem_leaves_creation_open__by_how_a_reason_begins),
		cmocka_unit_test(test_problem_errno_name__names_each_of_the_contract),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
