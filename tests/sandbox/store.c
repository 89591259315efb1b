#include "store.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { SMALLEST_TABLE = 64 };

/*
 * slots hold the records in the order of creation, NULL where one was removed. The index is an
 * open hash table of slot numbers plus one; what leads to an empty slot is a tombstone.
 */
struct table {
	struct record **slots;
	uint32_t *index; /* twice as many as slots, a power of two */
	size_t capacity; /* of slots; a power of two, or 0 */
	size_t used;	 /* slots taken, tombstones too */
	size_t count;	 /* records */
	size_t bytes;
	uint64_t version;
};

struct store {
	pthread_mutex_t lock; /* guards everything below */
	struct table tables[ENDPOINTS];
	uint64_t last_ids[ID_SPACES];
	uint64_t changes;
};

void record_unref(struct record *record)
{
	if (record && atomic_fetch_sub_explicit(&record->refs, 1, memory_order_acq_rel) == 1)
		free(record);
}

static struct record *record_ref(struct record *record)
{
	if (record)
		atomic_fetch_add_explicit(&record->refs, 1, memory_order_relaxed);
	return record;
}

static struct record *record_create(struct span id, struct span text)
{
	struct record *record = malloc(sizeof *record + text.len + id.len);
	if (!record)
		return NULL;
	*record = (struct record){.refs = 1, .id_len = (uint32_t)id.len, .len = text.len};
	memcpy(record->text, text.data, text.len);
	memcpy(record->text + text.len, id.data, id.len);
	return record;
}

void listing_release(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		record_unref(listing->records[i]);
	free(listing->records);
	*listing = (struct listing){0};
}

struct store *store_create(void)
{
	struct store *store = calloc(1, sizeof *store);
	if (store)
		pthread_mutex_init(&store->lock, NULL);
	return store;
}

void store_destroy(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < ENDPOINTS; i++) {
		struct table *table = &store->tables[i];
		for (size_t slot = 0; slot < table->used; slot++)
			record_unref(table->slots[slot]);
		free(table->slots);
		free(table->index);
	}
	pthread_mutex_destroy(&store->lock);
	free(store);
}

void store_ids_start(struct store *store, enum id_space space, uint64_t last)
{
	pthread_mutex_lock(&store->lock);
	if (store->last_ids[space] < last)
		store->last_ids[space] = last;
	pthread_mutex_unlock(&store->lock);
}

void store_take_id(struct store *store, enum id_space space, char ret_id[STORE_ID_SIZE])
{
	pthread_mutex_lock(&store->lock);
	uint64_t id = ++store->last_ids[space];
	pthread_mutex_unlock(&store->lock);
	snprintf(ret_id, STORE_ID_SIZE, "%s%" PRIu64, space == IDS_FOLDER ? "f" : "", id);
}

/* So that ids which were put by hand are not given out again. */
static void pass_id_locked(struct store *store, enum id_space space, struct span id)
{
	uint64_t number = 0;
	size_t i = space == IDS_FOLDER && id.len > 0 && *id.data == 'f' ? 1 : 0;
	if (i == id.len || id.len - i > 18)
		return;
	for (; i < id.len; i++) {
		if (id.data[i] < '0' || id.data[i] > '9')
			return;
		number = number * 10 + (uint64_t)(id.data[i] - '0');
	}
	if (store->last_ids[space] < number)
		store->last_ids[space] = number;
}

static size_t hash(struct span id)
{
	uint64_t mixed = 14695981039346656037u;
	for (size_t i = 0; i < id.len; i++)
		mixed = (mixed ^ (unsigned char)id.data[i]) * 1099511628211u;
	return (size_t)(mixed ^ mixed >> 29);
}

/* The place in the index that leads to the id, or the free one where it would stand. */
static uint32_t *table_find(const struct table *table, struct span id)
{
	size_t mask = table->capacity * 2 - 1;
	for (size_t i = hash(id) & mask;; i = (i + 1) & mask) {
		uint32_t *place = &table->index[i];
		const struct record *record = *place ? table->slots[*place - 1] : NULL;
		if (!*place || (record && span_equal(record_id(record), id)))
			return place;
	}
}

static struct record **table_slot(const struct table *table, struct span id)
{
	if (table->capacity == 0)
		return NULL;
	uint32_t place = *table_find(table, id);
	return place ? &table->slots[place - 1] : NULL;
}

