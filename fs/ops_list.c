/* Listings. */
#include "ops.h"

#include "control.h"
#include "notify.h"
#include "view.h"
#include <stdio.h>
#include <sys/stat.h>

/* Records of a first listing that have to be there before it is read while the rest arrives. */
#define STREAM_FROM 10000
/*
 * For the next of them, while the kernel has the directory locked: nobody creates there meanwhile, nor
 * looks for a new name.
 */
#define PAGE_PATIENCE_MS 10000

/*
 * What an open directory lists. Offsets stay true: names are one moment's, and records have the
 * places of the store's order, with what is beside them behind. The names in a collection are taken
 * when somebody begins to read, and again when he begins anew (rewinddir): many programs hold a
 * directory open without ever reading it, and then it takes no memory.
 */
struct dir_handle {
	struct node *node;
	bool is_begun; /* of a collection: the names were taken */
	bool is_whole; /* its records are all there, and end at extent; else they are still arriving */
	size_t extent;
	struct extra_name *extras; /* what is there beside records; all of a control directory */
	size_t extra_count;
	bool check_extras; /* what has become a record of another name since is listed as that */
	struct view_list *view; /* all of a view */
	bool check_names;	/* some records may be hidden behind other names */
};

static void dir_close(struct dir_handle *dir)
{
	free(dir->extras);
	view_list_close(dir->view);
	free(dir);
}

/* The names in a collection, of what is in memory. On failure those of before stay. */
static int take_names(struct fs *fs, struct dir_handle *dir)
{
	struct dir_handle now = *dir;

	now.check_names = tree_has_extra_names(fs->tree, dir->node);
	int err = tree_list(
		fs->tree, dir->node, &now.extras, &now.extra_count, &now.extent, &now.is_whole);
	if (err < 0)
		return err;
	now.check_extras = !now.is_whole;
	now.is_begun = true;
	free(dir->extras);
	*dir = now;
	return 0;
}

/* How far it can be read by now. Names may have been chosen since it was begun. */
static void read_along(struct fs *fs, struct dir_handle *dir)
{
	if (dir->is_whole)
		return;
	dir->extent = store_extent(node_collection(dir->node), &dir->is_whole);
	dir->check_names = dir->check_names || tree_has_extra_names(fs->tree, dir->node);
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
		err = sync_listing_part(
			fs->sync, node_collection(node), STREAM_FROM, -1, &call->cancel, &problem);
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
	size_t place; /* of the next entry */
	int err;      /* why it was not filled further */
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
		page->err = node ? 0 : -ENOMEM;
		if (!node)
			return false;
	}
	return add_entry(page, name, node, slot_shown_ino(slot), S_IFREG, next);
}

