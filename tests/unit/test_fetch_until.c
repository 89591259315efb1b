#include "fetch_fixture.h"

#include <stdatomic.h>

static bool is_set(const void *arg)
{
	return atomic_load((const atomic_bool *)arg);
}

struct partial {
	struct source *source;
	atomic_bool is_enough;
	struct cancel cancel;
	struct problem problem;
	int err;
	pthread_t thread;
};

static void *wait_for_enough(void *arg)
{
	struct partial *partial = arg;
	partial->err = fetch_wait_until(partial->source->fetches, NULL, is_set, &partial->is_enough,
		-1, &partial->cancel, &partial->problem);
	return NULL;
}

static void begin_partial(struct partial *partial, struct source *source)
{
	*partial = (struct partial){.source = source, .err = 1};
	cancel_init(&partial->cancel);
	assert_int_equal(pthread_create(&partial->thread, NULL, wait_for_enough, partial), 0);
	await_count(source, &source->started, 1);
}

static int end_partial(struct partial *partial)
{
	pthread_join(partial->thread, NULL);
	cancel_release(&partial->cancel);
	return partial->err;
}

static void test_until__goes_on_without_the_rest(void **state)
{
	struct source source;
	struct partial partial;
	start(&source, 4);
	begin_partial(&partial, &source);
	fetches_progress(source.fetches);
	atomic_store(&partial.is_enough, true);
	fetches_progress(source.fetches);
	assert_int_equal(end_partial(&partial), 0);
	assert_int_equal(source.ended, 0);
	/* Nobody waits for it any more, and it is not called off. */
	release(&source, 1, 0);
	await_count(&source, &source.ended, 1);
	assert_int_equal(source.called_off, 0);
	stop(&source);
}

static void test_until__begins_none_where_there_is_enough(void **state)
{
	struct source source;
	struct problem problem;
	const atomic_bool is_enough = true;
	start(&source, 4);
	assert_int_equal(
		fetch_wait_until(source.fetches, NULL, is_set, &is_enough, -1, NULL, &problem), 0);
	assert_int_equal(source.started, 0);
	stop(&source);
}

static void test_until__ends_as_the_fetch_does(void **state)
{
	struct source source;
	struct partial partial;
	start(&source, 4);
	begin_partial(&partial, &source);
	release(&source, 1, -EIO);
	assert_int_equal(end_partial(&partial), -EIO);
	assert_string_equal(partial.problem.message, "run 1");
	stop(&source);
}

static void test_until__can_be_called_off(void **state)
{
	struct source source;
	struct partial partial;
	start(&source, 4);
	begin_partial(&partial, &source);
	cancel_set(&partial.cancel);
	assert_int_equal(end_partial(&partial), -EINTR);
	await_count(&source, &source.called_off, 1);
	stop(&source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_until__goes_on_without_the_rest),
		cmocka_unit_test(test_until__begins_none_where_there_is_enough),
		cmocka_unit_test(test_until__ends_as_the_fetch_does),
		cmocka_unit_test(test_until__can_be_called_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
