/*
 * Creating and unlinking, as editors do it (the rules of the save dances); see also tree_rename.c,
 * tree_commit.c.
 *
 * A record has no name entry of its own: it stands where the store says. A name entry appears when
 * something else stands there, and goes when the record does again:
 *
 *   4.json renamed to 4.json~  4.json: aside = record 4, nothing is seen there for a second
 *   4.json created anew        4.json: aside; it is record 4 that is opened and seen; a making
 *     saved                    no entry, no making
 *     refused                  4.json: aside; a making: its maker may still unlink it
 *     unlinked by its maker    4.json: aside; no making: never a DELETE
 *   4.json~ renamed back       no entry: the node shows record 4 again
 *
 * A record that is set aside stays one to those who have it open: what they write is saved to it. The
 * file that it was set aside as is a copy from the start, and only a way back can make it the record.
 */
#include "tree_private.h"

#include "clock.h"
#include "proc.h"
#include <fcntl.h>

void tree_touch_locked(struct node *dir)
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
	else
		names_settle(dir->names, name);
	if (node) {
		node->own->name = NULL;
		tree_unref_locked(tree, node);
	}
	tree_touch_locked(dir);
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
	names_settle(dir->names, name);
	name->is_deleted = false;
	node->refs++;
	node->own->name = name;
	tree_touch_locked(dir);
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

void tree_end_aside_locked(struct node *dir, struct name *name)
{
	name->is_deleted = name->is_leaving = false;
	name->aside = NULL;
	if (!name->node && !name->alias)
		names_remove(dir->names, name);
	else
		names_settle(dir->names, name);
	tree_touch_locked(dir);
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

/* Nothing is seen there for a while, unless something is created or comes back. */
static void stay_away_locked(struct name *name, pid_t mover)
{
	name->mover = mover;
	name->aside_until_ms = clock_ms() + TREE_ASIDE_MS;
}

/* The record that a new file of this name is a change of, or NULL: it is a file of its own. */
static struct slot *record_to_open_locked(const struct node *dir, const char *text)
{
	struct version_stat ignored;
	const struct name *name = names_find(dir->names, text);
	if (name && (name->node || name->is_leaving))
		return NULL;
	if (!name || !name->aside)
		return tree_record_locked(dir, text);
	return store_stat(name->aside, &ignored) ? name->aside : NULL;
}

/*
 * A new file in the place of a record is that record, opened to be written anew: its text is the
 * writer's own, and the record is seen there as it is until he has saved.
 */
static int open_in_place_locked(struct tree *tree, struct node *dir, const char *text,
	struct slot *slot, pid_t maker, struct node **ret_node)
{
	struct name *name = names_find(dir->names, text);
	struct node *node = tree_slot_node_locked(tree, slot);
	if (!node)
		return -ENOMEM;
	if (name && name->aside == slot) {
		int err = makings_add(names_makings(dir->names), slot, maker);
		if (err < 0)
			return err;
		name->is_deleted = false;
		name->aside_until_ms = 0;
	}
	tree_touch_locked(dir);
	node->refs++;
	node->lookups++;
	*ret_node = node;
	return 0;
}

static int create_file_locked(
	struct tree *tree, struct node *dir, const char *text, mode_t mode, struct node **ret_node)
{
	tree_clear_locked(tree, dir, text);
	struct node *node = tree_new_node_locked(tree, NODE_FILE);
	if (!node)
		return -ENOMEM;
	node->own->collection = node_collection(dir);
	node->own->mode = name_is_record(text) ? 0600 : mode & 07777;
	node->own->text = text_create(&tree->budget, NULL);
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
	if (name && name->is_deleted && !name->is_leaving)
		tree_end_aside_locked(dir, name);
}

static int create_locked(struct tree *tree, struct node *dir, const char *text, mode_t mode,
	bool exclusive, pid_t maker, struct node **ret_node)
{
	struct name *name;
	enum standing standing = tree_standing_locked(dir, text, &name);
	struct slot *slot = record_to_open_locked(dir, text);
	unsigned needed = slot ? RESOURCE_UPDATE : RESOURCE_CREATE;

	if (standing == STANDS_NODE || (standing == STANDS_RECORD && slot && exclusive))
		return -EEXIST;
	if (name_is_record(text) && !(collection_resource(node_collection(dir))->flags & needed))
		return -EACCES;
	return slot ? open_in_place_locked(tree, dir, text, slot, maker, ret_node)
		    : create_file_locked(tree, dir, text, mode, ret_node);
}

int tree_create_file(struct tree *tree, struct node *dir, const char *name, mode_t mode,
	bool exclusive, pid_t maker, struct node **ret_node)
{
	if (dir->kind != NODE_COLLECTION)
		return -EPERM;
	maker = proc_process(maker);
	pthread_mutex_lock(&tree->lock);
	int err = create_locked(tree, dir, name, mode, exclusive, maker, ret_node);
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
	names_settle(dir->names, name);
	stay_away_locked(name, mover);
	return name;
}

/* ---- unlink ---- */

/* The file that pid has set the record aside as, where it has not saved it since. */
static struct node *find_moved_locked(const struct node *dir, const struct slot *slot, pid_t pid)
{
	for (struct name *name = NULL; (name = names_next(dir->names, name));) {
		struct node *node = name->node;
		if (node && node->kind == NODE_FILE && node->slot == slot && node->own->mover &&
			node->own->mover == pid)
			return node;
	}
	return NULL;
}

/*
 * vim, nvim and jed unlink what they could not save before the backup is renamed back, others what
 * they could not finish. It is the new file that they mean, which is let go of.
 */
static bool means_what_it_made_locked(const struct node *dir, const struct slot *slot, pid_t pid)
{
	return makings_has(*names_makings(dir->names), slot, pid) ||
	       find_moved_locked(dir, slot, pid) != NULL;
}

static int unlink_made_locked(
	struct tree *tree, struct node *dir, const char *text, struct slot *slot, pid_t pid)
{
	if (!tree_vacate_locked(tree, dir, text, slot, pid))
		return -ENOMEM;
	/* Once: whoever does it again means the record. */
	struct node *moved = find_moved_locked(dir, slot, pid);
	if (moved)
		moved->own->mover = 0;
	makings_drop_texts(*names_makings(dir->names), slot, pid);
	makings_forget(names_makings(dir->names), slot, pid);
	return 0;
}

static int unlink_locked(struct tree *tree, struct node *dir, const char *text, pid_t pid,
	bool only_deletes, struct slot **ret_slot)
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
	if (!only_deletes && means_what_it_made_locked(dir, slot, pid))
		return unlink_made_locked(tree, dir, text, slot, pid);
	*ret_slot = slot;
	return 1;
}

