#include "fetch_fixture.h"

#include <poll.h>
#include <stdatomic.h>

/* One who waits, in a thread of its own. */
struct waiter {
	struct source *source;
	const char *key;
	int64_t patience_ms;
	bool wants_new;
	struct cancel cancel;
	pthread_t thread;
	atomic_bool has_begun;
	int err;
	struct problem problem;
};

static void *wait_for_it(void *arg)
{
	struct waiter *waiter = arg;
	atomic_store(&waiter->has_begun, true);
	struct fetches *fetches = waiter->source->fetches;
	size_t len = strlen(waiter->key);
	waiter->err = waiter->wants_new
			      ? fetch_wait_new(fetches, NULL, waiter->key, len, &waiter->problem)
			      : fetch_wait(fetches, NULL, waiter->key, len, waiter->patience_ms,
					&waiter->cancel, &waiter->problem);
	return NULL;
}

static void begin_wait(struct waiter *waiter, struct source *source, const char *key)
{
	waiter->source = source;
	waiter->key = key;
	if (waiter->patience_ms == 0)
		waiter->patience_ms = -1;
	cancel_init(&waiter->cancel);
	assert_int_equal(pthread_create(&waiter->thread, NULL, wait_for_it, waiter), 0);
}

static int end_wait(struct waiter *waiter)
{
	pthread_join(waiter->thread, NULL);
	cancel_release(&waiter->cancel);
	return waiter->err;
}

/* That a thread sleeps in fetch_wait cannot be seen from outside: a moment lets it get there. */
static void let_sleep(const struct waiter *waiters, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		while (!atomic_load(&waiters[i].has_begun))
			poll(NULL, 0, 1);
	}
	poll(NULL, 0, 100);
}

static void test_wait__is_one_run_for_all_who_want_the_same(void **state)
{
	static struct waiter waiters[50];
	struct source source;
	start(&source, 64);
	for (size_t i = 0; i < array_size(waiters); i++) {
		waiters[i] = (struct waiter){.err = 1};
		begin_wait(&waiters[i], &source, "4");
	}
	await_count(&source, &source.started, 1);
	let_sleep(waiters, array_size(waiters));
	release(&source, 1, -EIO);
	for (size_t i = 0; i < array_size(waiters); i++) {
		assert_int_equal(end_wait(&waiters[i]), -EIO);
		assert_string_equal(waiters[i].problem.message, "run 1");
	}
	assert_int_equal(source.started, 1);
	stop(&source);
}

static void test_wait__runs_anew_once_the_last_has_ended(void **state)
{
	struct source source;
	struct problem problem;
	start(&source, 4);
	release(&source, 100, 0);
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(fetch_wait(source.fetches, NULL, "4", 1, -1, NULL, &problem), 0);
		assert_int_equal(source.started, i);
	}
	stop(&source);
}

static void test_wait__tells_fetches_apart(void **state)
{
	struct source source;
	struct waiter four = {.err = 1}, forty = {.err = 1}, all = {.err = 1};
	int other_kind;
	struct problem problem;
	start(&source, 8);
	begin_wait(&four, &source, "4");
	begin_wait(&forty, &source, "40");
	begin_wait(&all, &source, "");
	await_count(&source, &source.started, 3);
	assert_int_equal(
		fetch_wait(source.fetches, &other_kind, "4", 1, 0, NULL, &problem), -EAGAIN);
	await_count(&source, &source.started, 4);
	assert_ptr_equal(source.last_what, &other_kind);
	assert_string_equal(source.last_key, "4");
	release(&source, 4, 0);
	assert_int_equal(end_wait(&four), 0);
	assert_int_equal(end_wait(&forty), 0);
	assert_int_equal(end_wait(&all), 0);
	stop(&source);
}

/* ---- calling off ---- */

static void test_cancel__of_one_leaves_the_others(void **state)
{
	struct source source;
	struct waiter first = {.err = 1}, second = {.err = 1};
	start(&source, 4);
	begin_wait(&first, &source, "4");
	await_count(&source, &source.started, 1);
	begin_wait(&second, &source, "4");
	let_sleep(&second, 1);
	cancel_set(&first.cancel);
	assert_int_equal(end_wait(&first), -EINTR);
	release(&source, 1, 0);
	assert_int_equal(end_wait(&second), 0);
	assert_int_equal(source.started, 1);
	assert_int_equal(source.called_off, 0);
	stop(&source);
}

