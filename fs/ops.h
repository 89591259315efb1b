/*
 * The operations table: what the kernel asks, by what it touches. An operation answers from memory
 * at once, or becomes a call. See calls.h.
 */
#ifndef FS_OPS_H
#define FS_OPS_H

#include "calls.h"
#include "handle.h"

extern const struct fuse_lowlevel_ops ops_table;
/* For a read-only mount: whatever would change something is EROFS (ops_read_only.c). */
void ops_refuse_changes(struct fuse_lowlevel_ops *ops);

/* ops_dir.c: names and attributes */
void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t lookups);
void op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets);
void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_access(fuse_req_t req, fuse_ino_t ino, int mask);
void op_statfs(fuse_req_t req, fuse_ino_t ino);

/* ops_list.c: listings */
void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_readdir(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi);
void op_readdirplus(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi);
void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);

/* ops_view.c: the same of a view's nodes */
void ops_view_lookup(struct fs *fs, fuse_req_t req, struct node *dir, const char *name);
void ops_view_open(struct fs *fs, fuse_req_t req, struct node *node, struct fuse_file_info *fi);

/* ops_file.c: open files */
void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *fi);
void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi);
void op_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t offset,
	struct fuse_file_info *fi);
void op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi);
void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_setattr(
	fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *fi);

/* ops_name.c: names that come and go, and what is told of a file beside its text */
void op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to_parent,
	const char *to_name, unsigned flags);
void op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void op_readlink(fuse_req_t req, fuse_ino_t ino);
void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device);
void op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t to_parent, const char *to_name);
void op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size);
void op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size);
void op_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size,
	int flags);
void op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name);

/* Shared by them (ops.c). */
struct fs *ops_fs(fuse_req_t req);
struct node *ops_node(struct fs *fs, fuse_ino_t ino);
/* Whether what stands in the file may have to come from the server or the disk. */
bool ops_may_wait(struct fs *fs, struct node *node);
/* Replies with an errno given as a negative result, never ENOSYS. NULL: it was answered already. */
void ops_reply_err(fuse_req_t req, int err);
/*
 * A record that is gone, to who knows it by number: the kernel looks its name up anew, and so finds
 * that nothing has it, without being told by a notification that would wait for a busy directory.
 */
int ops_gone(int err);
/* What stat shows of any node. -ENOENT: it is gone. */
int ops_stat(struct fs *fs, struct node *node, struct node_stat *ret_stat);
void ops_fill_attr(struct fs *fs, const struct node_stat *node_stat, struct stat *attr);
/* What stat shows as the mode. */
mode_t ops_mode(const struct fs *fs, mode_t mode);
/* Fills what lookup, create and readdirplus answer. */
int ops_fill_entry(struct fs *fs, struct node *node, struct fuse_entry_param *entry);
/* Replies with a node whose lookup was counted; takes the count back when nobody took the answer.
 */
void ops_reply_entry(struct fs *fs, fuse_req_t req, struct node *node);
/* The same, or the error where it is negative; node is not looked at then. */
void ops_reply_lookup(struct fs *fs, fuse_req_t req, struct node *node, int err);

#endif
