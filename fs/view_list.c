/* What the directories of by-name/, related/ and export/ list. */
#include "view.h"

#include <stdio.h>
#include <sys/stat.h>

/* A moment's names: labels, or slots, or else names as such. */
struct view_list {
	struct view_key dir;
	struct snapshot *labels;
	struct slot **slots;
	struct collection **sources; /* of the names of resources */
	size_t count;
};

void view_list_close(struct view_list *list)
{
	if (!list)
		return;
	snapshot_unref(list->labels);
	free(list->slots);
	free(list->sources);
	free(list);
}

size_t view_list_size(const struct view_list *list)
{
	/* Two files for each collection. */
	return list->dir.kind == VIEW_EXPORT ? 2 * list->count : list->count;
}

/* ---- by-name, export ---- */

static int list_collections(struct fs *fs, struct view_list *list)
{
	size_t count;
	struct collection *const *collections = store_collections(fs->store, &count);

	list->sources = calloc(count + 1, sizeof(struct collection *));
	for (size_t i = 0; list->sources && i < count; i++) {
		bool is_offered = !store_is_absent(collections[i]);
		for (size_t j = 0; list->dir.kind == VIEW_RELATED && is_offered; j++) {
			if (j == count)
				is_offered = false;
			else if (view_can_point(collections[j], collections[i]))
				break;
		}
		if (is_offered)
			list->sources[list->count++] = collections[i];
	}
	return list->sources ? 0 : -ENOMEM;
}

static int list_names(struct fs *fs, struct view_list *list, const struct view_wait *wait)
{
	int err = view_want(fs, list->dir.collection, CATALOG_LABELS, wait, &list->labels);
	if (err == 0)
		list->count = catalog_index(list->labels)->count;
	return err;
}

/* ---- related ---- */

/* Those who can point at a collection, and what is known of whom they point at. */
struct sources {
	size_t count;
	struct source {
		struct collection *collection;
		struct snapshot *links; /* NULL: it cannot be read now */
	} * items;
};

static void sources_release(struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		snapshot_unref(sources->items[i].links);
	free(sources->items);
}

/* One that has just failed is not asked again for each directory that a program walks. */
static int want_links(struct fs *fs, struct collection *source, const struct view_wait *wait,
	struct snapshot **ret_links)
{
	int err = sync_listing_failure(source);
	return err < 0 ? err : view_want(fs, source, CATALOG_LINKS, wait, ret_links);
}

static int find_sources(struct fs *fs, const struct collection *target, struct sources *ret_sources)
{
	size_t count;
	struct collection *const *collections = store_collections(fs->store, &count);
	*ret_sources = (struct sources){.items = calloc(count + 1, sizeof(struct source))};
	for (size_t i = 0; ret_sources->items && i < count; i++) {
		if (view_can_point(collections[i], target))
			ret_sources->items[ret_sources->count++].collection = collections[i];
	}
	return ret_sources->items ? 0 : -ENOMEM;
}

/*
 * Asks for all of them at once. One that cannot be read, as where the account may not, does not
 * keep the others from being seen: who enters its directory gets the error. Where none can be read,
 * that is the error.
 */
static int read_sources(struct fs *fs, struct sources *sources, const struct view_wait *wait)
{
	int first_err = 0;
	bool any = false;

	for (size_t i = 0; wait && i < sources->count; i++) {
		struct collection *source = sources->items[i].collection;
		if (sync_listing_failure(source) == 0)
			sync_listing_start(fs->sync, source);
	}
	for (size_t i = 0; i < sources->count; i++) {
		struct source *source = &sources->items[i];
		int err = want_links(fs, source->collection, wait, &source->links);
		if (err == -EINTR || err == -ENOMEM || (err == -EAGAIN && !wait))
			return err;
		any = any || err == 0;
		first_err = first_err ? first_err : err;
	}
	return any ? 0 : first_err;
}

static bool may_point(const struct source *source, const struct slot *target)
{
	return !source->links || links_any(catalog_index(source->links), target);
}

/* The records of a collection that something points at, or may point at. */
static int list_targets(struct view_list *list, const struct sources *sources)
{
	struct listing *listing = store_listing(list->dir.collection);
	if (!listing)
		return -ENOMEM;
	list->slots = calloc(listing->count + 1, sizeof(struct slot *));
	for (size_t i = 0; list->slots && i < listing->count; i++) {
		bool any = false;
		for (size_t j = 0; !any && j < sources->count; j++)
			any = may_point(&sources->items[j], listing->slots[i]);
		if (any)
			list->slots[list->count++] = listing->slots[i];
	}
	listing_unref(listing);
	return list->slots ? 0 : -ENOMEM;
}

/* The resources of which something points at a record, and those that cannot be read. */
static int list_relations(struct view_list *list, const struct sources *sources)
{
	list->sources = calloc(sources->count + 1, sizeof(struct collection *));
	for (size_t i = 0; list->sources && i < sources->count; i++) {
		if (may_point(&sources->items[i], list->dir.slot))
			list->sources[list->count++] = sources->items[i].collection;
	}
	return list->sources ? 0 : -ENOMEM;
}

