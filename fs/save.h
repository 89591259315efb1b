/*
 * From what was written to what the server has: commits at flush, at release, in a rename (contract
 * 5 to 7). Blocks; runs in calls only. Whatever is refused is on disk as a draft, its reason told,
 * before these return an error. asked_ms is when the program asked for it, on clock_ms: one that has
 * waited for its turn too long since is refused (-ETIMEDOUT).
 */
#ifndef FS_SAVE_H
#define FS_SAVE_H

#include "handle.h"

/*
 * Commits what was written through a handle: nothing when nothing was, or the text is empty, or it
 * says what the record says already. -EINVAL for a text that is not a complete object: it stays, to
 * be completed.
 */
int save_flush(struct fs *fs, struct handle *handle, int64_t asked_ms) nodiscard;
/*
 * The same in a write, for a program that does not look at what close says. Where that is not past
 * the page cache the kernel has the file's pages locked until it is answered: it is told afterwards,
 * and the next flush waits for that.
 */
int save_in_write(struct fs *fs, struct handle *handle, int64_t asked_ms) nodiscard;
/*
 * Instead of a flush, for a writer that was killed: who has not closed the file himself may not have
 * written all of it, so this is kept as a draft. What somebody adds to it can still be committed: where
 * the text was changed since it had so many writes, this is left to him.
 */
int save_break_off(
	struct fs *fs, struct handle *handle, uint64_t writes, int64_t asked_ms) nodiscard;
/* The last close: what is still unsaved is tried once more, else kept as a draft. */
void save_release(struct fs *fs, struct handle *handle, int64_t asked_ms);
/*
 * Whether that may have to send something, to use the disk or to wait; else save_close() is all there
 * is to do. Never waits.
 */
bool save_release_waits(struct handle *handle);
/* A writer has closed the file, and what could be saved of it is: all else is let go of. Never waits. */
void save_close(struct fs *fs, struct handle *handle);
/* Commits a file's text in a rename to a record's name, and completes the rename. */
int save_rename(struct fs *fs, struct node *dir, struct node *node, const char *to, pid_t pid,
	int64_t asked_ms) nodiscard;
/* Puts what was written on disk, for fsync; sends nothing. */
int save_sync(struct fs *fs, struct handle *handle) nodiscard;
/* Whether the next flush of it has to do with the server. Never waits. */
bool save_is_due(struct fs *fs, const struct handle *handle);

#endif
