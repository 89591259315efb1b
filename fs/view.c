/* Which name leads where. */
#include "view.h"

#include "pointer.h"
#include <stdio.h>
#include <sys/stat.h>

/* What stands in the root; the first of them are listed there, the others only looked up. */
static const struct root_name {
	const char *name;
	enum view_kind kind;
	mode_t type;
} root_names[] = {
	{"by-name", VIEW_BY_NAME, S_IFDIR},
	{"related", VIEW_RELATED_LINK, S_IFLNK},
	{VIEW_RELATED_DIR, VIEW_RELATED, S_IFDIR},
	{"export", VIEW_EXPORT, S_IFDIR},
};
enum { ROOT_NAMES_LISTED = 2 };

/* ---- what the rest needs ---- */

static int find_root(const char *name, enum view_kind *ret_kind)
{
	for (size_t i = 0; i < array_size(root_names); i++) {
		if (strcmp(root_names[i].name, name) != 0)
			continue;
		*ret_kind = root_names[i].kind;
		return 0;
	}
	return -ENOENT;
}

bool view_is_name(const struct node *dir, const char *name)
{
	enum view_kind kind;
	return dir->kind == NODE_ROOT && find_root(name, &kind) == 0;
}

bool view_list_root(const struct fs *fs, size_t place, struct view_entry *ret_entry)
{
	if (place >= ROOT_NAMES_LISTED)
		return false;
	const struct root_name *root_name = &root_names[place];
	const struct view_key key = {.kind = root_name->kind};
	*ret_entry = (struct view_entry){.ino = view_ino(fs, &key), .type = root_name->type};
	memcpy(ret_entry->name, root_name->name, strlen(root_name->name) + 1);
	return true;
}

int view_want_listing(struct fs *fs, struct collection *collection, const struct view_wait *wait)
{
	if (sync_listing_ready(collection))
		return 0;
	return wait ? sync_listing(fs->sync, collection, wait->cancel, wait->problem) : -EAGAIN;
}

/* A fetch tells of its failure itself. */
static int make(struct fs *fs, struct collection *collection, enum catalog_kind kind,
	const struct view_wait *wait, struct snapshot **ret_snapshot)
{
	int err = catalog_make(fs->catalog, collection, kind, ret_snapshot);
	if (err == -EFBIG)
		problem_set(wait->problem, err, "the records have too many different properties");
	else if (err < 0)
		problem_set(wait->problem, err, "out of memory");
	if (err < 0)
		log_failure(&fs->errors, "read", collection_name(collection), err, wait->problem);
	return err;
}

int view_want(struct fs *fs, struct collection *collection, enum catalog_kind kind,
	const struct view_wait *wait, struct snapshot **ret_snapshot)
{
	int err = view_want_listing(fs, collection, wait);
	if (err < 0)
		return err;
	if (wait)
		return make(fs, collection, kind, wait, ret_snapshot);
	struct snapshot *ready = catalog_ready(fs->catalog, collection, kind);
	if (!ready)
		return -EAGAIN;
	*ret_snapshot = ready;
	return 0;
}

/* A record that is there now. */
static int want_record(struct fs *fs, struct collection *collection, const char *id, size_t len,
	const struct view_wait *wait, struct slot **ret_slot)
{
	struct version_stat ignored;
	int err = 0;
	if (!sync_record_ready(collection, id, len))
		err = wait ? sync_record(fs->sync, collection, id, len, wait->cancel, wait->problem)
			   : -EAGAIN;
	if (err < 0)
		return err;
	struct slot *slot = store_find(collection, id, len);
	if (!slot || !store_stat(slot, &ignored))
		return -ENOENT;
	*ret_slot = slot;
	return 0;
}

bool view_shows(struct fs *fs, struct slot *slot, char ret_name[NAME_SIZE])
{
	struct version_stat ignored;
	return store_stat(slot, &ignored) && name_from_id(slot->id, slot->id_len, ret_name) == 0 &&
	       !tree_hides(fs->tree, slot->collection, ret_name);
}

