#include "file.h"

#include <fcntl.h>
#include <unistd.h>

static int read_all(int fd, struct buf *out)
{
	char piece[65536];
	for (;;) {
		ssize_t n = read(fd, piece, sizeof piece);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		int err = buf_add(out, piece, (size_t)n);
		if (err < 0)
			return err;
	}
}

int file_read(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	int err = read_all(fd, out);
	close(fd);
	return err;
}

int file_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;
	while (len > 0) {
		ssize_t n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_write(const char *path, int flags, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0600);
	if (fd < 0)
		return -errno;
	int err = file_write_all(fd, data, len);
	if (close(fd) < 0 && err == 0)
		err = -errno;
	return err;
}
