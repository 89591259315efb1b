/* Open files. */
#include "ops.h"

#include "clock.h"
#include "control.h"
#include "edit.h"
#include "notify.h"
#include "proc.h"
#include "save.h"
#include "view.h"
#include <fcntl.h>
#include <sys/stat.h>

static struct handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh;
}

/* ---- open and create ---- */

/*
 * Readers keep what the kernel has cached: whatever changes is pushed out of there. Who only writes
 * a record goes past the cache. noflush would take a writer's flush too: for readers alone.
 */
static void set_open_flags(struct handle *handle, struct fuse_file_info *fi)
{
	fi->fh = (uintptr_t)handle;
	fi->direct_io = handle->is_control || handle->owns_text || handle->by_pass;
	fi->keep_cache = !fi->direct_io && !handle->writable;
	fi->noflush = !handle->writable;
}

/* Longer texts are read as they are asked for. */
#define PUSH_MAX ((size_t)64 << 10)

/*
 * Gives the kernel a record's text before it asks for it: one write instead of a request and its
 * answer. The version may have changed meanwhile; what is told of that may have come too early.
 *
 * The kernel waits in here for a read of the same file that is under way, and that may have to be
 * answered by this very thread. So nobody else may have the file open, nor be about to: an open that
 * waits holds a reference from its arrival on, and all opens arrive in one thread.
 */
static void push_text(struct fs *fs, struct handle *handle, unsigned refs)
{
	auto_buf struct buf text = BUF_INIT(PUSH_MAX);
	auto_record struct record *record = NULL;

	if (handle->writable || handle->by_pass || handle->is_pushed)
		return;
	record = handle_take_opened(handle);
	if (!record || record->file_size > PUSH_MAX || record->file_size == 0 ||
		!tree_begin_push(fs->tree, handle->node, record->file_size, refs))
		return;
	if (record_render(record, &text) < 0)
		return;
	struct fuse_bufvec bytes = FUSE_BUFVEC_INIT(text.len);
	bytes.buf[0].mem = text.data;
	fuse_lowlevel_notify_store(fs->session, handle->node->id, 0, &bytes, 0);
	if (!handle_is_current(fs, handle))
		notify_node(fs->notify, handle->node);
}

/*
 * NULL: it was refused. refs: how many references this open has on the node once there is a handle.
 */
static struct handle *open_or_refuse(struct fs *fs, fuse_req_t req, struct node *node, pid_t pid,
	struct fuse_file_info *fi, unsigned refs)
{
	struct handle *handle;
	int err = handle_open(fs, node, fi->flags, pid, &handle);
	if (err < 0) {
		ops_reply_err(req, ops_gone(err));
		return NULL;
	}
	set_open_flags(handle, fi);
	push_text(fs, handle, refs);
	return handle;
}

/*
 * On the thread that all requests come to, a program can go on at once: whatever it asks for next
 * waits until it is noted what it has seen.
 */
static void open_now(struct fs *fs, fuse_req_t req, struct node *node, struct fuse_file_info *fi)
{
	struct handle *handle = open_or_refuse(fs, req, node, fuse_req_ctx(req)->pid, fi, 1);
	if (!handle)
		return;
	if (fuse_reply_open(req, fi) < 0)
		handle_close(fs, handle);
	else
		handle_note_seen(fs, handle);
}

static void open_in_call(
	struct fs *fs, fuse_req_t req, struct node *node, pid_t pid, struct fuse_file_info *fi)
{
	struct handle *handle = open_or_refuse(fs, req, node, pid, fi, 2);
	if (!handle)
		return;
	handle_note_seen(fs, handle);
	if (fuse_reply_open(req, fi) < 0)
		handle_close(fs, handle);
}

static void run_open(struct call *call)
{
	struct fs *fs = call->fs;
	struct node *node = call->node;
	struct fuse_file_info fi = call->fi;
	struct problem problem = {.http_status = 0};
	struct slot *slot = tree_slot_of(fs->tree, node);
	pid_t pid = call->pid;
	int err = 0;

	if (slot) {
		err = sync_record(fs->sync, slot->collection, slot->id, slot->id_len, &call->cancel,
			&problem);
		notify_flush(fs->notify);
	}
	fuse_req_t req = call_finish(call);
	if (err < 0)
		ops_reply_err(req, ops_gone(err));
	else
		open_in_call(fs, req, node, pid, &fi);
	tree_unref(fs->tree, node);
}

