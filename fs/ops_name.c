/* Names that come and go, and what is told of a file beside its text. */
#include "ops.h"

#include "control.h"
#include "deletes.h"
#include "notify.h"
#include "proc.h"
#include "save.h"
#include "view.h"
#include <linux/limits.h>
#include <stdio.h>
#include <sys/stat.h>

/* ---- unlink ---- */

static void run_delete(struct call *call)
{
	struct fs *fs = call->fs;
	int err = deletes_unlink(fs->deletes, call->node, call->name, call->slot, call->process);
	ops_reply_err(call_finish(call), err);
}

static void run_control_unlink(struct call *call)
{
	int err = control_unlink(call->fs, call->node, call->name);
	ops_reply_err(call_finish(call), err);
}

static void unlink_in_control(struct fs *fs, fuse_req_t req, struct node *dir, const char *name)
{
	struct call *call = call_create(fs, req, run_control_unlink, dir, name);
	if (call)
		call_submit(call, CALL_LOCAL);
}

static void unlink_in_collection(struct fs *fs, fuse_req_t req, struct node *dir, const char *name)
{
	struct slot *slot = NULL;
	int err = tree_unlink(fs->tree, dir, name, fuse_req_ctx(req)->pid, &slot);
	if (err <= 0) {
		ops_reply_err(req, err);
		return;
	}
	struct call *call = call_create(fs, req, run_delete, dir, name);
	if (!call)
		return;
	call->slot = slot;
	call->process = proc_process(call->pid);
	call_submit(call, CALL_SAVES);
}

void op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fs *fs = ops_fs(req);
	struct node *dir = ops_node(fs, parent);

	if (!dir || strlen(name) >= NAME_SIZE) {
		ops_reply_err(req, dir ? -ENAMETOOLONG : -ESTALE);
		return;
	}
	if (view_is(dir)) {
		ops_reply_err(req, -EACCES);
		return;
	}
	if (control_is(dir))
		unlink_in_control(fs, req, dir, name);
	else
		unlink_in_collection(fs, req, dir, name);
}

/* ---- rename ---- */

static void run_save_rename(struct call *call)
{
	struct fs *fs = call->fs;
	struct node *file = call->file;

	int err = save_rename(fs, call->node, file, call->to_name, call->pid, call->asked_ms);
	ops_reply_err(call_finish(call), err);
	tree_unref(fs->tree, file);
}

void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to_parent,
	const char *to_name, unsigned flags)
{
	struct fs *fs = ops_fs(req);
	struct node *dir = ops_node(fs, parent), *to_dir = ops_node(fs, to_parent), *file;

	if (!dir || !to_dir) {
		ops_reply_err(req, -ESTALE);
		return;
	}
	if (strlen(name) >= NAME_SIZE || strlen(to_name) >= NAME_SIZE) {
		ops_reply_err(req, -ENAMETOOLONG);
		return;
	}
	if (view_is(dir) || view_is(to_dir)) {
		ops_reply_err(req, -EACCES);
		return;
	}
	pid_t pid = fuse_req_ctx(req)->pid;
	int err = tree_rename(fs->tree, dir, name, to_dir, to_name, flags, pid, &file);
	if (err <= 0) {
		ops_reply_err(req, err);
		return;
	}
	struct call *call = call_create(fs, req, run_save_rename, dir, name);
	if (!call) {
		tree_unref(fs->tree, file);
		return;
	}
	call->file = file;
	snprintf(call->to_name, sizeof call->to_name, "%s", to_name);
	call_submit(call, CALL_SAVES);
}

/* ---- what there is no such thing of ---- */

void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)parent;
	(void)name;
	(void)mode;
	ops_reply_err(req, -EPERM);
}

void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
	(void)device;
	op_mkdir(req, parent, name, mode);
}

void op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	op_mkdir(req, parent, name, 0);
}

void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t to_parent, const char *to_name)
{
	(void)ino;
	op_mkdir(req, to_parent, to_name, 0);
}

/* ---- symlinks ---- */

void op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	struct fs *fs = ops_fs(req);
	struct node *dir = ops_node(fs, parent), *node = NULL;

	int err = !dir			      ? -ESTALE
		  : view_is(dir)	      ? -EACCES
		  : strlen(name) >= NAME_SIZE ? -ENAMETOOLONG
					      : tree_symlink(fs->tree, dir, name, target, &node);
	ops_reply_lookup(fs, req, node, err);
}

void op_readlink(fuse_req_t req, fuse_ino_t ino)
{
	struct fs *fs = ops_fs(req);
	struct node *node = ops_node(fs, ino);
	auto_buf struct buf target = BUF_INIT(PATH_MAX);
	int err = !node			       ? -ESTALE
		  : view_is(node)	       ? view_readlink(fs, node, &target)
		  : node->kind == NODE_SYMLINK ? tree_read_symlink(fs->tree, node, &target)
					       : -EINVAL;
	if (err < 0)
		ops_reply_err(req, err);
	else
		fuse_reply_readlink(req, target.data);
}