static void test_cancel__of_the_last_calls_the_fetch_off(void **state)
{
	struct source source;
	struct waiter waiters[3] = {{.err = 1}, {.err = 1}, {.err = 1}};
	start(&source, 4);
	for (size_t i = 0; i < array_size(waiters); i++)
		begin_wait(&waiters[i], &source, "4");
	await_count(&source, &source.started, 1);
	let_sleep(waiters, array_size(waiters));
	for (size_t i = 0; i < array_size(waiters); i++) {
		cancel_set(&waiters[i].cancel);
		assert_int_equal(end_wait(&waiters[i]), -EINTR);
	}
	await_count(&source, &source.ended, 1);
	assert_int_equal(source.called_off, 1);
	stop(&source);
}

/* Who comes after that gets a fetch of its own, not the failure of the one called off. */
static void test_cancel__does_not_spoil_it_for_the_next(void **state)
{
	struct source source;
	struct problem problem;
	start(&source, 4);
	struct waiter first = {.err = 1};
	begin_wait(&first, &source, "4");
	await_count(&source, &source.started, 1);
	cancel_set(&first.cancel);
	assert_int_equal(end_wait(&first), -EINTR);
	release(&source, 100, 0);
	assert_int_equal(fetch_wait(source.fetches, NULL, "4", 1, -1, NULL, &problem), 0);
	stop(&source);
}

static void test_cancel__set_before_does_not_wait(void **state)
{
	struct source source;
	struct problem problem;
	struct cancel cancel;
	start(&source, 4);
	cancel_init(&cancel);
	cancel_set(&cancel);
	assert_int_equal(fetch_wait(source.fetches, NULL, "4", 1, -1, &cancel, &problem), -EINTR);
	cancel_release(&cancel);
	stop(&source);
}

static void test_cancel_all__ends_every_wait(void **state)
{
	struct source source;
	struct waiter waiters[4] = {
		{.err = 1}, {.err = 1}, {.err = 1}, {.err = 1, .wants_new = true}};
	struct problem problem;
	start(&source, 4);
	begin_wait(&waiters[0], &source, "4");
	begin_wait(&waiters[1], &source, "5");
	await_count(&source, &source.started, 2);
	begin_wait(&waiters[2], &source, "4");
	begin_wait(&waiters[3], &source, "5");
	let_sleep(waiters, array_size(waiters));
	fetches_cancel_all(source.fetches);
	for (size_t i = 0; i < array_size(waiters); i++)
		assert_int_equal(end_wait(&waiters[i]), -ECANCELED);
	assert_int_equal(fetch_wait(source.fetches, NULL, "6", 1, -1, NULL, &problem), -ECANCELED);
	assert_int_equal(source.started, 2);
	stop(&source);
}

static void test_destroy__calls_off_what_nobody_waits_for(void **state)
{
	struct source source;
	struct problem problem;
	start(&source, 1);
	assert_int_equal(fetch_wait(source.fetches, NULL, "4", 1, 0, NULL, &problem), -EAGAIN);
	/* One that waits in line behind it, too. */
	assert_int_equal(fetch_wait(source.fetches, NULL, "5", 1, 0, NULL, &problem), -EAGAIN);
	stop(&source);
	assert_int_equal(source.ended, 2);
	fetches_destroy(NULL);
}

/* ---- patience ---- */

static void test_patience__ends_the_wait_and_not_the_fetch(void **state)
{
	struct source source;
	struct problem problem;
	struct waiter patient = {.err = 1};
	start(&source, 4);
	assert_int_equal(fetch_wait(source.fetches, NULL, "4", 1, 20, NULL, &problem), -EAGAIN);
	begin_wait(&patient, &source, "4");
	let_sleep(&patient, 1);
	release(&source, 1, 0);
	assert_int_equal(end_wait(&patient), 0);
	assert_int_equal(source.started, 1);
	stop(&source);
}

/* Ten readers of a server that hangs do not wait ten times. */
static void test_patience__counts_from_the_start_of_the_fetch(void **state)
{
	enum { PATIENCE_MS = 3000 };
	struct source source;
	struct problem problem;
	start(&source, 4);
	assert_int_equal(
		fetch_wait(source.fetches, NULL, "4", 1, PATIENCE_MS, NULL, &problem), -EAGAIN);
	int64_t before = clock_ms();
	assert_int_equal(
		fetch_wait(source.fetches, NULL, "4", 1, PATIENCE_MS, NULL, &problem), -EAGAIN);
	assert_true(clock_ms() - before < PATIENCE_MS);
	stop(&source);
}

