/*
 * Commits under one name come one after another: what the first makes of it, a record or nothing,
 * decides what the second has to do. Otherwise two saves of a new name would be two records
 * (contract 6). So does a record's DELETE, under its own name: what is saved meanwhile would go with
 * it. Any thread; waits in calls only.
 */
#ifndef FS_CLAIMS_H
#define FS_CLAIMS_H

#include "store.h"

struct claims;

/* How many timeouts one waits for another one of the same name: a save takes three at most. */
#define CLAIM_TIMEOUTS 3

/* The names that are being committed; on the committer's stack. */
struct name_claim {
	struct name_claim *next;
	const struct collection *collection;
	char name[NAME_SIZE];
	char other[NAME_SIZE]; /* a second one, or "" */
};

/* NULL: no memory. */
struct claims *claims_create(void);
void claims_destroy(struct claims *claims);
/*
 * Waits until nobody has the name, nor the other (NULL or "": there is none), and takes both at once,
 * so that two who want the same never wait for each other; until_ms, on clock_ms, at most: -ETIMEDOUT.
 * Each claim that was taken has its end.
 */
int claims_take(struct claims *claims, struct name_claim *claim,
	const struct collection *collection, const char *name, const char *other,
	int64_t until_ms) nodiscard;
void claims_end(struct claims *claims, struct name_claim *claim);

#endif
