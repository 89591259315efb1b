/*
 * Drafts and trash on disk (contract 7): what a program wrote and the server has not acknowledged,
 * and the last text of deleted records.
 *
 *   <state_dir>/<account>/version                     "1\n"
 *                        /drafts/<resource>/<name>            the text, as written
 *                        /reasons/<resource>/<name>           one line: why it is still a draft
 *                        /trash/<resource>/<id>.json
 *                        /pending/<resource>/<number>.<name>  texts on their way
 *                        /temp/                               texts being written
 *
 * To the person a reason is "<name>.error" beside its draft. It stands apart on disk, so that a
 * draft can itself be called "4.json.error"; such a draft is shown, and hides the reason.
 *
 * account is the URL, made a safe name (two mounts of one account, also at once, also with another
 * token, share it). Directories 0700, files 0600. A text is written to a temporary file, fsynced,
 * renamed, and the directory fsynced (but for a note that is not durable), so that it is there
 * whole or not at all after kill -9 or power loss. What a kill left half written is cleared away at
 * the next open, and what it left pending becomes a draft, unless the writer still lives (which a
 * lock on the file tells).
 *
 * Every call blocks on the disk: never under a lock of the caller's, never in a FUSE worker that
 * must not wait. Any thread; two processes may work in one directory.
 *
 * Names come from outside: a name with '/', NUL, "." or "..", empty, or over 255 bytes is -EINVAL.
 */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include "buf.h"
#include "problem.h"
#include <time.h>

#define JOURNAL_MAX_BYTES ((uint64_t)256 << 20) /* drafts and trash together */
#define JOURNAL_TRASH_DAYS 30
/* Longer than any text that is kept: what is on disk may be somebody else's. */
#define JOURNAL_TEXT_MAX ((size_t)256 << 20)

enum journal_area { JOURNAL_DRAFTS, JOURNAL_TRASH };

struct journal;

/*
 * Makes the directories, parents of state_dir included. -EACCES: state_dir exists and group or
 * others can get into it, or it is not the user's; -EPROTONOSUPPORT: written by a newer version;
 * -ENAMETOOLONG: account_url; -ENOSPC, -EROFS, ...: each with a sentence in problem. Trash older
 * than JOURNAL_TRASH_DAYS is dropped here.
 */
int journal_open(const char *state_dir, const char *account_url, uint64_t max_bytes,
	struct journal **ret_journal, struct problem *problem) nodiscard;
/* NULL is fine. */
void journal_close(struct journal *journal);

/*
 * Keeps a text: on disk when this returns 0. Trash of that name is replaced (atomically). A draft
 * of that name that says something else moves to "<name>.~1~", "<name>.~2~" and so on, and its
 * reason with it. reason (may be NULL: none) is kept beside a draft, as one safe line; one that
 * cannot be written is left out, as the text matters more. Where max_bytes would be exceeded, or
 * the disk is full, the oldest trash goes first, never a draft; -ENOSPC when that is not enough:
 * nothing was changed then. What another process keeps counts at most a second late.
 */
int journal_keep(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, const void *text, size_t len, const char *reason) nodiscard;

/*
 * A text that is on its way to the server, or that was fsynced and not closed yet. It is no draft
 * while its process lives; whoever opens the journal after that makes one of it. Two that are
 * called alike do not disturb each other. One thread a note.
 */
struct journal_note;
/*
 * With durable it survives power loss, else the end of this process alone, so that a save does not
 * wait for the disk. *ret_note belongs to the caller, who ends it by one of the three below.
 * Errors as journal_keep.
 */
int journal_note(struct journal *journal, const char *resource, const char *name, const void *text,
	size_t len, bool durable, struct journal_note **ret_note) nodiscard;
/* Whether a draft need not be kept any more. Called with the journal locked. */
typedef bool journal_judge(void *arg, const char *text, size_t len);
/*
 * The server has it. Of the drafts that had its name when it was written those go that judge says yes
 * to (NULL: all); where one has come since, by another writer, all stay. NULL is fine as note.
 */
void journal_note_reached(struct journal_note *note, journal_judge *judge, void *arg);
/* It becomes a draft, as by journal_keep. On failure the text stays for the next one who opens. */
int journal_note_keep(struct journal_note *note, const char *reason) nodiscard;
/* Ends it, but leaves the text for the next one who opens the journal. NULL is fine. */
void journal_note_leave(struct journal_note *note);
/* It is not wanted, or kept otherwise. NULL is fine. */
void journal_note_drop(struct journal_note *note);

/* Drops a text and its reason, or, as "<name>.error", a reason alone. One that is not there is no
 * error. */
int journal_drop(struct journal *journal, enum journal_area area, const char *resource,
	const char *name) nodiscard;

/*
 * Drops the drafts of a file (the name's, and those that moved to "<name>.~1~" and so on), with
 * their reasons, that say exactly this: the server has it already, without a save. What cannot be
 * dropped stays. Where there is none this costs a look at the disk or two.
 */
void journal_forget_same(struct journal *journal, const char *resource, const char *name,
	const void *text, size_t len);

/* Appends the text (or, as "<name>.error", a draft's reason and a newline). -ENOENT. */
int journal_read(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, struct buf *out) nodiscard;

struct journal_item {
	char *name; /* also "<name>.error" for a draft that has a reason */
	uint64_t size;
	struct timespec mtime;
};
/* How one of them looks, without its name: as in the list, but without reading it. -ENOENT. */
int journal_look(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, struct journal_item *ret_item) nodiscard;
/* What is kept for a resource, sorted by name; nothing: 0 items. Free with journal_items_free. */
int journal_list(struct journal *journal, enum journal_area area, const char *resource,
	struct journal_item **ret_items, size_t *ret_count) nodiscard;
void journal_items_free(struct journal_item *items, size_t count);
/* 0: a resource has something; -ENOENT: nothing. */
int journal_look_resource(
	struct journal *journal, enum journal_area area, const char *resource) nodiscard;
/* The resources that have anything, sorted, NULL-terminated; free with journal_names_free. */
int journal_resources(struct journal *journal, enum journal_area area, char ***ret_names) nodiscard;
void journal_names_free(char **names);

struct journal_stats {
	uint64_t drafts, draft_bytes, trash, trash_bytes;
};
int journal_get_stats(struct journal *journal, struct journal_stats *ret_stats) nodiscard;

#endif
