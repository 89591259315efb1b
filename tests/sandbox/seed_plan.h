/*
 * Contacts and companies share their ids, seven to a group: the third is a company, the other six
 * are contacts. So contact 4 works for company 3. Everything else hangs on the contacts by number:
 * the third, the eleventh, the nineteenth have a deal, and so on. So both ends of a reference can
 * be written without a look at the other.
 */
#ifndef SANDBOX_SEED_PLAN_H
#define SANDBOX_SEED_PLAN_H

#include "base.h"

enum {
	GROUP = 6, /* contacts to a company */
	ZOE = 2	   /* the number of contact 4, from 0 */
};

/* A number that no share falls on. */
#define NOBODY 0

/* Contacts first, first + every, ... have one each. */
struct share {
	uint64_t first, every;
};

static const struct share notes = {ZOE, 4}, opportunities = {ZOE, 8}, tasks = {3, 8},
			  cases = {7, 20}, files = {ZOE, 50}, links = {ZOE, 70};

/* The number of the contact's own one plus one, which is its id; 0: it has none. */
static inline uint64_t share_of(struct share share, uint64_t contact)
{
	bool has = contact >= share.first && (contact - share.first) % share.every == 0;
	return has ? (contact - share.first) / share.every + 1 : 0;
}

/* The contact to whom the one with that id belongs. */
static inline uint64_t owner_of(struct share share, uint64_t id)
{
	return share.first + (id - 1) * share.every;
}

/* How many there are when there are so many contacts. */
static inline uint64_t count_of(struct share share, uint64_t contacts)
{
	return contacts > share.first ? (contacts - share.first - 1) / share.every + 1 : 0;
}

/* An id below the count, or 0. */
static inline uint64_t if_any(uint64_t id, uint64_t count)
{
	return id <= count ? id : 0;
}

/* Comments hang on odd notes and even tasks of the same number. */
static inline uint64_t comments(uint64_t contacts)
{
	return count_of(tasks, contacts) * 3 / 4;
}

static inline uint64_t contact_id(uint64_t contact)
{
	uint64_t place = contact % GROUP;
	return contact / GROUP * (GROUP + 1) + place + (place < ZOE ? 1 : 2);
}

static inline uint64_t company_id(uint64_t company)
{
	return company * (GROUP + 1) + ZOE + 1;
}

/* 0: the last of a group works for nobody. */
static inline uint64_t employer(uint64_t contact)
{
	return contact % GROUP == GROUP - 1 ? 0 : company_id(contact / GROUP);
}

/* Every tenth note is about the contact and the company. */
static inline bool is_shared_note(uint64_t note)
{
	return note % 10 == 0;
}

#endif
