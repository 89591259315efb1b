/*
 * Which version of a record a program has last opened: what it saves later is compared with that
 * one, also when it writes a new file and renames it, and when the mount refreshed meanwhile
 * (contract 5, lost updates).
 *
 * A bounded table; an old entry gives way. Any thread.
 */
#ifndef FS_SEEN_H
#define FS_SEEN_H

#include "store.h"
#include <sys/types.h>

struct seen;

struct seen *seen_create(void);
void seen_destroy(struct seen *seen);

/* In place of a thread: nobody in particular. */
#define SEEN_ANYONE 0

/* The thread tid has opened, or saved, this version. */
void seen_note(struct seen *seen, pid_t tid, struct slot *slot, struct record *record);
/* The process of tid knows nothing of the record any more. */
void seen_forget(struct seen *seen, pid_t tid, struct slot *slot);
/*
 * The version that any thread of tid's process has last opened, owned by the caller, or NULL. With
 * or_anyone: where that process opened none, the one that anybody opened last, because in
 * `jq ... 4.json > tmp && mv tmp 4.json` the one who reads is not the one who renames.
 */
struct record *seen_take(struct seen *seen, pid_t tid, struct slot *slot, bool or_anyone);

#endif
