/*
 * The head of what is made from a collection's records and shared from then on: immutable, counted
 * by reference, any thread. It stands first in what it is the head of.
 */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include "base.h"
#include <stdatomic.h>

struct slot;

struct snapshot {
	atomic_uint refs;
	void (*destroy)(struct snapshot *snapshot);
};

/* The slots that changed since, each once, in the order of their addresses. */
struct changed_slots {
	struct slot **slots;
	size_t count;
};

static inline void snapshot_init(
	struct snapshot *snapshot, void (*destroy)(struct snapshot *snapshot))
{
	atomic_init(&snapshot->refs, 1);
	snapshot->destroy = destroy;
}

static inline struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
	atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
	return snapshot;
}

/* NULL is fine. */
static inline void snapshot_unref(struct snapshot *snapshot)
{
	if (snapshot && atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) == 1)
		snapshot->destroy(snapshot);
}

/* Whether a slot is one of those that changed. */
static inline bool changed_slots_has(const struct changed_slots *changed, const struct slot *slot)
{
	size_t low = 0, high = changed->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if ((uintptr_t)changed->slots[middle] < (uintptr_t)slot)
			low = middle + 1;
		else
			high = middle;
	}
	return low < changed->count && changed->slots[low] == slot;
}

#endif
