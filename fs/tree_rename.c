/* Renaming: a record set aside, a backup that comes back, a finished file that is saved. */
#include "tree_private.h"

#include "proc.h"
#include <stdio.h>

/* A record renamed to a scratch name becomes a file with the record's text; the record is set
 * aside. */
static int set_aside_locked(struct tree *tree, struct node *dir, const char *from,
	struct node *node, const char *to, pid_t mover)
{
	struct slot *slot = node->slot;
	struct version_stat version;
	auto_record struct record *record = store_take_stat(slot, &version);
	struct text *text = record ? text_create(&tree->budget, record) : NULL;

	int err = !record ? -ENOENT : !text ? -ENOMEM : text_load_base(text);
	if (err == 0)
		err = node_make_own(node);
	if (err == 0 && !tree_vacate_locked(tree, dir, from, slot, mover))
		err = -ENOMEM;
	if (err < 0) {
		text_unref(text);
		return err;
	}
	text_set_mtime(text, version.mtime);
	tree_clear_locked(tree, dir, to);
	text_unref(node_text(node));
	node->kind = NODE_FILE;
	node->own->ino = tree->next_ino++;
	node->own->collection = slot->collection;
	node->own->text = text;
	node->own->mode = 0600;
	node->own->mover = mover;
	slot->node = NULL;
	return tree_attach_locked(dir, to, node);
}

/*
 * A backup renamed back to where it was set aside from: all is as it was, if neither it nor the record
 * was changed meanwhile. Else it is a text to be saved like any other.
 */
static bool is_coming_back_locked(struct node *dir, struct node *node, const char *to)
{
	const struct name *name = names_find(dir->names, to);
	struct slot *slot = name && name->aside ? name->aside : tree_record_locked(dir, to);
	if (node->kind != NODE_FILE || !slot || node->slot != slot || (name && name->is_leaving) ||
		text_is_dirty(node_text(node)))
		return false;
	auto_record struct record *present = store_take(slot);
	auto_record struct record *base = text_take_base(node_text(node));
	return present && present == base;
}

static void come_back_locked(struct tree *tree, struct node *dir, struct node *node, const char *to)
{
	struct name *backup = node->own->name;
	struct name *name = names_find(dir->names, to);

	backup->node = NULL;
	names_remove(dir->names, backup);
	node->own->name = NULL;
	if (name && name->mover)
		makings_forget(names_makings(dir->names), node->slot, name->mover);
	if (name && name->node)
		tree_detach_locked(tree, dir, name);
	tree_become_record_locked(tree, dir, node, node->slot);
	name = names_find(dir->names, to);
	if (name)
		tree_end_aside_locked(dir, name);
	tree_unref_locked(tree, node);
}

static void move_file_locked(struct tree *tree, struct node *dir, struct node *node, const char *to)
{
	struct name *old = node->own->name;
	tree_clear_locked(tree, dir, to);
	if (tree_attach_locked(dir, to, node) < 0) {
		node->own->name = old;
		return;
	}
	old->node = NULL;
	if (!old->aside && !old->alias)
		names_remove(dir->names, old);
	else
		names_settle(dir->names, old);
	tree_unref_locked(tree, node);
}

static int rename_locked(struct tree *tree, struct node *dir, const char *from, const char *to,
	pid_t mover, struct node **ret_node)
{
	struct name *name;
	enum standing standing = tree_standing_locked(dir, from, &name);
	struct slot *slot = standing == STANDS_RECORD ? tree_record_locked(dir, from) : NULL;
	struct node *node = standing == STANDS_NODE ? name->node
			    : slot		    ? tree_slot_node_locked(tree, slot)
						    : NULL;
	if (!node)
		return slot ? -ENOMEM : -ENOENT;
	if (node->kind == NODE_RECORD && name_is_record(to))
		return -EPERM;
	if (node->kind == NODE_RECORD)
		return set_aside_locked(tree, dir, from, node, to, mover);
	if (node->kind == NODE_SYMLINK && name_is_record(to))
		return -EPERM;
	if (is_coming_back_locked(dir, node, to)) {
		come_back_locked(tree, dir, node, to);
		return 0;
	}
	if (!name_is_record(to)) {
		move_file_locked(tree, dir, node, to);
		return 0;
	}
	/* The record is seen there until it is saved. */
	struct name *target = names_find(dir->names, to);
	if (target && target->aside && !target->is_leaving) {
		target->is_deleted = false;
		target->aside_until_ms = 0;
	}
	node->refs++;
	*ret_node = node;
	return 1;
}

int tree_rename(struct tree *tree, struct node *dir, const char *from, struct node *to_dir,
	const char *to, unsigned flags, pid_t mover, struct node **ret_node)
{
	if (flags & ~(unsigned)RENAME_NOREPLACE)
		return -EINVAL;
	if (dir != to_dir || dir->kind != NODE_COLLECTION)
		return -EPERM;
	if (strcmp(from, to) == 0)
		return 0;
	mover = proc_process(mover);
	pthread_mutex_lock(&tree->lock);
	int err = (flags & RENAME_NOREPLACE) && tree_exists_locked(dir, to)
			  ? -EEXIST
			  : rename_locked(tree, dir, from, to, mover, ret_node);
	pthread_mutex_unlock(&tree->lock);
	return err;
}

void tree_renamed(struct tree *tree, struct node *dir, struct node *node, const char *to,
	struct slot *slot, bool is_new)
{
	pthread_mutex_lock(&tree->lock);
	if (node->kind == NODE_FILE && node_name(node)) {
		node->slot = NULL;
		move_file_locked(tree, dir, node, to);
		tree_set_ino_locked(node, slot, is_new);
		tree_become_record_locked(tree, dir, node, slot);
	} else if (node->kind == NODE_FILE) {
		/* It was unlinked while it was saved, its caller having left. */
		tree_bind_name_locked(dir, to, slot);
	}
	pthread_mutex_unlock(&tree->lock);
}
