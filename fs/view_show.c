/* What a node of the views says: its attributes, where a link leads, a file's text. */
#include "view.h"

#include "clock.h"
#include <linux/limits.h>
#include <sys/stat.h>

/* How long a file on a read-only mount stays as it was for who reads on. */
#define READ_PAUSE_MS 1000
/* What does not change, or not by itself. */
#define VALID_MS 1000

/* ---- files ---- */

static bool is_file(const struct node *node)
{
	return node->kind == NODE_VIEW_FILE;
}

/* What stat shows from now on; on a read-only mount also what is read. */
static void show(struct fs *fs, struct view_item *item, struct snapshot *snapshot)
{
	const struct whole_file *file = catalog_file(snapshot);
	struct snapshot *old = NULL;

	pthread_mutex_lock(&fs->tree->lock);
	item->size = export_size(file->export);
	item->mtime = file->mtime;
	if (fs->opens_unasked) {
		old = item->shown;
		item->shown = snapshot_ref(snapshot);
	}
	pthread_mutex_unlock(&fs->tree->lock);
	snapshot_unref(old);
}

/* Somebody is reading what is shown: he is not to get the rest of another one. */
static bool is_being_read(struct fs *fs, const struct view_item *item)
{
	pthread_mutex_lock(&fs->tree->lock);
	bool is = item->shown && clock_ms() - item->read_ms < READ_PAUSE_MS;
	pthread_mutex_unlock(&fs->tree->lock);
	return is;
}

int view_open(
	struct fs *fs, struct node *node, const struct view_wait *wait, struct snapshot **ret_file)
{
	struct view_item *item = node->own->view_item;
	if (!is_file(node))
		return -EISDIR;
	int err = view_want(fs, item->key.collection,
		item->key.kind == VIEW_CSV ? CATALOG_CSV : CATALOG_NDJSON, wait, ret_file);
	if (err == 0)
		show(fs, item, *ret_file);
	return err;
}

int view_refresh(struct fs *fs, struct node *node, const struct view_wait *wait)
{
	struct snapshot *file;
	if (!is_file(node) || is_being_read(fs, node->own->view_item))
		return 0;
	int err = view_open(fs, node, wait, &file);
	if (err == 0)
		snapshot_unref(file);
	return err;
}

int view_read_shown(struct fs *fs, struct node *node, size_t offset, size_t len, struct buf *out)
{
	struct view_item *item = node->own->view_item;
	pthread_mutex_lock(&fs->tree->lock);
	struct snapshot *shown = item->shown ? snapshot_ref(item->shown) : NULL;
	item->read_ms = clock_ms();
	pthread_mutex_unlock(&fs->tree->lock);
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

static void stat_file(struct fs *fs, struct node *node, struct node_stat *stat)
{
	const struct view_item *item = node->own->view_item;
	stat->mode = S_IFREG | 0400;
	pthread_mutex_lock(&fs->tree->lock);
	stat->size = item->size;
	stat->mtime = item->mtime;
	pthread_mutex_unlock(&fs->tree->lock);
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
	stat->mtime = fs->tree->started;
	/* What stands for a record is looked up each time: it may be gone. */
	stat->valid_ms = key->slot || key->collection ? 0 : VALID_MS;
	stat->named_ms = key->slot ? 0 : VALID_MS;
	stat->mtime = clock_later(stat->mtime, changed_at(fs, key));
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
