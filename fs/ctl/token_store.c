#include "token_store.h"

#include "file.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a file ---- */

/* The directories of a path, but for its last name. */
static int make_parents(char *path)
{
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		int err = mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
		*at = '/';
		if (err < 0)
			return err;
	}
	return 0;
}

static int write_token(int fd, const char *token)
{
	int err = fchmod(fd, 0600) < 0 ? -errno : 0;
	if (err == 0)
		err = file_write_all(fd, token, strlen(token));
	if (err == 0)
		err = file_write_all(fd, "\n", 1);
	if (err == 0 && fsync(fd) < 0)
		err = -errno;
	if (close(fd) < 0 && err == 0)
		err = -errno;
	return err;
}

static int sync_directory_of(char *path)
{
	char *slash = strrchr(path, '/');
	*slash = '\0';
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '/';
	int err = fd < 0 || fsync(fd) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return err;
}

static int place_token(char *temporary, const char *path, const char *token)
{
	int err = make_parents(temporary);
	int fd = err == 0 ? mkostemp(temporary, O_CLOEXEC) : -1;
	if (fd < 0)
		return err < 0 ? err : -errno;
	err = write_token(fd, token);
	if (err == 0 && rename(temporary, path) < 0)
		err = -errno;
	if (err < 0) {
		unlink(temporary);
		return err;
	}
	return sync_directory_of(temporary);
}

int token_store_file(const char *path, const char *token, struct problem *problem)
{
	auto_free char *temporary = NULL;
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return problem_set(problem, -ENOMEM, "not enough memory");
	}
	int err = place_token(temporary, path, token);
	return err < 0 ? problem_set(problem, err, "cannot keep the token in '%s': %s", path,
				 strerrordesc_np(-err))
		       : 0;
}

/* ---- the keyring ---- */

#define TOOL "secret-tool"

static bool is_program(const char *directory, size_t len)
{
	auto_free char *path = NULL;
	if (asprintf(&path, "%.*s/" TOOL, (int)len, directory) < 0) {
		path = NULL;
		return false;
	}
	return access(path, X_OK) == 0;
}

int token_store_has_keyring(struct problem *problem)
{
	const char *at = getenv("PATH"); /* NOLINT(concurrency-mt-unsafe): nobody changes it */
	while (at && *at) {
		size_t len = strcspn(at, ":");
		if (len > 0 && is_program(at, len))
			return 0;
		at += len + (at[len] == ':');
	}
	return problem_set(problem, -ENOENT,
		"there is no " TOOL " to reach the keyring with: install libsecret-tools, or leave "
		"out --keyring");
}

static int spawn_tool(const char *host, int input, pid_t *ret_pid)
{
	auto_free char *label = NULL;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;

	if (asprintf(&label, "--label=Clevertim API token for %s", host) < 0) {
		label = NULL;
		return -ENOMEM;
	}
	char *const argv[] = {(char *)TOOL, (char *)"store", label, (char *)"service",
		(char *)"clevertimfs", (char *)"host", (char *)host, NULL};
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawnattr_init(&attributes);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	int err = -posix_spawnp(ret_pid, TOOL, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/* secret-tool keeps all that it reads: no newline. */
static int feed_tool(const char *host, const char *token, int *ret_status)
{
	int ends[2];
	pid_t pid;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	int err = spawn_tool(host, ends[0], &pid);
	close(ends[0]);
	int write_err = err == 0 ? file_write_all(ends[1], token, strlen(token)) : 0;
	close(ends[1]);
	while (err == 0 && waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
		continue;
	/* A tool that failed may not have read all, and says more of it. */
	return err < 0 ? err : *ret_status == 0 ? write_err : 0;
}

int token_store_keyring(const char *host, const char *token, struct problem *problem)
{
	int status = 0;
	int err = feed_tool(host, token, &status);
	if (err < 0)
		return problem_set(problem, err, "cannot use " TOOL ": %s", strerrordesc_np(-err));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return problem_set(problem, -EIO,
			TOOL " did not keep the token: is there a keyring, and is it unlocked?");
	return 0;
}
