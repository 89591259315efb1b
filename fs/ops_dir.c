/* Names and attributes. */
#include "ops.h"

#include "control.h"
#include "view.h"
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---- lookup ---- */

static void reply_lookup(struct fs *fs, fuse_req_t req, struct node *dir, const char *name)
{
	struct node *node = NULL;
	bool is_control = control_is(dir) || control_is_name(dir, name);
	int err = is_control ? control_lookup(fs, dir, name, &node)
			     : tree_lookup(fs->tree, dir, name, &node);
	ops_reply_lookup(fs, req, node, err);
}

/*
 * The server fails, but has listed what it has, and this was not there: it is not there, so that a file
 * of that name can be created or renamed to it, which fails in its turn and keeps the text as a draft.
 */
static bool is_not_listed(struct node *dir, const char *id, size_t len, int err)
{
	struct slot *slot;
	struct collection *collection = node_collection(dir);
	return err != -EINTR && err != -ECANCELED &&
	       store_listing_freshness(collection) != UNKNOWN &&
	       store_id_freshness(collection, id, len, &slot) == UNKNOWN;
}

static void run_lookup(struct call *call)
{
	struct fs *fs = call->fs;
	struct problem problem = {.http_status = 0};
	struct node *dir = call->node;
	char id[ID_MAX + 1], name[NAME_SIZE];
	size_t len;
	int err = 0;

	memcpy(name, call->name, sizeof name);
	if (tree_wants(fs->tree, dir, name, id, &len))
		err = sync_record(fs->sync, node_collection(dir), id, len, &call->cancel, &problem);
	if (err < 0 && is_not_listed(dir, id, len, err))
		err = 0;
	fuse_req_t req = call_finish(call);
	if (err < 0)
		ops_reply_err(req, err);
	else
		reply_lookup(fs, req, dir, name);
}

void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fs *fs = ops_fs(req);
	struct node *dir = ops_node(fs, parent);
	char id[ID_MAX + 1];
	size_t len;

	if (!dir || strlen(name) >= NAME_SIZE) {
		ops_reply_err(req, dir ? -ENAMETOOLONG : -ESTALE);
		return;
	}
	if (view_is(dir) || view_is_name(dir, name)) {
		ops_view_lookup(fs, req, dir, name);
		return;
	}
	bool waits = control_is(dir) ? control_uses_disk(dir)
				     : tree_wants(fs->tree, dir, name, id, &len) &&
					       !sync_record_ready(node_collection(dir), id, len);
	if (waits) {
		struct call *call = call_create(fs, req, run_lookup, dir, name);
		if (call)
			call_submit(call, control_is(dir) ? CALL_LOCAL : CALL_READS);
		return;
	}
	reply_lookup(fs, req, dir, name);
}

void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t lookups)
{
	tree_forget(ops_fs(req)->tree, ino, lookups);
	fuse_reply_none(req);
}

void op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		tree_forget(ops_fs(req)->tree, forgets[i].ino, forgets[i].nlookup);
	fuse_reply_none(req);
}

/* ---- attributes ---- */

/* asks: the handle that it is asked with, only compared; 0: none. */
static void reply_attr(struct fs *fs, fuse_req_t req, struct node *node, uint64_t asks, pid_t pid)
{
	struct node_stat node_stat;
	struct stat attr;
	int err = ops_stat(fs, node, &node_stat);
	if (err < 0) {
		ops_reply_err(req, ops_gone(err));
		return;
	}
	handle_show_size(fs, node, (const struct handle *)(uintptr_t)asks, pid, &node_stat);
	ops_fill_attr(fs, &node_stat, &attr);
	fuse_reply_attr(req, &attr, (double)node_stat.valid_ms / 1000);
}

static void run_getattr(struct call *call)
{
	struct fs *fs = call->fs;
	struct node *node = call->node;
	struct problem problem = {.http_status = 0};
	const struct view_wait wait = {.cancel = &call->cancel, .problem = &problem};
	struct slot *slot = tree_slot_of(fs->tree, node);
	uint64_t asks = call->fi.fh;
	pid_t pid = call->pid;
	int err = 0;
	if (view_is(node))
		err = view_refresh(fs, node, &wait);
	else if (slot)
		err = sync_record(fs->sync, slot->collection, slot->id, slot->id_len, &call->cancel,
			&problem);
	fuse_req_t req = call_finish(call);
	if (err < 0)
		ops_reply_err(req, ops_gone(err));
	else
		reply_attr(fs, req, node, asks, pid);
}

void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = ops_fs(req);
	struct node *node = ops_node(fs, ino);
	uint64_t asks = fi ? fi->fh : 0;

	if (!node) {
		ops_reply_err(req, -ESTALE);
		return;
	}
	bool waits =
		view_is(node) ? view_refresh(fs, node, NULL) == -EAGAIN : ops_may_wait(fs, node);
	if (waits) {
		struct call *call = call_create(fs, req, run_getattr, node, NULL);
		if (!call)
			return;
		call->fi.fh = asks;
		call_submit(call, control_is(node) ? CALL_LOCAL : CALL_READS);
		return;
	}
	reply_attr(fs, req, node, asks, fuse_req_ctx(req)->pid);
}

/*
 * Where the kernel does not check permissions itself it asks. What the owner may not do with a record
 * root may not either: it is the server that refuses.
 */
void op_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
	struct fs *fs = ops_fs(req);
	struct node *node = ops_node(fs, ino);
	struct node_stat node_stat;
	int err = node ? ops_gone(ops_stat(fs, node, &node_stat)) : -ESTALE;
	if (err == 0) {
		unsigned may = ops_mode(fs, node_stat.mode) >> 6 & 7;
		if (fuse_req_ctx(req)->uid == 0 && tree_is_scratch(fs->tree, node))
			may |= R_OK | W_OK;
		err = (unsigned)mask & ~may ? -EACCES : 0;
	}
	ops_reply_err(req, err);
}

void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	(void)ino;
	struct fs *fs = ops_fs(req);
	size_t count, used = atomic_load(&fs->tree->budget.used);
	uint64_t records = 0, bytes = 0;
	struct collection *const *collections = store_collections(fs->store, &count);

	for (size_t i = 0; i < count; i++) {
		struct collection_stats stats;
		store_get_stats(collections[i], &stats);
		records += stats.records;
		bytes += stats.bytes;
	}
	size_t free_bytes = used < SCRATCH_MAX_BYTES ? SCRATCH_MAX_BYTES - used : 0;
	fsblkcnt_t free_blocks = free_bytes / 4096;
	fsfilcnt_t free_names = free_bytes / SCRATCH_NAME_BYTES;
	struct statvfs statvfs = {
		.f_bsize = 4096,
		.f_frsize = 4096,
		.f_blocks = (bytes + used + 4095) / 4096 + free_blocks,
		.f_bfree = free_blocks,
		.f_bavail = free_blocks,
		.f_files = records + free_names,
		.f_ffree = free_names,
		.f_favail = free_names,
		.f_namemax = NAME_SIZE - 1,
	};
	fuse_reply_statfs(req, &statvfs);
}
