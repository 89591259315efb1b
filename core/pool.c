#include "pool.h"

#include "thread.h"

/* Work is parsing and waiting; a record's own text lives on the heap. */
#define STACK_BYTES ((size_t)512 << 10)

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work, ended;
	/* guarded by lock */
	struct pool_job *first, **last;
	unsigned threads, idle, max_threads;
	unsigned waiting; /* jobs in line */
	bool stopping;
};

struct pool *pool_create(unsigned max_threads)
{
	struct pool *pool = calloc(1, sizeof *pool);
	if (!pool)
		return NULL;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pthread_cond_init(&pool->ended, NULL);
	pool->last = &pool->first;
	pool->max_threads = max_threads;
	return pool;
}

static struct pool_job *take_job_locked(struct pool *pool)
{
	struct pool_job *job = pool->first;
	pool->first = job->next;
	if (!pool->first)
		pool->last = &pool->first;
	pool->waiting--;
	return job;
}

static void *work(void *arg)
{
	struct pool *pool = arg;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (!pool->first && !pool->stopping) {
			pool->idle++;
			pthread_cond_wait(&pool->work, &pool->lock);
			pool->idle--;
		}
		if (!pool->first)
			break;
		struct pool_job *job = take_job_locked(pool);
		pthread_mutex_unlock(&pool->lock);
		job->run(job);
		pthread_mutex_lock(&pool->lock);
	}
	pool->threads--;
	pthread_cond_signal(&pool->ended);
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static int start_thread_locked(struct pool *pool)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int err = thread_start(&attr, work, pool, &thread);
	pthread_attr_destroy(&attr);
	if (err == 0)
		pool->threads++;
	return err;
}

int pool_submit(struct pool *pool, struct pool_job *job)
{
	int err = 0;

	pthread_mutex_lock(&pool->lock);
	if (pool->waiting >= pool->idle && pool->threads < pool->max_threads)
		err = start_thread_locked(pool);
	if (pool->threads > 0) {
		err = 0;
		job->next = NULL;
		*pool->last = job;
		pool->last = &job->next;
		pool->waiting++;
		pthread_cond_signal(&pool->work);
	}
	pthread_mutex_unlock(&pool->lock);
	return err < 0 ? -EAGAIN : 0;
}

bool pool_take_back(struct pool *pool, struct pool_job *job)
{
	pthread_mutex_lock(&pool->lock);
	struct pool_job **at = &pool->first;
	while (*at && *at != job)
		at = &(*at)->next;
	bool is_in_line = *at != NULL;
	if (is_in_line) {
		*at = job->next;
		if (!job->next)
			pool->last = at;
		pool->waiting--;
	}
	pthread_mutex_unlock(&pool->lock);
	return is_in_line;
}

void pool_destroy(struct pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->work);
	while (pool->threads > 0)
		pthread_cond_wait(&pool->ended, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	pthread_cond_destroy(&pool->ended);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
