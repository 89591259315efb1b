#include "cancel.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void count_wake(void *arg)
{
	(*(int *)arg)++;
}

static void test_cancel__is_set_once_and_for_good(void **state)
{
	struct cancel cancel;
	cancel_init(&cancel);
	assert_false(cancel_is_set(&cancel));
	cancel_set(&cancel);
	assert_true(cancel_is_set(&cancel));
	cancel_set(&cancel);
	assert_true(cancel_is_set(&cancel));
	cancel_release(&cancel);
}

static void test_cancel__may_be_null(void **state)
{
	int wakes = 0;
	assert_false(cancel_is_set(NULL));
	cancel_watch(NULL, count_wake, &wakes);
	cancel_unwatch(NULL);
	assert_int_equal(wakes, 0);
}

static void test_cancel_watch__wakes_when_set(void **state)
{
	int wakes = 0;
	struct cancel cancel;
	cancel_init(&cancel);
	cancel_watch(&cancel, count_wake, &wakes);
	assert_int_equal(wakes, 0);
	cancel_set(&cancel);
	assert_int_equal(wakes, 1);
	cancel_unwatch(&cancel);
	cancel_release(&cancel);
}

static void test_cancel_watch__wakes_at_once_when_set_before(void **state)
{
	int wakes = 0;
	struct cancel cancel;
	cancel_init(&cancel);
	cancel_set(&cancel);
	cancel_watch(&cancel, count_wake, &wakes);
	assert_int_equal(wakes, 1);
	cancel_unwatch(&cancel);
	cancel_release(&cancel);
}

static void test_cancel_unwatch__ends_the_waking(void **state)
{
	int first = 0, second = 0;
	struct cancel cancel;
	cancel_init(&cancel);
	cancel_watch(&cancel, count_wake, &first);
	cancel_unwatch(&cancel);
	cancel_watch(&cancel, count_wake, &second);
	cancel_set(&cancel);
	cancel_unwatch(&cancel);
	cancel_set(&cancel);
	assert_int_equal(first, 0);
	assert_int_equal(second, 1);
	cancel_release(&cancel);
}

static void post(void *arg)
{
	sem_post(arg);
}

static void *set_it(void *arg)
{
	cancel_set(arg);
	return NULL;
}

/* Each round ends its watch with the setter still on its way: a late wake would post to a semaphore
 * that is gone, which the sanitizers and valgrind see. */
static void test_cancel__wakes_one_who_waits_in_another_thread(void **state)
{
	for (int i = 0; i < 200; i++) {
		struct cancel cancel;
		pthread_t setter;
		sem_t *woken = malloc(sizeof *woken);
		assert_non_null(woken);
		sem_init(woken, 0, 0);
		cancel_init(&cancel);
		assert_int_equal(pthread_create(&setter, NULL, set_it, &cancel), 0);
		cancel_watch(&cancel, post, woken);
		if (i % 2 == 0)
			while (sem_wait(woken) < 0)
				;
		cancel_unwatch(&cancel);
		sem_destroy(woken);
		free(woken);
		pthread_join(setter, NULL);
		assert_true(cancel_is_set(&cancel));
		cancel_release(&cancel);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cancel__is_set_once_and_for_good),
		cmocka_unit_test(test_cancel__may_be_null),
		cmocka_unit_test(test_cancel_watch__wakes_when_set),
		cmocka_unit_test(test_cancel_watch__wakes_at_once_when_set_before),
		cmocka_unit_test(test_cancel_unwatch__ends_the_waking),
		cmocka_unit_test(test_cancel__wakes_one_who_waits_in_another_thread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
