#include "tree_private.h"

#include "clock.h"
#include "proc.h"
#include <sys/stat.h>

static int add_directory(struct tree *tree, struct collection *collection)
{
	struct node *node = tree_new_node_locked(tree, NODE_COLLECTION);
	if (!node)
		return -ENOMEM;
	node->refs = 1;
	node->own->collection = collection;
	node->own->mtime = tree->started;
	node->names = names_create();
	if (!node->names)
		return -ENOMEM;
	tree->directories[tree->directory_count++] = node;
	return 0;
}

/* The root and the directories are there from the start and stay. */
static int add_fixed_nodes(struct tree *tree)
{
	size_t count;
	struct collection *const *collections = store_collections(tree->store, &count);

	tree->nodes = node_table_create();
	tree->view_items = view_items_create();
	tree->directories = calloc(count + 1, sizeof(struct node *));
	tree->root = tree->nodes ? tree_new_node_locked(tree, NODE_ROOT) : NULL;
	if (!tree->root || !tree->directories || !tree->view_items)
		return -ENOMEM;
	tree->root->refs = 1;
	tree->root->own->mtime = tree->started;
	int err = 0;
	for (size_t i = 0; i < count && err == 0; i++)
		err = add_directory(tree, collections[i]);
	return err;
}

struct tree *tree_create(struct store *store)
{
	struct tree *tree = calloc(1, sizeof *tree);
	if (!tree)
		return NULL;
	struct tree fixed = {
		.store = store,
		.next_ino = TREE_FIRST_INO,
		.budget.max = SCRATCH_MAX_BYTES,
		.started = clock_now(),
	};
	memcpy(tree, &fixed, sizeof fixed);
	pthread_mutex_init(&tree->lock, NULL);
	if (add_fixed_nodes(tree) < 0) {
		tree_destroy(tree);
		return NULL;
	}
	return tree;
}

void tree_destroy(struct tree *tree)
{
	if (!tree)
		return;
	node_table_destroy(tree->nodes);
	view_items_destroy(tree->view_items);
	free(tree->directories);
	pthread_mutex_destroy(&tree->lock);
	free(tree);
}

struct node *tree_new_node_locked(struct tree *tree, enum node_kind kind)
{
	struct node *node = node_create(tree->nodes, kind);
	if (node)
		node->own->ino = tree->next_ino++;
	return node;
}

struct node *tree_add_control_locked(struct tree *tree, enum node_kind kind)
{
	struct node *node = tree_new_node_locked(tree, kind);
	if (node)
		node->refs = 1;
	return node;
}

struct node *tree_add_view_locked(struct tree *tree, enum node_kind kind, uint64_t ino, bool stays)
{
	struct node *node = node_create(tree->nodes, kind);
	if (!node)
		return NULL;
	node->own->ino = ino;
	node->refs = stays;
	return node;
}

void tree_drop_view_locked(struct tree *tree, struct node *node)
{
	node->refs = 0;
	node_release_if_unused(tree->nodes, node);
}

int tree_record_nodes(
	struct tree *tree, struct collection *collection, uint64_t **ret_ids, size_t *ret_count)
{
	struct listing *listing = store_listing(collection);
	uint64_t *ids = listing ? malloc((listing->count + 1) * sizeof *ids) : NULL;
	size_t count = 0;

	pthread_mutex_lock(&tree->lock);
	for (size_t i = 0; ids && i < listing->count; i++) {
		const struct node *node = listing->slots[i]->node;
		if (node && node->lookups > 0)
			ids[count++] = node->id;
	}
	pthread_mutex_unlock(&tree->lock);
	listing_unref(listing);
	if (!ids)
		return -ENOMEM;
	*ret_ids = ids;
	*ret_count = count;
	return 0;
}

void tree_set_mode(struct tree *tree, struct node *node, mode_t mode)
{
	pthread_mutex_lock(&tree->lock);
	if (node->kind == NODE_FILE)
		node->own->mode = mode;
	pthread_mutex_unlock(&tree->lock);
}

void tree_set_mtime(struct tree *tree, struct node *node, struct timespec mtime)
{
	pthread_mutex_lock(&tree->lock);
	if (node->kind == NODE_FILE || node->kind == NODE_SYMLINK)
		text_set_mtime(node_text(node), mtime);
	pthread_mutex_unlock(&tree->lock);
}

