/* The directory to mount on: is it one, may we, and what if a killed daemon left a dead mount? */
#ifndef FS_MOUNTPOINT_H
#define FS_MOUNTPOINT_H

#include "problem.h"

/*
 * Checks an absolute path. A mount there whose daemon is gone (ENOTCONN) is taken away lazily, with
 * umount2 or, without that right, by fusermount3. 0; -ENOENT, -ENOTDIR, -ENOTEMPTY, -EBUSY
 * something is mounted there, -EACCES, -ENOTCONN a dead mount that stays, or what the directory
 * answered: problem has a sentence.
 */
int mountpoint_prepare(const char *path, struct problem *problem) nodiscard;

#endif