bool view_can_point(const struct collection *from, const struct collection *to)
{
	return pointer_can(collection_resource(from), collection_name(to));
}

/* ---- nodes ---- */

/* Each kind that stands for a record has a range of numbers above the records' own. */
#define INO_RANGE ((uint64_t)1 << 41)
/* Those of the others are between these and the tree's own. */
#define INO_FIXED ((uint64_t)1 << 33)
#define MAX_COLLECTIONS 65536

static size_t index_of(const struct fs *fs, const struct collection *collection)
{
	size_t count, index = 0;
	struct collection *const *collections = store_collections(fs->store, &count);
	while (index < count && collections[index] != collection)
		index++;
	return index;
}

uint64_t view_ino(const struct fs *fs, const struct view_key *key)
{
	if (!key->slot)
		return INO_FIXED + (uint64_t)key->kind * MAX_COLLECTIONS +
		       index_of(fs, key->collection);
	switch (key->kind) {
	case VIEW_NAME_LINK:
		return key->slot->ino + INO_RANGE;
	case VIEW_SOURCE_LINK:
		return key->slot->ino + 2 * INO_RANGE;
	case VIEW_RELATIONS:
		return key->slot->ino + 3 * INO_RANGE;
	default: /* VIEW_SOURCES */
		return key->slot->ino + (4 + index_of(fs, key->collection)) * INO_RANGE;
	}
}

static enum node_kind node_kind_of(const struct view_key *key)
{
	switch (key->kind) {
	case VIEW_RELATED_LINK:
	case VIEW_NAME_LINK:
	case VIEW_SOURCE_LINK:
		return NODE_VIEW_LINK;
	case VIEW_NDJSON:
	case VIEW_CSV:
		return NODE_VIEW_FILE;
	default:
		return NODE_VIEW_DIR;
	}
}

static bool is_permanent(const struct view_key *key)
{
	return !key->slot && node_kind_of(key) != NODE_VIEW_FILE;
}

static struct view_item *add_locked(struct fs *fs, const struct view_key *key)
{
	struct node *node = tree_add_view_locked(
		fs->tree, node_kind_of(key), view_ino(fs, key), is_permanent(key));
	if (!node)
		return NULL;
	node->own->view_item = view_items_add(fs->tree->view_items, key, node);
	if (node->own->view_item)
		return node->own->view_item;
	tree_drop_view_locked(fs->tree, node);
	return NULL;
}

/* What a file says, if that is known and up to date; referenced. */
static struct snapshot *present_text(struct fs *fs, const struct view_key *key)
{
	if (node_kind_of(key) != NODE_VIEW_FILE || !sync_listing_ready(key->collection))
		return NULL;
	return catalog_ready(fs->catalog, key->collection, view_text_kind(key));
}

/* The one node of a key; of a file, of what it says now. Counts a lookup. NULL: no memory. */
static struct node *node_for(struct fs *fs, const struct view_key *key)
{
	struct snapshot *present = present_text(fs, key);

	pthread_mutex_lock(&fs->tree->lock);
	struct view_item *item = view_items_find(fs->tree->view_items, key);
	if (item && item->shown && item->shown != present) {
		view_item_detach(item);
		item = NULL;
	}
	if (!item)
		item = add_locked(fs, key);
	if (item)
		item->node->lookups++;
	pthread_mutex_unlock(&fs->tree->lock);
	snapshot_unref(present);
	return item ? item->node : NULL;
}

/* ---- looking up ---- */

/* "contact" of "contact.csv". */
static int find_file(struct fs *fs, const char *name, struct view_key *key)
{
	char resource[NAME_SIZE];
	const char *dot = strrchr(name, '.');
	if (!dot)
		return -ENOENT;
	snprintf(resource, sizeof resource, "%.*s", (int)(dot - name), name);
	if (strcmp(dot, ".ndjson") != 0 && strcmp(dot, ".csv") != 0)
		return -ENOENT;
	key->kind = strcmp(dot, ".csv") == 0 ? VIEW_CSV : VIEW_NDJSON;
	key->collection = store_collection(fs->store, resource);
	return key->collection ? 0 : -ENOENT;
}