static bool add_extra(
	struct page *page, struct dir_handle *dir, const struct extra_name *extra, off_t next)
{
	struct node *node = NULL;
	if (dir->check_extras && !tree_shows_extra(page->fs->tree, dir->node, extra->name))
		return true;
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

/* Places before those of what the directory holds: "." and "..". */
#define DOTS 2

/* The next record, passing over those that are gone, or what is beside the records. */
static bool add_next(struct page *page, struct dir_handle *dir)
{
	size_t place = page->place - DOTS;
	struct slot *slot = NULL;
	if (place < dir->extent)
		slot = store_next_record(node_collection(dir->node), &place, dir->extent);
	page->place = place + DOTS;
	if (slot)
		return add_slot(page, dir, slot, (off_t)page->place + 1);
	place -= dir->extent;
	return dir->is_whole && place < dir->extra_count &&
	       add_extra(page, dir, &dir->extras[place], (off_t)page->place + 1);
}

/* The entry at a place in the listing. False: full, or the end, or what follows is not there yet. */
static bool add_at(struct page *page, struct dir_handle *dir)
{
	size_t place = page->place;
	off_t next = (off_t)place + 1;

	if (place == 0)
		return add_entry(page, ".", NULL, node_ino(dir->node), S_IFDIR, next);
	if (place == 1)
		return add_entry(page, "..", NULL, parent_ino(page->fs, dir->node), S_IFDIR, next);
	if (dir->node->kind == NODE_COLLECTION)
		return add_next(page, dir);
	place -= DOTS;
	if (dir->node->kind == NODE_ROOT)
		return add_to_root(page, dir->node, place, next);
	if (dir->view)
		return place < view_list_size(dir->view) && add_view(page, dir, place, next);
	return place < dir->extra_count && add_extra(page, dir, &dir->extras[place], next);
}

static void fill_page(struct page *page, struct dir_handle *dir)
{
	bool is_collection = dir->node->kind == NODE_COLLECTION;
	if (is_collection && (page->place == 0 || !dir->is_begun))
		page->err = take_names(page->fs, dir);
	if (is_collection)
		read_along(page->fs, dir);
	while (page->err == 0 && add_at(page, dir))
		page->place++;
}

/* Nothing of it is there yet, and this is not the end. */
static bool page_has_to_wait(const struct page *page, const struct dir_handle *dir)
{
	bool is_arriving = dir->node->kind == NODE_COLLECTION && !dir->is_whole;
	return is_arriving && page->used == 0 && page->err == 0;
}

static void reply_page(fuse_req_t req, struct page *page)
{
	if (page->used > 0 || page->err == 0)
		fuse_reply_buf(req, page->bytes, page->used);
	else
		ops_reply_err(req, page->err);
	free(page->bytes);
}

/* ENOENT would be taken for the end. */
static int reading_error(int err)
{
	return err == -ENOENT ? -EIO : err;
}

static struct page page_begin(struct fs *fs, fuse_req_t req, size_t size, off_t offset, bool plus)
{
	struct page page = {.fs = fs,
		.req = req,
		.plus = plus,
		.size = size,
		.place = (size_t)offset,
		.bytes = malloc(size)};
	page.err = page.bytes ? 0 : -ENOMEM;
	return page;
}

/* Fills a page with what arrives next. */
static void run_readdir(struct call *call, bool plus)
{
	struct fs *fs = call->fs;
	struct dir_handle *dir = (struct dir_handle *)(uintptr_t)call->fi.fh;
	struct collection *collection = node_collection(dir->node);
	struct problem problem = {.http_status = 0};
	/* Nobody else answers a request that reads. */
	struct page page = page_begin(fs, call->req, call->size, call->offset, plus);

	while (page_has_to_wait(&page, dir)) {
		int err = sync_listing_part(fs->sync, collection, page.place - DOTS,
			PAGE_PATIENCE_MS, &call->cancel, &problem);
		page.err = reading_error(err);
		if (page.err == 0)
			fill_page(&page, dir);
	}
	reply_page(call_finish(call), &page);
}

static void run_readdir_plain(struct call *call)
{
	run_readdir(call, false);
}

static void run_readdir_plus(struct call *call)
{
	run_readdir(call, true);
}

static void wait_for_page(
	fuse_req_t req, const struct page *page, struct node *node, struct fuse_file_info *fi)
{
	struct call *call = call_create(
		page->fs, req, page->plus ? run_readdir_plus : run_readdir_plain, node, NULL);
	if (!call)
		return;
	call->fi = *fi;
	call->size = page->size;
	call->offset = (off_t)page->place;
	call->locks_dir = true;
	call_submit(call, CALL_READS);
}

static void read_page(
	fuse_req_t req, size_t size, off_t offset, struct fuse_file_info *fi, bool plus)
{
	struct dir_handle *dir = (struct dir_handle *)(uintptr_t)fi->fh;
	struct page page = page_begin(ops_fs(req), req, size, offset, plus);

	if (page.err == 0)
		fill_page(&page, dir);
	if (!page_has_to_wait(&page, dir)) {
		reply_page(req, &page);
		return;
	}
	free(page.bytes);
	wait_for_page(req, &page, dir->node, fi);
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
