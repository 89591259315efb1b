/*
 * The control directory, .clevertimfs (contract 9): looked up, never listed in the root.
 *
 *   status errors created refresh README
 *   drafts/<resource>/<name>  trash/<resource>/<id>.json    what the journal keeps
 *
 * Its nodes are made when first looked up and stay until unmount.
 */
#ifndef FS_CONTROL_H
#define FS_CONTROL_H

#include "fs.h"

#define CONTROL_DIR_NAME ".clevertimfs"
/* A longer text in state_dir is none of ours, and cannot be read here: EFBIG. */
#define CONTROL_MAX_BYTES JOURNAL_TEXT_MAX

struct control;

struct control *control_create(void);
void control_destroy(struct control *control);

/* Whether a node is the control directory or below it. */
static inline bool control_is(const struct node *node)
{
	return node->is_control;
}
/* Whether a name in a directory is the control directory's. */
bool control_is_name(const struct node *dir, const char *name);
/* Whether to look at it means to look at the disk: then only in a call. */
bool control_uses_disk(const struct node *node);

/* Counts a lookup. -ENOENT, -ENOMEM. */
int control_lookup(
	struct fs *fs, struct node *dir, const char *name, struct node **ret_node) nodiscard;
int control_stat(struct fs *fs, struct node *node, struct node_stat *ret_stat) nodiscard;
/* What a control directory lists, allocated. */
int control_list(struct fs *fs, struct node *dir, struct extra_name **ret_names,
	size_t *ret_count) nodiscard;
/* What a control file says now. -EACCES: it cannot be written. */
int control_open(struct fs *fs, struct node *node, int flags, struct buf *ret_text) nodiscard;
/* A piece of what the file said when control_stat told its size last, on a read-only mount. */
int control_read_shown(
	struct fs *fs, struct node *node, size_t offset, size_t len, struct buf *out) nodiscard;
/* Something was written to a control file: only refresh listens. */
int control_write(struct fs *fs, struct node *node, const char *text, size_t len) nodiscard;
/* Drops a draft or a piece of trash. -EPERM for everything else. */
int control_unlink(struct fs *fs, struct node *dir, const char *name) nodiscard;

/* control_text.c: what the files say. */
int control_status(struct fs *fs, struct buf *out) nodiscard;
int control_readme(struct buf *out) nodiscard;
/* "contact/4.json", "contact", with or without the mount point before it; anything else: all. */
void control_refresh(struct fs *fs, const char *text, size_t len);

#endif
