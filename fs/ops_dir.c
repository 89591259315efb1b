/* Names, attributes and listings. */
#include "ops.h"

#include "control.h"
#include "notify.h"
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* ---- lookup ---- */

static void reply_lookup(struct fs *fs, fuse_req_t req, struct node *dir, const char *name)
{
	struct node *node;
	bool is_control = control_is(dir) || control_is_name(dir, name);
	int err = is_control ? control_lookup(fs, dir, name, &node)
			     : tree_lookup(fs->tree, dir, name, &node);
	if (err < 0)
		ops_reply_err(req, err);
	else
		ops_reply_entry(fs, req, node);
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
	bool waits = control_is(dir) ? control_uses_disk(dir)
				     : tree_wants(fs->tree, dir, name, id, &len) &&
					       !sync_record_ready(node_collection(dir), id, len);
	if (waits) {
		struct call *call = call_create(fs, req, run_lookup, dir, name);
		if (call)
			call_submit(call, true);
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

static void reply_attr(struct fs *fs, fuse_req_t req, struct node *node)
{
	struct node_stat node_stat;
	struct stat attr;
	int err = control_is(node) ? control_stat(fs, node, &node_stat)
				   : tree_stat(fs->tree, node, &node_stat);
	if (err < 0) {
		ops_reply_err(req, ops_gone(err));
		return;
	}
	ops_fill_attr(fs, &node_stat, &attr);
	fuse_reply_attr(req, &attr, (double)node_stat.valid_ms / 1000);
}

static void run_getattr(struct call *call)
{
	struct fs *fs = call->fs;
	struct node *node = call->node;
	struct problem problem = {.http_status = 0};
	struct slot *slot = tree_slot_of(fs->tree, node);
	int err = slot ? sync_record(fs->sync, slot->collection, slot->id, slot->id_len,
				 &call->cancel, &problem)
		       : 0;
	fuse_req_t req = call_finish(call);
	if (err < 0)
		ops_reply_err(req, ops_gone(err));
	else
		reply_attr(fs, req, node);
}

void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)fi;
	struct fs *fs = ops_fs(req);
	struct node *node = ops_node(fs, ino);

	if (!node) {
		ops_reply_err(req, -ESTALE);
		return;
	}
	if (ops_may_wait(fs, node)) {
		struct call *call = call_create(fs, req, run_getattr, node, NULL);
		if (call)
			call_submit(call, true);
		return;
	}
	reply_attr(fs, req, node);
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
	fsblkcnt_t free_blocks = used < SCRATCH_MAX_BYTES ? (SCRATCH_MAX_BYTES - used) / 4096 : 0;
	struct statvfs statvfs = {
		.f_bsize = 4096,
		.f_frsize = 4096,
		.f_blocks = (bytes + used + 4095) / 4096 + free_blocks,
		.f_bfree = free_blocks,
		.f_bavail = free_blocks,
		.f_files = records + 1000000,
		.f_ffree = 1000000,
		.f_favail = 1000000,
		.f_namemax = NAME_SIZE - 1,
	};
	fuse_reply_statfs(req, &statvfs);
}

/* ---- listings ---- */

/* What an open directory lists: one moment's names, so that offsets stay true. */
struct dir_handle {
	struct node *node;
	struct listing *listing;   /* of a collection */
	struct extra_name *extras; /* what is there beside records; all of a control directory */
	size_t extra_count;
	bool check_names; /* some records may be hidden behind other names */
};

static void dir_close(struct dir_handle *dir)
{
	listing_unref(dir->listing);
	free(dir->extras);
	free(dir);
}

static int dir_open(struct fs *fs, struct node *node, struct dir_handle **ret_dir)
{
	struct dir_handle *dir = calloc(1, sizeof *dir);
	if (!dir)
		return -ENOMEM;
	dir->node = node;
	int err = 0;
	if (control_is(node)) {
		err = control_list(fs, node, &dir->extras, &dir->extra_count);
	} else if (node->kind == NODE_COLLECTION) {
		dir->listing = store_listing(node_collection(node));
		dir->check_names = tree_has_extra_names(fs->tree, node);
		err = dir->listing
			      ? tree_extra_names(fs->tree, node, &dir->extras, &dir->extra_count)
			      : -ENOMEM;
	}
	if (err < 0) {
		dir_close(dir);
		return err;
	}
	*ret_dir = dir;
	return 0;
}

static void reply_opendir(
	struct fs *fs, fuse_req_t req, struct node *node, struct fuse_file_info *fi)
{
	struct dir_handle *dir;
	int err = dir_open(fs, node, &dir);
	if (err < 0) {
		ops_reply_err(req, err);
		return;
	}
	fi->fh = (uintptr_t)dir;
	if (fuse_reply_open(req, fi) < 0)
		dir_close(dir);
}

static void run_opendir(struct call *call)
{
	struct fs *fs = call->fs;
	struct node *node = call->node;
	struct fuse_file_info fi = call->fi;
	struct problem problem = {.http_status = 0};

	int err = 0;
	if (node->kind == NODE_COLLECTION)
		err = sync_listing(fs->sync, node_collection(node), &call->cancel, &problem);
	if (err == 0)
		notify_flush(fs->notify);
	fuse_req_t req = call_finish(call);
	if (err < 0)
		ops_reply_err(req, err);
	else
		reply_opendir(fs, req, node, &fi);
}

