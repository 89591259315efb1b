#include "fetch.h"

#include "clock.h"
#include <pthread.h>

struct fetch {
	struct pool_job job; /* first, so that the job is the fetch */
	struct fetches *const owner;
	struct fetch *next; /* in owner->active */
	struct cancel cancel;
	/* guarded by owner->lock */
	unsigned refs;	  /* those who wait, and the running job */
	unsigned waiters; /* those who wait, or went on without it */
	bool done;
	bool called_off; /* nobody may join any more */
	int err;
	struct problem problem;
	/* constant */
	int64_t started_ms;
	void *what;
	size_t key_len;
	char key[];
};

struct fetches {
	struct pool *pool;
	const fetch_run_fn run;
	void *const arg;
	pthread_mutex_t lock;
	pthread_cond_t
		changed; /* a fetch has ended, or more of one is there, or somebody was called off */
	struct fetch *active; /* guarded by lock */
	bool stopping;	      /* guarded by lock */
};

struct fetches *fetches_create(unsigned max_threads, fetch_run_fn run, void *arg)
{
	struct fetches *fetches = calloc(1, sizeof *fetches);
	struct pool *pool = pool_create(max_threads);
	if (!fetches || !pool) {
		free(fetches);
		pool_destroy(pool);
		return NULL;
	}
	struct fetches fixed = {.pool = pool, .run = run, .arg = arg};
	memcpy(fetches, &fixed, sizeof fixed);
	pthread_mutex_init(&fetches->lock, NULL);
	pthread_cond_init(&fetches->changed, NULL);
	return fetches;
}

static struct fetch *find_active_locked(
	struct fetches *fetches, void *what, const char *key, size_t key_len)
{
	for (struct fetch *fetch = fetches->active; fetch; fetch = fetch->next) {
		if (!fetch->called_off && fetch->what == what && fetch->key_len == key_len &&
			memcmp(fetch->key, key, key_len) == 0)
			return fetch;
	}
	return NULL;
}

static void remove_active_locked(struct fetches *fetches, struct fetch *gone)
{
	struct fetch **at = &fetches->active;
	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
}

static void unref_locked(struct fetch *fetch)
{
	if (--fetch->refs > 0)
		return;
	cancel_release(&fetch->cancel);
	free(fetch);
}

/*
 * The lock is let go of meanwhile: what is called off may itself wait for another fetch, and is
 * woken under this lock. The caller has a reference.
 */
static void call_off_locked(struct fetches *fetches, struct fetch *fetch)
{
	fetch->called_off = true;
	pthread_mutex_unlock(&fetches->lock);
	cancel_set(&fetch->cancel);
	pthread_mutex_lock(&fetches->lock);
}

void fetches_cancel_all(struct fetches *fetches)
{
	pthread_mutex_lock(&fetches->lock);
	fetches->stopping = true;
	for (struct fetch *fetch = fetches->active; fetch;) {
		if (fetch->called_off) {
			fetch = fetch->next;
			continue;
		}
		fetch->refs++;
		call_off_locked(fetches, fetch);
		unref_locked(fetch);
		fetch = fetches->active;
	}
	pthread_mutex_unlock(&fetches->lock);
}

void fetches_destroy(struct fetches *fetches)
{
	if (!fetches)
		return;
	fetches_cancel_all(fetches);
	pool_destroy(fetches->pool);
	pthread_cond_destroy(&fetches->changed);
	pthread_mutex_destroy(&fetches->lock);
	free(fetches);
}

static void run_fetch(struct pool_job *job)
{
	struct fetch *fetch = (struct fetch *)job;
	struct fetches *fetches = fetch->owner;
	struct problem problem = {.http_status = 0};

	int err = fetches->run(
		fetches->arg, fetch->what, fetch->key, fetch->key_len, &fetch->cancel, &problem);

	pthread_mutex_lock(&fetches->lock);
	fetch->done = true;
	fetch->err = err;
	fetch->problem = problem;
	remove_active_locked(fetches, fetch);
	pthread_cond_broadcast(&fetches->changed);
	unref_locked(fetch);
	pthread_mutex_unlock(&fetches->lock);
}

static int start_locked(struct fetches *fetches, void *what, const char *key, size_t key_len,
	struct fetch **ret_fetch, struct problem *problem)
{
	if (fetches->stopping)
		return problem_set(problem, -ECANCELED, "called off");
	struct fetch *fetch = calloc(1, sizeof *fetch + key_len + 1);
	if (!fetch)
		return problem_set(problem, -ENOMEM, "out of memory");
	struct fetch fixed = {
		.job.run = run_fetch,
		.owner = fetches,
		.next = fetches->active,
		.refs = 1,
		.started_ms = clock_ms(),
		.what = what,
		.key_len = key_len,
	};
	memcpy(fetch, &fixed, sizeof fixed);
	memcpy(fetch->key, key, key_len);
	cancel_init(&fetch->cancel);
	if (pool_submit(fetches->pool, &fetch->job) < 0) {
		unref_locked(fetch);
		return problem_set(problem, -ENOMEM, "out of memory for one more thread");
	}
	fetches->active = fetch;
	*ret_fetch = fetch;
	return 0;
}

