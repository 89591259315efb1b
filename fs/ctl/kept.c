#include "kept.h"

#include "control_file.h"
#include "file.h"
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#define REASON_SUFFIX ".error"
#define MAX_REASON_BYTES ((size_t)64 << 10)

static void free_text(struct kept_text *text)
{
	free(text->resource);
	free(text->name);
	free(text->reason);
}

void kept_release(struct kept *kept)
{
	for (size_t i = 0; i < kept->count; i++)
		free_text(&kept->items[i]);
	free(kept->items);
	*kept = (struct kept){.items = NULL};
}

/* ---- names in a directory ---- */

struct names {
	struct dirent **items; /* sorted */
	int count;
};

static void names_release(struct names *names)
{
	for (int i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
}
#define auto_names cleanup(names_release)

static int is_shown(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int names_read(const char *path, struct names *names)
{
	int count = scandir(path, &names->items, is_shown, by_name);
	if (count < 0)
		return -errno;
	names->count = count;
	return 0;
}

static bool names_have(const struct names *names, const char *name, size_t len)
{
	for (int i = 0; i < names->count; i++) {
		if (strncmp(names->items[i]->d_name, name, len) == 0 &&
			!names->items[i]->d_name[len])
			return true;
	}
	return false;
}

/* Whether a name is that of a reason: the text stands beside it. */
static bool is_reason(const struct names *names, const char *name)
{
	size_t len = strlen(name), suffix_len = strlen(REASON_SUFFIX);
	return len > suffix_len && strcmp(name + len - suffix_len, REASON_SUFFIX) == 0 &&
	       names_have(names, name, len - suffix_len);
}

/* ---- one text ---- */

static int read_reason(const char *text_path, char **ret_reason)
{
	auto_buf struct buf reason = BUF_INIT(MAX_REASON_BYTES);
	auto_free char *path = NULL;
	size_t len;
	if (asprintf(&path, "%s" REASON_SUFFIX, text_path) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (file_read(path, &reason) < 0)
		return 0;
	int err = buf_resize(&reason, strcspn(reason.data, "\n"));
	if (err == 0 && !(*ret_reason = buf_take(&reason, &len)))
		err = -ENOMEM;
	return err;
}

static int add_text(struct kept *kept, struct kept_text *text)
{
	struct kept_text *items = realloc(kept->items, (kept->count + 1) * sizeof *items);
	if (!items)
		return -ENOMEM;
	kept->items = items;
	items[kept->count++] = *text;
	*text = (struct kept_text){.name = NULL};
	return 0;
}

/* directory/name; one that is gone is no error. */
static int take_text(
	struct kept *kept, const char *directory, const char *resource, const char *name)
{
	struct kept_text text cleanup(free_text) = {
		.resource = strdup(resource), .name = strdup(name)};
	auto_free char *path = NULL;
	struct stat facts;
	if (asprintf(&path, "%s/%s", directory, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (!text.resource || !text.name)
		return -ENOMEM;
	if (stat(path, &facts) < 0)
		return errno == ENOENT ? 0 : -errno;
	text.size = (uint64_t)facts.st_size;
	text.mtime = facts.st_mtim;
	int err = read_reason(path, &text.reason);
	return err < 0 ? err : add_text(kept, &text);
}

static int take_resource(struct kept *kept, const char *area_path, const char *resource)
{
	auto_names struct names names = {.items = NULL};
	auto_free char *path = NULL;
	if (asprintf(&path, "%s/%s", area_path, resource) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	int err = names_read(path, &names);
	for (int i = 0; i < names.count && err == 0; i++) {
		if (!is_reason(&names, names.items[i]->d_name))
			err = take_text(kept, path, resource, names.items[i]->d_name);
	}
	return err == -ENOENT ? 0 : err;
}

int kept_read(const char *mount, const char *area, struct kept *ret_kept, struct problem *problem)
{
	auto_kept struct kept kept = {.items = NULL};
	auto_names struct names resources = {.items = NULL};
	auto_free char *path = control_path(mount, area);
	int err = path ? names_read(path, &resources) : -ENOMEM;
	for (int i = 0; i < resources.count && err == 0; i++)
		err = take_resource(&kept, path, resources.items[i]->d_name);
	if (err < 0)
		return control_explain(mount, area, err, problem);
	*ret_kept = kept;
	kept = (struct kept){.items = NULL};
	return 0;
}
