/* The words that the seeded records are made of. All can stand in a JSON string as they are. */
#ifndef SANDBOX_SEED_WORDS_H
#define SANDBOX_SEED_WORDS_H

#include "base.h"

enum { NAMES = 8, PLACES = 3, FIRMS = 4, TRADES = 4 };

struct name {
	const char *shown;
	const char *ascii; /* as in a mail address */
};

struct place {
	const char *city, *postcode, *region, *street;
};

struct culture {
	const char *country; /* ISO 3166-1 */
	const char *dial;
	const char *trade_between, *legal_form; /* around a firm's trade */
	bool has_initials;
	struct name first[NAMES], last[NAMES];
	struct place places[PLACES];
	struct name firms[FIRMS];
	const char *trades[TRADES];
};

struct words {
	const char *const *list;
	size_t count;
};

/* The first one is where Zoë Müller of Köln comes from. */
extern const struct culture seed_cultures[];
extern const size_t seed_culture_count;

extern const struct words seed_titles, seed_tags, seed_sentences, seed_deals, seed_cases,
	seed_tasks, seed_remarks, seed_sectors;

#endif