static int list_related(struct fs *fs, struct view_list *list, struct collection *target,
	const struct view_wait *wait)
{
	struct sources sources cleanup(sources_release);
	int err = find_sources(fs, target, &sources);
	if (err == 0 && list->dir.kind == VIEW_TARGETS)
		err = view_want_listing(fs, target, wait);
	if (err == 0)
		err = read_sources(fs, &sources, wait);
	if (err < 0)
		return err;
	return list->dir.kind == VIEW_TARGETS ? list_targets(list, &sources)
					      : list_relations(list, &sources);
}

static int add_source(struct view_list *list, size_t *capacity, struct slot *source)
{
	if (list->count == *capacity) {
		size_t more = *capacity * 2 + 16;
		struct slot **slots = realloc(list->slots, more * sizeof(struct slot *));
		if (!slots)
			return -ENOMEM;
		list->slots = slots;
		*capacity = more;
	}
	list->slots[list->count++] = source;
	return 0;
}

static int list_sources(struct fs *fs, struct view_list *list, const struct view_wait *wait)
{
	struct snapshot *links;
	struct slot *source;
	size_t capacity = 0;
	int err = want_links(fs, list->dir.collection, wait, &links);
	if (err < 0)
		return err;
	for (size_t place = 0;
		err == 0 && links_next(catalog_index(links), list->dir.slot, &place, &source);)
		err = add_source(list, &capacity, source);
	snapshot_unref(links);
	return err;
}

/* ---- all of them ---- */

static int fill(struct fs *fs, struct view_list *list, const struct view_wait *wait)
{
	switch (list->dir.kind) {
	case VIEW_BY_NAME:
	case VIEW_RELATED:
	case VIEW_EXPORT:
		return list_collections(fs, list);
	case VIEW_NAMES:
		return list_names(fs, list, wait);
	case VIEW_TARGETS:
		return list_related(fs, list, list->dir.collection, wait);
	case VIEW_RELATIONS:
		return list_related(fs, list, list->dir.slot->collection, wait);
	case VIEW_SOURCES:
		return list_sources(fs, list, wait);
	default:
		return -ENOTDIR;
	}
}

/* What walks over as many records as there are is for who may wait. */
static bool is_long(enum view_kind kind)
{
	return kind == VIEW_TARGETS || kind == VIEW_RELATIONS || kind == VIEW_SOURCES;
}

int view_list_open(
	struct fs *fs, struct node *dir, const struct view_wait *wait, struct view_list **ret_list)
{
	if (!wait && is_long(dir->own->view_item->key.kind))
		return -EAGAIN;
	struct view_list *list = calloc(1, sizeof *list);
	if (!list)
		return -ENOMEM;
	list->dir = dir->own->view_item->key;
	int err = fill(fs, list, wait);
	if (err < 0)
		view_list_close(list);
	else
		*ret_list = list;
	return err;
}

static void fill_slot(struct fs *fs, struct slot *slot, struct view_entry *entry, bool is_dir)
{
	const struct view_key key = {
		.kind = is_dir ? VIEW_RELATIONS : VIEW_SOURCE_LINK, .slot = slot};
	if (!view_shows(fs, slot, entry->name)) {
		entry->name[0] = '\0';
		return;
	}
	if (is_dir)
		*strrchr(entry->name, '.') = '\0';
	entry->ino = view_ino(fs, &key);
	entry->type = is_dir ? S_IFDIR : S_IFLNK;
}

static void fill_label(
	struct fs *fs, const struct view_list *list, size_t place, struct view_entry *entry)
{
	struct view_key key = {.kind = VIEW_NAME_LINK};
	char own_name[NAME_SIZE];
	if (!labels_name(catalog_index(list->labels), place, entry->name, &key.slot) ||
		!view_shows(fs, key.slot, own_name)) {
		entry->name[0] = '\0';
		return;
	}
	entry->ino = view_ino(fs, &key);
	entry->type = S_IFLNK;
}

static enum view_kind kind_below(enum view_kind dir, bool is_odd)
{
	switch (dir) {
	case VIEW_BY_NAME:
		return VIEW_NAMES;
	case VIEW_RELATED:
		return VIEW_TARGETS;
	case VIEW_EXPORT:
		return is_odd ? VIEW_NDJSON : VIEW_CSV;
	default:
		return VIEW_SOURCES;
	}
}

void view_list_get(
	struct fs *fs, const struct view_list *list, size_t place, struct view_entry *ret_entry)
{
	bool is_export = list->dir.kind == VIEW_EXPORT;
	const char *ending = !is_export ? "" : place % 2 ? ".ndjson" : ".csv";

	if (list->labels) {
		fill_label(fs, list, place, ret_entry);
	} else if (list->slots) {
		fill_slot(fs, list->slots[place], ret_entry, list->dir.kind == VIEW_TARGETS);
	} else {
		struct collection *collection = list->sources[is_export ? place / 2 : place];
		const struct view_key key = {
			.kind = kind_below(list->dir.kind, place % 2),
			.collection = collection,
			.slot = list->dir.slot,
		};
		ret_entry->ino = view_ino(fs, &key);
		ret_entry->type = is_export ? S_IFREG : S_IFDIR;
		snprintf(ret_entry->name, sizeof ret_entry->name, "%s%s",
			collection_name(collection), ending);
	}
}
