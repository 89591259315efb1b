/* What stat shows of a node, and what the kernel may be given beside it. */
#include "tree_private.h"

#include "clock.h"
#include <sys/stat.h>

static void stat_directory_locked(struct node *node, struct node_stat *stat)
{
	stat->mode = S_IFDIR | 0700;
	stat->links = 2;
	stat->mtime = node->own->mtime;
	stat->valid_ms = stat->named_ms = 1000;
	if (node->kind != NODE_COLLECTION)
		return;
	stat->mtime = clock_later(stat->mtime, store_listing_mtime(node_collection(node)));
}

static void stat_text_locked(struct node *node, struct node_stat *stat)
{
	stat->size = text_size(node_text(node));
	text_get_mtime(node_text(node), &stat->mtime);
	stat->valid_ms = 0;
}

static int stat_record_locked(struct node *node, struct node_stat *stat)
{
	struct version_stat version;
	bool can_update = collection_resource(node_collection(node))->flags & RESOURCE_UPDATE;

	stat->mode = S_IFREG | (can_update ? 0600 : 0400);
	if (!store_stat(node->slot, &version))
		return -ENOENT;
	stat->size = version.size;
	stat->mtime = version.mtime;
	node->told_size = (uint32_t)version.size;
	if (node_text(node) && text_is_dirty(node_text(node))) {
		stat_text_locked(node, stat);
		node->told_size = NODE_UNTOLD;
	} else {
		stat->valid_ms = node->slot->node == node ? store_slot_fresh_ms(node->slot) : 0;
		/* A name that was chosen may come to mean another node. */
		stat->named_ms = slot_is_named(node->slot) ? 0 : stat->valid_ms;
	}
	return 0;
}

static int stat_locked(struct node *node, struct node_stat *stat)
{
	switch (node->kind) {
	case NODE_ROOT:
	case NODE_COLLECTION:
	case NODE_CONTROL_DIR:
		stat_directory_locked(node, stat);
		return 0;
	case NODE_RECORD:
		return stat_record_locked(node, stat);
	case NODE_FILE:
		stat->mode = S_IFREG | node->own->mode;
		stat->links = node_name(node) ? 1 : 0;
		stat_text_locked(node, stat);
		return 0;
	case NODE_SYMLINK:
		stat->mode = S_IFLNK | 0777;
		stat_text_locked(node, stat);
		return 0;
	case NODE_CONTROL_FILE:
		stat->mode = S_IFREG | node->own->mode;
		return 0;
	case NODE_VIEW_DIR:
	case NODE_VIEW_LINK:
	case NODE_VIEW_FILE:
		break;
	}
	return -EIO;
}

static bool begin_telling_locked(struct node *node)
{
	bool begins = node && node->lookups > 0 && !node->queued;
	if (begins)
		node->queued = true;
	return begins;
}

/* Who opens it in between goes past the pages that the kernel has: see open_record_locked. */
bool tree_begin_telling(struct tree *tree, struct slot *slot, uint64_t *ret_id)
{
	pthread_mutex_lock(&tree->lock);
	atomic_store(&slot->is_untold, false);
	struct node *node = slot->node;
	bool begins = begin_telling_locked(node);
	*ret_id = node ? node->id : 0;
	pthread_mutex_unlock(&tree->lock);
	return begins;
}

bool tree_begin_telling_node(struct tree *tree, uint64_t id)
{
	pthread_mutex_lock(&tree->lock);
	bool begins = begin_telling_locked(node_find(tree->nodes, id));
	pthread_mutex_unlock(&tree->lock);
	return begins;
}

bool tree_begin_push(struct tree *tree, struct node *node, size_t size, unsigned refs)
{
	pthread_mutex_lock(&tree->lock);
	bool begins = node->kind == NODE_RECORD && !node->pushed && !node->queued &&
		      node->refs == refs && node->told_size == size;
	if (begins)
		node->pushed = true;
	pthread_mutex_unlock(&tree->lock);
	return begins;
}

int tree_stat(struct tree *tree, struct node *node, struct node_stat *ret_stat)
{
	pthread_mutex_lock(&tree->lock);
	*ret_stat = (struct node_stat){.ino = node_ino(node), .links = 1};
	int err = stat_locked(node, ret_stat);
	pthread_mutex_unlock(&tree->lock);
	return err;
}

void tree_untell_size(struct tree *tree, struct node *node)
{
	pthread_mutex_lock(&tree->lock);
	node->told_size = NODE_UNTOLD;
	pthread_mutex_unlock(&tree->lock);
}
