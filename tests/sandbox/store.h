/*
 * The records of the stand-in: for each resource an ordered table of texts, found by id.
 *
 * A record never changes: an update puts another one in its place. Whoever got one holds a
 * reference and may read it for as long as he likes, so a listing is a moment of the table
 * however slowly it is read.
 *
 * Any thread; the store's own lock guards all but the records.
 */
#ifndef SANDBOX_STORE_H
#define SANDBOX_STORE_H

#include "endpoint.h"

struct record {
	_Atomic unsigned refs;
	uint32_t id_len;
	uint64_t version; /* no two records of a store have the same */
	size_t len;
	char text[]; /* len bytes of JSON, then the id_len bytes of the id as in its URL */
};

static inline struct span record_text(const struct record *record)
{
	return (struct span){record->text, record->len};
}

static inline struct span record_id(const struct record *record)
{
	return (struct span){record->text + record->len, record->id_len};
}

/* NULL is allowed. */
void record_unref(struct record *record);
static inline void cleanup_record(struct record **record)
{
	record_unref(*record);
}
#define auto_record cleanup(cleanup_record)

/* A whole table at one moment, in the order of creation. */
struct listing {
	struct record **records; /* a reference to each */
	size_t count;
	size_t bytes;	  /* of all texts */
	uint64_t version; /* another one after every change of the table */
};

void listing_release(struct listing *listing);

struct store;

/* NULL: no memory. */
struct store *store_create(void);
void store_destroy(struct store *store);

/* Where the server's own ids go on: the next one will be greater than last. */
void store_ids_start(struct store *store, enum id_space space, uint64_t last);
/* An id that nobody has: digits, with "f" before them for a folder. */
#define STORE_ID_SIZE 24
void store_take_id(struct store *store, enum id_space space, char ret_id[STORE_ID_SIZE]);

/* Stores these bytes under the id, in place of what was there. 0, -ENOMEM, -EFBIG. */
int store_put(struct store *store, const struct endpoint *endpoint, struct span id,
	struct span text) nodiscard;
/* As store_put, if the id still has that very record; else -ESTALE. */
int store_swap(struct store *store, const struct endpoint *endpoint, const struct record *old,
	struct span text) nodiscard;
/* -ENOENT: there was none. */
int store_remove(struct store *store, const struct endpoint *endpoint, struct span id);

/* The caller owns the reference. NULL: there is none. */
struct record *store_get(struct store *store, const struct endpoint *endpoint, struct span id);
/* 0, -ENOMEM. The caller releases it. */
int store_list(struct store *store, const struct endpoint *endpoint,
	struct listing *ret_listing) nodiscard;

#endif
