#include "proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

size_t proc_read(pid_t tid, const char *name, char *out, size_t out_size)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)tid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, out_size - 1);
	if (fd >= 0)
		close(fd);
	size_t len = n > 0 ? (size_t)n : 0;
	out[len] = '\0';
	return len;
}
