/*
 * One request for many who want the same: whoever asks while a fetch is under way waits for that
 * one (contract 4). Fetches run on threads of their own; those who wait can be called off, or wait
 * only for a while, and the fetch goes on for the others.
 */
#ifndef CORE_FETCH_H
#define CORE_FETCH_H

#include "cancel.h"
#include "pool.h"
#include "problem.h"

struct fetches;

/*
 * Does the work: what is any pointer that says of what kind, key which of them ("" for all).
 * Runs on a fetch thread with no lock held. 0 or negative errno with problem.
 */
typedef int (*fetch_run_fn)(void *arg, void *what, const char *key, size_t key_len,
	struct cancel *cancel, struct problem *problem);

/* NULL: no memory. */
struct fetches *fetches_create(unsigned max_threads, fetch_run_fn run, void *arg);
/* Calls off what is under way and waits for it. Nobody may wait in fetch_wait any more. */
void fetches_destroy(struct fetches *fetches);
/* Calls off everything that is under way: those who wait get -ECANCELED. */
void fetches_cancel_all(struct fetches *fetches);

/*
 * Joins the fetch of (what, key) that is under way, or starts one, and waits for its end: its
 * result. -EAGAIN after patience_ms (the fetch goes on), -EINTR when cancel is set (the fetch is
 * called off if nobody else wants it). patience_ms counts from the start of the fetch, so that
 * later ones do not wait again for a server that hangs; negative: as long as it takes.
 */
int fetch_wait(struct fetches *fetches, void *what, const char *key, size_t key_len,
	int64_t patience_ms, struct cancel *cancel, struct problem *problem) nodiscard;
/* The same, but never joins one that began before this call: its answer would be too old. */
int fetch_wait_new(struct fetches *fetches, void *what, const char *key, size_t key_len,
	struct problem *problem) nodiscard;

/*
 * As fetch_wait, of the fetch without a key, but returns 0, too, once enough says that so much of the
 * answer is there; then the fetch goes on, and is called off only if another who waits for it is the
 * last and is cancelled. enough is asked before a fetch is begun, and at each progress, with a lock held
 * that is taken before the store's. patience_ms counts from now.
 */
int fetch_wait_until(struct fetches *fetches, void *what, bool (*enough)(const void *arg),
	const void *arg, int64_t patience_ms, struct cancel *cancel,
	struct problem *problem) nodiscard;
/* More has come of some fetch: for who waits for enough of it. */
void fetches_progress(struct fetches *fetches);

#endif
