#include "clock.h"
#include "log.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The lines without their times, which stand where they should. */
static void assert_lines(struct log *log, const char *expected)
{
	struct buf text auto_buf = BUF_INIT(1 << 20);
	struct buf fields auto_buf = BUF_INIT(1 << 20);
	assert_int_equal(log_copy(log, &text), 0);
	assert_int_equal(strlen(text.data), text.len);
	for (const char *line = text.data; *line;) {
		struct timespec time;
		size_t len = strcspn(line, "\n") + 1;
		assert_true(len > CLOCK_ISO_SIZE);
		assert_true(clock_parse_iso(line, CLOCK_ISO_SIZE - 1, &time));
		assert_int_equal(line[CLOCK_ISO_SIZE - 1], ' ');
		assert_int_equal(buf_add(&fields, line + CLOCK_ISO_SIZE, len - CLOCK_ISO_SIZE), 0);
		line += len;
	}
	assert_string_equal(fields.data, expected);
}

static void test_line__is_one_line(void **state)
{
	struct log log cleanup(log_release);
	log_init(&log, 4096);
	log_line(&log, "%s %d", "contact", 4);
	log_line(&log, "a\nb\x1b[31m\tc\xff");
	assert_lines(&log, "contact 4\na b [31m c\n");
}

static void test_failure__tells_all_there_is(void **state)
{
	struct log log cleanup(log_release);
	struct problem problem = {.http_status = 400, .message = "city is too long"};
	log_init(&log, 4096);
	log_failure(&log, "save", "/contact/4.json", -EINVAL, &problem);
	problem.http_status = 0;
	log_failure(&log, "read", "/note", EHOSTUNREACH, &problem);
	log_failure(&log, "read", "/note", -ETIMEDOUT, NULL);
	assert_lines(&log, "save /contact/4.json EINVAL 400 city is too long\n"
			   "read /note EHOSTUNREACH - city is too long\n"
			   "read /note ETIMEDOUT - Connection timed out\n");
}

static void test_full_log__drops_its_older_half(void **state)
{
	enum { LINE = CLOCK_ISO_SIZE + 2 };
	struct log log cleanup(log_release);
	log_init(&log, 4 * LINE);
	for (int name = 'a'; name <= 'd'; name++)
		log_line(&log, "%c", name);
	assert_lines(&log, "a\nb\nc\nd\n");
	log_line(&log, "e");
	assert_lines(&log, "d\ne\n");
}

static void test_line__longer_than_the_log_is_lost_alone(void **state)
{
	struct log log cleanup(log_release);
	log_init(&log, 64);
	log_line(&log, "a");
	log_line(&log, "%064d", 7);
	assert_lines(&log, "a\n");
	log_line(&log, "%042d", 7);
	assert_lines(&log, "000000000000000000000000000000000000000007\n");
}

static void test_endless_line__is_cut(void **state)
{
	struct log log cleanup(log_release);
	struct buf text auto_buf = BUF_INIT(1 << 20);
	log_init(&log, 1 << 16);
	log_line(&log, "%0100000d", 7);
	assert_int_equal(log_copy(&log, &text), 0);
	assert_in_range(text.len, 1000, 4096);
	assert_int_equal(text.data[text.len - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line__is_one_line),
		cmocka_unit_test(test_failure__tells_all_there_is),
		cmocka_unit_test(test_full_log__drops_its_older_half),
		cmocka_unit_test(test_line__longer_than_the_log_is_lost_alone),
		cmocka_unit_test(test_endless_line__is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
