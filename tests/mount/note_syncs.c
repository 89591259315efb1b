/*
 * Preloaded by a mount test: each time something is to be made durable, the file that SYNCED names
 * gets a line with its inode. That takes its time, so that who does not wait for it is found out.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYNC_US 200000

static int note(int fd, long call)
{
	const char *path = getenv("SYNCED");
	FILE *file = path ? fopen(path, "a") : NULL;
	struct stat st;
	int err = (int)syscall(call, fd);
	usleep(SYNC_US);
	if (file && fstat(fd, &st) == 0)
		fprintf(file, "%ju\n", (uintmax_t)st.st_ino);
	if (file)
		fclose(file);
	return err;
}

int fsync(int fd)
{
	return note(fd, SYS_fsync);
}

int fdatasync(int fildes)
{
	return note(fildes, SYS_fdatasync);
}

int syncfs(int fd)
{
	return note(fd, SYS_syncfs);
}
