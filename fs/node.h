/*
 * What the kernel knows by number. No FUSE here.
 *
 * A node is one inode. Its id is the kernel's handle for it: counted up, never used twice. Its ino
 * is what stat shows: the same as long as the mount lives, for a record even when the kernel has
 * forgotten it meanwhile (it is the slot's).
 *
 * A node lives while the kernel counts lookups on it, or anything here holds a reference: a name in
 * a directory, an open handle. All fields that are not const are guarded by the tree's lock.
 */
#ifndef FS_NODE_H
#define FS_NODE_H

#include "store.h"
#include "text.h"

#define NODE_ROOT_ID 1

enum node_kind {
	NODE_ROOT,
	NODE_COLLECTION,  /* a resource's directory */
	NODE_RECORD,	  /* shows what the store has of a slot */
	NODE_FILE,	  /* has a text of its own: scratch, or a draft that is no record yet */
	NODE_SYMLINK,	  /* scratch */
	NODE_CONTROL_DIR, /* .clevertimfs and what is below it */
	NODE_CONTROL_FILE,
	NODE_VIEW_DIR, /* by-name, related, export and what is below them */
	NODE_VIEW_LINK,
	NODE_VIEW_FILE,
};

struct names;
struct name;
struct control_item;
struct view_item;

/* What a node has of its own; a record has all from its slot. */
struct node_own {
	uint64_t ino;
	struct collection *collection;	   /* where it is; NULL outside the resources */
	struct control_item *control_item; /* NODE_CONTROL_*: which of them; constant */
	struct view_item *view_item;	   /* NODE_VIEW_*: which of them, owned; constant */
	struct name *name;	  /* FILE, SYMLINK: under which it stands; NULL: it was unlinked */
	struct text *text;	  /* NODE_FILE; NODE_SYMLINK: its target; NODE_RECORD while open for
			      reading and writing */
	struct timespec mtime;	  /* of the last change in names */
	struct listing_mark kept; /* NODE_COLLECTION: of the listing that the kernel may have */
	mode_t mode;		  /* of scratch */
	pid_t mover; /* of a record set aside as this: who did it, and has not saved it since */
};

/* There is one for each record that the kernel knows, up to a million: small. */
struct node {
	const uint64_t id;
	union {
		struct names *names; /* NODE_COLLECTION: what is there beside the records */
		struct slot *slot; /* NODE_RECORD; NODE_FILE: the record that was set aside as it */
	};
	struct node_own *own; /* NULL only for a NODE_RECORD */
	uint32_t refs;
	uint32_t lookups;
	uint8_t kind; /* enum node_kind: a FILE becomes a RECORD when it is saved, and back when it
			 is set aside */
	bool queued;  /* for the notifier */
	bool pushed;  /* the kernel was given the text that it has the size of */
	const bool is_control, is_view;
	uint32_t told_size; /* what the kernel was told last; NODE_UNTOLD: it has to ask anew */
};

#define NODE_UNTOLD UINT32_MAX
#define NODE_TELLING (UINT32_MAX - 1) /* just now: what the kernel has is old until then */

/* A directory's collection is constant; a file's wants the tree's lock, as all here. */
uint64_t node_ino(const struct node *node);
struct collection *node_collection(const struct node *node);
/* NULL: none. */
static inline struct text *node_text(const struct node *node)
{
	return node->own ? node->own->text : NULL;
}
static inline struct name *node_name(const struct node *node)
{
	return node->own ? node->own->name : NULL;
}
/* Gives a record what it has of its own. -ENOMEM. */
int node_make_own(struct node *node) nodiscard;
/* A record needs none of it any more, and lets go of a text. */
void node_drop_own(struct node *node);

struct node_table;

struct node_table *node_table_create(void);
/* Frees all nodes that are left. */
void node_table_destroy(struct node_table *table);
/* A new node with no reference; what it has of its own is zero. NULL: no memory. */
struct node *node_create(struct node_table *table, enum node_kind kind);
/* NULL: there is none of that id. */
struct node *node_find(const struct node_table *table, uint64_t id);
/* Lets go of it if nothing holds it any more; true when it was freed. */
bool node_release_if_unused(struct node_table *table, struct node *node);

#endif
