/*
 * Names and nodes: what stands under which name, beside and above the records of the store. Every
 * rule of the save dances about creating, renaming and unlinking is in here, without FUSE and
 * without the network: where the server has to be asked, the functions say so and the caller does
 * it. A pid may be any thread's of a process that waits for the answer: it stands for the process.
 *
 * One lock, tree->lock, guards all of it and is held for memory work only; functions named _locked
 * want it held, all others take it. Lock order: tree, then store, then text.
 */
#ifndef FS_TREE_H
#define FS_TREE_H

#include "names.h"
#include "view_item.h"

/* For all scratch together; each name in it counts as so many bytes beside its text. */
#define SCRATCH_MAX_BYTES ((size_t)256 << 20)
#define SCRATCH_NAME_BYTES ((size_t)1024)

struct tree {
	struct store *const store;
	struct node *root;
	struct node **directories; /* of the collections, in their order; constant */
	size_t directory_count;
	pthread_mutex_t lock;
	/* guarded by lock */
	struct node_table *nodes;
	struct view_items *view_items;
	uint64_t next_ino; /* of nodes that are no records */
	uint64_t burials;
	struct text_budget budget;
	struct timespec started;
};

#define TREE_FIRST_INO 2		    /* of directories, scratch, control */
#define TREE_RECORD_INO ((uint64_t)1 << 40) /* records' are above */

/* NULL: no memory. */
struct tree *tree_create(struct store *store);
void tree_destroy(struct tree *tree);

struct node_stat {
	uint64_t ino;
	mode_t mode; /* type and permission bits */
	size_t size;
	unsigned links;
	struct timespec mtime;
	int64_t valid_ms; /* how long the kernel may go by it */
	int64_t named_ms; /* and by a name leading to it */
};

struct node *tree_node(struct tree *tree, uint64_t id);
bool tree_is_scratch(struct tree *tree, struct node *node);
/* Appends the target of a symlink in a resource. */
int tree_read_symlink(struct tree *tree, struct node *node, struct buf *out) nodiscard;
/* The directory of a collection; constant, as are all directories. */
struct node *tree_directory(const struct tree *tree, const struct collection *collection);
/* -ENOENT: the record has gone. Of control files only ino and mode are filled. */
int tree_stat(struct tree *tree, struct node *node, struct node_stat *ret_stat);
/* The kernel was told another size of it than the record's. */
void tree_untell_size(struct tree *tree, struct node *node);
/*
 * A record has another version: its node is about to be told of. *ret_id is that node. False: there is
 * nobody to tell, as the kernel does not know it, or it was about to be told of already.
 */
bool tree_begin_telling(struct tree *tree, struct slot *slot, uint64_t *ret_id);
/* The same of a node. */
bool tree_begin_telling_node(struct tree *tree, uint64_t id);
/*
 * Whether a record's text of so many bytes can be given to the kernel before it asks: it knows that
 * size, has no text yet, nothing about to be dropped, and nobody has the file open but the one who
 * asks, with so many references. True once only.
 */
bool tree_begin_push(struct tree *tree, struct node *node, size_t size, unsigned refs);

/*
 * Looks a name up and counts the lookup for the kernel. -ENOENT: nothing there now. In a
 * collection the store must have an answer about the name (see tree_wants).
 */
int tree_lookup(
	struct tree *tree, struct node *dir, const char *name, struct node **ret_node) nodiscard;
/* The node of a record, for a listing. NULL: no memory. Counts a lookup. */
struct node *tree_lookup_slot(struct tree *tree, struct node *dir, struct slot *slot);
/*
 * Which record a name in a collection means, if only the store can tell what stands there. False:
 * the tree itself knows.
 */
bool tree_wants(struct tree *tree, struct node *dir, const char *name, char ret_id[ID_MAX + 1],
	size_t *ret_len);
void tree_forget(struct tree *tree, uint64_t id, uint64_t lookups);

/* The record that a node shows just now, or NULL: a file may become a record, and the other way. */
struct slot *tree_slot_of(struct tree *tree, struct node *node);
/*
 * Who wrote to a record has closed it, or was refused: the record reads as the server has it, and the
 * text is left to the handles that have it. False: the node is no record, or shows another text.
 */
