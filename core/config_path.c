#include "config_path.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

/* Joins with one slash. */
static int join(const char *directory, const char *tail, char **ret_path)
{
	size_t len = strlen(directory);
	const char *slash = len > 0 && directory[len - 1] == '/' ? "" : "/";
	char *path;
	if (asprintf(&path, "%s%s%s", directory, slash, tail) < 0)
		return -ENOMEM;
	*ret_path = path;
	return 0;
}

int config_path_home(char **ret_path)
{
	char room[4096];
	struct passwd entry, *found = NULL;
	const char *home = getenv("HOME");
	if (!home || home[0] != '/') {
		getpwuid_r(getuid(), &entry, room, sizeof room, &found);
		home = found ? found->pw_dir : NULL;
	}
	if (!home || home[0] != '/')
		return -ENOENT;
	char *path = strdup(home);
	if (!path)
		return -ENOMEM;
	*ret_path = path;
	return 0;
}

int config_path_xdg(const char *variable, const char *fallback, const char *tail, char **ret_path)
{
	auto_free char *home = NULL, *base = NULL;
	const char *directory = getenv(variable);
	if (directory && directory[0] == '/')
		return join(directory, tail, ret_path);
	int err = config_path_home(&home);
	if (err == 0)
		err = join(home, fallback, &base);
	if (err == 0)
		err = join(base, tail, ret_path);
	return err;
}

int config_path_absolute(const char *path, char **ret_path)
{
	auto_free char *directory = NULL;
	if (path[0] == '/')
		return join("/", path + strspn(path, "/"), ret_path);
	if (strncmp(path, "~/", 2) == 0) {
		int err = config_path_home(&directory);
		return err < 0 ? err : join(directory, path + 2, ret_path);
	}
	directory = getcwd(NULL, 0);
	return directory ? join(directory, path, ret_path) : -errno;
}

int config_path_resolve(const char *path, char **ret_path)
{
	auto_free char *absolute = NULL;
	int err = config_path_absolute(path, &absolute);
	if (!absolute)
		return err;
	char *resolved = realpath(absolute, NULL);
	if (resolved) {
		*ret_path = resolved;
		return 0;
	}

	size_t len = strlen(absolute);
	while (len > 1 && absolute[len - 1] == '/')
		absolute[--len] = '\0';
	char *slash = strrchr(absolute, '/');
	*slash = '\0';
	auto_free char *parent = realpath(slash == absolute ? "/" : absolute, NULL);
	if (parent)
		return join(parent, slash + 1, ret_path);
	*slash = '/';
	*ret_path = steal(absolute);
	return 0;
}
