/* What a commit has to do, and what becomes of what was committed, or not. See tree_change.c. */
#include "tree_private.h"

#include "clock.h"
#include "proc.h"
#include <stdio.h>

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
	tree_touch_locked(dir);
	if (!name)
		return;
	bool is_own = name_from_id(slot->id, slot->id_len, own_name) == 0 &&
		      strcmp(own_name, name->text) == 0;
	name->is_refused = false;
	name->alias = is_own ? NULL : slot;
	if (!is_own)
		slot_set_named(slot);
	name->node = NULL;
	tree_end_aside_locked(dir, name);
	tree_unref_locked(tree, node);
}

/* A record that was created just now has the inode number of the file it was written as. */
void tree_set_ino_locked(struct node *node, struct slot *slot, bool is_new)
{
	if (is_new && !slot->node)
		slot_set_shown_ino(slot, node_ino(node));
}

/* Whether the file still stands where it was saved, and was not renamed or unlinked meanwhile. */
static bool stands_as_saved_locked(
	const struct node *node, const char *text, const struct slot *slot, bool is_new)
{
	const struct name *name = node_name(node);
	return name && (is_new ? strcmp(name->text, text) == 0 : name->aside == slot);
}

void tree_bind_name_locked(struct node *dir, const char *text, struct slot *slot)
{
	struct name *name = names_find(dir->names, text);
	if (!name)
		name = names_add(dir->names, text);
	/* Somebody is writing it anew already: that is a change of the record. */
	if (name && name->node) {
		name->aside = slot;
	} else if (name && tree_record_locked(dir, text) != slot) {
		name->alias = slot;
		slot_set_named(slot);
	}
}

void tree_saved(
	struct tree *tree, struct node *node, const char *name, struct slot *slot, bool is_new)
{
	struct node *dir = tree_directory(tree, slot->collection);
	pthread_mutex_lock(&tree->lock);
	if (node->kind == NODE_FILE && stands_as_saved_locked(node, name, slot, is_new)) {
		tree_set_ino_locked(node, slot, is_new);
		tree_become_record_locked(tree, dir, node, slot);
	} else if (node->kind == NODE_FILE && is_new) {
		node->slot = slot;
		tree_bind_name_locked(dir, name, slot);
	}
	pthread_mutex_unlock(&tree->lock);
}

void tree_refused(struct tree *tree, struct node *node, const struct text *text)
{
	pthread_mutex_lock(&tree->lock);
	struct name *name = node->kind == NODE_FILE ? node_name(node) : NULL;
	if (name && name_is_record(name->text) && node_text(node) == text) {
		name->is_refused = true;
		name->aside_until_ms = clock_ms() + TREE_ASIDE_MS;
		tree_touch_locked(tree_directory(tree, node_collection(node)));
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
	struct version_stat ignored;
	if (!name_is_record(text))
		return COMMIT_NOTHING;
	/* One that the server has no longer cannot be saved to: it is made anew. */
	if (name && name->aside && store_stat(name->aside, &ignored))
		*ret_slot = name->aside;
	else if (!name || !name->node)
		*ret_slot = tree_record_locked(dir, text);
	return *ret_slot ? COMMIT_SAVE : COMMIT_CREATE;
}

static const struct name *find_buried_locked(const struct node *dir, const struct slot *slot)
{
	const struct name *name = NULL;
	while ((name = names_next(dir->names, name))) {
		if (name->aside == slot && name->is_deleted)
			return name;
	}
	return NULL;
}

bool tree_is_buried_by(struct tree *tree, struct slot *slot, pid_t process)
{
	struct node *dir = tree_directory(tree, slot->collection);
	pthread_mutex_lock(&tree->lock);
	const struct name *buried = find_buried_locked(dir, slot);
	bool is = buried && buried->mover == process;
	pthread_mutex_unlock(&tree->lock);
	return is;
}

/* What is written to a record that was unlinked meanwhile must not bring it back. */
static enum commit_kind record_commit_kind_locked(
	const struct node *dir, const struct slot *slot, char ret_name[NAME_SIZE])
{
	if (name_from_id(slot->id, slot->id_len, ret_name) < 0)
		return COMMIT_NOTHING;
	return find_buried_locked(dir, slot) ? COMMIT_KEEP : COMMIT_SAVE;
}

enum commit_kind tree_commit_kind(struct tree *tree, struct node *node, struct slot *writes,
	struct slot **ret_slot, char ret_name[NAME_SIZE])
{
	enum commit_kind kind = COMMIT_NOTHING;
	ret_name[0] = '\0';
	pthread_mutex_lock(&tree->lock);
	*ret_slot = writes ? writes : node->kind == NODE_RECORD ? node->slot : NULL;
	if (*ret_slot) {
		kind = record_commit_kind_locked(
			tree_directory(tree, (*ret_slot)->collection), *ret_slot, ret_name);
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

/* ---- what its maker writes ---- */

void tree_note_made(struct tree *tree, struct slot *slot, struct text *text, pid_t maker)
{
	struct node *dir = tree_directory(tree, slot->collection);
	maker = proc_process(maker);
	pthread_mutex_lock(&tree->lock);
	makings_set_text(*names_makings(dir->names), slot, maker, text);
	pthread_mutex_unlock(&tree->lock);
}

/* Where something was made in its place, and nobody has unlinked or moved that since. */
static struct name *find_taken_locked(const struct node *dir, const struct slot *slot)
{
	struct name *name = NULL;
	while ((name = names_next(dir->names, name))) {
		if (name->aside == slot && name->aside_until_ms == 0 && !name->node &&
			!name->is_deleted && !name->is_leaving)
			return name;
	}
	return NULL;
}

/* The record stands there as any other. */
static void settle_locked(struct node *dir, const struct slot *slot)
{
	struct name *name;
	while ((name = find_taken_locked(dir, slot)))
		tree_end_aside_locked(dir, name);
}

void tree_end_made(struct tree *tree, struct slot *slot, struct text *text, enum made_end end)
{
	struct node *dir = tree_directory(tree, slot->collection);
	pthread_mutex_lock(&tree->lock);
	struct making **makings = names_makings(dir->names);
	struct making *making = makings_find(*makings, slot, text);
	if (making && end == MADE_REFUSED) {
		making->until_ms = clock_ms() + TREE_MADE_MS;
	} else if (making && (end == MADE_SAVED || making->until_ms == INT64_MAX)) {
		makings_remove(makings, making);
		settle_locked(dir, slot);
	} else if (making) {
		text_unref(steal(making->text));
	}
	pthread_mutex_unlock(&tree->lock);
}

void tree_unmake(struct tree *tree, struct slot *slot, pid_t maker)
{
	struct node *dir = tree_directory(tree, slot->collection);
	maker = proc_process(maker);
	pthread_mutex_lock(&tree->lock);
	if (makings_has(*names_makings(dir->names), slot, maker)) {
		makings_forget(names_makings(dir->names), slot, maker);
		settle_locked(dir, slot);
	}
	pthread_mutex_unlock(&tree->lock);
}

void tree_settle_moves(struct tree *tree, struct slot *slot, pid_t pid)
{
	struct node *dir = tree_directory(tree, slot->collection);
	pid = proc_process(pid);
	pthread_mutex_lock(&tree->lock);
	for (struct name *name = NULL; (name = names_next(dir->names, name));) {
		struct node *node = name->node;
		if (node && node->kind == NODE_FILE && node->slot == slot &&
			node->own->mover == pid)
			node->own->mover = 0;
	}
	pthread_mutex_unlock(&tree->lock);
}
