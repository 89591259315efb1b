#include "catalog.h"

#include "clock.h"
#include <pthread.h>

/* More changes than this are not followed: it is made from all records again. */
#define MAX_CHANGES 65536

/* One thing that is made from one collection. */
struct part {
	pthread_mutex_t
		making; /* held by the one who makes it, and never where that may not wait */
	/* guarded by the catalog's lock */
	bool is_followed;
	struct snapshot *snapshot; /* NULL: to be made from all records */
	struct slot **changed;	   /* since the snapshot was begun, in no order */
	size_t count, capacity;
	bool is_void;		    /* what is being made cannot be brought up to date any more */
	struct timespec changed_at; /* the last time since it is followed, or 0 */
};

struct shelf {
	struct collection *collection;
	struct part parts[CATALOG_KINDS];
};

struct catalog {
	atomic_bool is_followed; /* anything in it is */
	size_t count;
	struct shelf *shelves;
	pthread_mutex_t lock;
};

struct catalog *catalog_create(const struct store *store)
{
	struct catalog *catalog = calloc(1, sizeof *catalog);
	if (!catalog)
		return NULL;
	struct collection *const *collections = store_collections(store, &catalog->count);
	catalog->shelves = calloc(catalog->count + 1, sizeof *catalog->shelves);
	if (!catalog->shelves) {
		free(catalog);
		return NULL;
	}
	pthread_mutex_init(&catalog->lock, NULL);
	for (size_t i = 0; i < catalog->count; i++) {
		catalog->shelves[i].collection = collections[i];
		for (int kind = 0; kind < CATALOG_KINDS; kind++)
			pthread_mutex_init(&catalog->shelves[i].parts[kind].making, NULL);
	}
	return catalog;
}

static void part_release(struct part *part)
{
	snapshot_unref(part->snapshot);
	free(part->changed);
	pthread_mutex_destroy(&part->making);
}

void catalog_destroy(struct catalog *catalog)
{
	if (!catalog)
		return;
	for (size_t i = 0; i < catalog->count; i++) {
		for (int kind = 0; kind < CATALOG_KINDS; kind++)
			part_release(&catalog->shelves[i].parts[kind]);
	}
	pthread_mutex_destroy(&catalog->lock);
	free(catalog->shelves);
	free(catalog);
}

static struct shelf *find_shelf(struct catalog *catalog, const struct collection *collection)
{
	struct shelf *shelf = catalog->shelves;
	while (shelf->collection != collection)
		shelf++;
	return shelf;
}

static bool is_file(enum catalog_kind kind)
{
	return kind == CATALOG_NDJSON || kind == CATALOG_CSV;
}

/* ---- changes ---- */

static bool make_room_locked(struct part *part)
{
	if (part->count < part->capacity)
		return true;
	size_t capacity = part->capacity ? part->capacity * 2 : 64;
	struct slot **changed = capacity > MAX_CHANGES
					? NULL
					: realloc(part->changed, capacity * sizeof(struct slot *));
	if (!changed)
		return false;
	part->changed = changed;
	part->capacity = capacity;
	return true;
}

/* It has to be made from all records. What is returned is to be let go of without the lock. */
static struct snapshot *give_up_locked(struct part *part)
{
	part->is_void = true;
	part->count = 0;
	return steal(part->snapshot);
}

/* A file is not followed record by record: it would keep the old ones in memory. */
static struct snapshot *note_locked(struct part *part, enum catalog_kind kind, struct slot *slot)
{
	if (!part->is_followed)
		return NULL;
	part->changed_at = clock_now();
	if (is_file(kind) || !make_room_locked(part))
		return give_up_locked(part);
	part->changed[part->count++] = slot;
	return NULL;
}

void catalog_note(struct catalog *catalog, struct slot *slot)
{
	struct snapshot *useless[CATALOG_KINDS];

	if (!atomic_load(&catalog->is_followed))
		return;
	struct shelf *shelf = find_shelf(catalog, slot->collection);
	pthread_mutex_lock(&catalog->lock);
	for (int kind = 0; kind < CATALOG_KINDS; kind++)
		useless[kind] = note_locked(&shelf->parts[kind], (enum catalog_kind)kind, slot);
	pthread_mutex_unlock(&catalog->lock);
	for (int kind = 0; kind < CATALOG_KINDS; kind++)
		snapshot_unref(useless[kind]);
}

/* ---- making ---- */

static void file_destroy(struct snapshot *snapshot)
{
	struct whole_file *file = (struct whole_file *)snapshot;
	export_unref(file->export);
	free(file);
}

static struct timespec date_of(const struct record *record)
{
	return (struct timespec){.tv_sec = record->mtime_sec, .tv_nsec = record->mtime_nsec};
}

/* The records as they are now, and when the newest of them was changed. */
static struct record **take_records(struct collection *collection, const struct listing *listing,
	size_t *ret_count, struct timespec *ret_newest)
{
	struct record **records = calloc(listing->count + 1, sizeof(struct record *));
	size_t count = 0;
	struct timespec newest = {0};

	for (size_t i = 0; records && i < listing->count; i++) {
		struct record *record = store_take(listing->slots[i]);
		if (!record)
			continue;
		if (record->mtime_sec != RECORD_NO_TIME)
			newest = clock_later(newest, date_of(record));
		records[count++] = record;
	}
	*ret_count = count;
	*ret_newest = newest.tv_sec ? newest : store_listing_mtime(collection);
	return records;
}

