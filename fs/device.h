/*
 * How libfuse reads and writes the kernel's device. By itself 3.14 forgets to pass one wish on to the
 * kernel, though we ask for it: that lookups in one directory need not wait for each other. Without,
 * one that waits for the server holds up all others there, in a wait that not even SIGKILL ends.
 */
#ifndef FS_DEVICE_H
#define FS_DEVICE_H

#include "fs.h"

/* Once it is mounted, before the first request. -ENOMEM. */
int device_attach(struct fuse_session *session) nodiscard;

#endif
