#include "view_item.h"

/* Untouched ones take no memory; with a million nodes a chain has fifteen. */
#define CHAINS ((size_t)1 << 16)

struct view_items {
	struct view_item *chains[CHAINS];
};

struct view_items *view_items_create(void)
{
	return calloc(1, sizeof(struct view_items));
}

void view_items_destroy(struct view_items *items)
{
	free(items);
}

static size_t chain_of(const struct view_key *key)
{
	uint64_t hash =
		((uint64_t)(uintptr_t)key->slot ^ ((uint64_t)(uintptr_t)key->collection << 7)) +
		(uint64_t)key->kind;
	return (size_t)((hash * 0x9e3779b97f4a7c15u) >> 48) % CHAINS;
}

static bool is_same(const struct view_key *a, const struct view_key *b)
{
	return a->kind == b->kind && a->collection == b->collection && a->slot == b->slot;
}

struct view_item *view_items_find(const struct view_items *items, const struct view_key *key)
{
	struct view_item *item = items->chains[chain_of(key)];
	while (item && !is_same(&item->key, key))
		item = item->next;
	return item;
}

struct view_item *view_items_add(
	struct view_items *items, const struct view_key *key, struct node *node)
{
	struct view_item *item = calloc(1, sizeof *item);
	if (!item)
		return NULL;
	struct view_item **place = &items->chains[chain_of(key)];
	struct view_item fixed = {.next = *place, .place = place, .key = *key, .node = node};
	memcpy(item, &fixed, sizeof fixed);
	if (item->next)
		item->next->place = &item->next;
	*place = item;
	return item;
}

void view_item_detach(struct view_item *item)
{
	if (!item->place)
		return;
	*item->place = item->next;
	if (item->next)
		item->next->place = item->place;
	item->next = NULL;
	item->place = NULL;
}

void view_item_destroy(struct view_item *item)
{
	if (!item)
		return;
	view_item_detach(item);
	snapshot_unref(item->shown);
	free(item);
}
