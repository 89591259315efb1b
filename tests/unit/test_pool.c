#include "pool.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>

/* A gate that jobs wait at, and counts of who is where. */
struct yard {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* guarded by lock */
	bool is_open;
	unsigned running, most_running, done;
	int order[64];
};

struct worker {
	struct pool_job job; /* first, so that the job is the worker */
	struct yard *yard;
	int number;
};

static void yard_init(struct yard *yard)
{
	*yard = (struct yard){.running = 0};
	pthread_mutex_init(&yard->lock, NULL);
	pthread_cond_init(&yard->changed, NULL);
}

static void yard_release(struct yard *yard)
{
	pthread_cond_destroy(&yard->changed);
	pthread_mutex_destroy(&yard->lock);
}

static void open_gate(struct yard *yard)
{
	pthread_mutex_lock(&yard->lock);
	yard->is_open = true;
	pthread_cond_broadcast(&yard->changed);
	pthread_mutex_unlock(&yard->lock);
}

static void await_running(struct yard *yard, unsigned count)
{
	pthread_mutex_lock(&yard->lock);
	while (yard->running < count)
		pthread_cond_wait(&yard->changed, &yard->lock);
	pthread_mutex_unlock(&yard->lock);
}

static void await_done(struct yard *yard, unsigned count)
{
	pthread_mutex_lock(&yard->lock);
	while (yard->done < count)
		pthread_cond_wait(&yard->changed, &yard->lock);
	pthread_mutex_unlock(&yard->lock);
}

static void work_at_gate(struct pool_job *job)
{
	struct worker *worker = (struct worker *)job;
	struct yard *yard = worker->yard;
	pthread_mutex_lock(&yard->lock);
	yard->running++;
	if (yard->running > yard->most_running)
		yard->most_running = yard->running;
	pthread_cond_broadcast(&yard->changed);
	while (!yard->is_open)
		pthread_cond_wait(&yard->changed, &yard->lock);
	yard->running--;
	yard->order[yard->done++] = worker->number;
	pthread_cond_broadcast(&yard->changed);
	pthread_mutex_unlock(&yard->lock);
}

static void submit_all(struct pool *pool, struct yard *yard, struct worker *workers, int count)
{
	for (int i = 0; i < count; i++) {
		workers[i] = (struct worker){.job.run = work_at_gate, .yard = yard, .number = i};
		assert_int_equal(pool_submit(pool, &workers[i].job), 0);
	}
}

static void test_pool__runs_as_many_at_once_as_it_may(void **state)
{
	struct yard yard;
	struct worker workers[20];
	yard_init(&yard);
	struct pool *pool = pool_create(3);
	submit_all(pool, &yard, workers, 20);
	await_running(&yard, 3);
	open_gate(&yard);
	pool_destroy(pool);
	assert_int_equal(yard.done, 20);
	assert_int_equal(yard.most_running, 3);
	yard_release(&yard);
}

static void test_pool__of_one_keeps_the_order(void **state)
{
	struct yard yard;
	struct worker workers[20];
	yard_init(&yard);
	struct pool *pool = pool_create(1);
	submit_all(pool, &yard, workers, 20);
	open_gate(&yard);
	pool_destroy(pool);
	assert_int_equal(yard.done, 20);
	for (int i = 0; i < 20; i++)
		assert_int_equal(yard.order[i], i);
	yard_release(&yard);
}

/* Work that waits must not keep a later piece from a thread that could be had. */
static void test_pool__starts_a_thread_rather_than_wait(void **state)
{
	struct yard gate, free_yard;
	struct worker waiting[3], quick;
	yard_init(&gate);
	yard_init(&free_yard);
	open_gate(&free_yard);
	struct pool *pool = pool_create(4);
	submit_all(pool, &gate, waiting, 3);
	submit_all(pool, &free_yard, &quick, 1);
	await_done(&free_yard, 1);
	open_gate(&gate);
	pool_destroy(pool);
	assert_int_equal(gate.done, 3);
	yard_release(&gate);
	yard_release(&free_yard);
}

static void test_pool__works_on_after_a_rest(void **state)
{
	struct yard yard;
	struct worker workers[4];
	yard_init(&yard);
	open_gate(&yard);
	struct pool *pool = pool_create(2);
	for (unsigned i = 0; i < 4; i++) {
		submit_all(pool, &yard, &workers[i], 1);
		await_done(&yard, i + 1);
	}
	pool_destroy(pool);
	assert_int_equal(yard.done, 4);
	yard_release(&yard);
}

static void test_take_back__only_what_is_in_line(void **state)
{
	struct yard yard;
	struct worker workers[5];
	yard_init(&yard);
	struct pool *pool = pool_create(1);
	submit_all(pool, &yard, workers, 4);
	await_running(&yard, 1);
	assert_false(pool_take_back(pool, &workers[0].job));
	assert_true(pool_take_back(pool, &workers[1].job));
	assert_false(pool_take_back(pool, &workers[1].job));
	assert_true(pool_take_back(pool, &workers[3].job));
	submit_all(pool, &yard, &workers[4], 1);
	open_gate(&yard);
	pool_destroy(pool);
	assert_int_equal(yard.done, 3);
	assert_int_equal(yard.order[1], 2);
	yard_release(&yard);
}

static void test_destroy__waits_for_what_is_in_line(void **state)
{
	struct yard yard;
	struct worker workers[50];
	yard_init(&yard);
	open_gate(&yard);
	struct pool *pool = pool_create(2);
	submit_all(pool, &yard, workers, 50);
	pool_destroy(pool);
	assert_int_equal(yard.done, 50);
	yard_release(&yard);
}

static void test_destroy__of_an_idle_pool(void **state)
{
	pool_destroy(pool_create(4));
	pool_destroy(NULL);
}

struct mask_job {
	struct pool_job job;
	sigset_t mask;
};

static void read_mask(struct pool_job *job)
{
	struct mask_job *mine = (struct mask_job *)job;
	pthread_sigmask(SIG_BLOCK, NULL, &mine->mask);
}

/* SIGTERM must find the thread that ends the mount. */
static void test_threads__leave_signals_to_others(void **state)
{
	struct mask_job job = {.job.run = read_mask};
	sigset_t before, after;
	pthread_sigmask(SIG_BLOCK, NULL, &before);
	struct pool *pool = pool_create(1);
	assert_int_equal(pool_submit(pool, &job.job), 0);
	pool_destroy(pool);
	pthread_sigmask(SIG_BLOCK, NULL, &after);
	assert_true(sigismember(&job.mask, SIGTERM));
	assert_true(sigismember(&job.mask, SIGINT));
	assert_int_equal(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pool__runs_as_many_at_once_as_it_may),
		cmocka_unit_test(test_pool__of_one_keeps_the_order),
		cmocka_unit_test(test_pool__starts_a_thread_rather_than_wait),
		cmocka_unit_test(test_pool__works_on_after_a_rest),
		cmocka_unit_test(test_take_back__only_what_is_in_line),
		cmocka_unit_test(test_destroy__waits_for_what_is_in_line),
		cmocka_unit_test(test_destroy__of_an_idle_pool),
		cmocka_unit_test(test_threads__leave_signals_to_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