bool tree_drop_text(struct tree *tree, struct node *node, struct text *text);
/* A file at the moment when it is opened. */
struct opening {
	struct collection *collection; /* where it is; NULL outside the resources */
	struct text *text;	       /* of what is no record, owned by the caller, or NULL */
	struct slot *slot;	       /* the record that it is, or NULL */
	/* of a record */
	struct record *present; /* the newest version, owned by the caller; NULL: it is gone */
	/*
	 * The kernel may have older pages: it is still to be told of a change, or is told of those of
	 * another node that shows the record by now, as where a rename was left alone by its caller.
	 */
	bool is_unsettled;
	bool is_pushed; /* the kernel was given its text */
};
void tree_open(struct tree *tree, struct node *node, struct opening *ret_opening);
/*
 * Makes fresh, which is taken, the text that one who reads and writes a record shares with the page
 * cache; *ret_text is referenced. -EBUSY: somebody does already. -ENOMEM.
 */
int tree_share_text(struct tree *tree, struct node *node, struct text **fresh,
	struct text **ret_text) nodiscard;
/* The text that a node has of its own, referenced, or NULL. */
struct text *tree_take_text(struct tree *tree, struct node *node);

/* Ids of the nodes that show records of a collection, allocated. -ENOMEM. */
int tree_record_nodes(struct tree *tree, struct collection *collection, uint64_t **ret_ids,
	size_t *ret_count) nodiscard;
/* The permission bits and the time of scratch; a record's stay. */
void tree_set_mode(struct tree *tree, struct node *node, mode_t mode);
void tree_set_mtime(struct tree *tree, struct node *node, struct timespec mtime);

/* A node of the control directory, which stays; the caller holds tree->lock. NULL: no memory. */
struct node *tree_add_control_locked(struct tree *tree, enum node_kind kind);

/*
 * A node of a view, for which the caller adds the item; he holds tree->lock. stays: until unmount.
 * NULL: no memory.
 */
struct node *tree_add_view_locked(struct tree *tree, enum node_kind kind, uint64_t ino, bool stays);
/* One that got no item. */
void tree_drop_view_locked(struct tree *tree, struct node *node);
/*
 * Whether a record was unlinked and is to be deleted. One that is set aside is not hidden: it comes
 * back, or is written anew, by who goes through a link to it, too.
 */
bool tree_hides(struct tree *tree, const struct collection *collection, const char *name);

struct node *tree_ref(struct tree *tree, struct node *node);
void tree_unref(struct tree *tree, struct node *node);

/* A name that is listed in a collection beside its records. */
struct extra_name {
	char name[NAME_SIZE];
	uint64_t ino;
	mode_t type;
};
/* Those of one directory, by name, allocated; free them. -ENOMEM. */
int tree_extra_names(struct tree *tree, struct node *dir, struct extra_name **ret_names,
	size_t *ret_count) nodiscard;
/*
 * The same, and the extent of the collection just then (store_extent): what becomes a record meanwhile
 * is in one of both at least. -ENOMEM.
 */
int tree_list(struct tree *tree, struct node *dir, struct extra_name **ret_names, size_t *ret_count,
	size_t *ret_extent, bool *ret_is_whole) nodiscard;
/*
 * The kernel may keep a directory's listing where it is its records alone, whose changes make another
 * mark; other names come and go without one. Asked by who begins to read it: may it keep what he
 * reads now, and has it (*ret_has) read that very listing before.
 */
bool tree_may_keep_listing(struct tree *tree, struct node *dir, bool *ret_has);
bool extra_names_have(const struct extra_name *names, size_t count, const char *name);
/* Whether a record's own name is to be listed, that is, shows it. */
bool tree_shows_record(struct tree *tree, struct node *dir, const char *name);
/* Whether something stands there that is no record, or was none and is the one of that very name. */
bool tree_shows_extra(struct tree *tree, struct node *dir, const char *name);
bool tree_has_extra_names(struct tree *tree, struct node *dir);

/* ---- changes (tree_change.c) ---- */

/*
 * A new file: scratch, or a draft. In the place of a record, which was moved or unlinked, it is that
 * record, to be opened and written anew (tree_note_made). Counts a lookup and takes a reference.
 * exclusive: -EEXIST also where the record is there again. -EEXIST, -EACCES, -ENOMEM.
 */
int tree_create_file(struct tree *tree, struct node *dir, const char *name, mode_t mode,
	bool exclusive, pid_t maker, struct node **ret_node) nodiscard;
