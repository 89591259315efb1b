/* The views, looked up and read: from memory at once, or in a call. */
#include "ops.h"

#include "view.h"

/* ---- lookup ---- */

static void run_lookup(struct call *call)
{
	struct fs *fs = call->fs;
	struct problem problem = {.http_status = 0};
	const struct view_wait wait = {.cancel = &call->cancel, .problem = &problem};
	struct node *node = NULL;
	int err = view_lookup(fs, call->node, call->name, &wait, &node);
	ops_reply_lookup(fs, call_finish(call), node, err);
}

void ops_view_lookup(struct fs *fs, fuse_req_t req, struct node *dir, const char *name)
{
	struct node *node = NULL;
	int err = view_lookup(fs, dir, name, NULL, &node);
	if (err != -EAGAIN) {
		ops_reply_lookup(fs, req, node, err);
		return;
	}
	struct call *call = call_create(fs, req, run_lookup, dir, name);
	if (call)
		call_submit(call, CALL_READS);
}

/* ---- open ---- */

/* file is what it says, NULL: err. The kernel may keep what it reads: a node never says anything else. */
static void reply_open(struct fs *fs, fuse_req_t req, struct node *node, struct snapshot *file,
	struct fuse_file_info *fi, int err)
{
	struct handle *handle = file ? handle_open_whole(fs, node, file) : NULL;
	if (!handle) {
		ops_reply_err(req, err < 0 ? err : -ENOMEM);
		return;
	}
	fi->fh = (uintptr_t)handle;
	fi->keep_cache = true;
	fi->noflush = true;
	if (fuse_reply_open(req, fi) < 0)
		handle_close(fs, handle);
}

static void run_open(struct call *call)
{
	struct fs *fs = call->fs;
	struct node *node = call->node;
	struct fuse_file_info fi = call->fi;
	struct problem problem = {.http_status = 0};
	const struct view_wait wait = {.cancel = &call->cancel, .problem = &problem};
	struct snapshot *file = NULL;
	int err = view_open(fs, node, &wait, &file);
	reply_open(fs, call_finish(call), node, file, &fi, err);
}

void ops_view_open(struct fs *fs, fuse_req_t req, struct node *node, struct fuse_file_info *fi)
{
	struct snapshot *file = NULL;
	int err = opens_to_write(fi->flags) ? -EACCES : view_open(fs, node, NULL, &file);
	if (err != -EAGAIN) {
		reply_open(fs, req, node, file, fi, err);
		return;
	}
	struct call *call = call_create(fs, req, run_open, node, NULL);
	if (!call)
		return;
	call->fi = *fi;
	call_submit(call, CALL_READS);
}
