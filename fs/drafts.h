/*
 * The drafts of a mount (contract 7): a text is on disk before it goes to the server, and becomes a
 * draft, with the reason, when the server does not take it.
 *
 * A later save drops a draft when nothing of it would be lost: it was the same program's, which has
 * saved what it wants by now; or each property that it has is as it says by now, or was changed by
 * that very save.
 *
 * All of these block on the disk; without a journal (a read-only mount) they do nothing.
 */
#ifndef FS_DRAFTS_H
#define FS_DRAFTS_H

#include "fs.h"
#include "json_check.h"
#include "resource.h"
#include <sys/types.h>

struct drafts;

/* Who wrote which draft, for as long as the mount lives. NULL: no memory. */
struct drafts *drafts_create(void);
void drafts_destroy(struct drafts *drafts);

/*
 * The text is on its way: it survives the end of this process, with durable that of the machine,
 * too. On failure nothing must be sent. *ret_note is left alone where there is no journal.
 */
int drafts_note(struct fs *fs, const char *resource, const char *name, const struct buf *text,
	bool durable, struct journal_note **ret_note, struct problem *problem) nodiscard;
/*
 * The text was not taken: it is a draft from now on and survives power loss. note (NULL: none) is
 * ended by it. writer is the one who wrote it. A failure is told in errors, and returned.
 */
int drafts_keep(struct fs *fs, const char *resource, const char *name, const struct buf *text,
	struct journal_note *note, const char *reason, pid_t writer) nodiscard;

/* What was saved; all borrowed. */
struct draft_saved {
	const struct resource *resource;
	struct json_slice text;
	const struct record *base;   /* the version that it was a change of; NULL: none */
	const struct record *record; /* what the server made of it */
	pid_t writer;
};
/* Ends the note of a text that was saved, and drops the drafts that it makes needless. */
void drafts_reached(struct fs *fs, struct journal_note *note, const struct draft_saved *saved);

#endif
