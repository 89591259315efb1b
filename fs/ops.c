#include "ops.h"

#include "control.h"
#include "view.h"
#include <sys/stat.h>

const struct fuse_lowlevel_ops ops_table = {
	.lookup = op_lookup,
	.forget = op_forget,
	.forget_multi = op_forget_multi,
	.getattr = op_getattr,
	.access = op_access,
	.setattr = op_setattr,
	.readlink = op_readlink,
	.mknod = op_mknod,
	.mkdir = op_mkdir,
	.unlink = op_unlink,
	.rmdir = op_rmdir,
	.symlink = op_symlink,
	.rename = op_rename,
	.link = op_link,
	.open = op_open,
	.create = op_create,
	.read = op_read,
	.write = op_write,
	.flush = op_flush,
	.release = op_release,
	.fsync = op_fsync,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.readdirplus = op_readdirplus,
	.releasedir = op_releasedir,
	.statfs = op_statfs,
	.setxattr = op_setxattr,
	.getxattr = op_getxattr,
	.listxattr = op_listxattr,
	.removexattr = op_removexattr,
};

struct fs *ops_fs(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

struct node *ops_node(struct fs *fs, fuse_ino_t ino)
{
	return tree_node(fs->tree, ino);
}

bool ops_may_wait(struct fs *fs, struct node *node)
{
	struct slot *slot = tree_slot_of(fs->tree, node);

	if (slot)
		return !sync_slot_ready(slot);
	return control_is(node) && control_uses_disk(node);
}

/* ENOSYS would switch the operation off for good; -ECANCELED is ours alone. */
void ops_reply_err(fuse_req_t req, int err)
{
	if (!req)
		return;
	fuse_reply_err(req, err == -ENOSYS ? EOPNOTSUPP : err == -ECANCELED ? EINTR : -err);
}

int ops_gone(int err)
{
	return err == -ENOENT ? -ESTALE : err;
}

/* A read-only mount shows no write bit; -o umask= gives everyone what the owner has, but for its
 * bits. */
mode_t ops_mode(const struct fs *fs, mode_t mode)
{
	int mask = fs->config->umask;
	if (fs->config->read_only && !S_ISLNK(mode))
		mode &= ~(mode_t)0222;
	mode_t owner = mode & 0700;
	if (mask < 0 || S_ISLNK(mode))
		return mode;
	return (mode & S_IFMT) | ((owner | owner >> 3 | owner >> 6) & ~(mode_t)mask);
}

void ops_fill_attr(struct fs *fs, const struct node_stat *node_stat, struct stat *attr)
{
	*attr = (struct stat){
		.st_ino = node_stat->ino,
		.st_mode = ops_mode(fs, node_stat->mode),
		.st_nlink = node_stat->links,
		.st_uid = fs->uid,
		.st_gid = fs->gid,
		.st_size = (off_t)node_stat->size,
		.st_blocks = (blkcnt_t)((node_stat->size + 511) / 512),
		.st_blksize = 4096,
		.st_mtim = node_stat->mtime,
		.st_ctim = node_stat->mtime,
		.st_atim = node_stat->mtime,
	};
}

int ops_stat(struct fs *fs, struct node *node, struct node_stat *ret_stat)
{
	return control_is(node) ? control_stat(fs, node, ret_stat)
	       : view_is(node)	? view_stat(fs, node, ret_stat)
				: tree_stat(fs->tree, node, ret_stat);
}

int ops_fill_entry(struct fs *fs, struct node *node, struct fuse_entry_param *entry)
{
	struct node_stat node_stat;
	int err = ops_stat(fs, node, &node_stat);
	if (err < 0)
		return err;
	handle_show_size(fs, node, NULL, 0, &node_stat);
	*entry = (struct fuse_entry_param){
		.ino = node->id,
		.generation = 1,
		.attr_timeout = (double)node_stat.valid_ms / 1000,
		.entry_timeout = (double)node_stat.named_ms / 1000,
	};
	ops_fill_attr(fs, &node_stat, &entry->attr);
	return 0;
}

void ops_reply_entry(struct fs *fs, fuse_req_t req, struct node *node)
{
	struct fuse_entry_param entry;
	uint64_t id = node->id;
	int err = ops_fill_entry(fs, node, &entry);

	if (err < 0)
		ops_reply_err(req, err);
	else if (fuse_reply_entry(req, &entry) == 0)
		return;
	tree_forget(fs->tree, id, 1);
}

void ops_reply_lookup(struct fs *fs, fuse_req_t req, struct node *node, int err)
{
	if (err < 0)
		ops_reply_err(req, err);
	else
		ops_reply_entry(fs, req, node);
}
