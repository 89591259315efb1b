/* A server behind a fetch, as slow as a test wants it. Asserts: for the test's thread alone. */
#ifndef TESTS_FETCH_FIXTURE_H
#define TESTS_FETCH_FIXTURE_H

#include "clock.h"
#include "fetch.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define AWAIT_MS 20000

/*
 * A server that answers when it is told to. Each run takes the next number; it ends with the result
 * it was given once that number was let go, or at once when it is called off.
 */
struct source {
	struct fetches *fetches;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* guarded by lock */
	unsigned started, released, ended, called_off;
	int result;
	char last_key[40];
	void *last_what;
};

static inline void wake_source(void *arg)
{
	struct source *source = arg;
	pthread_mutex_lock(&source->lock);
	pthread_cond_broadcast(&source->changed);
	pthread_mutex_unlock(&source->lock);
}

static inline int run_source(void *arg, void *what, const char *key, size_t key_len,
	struct cancel *cancel, struct problem *problem)
{
	struct source *source = arg;
	cancel_watch(cancel, wake_source, source);
	pthread_mutex_lock(&source->lock);
	unsigned number = ++source->started;
	source->last_what = what;
	snprintf(source->last_key, sizeof source->last_key, "%.*s", (int)key_len, key);
	pthread_cond_broadcast(&source->changed);
	/* cancel_is_set takes the lock that cancel_set holds while it wakes: not under ours. */
	for (;;) {
		bool is_released = source->released >= number;
		pthread_mutex_unlock(&source->lock);
		bool is_cancelled = cancel_is_set(cancel);
		pthread_mutex_lock(&source->lock);
		if (is_released || is_cancelled) {
			source->called_off += is_cancelled && !is_released;
			break;
		}
		struct timespec soon = clock_timespec(clock_ms() + 20);
		if (source->released < number)
			pthread_cond_clockwait(
				&source->changed, &source->lock, CLOCK_MONOTONIC, &soon);
	}
	int result = source->released >= number ? source->result : -ECANCELED;
	source->ended++;
	pthread_cond_broadcast(&source->changed);
	pthread_mutex_unlock(&source->lock);
	cancel_unwatch(cancel);
	return result < 0 ? problem_set(problem, result, "run %u", number) : result;
}

static inline void start(struct source *source, unsigned max_threads)
{
	*source = (struct source){.started = 0};
	pthread_mutex_init(&source->lock, NULL);
	pthread_cond_init(&source->changed, NULL);
	source->fetches = fetches_create(max_threads, run_source, source);
	assert_non_null(source->fetches);
}

static inline void stop(struct source *source)
{
	fetches_destroy(source->fetches);
	pthread_cond_destroy(&source->changed);
	pthread_mutex_destroy(&source->lock);
}

static inline void release(struct source *source, unsigned count, int result)
{
	pthread_mutex_lock(&source->lock);
	source->released = count;
	source->result = result;
	pthread_cond_broadcast(&source->changed);
	pthread_mutex_unlock(&source->lock);
}

static inline void await_count(struct source *source, const unsigned *count, unsigned wanted)
{
	struct timespec until = clock_timespec(clock_ms() + AWAIT_MS);
	pthread_mutex_lock(&source->lock);
	int err = 0;
	while (*count < wanted && err == 0)
		err = pthread_cond_clockwait(
			&source->changed, &source->lock, CLOCK_MONOTONIC, &until);
	pthread_mutex_unlock(&source->lock);
	assert_int_equal(err, 0);
}

#endif
