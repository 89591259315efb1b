/*
 * Writes seeded records: properties in a row, values from dice. The first error sticks and nothing
 * is written after it, so that callers look once, at the end. One thread.
 */
#ifndef SANDBOX_PEN_H
#define SANDBOX_PEN_H

#include "buf.h"
#include "seed_words.h"
#include "store.h"

enum { PEN_USERS = 4 };

struct pen {
	struct store *store;
	uint64_t seed;
	bool ascii;
	uint64_t dice;
	struct buf text; /* the record in the making */
	int err;
};

void pen_init(struct pen *pen, struct store *store, uint64_t seed, bool ascii);
void pen_release(struct pen *pen);

/* Starts a record. Its dice depend on nothing but the seed, the resource and the id. */
void pen_begin(struct pen *pen, enum endpoint_index index, uint64_t id);
/* Ends it and stores it. */
void pen_close(struct pen *pen, enum endpoint_index index, uint64_t id);
/* The same, with the dates and rights that most records have. */
void pen_end(struct pen *pen, enum endpoint_index index, uint64_t id);

/* A number below limit; one of some words. */
uint64_t pen_roll(struct pen *pen, uint64_t limit);
const char *pen_pick(struct pen *pen, struct words words);
/* A moment between 2015 and 2025, as the values of date_member. */
uint64_t pen_moment(struct pen *pen);

/* Bytes as they are; the callers' business to keep them JSON. */
void pen_put(struct pen *pen, const char *text);
void pen_put_number(struct pen *pen, uint64_t number);

/* Properties: name and value, with the comma before them. Texts are put as they are. */
void pen_key(struct pen *pen, const char *name);
void pen_text(struct pen *pen, const char *name, const char *value);
void pen_number(struct pen *pen, const char *name, uint64_t value);
/* true, false, null, {}, ... */
void pen_raw(struct pen *pen, const char *name, const char *value);
void pen_date(struct pen *pen, const char *name, uint64_t seconds);
/* An id, where 0 is none: null, or an empty list. */
void pen_id(struct pen *pen, const char *name, uint64_t id);
void pen_ids(struct pen *pen, const char *name, uint64_t id);

#endif
