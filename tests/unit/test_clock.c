#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void test_clock_ms__never_goes_back(void **state)
{
	int64_t last = clock_ms();
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_ms();
		assert_true(now >= last);
		last = now;
	}
	assert_true(clock_now().tv_sec > 1700000000);
}

static void test_clock_age_ms__counts_sleep_too(void **state)
{
	struct timespec boot;
	int64_t before = clock_age_ms();
	clock_gettime(CLOCK_BOOTTIME, &boot);
	int64_t boot_ms = (int64_t)boot.tv_sec * 1000 + boot.tv_nsec / 1000000;
	assert_true(before <= boot_ms && boot_ms <= clock_age_ms());
}

static void test_clock_timespec__splits_milliseconds(void **state)
{
	struct timespec time = clock_timespec(1234567);
	assert_int_equal(time.tv_sec, 1234);
	assert_int_equal(time.tv_nsec, 567000000);
}

static void test_clock_iso__writes_utc(void **state)
{
	static const struct {
		const char *name;
		time_t seconds;
		const char *text;
	} rows[] = {
		{"the epoch", 0, "1970-01-01T00:00:00Z"},
		{"a leap day", 1709210096, "2024-02-29T12:34:56Z"},
		{"before the epoch", -1, "1969-12-31T23:59:59Z"},
		{"a year of three digits", -36921225600, "0800-01-06T00:00:00Z"},
		{"the last year", 253402300799, "9999-12-31T23:59:59Z"},
		{"too late", 253402300800, "1970-01-01T00:00:00Z"},
		{"too early", -62167219201, "1970-01-01T00:00:00Z"},
		{"no year at all", INT64_MAX, "1970-01-01T00:00:00Z"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		char text[CLOCK_ISO_SIZE];
		print_message("row '%s'\n", rows[i].name);
		clock_iso(rows[i].seconds, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void test_clock_parse_iso__reads_dates_and_times(void **state)
{
	static const struct {
		const char *text;
		time_t seconds;
		long nsec;
	} rows[] = {
		{"2017-04-23", 1492905600, 0},
		{"2017-04-23T12:23", 1492950180, 0},
		{"2017-04-23T12:23:22", 1492950202, 0},
		{"2017-04-23T12:23:22Z", 1492950202, 0},
		{"2017-04-23t12:23:22z", 1492950202, 0},
		{"2017-04-23 12:23:22Z", 1492950202, 0},
		{"2017-04-23T12:23:22.5Z", 1492950202, 500000000},
		{"2017-04-23T12:23:22,000000001", 1492950202, 1},
		{"2017-04-23T12:23:22.1234567899999Z", 1492950202, 123456789},
		{"2017-04-23T14:23:22+02:00", 1492950202, 0},
		{"2017-04-23T14:23:22+0200", 1492950202, 0},
		{"2017-04-23T14:23:22+02", 1492950202, 0},
		{"2017-04-23T06:53:22-05:30", 1492950202, 0},
		{"2017-04-23T12:23Z", 1492950180, 0},
		{"2017-04-22T24:00:00Z", 1492905600, 0},
		{"2016-12-31T23:59:60Z", 1483228800, 0},
		{"2024-02-29", 1709164800, 0},
		{"2000-02-29", 951782400, 0},
		{"1970-01-01T00:00:00Z", 0, 0},
		{"1969-12-31T23:59:59Z", -1, 0},
		{"9999-12-31T23:59:59Z", 253402300799, 0},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct timespec time = {.tv_sec = 42, .tv_nsec = 42};
		print_message("'%s'\n", rows[i].text);
		assert_true(clock_parse_iso(rows[i].text, strlen(rows[i].text), &time));
		assert_int_equal(time.tv_sec, rows[i].seconds);
		assert_int_equal(time.tv_nsec, rows[i].nsec);
	}
}

static void test_clock_parse_iso__refuses_what_is_none(void **state)
{
	static const char *const rows[] = {"", "x", "2017", "2017-04", "2017-4-23", "20170423",
		"2017-04-23T", "2017-04-23T12", "2017-04-23T12:", "2017-04-23T12:2",
		"2017-04-23T12:23:", "2017-04-23T12:23:2", "2017-04-23T12:23:22.",
		"2017-04-23T12:23:22 ", "2017-04-23T12:23:22Zx", " 2017-04-23", "2017-04-23 ",
		"2017-00-23", "2017-13-23", "2017-04-00", "2017-04-31", "2017-02-29", "1900-02-29",
		"2017-04-23T24:00:01Z", "2017-04-23T24:01Z", "2017-04-23T24:00:00.5Z",
		"2017-04-23T25:00Z", "2017-04-23T12:60Z", "2017-04-23T12:23:61Z",
		"2017-04-23T12:23:22+", "2017-04-23T12:23:22+2",
		"2017-04-23T12:23:22+02:", "2017-04-23T12:23:22+02:0", "2017-04-23T12:23:22+02:60",
		"2017-04-23T12:23:22+24:00", "2017-04-23T12:23:22+02:00Z",
		"2017-04-23T12:23:22*02:00", "-017-04-23", "+2017-04-23", "2017-04-23T-1:23",
		"2017/04/23", "4 April 2017"};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct timespec time = {.tv_sec = 42, .tv_nsec = 42};
		print_message("'%s'\n", rows[i]);
		assert_false(clock_parse_iso(rows[i], strlen(rows[i]), &time));
		assert_int_equal(time.tv_sec, 42);
		assert_int_equal(time.tv_nsec, 42);
	}
}

static void test_clock_parse_iso__reads_no_further_than_len(void **state)
{
	struct timespec time;
	assert_true(clock_parse_iso("2017-04-23T99", 10, &time));
	assert_int_equal(time.tv_sec, 1492905600);
	assert_false(clock_parse_iso("2017-04-23", 9, &time));
}

static void test_clock_parse_iso__reads_what_clock_iso_wrote(void **state)
{
	for (time_t seconds = -62167219200; seconds < 253402300800; seconds += 86400 * 97 + 12347) {
		char text[CLOCK_ISO_SIZE];
		struct timespec time;
		clock_iso(seconds, text);
		assert_true(clock_parse_iso(text, strlen(text), &time));
		assert_int_equal(time.tv_sec, seconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock_ms__never_goes_back),
		cmocka_unit_test(test_clock_age_ms__counts_sleep_too),
		cmocka_unit_test(test_clock_timespec__splits_milliseconds),
		cmocka_unit_test(test_clock_iso__writes_utc),
		cmocka_unit_test(test_clock_parse_iso__reads_dates_and_times),
		cmocka_unit_test(test_clock_parse_iso__refuses_what_is_none),
		cmocka_unit_test(test_clock_parse_iso__reads_no_further_than_len),
		cmocka_unit_test(test_clock_parse_iso__reads_what_clock_iso_wrote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
