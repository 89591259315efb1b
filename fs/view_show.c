/* What a node of the views says: its attributes, where a link leads, a file's text. */
#include "view.h"

#include "clock.h"
#include <linux/limits.h>
#include <sys/stat.h>

/* What does not change, or not by itself. */
#define VALID_MS 1000

/* ---- files ---- */

static bool is_file(const struct node *node)
{
	return node->kind == NODE_VIEW_FILE;
}

/* What a file's node says, referenced; NULL: that is not settled yet. */
static struct snapshot *take_shown(struct fs *fs, const struct node *node)
{
	pthread_mutex_lock(&fs->tree->lock);
	const struct view_item *item = node->own->view_item;
	struct snapshot *shown = item->shown ? snapshot_ref(item->shown) : NULL;
	pthread_mutex_unlock(&fs->tree->lock);
	return shown;
}

/* The first who settles it decides. Takes the snapshot; the one that is shown is returned. */
static struct snapshot *settle(struct fs *fs, struct node *node, struct snapshot *snapshot)
{
	pthread_mutex_lock(&fs->tree->lock);
	struct view_item *item = node->own->view_item;
	struct snapshot *useless = item->shown ? snapshot : NULL;
	if (!useless)
		item->shown = snapshot;
	struct snapshot *shown = snapshot_ref(item->shown);
	pthread_mutex_unlock(&fs->tree->lock);
	snapshot_unref(useless);
	return shown;
}

int view_open(
	struct fs *fs, struct node *node, const struct view_wait *wait, struct snapshot **ret_file)
{
	const struct view_key *key = &node->own->view_item->key;
	struct snapshot *snapshot;
	if (!is_file(node))
		return -EISDIR;
	*ret_file = take_shown(fs, node);
	if (*ret_file)
		return 0;
	int err = view_want(fs, key->collection, view_text_kind(key), wait, &snapshot);
	if (err == 0)
		*ret_file = settle(fs, node, snapshot);
	return err;
}

int view_refresh(struct fs *fs, struct node *node, const struct view_wait *wait)
{
	struct snapshot *file = NULL;
	int err = is_file(node) ? view_open(fs, node, wait, &file) : 0;
	snapshot_unref(file);
	return err;
}

int view_read_shown(struct fs *fs, struct node *node, size_t offset, size_t len, struct buf *out)
{
	struct snapshot *shown = is_file(node) ? take_shown(fs, node) : NULL;
	if (!shown)
		return -EIO;
	int err = export_read(catalog_file(shown)->export, offset, len, out);
	snapshot_unref(shown);
	return err;
}

/* ---- stat and readlink ---- */

int view_readlink(struct fs *fs, struct node *node, struct buf *ret_target)
{
	const struct view_key *key = &node->own->view_item->key;
	char name[NAME_SIZE];
	if (node->kind != NODE_VIEW_LINK)
		return -EINVAL;
	if (!key->slot)
		return buf_add_str(ret_target, VIEW_RELATED_DIR);
	int err = name_from_id(key->slot->id, key->slot->id_len, name);
	if (err < 0)
		return err;
	return buf_addf(ret_target, "%s%s/%s",
		key->kind == VIEW_NAME_LINK ? "../../" : "../../../../",
		collection_name(key->slot->collection), name);
}

static int stat_link(struct fs *fs, struct node *node, struct node_stat *stat)
{
	auto_buf struct buf target = BUF_INIT(PATH_MAX);
	struct slot *slot = node->own->view_item->key.slot;
	struct version_stat version = {.mtime = fs->tree->started};
	if (slot && !store_stat(slot, &version))
		return -ENOENT;
	int err = view_readlink(fs, node, &target);
	stat->mode = S_IFLNK | 0777;
	stat->valid_ms = VALID_MS;
	stat->size = target.len;
	stat->mtime = version.mtime;
	return err;
}

/* Until it is settled what a file says, the kernel is to ask again. */
static void stat_file(struct fs *fs, const struct node *node, struct node_stat *stat)
{
	struct snapshot *shown = take_shown(fs, node);
	stat->mode = S_IFREG | 0400;
	stat->mtime = fs->tree->started;
	if (!shown)
		return;
	stat->size = export_size(catalog_file(shown)->export);
	stat->mtime = catalog_file(shown)->mtime;
	stat->valid_ms = VALID_MS;
	snapshot_unref(shown);
}

/* When what it lists may have changed last. */
static struct timespec changed_at(struct fs *fs, const struct view_key *key)
{
	size_t count;
	struct collection *const *collections = store_collections(fs->store, &count);
	bool is_of_many = key->kind == VIEW_TARGETS || key->kind == VIEW_RELATIONS;
	struct timespec latest = {0};
	if (key->collection && !is_of_many)
		return clock_later(store_listing_mtime(key->collection),
			catalog_changed_at(fs->catalog, key->collection));
	for (size_t i = 0; is_of_many && i < count; i++)
		latest = clock_later(latest, catalog_changed_at(fs->catalog, collections[i]));
	return latest;
}

static int stat_directory(struct fs *fs, struct node *node, struct node_stat *stat)
{
	const struct view_key *key = &node->own->view_item->key;
	struct version_stat ignored;
	stat->mode = S_IFDIR | 0500;
	stat->links = 2;
	stat->mtime = clock_later(fs->tree->started, changed_at(fs, key));
	/* What stands for a record is looked up each time: it may be gone. */
	stat->valid_ms = key->slot || key->collection ? 0 : VALID_MS;
	stat->named_ms = key->slot ? 0 : VALID_MS;
	return key->slot && !store_stat(key->slot, &ignored) ? -ENOENT : 0;
}

int view_stat(struct fs *fs, struct node *node, struct node_stat *ret_stat)
{
	*ret_stat = (struct node_stat){.ino = node_ino(node), .links = 1};
	if (node->kind == NODE_VIEW_LINK)
		return stat_link(fs, node, ret_stat);
	if (node->kind == NODE_VIEW_DIR)
		return stat_directory(fs, node, ret_stat);
	stat_file(fs, node, ret_stat);
	return 0;
}
