#include "buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void check_holds(
	const struct buf *buf, const char *bytes, size_t len, const char *file, int line)
{
	_assert_int_equal(buf->len, len, file, line);
	_assert_memory_equal(buf->data, bytes, len, file, line);
	_assert_int_equal(buf->data[len], '\0', file, line);
}
#define assert_holds(buf, literal) \
	check_holds(buf, literal, sizeof(literal) - 1, __FILE__, __LINE__)

static void test_buf__is_an_empty_string_at_first(void **state)
{
	auto_buf struct buf buf = BUF_INIT(10);
	assert_holds(&buf, "");
	buf_clear(&buf);
	assert_int_equal(buf_add(&buf, NULL, 0), 0);
	assert_int_equal(buf_resize(&buf, 0), 0);
	assert_holds(&buf, "");
}

static void test_buf__grows_by_what_is_added(void **state)
{
	auto_buf struct buf buf = BUF_INIT(100);
	assert_int_equal(buf_add(&buf, "a\0b", 3), 0);
	assert_int_equal(buf_add_str(&buf, "cd"), 0);
	assert_int_equal(buf_add_char(&buf, '\0'), 0);
	assert_int_equal(buf_addf(&buf, "%d-%s", 12, "x"), 0);
	assert_int_equal(buf_addf(&buf, "%s", ""), 0);
	assert_holds(&buf, "a\0bcd\00012-x");
}

static void test_buf__keeps_every_byte_while_it_grows(void **state)
{
	const size_t len = 100000;
	auto_buf struct buf buf = BUF_INIT(len);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(buf_add_char(&buf, (char)(i % 251)), 0);
	for (size_t i = 0; i < len; i++)
		assert_int_equal((unsigned char)buf.data[i], i % 251);
	assert_int_equal(buf_add_char(&buf, 'x'), -EFBIG);
	assert_true(buf.capacity <= len + 1);
}

static void test_buf__adds_nothing_beyond_its_ceiling(void **state)
{
	auto_buf struct buf buf = BUF_INIT(5);
	assert_int_equal(buf_add_str(&buf, "123456"), -EFBIG);
	assert_int_equal(buf_add_str(&buf, "1234"), 0);
	assert_int_equal(buf_add_str(&buf, "56"), -EFBIG);
	assert_int_equal(buf_addf(&buf, "%d", 56), -EFBIG);
	assert_int_equal(buf_resize(&buf, 6), -EFBIG);
	assert_int_equal(buf_write(&buf, 4, "56", 2), -EFBIG);
	assert_int_equal(buf_write(&buf, 6, "7", 1), -EFBIG);
	assert_int_equal(buf_write(&buf, SIZE_MAX, "7", 1), -EFBIG);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX), -EFBIG);
	assert_holds(&buf, "1234");
	assert_int_equal(buf_add_char(&buf, '5'), 0);
	assert_int_equal(buf_reserve(&buf, 0), 0);
	assert_holds(&buf, "12345");
}

static void test_buf__without_a_ceiling_says_when_memory_ends(void **state)
{
	auto_buf struct buf buf = BUF_INIT(SIZE_MAX);
	assert_int_equal(buf_add_str(&buf, "abc"), 0);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX - 3), -ENOMEM);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX - 4), -ENOMEM);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX / 2 - 2), -ENOMEM);
	assert_int_equal(buf_reserve(&buf, 1000), 0);
	assert_holds(&buf, "abc");
}

static void test_buf_write__writes_as_pwrite_does(void **state)
{
	auto_buf struct buf buf = BUF_INIT(100);
	assert_int_equal(buf_write(&buf, 2, "cd", 2), 0);
	assert_holds(&buf, "\0\0cd");
	assert_int_equal(buf_write(&buf, 0, "ab", 2), 0);
	assert_holds(&buf, "abcd");
	assert_int_equal(buf_write(&buf, 3, "DE", 2), 0);
	assert_holds(&buf, "abcDE");
	assert_int_equal(buf_write(&buf, 50, "x", 0), 0);
	assert_holds(&buf, "abcDE");
}

