/*
 * The drafts of a mount (contract 7): a text is on disk before it goes to the server, and becomes a
 * draft, with the reason, when the server does not take it. journal_note_reached ends the note of
 * one that was saved.
 *
 * All of these block on the disk; without a journal (a read-only mount) they do nothing.
 */
#ifndef FS_DRAFTS_H
#define FS_DRAFTS_H

#include "fs.h"

/*
 * The text is on its way: it survives the end of this process, with durable that of the machine,
 * too. On failure nothing must be sent. *ret_note is left alone where there is no journal.
 */
int drafts_note(struct fs *fs, const char *resource, const char *name, const struct buf *text,
	bool durable, struct journal_note **ret_note, struct problem *problem) nodiscard;
/*
 * The text was not taken: it is a draft from now on and survives power loss. note (NULL: none) is
 * ended by it. A failure is told in errors, and returned.
 */
int drafts_keep(struct fs *fs, const char *resource, const char *name, const struct buf *text,
	struct journal_note *note, const char *reason) nodiscard;

#endif
