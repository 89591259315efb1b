/* Inside of the store, for store.c and store_*.c alone. */
#ifndef CORE_STORE_PRIVATE_H
#define CORE_STORE_PRIVATE_H

#include "store.h"

#include <pthread.h>

/* A listing that is arriving. */
struct loading {
	size_t records;
	uint64_t bytes;
	int64_t begun_ms;
};

/* Where a slot stands in the order. */
struct place {
	uint32_t hash;	 /* of its id */
	uint32_t from_1; /* 0: nothing here */
};

struct collection {
	struct store *const store;
	const char *const name;
	const struct resource *const resource;
	const bool may_lack; /* an account may have none of it, and nobody asked for it by name */

	/* all below: guarded by store->lock */
	struct place *table; /* open addressing by id; its size is a power of two */
	size_t table_size;
	struct slot **order; /* every slot, in the order first heard of */
	size_t order_count, order_capacity;
	/* Never listed: so many places, from the first on, have what the answer that arrives says. */
	size_t arrived;
	size_t fixed; /* so many, that somebody may have read, keep their slots */
	size_t records;
	uint64_t bytes;
	struct listing *listing; /* of the present records; NULL: to be made anew */

	bool absent, listed;
	int64_t listed_ms;	 /* when the listing was last confirmed */
	bool doubted;		 /* something may have changed since */
	uint64_t asked_anew_seq; /* the store's when somebody last asked for a newer one */
	struct timespec changed_at;
	char etag[128];
	unsigned singles; /* records fetched by themselves since singles_since_ms */
	int64_t singles_since_ms;
	uint32_t updates;	       /* listings begun, so that each has a number */
	const struct loading *loading; /* of the update under way; NULL: none */
	int outcome;
	int64_t outcome_ms;
	int listing_outcome; /* of the last listing alone */
	int64_t listing_outcome_ms;
	int64_t slow_ms; /* when somebody gave up waiting; 0: an answer came since */
	char outcome_message[400];
};

struct store {
	const int64_t ttl_ms;
	const uint64_t max_bytes; /* 0: no limit */
	const struct store_observer observer;
	size_t count;
	struct collection **collections;

	pthread_mutex_t lock;
	/* guarded by lock */
	uint64_t next_ino;
	uint64_t seq;
	uint64_t slots;		   /* how many there are */
	uint64_t held_bytes;	   /* of records, those that wait in updates included */
	struct slot_block *blocks; /* what the slots stand in */
};

/* About what they take beside their text. */
#define SLOT_COST_BYTES 160
#define RECORD_COST_BYTES 96

/* Slots that are gone through under one hold of the lock. */
#define STORE_BATCH 1024

#define NS_PER_S INT64_C(1000000000)
/* The time of day, since 1970. */
int64_t store_now_ns(void);

void store_free_blocks(struct store *store);
/* The tables alone: the slots go with the blocks. */
void collection_free_slots(struct collection *collection);

/* NULL: never heard of. */
struct slot *collection_find_locked(struct collection *collection, const char *id, size_t len);
/* The place in the order of an id that was heard of. */
size_t collection_place_locked(const struct collection *collection, const char *id, size_t len);
/* Each comes to the other's place. */
void collection_swap_locked(struct collection *collection, size_t a, size_t b);
/* Finds or makes. NULL: no memory. */
struct slot *collection_slot_locked(struct collection *collection, const char *id, size_t len);

/*
 * Puts a version (or NULL) into a slot and counts; false: it is the same as before. The version
 * that was there is handed to *ret_old, to be let go outside the lock.
 */
bool slot_replace_locked(struct slot *slot, struct record *record, struct record **ret_old);
/* The set of records is another one than before. */
void collection_touch_locked(struct collection *collection);

void store_notify_changed(struct store *store, struct slot *slot);
void store_notify_listing(struct collection *collection);

#endif
