#include "place.h"

#include "buf.h"
#include "config_path.h"
#include "mounts.h"
#include <limits.h>
#include <unistd.h>

#define MAX_LINKS 40
#define MAX_PATH_BYTES ((size_t)64 << 10)

void place_release(struct place *place)
{
	free(place->mount);
	free(place->path);
	*place = (struct place){.mount = NULL};
}

void place_normalise(char *path)
{
	char *to = path; /* behind what stays, which begins with a slash or is empty */
	for (const char *at = path; *at;) {
		size_t slashes = strspn(at, "/"), len = strcspn(at + slashes, "/");
		const char *name = at + slashes;
		at = name + len;
		if (len == 0 || (len == 1 && name[0] == '.'))
			continue;
		if (len == 2 && name[0] == '.' && name[1] == '.') {
			while (to > path && *--to != '/')
				continue;
			continue;
		}
		*to++ = '/';
		memmove(to, name, len);
		to += len;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

/* A path on the way to a mount. */
struct way {
	const struct mounts *mounts;
	char *path;		   /* absolute and plain */
	size_t done;		   /* of it, without links */
	const struct mount *found; /* the mount that `done` ends at */
};

/* Puts a link's target in the place of the name that ends at `end`. */
static int follow(struct way *way, const char *target, size_t end)
{
	auto_buf struct buf path = BUF_INIT(MAX_PATH_BYTES);
	size_t len;
	int err = target[0] == '/' ? 0 : buf_add(&path, way->path, way->done);
	if (err == 0)
		err = buf_addf(&path, "/%s%s", target, way->path + end);
	char *joined = err == 0 ? buf_take(&path, &len) : NULL;
	if (!joined)
		return err < 0 ? err : -ENOMEM;
	place_normalise(joined);
	free(way->path);
	way->path = joined;
	way->done = 0;
	return 0;
}

/* Looks at the next name. *ret_link tells that it was a link. */
static int step(struct way *way, bool *ret_link)
{
	char target[PATH_MAX];
	size_t end = way->done + 1 + strcspn(way->path + way->done + 1, "/");
	char next = way->path[end];

	*ret_link = false;
	way->path[end] = '\0';
	way->found = mounts_at(way->mounts, way->path);
	ssize_t n = way->found ? -1 : readlink(way->path, target, sizeof target - 1);
	way->path[end] = next;
	if (n < 0) {
		way->done = end;
		return 0;
	}
	target[n] = '\0';
	*ret_link = true;
	return follow(way, target, end);
}

/* Goes along until it stands at a mount, or at the end. */
static int walk(struct way *way)
{
	int links = 0;
	bool is_link;
	while (!way->found && way->path[way->done] && way->path[way->done + 1]) {
		int err = step(way, &is_link);
		links += is_link;
		if (err < 0 || links > MAX_LINKS)
			return err < 0 ? err : -ELOOP;
	}
	return 0;
}

static int set_place(const struct mount *mount, const char *path, struct place *ret_place)
{
	struct place place = {.mount = strdup(mount->point), .path = strdup(path)};
	if (!place.mount || !place.path) {
		place_release(&place);
		return -ENOMEM;
	}
	*ret_place = place;
	return 0;
}

/* 1: found; 0: the path is in no mount. */
static int find_path(const struct mounts *mounts, const char *text, struct place *ret_place)
{
	struct way way = {.mounts = mounts};
	int err = config_path_absolute(text, &way.path);
	if (err == 0) {
		place_normalise(way.path);
		err = walk(&way);
	}
	if (err == 0 && way.found) {
		const char *rest = way.path + way.done;
		err = set_place(way.found, rest + strspn(rest, "/"), ret_place);
		err = err < 0 ? err : 1;
	}
	free(way.path);
	return err;
}

static int say_which(const struct mounts *mounts, struct problem *problem)
{
	auto_buf struct buf list = BUF_INIT(sizeof problem->message);
	int err = 0;
	for (size_t i = 0; i < mounts->count && err == 0; i++) {
		if (mounts->items[i].owner == getuid())
			err = buf_addf(
				&list, "%s%s", list.len > 0 ? ", " : "", mounts->items[i].point);
	}
	return problem_set(problem, -ENOTUNIQ, "several are mounted, say which one: %s%s",
		list.data, err < 0 ? ", ..." : "");
}

static int find_only(const struct mounts *mounts, struct place *ret_place, struct problem *problem)
{
	size_t count;
	const struct mount *only = mounts_only(mounts, getuid(), &count);
	if (count > 1)
		return say_which(mounts, problem);
	if (!only)
		return problem_set(problem, -ENOENT,
			"you have no CRM mounted: mount one with clevertimfs, or say which one");
	return set_place(only, "", ret_place);
}

static int find_any(const struct mounts *mounts, struct place *ret_place, struct problem *problem)
{
	int found = find_path(mounts, ".", ret_place);
	if (found <= 0)
		return find_only(mounts, ret_place, problem);
	ret_place->path[0] = '\0';
	return 0;
}

int place_find(const char *text, struct place *ret_place, struct problem *problem)
{
	auto_mounts struct mounts mounts = {.items = NULL};
	int err = mounts_read(&mounts, problem);
	if (err < 0)
		return err;
	if (!text)
		return find_any(&mounts, ret_place, problem);
	int found = find_path(&mounts, text, ret_place);
	if (found > 0)
		return 0;
	return problem_set(problem, found < 0 ? found : -ENOENT,
		found == -ENOMEM ? "not enough memory" : "'%s' is not in a mounted CRM", text);
}
