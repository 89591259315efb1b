/*
 * A bounded crowd of threads for work that blocks. Threads are started as work comes and wait for
 * more; signals are blocked in them. Any thread may submit.
 */
#ifndef CORE_POOL_H
#define CORE_POOL_H

#include "base.h"

struct pool;

/* One piece of work, embedded in the caller's own struct; the pool owns it until run is called. */
struct pool_job {
	struct pool_job *next;
	void (*run)(struct pool_job *job);
};

/* max_threads at once; what comes beyond waits in line. NULL: no memory. */
struct pool *pool_create(unsigned max_threads);
/* Waits until all that was submitted has run. Nothing may be submitted any more. */
void pool_destroy(struct pool *pool);
/* -EAGAIN: not one thread can be started; the job was not taken. */
int pool_submit(struct pool *pool, struct pool_job *job) nodiscard;
/* Takes a job that waits in line out of it: it is the caller's again. False: it was not in line. */
bool pool_take_back(struct pool *pool, struct pool_job *job);

#endif
