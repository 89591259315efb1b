/*
 * A way to call off work that waits: set once from any thread, seen at once by the one who waits.
 *
 * The waiting side registers how it can be woken; the wake function runs in the caller of
 * cancel_set, under the cancel's own lock, so it may only wake (signal, curl_multi_wakeup) and must
 * not call back. Any thread, any number of them.
 */
#ifndef CORE_CANCEL_H
#define CORE_CANCEL_H

#include "base.h"
#include <pthread.h>

struct cancel {
	pthread_mutex_t lock;
	bool is_set;
	void (*wake)(void *arg);
	void *wake_arg;
};

void cancel_init(struct cancel *cancel);
void cancel_release(struct cancel *cancel);

void cancel_set(struct cancel *cancel);
/* NULL is a cancel that nobody sets. */
bool cancel_is_set(struct cancel *cancel);

/* One waiter at a time. After cancel_unwatch returns, wake is not running and will not be called.
 */
void cancel_watch(struct cancel *cancel, void (*wake)(void *arg), void *arg);
void cancel_unwatch(struct cancel *cancel);

#endif
