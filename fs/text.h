/*
 * What a writer has written and the server may not have yet: a draft's bytes while its file is
 * open, and the content of scratch files. Counted; any thread; a lock of its own, never held across
 * anything that waits (contract 5, rule 2 of the save dances).
 *
 *   clean --write--> dirty --commit begins--> in commit --done--> clean
 *                      ^----------- refused, or written meanwhile -----'
 */
#ifndef FS_TEXT_H
#define FS_TEXT_H

#include "buf.h"
#include "record.h"
#include <pthread.h>

struct text_budget;

struct text {
	atomic_uint refs;
	struct text_budget *const budget;
	pthread_mutex_t lock;
	pthread_cond_t commit_ended;
	/* guarded by lock */
	struct buf bytes;
	size_t charged; /* to the budget, beside the bytes */
	bool is_record; /* of a record: no longer than RECORD_MAX_BYTES */
	bool dirty;
	bool in_commit;
	bool is_stretched;   /* made longer by its size alone since it was saved */
	bool is_dropped;     /* its file was unlinked: it is never to be saved */
	uint64_t writes;     /* how often it was changed */
	uint64_t tried;	     /* writes at the last commit that was refused */
	int refusal;	     /* and its error */
	struct record *base; /* the version its writer opened; NULL: it opened none */
	struct timespec mtime;
	pid_t early_flusher; /* who flushed it before the first write; 0: nobody */
};

/* What all texts of a mount may take together. */
struct text_budget {
	atomic_size_t used;
	size_t max;
};

/* base is referenced. NULL: no memory. */
struct text *text_create(struct text_budget *budget, struct record *base) nodiscard;
struct text *text_ref(struct text *text);
void text_unref(struct text *text);

/* Has the budget pay for what is kept beside the bytes, as long as the text lives. -ENOSPC. */
int text_charge(struct text *text, size_t bytes) nodiscard;

/* Sets the content to the base's file, not dirty. */
int text_load_base(struct text *text) nodiscard;
/*
 * Sets the content of a clean text to another version. is_read: its writer has read that one, and it
 * becomes the base; else the base stays.
 */
void text_rebase(struct text *text, struct record *record, bool is_read);
/* -EFBIG beyond RECORD_MAX_BYTES for a record's text, or the whole budget for scratch; -ENOSPC. */
int text_write(
	struct text *text, size_t offset, const void *data, size_t len, bool append) nodiscard;
/* What a mapping has changed: that never makes a file longer, whatever size the kernel believes in. */
int text_write_pages(struct text *text, size_t offset, const void *data, size_t len) nodiscard;
int text_truncate(struct text *text, size_t size) nodiscard;
/* Copies up to len bytes from offset; returns how many. */
size_t text_read(struct text *text, size_t offset, void *out, size_t len);
/* Whether it is worth a look if it is a complete object, or can never be one. */
bool text_may_be_complete(struct text *text);
size_t text_size(struct text *text);
bool text_is_dirty(struct text *text);
/* How often it was changed. */
uint64_t text_writes(struct text *text);
/* Whether it was made longer than it was, and not saved since: by who means to map it. */
bool text_is_stretched(struct text *text);
/* Its writer has unlinked what he was writing: it counts as clean from now on, whatever is written. */
void text_drop(struct text *text);
void text_get_mtime(struct text *text, struct timespec *ret_mtime);
void text_set_mtime(struct text *text, struct timespec mtime);
struct record *text_take_base(struct text *text);

/*
 * Begins a commit: waits for another one of the same text, then copies it. 1: begun, *ret_copy and
 * *ret_writes are what is to be committed; 0: nothing to do (not dirty, or empty); -ENOMEM. What
 * was refused as it is gets the same error again, unless `again` is true.
 */
int text_begin_commit(
	struct text *text, bool again, struct buf *ret_copy, uint64_t *ret_writes) nodiscard;
/*
 * Ends it: clean where it went well (err 0) and nothing was written meanwhile. base (may be NULL)
 * becomes the next base.
 */
void text_end_commit(struct text *text, int err, uint64_t writes, struct record *base);
/*
 * After a commit, for a text that is shared with the page cache: says what the server made of it,
 * unless something was written meanwhile.
 */
void text_show_base(struct text *text);
/* The error of a commit of just what the text says now: it is not tried again. 0: none. */
int text_refusal(struct text *text);
/* Appends the whole text. *ret_writes: how often it had been changed. */
int text_copy(struct text *text, struct buf *out, uint64_t *ret_writes) nodiscard;
/* Notes who flushed it before the first write; tells whether that was tid. */
void text_note_early_flush(struct text *text, pid_t tid);
bool text_was_flushed_early(struct text *text, pid_t tid);

#endif
