#include "journal_room.h"
#include "journal_disk.h"

#include <stdio.h>

/* Is handed each text of an area in turn, with the directory it is in; below 0 ends the round. */
typedef int visit_text(int dir, const char *resource, const struct journal_item *text, void *arg);

static int visit_resource(int area, const char *resource, visit_text *visit, void *arg)
{
	auto_fd int dir = -1;
	auto_list struct disk_list texts = {0};
	int err = disk_open_dir(area, resource, &dir);
	if (err < 0)
		return err == -ENOENT ? 0 : err;
	err = disk_read_dir(dir, S_IFREG, &texts);
	for (size_t i = 0; err == 0 && i < texts.count; i++)
		err = visit(dir, resource, &texts.items[i], arg);
	return err;
}

static int visit_all(int area, visit_text *visit, void *arg)
{
	auto_list struct disk_list resources = {0};
	int err = disk_read_dir(area, S_IFDIR, &resources);
	for (size_t i = 0; err == 0 && i < resources.count; i++)
		err = visit_resource(area, resources.items[i].name, visit, arg);
	return err;
}

static int count_text(int dir, const char *resource, const struct journal_item *text, void *arg)
{
	struct room_count *count = arg;
	count->texts++;
	count->bytes += text->size;
	return 0;
}

int room_count(int area, struct room_count *ret_count)
{
	struct room_count count = {0};
	int err = visit_all(area, count_text, &count);
	if (err == 0)
		*ret_count = count;
	return err;
}

/* What may be evicted; an item's name is "resource/name". */
struct candidates {
	struct disk_list list;
	uint64_t bytes;
	const char *spare_resource, *spare_name;
};

static int add_candidate(int dir, const char *resource, const struct journal_item *text, void *arg)
{
	struct candidates *candidates = arg;
	if (candidates->spare_name && strcmp(resource, candidates->spare_resource) == 0 &&
		strcmp(text->name, candidates->spare_name) == 0)
		return 0;
	auto_free char *name = NULL;
	if (asprintf(&name, "%s/%s", resource, text->name) < 0) {
		name = NULL;
		return -ENOMEM;
	}
	candidates->bytes += text->size;
	return disk_list_add(&candidates->list, name, text->size, text->mtime);
}

static int compare_age(const void *a, const void *b)
{
	const struct journal_item *left = a, *right = b;
	if (left->mtime.tv_sec != right->mtime.tv_sec)
		return left->mtime.tv_sec < right->mtime.tv_sec ? -1 : 1;
	if (left->mtime.tv_nsec != right->mtime.tv_nsec)
		return left->mtime.tv_nsec < right->mtime.tv_nsec ? -1 : 1;
	return strcmp(left->name, right->name);
}

static int remove_candidate(int area, char *name)
{
	auto_fd int dir = -1;
	const char *resource = strsep(&name, "/");
	int err = disk_open_dir(area, resource, &dir);
	if (err == 0)
		err = disk_remove(dir, name);
	/* Another process may have been here first; the room is there all the same. */
	return err == -ENOENT ? 0 : err;
}

/* A text frees whole blocks. */
static int remove_oldest(int area, struct disk_list *list, uint64_t bytes, uint64_t block_bytes)
{
	uint64_t freed = 0;
	if (list->count > 0)
		qsort(list->items, list->count, sizeof *list->items, compare_age);
	for (size_t i = 0; i < list->count && freed < bytes; i++) {
		int err = remove_candidate(area, list->items[i].name);
		if (err < 0)
			return err;
		freed += (list->items[i].size + block_bytes - 1) / block_bytes * block_bytes;
	}
	return 0;
}

int room_evict(int area, uint64_t bytes, const char *spare_resource, const char *spare_name)
{
	struct candidates candidates = {
		.spare_resource = spare_resource,
		.spare_name = spare_name,
	};
	int err = visit_all(area, add_candidate, &candidates);
	if (err == 0 && candidates.bytes < bytes)
		err = -ENOSPC;
	if (err == 0)
		err = remove_oldest(area, &candidates.list, bytes, 1);
	disk_list_release(&candidates.list);
	return err;
}

void room_shrink(int area, uint64_t bytes, uint64_t block_bytes)
{
	struct candidates candidates = {.bytes = 0};
	if (visit_all(area, add_candidate, &candidates) == 0)
		remove_oldest(area, &candidates.list, bytes, block_bytes);
	disk_list_release(&candidates.list);
}

static int drop_if_older(int dir, const char *resource, const struct journal_item *text, void *arg)
{
	const time_t *before = arg;
	if (text->mtime.tv_sec < *before)
		unlinkat(dir, text->name, 0);
	return 0;
}

void room_drop_older(int area, time_t before)
{
	visit_all(area, drop_if_older, &before);
}