static int file_make(
	struct collection *collection, enum catalog_kind kind, struct snapshot **ret_snapshot)
{
	struct whole_file *file = calloc(1, sizeof *file);
	struct listing *listing = store_listing(collection);
	size_t count = 0;
	struct record **records =
		file && listing ? take_records(collection, listing, &count, &file->mtime) : NULL;
	int err = records ? export_create(kind == CATALOG_CSV ? EXPORT_CSV : EXPORT_NDJSON, records,
				    count, &file->export)
			  : -ENOMEM;
	for (size_t i = 0; records && i < count; i++)
		record_unref(records[i]);
	free(records);
	listing_unref(listing);
	if (err < 0) {
		free(file);
		return err;
	}
	snapshot_init(&file->head, file_destroy);
	*ret_snapshot = &file->head;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	uintptr_t left = (uintptr_t) * (struct slot *const *)a;
	uintptr_t right = (uintptr_t) * (struct slot *const *)b;
	return (left > right) - (left < right);
}

static int index_kind_make(struct collection *collection, const struct index_kind *kind,
	const struct snapshot *old, struct changed_slots *changed, struct snapshot **ret_snapshot)
{
	struct index *index;
	size_t count = 0;

	if (changed->count > 0)
		qsort(changed->slots, changed->count, sizeof(struct slot *), by_address);
	for (size_t i = 0; i < changed->count; i++) {
		if (count == 0 || changed->slots[i] != changed->slots[count - 1])
			changed->slots[count++] = changed->slots[i];
	}
	changed->count = count;
	int err = index_make(kind, collection, old ? catalog_index(old) : NULL, changed, &index);
	if (err == 0)
		*ret_snapshot = &index->head;
	return err;
}

static int make(struct collection *collection, enum catalog_kind kind, const struct snapshot *old,
	struct changed_slots *changed, struct snapshot **ret_snapshot)
{
	if (is_file(kind))
		return file_make(collection, kind, ret_snapshot);
	return index_kind_make(collection, kind == CATALOG_LABELS ? &labels_kind : &links_kind, old,
		changed, ret_snapshot);
}

/* ---- asking ---- */

static struct snapshot *ready_locked(const struct part *part)
{
	return part->snapshot && part->count == 0 ? snapshot_ref(part->snapshot) : NULL;
}

struct snapshot *catalog_ready(
	struct catalog *catalog, struct collection *collection, enum catalog_kind kind)
{
	struct shelf *shelf = find_shelf(catalog, collection);
	pthread_mutex_lock(&catalog->lock);
	struct snapshot *snapshot = ready_locked(&shelf->parts[kind]);
	pthread_mutex_unlock(&catalog->lock);
	return snapshot;
}

struct timespec catalog_changed_at(struct catalog *catalog, struct collection *collection)
{
	const struct shelf *shelf = find_shelf(catalog, collection);
	struct timespec latest = {0};
	pthread_mutex_lock(&catalog->lock);
	for (int kind = 0; kind < CATALOG_KINDS; kind++)
		latest = clock_later(latest, shelf->parts[kind].changed_at);
	pthread_mutex_unlock(&catalog->lock);
	return latest;
}

/* From here on each change is noted: those that what is made now may have missed stay noted. */
static struct timespec begin_making(struct catalog *catalog, struct part *part,
	struct snapshot **ret_old, struct changed_slots *ret_changed)
{
	pthread_mutex_lock(&catalog->lock);
	atomic_store(&catalog->is_followed, true);
	part->is_followed = true;
	part->is_void = false;
	*ret_old = part->snapshot ? snapshot_ref(part->snapshot) : NULL;
	ret_changed->slots = steal(part->changed);
	ret_changed->count = part->count;
	part->count = part->capacity = 0;
	struct timespec changed_at = part->changed_at;
	pthread_mutex_unlock(&catalog->lock);
	return changed_at;
}

static void end_making(struct catalog *catalog, struct part *part, struct snapshot *made)
{
	pthread_mutex_lock(&catalog->lock);
	struct snapshot *old = steal(part->snapshot);
	if (made && !part->is_void)
		part->snapshot = snapshot_ref(made);
	pthread_mutex_unlock(&catalog->lock);
	snapshot_unref(old);
}

static int make_part(struct catalog *catalog, struct shelf *shelf, enum catalog_kind kind,
	struct snapshot **ret_snapshot)
{
	struct part *part = &shelf->parts[kind];
	struct snapshot *old, *made = NULL;
	struct changed_slots changed;

	struct timespec changed_at = begin_making(catalog, part, &old, &changed);
	int err = make(shelf->collection, kind, old, &changed, &made);
	/* A date that the server has given may be of the future. */
	if (err == 0 && is_file(kind) && changed_at.tv_sec > 0)
		((struct whole_file *)made)->mtime = changed_at;
	end_making(catalog, part, made);
	snapshot_unref(old);
	free(changed.slots);
	if (err == 0)
		*ret_snapshot = made;
	return err;
}

int catalog_make(struct catalog *catalog, struct collection *collection, enum catalog_kind kind,
	struct snapshot **ret_snapshot)
{
	struct shelf *shelf = find_shelf(catalog, collection);
	struct part *part = &shelf->parts[kind];

	pthread_mutex_lock(&part->making);
	struct snapshot *ready = catalog_ready(catalog, collection, kind);
	int err = ready ? 0 : make_part(catalog, shelf, kind, &ready);
	pthread_mutex_unlock(&part->making);
	if (err == 0)
		*ret_snapshot = ready;
	return err;
}