/* Drops the tombstones, and doubles a table that is half full without them. */
static int table_grow(struct table *table)
{
	size_t capacity = table->capacity ? table->capacity : SMALLEST_TABLE;
	while (capacity < table->count * 2)
		capacity *= 2;
	struct table grown = *table;
	grown.capacity = capacity;
	grown.used = 0;
	grown.slots = malloc(capacity * sizeof(struct record *));
	grown.index = calloc(capacity * 2, sizeof(uint32_t));
	if (!grown.slots || !grown.index) {
		free(grown.slots);
		free(grown.index);
		return -ENOMEM;
	}
	assert(table->slots || table->used == 0);
	for (size_t i = 0; i < table->used; i++) {
		if (!table->slots[i])
			continue;
		grown.slots[grown.used++] = table->slots[i];
		*table_find(&grown, record_id(table->slots[i])) = (uint32_t)grown.used;
	}
	free(table->slots);
	free(table->index);
	*table = grown;
	return 0;
}

/* Takes the new record over. */
static void table_replace_locked(
	struct store *store, struct table *table, struct record **slot, struct record *record)
{
	table->bytes += record->len - (*slot)->len;
	record->version = table->version = ++store->changes;
	record_unref(*slot);
	*slot = record;
}

/* Takes the record over, unless it fails. */
static int table_add_locked(struct store *store, struct table *table, struct record *record)
{
	if (table->used == table->capacity) {
		int err = table_grow(table);
		if (err < 0)
			return err;
	}
	record->version = table->version = ++store->changes;
	table->slots[table->used++] = record;
	*table_find(table, record_id(record)) = (uint32_t)table->used;
	table->count++;
	table->bytes += record->len;
	return 0;
}

int store_put(
	struct store *store, const struct endpoint *endpoint, struct span id, struct span text)
{
	if (text.len > UINT32_MAX)
		return -EFBIG;
	struct record *record = record_create(id, text);
	if (!record)
		return -ENOMEM;

	int err = 0;
	struct table *table = &store->tables[endpoint->index];
	pthread_mutex_lock(&store->lock);
	struct record **slot = table_slot(table, id);
	if (slot)
		table_replace_locked(store, table, slot, record);
	else
		err = table_add_locked(store, table, record);
	pass_id_locked(store, endpoint->ids, id);
	pthread_mutex_unlock(&store->lock);
	if (err < 0)
		record_unref(record);
	return err;
}

int store_swap(struct store *store, const struct endpoint *endpoint, const struct record *old,
	struct span text)
{
	struct record *record = record_create(record_id(old), text);
	if (!record)
		return -ENOMEM;

	struct table *table = &store->tables[endpoint->index];
	pthread_mutex_lock(&store->lock);
	struct record **slot = table_slot(table, record_id(old));
	bool is_current = slot && *slot == old;
	if (is_current)
		table_replace_locked(store, table, slot, record);
	pthread_mutex_unlock(&store->lock);
	if (!is_current)
		record_unref(record);
	return is_current ? 0 : -ESTALE;
}

int store_remove(struct store *store, const struct endpoint *endpoint, struct span id)
{
	struct record *record = NULL;
	struct table *table = &store->tables[endpoint->index];
	pthread_mutex_lock(&store->lock);
	struct record **slot = table_slot(table, id);
	if (slot) {
		record = steal(*slot);
		table->count--;
		table->bytes -= record->len;
		table->version = ++store->changes;
	}
	pthread_mutex_unlock(&store->lock);
	record_unref(record);
	return slot ? 0 : -ENOENT;
}

struct record *store_get(struct store *store, const struct endpoint *endpoint, struct span id)
{
	pthread_mutex_lock(&store->lock);
	struct record **slot = table_slot(&store->tables[endpoint->index], id);
	struct record *record = slot ? record_ref(*slot) : NULL;
	pthread_mutex_unlock(&store->lock);
	return record;
}

int store_list(struct store *store, const struct endpoint *endpoint, struct listing *ret_listing)
{
	const struct table *table = &store->tables[endpoint->index];
	pthread_mutex_lock(&store->lock);
	struct listing listing = {.bytes = table->bytes, .version = table->version};
	listing.records = malloc((table->count + 1) * sizeof(struct record *));
	for (size_t i = 0; listing.records && i < table->used; i++) {
		if (table->slots[i])
			listing.records[listing.count++] = record_ref(table->slots[i]);
	}
	pthread_mutex_unlock(&store->lock);
	if (!listing.records)
		return -ENOMEM;
	*ret_listing = listing;
	return 0;
}
