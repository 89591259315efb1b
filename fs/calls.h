/*
 * Operations that may have to wait, moved off the thread that serves the kernel: each runs on a
 * thread of its own and replies from there. A fatal signal of its caller ends the wait: what only
 * reads is called off; a save or a delete is answered, with EINTR, and goes on to its end without
 * its caller. A timer or a child that ends does not disturb either (contract 4, 8).
 *
 * There are threads for so many; who comes then waits in line. Each kind has a line of its own, so
 * that nothing local ever waits for a server that hangs, and no reader for those who save.
 */
#ifndef FS_CALLS_H
#define FS_CALLS_H

#include "fs.h"
#include "pool.h"

struct handle;

enum call_kind {
	CALL_READS, /* asks the server; in line no longer than a request may take: ETIMEDOUT */
	CALL_SAVES, /* asks the server, and is not called off, but left to itself */
	CALL_LOCAL, /* memory and this machine's disk alone; nothing ends it early */
	CALL_KINDS,
};

struct call {
	struct pool_job job; /* first, so that the job is the call */
	struct fs *fs;
	fuse_req_t req;
	void (*run)(struct call *call);
	struct cancel cancel;
	enum call_kind kind;
	int64_t asked_ms; /* when, on clock_ms */
	/* what the operation was asked for */
	pid_t pid;
	struct node *node;
	bool locks_dir;	   /* that node is: nobody can create in it meanwhile */
	bool holds_node;   /* node is referenced; run lets go of it */
	struct node *file; /* in the directory that node is: referenced; run lets go of it */
	struct slot *slot; /* what is to be deleted */
	pid_t process;	   /* on whose behalf that is */
	struct handle *handle;
	uint64_t writes; /* of its text, when this was asked for */
	struct fuse_file_info fi;
	char name[NAME_SIZE], to_name[NAME_SIZE];
	off_t offset;
	size_t size; /* of the room for an answer; or what a write that turned into a save has
			written */
	/* guarded by the calls' lock; req, too */
	struct call *next_interrupted;
	struct call *next_locking;
	bool is_interrupted;
	bool is_being_answered; /* early: it must not be freed */
};

struct calls *calls_create(void);
/* Waits until no call is under way, ms at most; whether none is. NULL: true. */
bool calls_wait(struct calls *calls, int64_t ms);
/*
 * Whether a call that locks this directory waits for the server: the kernel lets nobody create there.
 * but_deletes: one that may be, or lead to, something new there.
 */
bool calls_hold(struct calls *calls, const struct node *dir, bool but_deletes);
/* No call may be under way. */
void calls_destroy(struct calls *calls);

/* The names may be NULL. Replies with an error itself, and returns NULL, when it cannot be made. */
struct call *call_create(struct fs *fs, fuse_req_t req, void (*run)(struct call *call),
	struct node *node, const char *name);
/* Runs it. Its caller's fatal signal sets call->cancel where it reads; a save is answered then. */
void call_submit(struct call *call, enum call_kind kind);
/*
 * Ends a call: frees it and returns the request, which is still to be answered; NULL, for CALL_SAVES
 * alone: it was.
 */
fuse_req_t call_finish(struct call *call);

#endif