void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = ops_fs(req);
	struct node *node = ops_node(fs, ino);

	if (!node) {
		ops_reply_err(req, -ESTALE);
		return;
	}
	if (fs->opens_unasked) {
		fuse_reply_err(req, ENOSYS);
		return;
	}
	if (view_is(node)) {
		ops_view_open(fs, req, node, fi);
		return;
	}
	if (ops_may_wait(fs, node)) {
		struct call *call = call_create(fs, req, run_open, node, NULL);
		if (!call)
			return;
		call->fi = *fi;
		call->holds_node = true;
		tree_ref(fs->tree, node);
		call_submit(call, control_is(node) ? CALL_LOCAL : CALL_READS);
		return;
	}
	open_now(fs, req, node, fi);
}

/* A new file has nothing in it until somebody writes, and then the kernel asks anew. */
#define EMPTY_S 0.1

static void reply_create(
	struct fs *fs, fuse_req_t req, struct node *node, pid_t pid, struct fuse_file_info *fi)
{
	struct fuse_entry_param entry;
	struct handle *handle = NULL;
	uint64_t id = node->id;
	struct slot *slot = tree_slot_of(fs->tree, node);

	int err = handle_open(fs, node, fi->flags | O_CREAT | O_TRUNC, pid, &handle);
	if (err == 0)
		err = ops_fill_entry(fs, node, &entry);
	tree_unref(fs->tree, node);
	if (err == 0) {
		set_open_flags(handle, fi);
		if (!slot && !handle->owns_text)
			entry.attr_timeout = EMPTY_S;
		if (fuse_reply_create(req, &entry, fi) == 0)
			return;
	} else {
		ops_reply_err(req, err);
	}
	if (slot)
		tree_unmake(fs->tree, slot, pid);
	if (handle)
		handle_close(fs, handle);
	tree_forget(fs->tree, id, 1);
}

static void create_now(struct fs *fs, fuse_req_t req, struct node *dir, const char *name,
	mode_t mode, struct fuse_file_info *fi)
{
	struct node *node;
	pid_t pid = fuse_req_ctx(req)->pid;

	int err = tree_create_file(fs->tree, dir, name, mode, fi->flags & O_EXCL, pid, &node);
	if (err < 0)
		ops_reply_err(req, err);
	else
		reply_create(fs, req, node, pid, fi);
}

void op_create(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
	struct fs *fs = ops_fs(req);
	struct node *dir = ops_node(fs, parent);

	if (!dir)
		ops_reply_err(req, -ESTALE);
	else if (strlen(name) >= NAME_SIZE)
		ops_reply_err(req, -ENAMETOOLONG);
	else if (dir->kind != NODE_COLLECTION)
		ops_reply_err(req, view_is(dir) ? -EACCES : -EPERM);
	else
		create_now(fs, req, dir, name, mode & ~fuse_req_ctx(req)->umask, fi);
}

/* ---- read and write ---- */

void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	auto_buf struct buf text = BUF_INIT(SIZE_MAX / 2);
	struct fs *fs = ops_fs(req);
	struct node *node = fs->opens_unasked ? ops_node(fs, ino) : NULL;
	/* For its own pages the kernel asks in nobody's name. */
	struct piece piece = {(size_t)offset, size, fi->lock_owner == 0};
	int err = node		      ? handle_read_unopened(fs, node, (size_t)offset, size, &text)
		  : fs->opens_unasked ? -ESTALE
				      : handle_read(fs, handle_of(fi), &piece, &text);
	if (err < 0)
		ops_reply_err(req, err);
	else
		fuse_reply_buf(req, text.data, text.len);
}

static void run_early_commit(struct call *call)
{
	struct fs *fs = call->fs;
	size_t written = call->size;
	struct handle *handle = call->handle;
	int err = save_in_write(fs, handle, call->asked_ms);
	fuse_req_t req = call_finish(call);
	if (err < 0)
		ops_reply_err(req, err);
	else if (req)
		fuse_reply_write(req, written);
	handle_close(fs, handle);
}