/* One who ran out of patience still wants the fetch: another's cancel does not call it off. */
static void test_patience__still_wants_the_fetch(void **state)
{
	struct source source;
	struct problem problem;
	struct waiter other = {.err = 1};
	start(&source, 4);
	assert_int_equal(fetch_wait(source.fetches, NULL, "4", 1, 0, NULL, &problem), -EAGAIN);
	begin_wait(&other, &source, "4");
	let_sleep(&other, 1);
	cancel_set(&other.cancel);
	assert_int_equal(end_wait(&other), -EINTR);
	release(&source, 1, 0);
	await_count(&source, &source.ended, 1);
	assert_int_equal(source.called_off, 0);
	stop(&source);
}

/* ---- fetch_wait_new ---- */

static void test_wait_new__never_joins_an_older_fetch(void **state)
{
	struct source source;
	struct problem problem;
	struct waiter fresh = {.err = 1, .wants_new = true};
	start(&source, 4);
	assert_int_equal(fetch_wait(source.fetches, NULL, "4", 1, 0, NULL, &problem), -EAGAIN);
	await_count(&source, &source.started, 1);
	begin_wait(&fresh, &source, "4");
	let_sleep(&fresh, 1);
	release(&source, 1, -EIO);
	await_count(&source, &source.started, 2);
	release(&source, 2, 0);
	assert_int_equal(end_wait(&fresh), 0);
	assert_int_equal(source.started, 2);
	stop(&source);
}

static void test_wait_new__starts_one_where_there_is_none(void **state)
{
	struct source source;
	struct problem problem;
	start(&source, 4);
	release(&source, 100, 0);
	assert_int_equal(fetch_wait_new(source.fetches, NULL, "4", 1, &problem), 0);
	assert_int_equal(source.started, 1);
	stop(&source);
}

/* Several who want a newer one than is under way share the next. */
static void test_wait_new__is_shared_by_those_who_came_before_it_began(void **state)
{
	struct source source;
	struct problem problem;
	struct waiter waiters[5];
	start(&source, 8);
	assert_int_equal(fetch_wait(source.fetches, NULL, "4", 1, 0, NULL, &problem), -EAGAIN);
	await_count(&source, &source.started, 1);
	for (size_t i = 0; i < array_size(waiters); i++) {
		waiters[i] = (struct waiter){.err = 1, .wants_new = true};
		begin_wait(&waiters[i], &source, "4");
	}
	let_sleep(waiters, array_size(waiters));
	release(&source, 1, 0);
	await_count(&source, &source.started, 2);
	let_sleep(waiters, array_size(waiters));
	release(&source, 100, 0);
	for (size_t i = 0; i < array_size(waiters); i++)
		assert_int_equal(end_wait(&waiters[i]), 0);
	assert_int_equal(source.started, 2);
	stop(&source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wait__is_one_run_for_all_who_want_the_same),
		cmocka_unit_test(test_wait__runs_anew_once_the_last_has_ended),
		cmocka_unit_test(test_wait__tells_fetches_apart),
		cmocka_unit_test(test_cancel__of_one_leaves_the_others),
		cmocka_unit_test(test_cancel__of_the_last_calls_the_fetch_off),
		cmocka_unit_test(test_cancel__does_not_spoil_it_for_the_next),
		cmocka_unit_test(test_cancel__set_before_does_not_wait),
		cmocka_unit_test(test_cancel_all__ends_every_wait),
		cmocka_unit_test(test_destroy__calls_off_what_nobody_waits_for),
		cmocka_unit_test(test_patience__ends_the_wait_and_not_the_fetch),
		cmocka_unit_test(test_patience__counts_from_the_start_of_the_fetch),
		cmocka_unit_test(test_patience__still_wants_the_fetch),
		cmocka_unit_test(test_wait_new__never_joins_an_older_fetch),
		cmocka_unit_test(test_wait_new__starts_one_where_there_is_none),
		cmocka_unit_test(test_wait_new__is_shared_by_those_who_came_before_it_began),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
