/* Whole files, also those of /proc and of a mount, whose size is not known before. */
#ifndef CTL_FILE_H
#define CTL_FILE_H

#include "buf.h"

/* Appends all of a file. -EFBIG beyond out's maximum; errors of open and read. */
int file_read(const char *path, struct buf *out) nodiscard;
/*
 * Writes all, to a file that is there, or with `flags` O_CREAT | O_EXCL to one that is not, and
 * closes it. The error of a close counts: it is the server's answer.
 */
int file_write(const char *path, int flags, const void *data, size_t len) nodiscard;
/* Writes all to a descriptor. */
int file_write_all(int fd, const void *data, size_t len) nodiscard;

#endif
