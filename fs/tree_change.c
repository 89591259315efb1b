/*
 * Creating and unlinking, as editors do it (the rules of the save dances); see also tree_rename.c.
 *
 * A record has no name entry of its own: it stands where the store says. A name entry appears when
 * something else stands there, and goes when the record does again:
 *
 *   4.json renamed to 4.json~  4.json: aside = record 4, no node; 4.json~: the file as it was
 *   4.json created anew        4.json: aside = record 4, node = draft
 *     saved                    no entry: the draft's node shows record 4 from now on
 *     refused                  4.json: aside, node refused: nothing is seen there for a second
 *     unlinked                 4.json: aside, no node: never a DELETE
 *   4.json~ renamed back       no entry: the node shows record 4 again
 */
#include "tree_private.h"

#include "clock.h"
#include <fcntl.h>
#include <stdio.h>

static void touch_locked(struct node *dir)
{
	dir->own->mtime = clock_now();
}

/* The node no longer stands under this name. The entry stays while a record is set aside there. */
void tree_detach_locked(struct tree *tree, struct node *dir, struct name *name)
{
	struct node *node = steal(name->node);

	name->is_refused = false;
	if (name->aside)
		name->aside_until_ms = clock_ms() + TREE_ASIDE_MS;
	else if (!name->alias)
		names_remove(dir->names, name);
	if (node) {
		node->own->name = NULL;
		tree_unref_locked(tree, node);
	}
	touch_locked(dir);
}

bool tree_give_place_back_locked(struct tree *tree, struct node *node)
{
	struct name *name = node->kind == NODE_FILE ? node_name(node) : NULL;
	if (!name || !name->aside || text_size(node_text(node)) > 0)
		return false;
	tree_detach_locked(tree, tree_directory(tree, node_collection(node)), name);
	name->aside_until_ms = 0;
	return true;
}

int tree_attach_locked(struct node *dir, const char *text, struct node *node)
{
	struct name *name = names_find(dir->names, text);
	if (!name)
		name = names_add(dir->names, text);
	if (!name)
		return -ENOMEM;
	name->node = node;
	name->is_deleted = false;
	node->refs++;
	node->own->name = name;
	touch_locked(dir);
	return 0;
}

/* Takes away a node that stands under a name, seen or not, so that another one can. */
void tree_clear_locked(struct tree *tree, struct node *dir, const char *text)
{
	struct name *name = names_find(dir->names, text);
	if (name && name->node)
		tree_detach_locked(tree, dir, name);
}

bool tree_exists_locked(struct node *dir, const char *text)
{
	struct name *name;
	enum standing standing = tree_standing_locked(dir, text, &name);
	return standing == STANDS_NODE ||
	       (standing == STANDS_RECORD && tree_record_locked(dir, text) != NULL);
}

/* Editors watch the number and the mode of what they save: both are the record's from the start. */
static void look_like_record_locked(const struct node *dir, const char *text, struct node *node)
{
	const struct name *name = names_find(dir->names, text);
	node->own->mode = 0600;
	if (name && name->aside)
		node->own->ino = slot_shown_ino(name->aside);
}

/* Lets go of the node where it cannot stand there. Its text may be missing. */
static int attach_new_locked(
	struct tree *tree, struct node *dir, const char *text, struct node *node)
{
	int err = node_text(node) ? text_charge(node_text(node), SCRATCH_NAME_BYTES) : -ENOMEM;
	if (err == 0)
		err = tree_attach_locked(dir, text, node);
	if (err < 0)
		node_release_if_unused(tree->nodes, node);
	return err;
}

static int create_file_locked(struct tree *tree, struct node *dir, const char *text, mode_t mode,
	struct record *base, struct node **ret_node)
{
	if (tree_exists_locked(dir, text))
		return -EEXIST;
	tree_clear_locked(tree, dir, text);
	struct node *node = tree_new_node_locked(tree, NODE_FILE);
	if (!node)
		return -ENOMEM;
	node->own->collection = node_collection(dir);
	node->own->mode = mode & 07777;
	if (name_is_record(text))
		look_like_record_locked(dir, text, node);
	node->own->text = text_create(&tree->budget, base);
	int err = attach_new_locked(tree, dir, text, node);
	if (err < 0)
		return err;
	node->refs++;
	node->lookups++;
	*ret_node = node;
	return 0;
}

/* Who creates what he has just unlinked did not mean to delete it, also where he cannot create it. */
static void revive_locked(struct tree *tree, struct node *dir, const char *text)
{
	struct name *name = names_find(dir->names, text);
	if (!name || !name->is_deleted)
		return;
	name->is_deleted = false;
	name->aside = NULL;
	if (!name->node && !name->alias)
		names_remove(dir->names, name);
	touch_locked(dir);
}

