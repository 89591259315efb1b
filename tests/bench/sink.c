/*
 * The floor for writing: the least that a FUSE server can do that lets files be made and written. It
 * keeps their texts in memory, tells nobody, and answers each request at once, with the flags and
 * timeouts that clevertimfs gives the kernel. What a save or a create takes longer than this and the
 * same requests sent by curl is clevertimfs' own.
 *
 * The files stand in the root; none is ever removed, nor read. Nothing is locked: there is one thread. Apart
 * from libfuse it shares no code with what it is compared to.
 */
#define FUSE_USE_VERSION 314

#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_INO (FUSE_ROOT_ID + 1)
#define MAX_FILES 100000

struct file {
	char *name, *text;
	struct stat attr;
};

struct sink {
	struct file *files; /* MAX_FILES of them */
	size_t count;
	void *names; /* a tree of struct file, by name */
};

/* ---- the files ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static struct file *find(struct sink *sink, const char *name)
{
	const struct file wanted = {.name = (char *)name};
	struct file **found = tfind(&wanted, &sink->names, by_name);
	return found ? *found : NULL;
}

static struct file *file_of(struct sink *sink, fuse_ino_t ino)
{
	return ino >= FIRST_INO && ino - FIRST_INO < sink->count ? &sink->files[ino - FIRST_INO]
								 : NULL;
}

static struct file *add(struct sink *sink, const char *name, mode_t mode)
{
	struct file *file = &sink->files[sink->count];
	if (sink->count == MAX_FILES || !(file->name = strdup(name)))
		return NULL;
	file->attr = (struct stat){
		.st_ino = FIRST_INO + sink->count, .st_mode = S_IFREG | mode, .st_nlink = 1};
	if (!tsearch(file, &sink->names, by_name))
		return NULL;
	sink->count++;
	return file;
}

static bool resize(struct file *file, size_t size)
{
	char *text = realloc(file->text, size + 1);
	if (!text)
		return false;
	size_t old = (size_t)file->attr.st_size;
	if (size > old)
		memset(text + old, 0, size - old);
	file->text = text;
	file->attr.st_size = (off_t)size;
	return true;
}

static void leave_node(void *node)
{
	(void)node; /* its files are released one by one */
}

static void empty(struct sink *sink)
{
	tdestroy(sink->names, leave_node);
	for (size_t i = 0; i < sink->count; i++) {
		free(sink->files[i].name);
		free(sink->files[i].text);
	}
	free(sink->files);
}

/* ---- requests ---- */

static struct sink *sink_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

static void on_init(void *arg, struct fuse_conn_info *conn)
{
	(void)arg;
	conn->want |= FUSE_CAP_ATOMIC_O_TRUNC;
	conn->want &=
		~(unsigned)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
	conn->time_gran = 1;
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent;
	const struct file *file = find(sink_of(req), name);
	if (!file) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	const struct fuse_entry_param entry = served_entry(&file->attr);
	fuse_reply_entry(req, &entry);
}

static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)fi;
	const struct file *file = file_of(sink_of(req), ino);
	fuse_reply_attr(req, file ? &file->attr : &served_root, SERVED_TIMEOUT_S);
}

static void on_setattr(
	fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *fi)
{
	struct file *file = file_of(sink_of(req), ino);
	if (file && (to_set & FUSE_SET_ATTR_SIZE) && !resize(file, (size_t)attr->st_size))
		fuse_reply_err(req, ENOMEM);
	else
		on_getattr(req, ino, fi);
}

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct file *file = file_of(sink_of(req), ino);
	if (!file || ((fi->flags & O_TRUNC) && !resize(file, 0))) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	fi->direct_io = (fi->flags & O_ACCMODE) == O_WRONLY;
	fuse_reply_open(req, fi);
}

static void on_create(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
	(void)parent;
	const struct file *file = add(sink_of(req), name, mode & 07777);
	if (!file) {
		fuse_reply_err(req, ENOSPC);
		return;
	}
	const struct fuse_entry_param entry = served_entry(&file->attr);
	fuse_reply_create(req, &entry, fi);
}

static void on_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t offset,
	struct fuse_file_info *fi)
{
	(void)fi;
	struct file *file = file_of(sink_of(req), ino);
	size_t from = (size_t)offset, end = from + size;
	if (!file || (end > (size_t)file->attr.st_size && !resize(file, end))) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	memcpy(file->text + from, data, size);
	fuse_reply_write(req, size);
}

static void on_close(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	fuse_reply_err(req, 0);
}

static const struct fuse_lowlevel_ops ops = {
	.init = on_init,
	.lookup = on_lookup,
	.getattr = on_getattr,
	.setattr = on_setattr,
	.open = on_open,
	.create = on_create,
	.write = on_write,
	.flush = on_close,
	.release = on_close,
};

int main(int argc, char *argv[])
{
	if (argc != 2) {
		fputs("usage: sink MOUNTPOINT   lets files be made and written, until unmounted\n",
			stderr);
		return 2;
	}
	struct sink sink = {.files = calloc(MAX_FILES, sizeof *sink.files)};
	const struct served served = {.ops = &ops, .arg = &sink};
	int status = sink.files ? serve(&served, argv[1]) : EXIT_FAILURE;
	empty(&sink);
	return status;
}