static void test_buf_resize__leaves_no_old_bytes_in_a_gap(void **state)
{
	auto_buf struct buf buf = BUF_INIT(100);
	assert_int_equal(buf_add_str(&buf, "secret"), 0);
	assert_int_equal(buf_resize(&buf, 2), 0);
	assert_holds(&buf, "se");
	assert_int_equal(buf_resize(&buf, 5), 0);
	assert_holds(&buf, "se\0\0\0");
	buf_clear(&buf);
	assert_holds(&buf, "");
	assert_int_equal(buf_write(&buf, 3, "x", 1), 0);
	assert_holds(&buf, "\0\0\0x");
}

static void test_buf_trim__keeps_the_bytes(void **state)
{
	auto_buf struct buf buf = BUF_INIT(1000);
	buf_trim(&buf);
	assert_holds(&buf, "");
	assert_int_equal(buf_resize(&buf, 1000), 0);
	assert_int_equal(buf_resize(&buf, 0), 0);
	assert_int_equal(buf_add_str(&buf, "kept"), 0);
	buf_trim(&buf);
	assert_holds(&buf, "kept");
	assert_int_equal(buf.capacity, 5);
	assert_int_equal(buf_add_str(&buf, " and more"), 0);
	assert_holds(&buf, "kept and more");
}

static void test_buf_swap__swaps_contents_and_ceilings(void **state)
{
	auto_buf struct buf one = BUF_INIT(3);
	auto_buf struct buf two = BUF_INIT(100);
	assert_int_equal(buf_add_str(&two, "hello"), 0);
	buf_swap(&one, &two);
	assert_holds(&one, "hello");
	assert_holds(&two, "");
	assert_int_equal(buf_add_str(&two, "1234"), -EFBIG);
}

static void test_buf_take__hands_out_the_bytes(void **state)
{
	size_t len = 0;
	auto_buf struct buf buf = BUF_INIT(5);
	assert_int_equal(buf_add_str(&buf, "12345"), 0);
	auto_free char *taken = buf_take(&buf, &len);
	assert_string_equal(taken, "12345");
	assert_int_equal(len, 5);
	assert_holds(&buf, "");

	auto_free char *nothing = buf_take(&buf, &len);
	assert_string_equal(nothing, "");
	assert_int_equal(len, 0);
	assert_int_equal(buf_add_str(&buf, "again"), 0);
	assert_holds(&buf, "again");
}

static void test_buf_release__leaves_it_usable(void **state)
{
	auto_buf struct buf buf = BUF_INIT(4);
	assert_int_equal(buf_add_str(&buf, "1234"), 0);
	buf_release(&buf);
	assert_holds(&buf, "");
	assert_int_equal(buf_add_str(&buf, "12345"), -EFBIG);
	assert_int_equal(buf_add_str(&buf, "1234"), 0);
	assert_holds(&buf, "1234");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf__is_an_empty_string_at_first),
		cmocka_unit_test(test_buf__grows_by_what_is_added),
		cmocka_unit_test(test_buf__keeps_every_byte_while_it_grows),
		cmocka_unit_test(test_buf__adds_nothing_beyond_its_ceiling),
		cmocka_unit_test(test_buf__without_a_ceiling_says_when_memory_ends),
		cmocka_unit_test(test_buf_write__writes_as_pwrite_does),
		cmocka_unit_test(test_buf_resize__leaves_no_old_bytes_in_a_gap),
		cmocka_unit_test(test_buf_trim__keeps_the_bytes),
		cmocka_unit_test(test_buf_swap__swaps_contents_and_ceilings),
		cmocka_unit_test(test_buf_take__hands_out_the_bytes),
		cmocka_unit_test(test_buf_release__leaves_it_usable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
