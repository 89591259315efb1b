#include "node.h"

#include "names.h"
#include "view_item.h"

/*
 * Ids count up, so a page of the table fills once; it is freed when all that was in it is gone. The
 * list of pages grows by 8 bytes for each 64 nodes ever made.
 */
#define PAGE_NODES 64

struct page {
	unsigned used;
	struct node nodes[PAGE_NODES]; /* id 0: none */
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

static void node_release(struct node *node)
{
	if (node->kind == NODE_COLLECTION)
		names_destroy(node->names);
	else if (node->kind == NODE_RECORD && node->slot->node == node)
		node->slot->node = NULL;
	node_drop_own(node);
	memset(node, 0, sizeof *node);
}

void node_table_destroy(struct node_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->page_count; i++) {
		struct page *page = table->pages[i];
		for (unsigned j = 0; page && j < PAGE_NODES; j++) {
			if (page->nodes[j].id)
				node_release(&page->nodes[j]);
		}
		free(page);
	}
	free(table->pages);
	free(table);
}

static int grow_pages(struct node_table *table, size_t at)
{
	size_t count = table->page_count ? table->page_count * 2 : 64;
	if (at < table->page_count)
		return 0;
	struct page **pages = realloc(table->pages, count * sizeof(struct page *));
	if (!pages)
		return -ENOMEM;
	memset(pages + table->page_count, 0, (count - table->page_count) * sizeof(struct page *));
	table->pages = pages;
	table->page_count = count;
	return 0;
}

static struct page *page_for_next(struct node_table *table)
{
	size_t at = table->next_id / PAGE_NODES;
	if (grow_pages(table, at) < 0)
		return NULL;
	if (!table->pages[at])
		table->pages[at] = calloc(1, sizeof(struct page));
	return table->pages[at];
}

struct node *node_create(struct node_table *table, enum node_kind kind)
{
	struct page *page = page_for_next(table);
	if (!page)
		return NULL;
	struct node *node = &page->nodes[table->next_id % PAGE_NODES];
	struct node fixed = {
		.id = table->next_id,
		.kind = (uint8_t)kind,
		.told_size = NODE_UNTOLD,
		.is_control = kind == NODE_CONTROL_DIR || kind == NODE_CONTROL_FILE,
		.is_view = kind >= NODE_VIEW_DIR,
	};
	memcpy(node, &fixed, sizeof fixed);
	if (kind != NODE_RECORD && node_make_own(node) < 0) {
		memset(node, 0, sizeof *node);
		return NULL;
	}
	page->used++;
	table->next_id++;
	return node;
}

struct node *node_find(const struct node_table *table, uint64_t id)
{
	size_t at = id / PAGE_NODES;
	if (at >= table->page_count || !table->pages[at])
		return NULL;
	struct node *node = &table->pages[at]->nodes[id % PAGE_NODES];
	return node->id ? node : NULL;
}

bool node_release_if_unused(struct node_table *table, struct node *node)
{
	if (node->refs > 0 || node->lookups > 0)
		return false;
	size_t at = node->id / PAGE_NODES;
	struct page *page = table->pages[at];
	node_release(node);
	if (--page->used == 0 && table->next_id / PAGE_NODES != at) {
		free(page);
		table->pages[at] = NULL;
	}
	return true;
}

/* ---- what it has of its own ---- */

uint64_t node_ino(const struct node *node)
{
	return node->kind == NODE_RECORD ? slot_shown_ino(node->slot) : node->own->ino;
}

struct collection *node_collection(const struct node *node)
{
	return node->kind == NODE_RECORD ? node->slot->collection : node->own->collection;
}

int node_make_own(struct node *node)
{
	if (!node->own)
		node->own = calloc(1, sizeof *node->own);
	return node->own ? 0 : -ENOMEM;
}

void node_drop_own(struct node *node)
{
	struct node_own *own = steal(node->own);
	if (!own)
		return;
	text_unref(own->text);
	view_item_destroy(own->view_item);
	free(own);
}