struct node *tree_node(struct tree *tree, uint64_t id)
{
	pthread_mutex_lock(&tree->lock);
	struct node *node = node_find(tree->nodes, id);
	pthread_mutex_unlock(&tree->lock);
	return node;
}

bool tree_is_scratch(struct tree *tree, struct node *node)
{
	pthread_mutex_lock(&tree->lock);
	bool is = node->kind == NODE_FILE;
	pthread_mutex_unlock(&tree->lock);
	return is;
}

int tree_read_symlink(struct tree *tree, struct node *node, struct buf *out)
{
	uint64_t ignored;
	struct text *text = tree_take_text(tree, node);
	int err = text ? text_copy(text, out, &ignored) : -EINVAL;
	text_unref(text);
	return err;
}

struct node *tree_directory(const struct tree *tree, const struct collection *collection)
{
	for (size_t i = 0; i < tree->directory_count; i++) {
		if (node_collection(tree->directories[i]) == collection)
			return tree->directories[i];
	}
	return NULL;
}

struct slot *tree_slot_of(struct tree *tree, struct node *node)
{
	pthread_mutex_lock(&tree->lock);
	struct slot *slot = node->kind == NODE_RECORD ? node->slot : NULL;
	pthread_mutex_unlock(&tree->lock);
	return slot;
}

static void open_record_locked(struct node *node, struct opening *opening)
{
	opening->slot = node->slot;
	opening->present = store_take(node->slot);
	if (!node->slot->node)
		node->slot->node = node;
	opening->is_unsettled = atomic_load(&node->slot->is_untold) || node->queued ||
				node->told_size == NODE_TELLING || node->slot->node != node;
	opening->is_pushed = node->pushed;
}

void tree_open(struct tree *tree, struct node *node, struct opening *ret_opening)
{
	pthread_mutex_lock(&tree->lock);
	*ret_opening = (struct opening){.collection = node_collection(node)};
	if (node->kind == NODE_RECORD)
		open_record_locked(node, ret_opening);
	else if (node_text(node))
		ret_opening->text = text_ref(node_text(node));
	pthread_mutex_unlock(&tree->lock);
}

struct text *tree_take_text(struct tree *tree, struct node *node)
{
	pthread_mutex_lock(&tree->lock);
	struct text *text = node_text(node) ? text_ref(node_text(node)) : NULL;
	pthread_mutex_unlock(&tree->lock);
	return text;
}

static int share_text_locked(struct node *node, struct text **fresh, struct text **ret_text)
{
	struct text *shared = node_text(node);
	if (node_make_own(node) < 0)
		return -ENOMEM;
	if (shared && (text_is_dirty(shared) || atomic_load(&shared->refs) > 1))
		return -EBUSY;
	text_unref(shared);
	node->own->text = steal(*fresh);
	*ret_text = text_ref(node->own->text);
	return 0;
}

int tree_share_text(
	struct tree *tree, struct node *node, struct text **fresh, struct text **ret_text)
{
	pthread_mutex_lock(&tree->lock);
	int err = share_text_locked(node, fresh, ret_text);
	pthread_mutex_unlock(&tree->lock);
	return err;
}

bool tree_drop_text(struct tree *tree, struct node *node, struct text *text)
{
	pthread_mutex_lock(&tree->lock);
	bool drops = node->kind == NODE_RECORD && node->own && node->own->text == text;
	if (drops)
		node_drop_own(node);
	pthread_mutex_unlock(&tree->lock);
	return drops;
}

struct node *tree_ref(struct tree *tree, struct node *node)
{
	pthread_mutex_lock(&tree->lock);
	node->refs++;
	pthread_mutex_unlock(&tree->lock);
	return node;
}

void tree_unref_locked(struct tree *tree, struct node *node)
{
	node->refs--;
	if (node->refs == 1 && tree_give_place_back_locked(tree, node))
		return;
	node_release_if_unused(tree->nodes, node);
}

void tree_unref(struct tree *tree, struct node *node)
{
	pthread_mutex_lock(&tree->lock);
	tree_unref_locked(tree, node);
	pthread_mutex_unlock(&tree->lock);
}

void tree_forget(struct tree *tree, uint64_t id, uint64_t lookups)
{
	pthread_mutex_lock(&tree->lock);
	struct node *node = node_find(tree->nodes, id);
	if (node) {
		node->lookups -= min_size(lookups, node->lookups);
		node_release_if_unused(tree->nodes, node);
	}
	pthread_mutex_unlock(&tree->lock);
}

/* ---- names in a collection ---- */