static int find_collection(
	struct fs *fs, enum view_kind kind, const char *name, struct view_key *key)
{
	key->kind = kind;
	key->collection = store_collection(fs->store, name);
	return key->collection ? 0 : -ENOENT;
}

static bool is_target(struct fs *fs, const struct collection *collection)
{
	size_t count;
	struct collection *const *collections = store_collections(fs->store, &count);
	for (size_t i = 0; i < count; i++) {
		if (view_can_point(collections[i], collection))
			return true;
	}
	return false;
}

static int find_named(struct fs *fs, struct collection *collection, const char *name,
	const struct view_wait *wait, struct view_key *key)
{
	struct snapshot *labels;
	char own_name[NAME_SIZE];
	int err = view_want(fs, collection, CATALOG_LABELS, wait, &labels);
	if (err < 0)
		return err;
	struct slot *slot = labels_find(catalog_index(labels), name);
	snapshot_unref(labels);
	*key = (struct view_key){.kind = VIEW_NAME_LINK, .slot = slot};
	return slot && view_shows(fs, slot, own_name) ? 0 : -ENOENT;
}

/* related/contact/4: the directory's name is the record's, without its ending. */
static int find_target(struct fs *fs, struct collection *collection, const char *name,
	const struct view_wait *wait, struct view_key *key)
{
	char file_name[2 * NAME_SIZE], id[ID_MAX + 1];
	size_t len;
	snprintf(file_name, sizeof file_name, "%s.json", name);
	key->kind = VIEW_RELATIONS;
	return name_to_id(file_name, id, &len) < 0
		       ? -ENOENT
		       : want_record(fs, collection, id, len, wait, &key->slot);
}

static int find_source(struct fs *fs, const struct view_key *dir, const char *name,
	const struct view_wait *wait, struct view_key *key)
{
	char id[ID_MAX + 1], own_name[NAME_SIZE];
	size_t len;
	key->kind = VIEW_SOURCE_LINK;
	int err = name_to_id(name, id, &len) < 0
			  ? -ENOENT
			  : want_record(fs, dir->collection, id, len, wait, &key->slot);
	if (err < 0)
		return err;
	return links_points(key->slot, dir->slot) && view_shows(fs, key->slot, own_name) ? 0
											 : -ENOENT;
}

static int find(struct fs *fs, const struct view_key *dir, const char *name,
	const struct view_wait *wait, struct view_key *key)
{
	int err;
	switch (dir->kind) {
	case VIEW_BY_NAME:
		return find_collection(fs, VIEW_NAMES, name, key);
	case VIEW_RELATED:
		err = find_collection(fs, VIEW_TARGETS, name, key);
		return err < 0 ? err : is_target(fs, key->collection) ? 0 : -ENOENT;
	case VIEW_EXPORT:
		return find_file(fs, name, key);
	case VIEW_NAMES:
		return find_named(fs, dir->collection, name, wait, key);
	case VIEW_TARGETS:
		return find_target(fs, dir->collection, name, wait, key);
	case VIEW_RELATIONS:
		err = find_collection(fs, VIEW_SOURCES, name, key);
		key->slot = dir->slot;
		return err < 0							? err
		       : view_can_point(key->collection, dir->slot->collection) ? 0
										: -ENOENT;
	case VIEW_SOURCES:
		return find_source(fs, dir, name, wait, key);
	default:
		return -ENOTDIR;
	}
}

int view_lookup(struct fs *fs, struct node *dir, const char *name, const struct view_wait *wait,
	struct node **ret_node)
{
	struct view_key key = {.kind = VIEW_BY_NAME};

	int err = dir->kind == NODE_ROOT ? find_root(name, &key.kind)
					 : find(fs, &dir->own->view_item->key, name, wait, &key);
	if (err < 0)
		return err;
	struct node *node = node_for(fs, &key);
	if (!node)
		return -ENOMEM;
	*ret_node = node;
	return 0;
}
