#include "calls.h"

#include "clock.h"
#include "handle.h"
#include "proc.h"
#include "thread.h"
#include <signal.h>
#include <stdio.h>

#define LOOK_AGAIN_MS 250

/* How many of a kind run at a time. */
static const unsigned max_threads[CALL_KINDS] = {
	[CALL_READS] = 256,
	[CALL_SAVES] = 256,
	[CALL_LOCAL] = 16,
};

struct calls {
	struct pool *pools[CALL_KINDS];
	pthread_t watcher;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* the interrupted ones, or stopping: for the watcher */
	pthread_cond_t ended;	/* a call, or its early answer */
	/* guarded by lock */
	struct call *interrupted;
	struct call *locking; /* those that lock a directory */
	size_t under_way;
	bool stopping;
};

/* ---- how a call begins and ends ---- */

/* Counted as under way from now on. */
static void begin_call(struct calls *calls, struct call *call)
{
	pthread_mutex_lock(&calls->lock);
	calls->under_way++;
	if (call->locks_dir) {
		call->next_locking = calls->locking;
		calls->locking = call;
	}
	pthread_mutex_unlock(&calls->lock);
}

static void end_locking_locked(struct calls *calls, struct call *call)
{
	struct call **at = &calls->locking;
	while (*at && *at != call)
		at = &(*at)->next_locking;
	if (*at)
		*at = call->next_locking;
}

/* Takes the request, unless it was answered early. */
static fuse_req_t take_request(struct calls *calls, struct call *call)
{
	pthread_mutex_lock(&calls->lock);
	while (call->is_being_answered)
		pthread_cond_wait(&calls->ended, &calls->lock);
	if (call->is_interrupted) {
		struct call **at = &calls->interrupted;
		while (*at != call)
			at = &(*at)->next_interrupted;
		*at = call->next_interrupted;
	}
	end_locking_locked(calls, call);
	fuse_req_t req = steal(call->req);
	call->is_interrupted = true; /* too late for another one */
	pthread_mutex_unlock(&calls->lock);
	return req;
}

fuse_req_t call_finish(struct call *call)
{
	fuse_req_t req = take_request(call->fs->calls, call);
	if (req)
		fuse_req_interrupt_func(req, NULL, NULL);
	cancel_release(&call->cancel);
	free(call);
	return req;
}

/* Counted here and not in call_finish: what runs after that still needs the mount. */
static void end_call(struct calls *calls)
{
	pthread_mutex_lock(&calls->lock);
	if (--calls->under_way == 0)
		pthread_cond_broadcast(&calls->ended);
	pthread_mutex_unlock(&calls->lock);
}

/* Ends a call that will not run. */
static void drop(struct call *call, int err)
{
	struct calls *calls = call->fs->calls;

	if (call->holds_node)
		tree_unref(call->fs->tree, call->node);
	if (call->file)
		tree_unref(call->fs->tree, call->file);
	if (call->handle)
		handle_close(call->fs, call->handle);
	fuse_req_t req = call_finish(call);
	if (req)
		fuse_reply_err(req, err);
	end_call(calls);
}

/* ---- whom a signal will end ---- */

static uint64_t signals_in(const char *status, const char *field)
{
	const char *at = strstr(status, field);
	return at ? strtoull(at + strlen(field), NULL, 16) : 0;
}

#define SIGNAL_BIT(number) ((uint64_t)1 << ((number)-1))

/* Signals by which somebody wants a program to stop waiting, whether it handles them or not. */
#define STOP_SIGNALS \
	(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGHUP) | \
		SIGNAL_BIT(SIGQUIT))
/* Signals that end a program unless it handles them. */
#define DEADLY_SIGNALS \
	(SIGNAL_BIT(SIGALRM) | SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGUSR2) | SIGNAL_BIT(SIGPIPE) | \
		SIGNAL_BIT(SIGVTALRM) | SIGNAL_BIT(SIGPROF) | SIGNAL_BIT(SIGIO))

/*
 * A caller that waits in the kernel keeps the signal that interrupted it pending: what it is tells
 * Ctrl-C from a timer. One that cannot be looked at any more is taken as ended.
 */
static bool wants_to_stop(pid_t pid)
{
	char status[4096];

	/* 0: of another pid namespace. */
	if (pid == 0 || proc_read(pid, "status", status, sizeof status) == 0)
		return pid != 0;
	uint64_t pending = signals_in(status, "\nSigPnd:") | signals_in(status, "\nShdPnd:");
	pending &= ~signals_in(status, "\nSigIgn:");
	uint64_t unblocked = pending & ~signals_in(status, "\nSigBlk:");
	uint64_t unhandled = unblocked & ~signals_in(status, "\nSigCgt:");
	return (pending & SIGNAL_BIT(SIGKILL)) || (unblocked & STOP_SIGNALS) ||
	       (unhandled & DEADLY_SIGNALS);
}

/*
 * Of those whose callers want to stop, calls off what only reads; returns one that is to be answered
 * now, or NULL: one that goes on, or one that has not begun to read, taken out of its line.
 */
static struct call *end_waits_locked(struct calls *calls)
{
	for (struct call *call = calls->interrupted; call; call = call->next_interrupted) {
		if (!call->req || call->kind == CALL_LOCAL || !wants_to_stop(call->pid))
			continue;
		if (call->kind == CALL_SAVES ||
			pool_take_back(calls->pools[call->kind], &call->job))
			return call;
		cancel_set(&call->cancel);
	}
	return NULL;
}

