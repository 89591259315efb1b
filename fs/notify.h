/*
 * The one thread that tells the kernel what changed. Whoever changes something publishes it first,
 * then queues it here. Telling can wait for an operation that is under way: who does it in his own
 * thread (notify_node_now, and the text that an open gives) says why that cannot be his own.
 *
 * Any thread may queue, with no lock held. The queue is as long as there are nodes at most.
 */
#ifndef FS_NOTIFY_H
#define FS_NOTIFY_H

#include "tree.h"

struct fuse_session;
struct notify;

struct notify *notify_create(struct tree *tree);
void notify_destroy(struct notify *notify);
/* Starts the thread. */
int notify_start(struct notify *notify, struct fuse_session *session) nodiscard;

/*
 * Ends the thread, ms at most; false: it waits in the kernel for a read that nobody answers any more,
 * and lives until the mount is gone. What is queued is not told.
 */
bool notify_stop(struct notify *notify, int64_t ms);

/* Another version of a record, or none: its pages and attributes are dropped. */
void notify_slot(struct notify *notify, struct slot *slot);
/* A node's pages and attributes. */
void notify_node(struct notify *notify, struct node *node);
/*
 * The same before it returns, in the caller's thread: not in the one that serves the kernel, nor in an
 * operation that holds a directory in the kernel, nor in a read.
 */
void notify_node_now(struct notify *notify, struct node *node);
/* Only the attributes of the node with this id: they are asked for again. */
void notify_attributes(struct notify *notify, uint64_t id);
/* The same before it returns. Attributes are never waited for: any thread, no lock held. */
void notify_attributes_now(struct notify *notify, uint64_t id);
/*
 * Waits until all that was queued before has been told, so that nobody sees the old text when the
 * call that changed it returns; two seconds at most. Not from an operation that holds a directory
 * in the kernel (lookup, create, unlink, rename), nor from a read.
 */
void notify_flush(struct notify *notify);

#endif