/*
 * A shell's own `echo >` flushes before it writes and ignores what its last close says: it is told
 * of a refusal by the write itself (save dances, rule 12).
 */
static bool commits_in_write(struct fs *fs, struct handle *handle, pid_t pid)
{
	struct slot *slot;
	char name[NAME_SIZE];
	struct edit edit;
	struct problem problem;
	bool incomplete;
	uint64_t writes;
	auto_buf struct buf text = BUF_INIT(RECORD_MAX_BYTES);

	return text_was_flushed_early(handle->text, pid) && text_may_be_complete(handle->text) &&
	       tree_commit_kind(fs->tree, handle->node, handle->writes, &slot, name) !=
		       COMMIT_NOTHING &&
	       text_copy(handle->text, &text, &writes) == 0 &&
	       (edit_check(text.data, text.len, &edit, &incomplete, &problem) == 0 || !incomplete);
}

void op_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t offset,
	struct fuse_file_info *fi)
{
	struct fs *fs = ops_fs(req);
	struct handle *handle = handle_of(fi);
	pid_t pid = fuse_req_ctx(req)->pid;

	if (handle->is_control) {
		int err = control_write(fs, ops_node(fs, ino), data, size);
		if (err < 0)
			ops_reply_err(req, err);
		else
			fuse_reply_write(req, size);
		return;
	}
	if (!handle->text) {
		ops_reply_err(req, -EBADF);
		return;
	}
	handle_prepare_write(fs, handle, fi->writepage);
	int err = fi->writepage
			  ? text_write_pages(handle->text, (size_t)offset, data, size)
			  : text_write(handle->text, (size_t)offset, data, size, handle->append);
	if (err < 0) {
		ops_reply_err(req, err);
	} else if (commits_in_write(fs, handle, pid)) {
		struct call *call = call_create(fs, req, run_early_commit, handle->node, NULL);
		if (!call)
			return;
		call->handle = handle_ref(handle);
		call->size = size;
		call_submit(call, CALL_SAVES);
	} else {
		fuse_reply_write(req, size);
	}
}

/* ---- flush, fsync, release ---- */

/* Closed with nothing in it: the text may come by who opens it next. */
static void note_emptied(struct fs *fs, const struct handle *handle)
{
	if (handle->writes && text_size(handle->text) == 0)
		busy_note_emptied(fs->busy, handle->writes);
}

static void run_flush(struct call *call)
{
	struct fs *fs = call->fs;
	struct handle *handle = call->handle;
	int err = save_flush(fs, handle, call->asked_ms);
	note_emptied(fs, handle);
	ops_reply_err(call_finish(call), err);
	handle_close(fs, handle);
}

static void run_broken_off(struct call *call)
{
	struct fs *fs = call->fs;
	struct handle *handle = call->handle;
	int err = save_break_off(fs, handle, call->writes, call->asked_ms);
	ops_reply_err(call_finish(call), err);
	handle_close(fs, handle);
}

static void run_fsync(struct call *call)
{
	struct fs *fs = call->fs;
	struct handle *handle = call->handle;
	int err = save_sync(fs, handle);
	ops_reply_err(call_finish(call), err);
	handle_close(fs, handle);
}

static void run_release(struct call *call)
{
	struct fs *fs = call->fs;
	struct handle *handle = call->handle;
	save_release(fs, handle, call->asked_ms);
	handle_close(fs, handle);
	ops_reply_err(call_finish(call), 0);
}

static bool has_unsaved(const struct handle *handle)
{
	return handle->writable && handle->text && text_is_dirty(handle->text);
}

static void submit_for(
	fuse_req_t req, struct handle *handle, void (*run)(struct call *call), enum call_kind kind)
{
	struct call *call = call_create(ops_fs(req), req, run, handle->node, NULL);
	if (!call)
		return;
	call->handle = handle_ref(handle);
	call->writes = handle->text ? text_writes(handle->text) : 0;
	call_submit(call, kind);
}

static enum call_kind kind_of_save(struct fs *fs, const struct handle *handle)
{
	return save_is_due(fs, handle) ? CALL_SAVES : CALL_LOCAL;
}

