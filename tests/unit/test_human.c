#include "human.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_count__has_separators(void **state)
{
	static const struct {
		uint64_t count;
		const char *text;
	} rows[] = {{0, "0"}, {999, "999"}, {1000, "1,000"}, {61000, "61,000"}, {123456, "123,456"},
		{1234567, "1,234,567"}, {UINT64_MAX, "18,446,744,073,709,551,615"}};
	for (size_t i = 0; i < array_size(rows); i++) {
		char text[HUMAN_SIZE];
		human_count(rows[i].count, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void test_size__has_two_digits_at_least(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {{0, "0 B"}, {9, "9 B"}, {999, "999 B"}, {1000, "1.0 kB"}, {1049, "1.0 kB"},
		{1050, "1.1 kB"}, {9949, "9.9 kB"}, {9950, "10 kB"}, {46123456, "46 MB"},
		{999499, "999 kB"}, {999500, "1.0 MB"}, {85600000, "86 MB"}, {1234567890, "1.2 GB"},
		{UINT64_MAX, "18 EB"}};
	for (size_t i = 0; i < array_size(rows); i++) {
		char text[HUMAN_SIZE];
		human_size(rows[i].bytes, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void test_age__is_in_the_largest_unit_that_fits(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {{-5, "0 s"}, {0, "0 s"}, {59, "59 s"}, {60, "1 min"}, {239, "3 min"},
		{3599, "59 min"}, {3600, "1 h"}, {48 * 3600 - 1, "47 h"}, {48 * 3600, "2 days"},
		{INT64_MAX, "106751991167300 days"}};
	for (size_t i = 0; i < array_size(rows); i++) {
		char text[HUMAN_SIZE];
		human_age(rows[i].seconds, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void test_duration__has_tenths(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{0, "0.0 s"}, {99, "0.0 s"}, {100, "0.1 s"}, {1299, "1.2 s"}, {75000, "75.0 s"}};
	for (size_t i = 0; i < array_size(rows); i++) {
		char text[HUMAN_SIZE];
		human_duration(rows[i].ms, text);
		assert_string_equal(text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count__has_separators),
		cmocka_unit_test(test_size__has_two_digits_at_least),
		cmocka_unit_test(test_age__is_in_the_largest_unit_that_fits),
		cmocka_unit_test(test_duration__has_tenths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
