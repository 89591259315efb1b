#include "journal_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>

int disk_sync_dir(int dir)
{
	/* EINVAL: a file system that knows no such thing, and offers nothing better. */
	if (fsync(dir) < 0 && errno != EINVAL)
		return -errno;
	return 0;
}

int disk_open_dir(int parent, const char *name, int *ret_fd)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/* Makes a directory's name last: it may have been another process that made it, just now. */
static int make_synced(int parent, const char *name)
{
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	/* Opened anew: a parent on the way to state_dir is held without the right to sync. */
	auto_fd int readable = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (readable < 0)
		return errno == EACCES ? 0 : -errno;
	return disk_sync_dir(readable);
}

int disk_make_dir(int parent, const char *name, int *ret_fd)
{
	int err = disk_open_dir(parent, name, ret_fd);
	if (err != -ENOENT)
		return err;
	err = make_synced(parent, name);
	if (err < 0)
		return err;
	return disk_open_dir(parent, name, ret_fd);
}

/* One step of disk_make_path. The user's own path may lead over links. */
static int step_into(int parent, const char *name, int *ret_fd)
{
	const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
	int fd = openat(parent, name, flags);
	if (fd < 0 && errno == ENOENT) {
		int err = make_synced(parent, name);
		if (err < 0)
			return err;
		fd = openat(parent, name, flags);
	}
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int disk_make_path(const char *path, int *ret_fd)
{
	auto_free char *steps = strdup(path);
	if (!steps)
		return -ENOMEM;
	auto_fd int fd = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	char *rest = steps;
	for (char *step; (step = strsep(&rest, "/"));) {
		int next = -1;
		if (*step == '\0')
			continue;
		int err = step_into(fd, step, &next);
		if (err < 0)
			return err;
		close(fd);
		fd = next;
	}
	return disk_open_dir(fd, ".", ret_fd);
}

/* What a name of NAME_MAX bytes has room for beside the number. */
#define NUMBER_LEN 16
#define MAX_LABEL (NAME_MAX - NUMBER_LEN - 1)

/* Waits for the lock. Where a file system has no locks, no one clears leftovers either. */
static void lock_file(int fd)
{
	while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
		;
}

static int create_temp(int dir, const char *label, struct disk_temp *ret_temp)
{
	for (;;) {
		uint64_t number;
		struct disk_temp temp = {.dir = dir};
		if (getrandom(&number, sizeof number, 0) < 0)
			return -errno;
		snprintf(temp.name, sizeof temp.name, "%016" PRIx64 "%s%.*s", number,
			*label ? "." : "", MAX_LABEL, label);
		temp.fd = openat(
			dir, temp.name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (temp.fd < 0 && errno == EEXIST)
			continue;
		if (temp.fd < 0)
			return -errno;

		/* One who clears leftovers may have taken it for one before it was locked. */
		lock_file(temp.fd);
		struct stat st;
		if (fstat(temp.fd, &st) == 0 && st.st_nlink > 0) {
			*ret_temp = temp;
			return 0;
		}
		close(temp.fd);
	}
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int disk_temp_write(int dir, const char *label, const void *text, size_t len, bool durable,
	struct disk_temp *ret_temp)
{
	auto_temp struct disk_temp temp = DISK_TEMP_INIT;
	int err = create_temp(dir, label, &temp);
	if (err < 0)
		return err;
	err = write_all(temp.fd, text, len);
	if (err < 0)
		return err;
	if (durable && fsync(temp.fd) < 0)
		return -errno;
	*ret_temp = temp;
	temp = DISK_TEMP_INIT;
	return 0;
}

const char *disk_temp_label(const struct disk_temp *temp)
{
	return strlen(temp->name) > NUMBER_LEN + 1 ? temp->name + NUMBER_LEN + 1 : "";
}

int disk_temp_place(struct disk_temp *temp, int dir, const char *name, bool replace)
{
	unsigned flags = replace ? 0 : RENAME_NOREPLACE;
	if (renameat2(temp->dir, temp->name, dir, name, flags) < 0)
		return -errno;
	close(temp->fd);
	*temp = DISK_TEMP_INIT;
	return 0;
}

void disk_temp_release(struct disk_temp *temp)
{
	if (temp->fd < 0)
		return;
	unlinkat(temp->dir, temp->name, 0);
	close(temp->fd);
	*temp = DISK_TEMP_INIT;
}

int disk_temp_move(struct disk_temp *temp, int dir, const char *label)
{
	struct disk_temp moved = {.dir = dir, .fd = temp->fd};
	snprintf(moved.name, sizeof moved.name, "%.*s%s%.*s", NUMBER_LEN, temp->name,
		*label ? "." : "", MAX_LABEL, label);
	if (renameat(temp->dir, temp->name, dir, moved.name) < 0)
		return -errno;
	*temp = moved;
	return 0;
}

int disk_temp_empty(struct disk_temp *temp)
{
	return ftruncate(temp->fd, 0) < 0 || lseek(temp->fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

int disk_temp_add(struct disk_temp *temp, const void *text, size_t len)
{
	return write_all(temp->fd, text, len);
}

/* What create_temp makes, and nobody else's file. */
static bool is_temp_name(const char *name)
{
	const char *behind = name + strspn(name, "0123456789abcdef");
	return behind - name == NUMBER_LEN && (!*behind || (behind[0] == '.' && behind[1]));
}

int disk_temp_adopt(int dir, const char *name, struct disk_temp *ret_temp)
{
	struct disk_temp temp = {.dir = dir};
	if (!is_temp_name(name))
		return -EINVAL;
	if (strlen(name) >= sizeof temp.name)
		return -ENAMETOOLONG;
	temp.fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (temp.fd < 0)
		return -errno;
	if (flock(temp.fd, LOCK_EX | LOCK_NB) < 0) {
		int err = -errno;
		close(temp.fd);
		return err;
	}
	/* Its writer, or another one who adopts, may have moved it before it was locked. */
	struct stat st, named;
	if (fstat(temp.fd, &st) < 0 || fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
		st.st_ino != named.st_ino || st.st_dev != named.st_dev) {
		close(temp.fd);
		return -ENOENT;
	}
	memcpy(temp.name, name, strlen(name) + 1);
	*ret_temp = temp;
	return 0;
}

void disk_clear_leftovers(int dir)
{
	auto_list struct disk_list left = {0};
	if (disk_read_dir(dir, S_IFREG, &left) < 0)
		return;
	for (size_t i = 0; i < left.count; i++) {
		auto_temp struct disk_temp temp = DISK_TEMP_INIT;
		int err = disk_temp_adopt(dir, left.items[i].name, &temp);
		(void)err; /* its writer lives; if not, it goes when this one is released */
	}
}

int disk_read(int dir, const char *name, struct buf *out)
{
	struct stat st;
	auto_fd int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EIO;
	size_t size = (size_t)st.st_size;
	int err = buf_reserve(out, size);
	if (err < 0)
		return err;

	/* A placed text never changes, it is only replaced: the size holds. */
	size_t got = 0;
	while (got < size) {
		ssize_t n = read(fd, out->data + out->len + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err = n < 0 ? -errno : -EIO;
			break;
		}
		got += (size_t)n;
	}
	if (err == 0)
		out->len += got;
	out->data[out->len] = '\0';
	return err;
}

bool disk_same_text(int dir, const char *name, int other_dir, const char *other_name)
{
	uint64_t size, other_size;
	auto_buf struct buf text = BUF_INIT(JOURNAL_TEXT_MAX);
	auto_buf struct buf other = BUF_INIT(JOURNAL_TEXT_MAX);

	return disk_size(dir, name, &size) == 0 &&
	       disk_size(other_dir, other_name, &other_size) == 0 && size == other_size &&
	       disk_read(dir, name, &text) == 0 && disk_read(other_dir, other_name, &other) == 0 &&
	       text.len == other.len && memcmp(text.data, other.data, text.len) == 0;
}

static int stat_file(int dir, const char *name, mode_t type, struct stat *ret_st)
{
	if (fstatat(dir, name, ret_st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return (ret_st->st_mode & S_IFMT) == type ? 0 : -ENOENT;
}

int disk_stat(int dir, const char *name, struct stat *ret_st)
{
	return stat_file(dir, name, S_IFREG, ret_st);
}

int disk_size(int dir, const char *name, uint64_t *ret_bytes)
{
	struct stat st;
	int err = disk_stat(dir, name, &st);
	if (err == 0)
		*ret_bytes = (uint64_t)st.st_size;
	return err;
}

int disk_remove(int dir, const char *name)
{
	return unlinkat(dir, name, 0) < 0 ? -errno : 0;
}

void disk_list_release(struct disk_list *list)
{
	journal_items_free(list->items, list->count);
	*list = (struct disk_list){0};
}

int disk_list_add(
	struct disk_list *list, const char *name, uint64_t size_bytes, struct timespec mtime)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? list->capacity * 2 : 16;
		void *items = reallocarray(list->items, capacity, sizeof *list->items);
		if (!items)
			return -ENOMEM;
		list->items = items;
		list->capacity = capacity;
	}
	char *own_name = strdup(name);
	if (!own_name)
		return -ENOMEM;
	list->items[list->count++] =
		(struct journal_item){.name = own_name, .size = size_bytes, .mtime = mtime};
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	const struct journal_item *left = a, *right = b;
	return strcmp(left->name, right->name);
}

void disk_list_sort(struct disk_list *list)
{
	if (list->count > 0)
		qsort(list->items, list->count, sizeof *list->items, compare_names);
}

struct journal_item *disk_list_find(const struct disk_list *list, const char *name)
{
	struct journal_item key = {.name = (char *)name};
	if (list->count == 0)
		return NULL;
	return bsearch(&key, list->items, list->count, sizeof key, compare_names);
}

/* Adds one entry, unless it is of another type or has just gone. */
static int add_entry(struct disk_list *list, int dir, const char *name, mode_t type)
{
	struct stat st;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	int err = stat_file(dir, name, type, &st);
	if (err < 0)
		return err == -ENOENT ? 0 : err;
	return disk_list_add(list, name, (uint64_t)st.st_size, st.st_mtim);
}

/* A second opening, as a descriptor's place in the listing is shared by its copies. NULL: errno. */
static DIR *open_stream(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream) {
		int err = errno;
		cleanup_fd(&fd);
		errno = err;
	}
	return stream;
}

int disk_read_dir(int dir, mode_t type, struct disk_list *ret_list)
{
	DIR *stream = open_stream(dir);
	int err = 0;
	if (!stream)
		return -errno;

	auto_list struct disk_list list = {0};
	while (err == 0) {
		errno = 0;
		const struct dirent *entry = readdir(stream);
		if (!entry) {
			err = -errno;
			break;
		}
		err = add_entry(&list, dir, entry->d_name, type);
	}
	closedir(stream);
	if (err < 0)
		return err;
	disk_list_sort(&list);
	*ret_list = list;
	list = (struct disk_list){0};
	return 0;
}

int disk_has_file(int dir)
{
	DIR *stream = open_stream(dir);
	struct stat st;
	int err = -ENOENT;
	if (!stream)
		return -errno;
	while (err == -ENOENT) {
		errno = 0;
		const struct dirent *entry = readdir(stream);
		if (!entry) {
			err = errno ? -errno : err;
			break;
		}
		err = disk_stat(dir, entry->d_name, &st);
	}
	closedir(stream);
	return err;
}
