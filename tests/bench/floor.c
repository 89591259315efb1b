/*
 * The floor: the least that a FUSE server with the same files can do. It has every file of a
 * directory ready in memory and answers each request at once from an array, with the flags and
 * timeouts that clevertimfs gives the kernel. What it takes longer than a local disk is the price
 * of FUSE itself; what clevertimfs takes longer than this is its own.
 *
 * The files stand in the root, in the order of their numbers. Nothing ever changes, so nothing is
 * locked. Apart from libfuse it shares no code with what it is compared to.
 */
#define FUSE_USE_VERSION 314

#include "serve.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_INO (FUSE_ROOT_ID + 1)

struct file {
	char *name, *text;
	struct stat attr;
	bool opened, stored;
};

struct floor {
	struct file *files; /* sorted by strverscmp */
	size_t count;
	size_t listed_from, listed_to; /* last: their texts are pushed next */
	/* options */
	bool store, read_only, debug;
	long poll_us;
	unsigned threads;
};

/* ---- the files ---- */

static int read_file(int dir, struct file *file)
{
	int fd = openat(dir, file->name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &file->attr) < 0)
		return -1;
	size_t size = (size_t)file->attr.st_size;
	file->text = malloc(size + 1);
	ssize_t got = file->text ? read(fd, file->text, size) : -1;
	close(fd);
	return got == (ssize_t)size ? 0 : -1;
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int load(struct floor *floor, const char *path)
{
	struct dirent **entries;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int count = dir < 0 ? -1 : scandir(path, &entries, is_shown, versionsort);
	if (count < 0)
		return -1;
	floor->count = (size_t)count;
	floor->files = calloc(floor->count + 1, sizeof *floor->files);
	int err = floor->files ? 0 : -1;
	for (size_t i = 0; i < floor->count; i++) {
		if (err == 0) {
			floor->files[i].name = strdup(entries[i]->d_name);
			err = floor->files[i].name ? read_file(dir, &floor->files[i]) : -1;
			floor->files[i].attr.st_ino = FIRST_INO + i;
		}
		free(entries[i]);
	}
	free(entries);
	close(dir);
	return err;
}

static void unload(struct floor *floor)
{
	for (size_t i = 0; floor->files && i < floor->count; i++) {
		free(floor->files[i].name);
		free(floor->files[i].text);
	}
	free(floor->files);
}

static struct floor *floor_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

static struct file *file_of(struct floor *floor, fuse_ino_t ino)
{
	return ino >= FIRST_INO && ino - FIRST_INO < floor->count ? &floor->files[ino - FIRST_INO]
								  : NULL;
}

/* ---- requests ---- */

static void on_init(void *arg, struct fuse_conn_info *conn)
{
	(void)arg;
	conn->want |= FUSE_CAP_READDIRPLUS;
	conn->want &= ~(unsigned)(FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_SPLICE_READ |
				  FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
	conn->time_gran = 1;
}

static int by_name(const void *name, const void *file)
{
	return strverscmp(name, ((const struct file *)file)->name);
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct floor *floor = floor_of(req);
	(void)parent;
	const struct file *file =
		bsearch(name, floor->files, floor->count, sizeof *floor->files, by_name);
	struct fuse_entry_param entry = {.entry_timeout = SERVED_TIMEOUT_S};
	if (file)
		entry = served_entry(&file->attr);
	fuse_reply_entry(req, &entry);
}

static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)fi;
	const struct file *file = file_of(floor_of(req), ino);
	fuse_reply_attr(req, file ? &file->attr : &served_root, SERVED_TIMEOUT_S);
}

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct floor *floor = floor_of(req);
	struct file *file = file_of(floor, ino);
	if (floor->read_only) {
		fuse_reply_err(req, ENOSYS);
		return;
	}
	if (!file || (fi->flags & O_ACCMODE) != O_RDONLY) {
		fuse_reply_err(req, EACCES);
		return;
	}
	file->opened = true;
	fi->keep_cache = 1;
	fi->noflush = 1;
	fuse_reply_open(req, fi);
}

static void on_read(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	(void)fi;
	const struct file *file = file_of(floor_of(req), ino);
	size_t whole = file ? (size_t)file->attr.st_size : 0, from = (size_t)offset;
	size_t left = from < whole ? whole - from : 0;
	fuse_reply_buf(req, file && left ? file->text + from : NULL, left < size ? left : size);
}

static void on_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	fuse_reply_err(req, ENOSYS);
}

