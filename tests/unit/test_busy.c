#include "busy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define FOREVER_MS ((int64_t)1 << 40)

static void test_busy__lasts_until_the_last_writer_ends(void **state)
{
	struct busy *busy = busy_create(0);
	struct slot one = {.ino = 1}, other = {.ino = 2};
	assert_false(busy_is(busy, &one));
	busy_begin(busy, &one);
	busy_begin(busy, &one);
	assert_true(busy_is(busy, &one));
	assert_false(busy_is(busy, &other));
	busy_end(busy, &one);
	assert_true(busy_is(busy, &one));
	busy_end(busy, &one);
	assert_false(busy_is(busy, &one));
	busy_destroy(busy);
}

static void test_busy__lasts_a_while_longer(void **state)
{
	struct busy *busy = busy_create(FOREVER_MS);
	struct slot slot = {.ino = 1};
	busy_begin(busy, &slot);
	busy_end(busy, &slot);
	assert_true(busy_is(busy, &slot));
	busy_destroy(busy);
}

static void test_emptied__is_for_the_next_one_alone(void **state)
{
	struct busy *busy = busy_create(0);
	struct slot one = {.ino = 1}, other = {.ino = 2};
	busy_begin(busy, &one);
	busy_note_emptied(busy, &one);
	busy_end(busy, &one);
	assert_false(busy_take_emptied(busy, &other));
	assert_true(busy_take_emptied(busy, &one));
	assert_false(busy_take_emptied(busy, &one));
	busy_destroy(busy);
}

static void test_busy__tells_many_apart(void **state)
{
	char slots[100][sizeof(struct slot)] = {{0}};
	struct busy *busy = busy_create(0);
	for (size_t i = 0; i < array_size(slots); i++)
		busy_begin(busy, (struct slot *)slots[i]);
	for (size_t i = 0; i < array_size(slots); i += 2)
		busy_end(busy, (struct slot *)slots[i]);
	for (size_t i = 0; i < array_size(slots); i++)
		assert_int_equal(busy_is(busy, (struct slot *)slots[i]), i % 2 == 1);
	busy_destroy(busy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_busy__lasts_until_the_last_writer_ends),
		cmocka_unit_test(test_busy__lasts_a_while_longer),
		cmocka_unit_test(test_emptied__is_for_the_next_one_alone),
		cmocka_unit_test(test_busy__tells_many_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
