#include "device.h"

#include <linux/fuse.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef FUSE_DIRECT_IO_ALLOW_MMAP
#define FUSE_DIRECT_IO_ALLOW_MMAP (1ULL << 36)
#endif
#define ALLOW_MMAP_2 ((uint32_t)(FUSE_DIRECT_IO_ALLOW_MMAP >> 32)) /* in flags2 */

static void pass_wishes_on(const struct fs *fs, const struct iovec *answer, int count)
{
	const struct fuse_out_header *header = answer[0].iov_base;
	if (count < 2 || header->error || answer[1].iov_len < sizeof(struct fuse_init_out))
		return;
	struct fuse_init_out *init = answer[1].iov_base;
	init->flags |= FUSE_PARALLEL_DIROPS;
	if (fs->maps_direct) {
		init->flags |= FUSE_INIT_EXT;
		init->flags2 |= ALLOW_MMAP_2;
	}
}

static void note_init(struct fs *fs, const struct fuse_in_header *header, size_t len)
{
	const struct fuse_init_in *init = (const void *)(header + 1);
	fs->init_unique = header->unique;
	fs->maps_direct = len >= sizeof *header + sizeof *init && (init->flags & FUSE_INIT_EXT) &&
			  (init->flags2 & ALLOW_MMAP_2);
}

static ssize_t read_request(int fd, void *buf, size_t size, void *userdata)
{
	struct fs *fs = userdata;
	const struct fuse_in_header *header = buf;
	ssize_t len = read(fd, buf, size);
	if (len >= (ssize_t)sizeof *header && header->opcode == FUSE_INIT)
		note_init(fs, header, (size_t)len);
	return len;
}

static ssize_t write_answer(int fd, struct iovec *iov, int count, void *userdata)
{
	const struct fs *fs = userdata;
	const struct fuse_out_header *header = iov[0].iov_base;
	if (fs->init_unique && header->unique == fs->init_unique)
		pass_wishes_on(fs, iov, count);
	return writev(fd, iov, count);
}

int device_attach(struct fuse_session *session)
{
	const struct fuse_custom_io io = {.read = read_request, .writev = write_answer};
	return fuse_session_custom_io(session, &io, fuse_session_fd(session)) ? -ENOMEM : 0;
}
