#include "store_private.h"

#include "clock.h"
#include "problem.h"

static struct collection *collection_create(
	struct store *store, const char *name, bool is_asked_for)
{
	char *own_name = strdup(name);
	struct collection *collection = calloc(1, sizeof *collection);
	if (!own_name || !collection) {
		free(own_name);
		free(collection);
		return NULL;
	}
	const struct resource *resource = resource_find(name);
	struct collection fixed = {
		.store = store,
		.name = own_name,
		.resource = resource ? resource : resource_default(),
		.may_lack = resource && (resource->flags & RESOURCE_MAY_LACK) && !is_asked_for,
		.changed_at = clock_now(),
	};
	memcpy(collection, &fixed, sizeof fixed);
	return collection;
}

static void collection_destroy(struct collection *collection)
{
	if (!collection)
		return;
	for (size_t i = 0; i < collection->order_count; i++)
		record_unref(collection->order[i]->record);
	if (collection->listing)
		listing_unref(collection->listing);
	collection_free_slots(collection);
	free((char *)collection->name);
	free(collection);
}

static int add_collection(struct store *store, const char *name, bool is_asked_for)
{
	struct collection **more =
		realloc(store->collections, (store->count + 1) * sizeof(struct collection *));
	if (!more)
		return -ENOMEM;
	store->collections = more;
	store->collections[store->count] = collection_create(store, name, is_asked_for);
	if (!store->collections[store->count])
		return -ENOMEM;
	store->count++;
	return 0;
}

static int add_collections(struct store *store, const char *const *names)
{
	size_t count;
	const struct resource *table = resource_table(&count);
	int err = 0;

	if (names) {
		for (; *names && err == 0; names++)
			err = store_collection(store, *names) ? 0
							      : add_collection(store, *names, true);
		return err;
	}
	for (size_t i = 0; i < count && err == 0; i++)
		err = add_collection(store, table[i].name, false);
	return err;
}

struct store *store_create(const struct store_config *config)
{
	struct store *store = calloc(1, sizeof *store);
	if (!store)
		return NULL;
	struct store fixed = {
		.ttl_ms = config->ttl_ms,
		.max_bytes = config->max_bytes,
		.observer = config->observer,
		.next_ino = config->first_ino,
		.seq = 1,
	};
	memcpy(store, &fixed, sizeof fixed);
	pthread_mutex_init(&store->lock, NULL);
	if (add_collections(store, config->resources) < 0) {
		store_destroy(store);
		return NULL;
	}
	return store;
}

void store_destroy(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->count; i++)
		collection_destroy(store->collections[i]);
	store_free_blocks(store);
	free(store->collections);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

struct collection *const *store_collections(const struct store *store, size_t *ret_count)
{
	*ret_count = store->count;
	return store->collections;
}

struct collection *store_collection(const struct store *store, const char *name)
{
	for (size_t i = 0; i < store->count; i++) {
		if (strcmp(store->collections[i]->name, name) == 0)
			return store->collections[i];
	}
	return NULL;
}

const char *collection_name(const struct collection *collection)
{
	return collection->name;
}

const struct resource *collection_resource(const struct collection *collection)
{
	return collection->resource;
}

/* ---- versions ---- */

bool slot_replace_locked(struct slot *slot, struct record *record, struct record **ret_old)
{
	struct collection *collection = slot->collection;
	struct record *old = slot->record;

	*ret_old = NULL;
	if (record_same(old, record))
		return false;
	collection->bytes += record ? record->len : 0;
	collection->bytes -= old ? old->len : 0;
	collection->store->held_bytes += record ? record->len + RECORD_COST_BYTES : 0;
	collection->store->held_bytes -= old ? old->len + RECORD_COST_BYTES : 0;
	if (!old != !record) {
		collection->records += record ? 1 : (size_t)-1;
		collection_touch_locked(collection);
	}
	bool is_dated = !record || record->mtime_sec != RECORD_NO_TIME;
	slot->first_seen_ns = is_dated ? 0 : store_now_ns();
	slot->record = record ? record_ref(record) : NULL;
	atomic_store(&slot->is_untold, true);
	slot->is_deleted_here = slot->is_deleted_here && !record;
	*ret_old = old;
	return true;
}

void collection_touch_locked(struct collection *collection)
{
	struct listing *stale = steal(collection->listing);
	collection->changed_at = clock_now();
	if (stale)
		listing_unref(stale);
}

