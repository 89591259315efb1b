/*
 * The drafts of a mount (contract 7): a text is on disk before it goes to the server, stays there
 * with the reason when the server did not take it, and goes once it was saved.
 *
 * A refused text does not overwrite an earlier one of the same file: that moves to "4.json.~1~" and
 * so on. All of these block on the disk; without a journal (a read-only mount) they do nothing.
 */
#ifndef FS_DRAFTS_H
#define FS_DRAFTS_H

#include "fs.h"

/* The text is on its way: it survives the end of this process. On failure nothing must be sent. */
int drafts_note(struct fs *fs, const char *resource, const char *name, const struct buf *text,
	struct problem *problem) nodiscard;
/* The text was not taken: it survives power loss. A failure is told in errors. */
void drafts_keep(struct fs *fs, const char *resource, const char *name, const struct buf *text,
	const char *reason);
/* The file was saved: no draft of it is needed any more. */
void drafts_forget(struct fs *fs, const char *resource, const char *name);

#endif
