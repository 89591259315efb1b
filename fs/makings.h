/*
 * Who has created a file in the place of a record, that is, opened the record to be written anew: what
 * he unlinks there until it is saved is his new file, and not the record. Several may do so at a time.
 * One list a directory, guarded by the tree's lock.
 */
#ifndef FS_MAKINGS_H
#define FS_MAKINGS_H

#include "store.h"
#include "text.h"

struct making {
	struct making *next;
	const struct slot *slot;
	struct text
		*text; /* what he writes, referenced; NULL: it was not opened yet, or is closed */
	pid_t maker;   /* a process */
	int64_t until_ms; /* after a refusal; INT64_MAX: he is at it */
};

/* Forgets those whose time is over. -ENOMEM. */
int makings_add(struct making **makings, const struct slot *slot, pid_t maker) nodiscard;
/* What the maker writes who has created there last. */
void makings_set_text(
	struct making *makings, const struct slot *slot, pid_t maker, struct text *text);
/* NULL: nobody makes this text. */
struct making *makings_find(
	struct making *makings, const struct slot *slot, const struct text *text);
void makings_remove(struct making **makings, struct making *making);
bool makings_has(const struct making *makings, const struct slot *slot, pid_t maker);
/* Nobody saves what the maker has written there. */
void makings_drop_texts(struct making *makings, const struct slot *slot, pid_t maker);
/* Forgets the maker's; 0: everybody's. */
void makings_forget(struct making **makings, const struct slot *slot, pid_t maker);
void makings_release(struct making **makings);

#endif
