#include "control_file.h"

#include "file.h"
#include <stdio.h>

char *control_path(const char *mount, const char *name)
{
	char *path;
	return asprintf(&path, "%s/.clevertimfs/%s", mount, name) < 0 ? NULL : path;
}

int control_explain(const char *mount, const char *name, int err, struct problem *problem)
{
	switch (err) {
	case -ENOTCONN:
		return problem_set(problem, err,
			"the daemon of the mount '%s' has died: unmount it with fusermount3 -uz, "
			"and mount it again",
			mount);
	case -EACCES:
		return problem_set(problem, err, "the mount '%s' is another user's", mount);
	case -EROFS:
		return problem_set(problem, err,
			"the mount '%s' is read-only, and so is its '%s': wait until its ttl is "
			"over, or mount it again",
			mount, name);
	case -ENOMEM:
		return problem_set(problem, err, "not enough memory");
	default:
		return problem_set(problem, err, "cannot use '%s/.clevertimfs/%s': %s", mount, name,
			strerrordesc_np(-err));
	}
}

int control_read(const char *mount, const char *name, struct buf *out, struct problem *problem)
{
	auto_free char *path = control_path(mount, name);
	int err = path ? file_read(path, out) : -ENOMEM;
	return err < 0 ? control_explain(mount, name, err, problem) : 0;
}

int control_write(const char *mount, const char *name, const char *text, struct problem *problem)
{
	auto_free char *path = control_path(mount, name);
	int err = path ? file_write(path, 0, text, strlen(text)) : -ENOMEM;
	return err < 0 ? control_explain(mount, name, err, problem) : 0;
}
