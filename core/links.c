#include "links.h"

#include "hash.h"
#include "pointer.h"

/* Of the name of the target's collection, and of its id. */
static uint64_t hash_target(const char *resource, const char *id, size_t id_len)
{
	uint64_t name = hash_text(resource, strlen(resource));
	return (name * 0x9e3779b97f4a7c15u) ^ hash_text(id, id_len);
}

static uint64_t hash_slot(const struct slot *slot)
{
	return hash_target(collection_name(slot->collection), slot->id, slot->id_len);
}

/* ---- making ---- */

struct intake {
	struct index *index;
	struct slot *source;
};

static int add_pointer(void *arg, const char *resource, const char *id, size_t id_len)
{
	const struct intake *intake = arg;
	const struct index_item item = {
		.hash = hash_target(resource, id, id_len), .slot = intake->source};
	return index_add(intake->index, item);
}

static int add_record(struct index *index, struct slot *slot, const struct record *record)
{
	struct intake intake = {.index = index, .source = slot};
	return pointers_each(
		collection_resource(slot->collection), record_slice(record), add_pointer, &intake);
}

static int compare(const void *a, const void *b)
{
	const struct index_item *left = a, *right = b;
	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return (left->slot->ino > right->slot->ino) - (left->slot->ino < right->slot->ino);
}

const struct index_kind links_kind = {.add_record = add_record, .compare = compare};

/* ---- asking ---- */

static int order_to(const struct index_item *item, const void *key)
{
	const uint64_t *hash = key;
	return (item->hash > *hash) - (item->hash < *hash);
}

bool links_next(const struct index *links, const struct slot *target, size_t *place,
	struct slot **ret_source)
{
	uint64_t hash = hash_slot(target);
	size_t at = *place ? *place : index_lower_bound(links, order_to, &hash);
	if (at >= links->count || links->items[at].hash != hash)
		return false;
	*ret_source = links->items[at].slot;
	*place = at + 1;
	return true;
}

bool links_points(struct slot *source, const struct slot *target)
{
	auto_record struct record *record = store_take(source);
	return record && pointers_at(collection_resource(source->collection), record_slice(record),
				 collection_name(target->collection), target->id, target->id_len);
}

bool links_any(const struct index *links, const struct slot *target)
{
	struct slot *source;
	size_t place = 0;
	return links_next(links, target, &place, &source);
}