/* The text that its maker writes there. */
void tree_note_made(struct tree *tree, struct slot *slot, struct text *text, pid_t maker);
/*
 * What became of it; of a text that nobody made in a record's place, nothing. MADE_CLOSED: the last
 * close, whatever came of it.
 */
enum made_end { MADE_SAVED, MADE_REFUSED, MADE_CLOSED };
void tree_end_made(struct tree *tree, struct slot *slot, struct text *text, enum made_end end);
/* What was created in a record's place could not be opened, or its maker not be told. */
void tree_unmake(struct tree *tree, struct slot *slot, pid_t maker);
/* pid has saved the record: it is done with the backup that it had moved it to. */
void tree_settle_moves(struct tree *tree, struct slot *slot, pid_t pid);
/* A scratch symlink. Counts a lookup. -EPERM for a record's name. */
int tree_symlink(struct tree *tree, struct node *dir, const char *name, const char *target,
	struct node **ret_node) nodiscard;

/*
 * Takes a name away. 1: it is a record, *ret_slot, for the caller to delete (nothing was changed). Who
 * has moved it away and not saved it since, or made a new file in its place, means that file.
 */
int tree_unlink(struct tree *tree, struct node *dir, const char *name, pid_t pid,
	struct slot **ret_slot) nodiscard;
/*
 * A record that was unlinked, but may come back: it is not to be seen under the name any more, and
 * tree_is_buried until something is created there or renamed to it; by the number of this burial, as
 * it may be unlinked again after that. tree_unbury: it shows again, or is really gone. -ENOMEM.
 */
int tree_bury(struct tree *tree, struct node *dir, const char *name, struct slot *slot, pid_t pid,
	uint64_t *ret_burial) nodiscard;
bool tree_is_buried(struct tree *tree, struct node *dir, const char *name, uint64_t burial);
/* Its DELETE goes out now: from here on it cannot come back. False: it has. */
bool tree_begin_delete(
	struct tree *tree, struct node *dir, const char *name, uint64_t burial) nodiscard;
void tree_unbury(struct tree *tree, struct node *dir, const char *name, uint64_t burial);
/* A record was deleted: the names that were chosen for it go too, and no name saves to it. */
void tree_deleted(struct tree *tree, struct node *dir, struct slot *slot);

/*
 * Renames within one directory. 1: the file has to be saved under the new name first (*ret_node,
 * referenced), then tree_renamed completes it.
 * EPERM, EEXIST, EINVAL as in contract 5.
 */
int tree_rename(struct tree *tree, struct node *dir, const char *from, struct node *to_dir,
	const char *to, unsigned flags, pid_t mover, struct node **ret_node) nodiscard;
/* node was saved as slot under the name `to`. */
void tree_renamed(struct tree *tree, struct node *dir, struct node *node, const char *to,
	struct slot *slot, bool is_new);

/* What a commit of a node's text has to do. */
enum commit_kind { COMMIT_NOTHING, COMMIT_SAVE, COMMIT_CREATE, COMMIT_KEEP };
/*
 * writes: the record that was opened to write, whatever the node is by now, or NULL.
 * COMMIT_SAVE: *ret_slot, and its own name. COMMIT_KEEP: the same, but it was unlinked, and is to be
 * deleted: the text becomes a draft. name is "" for a file that was unlinked.
 */
enum commit_kind tree_commit_kind(struct tree *tree, struct node *node, struct slot *writes,
	struct slot **ret_slot, char ret_name[NAME_SIZE]);
/* Whether it was this process that unlinked a record which is still to be deleted. */
bool tree_is_buried_by(struct tree *tree, struct slot *slot, pid_t process);
/* The same as tree_commit_kind for a file that is to be renamed to a record's name. */
enum commit_kind tree_rename_kind(
	struct tree *tree, struct node *dir, const char *to, struct slot **ret_slot);
/*
 * node's text was saved under a name: it shows the slot's record from now on, if it still stands there.
 * is_new: the server made it just now; the name means it in any case.
 */
void tree_saved(
	struct tree *tree, struct node *node, const char *name, struct slot *slot, bool is_new);
/*
 * What was to be saved under node's name was refused: a new file leaves the directory, if that was its
 * own text, and not one of somebody who writes it anew.
 */
void tree_refused(struct tree *tree, struct node *node, const struct text *text);
/* Nobody writes the file any more: what was refused is let go of. */
void tree_closed(struct tree *tree, struct node *node);

#endif
