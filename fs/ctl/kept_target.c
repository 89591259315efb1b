#include "kept_target.h"

#include "place.h"

static const char *const areas[] = {"drafts", "trash"};

void kept_target_release(struct kept_target *target)
{
	free(target->mount);
	free(target->resource);
	free(target->name);
	*target = (struct kept_target){.mount = NULL};
}

/* "contact/4.json", and nothing more. */
static bool is_pair(const char *text)
{
	const char *slash = strchr(text, '/');
	return slash && slash > text && slash[1] && !strchr(slash + 1, '/') && text[0] != '.';
}

/* The rest of a path behind a directory; NULL: it is not in there. */
static const char *behind(const char *path, const char *directory)
{
	size_t len = strlen(directory);
	return strncmp(path, directory, len) == 0 && path[len] == '/' ? path + len + 1 : NULL;
}

/* The pair in ".clevertimfs/drafts/contact/4.json"; NULL: this is no kept text's path. */
static const char *pair_of(const char *path, const char **ret_area)
{
	const char *rest = behind(path, ".clevertimfs");
	for (size_t i = 0; rest && i < array_size(areas); i++) {
		const char *pair = behind(rest, areas[i]);
		if (!pair || !is_pair(pair))
			continue;
		*ret_area = areas[i];
		return pair;
	}
	return NULL;
}

static int set_target(struct place *place, const char *pair, const char *area,
	struct kept_target *ret_target, struct problem *problem)
{
	size_t len = strcspn(pair, "/");
	struct kept_target target = {
		.area = area, .resource = strndup(pair, len), .name = strdup(pair + len + 1)};
	if (!target.resource || !target.name) {
		kept_target_release(&target);
		return problem_set(problem, -ENOMEM, "not enough memory");
	}
	target.mount = steal(place->mount);
	*ret_target = target;
	return 0;
}

int kept_target_parse(const char *what, const char *mount_text, struct kept_target *ret_target,
	struct problem *problem)
{
	auto_place struct place here = {.mount = NULL}, meant = {.mount = NULL};
	const char *area = NULL, *pair = NULL;
	bool is_here = place_find(what, &here, problem) == 0;

	if (is_here)
		pair = pair_of(here.path, &area);
	if (pair)
		return set_target(&here, pair, area, ret_target, problem);
	if (is_pair(what)) {
		int err = place_find(mount_text, &meant, problem);
		return err < 0 ? err : set_target(&meant, what, NULL, ret_target, problem);
	}
	if (is_here && is_pair(here.path))
		return set_target(&here, here.path, NULL, ret_target, problem);
	return problem_set(problem, -ENOENT,
		"'%s' is neither RESOURCE/NAME nor the path of a draft or of trash", what);
}

size_t kept_file_name_len(const char *draft)
{
	size_t len = strlen(draft), at = len;
	if (len < 4 || draft[len - 1] != '~')
		return len;
	at--;
	while (at > 0 && draft[at - 1] >= '0' && draft[at - 1] <= '9')
		at--;
	bool is_older = at < len - 1 && at > 2 && draft[at - 1] == '~' && draft[at - 2] == '.';
	return is_older ? at - 2 : len;
}
