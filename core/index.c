#include "index.h"

static void destroy(struct snapshot *snapshot)
{
	struct index *index = (struct index *)snapshot;
	for (size_t i = 0; index->kind->drop && i < index->count; i++)
		index->kind->drop(&index->items[i]);
	free(index->items);
	free(index);
}

static struct index *create(
	const struct index_kind *kind, struct collection *collection, size_t capacity)
{
	struct index *index = calloc(1, sizeof *index);
	if (!index)
		return NULL;
	snapshot_init(&index->head, destroy);
	index->kind = kind;
	index->collection = collection;
	index->capacity = capacity + 1;
	index->items = malloc(index->capacity * sizeof *index->items);
	if (index->items)
		return index;
	free(index);
	return NULL;
}

int index_add(struct index *index, struct index_item item)
{
	if (index->count == index->capacity) {
		size_t capacity = index->capacity * 2;
		struct index_item *items = realloc(index->items, capacity * sizeof *items);
		if (!items)
			return -ENOMEM;
		index->items = items;
		index->capacity = capacity;
	}
	index->items[index->count++] = item;
	return 0;
}

static int add_slot(struct index *index, struct slot *slot)
{
	auto_record struct record *record = store_take(slot);
	return record ? index->kind->add_record(index, slot, record) : 0;
}

/* Hands out an index that was filled, or lets go of one that was not. */
static int finish(struct index *index, int err, struct index **ret_index)
{
	if (err == 0)
		*ret_index = index;
	else
		snapshot_unref(index ? &index->head : NULL);
	return err;
}

/* A record may say one thing twice. */
static void sort(struct index *index)
{
	size_t count = 0;
	qsort(index->items, index->count, sizeof *index->items, index->kind->compare);
	for (size_t i = 0; i < index->count; i++) {
		const struct index_item *item = &index->items[i];
		if (count == 0 || index->kind->compare(&index->items[count - 1], item) != 0)
			index->items[count++] = *item;
		else if (index->kind->drop)
			index->kind->drop(item);
	}
	index->count = count;
}

/* Of those of the slots that have a record now. */
static int make_from(const struct index_kind *kind, struct collection *collection,
	struct slot *const *slots, size_t count, struct index **ret_index)
{
	struct index *index = create(kind, collection, count);
	int err = index ? 0 : -ENOMEM;
	for (size_t i = 0; err == 0 && i < count; i++)
		err = add_slot(index, slots[i]);
	if (err == 0)
		sort(index);
	return finish(index, err, ret_index);
}

static int make_all(
	const struct index_kind *kind, struct collection *collection, struct index **ret_index)
{
	struct listing *listing = store_listing(collection);
	if (!listing)
		return -ENOMEM;
	int err = make_from(kind, collection, listing->slots, listing->count, ret_index);
	listing_unref(listing);
	return err;
}

/* There is room for all of them. */
static void copy(struct index *to, const struct index_item *item)
{
	if (to->kind->keep)
		to->kind->keep(item);
	to->items[to->count++] = *item;
}

static void merge(const struct index *old, const struct changed_slots *changed,
	const struct index *fresh, struct index *merged)
{
	size_t at = 0;
	for (size_t i = 0; i < old->count; i++) {
		const struct index_item *item = &old->items[i];
		if (changed_slots_has(changed, item->slot))
			continue;
		while (at < fresh->count && merged->kind->compare(&fresh->items[at], item) < 0)
			copy(merged, &fresh->items[at++]);
		copy(merged, item);
	}
	while (at < fresh->count)
		copy(merged, &fresh->items[at++]);
}

int index_make(const struct index_kind *kind, struct collection *collection,
	const struct index *old, const struct changed_slots *changed, struct index **ret_index)
{
	struct index *fresh = NULL;

	if (!old)
		return make_all(kind, collection, ret_index);
	int err = make_from(kind, collection, changed->slots, changed->count, &fresh);
	if (!fresh)
		return err;
	struct index *index = create(kind, collection, old->count + fresh->count);
	if (index)
		merge(old, changed, fresh, index);
	snapshot_unref(&fresh->head);
	return finish(index, index ? 0 : -ENOMEM, ret_index);
}

size_t index_lower_bound(const struct index *index,
	int (*order)(const struct index_item *item, const void *key), const void *key)
{
	size_t low = 0, high = index->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (order(&index->items[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
