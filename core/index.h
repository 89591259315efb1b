/*
 * What a collection's records are found by beside their ids, in order: the frame of labels.h and
 * links.h. Each record adds items; which, and in what order they stand, says the kind.
 *
 * A snapshot: immutable once made, any thread. Making one takes a walk over all records; making it
 * anew, over those that changed and what was known.
 */
#ifndef CORE_INDEX_H
#define CORE_INDEX_H

#include "snapshot.h"
#include "store.h"

struct index_item {
	union {
		uint64_t hash;
		void *text;
	};
	struct slot *slot;
};

struct index;

struct index_kind {
	/* Adds a record's items with index_add. -ENOMEM. */
	int (*add_record)(struct index *index, struct slot *slot, const struct record *record);
	/* For qsort, on items: a total order. Of equal ones the first is kept. */
	int (*compare)(const void *a, const void *b);
	/* An item stands in one index more, or less; NULL: nothing to do. */
	void (*keep)(const struct index_item *item);
	void (*drop)(const struct index_item *item);
};

struct index {
	struct snapshot head;
	const struct index_kind *kind;
	struct collection *collection;
	size_t count, capacity;
	struct index_item *items; /* in the kind's order */
};

/*
 * Of all records that the collection has now: old is NULL. Else of old's items, but for those of
 * the changed slots. -ENOMEM.
 */
int index_make(const struct index_kind *kind, struct collection *collection,
	const struct index *old, const struct changed_slots *changed,
	struct index **ret_index) nodiscard;
/*
 * The first place whose item is not before the key; count where all are. order says where an item
 * stands to the key, as compare does, and fits the kind's order.
 */
size_t index_lower_bound(const struct index *index,
	int (*order)(const struct index_item *item, const void *key), const void *key);
/* For add_record. Takes what the item holds when it returns 0. -ENOMEM. */
int index_add(struct index *index, struct index_item item) nodiscard;

#endif
