/*
 * A believable small business: people and the companies they work for, deals, cases, tasks, notes
 * and what else a CRM holds. The same count and seed make the same records.
 */
#ifndef SANDBOX_SEED_H
#define SANDBOX_SEED_H

#include "store.h"

/* 0, -ENOMEM. ascii: as \uXXXX what is not ASCII. */
int seed_store(struct store *store, uint64_t contacts, uint64_t seed, bool ascii) nodiscard;

struct pen;
/* The part of it that does not depend on the number of contacts. */
void seed_account(struct pen *pen);

#endif
