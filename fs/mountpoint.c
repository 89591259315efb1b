#include "mountpoint.h"

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Daemons that were killed one after another leave their mounts one upon another. */
enum { MAX_DEAD_MOUNTS = 16 };

static bool is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Attributes may still answer from the kernel's cache where the daemon is dead: so it is read. */
static int check_empty(const char *path)
{
	DIR *directory = opendir(path);
	if (!directory)
		return -errno;
	const struct dirent *entry;
	do {
		errno = 0;
		entry = readdir(directory);
	} while (entry && !is_entry(entry));
	int err = entry ? -ENOTEMPTY : -errno;
	closedir(directory);
	return err;
}

static bool is_mounted_on(const char *path, const struct stat *facts)
{
	struct stat above;
	auto_free char *parent = NULL;
	if (asprintf(&parent, "%s/..", path) < 0) {
		parent = NULL;
		return false;
	}
	return stat(parent, &above) == 0 && above.st_dev != facts->st_dev;
}

/* 0: it can be mounted on. */
static int look(const char *path)
{
	struct stat facts;
	if (stat(path, &facts) < 0)
		return -errno;
	if (!S_ISDIR(facts.st_mode))
		return -ENOTDIR;
	int err = check_empty(path);
	if (err == -ENOTEMPTY && is_mounted_on(path, &facts))
		return -EBUSY;
	/* Root may mount on what it cannot write, such as a read-only file system. */
	if (err == 0 && geteuid() != 0 && access(path, W_OK) < 0)
		return -errno;
	return err;
}

/* What fusermount3 has to complain of is said better by the caller. */
static bool run_fusermount(const char *path)
{
	char *const argv[] = {
		(char *)"fusermount3", (char *)"-u", (char *)"-z", (char *)path, NULL};
	/* The token may still stand in our own environment. */
	char *const no_environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status = -1;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	int err = posix_spawnp(&pid, argv[0], &actions, NULL, argv, no_environment);
	posix_spawn_file_actions_destroy(&actions);
	if (err != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool take_away(const char *path)
{
	return umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0 || run_fusermount(path);
}

static int explain(int err, const char *path, struct problem *problem)
{
	switch (err) {
	case -ENOENT:
		return problem_set(
			problem, err, "mount point '%s' does not exist: make it with mkdir", path);
	case -ENOTDIR:
		return problem_set(problem, err, "mount point '%s' is not a directory", path);
	case -ENOTEMPTY:
		return problem_set(problem, err,
			"mount point '%s' is not empty: choose an empty directory", path);
	case -EBUSY:
		return problem_set(problem, err,
			"something is mounted on '%s' already: unmount it with fusermount3 -u",
			path);
	case -EACCES:
	case -EPERM:
		return problem_set(problem, -EACCES,
			"no permission to mount on '%s': choose a directory of your own", path);
	case -ENOTCONN:
		return problem_set(problem, err,
			"'%s' is a mount whose daemon died, and it cannot be taken away: "
			"unmount it with fusermount3 -uz, or as root with umount -l",
			path);
	default:
		return problem_set(problem, err, "cannot use the mount point '%s': %s", path,
			strerrordesc_np(-err));
	}
}

int mountpoint_prepare(const char *path, struct problem *problem)
{
	int err = look(path);
	for (int i = 0; err == -ENOTCONN && i < MAX_DEAD_MOUNTS && take_away(path); i++)
		err = look(path);
	return err < 0 ? explain(err, path, problem) : 0;
}
