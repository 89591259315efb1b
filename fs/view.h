/*
 * What is shown beside the records (contract 2): by-name/, related/ and export/. Nothing in here can
 * be changed.
 *
 * by-name and related are listed in the root, the others are only looked up. related is a link to
 * .related: it has some directories for each record, and a recursive tool at the root that walked
 * them would take ten times as long.
 *
 *   by-name/<resource>/<label>.json            -> ../../<resource>/<id>.json
 *   related/<resource>/<id>/<source>/<id>.json -> ../../../../<source>/<id>.json
 *   export/<resource>.ndjson  export/<resource>.csv
 *
 * All follows from the records of the store at the moment of asking. Where these have to be fetched
 * or walked over first, the functions need somebody who may wait: without (wait NULL) they say
 * -EAGAIN at once. A fetch's errors are those of contract 8.
 */
#ifndef FS_VIEW_H
#define FS_VIEW_H

#include "fs.h"
#include "view_item.h"

struct view_wait {
	struct cancel *cancel;
	struct problem *problem;
};

static inline bool view_is(const struct node *node)
{
	return node->is_view;
}
/* Whether a name in a directory is one of theirs. */
bool view_is_name(const struct node *dir, const char *name);

/* Counts a lookup. -ENOENT, -ENOMEM. */
int view_lookup(struct fs *fs, struct node *dir, const char *name, const struct view_wait *wait,
	struct node **ret_node) nodiscard;
/*
 * A file: what it says is settled, and so its size. Everything else is. Not a part of the lookup, for
 * which the kernel locks the directory.
 */
int view_refresh(struct fs *fs, struct node *node, const struct view_wait *wait) nodiscard;
/* From memory. -ENOENT: the record has gone. */
int view_stat(struct fs *fs, struct node *node, struct node_stat *ret_stat) nodiscard;
/* -EINVAL: no link; -ENOENT. */
int view_readlink(struct fs *fs, struct node *node, struct buf *ret_target) nodiscard;
/* What a file says for as long as its node lives, referenced: a whole_file's. -EISDIR. */
int view_open(struct fs *fs, struct node *node, const struct view_wait *wait,
	struct snapshot **ret_file) nodiscard;
/* A piece of that, on a read-only mount, where nobody opens it. */
int view_read_shown(
	struct fs *fs, struct node *node, size_t offset, size_t len, struct buf *out) nodiscard;

/* What an open directory lists: one moment's names, so that places stay true. */
struct view_list;

int view_list_open(struct fs *fs, struct node *dir, const struct view_wait *wait,
	struct view_list **ret_list) nodiscard;
void view_list_close(struct view_list *list);
/* How many places there are; those of names that are not to be seen are empty. */
size_t view_list_size(const struct view_list *list);
struct view_entry {
	char name[NAME_SIZE]; /* "": empty */
	uint64_t ino;
	mode_t type;
};
void view_list_get(
	struct fs *fs, const struct view_list *list, size_t place, struct view_entry *ret_entry);
/* What the root lists of them. False: the end. */
bool view_list_root(const struct fs *fs, size_t place, struct view_entry *ret_entry);

/* ---- for view.c and view_*.c alone ---- */

#define VIEW_RELATED_DIR ".related"

/* The collection is listed and may be shown. */
int view_want_listing(struct fs *fs, struct collection *collection, const struct view_wait *wait);
/* What the catalog makes of a collection, referenced. */
int view_want(struct fs *fs, struct collection *collection, enum catalog_kind kind,
	const struct view_wait *wait, struct snapshot **ret_snapshot);
/* Of a file: what of the catalog it shows. */
static inline enum catalog_kind view_text_kind(const struct view_key *key)
{
	return key->kind == VIEW_CSV ? CATALOG_CSV : CATALOG_NDJSON;
}
/* The number that stat and readdir show: always the same for the same thing. */
uint64_t view_ino(const struct fs *fs, const struct view_key *key);
/* Whether a record is to be seen, and its own name; not once it was unlinked. */
bool view_shows(struct fs *fs, struct slot *slot, char ret_name[NAME_SIZE]);
/* Whether records of a collection can point at those of another. */
bool view_can_point(const struct collection *from, const struct collection *to);
#endif
