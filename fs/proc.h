/* What /proc tells of a caller. Any thread. */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "base.h"
#include <sys/types.h>

/* The start of /proc/TID/name, as a string; "" where it cannot be read. Returns its length. */
size_t proc_read(pid_t tid, const char *name, char *out, size_t out_size);
/*
 * Whether it is on its way out because of a signal: what it has open is closed for it, not by it.
 * False where that cannot be seen.
 */
bool proc_is_killed(pid_t tid);
/*
 * The process that a thread is one of: a thread may exit long before its program does. The thread's own
 * number where that cannot be seen. Idempotent.
 */
pid_t proc_process(pid_t tid);
/* Blocks for nothing: fit to be asked under a lock. */
bool proc_has_exited(pid_t process);
/* Whether it is one that unlinks to delete, and tells its user what came of it. */
bool proc_only_deletes(pid_t tid);

#endif