void op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	struct fs *fs = ops_fs(req);
	struct handle *handle = handle_of(fi);
	if (fs->opens_unasked) {
		fuse_reply_err(req, ENOSYS);
		return;
	}
	if (has_unsaved(handle) || atomic_load(&handle->told_late)) {
		bool is_killed = proc_is_killed(fuse_req_ctx(req)->pid);
		submit_for(req, handle, is_killed ? run_broken_off : run_flush,
			kind_of_save(fs, handle));
		return;
	}
	if (handle->writable && handle->text)
		text_note_early_flush(handle->text, fuse_req_ctx(req)->pid);
	note_emptied(fs, handle);
	fuse_reply_err(req, 0);
}

void op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	(void)ino;
	(void)datasync;
	if (ops_fs(req)->opens_unasked) {
		fuse_reply_err(req, 0);
		return;
	}
	if (has_unsaved(handle_of(fi)))
		submit_for(req, handle_of(fi), run_fsync, CALL_LOCAL);
	else
		fuse_reply_err(req, 0);
}

void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	struct fs *fs = ops_fs(req);
	struct handle *handle = handle_of(fi);
	bool writes = handle && handle->writable && !handle->is_control;
	if (writes && save_release_waits(handle)) {
		submit_for(req, handle, run_release, kind_of_save(fs, handle));
		handle_close(fs, handle);
		return;
	}
	if (writes)
		save_close(fs, handle);
	if (handle)
		handle_close(fs, handle);
	fuse_reply_err(req, 0);
}

/* ---- setattr ---- */

static int truncate_to(struct fs *fs, struct node *node, struct handle *handle, size_t size)
{
	struct node_stat node_stat;
	if (handle && handle->text && handle->writable) {
		handle_prepare_write(fs, handle, false);
		return text_truncate(handle->text, size);
	}
	struct slot *slot = tree_slot_of(fs->tree, node);
	struct text *text = tree_take_text(fs->tree, node);
	int err = -EPERM;
	if (text && !slot)
		err = text_truncate(text, size);
	else if (slot && tree_stat(fs->tree, node, &node_stat) == 0 && node_stat.size == size)
		err = 0;
	text_unref(text);
	return err;
}

/* The kernel says `now` by a flag beside the other. */
static void set_scratch_times(struct fs *fs, struct node *node, const struct stat *attr, int to_set)
{
	if (to_set & FUSE_SET_ATTR_MTIME_NOW)
		tree_set_mtime(fs->tree, node, clock_now());
	else if (to_set & FUSE_SET_ATTR_MTIME)
		tree_set_mtime(fs->tree, node, attr->st_mtim);
}

/* chmod, chown and utimens are taken and change nothing on the server (contract 5). */
void op_setattr(
	fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *fi)
{
	struct fs *fs = ops_fs(req);
	struct node *node = ops_node(fs, ino);
	struct handle *handle = fi ? handle_of(fi) : NULL;
	struct node_stat node_stat = {0};
	struct stat now;
	int err = node ? 0 : -ESTALE;

	if (err == 0 && view_is(node) && (to_set & FUSE_SET_ATTR_SIZE))
		err = -EACCES;
	if (err == 0 && (control_is(node) || view_is(node))) {
		op_getattr(req, ino, fi);
		return;
	}
	if (err == 0 && (to_set & FUSE_SET_ATTR_SIZE))
		err = truncate_to(fs, node, handle, (size_t)attr->st_size);
	if (err == 0)
		set_scratch_times(fs, node, attr, to_set);
	if (err == 0 && (to_set & FUSE_SET_ATTR_MODE))
		tree_set_mode(fs->tree, node, attr->st_mode & 07777);
	if (err == 0)
		err = tree_stat(fs->tree, node, &node_stat);
	/* A record that is gone can still be written by who has it open, and fails when it is saved. */
	if (err == -ENOENT && handle && handle->text) {
		node_stat.mode = S_IFREG | 0600;
		node_stat.size = text_size(handle->text);
		err = 0;
	}
	if (err < 0) {
		ops_reply_err(req, ops_gone(err));
		return;
	}
	handle_show_size(fs, node, handle, fuse_req_ctx(req)->pid, &node_stat);
	ops_fill_attr(fs, &node_stat, &now);
	fuse_reply_attr(req, &now, (double)node_stat.valid_ms / 1000);
}
