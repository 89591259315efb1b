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
/* Whether both are threads of one process; one that has exited is nobody's. */
bool proc_is_same(pid_t tid, pid_t other);
/* Whether it is one that unlinks to delete, and tells its user what came of it. */
bool proc_only_deletes(pid_t tid);

#endif
