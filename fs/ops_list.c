/* Listings. */
#include "ops.h"

#include "control.h"
#include "notify.h"
#include "view.h"
#include <stdio.h>
#include <sys/stat.h>

/*
 * What an open directory lists: one moment's names, so that offsets stay true. Those of a collection
 * are taken when somebody begins to read, and again when he begins anew (rewinddir): many programs
 * hold a directory open without ever reading it, and then it takes no memory.
 */
struct dir_handle {
	struct node *node;
	struct listing *listing;   /* of a collection; NULL until it is read */
	struct extra_name *extras; /* what is there beside records; all of a control directory */
	size_t extra_count;
	struct view_list *view; /* all of a view */
	bool check_names;	/* some records may be hidden behind other names */
};

static void dir_close(struct dir_handle *dir)
{
	listing_unref(dir->listing);
	free(dir->extras);
	view_list_close(dir->view);
	free(dir);
}

/* The names in a collection, of what is in memory. On failure those of before stay. */
static int take_names(struct fs *fs, struct dir_handle *dir)
{
	struct extra_name *extras = NULL;
	size_t extra_count = 0;
	struct listing *listing = NULL;

	bool check_names = tree_has_extra_names(fs->tree, dir->node);
	int err = tree_list(fs->tree, dir->node, &listing, &extras, &extra_count);
	if (err < 0)
		return err;
	listing_unref(dir->listing);
	free(dir->extras);
	dir->listing = listing;
	dir->extras = extras;
	dir->extra_count = extra_count;
	dir->check_names = check_names;
	return 0;
}

static int dir_open(
	struct fs *fs, struct node *node, const struct view_wait *wait, struct dir_handle **ret_dir)
{
	struct dir_handle *dir = calloc(1, sizeof *dir);
	if (!dir)
		return -ENOMEM;
	dir->node = node;
	int err = 0;
	if (view_is(node)) {
		err = view_list_open(fs, node, wait, &dir->view);
	} else if (control_is(node)) {
		err = control_list(fs, node, &dir->extras, &dir->extra_count);
	}
	if (err < 0) {
		dir_close(dir);
		return err;
	}
	*ret_dir = dir;
	return 0;
}

/*
 * Of a collection the kernel keeps what it reads, and asks for none of it again while that stands.
 * It looks at the directory's mtime, too, before it goes by what it has.
 */
static void set_dir_flags(struct fs *fs, const struct dir_handle *dir, struct fuse_file_info *fi)
{
	bool has = false;
	fi->cache_readdir = dir->node->kind == NODE_COLLECTION &&
			    tree_may_keep_listing(fs->tree, dir->node, &has);
	fi->keep_cache = has;
}

/* dir is the answer, NULL: err. */
static void reply_opendir(
	struct fs *fs, fuse_req_t req, struct dir_handle *dir, int err, struct fuse_file_info *fi)
{
	if (!dir) {
		ops_reply_err(req, err);
		return;
	}
	set_dir_flags(fs, dir, fi);
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
	const struct view_wait wait = {.cancel = &call->cancel, .problem = &problem};
	struct dir_handle *dir = NULL;

	int err = 0;
	if (node->kind == NODE_COLLECTION)
		err = sync_listing(fs->sync, node_collection(node), &call->cancel, &problem);
	if (err == 0)
		notify_flush(fs->notify);
	if (err == 0)
		err = dir_open(fs, node, &wait, &dir);
	reply_opendir(fs, call_finish(call), dir, err, &fi);
}

static bool opendir_waits(const struct node *node)
{
	return (node->kind == NODE_COLLECTION && !sync_listing_ready(node_collection(node))) ||
	       (control_is(node) && control_uses_disk(node));
}

void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = ops_fs(req);
	struct node *node = ops_node(fs, ino);
	struct dir_handle *dir = NULL;

	if (!node) {
		ops_reply_err(req, -ESTALE);
		return;
	}
	int err = opendir_waits(node) ? -EAGAIN : dir_open(fs, node, NULL, &dir);
	if (err != -EAGAIN) {
		reply_opendir(fs, req, dir, err, fi);
		return;
	}
	struct call *call = call_create(fs, req, run_opendir, node, NULL);
	if (!call)
		return;
	call->fi = *fi;
	call_submit(call, control_is(node) ? CALL_LOCAL : CALL_READS);
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
	/* What has become a record since is listed as what it was. */
	if (extra_names_have(dir->extras, dir->extra_count, name))
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

/* Without a node: who wants more of them than their names looks them up. */
static bool add_view(struct page *page, struct dir_handle *dir, size_t place, off_t next)
{
	struct view_entry entry;
	view_list_get(page->fs, dir->view, place, &entry);
	return !entry.name[0] || add_entry(page, entry.name, NULL, entry.ino, entry.type, next);
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

/* The resources, then by-name and related. */
static bool add_to_root(struct page *page, struct node *root, size_t place, off_t next)
{
	size_t directories = page->fs->tree->directory_count;
	if (place < directories)
		return add_directory(page, root, place, next);
	struct view_entry entry;
	return view_list_root(page->fs, place - directories, &entry) &&
	       add_entry(page, entry.name, NULL, entry.ino, entry.type, next);
}

/* What is above a resource is the root; of all others nobody asks for the number of "..". */
static uint64_t parent_ino(struct fs *fs, const struct node *node)
{
	return node_ino(node->kind == NODE_COLLECTION ? fs->tree->root : node);
}

/* The entry at a place in the listing: ".", "..", then what the directory holds. False: full, or
 * the end. */
static bool add_at(struct page *page, struct dir_handle *dir, size_t place)
{
	off_t next = (off_t)place + 1;
	size_t records = dir->listing ? dir->listing->count : 0;

	if (place == 0)
		return add_entry(page, ".", NULL, node_ino(dir->node), S_IFDIR, next);
	if (place == 1)
		return add_entry(page, "..", NULL, parent_ino(page->fs, dir->node), S_IFDIR, next);
	place -= 2;
	if (dir->node->kind == NODE_ROOT)
		return add_to_root(page, dir->node, place, next);
	if (dir->view)
		return place < view_list_size(dir->view) && add_view(page, dir, place, next);
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
	bool begins = dir->node->kind == NODE_COLLECTION && (offset == 0 || !dir->listing);

	page.bytes = malloc(size);
	if (!page.bytes || (begins && take_names(page.fs, dir) < 0)) {
		free(page.bytes);
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