void store_notify_changed(struct store *store, struct slot *slot)
{
	if (store->observer.changed)
		store->observer.changed(store->observer.arg, slot);
}

void store_notify_listing(struct collection *collection)
{
	const struct store_observer *observer = &collection->store->observer;
	if (observer->listing_changed)
		observer->listing_changed(observer->arg, collection);
}

struct slot *store_find(struct collection *collection, const char *id, size_t id_len)
{
	pthread_mutex_lock(&collection->store->lock);
	struct slot *slot = collection_find_locked(collection, id, id_len);
	pthread_mutex_unlock(&collection->store->lock);
	return slot;
}

struct record *store_take(struct slot *slot)
{
	struct store *store = slot->collection->store;
	pthread_mutex_lock(&store->lock);
	struct record *record = slot->record ? record_ref(slot->record) : NULL;
	pthread_mutex_unlock(&store->lock);
	return record;
}

static void stat_of_locked(
	const struct slot *slot, const struct record *record, struct version_stat *ret_stat)
{
	bool dated = record->mtime_sec != RECORD_NO_TIME;
	ret_stat->size = record->file_size;
	ret_stat->mtime = dated ? (struct timespec){.tv_sec = record->mtime_sec,
					  .tv_nsec = record->mtime_nsec}
				: (struct timespec){.tv_sec = slot->first_seen_ns / NS_PER_S,
					  .tv_nsec = slot->first_seen_ns % NS_PER_S};
}

bool store_is_deleted_here(struct slot *slot)
{
	struct store *store = slot->collection->store;
	pthread_mutex_lock(&store->lock);
	bool is_deleted = slot->is_deleted_here;
	pthread_mutex_unlock(&store->lock);
	return is_deleted;
}

bool store_stat(struct slot *slot, struct version_stat *ret_stat)
{
	struct store *store = slot->collection->store;
	pthread_mutex_lock(&store->lock);
	bool is_there = slot->record != NULL;
	if (is_there)
		stat_of_locked(slot, slot->record, ret_stat);
	pthread_mutex_unlock(&store->lock);
	return is_there;
}

struct record *store_take_stat(struct slot *slot, struct version_stat *ret_stat)
{
	struct store *store = slot->collection->store;
	pthread_mutex_lock(&store->lock);
	struct record *record = slot->record ? record_ref(slot->record) : NULL;
	if (record)
		stat_of_locked(slot, record, ret_stat);
	pthread_mutex_unlock(&store->lock);
	return record;
}

uint64_t store_seq(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	uint64_t seq = store->seq;
	pthread_mutex_unlock(&store->lock);
	return seq;
}

uint64_t store_next_ino(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	uint64_t ino = store->next_ino;
	pthread_mutex_unlock(&store->lock);
	return ino;
}

bool store_adopt(struct slot *slot)
{
	struct store *store = slot->collection->store;
	pthread_mutex_lock(&store->lock);
	bool adopts = slot->record && slot->changed_seq == 0;
	if (adopts)
		slot->changed_seq = ++store->seq;
	pthread_mutex_unlock(&store->lock);
	return adopts;
}

int store_publish(struct collection *collection, const char *id, size_t id_len,
	struct record *record, uint64_t seq, bool is_own, struct slot **ret_slot)
{
	struct store *store = collection->store;
	auto_record struct record *old = NULL;
	bool changed = false, listing_changed = false;

	pthread_mutex_lock(&store->lock);
	struct slot *slot = collection_slot_locked(collection, id, id_len);
	if (slot && (is_own || slot->changed_seq <= seq)) {
		bool was_there = slot->record != NULL;
		changed = slot_replace_locked(slot, record, &old);
		listing_changed = was_there != (record != NULL);
		slot->checked_ms = clock_age_ms();
		if (is_own) {
			slot->changed_seq = ++store->seq;
			slot->is_deleted_here = !record;
		}
	}
	pthread_mutex_unlock(&store->lock);
	if (!slot)
		return -ENOMEM;

	if (changed)
		store_notify_changed(store, slot);
	if (listing_changed)
		store_notify_listing(collection);
	*ret_slot = slot;
	return 0;
}

/* ---- listings ---- */

