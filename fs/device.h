/*
 * How libfuse reads and writes the kernel's device, so as to pass on two wishes that 3.14 does not:
 *
 * - that lookups in one directory need not wait for each other. Without, one that waits for the server
 *   holds up all others there, in a wait that not even SIGKILL ends;
 * - that what is read and written past the page cache can be mapped all the same (Linux 6.6).
 */
#ifndef FS_DEVICE_H
#define FS_DEVICE_H

#include "fs.h"

/* Once it is mounted, before the first request. -ENOMEM. */
int device_attach(struct fuse_session *session) nodiscard;

#endif