int tree_create_file(struct tree *tree, struct node *dir, const char *name, mode_t mode,
	struct record *base, struct node **ret_node)
{
	if (dir->kind != NODE_COLLECTION)
		return -EPERM;
	unsigned needed = base ? RESOURCE_UPDATE : RESOURCE_CREATE;
	bool may_create = !name_is_record(name) ||
			  (collection_resource(node_collection(dir))->flags & needed);
	pthread_mutex_lock(&tree->lock);
	int err = may_create ? create_file_locked(tree, dir, name, mode, base, ret_node) : -EACCES;
	if (err < 0)
		revive_locked(tree, dir, name);
	pthread_mutex_unlock(&tree->lock);
	return err;
}

static int symlink_locked(struct tree *tree, struct node *dir, const char *text, const char *target,
	struct node **ret_node)
{
	if (tree_exists_locked(dir, text))
		return -EEXIST;
	tree_clear_locked(tree, dir, text);
	struct node *node = tree_new_node_locked(tree, NODE_SYMLINK);
	if (!node)
		return -ENOMEM;
	node->own->collection = node_collection(dir);
	node->own->text = text_create(&tree->budget, NULL);
	int err = node_text(node) ? text_write(node_text(node), 0, target, strlen(target), false)
				  : -ENOMEM;
	if (err == 0)
		err = attach_new_locked(tree, dir, text, node);
	else
		node_release_if_unused(tree->nodes, node);
	if (err < 0)
		return err;
	node->lookups++;
	*ret_node = node;
	return 0;
}

int tree_symlink(struct tree *tree, struct node *dir, const char *name, const char *target,
	struct node **ret_node)
{
	if (dir->kind != NODE_COLLECTION || name_is_record(name))
		return -EPERM;
	pthread_mutex_lock(&tree->lock);
	int err = symlink_locked(tree, dir, name, target, ret_node);
	pthread_mutex_unlock(&tree->lock);
	return err;
}

/* The record of that name stays away; what is saved under the name is a change of it. */
struct name *tree_vacate_locked(
	struct tree *tree, struct node *dir, const char *text, struct slot *slot, pid_t mover)
{
	tree_clear_locked(tree, dir, text);
	struct name *name = names_find(dir->names, text);
	if (!name)
		name = names_add(dir->names, text);
	if (!name)
		return NULL;
	name->aside = slot;
	name->mover = mover;
	name->aside_until_ms = clock_ms() + TREE_ASIDE_MS;
	return name;
}

/* ---- unlink ---- */

static int unlink_locked(
	struct tree *tree, struct node *dir, const char *text, struct slot **ret_slot)
{
	struct name *name;
	struct slot *slot = NULL;

	switch (tree_standing_locked(dir, text, &name)) {
	case STANDS_NODE:
		tree_detach_locked(tree, dir, name);
		return 0;
	case STANDS_NOTHING:
		return -ENOENT;
	case STANDS_RECORD:
		slot = tree_record_locked(dir, text);
		break;
	}
	if (!slot)
		return -ENOENT;
	*ret_slot = slot;
	return 1;
}

int tree_unlink(struct tree *tree, struct node *dir, const char *name, struct slot **ret_slot)
{
	if (dir->kind != NODE_COLLECTION)
		return -EPERM;
	pthread_mutex_lock(&tree->lock);
	int err = unlink_locked(tree, dir, name, ret_slot);
	pthread_mutex_unlock(&tree->lock);
	return err;
}

int tree_bury(struct tree *tree, struct node *dir, const char *name, struct slot *slot, pid_t pid)
{
	pthread_mutex_lock(&tree->lock);
	struct name *buried = tree_vacate_locked(tree, dir, name, slot, pid);
	if (buried)
		buried->is_deleted = true;
	touch_locked(dir);
	pthread_mutex_unlock(&tree->lock);
	return buried ? 0 : -ENOMEM;
}

bool tree_is_buried(struct tree *tree, struct node *dir, const char *name, struct slot *slot)
{
	pthread_mutex_lock(&tree->lock);
	const struct name *buried = names_find(dir->names, name);
	bool is_buried = buried && buried->is_deleted && buried->aside == slot;
	pthread_mutex_unlock(&tree->lock);
	return is_buried;
}

void tree_unbury(struct tree *tree, struct node *dir, const char *name, struct slot *slot)
{
	pthread_mutex_lock(&tree->lock);
	struct name *buried = names_find(dir->names, name);
	if (buried && buried->is_deleted && buried->aside == slot) {
		buried->is_deleted = false;
		buried->aside = NULL;
		if (!buried->node && !buried->alias)
			names_remove(dir->names, buried);
	}
	touch_locked(dir);
	pthread_mutex_unlock(&tree->lock);
}

void tree_deleted(struct tree *tree, struct node *dir, struct slot *slot)
{
	pthread_mutex_lock(&tree->lock);
	for (struct name *name = NULL; (name = names_next(dir->names, name));) {
		if (name->alias == slot)
			name->alias = NULL;
		/* What is saved where it was set aside is a new record from now on. */
		if (name->aside == slot && !name->is_deleted)
			name->aside = NULL;
	}
	touch_locked(dir);
	pthread_mutex_unlock(&tree->lock);
}

