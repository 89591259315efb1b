/*
 * An open file: the version it opened, and the text it writes (contract 5).
 *
 * One that only writes a record writes past the kernel's page cache into a text of its own, so that
 * nobody sees half a save and two writers do not mix. So does one that reads and writes, where the
 * kernel can map its file all the same; where it cannot, that one shares the node's text with the page
 * cache, and a second one at a time has a text of its own, too.
 *
 * One that opens a record to read while somebody writes it reads past the page cache, too: the kernel
 * has one size and one set of pages for all, and they would change in the middle of a read. Each pass
 * over the file, from its start, sees one version. The pages of a mapping are everybody's: the newest.
 *
 * A writer is told the size of his text; others the record's, but where he has made the text longer by
 * its size alone, as who maps it does: the kernel lets nobody touch pages beyond the size. What a
 * mapping has changed and not saved yet is seen by who has the file open in the page cache.
 */
#ifndef FS_HANDLE_H
#define FS_HANDLE_H

#include "fs.h"
#include "rendering.h"

struct handle {
	atomic_uint refs;
	struct handle *next_writer, **writer_place; /* guarded by fs->writers_lock */
	struct node *node;			    /* referenced */
	struct collection *collection;		    /* where that is; NULL: control */
	struct text *text;     /* what it writes, referenced; NULL: it only reads */
	bool owns_text;	       /* the text is no one else's */
	bool may_map;	       /* and what a mapping of it changes is in everybody's pages */
	bool writable;	       /* commits when it is flushed */
	atomic_bool told_late; /* the kernel is still to be told what a save in a write changed */
	bool by_pass;	       /* reads past the page cache, a version a pass */
	bool is_pushed;	       /* the kernel had been given the text when it was opened */
	struct slot *_Atomic
		writes; /* the record that it saves to, busy as long as it is open, or NULL */
	bool append;
	pid_t pid;	      /* who opened it: a thread */
	pid_t process;	      /* and of which process; 0: it only reads */
	struct slot *unnoted; /* the record that it reads, until handle_note_seen; or NULL */
	pthread_mutex_t lock;
	/* guarded by lock */
	struct record *opened; /* the version that it has read last, or else opened; NULL: none */
	struct record *pass;   /* the version of the present pass, or NULL; by_pass only */
	struct journal_note *note;  /* what the last fsync put on disk, or NULL */
	uint64_t noted_writes;	    /* of the text, when it did */
	struct rendering rendering; /* has a lock of its own */
	/* constant */
	bool is_control;
	struct buf control;	/* what a control file said at open */
	struct snapshot *whole; /* what a file of export/ said at open, or NULL */
};

/* A handle on a file of any kind, opened with flags. -ENOENT, -EACCES, -ENOMEM. */
int handle_open(struct fs *fs, struct node *node, int flags, pid_t pid,
	struct handle **ret_handle) nodiscard;
/*
 * A handle on a file of export/, which says what file does. Takes the file, also where it fails.
 * NULL: no memory.
 */
struct handle *handle_open_whole(struct fs *fs, struct node *node, struct snapshot *file);
/* Each reference, handle_open's too, is ended by handle_close: a call that outlives it has its own. */
struct handle *handle_ref(struct handle *handle);
void handle_close(struct fs *fs, struct handle *handle);

/* The version that it has opened, or read since, owned by the caller; NULL: none. */
struct record *handle_take_opened(struct handle *handle);
void handle_set_opened(struct handle *handle, struct record *record);
/*
 * That its program has seen the version it opened, if it only reads: once, before what the program asks
 * for next is looked at.
 */
void handle_note_seen(struct fs *fs, struct handle *handle);
/* Whether the version that it opened is still the newest. */
bool handle_is_current(struct fs *fs, struct handle *handle);
/* The handles that write, each referenced, NULL-terminated; free the array. NULL: no memory. */
struct handle **handle_take_writers(struct fs *fs);

/* It writes no more, having been closed. True: nor does another one that has the same file open. */
bool handle_end_writing(struct fs *fs, struct handle *handle);

struct piece {
	size_t offset, len;
	bool for_pages; /* of the page cache: not what a program reads past it */
};

/* Reads as the file is now. Appends at most piece->len bytes to out. */
int handle_read(
	struct fs *fs, struct handle *handle, const struct piece *piece, struct buf *out) nodiscard;
/*
 * The same without a handle: on a read-only mount the kernel need not ask before it opens, so that
 * what it has cached is read as from a local disk.
 */
int handle_read_unopened(
	struct fs *fs, struct node *node, size_t offset, size_t len, struct buf *out) nodiscard;
/*
 * Before something is written: a text that is shared with the page cache, or gets pages of it, says what
 * that shows. What is written to a record from here on is saved to that one, also when it is renamed
 * meanwhile.
 */
void handle_prepare_write(struct fs *fs, struct handle *handle, bool from_pages);
/*
 * What tree_stat says of a record that is written, as it is told to who asks: with this handle (or
 * NULL), as this thread (0: any).
 */
void handle_show_size(struct fs *fs, struct node *node, const struct handle *asks, pid_t pid,
	struct node_stat *stat);

/*
 * What an fsync put on disk. drop: it is not needed any more, as a text at least as new, of so many
 * writes, is elsewhere; leave: it is the one copy on disk and stays for the next mount; swap: a newer
 * one takes its place.
 */
void handle_drop_note(struct handle *handle, uint64_t writes);
void handle_leave_note(struct handle *handle);
void handle_swap_note(struct handle *handle, struct journal_note *note, uint64_t writes);

#endif
