/*
 * The slots of a collection: found by id, in the order first heard of. A million of them are in
 * memory at a time, so each is as small as it can be, and they stand in blocks.
 */
#include "store_private.h"

#include "clock.h"
#include "hash.h"

#define BLOCK_BYTES ((size_t)64 << 10)

struct slot_block {
	struct slot_block *next;
	size_t used;
	_Alignas(struct slot) char bytes[];
};

void store_free_blocks(struct store *store)
{
	while (store->blocks) {
		struct slot_block *block = store->blocks;
		store->blocks = block->next;
		free(block);
	}
}

void collection_free_slots(struct collection *collection)
{
	free(collection->order);
	free(collection->table);
}

/* Zeroed memory in the newest block, or in one that is made for it. NULL: no memory. */
static void *take_room(struct store *store, size_t size)
{
	const size_t room = BLOCK_BYTES - sizeof(struct slot_block);
	struct slot_block *block = store->blocks;

	size = (size + _Alignof(struct slot) - 1) & ~(_Alignof(struct slot) - 1);
	if (!block || room - block->used < size) {
		block = calloc(1, BLOCK_BYTES);
		if (!block)
			return NULL;
		block->next = store->blocks;
		store->blocks = block;
	}
	void *place = block->bytes + block->used;
	block->used += size;
	return place;
}

int64_t store_now_ns(void)
{
	struct timespec now = clock_now();
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static struct slot *slot_create(struct collection *collection, const char *id, size_t len)
{
	struct store *store = collection->store;
	size_t size = offsetof(struct slot, id) + len + 1;
	struct slot *slot = take_room(store, size < sizeof *slot ? sizeof *slot : size);
	if (!slot)
		return NULL;
	struct slot fixed = {
		.collection = collection,
		.ino = store->next_ino++,
		.id_len = (uint8_t)len,
	};
	store->slots++;
	memcpy(slot, &fixed, offsetof(struct slot, id));
	memcpy((char *)slot->id, id, len);
	return slot;
}

/* The entry of an id in the collection's table, or the free one where it belongs. */
static struct place *table_find(const struct collection *collection, const char *id, size_t len)
{
	size_t mask = collection->table_size - 1;
	uint32_t hash = (uint32_t)hash_text(id, len);
	size_t at = hash & mask;
	for (; collection->table[at].from_1; at = (at + 1) & mask) {
		/* Only a slot with the same hash is worth a look at its memory. */
		if (collection->table[at].hash != hash)
			continue;
		const struct slot *slot = collection->order[collection->table[at].from_1 - 1];
		if (slot->id_len == len && memcmp(slot->id, id, len) == 0)
			break;
	}
	return &collection->table[at];
}

static int grow_table(struct collection *collection)
{
	size_t size = collection->table_size ? collection->table_size * 2 : 64;
	struct place *table = calloc(size, sizeof *table);
	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < collection->table_size; i++) {
		const struct place *place = &collection->table[i];
		size_t at = place->hash & (size - 1);
		while (place->from_1 && table[at].from_1)
			at = (at + 1) & (size - 1);
		if (place->from_1)
			table[at] = *place;
	}
	free(collection->table);
	collection->table = table;
	collection->table_size = size;
	return 0;
}

static int grow_order(struct collection *collection)
{
	size_t capacity = collection->order_capacity ? collection->order_capacity * 2 : 64;
	if (capacity >= UINT32_MAX)
		return -ENOMEM;
	struct slot **order = realloc(collection->order, capacity * sizeof(struct slot *));
	if (!order)
		return -ENOMEM;
	collection->order = order;
	collection->order_capacity = capacity;
	return 0;
}

struct slot *collection_find_locked(struct collection *collection, const char *id, size_t len)
{
	if (collection->table_size == 0)
		return NULL;
	uint32_t from_1 = table_find(collection, id, len)->from_1;
	return from_1 ? collection->order[from_1 - 1] : NULL;
}

size_t collection_place_locked(const struct collection *collection, const char *id, size_t len)
{
	return table_find(collection, id, len)->from_1 - 1;
}

void collection_swap_locked(struct collection *collection, size_t a, size_t b)
{
	struct slot *from_a = collection->order[a], *from_b = collection->order[b];
	struct place *of_a = table_find(collection, from_a->id, from_a->id_len);
	struct place *of_b = table_find(collection, from_b->id, from_b->id_len);
	collection->order[a] = from_b;
	collection->order[b] = from_a;
	of_a->from_1 = (uint32_t)b + 1;
	of_b->from_1 = (uint32_t)a + 1;
}

struct slot *collection_slot_locked(struct collection *collection, const char *id, size_t len)
{
	struct slot *slot = collection_find_locked(collection, id, len);
	if (slot)
		return slot;
	if (collection->order_count * 2 >= collection->table_size && grow_table(collection) < 0)
		return NULL;
	if (collection->order_count == collection->order_capacity && grow_order(collection) < 0)
		return NULL;
	slot = slot_create(collection, id, len);
	if (!slot)
		return NULL;
	struct place *place = table_find(collection, id, len);
	collection->order[collection->order_count++] = slot;
	*place = (struct place){
		.hash = (uint32_t)hash_text(id, len),
		.from_1 = (uint32_t)collection->order_count,
	};
	return slot;
}

/* ---- how it is shown ---- */

#define SLOT_NAMED (UINT32_C(1) << 31)

static uint32_t shown_as(const struct slot *slot)
{
	return atomic_load_explicit(&slot->shown_as, memory_order_relaxed);
}

uint64_t slot_shown_ino(const struct slot *slot)
{
	uint32_t ino = shown_as(slot) & ~SLOT_NAMED;
	return ino ? ino : slot->ino;
}

void slot_set_shown_ino(struct slot *slot, uint64_t ino)
{
	if (ino < SLOT_NAMED && (shown_as(slot) & ~SLOT_NAMED) == 0)
		atomic_fetch_or_explicit(&slot->shown_as, (uint32_t)ino, memory_order_relaxed);
}

void slot_set_named(struct slot *slot)
{
	atomic_fetch_or_explicit(&slot->shown_as, SLOT_NAMED, memory_order_relaxed);
}

bool slot_is_named(const struct slot *slot)
{
	return shown_as(slot) & SLOT_NAMED;
}