/* ---- saved, refused, closed ---- */

/*
 * The file becomes the record's node. Under the record's own name it needs no entry any more; under
 * another one, the name that was chosen, it keeps it, but unlisted.
 */
void tree_become_record_locked(
	struct tree *tree, struct node *dir, struct node *node, struct slot *slot)
{
	char own_name[NAME_SIZE];
	struct name *name = node_name(node);

	node->kind = NODE_RECORD;
	node->slot = slot;
	slot->node = node;
	node_drop_own(node);
	touch_locked(dir);
	if (!name)
		return;
	bool is_own = name_from_id(slot->id, slot->id_len, own_name) == 0 &&
		      strcmp(own_name, name->text) == 0;
	name->is_refused = false;
	name->is_deleted = false;
	name->aside = NULL;
	name->alias = is_own ? NULL : slot;
	if (!is_own)
		slot_set_named(slot);
	name->node = NULL;
	if (is_own)
		names_remove(dir->names, name);
	tree_unref_locked(tree, node);
}

/* A record that was created just now has the inode number of the file it was written as. */
void tree_set_ino_locked(struct node *node, struct slot *slot, bool is_new)
{
	if (is_new && !slot->node)
		slot_set_shown_ino(slot, node_ino(node));
}

void tree_saved(struct tree *tree, struct node *node, struct slot *slot, bool is_new)
{
	pthread_mutex_lock(&tree->lock);
	if (node->kind == NODE_FILE) {
		tree_set_ino_locked(node, slot, is_new);
		tree_become_record_locked(
			tree, tree_directory(tree, node_collection(node)), node, slot);
	}
	pthread_mutex_unlock(&tree->lock);
}

void tree_refused(struct tree *tree, struct node *node)
{
	pthread_mutex_lock(&tree->lock);
	struct name *name = node->kind == NODE_FILE ? node_name(node) : NULL;
	if (name) {
		name->is_refused = true;
		name->aside_until_ms = clock_ms() + TREE_ASIDE_MS;
		touch_locked(tree_directory(tree, node_collection(node)));
	}
	pthread_mutex_unlock(&tree->lock);
}

void tree_closed(struct tree *tree, struct node *node)
{
	pthread_mutex_lock(&tree->lock);
	struct name *name = node->kind == NODE_FILE ? node_name(node) : NULL;
	if (name && name->is_refused)
		tree_detach_locked(tree, tree_directory(tree, node_collection(node)), name);
	pthread_mutex_unlock(&tree->lock);
}

/* ---- what a commit has to do ---- */

static enum commit_kind kind_for_name_locked(
	const struct node *dir, const char *text, struct slot **ret_slot)
{
	struct name *name = names_find(dir->names, text);
	if (!name_is_record(text))
		return COMMIT_NOTHING;
	if (name && name->aside)
		*ret_slot = name->aside;
	else if (!name || !name->node)
		*ret_slot = tree_record_locked(dir, text);
	return *ret_slot ? COMMIT_SAVE : COMMIT_CREATE;
}

/* What is written to a record that was unlinked meanwhile must not bring it back. */
static enum commit_kind record_commit_kind_locked(
	struct tree *tree, const struct node *node, char ret_name[NAME_SIZE])
{
	const struct node *dir = tree_directory(tree, node_collection(node));
	if (name_from_id(node->slot->id, node->slot->id_len, ret_name) < 0)
		return COMMIT_NOTHING;
	const struct name *name = names_find(dir->names, ret_name);
	return name && name->is_deleted ? COMMIT_NOTHING : COMMIT_SAVE;
}

enum commit_kind tree_commit_kind(
	struct tree *tree, struct node *node, struct slot **ret_slot, char ret_name[NAME_SIZE])
{
	enum commit_kind kind = COMMIT_NOTHING;
	*ret_slot = NULL;
	ret_name[0] = '\0';
	pthread_mutex_lock(&tree->lock);
	if (node->kind == NODE_RECORD) {
		*ret_slot = node->slot;
		kind = record_commit_kind_locked(tree, node, ret_name);
	} else if (node->kind == NODE_FILE && node_name(node)) {
		snprintf(ret_name, NAME_SIZE, "%s", node_name(node)->text);
		kind = kind_for_name_locked(
			tree_directory(tree, node_collection(node)), ret_name, ret_slot);
		/* A chosen name that a record was set aside from: its drafts have its own. */
		if (kind == COMMIT_SAVE &&
			name_from_id((*ret_slot)->id, (*ret_slot)->id_len, ret_name) < 0)
			kind = COMMIT_NOTHING;
	}
	pthread_mutex_unlock(&tree->lock);
	return kind;
}

enum commit_kind tree_rename_kind(
	struct tree *tree, struct node *dir, const char *to, struct slot **ret_slot)
{
	*ret_slot = NULL;
	pthread_mutex_lock(&tree->lock);
	enum commit_kind kind = kind_for_name_locked(dir, to, ret_slot);
	pthread_mutex_unlock(&tree->lock);
	return kind;
}
