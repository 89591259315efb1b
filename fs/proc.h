/* What /proc tells of a caller. Any thread. */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "base.h"
#include <sys/types.h>

/* The start of /proc/TID/name, as a string; "" where it cannot be read. Returns its length. */
size_t proc_read(pid_t tid, const char *name, char *out, size_t out_size);

#endif