void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = ops_fs(req);
	struct node *node = ops_node(fs, ino);

	if (!node) {
		ops_reply_err(req, -ESTALE);
	} else if ((node->kind == NODE_COLLECTION && !sync_listing_ready(node_collection(node))) ||
		   (control_is(node) && control_uses_disk(node))) {
		struct call *call = call_create(fs, req, run_opendir, node, NULL);
		if (!call)
			return;
		call->fi = *fi;
		call_submit(call, true);
	} else {
		reply_opendir(fs, req, node, fi);
	}
}

void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	dir_close((struct dir_handle *)(uintptr_t)fi->fh);
	fuse_reply_err(req, 0);
}

/* A page of a listing on its way to the kernel. */
struct page {
	struct fs *fs;
	fuse_req_t req;
	bool plus;
	char *bytes;
	size_t used, size;
};

/* Adds one entry; node is NULL where only its type and number are known. False: the page is full.
 */
static bool add_entry(struct page *page, const char *name, struct node *node, uint64_t ino,
	mode_t type, off_t next)
{
	struct fuse_entry_param entry = {.attr = {.st_ino = ino, .st_mode = type}};
	size_t room = page->size - page->used, needed;

	if (page->plus && node && ops_fill_entry(page->fs, node, &entry) < 0) {
		tree_forget(page->fs->tree, node->id, 1);
		return true;
	}
	needed = page->plus ? fuse_add_direntry_plus(
				      page->req, page->bytes + page->used, room, name, &entry, next)
			    : fuse_add_direntry(page->req, page->bytes + page->used, room, name,
				      &entry.attr, next);
	if (needed <= room) {
		page->used += needed;
		return true;
	}
	if (page->plus && node)
		tree_forget(page->fs->tree, node->id, 1);
	return false;
}

static bool add_slot(struct page *page, struct dir_handle *dir, struct slot *slot, off_t next)
{
	char name[NAME_SIZE];
	struct version_stat version;
	struct node *node = NULL;

	if (!store_stat(slot, &version) || name_from_id(slot->id, slot->id_len, name) < 0)
		return true;
	if (dir->check_names && !tree_shows_record(page->fs->tree, dir->node, name))
		return true;
	if (page->plus) {
		node = tree_lookup_slot(page->fs->tree, dir->node, slot);
		if (!node)
			return false;
	}
	return add_entry(page, name, node, slot_shown_ino(slot), S_IFREG, next);
}

static bool add_extra(
	struct page *page, struct dir_handle *dir, const struct extra_name *extra, off_t next)
{
	struct node *node = NULL;
	bool has_node = page->plus && dir->node->kind == NODE_COLLECTION;
	if (has_node && tree_lookup(page->fs->tree, dir->node, extra->name, &node) < 0)
		return true;
	return add_entry(page, extra->name, node, extra->ino, extra->type, next);
}

static bool add_directory(struct page *page, struct node *root, size_t index, off_t next)
{
	struct node *node = page->fs->tree->directories[index];
	if (store_is_absent(node_collection(node)))
		return true;
	const char *name = collection_name(node_collection(node));
	if (page->plus && tree_lookup(page->fs->tree, root, name, &node) < 0)
		return true;
	return add_entry(page, name, node, node_ino(node), S_IFDIR, next);
}

/* The entry at a place in the listing: ".", "..", then what the directory holds. False: full, or
 * the end. */
static bool add_at(struct page *page, struct dir_handle *dir, size_t place)
{
	off_t next = (off_t)place + 1;
	size_t records = dir->listing ? dir->listing->count : 0;

	if (place < 2)
		return add_entry(
			page, place == 0 ? "." : "..", NULL, node_ino(dir->node), S_IFDIR, next);
	place -= 2;
	if (dir->node->kind == NODE_ROOT)
		return place < page->fs->tree->directory_count &&
		       add_directory(page, dir->node, place, next);
	if (place < records)
		return add_slot(page, dir, dir->listing->slots[place], next);
	return place - records < dir->extra_count &&
	       add_extra(page, dir, &dir->extras[place - records], next);
}

static void read_page(
	fuse_req_t req, size_t size, off_t offset, struct fuse_file_info *fi, bool plus)
{
	struct dir_handle *dir = (struct dir_handle *)(uintptr_t)fi->fh;
	struct page page = {.fs = ops_fs(req), .req = req, .plus = plus, .size = size};

	page.bytes = malloc(size);
	if (!page.bytes) {
		ops_reply_err(req, -ENOMEM);
		return;
	}
	for (size_t place = (size_t)offset; add_at(&page, dir, place);)
		place++;
	fuse_reply_buf(req, page.bytes, page.used);
	free(page.bytes);
}

void op_readdir(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	(void)ino;
	read_page(req, size, offset, fi, false);
}

void op_readdirplus(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	(void)ino;
	read_page(req, size, offset, fi, true);
}