static bool is_aside_locked(const struct name *name)
{
	if (!name->aside || name->is_deleted)
		return name->is_deleted;
	return clock_ms() < name->aside_until_ms && !proc_has_exited(name->mover);
}

enum standing tree_standing_locked(const struct node *dir, const char *text, struct name **ret_name)
{
	struct name *name = names_find(dir->names, text);
	*ret_name = name;
	if (!name)
		return STANDS_RECORD;
	if (name->node && !name->is_refused)
		return STANDS_NODE;
	return is_aside_locked(name) ? STANDS_NOTHING : STANDS_RECORD;
}

/* The record whose id a name is, if the store has it. */
static struct slot *own_record(const struct node *dir, const char *text)
{
	char id[ID_MAX + 1];
	size_t len;
	struct version_stat ignored;
	struct slot *slot =
		name_to_id(text, id, &len) == 0 ? store_find(node_collection(dir), id, len) : NULL;
	return slot && store_stat(slot, &ignored) ? slot : NULL;
}

/* A name that was chosen stands back when the server has a record with that very id. */
struct slot *tree_record_locked(const struct node *dir, const char *text)
{
	struct version_stat ignored;
	struct slot *own = own_record(dir, text);
	const struct name *name = own ? NULL : names_find(dir->names, text);
	struct slot *alias = name ? name->alias : NULL;
	return own ? own : alias && store_stat(alias, &ignored) ? alias : NULL;
}

struct node *tree_slot_node_locked(struct tree *tree, struct slot *slot)
{
	if (slot->node)
		return slot->node;
	struct node *node = node_create(tree->nodes, NODE_RECORD);
	if (!node)
		return NULL;
	node->slot = slot;
	slot->node = node;
	return node;
}

/* ---- looking up ---- */

static int lookup_collection_locked(struct tree *tree, const char *text, struct node **ret_node)
{
	for (size_t i = 0; i < tree->directory_count; i++) {
		struct node *node = tree->directories[i];
		if (strcmp(collection_name(node_collection(node)), text) != 0)
			continue;
		*ret_node = node;
		return 0;
	}
	return -ENOENT;
}

static int lookup_in_collection_locked(
	struct tree *tree, struct node *dir, const char *text, struct node **ret_node)
{
	struct name *name;
	struct node *node;

	switch (tree_standing_locked(dir, text, &name)) {
	case STANDS_NODE:
		*ret_node = name->node;
		return 0;
	case STANDS_NOTHING:
		return -ENOENT;
	case STANDS_RECORD:
		break;
	}
	struct slot *slot = tree_record_locked(dir, text);
	if (!slot)
		return -ENOENT;
	node = tree_slot_node_locked(tree, slot);
	if (!node)
		return -ENOMEM;
	*ret_node = node;
	return 0;
}

int tree_lookup(struct tree *tree, struct node *dir, const char *name, struct node **ret_node)
{
	int err = -ENOENT;
	pthread_mutex_lock(&tree->lock);
	if (dir->kind == NODE_ROOT)
		err = lookup_collection_locked(tree, name, ret_node);
	else if (dir->kind == NODE_COLLECTION)
		err = lookup_in_collection_locked(tree, dir, name, ret_node);
	if (err == 0)
		(*ret_node)->lookups++;
	pthread_mutex_unlock(&tree->lock);
	return err;
}

struct node *tree_lookup_slot(struct tree *tree, struct node *dir, struct slot *slot)
{
	pthread_mutex_lock(&tree->lock);
	struct node *node = tree_slot_node_locked(tree, slot);
	if (node)
		node->lookups++;
	pthread_mutex_unlock(&tree->lock);
	return node;
}

bool tree_wants(struct tree *tree, struct node *dir, const char *name, char ret_id[ID_MAX + 1],
	size_t *ret_len)
{
	struct name *found;
	bool wants = false;

	if (dir->kind != NODE_COLLECTION)
		return false;
	pthread_mutex_lock(&tree->lock);
	if (tree_standing_locked(dir, name, &found) != STANDS_RECORD) {
		wants = false;
	} else if (found && found->alias && !own_record(dir, name)) {
		memcpy(ret_id, found->alias->id, found->alias->id_len + 1);
		*ret_len = found->alias->id_len;
		wants = true;
	} else {
		wants = name_to_id(name, ret_id, ret_len) == 0;
	}
	pthread_mutex_unlock(&tree->lock);
	return wants;
}
