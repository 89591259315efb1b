/*
 * Commits under one name come one after another: what the first makes of it, a record or nothing,
 * decides what the second has to do. Otherwise two saves of a new name would be two records
 * (contract 6). Any thread; waits in calls only.
 */
#ifndef FS_CLAIMS_H
#define FS_CLAIMS_H

#include "store.h"

struct claims;

/* A name that is being committed; on the committer's stack. */
struct name_claim {
	struct name_claim *next;
	const struct collection *collection;
	char name[NAME_SIZE];
};

/* NULL: no memory. */
struct claims *claims_create(void);
void claims_destroy(struct claims *claims);
/* Waits until nobody has it; until_ms, on clock_ms, at most: -ETIMEDOUT. Each claim that was taken has its end. */
int claims_take(struct claims *claims, struct name_claim *claim,
	const struct collection *collection, const char *name, int64_t until_ms) nodiscard;
void claims_end(struct claims *claims, struct name_claim *claim);

#endif