/* One who waits, woken by its own cancel. */
struct waiter {
	struct fetches *fetches;
	int64_t patience_ms;		 /* negative: as long as it takes */
	bool (*enough)(const void *arg); /* NULL: only the end is */
	const void *arg;
	bool is_called_off; /* guarded by fetches->lock */
};

static void call_off_waiter(void *arg)
{
	struct waiter *waiter = arg;
	pthread_mutex_lock(&waiter->fetches->lock);
	waiter->is_called_off = true;
	pthread_cond_broadcast(&waiter->fetches->changed);
	pthread_mutex_unlock(&waiter->fetches->lock);
}

static bool has_enough(const struct waiter *waiter)
{
	return waiter->enough && waiter->enough(waiter->arg);
}

static int wait_locked(struct fetches *fetches, struct fetch *fetch, const struct waiter *waiter)
{
	bool is_patient = waiter->patience_ms < 0;
	int64_t from_ms = waiter->enough ? clock_ms() : fetch->started_ms;
	struct timespec until = clock_timespec(from_ms + waiter->patience_ms);

	while (!fetch->done && !waiter->is_called_off) {
		if (has_enough(waiter))
			return 0;
		int late = is_patient ? pthread_cond_wait(&fetches->changed, &fetches->lock)
				      : pthread_cond_clockwait(&fetches->changed, &fetches->lock,
						CLOCK_MONOTONIC, &until);
		if (late == ETIMEDOUT && !fetch->done)
			return has_enough(waiter) ? 0 : -EAGAIN;
	}
	return fetch->done ? fetch->err : -EINTR;
}

static int join_locked(struct fetches *fetches, struct fetch *fetch, const struct waiter *waiter,
	struct problem *problem)
{
	fetch->refs++;
	fetch->waiters++;
	int err = wait_locked(fetches, fetch, waiter);
	if (fetch->done)
		*problem = fetch->problem;
	/* Who has enough wants no more of it, like one who was called off, but lets it go on. */
	bool leaves = !fetch->done && (err == -EINTR || waiter->enough);
	if (leaves && --fetch->waiters == 0 && err == -EINTR)
		call_off_locked(fetches, fetch);
	unref_locked(fetch);
	return err;
}

static int join_or_start(struct waiter *waiter, void *what, const char *key, size_t key_len,
	struct cancel *cancel, struct problem *problem)
{
	struct fetches *fetches = waiter->fetches;
	int err = 0;

	cancel_watch(cancel, call_off_waiter, waiter);
	pthread_mutex_lock(&fetches->lock);
	struct fetch *fetch = find_active_locked(fetches, what, key, key_len);
	if (!fetch && !has_enough(waiter))
		err = start_locked(fetches, what, key, key_len, &fetch, problem);
	if (fetch)
		err = join_locked(fetches, fetch, waiter, problem);
	pthread_mutex_unlock(&fetches->lock);
	cancel_unwatch(cancel);
	return err;
}

int fetch_wait(struct fetches *fetches, void *what, const char *key, size_t key_len,
	int64_t patience_ms, struct cancel *cancel, struct problem *problem)
{
	struct waiter waiter = {.fetches = fetches, .patience_ms = patience_ms};
	return join_or_start(&waiter, what, key, key_len, cancel, problem);
}

int fetch_wait_until(struct fetches *fetches, void *what, bool (*enough)(const void *arg),
	const void *arg, int64_t patience_ms, struct cancel *cancel, struct problem *problem)
{
	struct waiter waiter = {
		.fetches = fetches, .patience_ms = patience_ms, .enough = enough, .arg = arg};
	return join_or_start(&waiter, what, "", 0, cancel, problem);
}

void fetches_progress(struct fetches *fetches)
{
	pthread_mutex_lock(&fetches->lock);
	pthread_cond_broadcast(&fetches->changed);
	pthread_mutex_unlock(&fetches->lock);
}

int fetch_wait_new(struct fetches *fetches, void *what, const char *key, size_t key_len,
	struct problem *problem)
{
	const struct waiter waiter = {.fetches = fetches, .patience_ms = -1};
	struct problem ignored;

	pthread_mutex_lock(&fetches->lock);
	struct fetch *under_way = find_active_locked(fetches, what, key, key_len);
	if (under_way)
		join_locked(fetches, under_way, &waiter, &ignored);
	pthread_mutex_unlock(&fetches->lock);
	return fetch_wait(fetches, what, key, key_len, -1, NULL, problem);
}
