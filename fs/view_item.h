/*
 * Which node of by-name/, related/ and export/ is which (contract 2). An item is what one node
 * stands for, and is found by that, so that a name looked up again leads to the same inode for as
 * long as the kernel knows it.
 *
 * Guarded by the tree's lock. An item lives as long as its node: one that stands for no record and is no
 * file, until unmount.
 */
#ifndef FS_VIEW_ITEM_H
#define FS_VIEW_ITEM_H

#include "snapshot.h"
#include "store.h"

struct node;

enum view_kind {
	VIEW_BY_NAME,	   /* by-name */
	VIEW_RELATED_LINK, /* related, a link to the next */
	VIEW_RELATED,	   /* .related */
	VIEW_EXPORT,	   /* export */
	VIEW_NAMES,	   /* by-name/contact: collection */
	VIEW_TARGETS,	   /* related/contact: collection */
	VIEW_NDJSON,	   /* export/contact.ndjson: collection */
	VIEW_CSV,	   /* export/contact.csv: collection */
	VIEW_NAME_LINK,	   /* by-name/contact/Zoë Müller.json: slot */
	VIEW_RELATIONS,	   /* related/contact/4: slot */
	VIEW_SOURCES, /* related/contact/4/task: slot, and the collection of those that point at it */
	VIEW_SOURCE_LINK, /* related/.../task/9.json, wherever it stands: slot */
};

struct view_key {
	enum view_kind kind;
	struct collection *collection;
	struct slot *slot;
};

struct view_item {
	struct view_item *next, **place; /* in its chain; place NULL: not to be found any more */
	const struct view_key key;
	struct node *const node;
	/*
	 * Of a file: what it says, for as long as its node lives. Set when somebody first wants to
	 * know; when that is not up to date any more, the name leads to another node.
	 */
	struct snapshot *shown;
};

struct view_items;

struct view_items *view_items_create(void);
/* The items are the nodes' to destroy, before this. */
void view_items_destroy(struct view_items *items);

/* NULL: there is none. */
struct view_item *view_items_find(const struct view_items *items, const struct view_key *key);
/* There must be none of that key. NULL: no memory. */
struct view_item *view_items_add(
	struct view_items *items, const struct view_key *key, struct node *node);
/* It is not found any more. */
void view_item_detach(struct view_item *item);
/* Takes it out of the items. NULL is fine. */
void view_item_destroy(struct view_item *item);

#endif