int tree_unlink(
	struct tree *tree, struct node *dir, const char *name, pid_t pid, struct slot **ret_slot)
{
	if (dir->kind != NODE_COLLECTION)
		return -EPERM;
	pid = proc_process(pid);
	bool only_deletes = proc_only_deletes(pid);
	pthread_mutex_lock(&tree->lock);
	int err = unlink_locked(tree, dir, name, pid, only_deletes, ret_slot);
	pthread_mutex_unlock(&tree->lock);
	return err;
}

int tree_bury(struct tree *tree, struct node *dir, const char *name, struct slot *slot, pid_t pid,
	uint64_t *ret_burial)
{
	pid = proc_process(pid);
	pthread_mutex_lock(&tree->lock);
	struct name *buried = tree_vacate_locked(tree, dir, name, slot, pid);
	if (buried) {
		buried->is_deleted = true;
		*ret_burial = buried->burial = ++tree->burials;
	}
	tree_touch_locked(dir);
	pthread_mutex_unlock(&tree->lock);
	return buried ? 0 : -ENOMEM;
}

/* The name that was buried so, or NULL: it has come back meanwhile. */
static struct name *find_buried_locked(const struct node *dir, const char *text, uint64_t burial)
{
	struct name *name = names_find(dir->names, text);
	return name && name->is_deleted && name->burial == burial ? name : NULL;
}

bool tree_is_buried(struct tree *tree, struct node *dir, const char *name, uint64_t burial)
{
	pthread_mutex_lock(&tree->lock);
	bool is_buried = find_buried_locked(dir, name, burial) != NULL;
	pthread_mutex_unlock(&tree->lock);
	return is_buried;
}

bool tree_begin_delete(struct tree *tree, struct node *dir, const char *name, uint64_t burial)
{
	pthread_mutex_lock(&tree->lock);
	struct name *buried = find_buried_locked(dir, name, burial);
	if (buried)
		buried->is_leaving = true;
	pthread_mutex_unlock(&tree->lock);
	return buried != NULL;
}

void tree_unbury(struct tree *tree, struct node *dir, const char *name, uint64_t burial)
{
	pthread_mutex_lock(&tree->lock);
	struct name *buried = names_find(dir->names, name);
	if (buried && buried->burial == burial) {
		buried->is_leaving = false;
		if (buried->is_deleted)
			tree_end_aside_locked(dir, buried);
	}
	tree_touch_locked(dir);
	pthread_mutex_unlock(&tree->lock);
}

void tree_deleted(struct tree *tree, struct node *dir, struct slot *slot)
{
	pthread_mutex_lock(&tree->lock);
	names_forget_alias(dir->names, slot);
	for (struct name *next = names_next(dir->names, NULL), *name; (name = next);) {
		next = names_next(dir->names, name);
		/* What is saved where it was set aside is a new record from now on. */
		if (name->aside == slot && !name->is_deleted) {
			stay_away_locked(name, name->mover);
			name->aside = NULL;
			names_settle(dir->names, name);
		}
	}
	makings_forget(names_makings(dir->names), slot, 0);
	tree_touch_locked(dir);
	pthread_mutex_unlock(&tree->lock);
}