static void on_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	fuse_reply_err(req, 0);
}

static void on_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	fi->cache_readdir = 1;
	fi->keep_cache = 1;
	fuse_reply_open(req, fi);
}

/* One page of the listing. Places 0 and 1 are "." and "..". */
static void on_readdirplus(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	struct floor *floor = floor_of(req);
	char *page = malloc(size);
	size_t used = 0, place = (size_t)offset;

	for (; page && place < floor->count + 2; place++) {
		struct fuse_entry_param entry = {.attr = served_root};
		const char *name = place == 0 ? "." : "..";
		if (place >= 2) {
			entry = served_entry(&floor->files[place - 2].attr);
			name = floor->files[place - 2].name;
		}
		size_t needed = fuse_add_direntry_plus(
			req, page + used, size - used, name, &entry, (off_t)place + 1);
		if (needed > size - used)
			break;
		used += needed;
	}
	fuse_reply_buf(req, page, used);
	free(page);
	if (floor->store) {
		floor->listed_from = offset > 2 ? (size_t)offset - 2 : 0;
		floor->listed_to = place > 2 ? place - 2 : 0;
	}
}

static const struct fuse_lowlevel_ops ops = {
	.init = on_init,
	.lookup = on_lookup,
	.getattr = on_getattr,
	.open = on_open,
	.read = on_read,
	.flush = on_flush,
	.release = on_release,
	.opendir = on_opendir,
	.readdirplus = on_readdirplus,
};

/* ---- what is pushed ---- */

/*
 * Gives the kernel the texts of the files that it was told of last. Only once the next request is
 * there: until the reader of the listing has taken it in, the kernel does not know the files. A text
 * that somebody may be reading is left out: the kernel has locked its page until the READ is
 * answered, and we, its only thread, would wait here for that.
 */
static void push_texts(struct fuse_session *session, void *arg)
{
	struct floor *floor = arg;
	for (size_t i = floor->listed_from; i < floor->listed_to; i++) {
		struct file *file = &floor->files[i];
		struct fuse_bufvec text = FUSE_BUFVEC_INIT((size_t)file->attr.st_size);
		if (file->opened || file->stored)
			continue;
		text.buf[0].mem = file->text;
		file->stored = true;
		fuse_lowlevel_notify_store(session, file->attr.st_ino, 0, &text, 0);
	}
	floor->listed_from = floor->listed_to = 0;
}

/* ---- the command ---- */

static const char usage[] =
	"usage: floor [OPTION...] DIRECTORY MOUNTPOINT   serves the files of DIRECTORY, until "
	"unmounted\n"
	"  --store      pushes texts into the kernel's cache while it lists (one thread alone)\n"
	"  --poll US    looks for the next request for so long before it sleeps (one thread "
	"alone)\n"
	"  --ro         read-only; the kernel need not ask before it opens\n"
	"  --threads N  1\n"
	"  --debug      tells of each request on standard error\n";

static bool parse(struct floor *floor, int argc, char *argv[])
{
	static const struct option options[] = {
		{"store", no_argument, NULL, 's'},
		{"poll", required_argument, NULL, 'p'},
		{"ro", no_argument, NULL, 'r'},
		{"threads", required_argument, NULL, 't'},
		{"debug", no_argument, NULL, 'd'},
		{0},
	};
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			floor->store = true;
		else if (option == 'p')
			floor->poll_us = strtol(optarg, NULL, 10);
		else if (option == 'r')
			floor->read_only = true;
		else if (option == 't')
			floor->threads = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'd')
			floor->debug = true;
		else
			return false;
	}
	bool needs_one = floor->store || floor->poll_us > 0;
	return argc - optind == 2 && floor->threads > 0 && !(needs_one && floor->threads > 1);
}

static int serve_files(struct floor *floor, const char *mountpoint)
{
	const struct served served = {
		.ops = &ops,
		.arg = floor,
		.before_each = push_texts,
		.threads = floor->threads,
		.poll_us = floor->poll_us,
		.read_only = floor->read_only,
		.debug = floor->debug,
	};
	return serve(&served, mountpoint);
}

int main(int argc, char *argv[])
{
	struct floor floor = {.threads = 1};
	if (!parse(&floor, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	int status = EXIT_FAILURE;
	if (load(&floor, argv[optind]) < 0)
		perror(argv[optind]);
	else
		status = serve_files(&floor, argv[optind + 1]);
	unload(&floor);
	return status;
}
