#include "node.h"

#include "names.h"

/*
 * Ids count up, so a page of the table fills once; it is freed when all that was in it is gone. The
 * list of pages grows by 8 bytes for each 512 nodes ever made.
 */
#define PAGE_NODES 512

struct page {
	unsigned used;
	struct node *nodes[PAGE_NODES];
};

struct node_table {
	uint64_t next_id;
	struct page **pages;
	size_t page_count;
};

struct node_table *node_table_create(void)
{
	struct node_table *table = calloc(1, sizeof *table);
	if (table)
		table->next_id = NODE_ROOT_ID;
	return table;
}

static void node_destroy(struct node *node)
{
	if (node->kind == NODE_COLLECTION)
		names_destroy(node->names);
	else if (node->kind == NODE_SYMLINK)
		free(node->target);
	else if (node->kind == NODE_RECORD && node->slot->node == node)
		node->slot->node = NULL;
	text_unref(node->text);
	free(node);
}

void node_table_destroy(struct node_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->page_count; i++) {
		struct page *page = table->pages[i];
		for (unsigned j = 0; page && j < PAGE_NODES; j++) {
			if (page->nodes[j])
				node_destroy(page->nodes[j]);
		}
		free(page);
	}
	free(table->pages);
	free(table);
}

static struct page *page_for_next(struct node_table *table)
{
	size_t at = table->next_id / PAGE_NODES;
	if (at >= table->page_count) {
		struct page **pages = realloc(table->pages, (at + 1) * sizeof(struct page *));
		if (!pages)
			return NULL;
		pages[at] = NULL;
		table->pages = pages;
		table->page_count = at + 1;
	}
	if (!table->pages[at])
		table->pages[at] = calloc(1, sizeof(struct page));
	return table->pages[at];
}

struct node *node_create(struct node_table *table, enum node_kind kind)
{
	struct page *page = page_for_next(table);
	struct node *node = page ? calloc(1, sizeof *node) : NULL;
	if (!node)
		return NULL;
	struct node fixed = {.id = table->next_id, .kind = kind};
	memcpy(node, &fixed, sizeof fixed);
	page->nodes[node->id % PAGE_NODES] = node;
	page->used++;
	table->next_id++;
	return node;
}

struct node *node_find(const struct node_table *table, uint64_t id)
{
	size_t at = id / PAGE_NODES;
	if (at >= table->page_count || !table->pages[at])
		return NULL;
	return table->pages[at]->nodes[id % PAGE_NODES];
}

bool node_release_if_unused(struct node_table *table, struct node *node)
{
	if (node->refs > 0 || node->lookups > 0)
		return false;
	struct page **place = &table->pages[node->id / PAGE_NODES];
	(*place)->nodes[node->id % PAGE_NODES] = NULL;
	if (--(*place)->used == 0 && table->next_id / PAGE_NODES != node->id / PAGE_NODES) {
		free(*place);
		*place = NULL;
	}
	node_destroy(node);
	return true;
}