static struct listing *make_listing_locked(struct collection *collection)
{
	struct listing *listing =
		malloc(sizeof *listing + collection->records * sizeof(struct slot *));
	if (!listing)
		return NULL;
	atomic_init(&listing->refs, 1);
	listing->count = 0;
	for (size_t i = 0; i < collection->order_count; i++) {
		if (collection->order[i]->record)
			listing->slots[listing->count++] = collection->order[i];
	}
	return listing;
}

static struct listing *listing_ref(struct listing *listing)
{
	atomic_fetch_add_explicit(&listing->refs, 1, memory_order_relaxed);
	return listing;
}

struct listing *store_listing(struct collection *collection)
{
	struct listing *listing = NULL;
	pthread_mutex_lock(&collection->store->lock);
	if (!collection->listing)
		collection->listing = make_listing_locked(collection);
	if (collection->listing)
		listing = listing_ref(collection->listing);
	pthread_mutex_unlock(&collection->store->lock);
	return listing;
}

void listing_unref(struct listing *listing)
{
	if (listing && atomic_fetch_sub_explicit(&listing->refs, 1, memory_order_acq_rel) == 1)
		free(listing);
}

size_t store_extent(struct collection *collection, bool *ret_is_whole)
{
	pthread_mutex_lock(&collection->store->lock);
	size_t extent = collection->listed ? collection->order_count : collection->arrived;
	*ret_is_whole = collection->listed;
	pthread_mutex_unlock(&collection->store->lock);
	return extent;
}

struct slot *store_next_record(struct collection *collection, size_t *place, size_t end)
{
	struct slot *found = NULL;
	while (!found && *place < end) {
		pthread_mutex_lock(&collection->store->lock);
		size_t batch_end = min_size(*place + STORE_BATCH, end);
		while (*place < batch_end && !collection->order[*place]->record)
			++*place;
		if (*place < batch_end)
			found = collection->order[*place];
		pthread_mutex_unlock(&collection->store->lock);
	}
	return found;
}

struct timespec store_listing_mtime(struct collection *collection)
{
	pthread_mutex_lock(&collection->store->lock);
	struct timespec mtime = collection->changed_at;
	pthread_mutex_unlock(&collection->store->lock);
	return mtime;
}

struct listing_mark store_listing_mark(struct collection *collection)
{
	pthread_mutex_lock(&collection->store->lock);
	struct listing_mark mark = {
		.changed_at = collection->changed_at,
		.listed_ms = collection->listed ? collection->listed_ms : 0,
	};
	pthread_mutex_unlock(&collection->store->lock);
	return mark;
}

bool store_set_absent(struct collection *collection)
{
	pthread_mutex_lock(&collection->store->lock);
	bool changed = !collection->absent;
	collection->absent = true;
	collection->listed = collection->may_lack;
	collection->listed_ms = clock_age_ms();
	collection->etag[0] = '\0';
	pthread_mutex_unlock(&collection->store->lock);
	if (changed)
		store_notify_listing(collection);
	return collection->may_lack;
}

bool store_is_absent(struct collection *collection)
{
	pthread_mutex_lock(&collection->store->lock);
	bool absent = collection->absent;
	pthread_mutex_unlock(&collection->store->lock);
	return absent;
}

void store_etag(struct collection *collection, char ret_etag[128])
{
	pthread_mutex_lock(&collection->store->lock);
	memcpy(ret_etag, collection->etag, sizeof collection->etag);
	pthread_mutex_unlock(&collection->store->lock);
}

void store_get_stats(struct collection *collection, struct collection_stats *ret_stats)
{
	pthread_mutex_lock(&collection->store->lock);
	*ret_stats = (struct collection_stats){
		.absent = collection->absent,
		.listed = collection->listed,
		.records = collection->records,
		.bytes = collection->bytes,
		.age_ms = collection->listed && collection->listed_ms > 0
				  ? clock_age_ms() - collection->listed_ms
				  : -1,
		.error = collection->outcome,
	};
	memcpy(ret_stats->error_message, collection->outcome_message,
		sizeof ret_stats->error_message);
	const struct loading *loading = collection->loading;
	if (loading) {
		ret_stats->is_loading = true;
		ret_stats->loading_records = loading->records;
		ret_stats->loading_bytes = loading->bytes;
		ret_stats->loading_ms = clock_age_ms() - loading->begun_ms;
	}
	pthread_mutex_unlock(&collection->store->lock);
}