/* The request is libfuse's to lock before us: so its callback is taken away without our lock. */
static void answer_early_locked(struct calls *calls, struct call *call)
{
	fuse_req_t req = call->req;
	call->is_being_answered = true;
	pthread_mutex_unlock(&calls->lock);
	fuse_req_interrupt_func(req, NULL, NULL);
	pthread_mutex_lock(&calls->lock);
	call->req = NULL;
	call->is_being_answered = false;
	pthread_cond_broadcast(&calls->ended);
	pthread_mutex_unlock(&calls->lock);
	fuse_reply_err(req, EINTR);
	pthread_mutex_lock(&calls->lock);
}

static void drop_locked(struct calls *calls, struct call *call)
{
	pthread_mutex_unlock(&calls->lock);
	drop(call, EINTR);
	pthread_mutex_lock(&calls->lock);
}

static void *watch(void *arg)
{
	struct calls *calls = arg;
	struct call *call;

	pthread_mutex_lock(&calls->lock);
	while (!calls->stopping) {
		while ((call = end_waits_locked(calls))) {
			if (call->kind == CALL_SAVES)
				answer_early_locked(calls, call);
			else
				drop_locked(calls, call);
		}
		struct timespec until = clock_timespec(clock_ms() + LOOK_AGAIN_MS);
		if (calls->interrupted)
			pthread_cond_clockwait(
				&calls->changed, &calls->lock, CLOCK_MONOTONIC, &until);
		else
			pthread_cond_wait(&calls->changed, &calls->lock);
	}
	pthread_mutex_unlock(&calls->lock);
	return NULL;
}

/* Runs under a lock of libfuse's: notes and wakes, nothing else. */
static void on_interrupt(fuse_req_t req, void *arg)
{
	(void)req;
	struct call *call = arg;
	struct calls *calls = call->fs->calls;

	pthread_mutex_lock(&calls->lock);
	if (!call->is_interrupted) {
		call->is_interrupted = true;
		call->next_interrupted = calls->interrupted;
		calls->interrupted = call;
		pthread_cond_broadcast(&calls->changed);
	}
	pthread_mutex_unlock(&calls->lock);
}

/* ---- calls ---- */

static int create_pools(struct calls *calls)
{
	for (size_t kind = 0; kind < CALL_KINDS; kind++) {
		calls->pools[kind] = pool_create(max_threads[kind]);
		if (!calls->pools[kind])
			return -ENOMEM;
	}
	return 0;
}

static void destroy_pools(struct calls *calls)
{
	for (size_t kind = 0; kind < CALL_KINDS; kind++)
		pool_destroy(calls->pools[kind]);
}

struct calls *calls_create(void)
{
	struct calls *calls = calloc(1, sizeof *calls);

	if (!calls)
		return NULL;
	pthread_mutex_init(&calls->lock, NULL);
	pthread_cond_init(&calls->changed, NULL);
	pthread_cond_init(&calls->ended, NULL);
	int err = create_pools(calls);
	if (err == 0)
		err = thread_start(NULL, watch, calls, &calls->watcher);
	if (err < 0) {
		destroy_pools(calls);
		free(calls);
		return NULL;
	}
	return calls;
}

void calls_destroy(struct calls *calls)
{
	if (!calls)
		return;
	destroy_pools(calls);
	pthread_mutex_lock(&calls->lock);
	calls->stopping = true;
	pthread_cond_broadcast(&calls->changed);
	pthread_mutex_unlock(&calls->lock);
	pthread_join(calls->watcher, NULL);
	pthread_cond_destroy(&calls->ended);
	pthread_cond_destroy(&calls->changed);
	pthread_mutex_destroy(&calls->lock);
	free(calls);
}

static void run_job(struct pool_job *job)
{
	struct call *call = (struct call *)job;
	struct calls *calls = call->fs->calls;
	int64_t in_line_ms = clock_ms() - call->asked_ms;

	if (call->kind == CALL_READS && in_line_ms >= call->fs->config->timeout_ms) {
		drop(call, ETIMEDOUT);
		return;
	}
	call->run(call);
	end_call(calls);
}

struct call *call_create(struct fs *fs, fuse_req_t req, void (*run)(struct call *call),
	struct node *node, const char *name)
{
	struct call *call = calloc(1, sizeof *call);
	if (!call) {
		fuse_reply_err(req, ENOMEM);
		return NULL;
	}
	call->job.run = run_job;
	call->fs = fs;
	call->req = req;
	call->run = run;
	call->pid = fuse_req_ctx(req)->pid;
	call->node = node;
	cancel_init(&call->cancel);
	if (name)
		snprintf(call->name, sizeof call->name, "%s", name);
	call->locks_dir = call->name[0] != '\0';
	return call;
}

bool calls_wait(struct calls *calls, int64_t ms)
{
	if (!calls)
		return true;
	struct timespec until = clock_timespec(clock_ms() + ms);
	int late = 0;
	pthread_mutex_lock(&calls->lock);
	while (calls->under_way > 0 && late == 0)
		late = pthread_cond_clockwait(&calls->ended, &calls->lock, CLOCK_MONOTONIC, &until);
	bool none = calls->under_way == 0;
	pthread_mutex_unlock(&calls->lock);
	return none;
}

bool calls_hold(struct calls *calls, const struct node *dir, bool but_deletes)
{
	pthread_mutex_lock(&calls->lock);
	const struct call *call = calls->locking;
	while (call && !(call->req && call->node == dir && call->kind != CALL_LOCAL &&
			       !(but_deletes && call->slot)))
		call = call->next_locking;
	pthread_mutex_unlock(&calls->lock);
	return call != NULL;
}

void call_submit(struct call *call, enum call_kind kind)
{
	struct calls *calls = call->fs->calls;

	call->kind = kind;
	call->asked_ms = clock_ms();
	begin_call(calls, call);
	fuse_req_interrupt_func(call->req, on_interrupt, call);
	if (pool_submit(calls->pools[kind], &call->job) < 0)
		drop(call, ENOMEM);
}
