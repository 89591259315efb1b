/*
 * What a mount with ro answers to every change. The kernel refuses them itself, until root says
 * `mount -i -o remount,rw`: of that we are not told, and what was mounted to be read stays so.
 */
#include "ops.h"

static void refuse_name(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent;
	(void)name;
	ops_reply_err(req, -EROFS);
}

static void refuse_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to_parent,
	const char *to_name, unsigned flags)
{
	(void)to_parent;
	(void)to_name;
	(void)flags;
	refuse_name(req, parent, name);
}

static void refuse_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	(void)target;
	refuse_name(req, parent, name);
}

static void refuse_create(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
	(void)mode;
	(void)fi;
	refuse_name(req, parent, name);
}

static void refuse_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size,
	off_t offset, struct fuse_file_info *fi)
{
	(void)size;
	(void)offset;
	(void)fi;
	(void)ino;
	(void)data;
	ops_reply_err(req, -EROFS);
}

static void refuse_setattr(
	fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *fi)
{
	(void)attr;
	(void)to_set;
	(void)fi;
	(void)ino;
	ops_reply_err(req, -EROFS);
}

void ops_refuse_changes(struct fuse_lowlevel_ops *ops)
{
	ops->unlink = refuse_name;
	ops->rename = refuse_rename;
	ops->symlink = refuse_symlink;
	ops->create = refuse_create;
	ops->write = refuse_write;
	ops->setattr = refuse_setattr;
}
