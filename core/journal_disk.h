/*
 * How the journal touches the disk: always relative to a directory that is already open, never
 * through a symbolic link, and so that a text is there whole or not at all.
 *
 * A text is written in two steps. disk_temp_write puts it into a temporary file and fsyncs it; what
 * fails, fails here, with nothing changed. disk_temp_place renames it to where it belongs; it is
 * there for good once the caller has called disk_sync_dir.
 *
 * A temporary file is locked (flock) as long as its writer lives, which is how disk_clear_leftovers
 * tells it from one that a kill left behind. Only the parts of the journal use this. Any thread.
 */
#ifndef CORE_JOURNAL_DISK_H
#define CORE_JOURNAL_DISK_H

#include "journal.h"
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
#define auto_fd cleanup(cleanup_fd)

/* Opens a directory by its path, and makes what is missing of it (0700), each step on disk. */
int disk_make_path(const char *path, int *ret_fd) nodiscard;
/* Opens a directory in a directory. -ENOENT; -ELOOP or -ENOTDIR: something else has that name. */
int disk_open_dir(int parent, const char *name, int *ret_fd) nodiscard;
/* The same, and makes it where it is missing. */
int disk_make_dir(int parent, const char *name, int *ret_fd) nodiscard;
/* Makes what was renamed to, or removed from, a directory last. */
int disk_sync_dir(int dir) nodiscard;

/* A written text without a name yet. fd: -1 when there is none. */
struct disk_temp {
	int dir; /* borrowed */
	int fd;
	char name[NAME_MAX + 1];
};
#define DISK_TEMP_INIT ((struct disk_temp){.dir = -1, .fd = -1})
/* Drops the file, unless it was placed. */
void disk_temp_release(struct disk_temp *temp);
#define auto_temp cleanup(disk_temp_release)

/*
 * dir is borrowed until ret_temp is placed or released. label ("" for none) becomes part of the
 * file's name, cut short where it is too long. Without durable it is not fsynced: it survives the
 * end of this process, not of the machine. -ENOSPC, -EIO, ...: nothing is left.
 */
int disk_temp_write(int dir, const char *label, const void *text, size_t len, bool durable,
	struct disk_temp *ret_temp) nodiscard;
/* Borrowed from temp. */
const char *disk_temp_label(const struct disk_temp *temp);
/* Gives it its name. One that has that name is replaced, or is -EEXIST. */
int disk_temp_place(struct disk_temp *temp, int dir, const char *name, bool replace) nodiscard;
/* Moves it to a directory (borrowed), still temporary and locked, with this label. */
int disk_temp_move(struct disk_temp *temp, int dir, const char *label) nodiscard;
/* For another text, which costs less than another file. */
int disk_temp_empty(struct disk_temp *temp) nodiscard;
/* What disk_temp_write does but to sync, for one that is empty. */
int disk_temp_add(struct disk_temp *temp, const void *text, size_t len) nodiscard;
/*
 * Takes over a temporary file whose writer is gone; -EWOULDBLOCK: it lives; -EINVAL: it is not called
 * as one, so it is somebody else's. dir is borrowed.
 */
int disk_temp_adopt(int dir, const char *name, struct disk_temp *ret_temp) nodiscard;
/* Removes the temporary files whose writer is gone, as far as it can. */
void disk_clear_leftovers(int dir);

/* Appends a file's text. -ENOENT; -ELOOP or -EIO: not a plain file; out is as it was then. */
int disk_read(int dir, const char *name, struct buf *out) nodiscard;
/* A plain file's facts, or its size; -ENOENT: there is none. */
int disk_stat(int dir, const char *name, struct stat *ret_st) nodiscard;
int disk_size(int dir, const char *name, uint64_t *ret_bytes) nodiscard;
/* Whether both are there and say the same; not of texts that are longer than any of ours. */
bool disk_same_text(int dir, const char *name, int other_dir, const char *other_name);
/* Removes a file. -ENOENT. */
int disk_remove(int dir, const char *name) nodiscard;

/* Items that grow one by one. */
struct disk_list {
	struct journal_item *items;
	size_t count, capacity;
};
void disk_list_release(struct disk_list *list);
#define auto_list cleanup(disk_list_release)
int disk_list_add(struct disk_list *list, const char *name, uint64_t size_bytes,
	struct timespec mtime) nodiscard;
/* By name, as strcmp has it. */
void disk_list_sort(struct disk_list *list);
/* NULL: not there. The list is sorted; the item borrowed. */
struct journal_item *disk_list_find(const struct disk_list *list, const char *name);

/* What a directory holds of one type (S_IFREG, S_IFDIR), sorted, without "." and "..". */
int disk_read_dir(int dir, mode_t type, struct disk_list *ret_list) nodiscard;
/* 0: it holds a plain file, or more; -ENOENT: none. */
int disk_has_file(int dir) nodiscard;

#endif
