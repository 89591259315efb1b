/* clevertimctl refresh. */
#include "verbs.h"

#include "control_file.h"
#include "load.h"
#include "place.h"
#include "show.h"
#include "status_text.h"
#include <stdio.h>
#include <sys/stat.h>

static int write_refresh(const char *mount, const char *path, struct problem *problem)
{
	auto_free char *line = NULL;
	if (asprintf(&line, "%s\n", path) < 0) {
		line = NULL;
		return problem_set(problem, -ENOMEM, "not enough memory");
	}
	return control_write(mount, "refresh", line, problem);
}

/* Each that failed has its line; one that nobody answered for is the last that is tried. */
static int load_all(const char *mount, const struct status *status, struct problem *problem)
{
	struct load load = {.mount = mount};
	size_t failed = 0, i;
	bool is_answered = true;

	for (i = 0; i < status->resource_count; i++) {
		size_t width = show_width(status->resources[i].name);
		if (width > load.name_width)
			load.name_width = width;
	}
	for (i = 0; i < status->resource_count && is_answered; i++) {
		load.resource = status->resources[i].name;
		failed += load_resource(&load, &is_answered, problem) < 0;
	}
	if (failed > 1 && is_answered)
		problem_set(problem, -EIO,
			"%zu resources could not be read: see clevertimctl errors", failed);
	return failed > 0 ? -EIO : 0;
}

static int refresh_all(const struct place *place, struct problem *problem)
{
	auto_status struct status status = {.version = NULL};
	int err = write_refresh(place->mount, "", problem);
	if (err == 0)
		err = status_read(place->mount, &status, problem);
	return err < 0 ? err : load_all(place->mount, &status, problem);
}

/* What the mount does not know it would take for everything. `named` is how the person calls it. */
static int check_path(
	const struct place *place, const char *resource, const char *named, struct problem *problem)
{
	auto_status struct status status = {.version = NULL};
	int err = status_read(place->mount, &status, problem);
	if (err < 0)
		return err;
	const char *name = place->path + strlen(resource);
	if (!status_find(&status, resource) || (*name && strchr(name + 1, '/')))
		return problem_set(problem, -ENOENT,
			"'%s' is neither a record nor a resource nor a mount point", named);
	return 0;
}

/* Whether it is in a directory of links to records. */
static bool is_view(const char *path)
{
	static const char *const views[] = {"by-name/", "related/"};
	for (size_t i = 0; i < array_size(views); i++) {
		if (strncmp(path, views[i], strlen(views[i])) == 0)
			return true;
	}
	return false;
}

/* What is only a link in the mount stands for what it leads to. */
static int follow_links(struct place *place, struct problem *problem)
{
	auto_free char *path = NULL;
	size_t mount_len = strlen(place->mount);
	if (asprintf(&path, "%s/%s", place->mount, place->path) < 0) {
		path = NULL;
		return problem_set(problem, -ENOMEM, "not enough memory");
	}
	auto_free char *target = realpath(path, NULL);
	if (!target || strncmp(target, place->mount, mount_len) != 0 || target[mount_len] != '/')
		return 0; /* then it is what it says */
	char *rest = strdup(target + mount_len + 1);
	if (!rest)
		return problem_set(problem, -ENOMEM, "not enough memory");
	free(place->path);
	place->path = rest;
	return 0;
}

static bool is_there(const struct place *place)
{
	auto_free char *path = NULL;
	struct stat facts;
	if (asprintf(&path, "%s/%s", place->mount, place->path) < 0) {
		path = NULL;
		return true;
	}
	return lstat(path, &facts) == 0 || errno != ENOENT;
}

/* Who refreshes one that is not there wants to know whether it has come. */
static int refresh_record(const struct place *place, const char *named, struct problem *problem)
{
	bool was_there = is_there(place);
	int err = write_refresh(place->mount, place->path, problem);
	if (err < 0 || was_there || is_there(place))
		return err;
	return problem_set(problem, -ENOENT, "the server has no '%s', either", named);
}

static int refresh_one(const struct place *place, const char *named, struct problem *problem)
{
	size_t len = strcspn(place->path, "/");
	auto_free char *resource = strndup(place->path, len);
	bool is_answered;

	if (!resource)
		return problem_set(problem, -ENOMEM, "not enough memory");
	int err = check_path(place, resource, named, problem);
	if (err == 0 && place->path[len])
		return refresh_record(place, named, problem);
	if (err == 0)
		err = write_refresh(place->mount, place->path, problem);
	if (err < 0)
		return err;
	const struct load load = {.mount = place->mount, .resource = resource};
	return load_resource(&load, &is_answered, problem);
}

int verb_refresh(const struct command *command, struct problem *problem)
{
	auto_place struct place place = {.mount = NULL};
	int err = place_find(command->arguments[0], &place, problem);
	if (err < 0)
		return err;
	if (!place.path[0])
		return refresh_all(&place, problem);
	auto_free char *named = strdup(place.path);
	if (!named)
		return problem_set(problem, -ENOMEM, "not enough memory");
	if (is_view(place.path))
		err = follow_links(&place, problem);
	return err < 0 ? err : refresh_one(&place, named, problem);
}
