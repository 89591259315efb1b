/* Inside of the tree, for tree.c and tree_*.c alone. All want tree->lock held.
 */
#ifndef FS_TREE_PRIVATE_H
#define FS_TREE_PRIVATE_H

#include "tree.h"

/* How long a record stays away that was renamed to a scratch name, at most. */
#define TREE_ASIDE_MS 1000
/* How long after a refusal it is what it wrote that a program unlinks there, and not the record. */
#define TREE_MADE_MS 60000

/* What a name in a collection means just now. */
enum standing {
	STANDS_NODE,	/* a node of its own: name->node */
	STANDS_NOTHING, /* a record that is set aside */
	STANDS_RECORD,	/* the store's record of that name, if it has one */
};
enum standing tree_standing_locked(
	const struct node *dir, const char *text, struct name **ret_name);
/* The record of that name as the store has it now, or NULL. */
struct slot *tree_record_locked(const struct node *dir, const char *text);

struct node *tree_new_node_locked(struct tree *tree, enum node_kind kind);
struct node *tree_slot_node_locked(struct tree *tree, struct slot *slot);
void tree_unref_locked(struct tree *tree, struct node *node);

/* ---- tree_change.c's and tree_commit.c's, for each other and tree_rename.c ---- */

/* The names in a directory have changed. */
void tree_touch_locked(struct node *dir);

/* The node no longer stands under this name. The entry stays while a record is set aside there. */
void tree_detach_locked(struct tree *tree, struct node *dir, struct name *name);
/*
 * What was created in the place of a record that had been moved or unlinked, and never got a text,
 * gives the place back once nothing holds it but its name. True: it did, and may be gone.
 */
bool tree_give_place_back_locked(struct tree *tree, struct node *node);
/* Puts a node under a name that none stands under. -ENOMEM. */
int tree_attach_locked(struct node *dir, const char *text, struct node *node);
/* Takes away a node that stands under a name, seen or not, so that another one can. */
void tree_clear_locked(struct tree *tree, struct node *dir, const char *text);
/* Whether anything is to be seen under a name. */
bool tree_exists_locked(struct node *dir, const char *text);
/* The record of that name stays away. NULL: no memory. */
struct name *tree_vacate_locked(
	struct tree *tree, struct node *dir, const char *text, struct slot *slot, pid_t mover);
/* Nothing of what was moved, unlinked or made under that name counts any more. May free name. */
void tree_end_aside_locked(struct node *dir, struct name *name);
/* The name that was chosen for a record, which does not stand there itself, means that one. */
void tree_bind_name_locked(struct node *dir, const char *text, struct slot *slot);
/* The file shows the record of slot from now on. */
void tree_become_record_locked(
	struct tree *tree, struct node *dir, struct node *node, struct slot *slot);
/* A record that was created just now has the number of the file it was written as. */
void tree_set_ino_locked(struct node *node, struct slot *slot, bool is_new);

#endif
