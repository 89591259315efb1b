/*
 * What stands in a resource directory beside the records the server has: scratch files, drafts,
 * names that were chosen for new records, and names whose record was set aside. A name in here
 * counts before the record of that name. Guarded by the tree's lock.
 */
#ifndef FS_NAMES_H
#define FS_NAMES_H

#include "makings.h"
#include "node.h"

struct name {
	struct name *next; /* in its chain */
	/* Among those that are more than an alias; used_at is NULL where it is not. */
	struct name *next_used, **used_at;
	struct node *node; /* referenced; NULL: nothing stands here */
	/*
	 * The server refused what was to be created or saved here: the node is not to be seen, but
	 * lives while it is open, and a later commit brings it back.
	 */
	bool is_refused;
	/*
	 * The record that stood here was renamed away: what is saved under this name is a change of
	 * it, and who renamed it away unlinks what he made, and never it. NULL: no such thing.
	 */
	struct slot *aside;
	pid_t mover;		/* the process that renamed or unlinked it */
	int64_t aside_until_ms; /* the record is there again from then on, or once the mover has
				   exited; 0: as something was made in its place */
	/* aside was unlinked: it stays away, and is to be deleted unless something comes back here.
	 */
	bool is_deleted;
	bool is_leaving; /* the DELETE is on its way: too late to come back */
	uint64_t burial; /* which unlink it was, of all in the tree */
	/* Chosen for a record that the server gave another id: stands for it, but is not listed. */
	struct slot *alias;
	char text[];
};

struct names;

struct names *names_create(void);
/* The nodes are not let go of: the whole tree goes. */
void names_destroy(struct names *names);

struct name *names_find(const struct names *names, const char *text);
/* The name must not be there yet. NULL: no memory. */
struct name *names_add(struct names *names, const char *text);
void names_remove(struct names *names, struct name *name);
/*
 * A name is used where something stands or is set aside; else it is an alias alone, or nothing yet.
 * Of those there may be thousands, and they hide nothing. To be told of a name whenever its node or
 * its aside was set or taken away.
 */
void names_settle(struct names *names, struct name *name);
/* How many are used. */
size_t names_count(const struct names *names);
/* Those that were chosen for the record no longer mean it. */
void names_forget_alias(struct names *names, const struct slot *slot);
/* Who has created what in the place of records here. */
struct making **names_makings(struct names *names);
/*
 * Walks those that are used, in no order; start with NULL, ends with NULL. Meanwhile nothing may be
 * added, and previous not be settled.
 */
struct name *names_next(const struct names *names, const struct name *previous);

#endif