/* ---- extended attributes ---- */

#define XATTR_PREFIX "user.clevertim."

/*
 * The value of an attribute. Other name spaces than user. are said to be unsupported: `ls -l` then
 * asks for an ACL once, and not for each file.
 */
static int attribute(struct fs *fs, struct node *node, const char *name, struct buf *out)
{
	struct slot *slot = control_is(node) ? NULL : tree_slot_of(fs->tree, node);
	const char *key = name + strlen(XATTR_PREFIX);

	if (strncmp(name, "user.", 5) != 0)
		return -EOPNOTSUPP;
	if (!slot || strncmp(name, XATTR_PREFIX, strlen(XATTR_PREFIX)) != 0)
		return -ENODATA;
	if (strcmp(key, "id") == 0)
		return buf_add(out, slot->id, slot->id_len);
	if (strcmp(key, "resource") == 0)
		return buf_add_str(out, collection_name(slot->collection));
	if (strcmp(key, "url") == 0) {
		int err =
			buf_addf(out, "%s/%s/", fs->config->url, collection_name(slot->collection));
		return err < 0 ? err : api_encode_id(slot->id, slot->id_len, out);
	}
	return -ENODATA;
}

/* Why the last save of a record failed: its draft's reason. Reads the disk. */
static int last_refusal(struct fs *fs, struct node *node, struct buf *out)
{
	char name[NAME_SIZE], reason_name[NAME_SIZE + 8];
	struct slot *slot = control_is(node) ? NULL : tree_slot_of(fs->tree, node);

	if (!slot || !fs->journal || name_from_id(slot->id, slot->id_len, name) < 0)
		return -ENODATA;
	snprintf(reason_name, sizeof reason_name, "%s.error", name);
	int err = journal_read(
		fs->journal, JOURNAL_DRAFTS, collection_name(slot->collection), reason_name, out);
	if (out->len > 0 && out->data[out->len - 1] == '\n')
		out->len--;
	return err == -ENOENT ? -ENODATA : err;
}

static void reply_xattr(fuse_req_t req, const struct buf *value, size_t size)
{
	if (size == 0)
		fuse_reply_xattr(req, value->len);
	else if (value->len > size)
		ops_reply_err(req, -ERANGE);
	else
		fuse_reply_buf(req, value->data, value->len);
}

static int list_attributes(struct fs *fs, struct node *node, struct buf *out)
{
	static const char names[] =
		XATTR_PREFIX "id\0" XATTR_PREFIX "resource\0" XATTR_PREFIX "url";
	static const char error_name[] = XATTR_PREFIX "error";
	auto_buf struct buf reason = BUF_INIT(XATTR_SIZE_MAX);

	if (control_is(node) || !tree_slot_of(fs->tree, node))
		return 0;
	int err = buf_add(out, names, sizeof names);
	if (err == 0 && last_refusal(fs, node, &reason) == 0)
		err = buf_add(out, error_name, sizeof error_name);
	return err;
}

/* call->name is the attribute, or "" for the list of them. */
static void run_xattr(struct call *call)
{
	auto_buf struct buf value = BUF_INIT(XATTR_SIZE_MAX);
	size_t size = call->size;
	int err = call->name[0] ? last_refusal(call->fs, call->node, &value)
				: list_attributes(call->fs, call->node, &value);
	fuse_req_t req = call_finish(call);
	if (err < 0)
		ops_reply_err(req, err);
	else
		reply_xattr(req, &value, size);
}

static void submit_xattr(
	struct fs *fs, fuse_req_t req, struct node *node, const char *name, size_t size)
{
	struct call *call = call_create(fs, req, run_xattr, node, name);
	if (!call)
		return;
	call->size = size;
	call_submit(call, CALL_LOCAL);
}

void op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	struct fs *fs = ops_fs(req);
	struct node *node = ops_node(fs, ino);
	auto_buf struct buf value = BUF_INIT(XATTR_SIZE_MAX);

	if (node && strcmp(name, XATTR_PREFIX "error") == 0) {
		submit_xattr(fs, req, node, name, size);
		return;
	}
	int err = node ? attribute(fs, node, name, &value) : -ESTALE;
	if (err < 0)
		ops_reply_err(req, err);
	else
		reply_xattr(req, &value, size);
}

void op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	struct fs *fs = ops_fs(req);
	struct node *node = ops_node(fs, ino);
	if (node)
		submit_xattr(fs, req, node, "", size);
	else
		ops_reply_err(req, -ESTALE);
}

void op_setxattr(
	fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size, int flags)
{
	(void)ino;
	(void)name;
	(void)value;
	(void)size;
	(void)flags;
	ops_reply_err(req, -EOPNOTSUPP);
}

void op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	op_setxattr(req, ino, name, NULL, 0, 0);
}
