#include "control.h"

#include "clock.h"
#include "hash.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

enum item_kind {
	ITEM_ROOT,
	ITEM_STATUS,
	ITEM_ERRORS,
	ITEM_CREATED,
	ITEM_REFRESH,
	ITEM_README,
	ITEM_AREA,     /* drafts, trash */
	ITEM_RESOURCE, /* drafts/contact */
	ITEM_KEPT,     /* drafts/contact/4.json */
};

struct control_item {
	struct control_item *next;
	struct node *node; /* referenced for as long as the mount lives */
	enum item_kind kind;
	enum journal_area area;
	char resource[NAME_SIZE];
	char name[NAME_SIZE];
	struct buf shown; /* read-only mounts: what it said last; guarded by control->lock */
};

/* Chains; somebody who deletes much has thousands of texts in the trash. */
#define BUCKETS 4096

struct control {
	struct control_item *items[BUCKETS]; /* guarded by the tree's lock */
	pthread_mutex_t lock;
};

static const struct fixed_item {
	const char *name;
	enum item_kind kind;
	enum journal_area area;
	mode_t mode;
} fixed_items[] = {
	{"README", ITEM_README, 0, S_IFREG | 0400},
	{"created", ITEM_CREATED, 0, S_IFREG | 0400},
	{"drafts", ITEM_AREA, JOURNAL_DRAFTS, S_IFDIR | 0700},
	{"errors", ITEM_ERRORS, 0, S_IFREG | 0400},
	{"refresh", ITEM_REFRESH, 0, S_IFREG | 0600},
	{"status", ITEM_STATUS, 0, S_IFREG | 0400},
	{"trash", ITEM_AREA, JOURNAL_TRASH, S_IFDIR | 0700},
};

struct control *control_create(void)
{
	struct control *control = calloc(1, sizeof *control);
	if (control)
		pthread_mutex_init(&control->lock, NULL);
	return control;
}

void control_destroy(struct control *control)
{
	if (!control)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (control->items[i]) {
			struct control_item *item = control->items[i];
			control->items[i] = item->next;
			buf_release(&item->shown);
			free(item);
		}
	}
	pthread_mutex_destroy(&control->lock);
	free(control);
}

bool control_is_name(const struct node *dir, const char *name)
{
	return dir->kind == NODE_ROOT && strcmp(name, CONTROL_DIR_NAME) == 0;
}

bool control_uses_disk(const struct node *node)
{
	return node->own->control_item->kind >= ITEM_STATUS &&
	       node->own->control_item->kind != ITEM_REFRESH;
}

/* ---- nodes ---- */

static bool same_item(const struct control_item *a, const struct control_item *b)
{
	return a->kind == b->kind && a->area == b->area && strcmp(a->resource, b->resource) == 0 &&
	       strcmp(a->name, b->name) == 0;
}

static struct control_item **bucket_of(struct control *control, const struct control_item *item)
{
	return &control->items[hash_text(item->name, strlen(item->name)) % BUCKETS];
}

static struct node *add_item_locked(struct fs *fs, const struct control_item *wanted)
{
	bool is_dir = wanted->kind == ITEM_ROOT || wanted->kind == ITEM_AREA ||
		      wanted->kind == ITEM_RESOURCE;
	struct control_item *item = malloc(sizeof *item);
	struct node *node = item ? tree_add_control_locked(
					   fs->tree, is_dir ? NODE_CONTROL_DIR : NODE_CONTROL_FILE)
				 : NULL;
	if (!node) {
		free(item);
		return NULL;
	}
	*item = *wanted;
	item->node = node;
	item->shown = BUF_INIT(CONTROL_MAX_BYTES);
	struct control_item **bucket = bucket_of(fs->control, item);
	item->next = *bucket;
	*bucket = item;
	node->own->control_item = item;
	return node;
}

/* The node for an item: one for each, so that its number is stable. Counts a lookup. */
static int node_for(struct fs *fs, const struct control_item *wanted, struct node **ret_node)
{
	pthread_mutex_lock(&fs->tree->lock);
	struct control_item *item = *bucket_of(fs->control, wanted);
	while (item && !same_item(item, wanted))
		item = item->next;
	struct node *node = item ? item->node : add_item_locked(fs, wanted);
	if (node)
		node->lookups++;
	pthread_mutex_unlock(&fs->tree->lock);
	if (!node)
		return -ENOMEM;
	*ret_node = node;
	return 0;
}

/* ---- lookup and stat ---- */

static int find_fixed(const char *name, struct control_item *wanted)
{
	for (size_t i = 0; i < array_size(fixed_items); i++) {
		if (strcmp(fixed_items[i].name, name) != 0)
			continue;
		wanted->kind = fixed_items[i].kind;
		wanted->area = fixed_items[i].area;
		return 0;
	}
	return -ENOENT;
}

static int look_at_kept(
	struct fs *fs, const struct control_item *item, struct journal_item *ret_item)
{
	return fs->journal
		       ? journal_look(fs->journal, item->area, item->resource, item->name, ret_item)
		       : -ENOENT;
}

int control_lookup(struct fs *fs, struct node *dir, const char *name, struct node **ret_node)
{
	struct control_item wanted = {.kind = ITEM_ROOT};
	const struct control_item *item = dir->own->control_item;
	struct journal_item ignored;
	int err = 0;

	if (item && item->kind == ITEM_ROOT) {
		err = find_fixed(name, &wanted);
	} else if (item && item->kind == ITEM_AREA) {
		wanted.kind = ITEM_RESOURCE;
		wanted.area = item->area;
		snprintf(wanted.resource, sizeof wanted.resource, "%s", name);
		err = fs->journal ? journal_look_resource(fs->journal, item->area, name) : -ENOENT;
	} else if (item) {
		wanted.kind = ITEM_KEPT;
		wanted.area = item->area;
		memcpy(wanted.resource, item->resource, sizeof wanted.resource);
		snprintf(wanted.name, sizeof wanted.name, "%s", name);
		err = look_at_kept(fs, &wanted, &ignored);
	}
	return err < 0 ? err : node_for(fs, &wanted, ret_node);
}

static mode_t mode_of(const struct control_item *item)
{
	for (size_t i = 0; i < array_size(fixed_items); i++) {
		if (fixed_items[i].kind == item->kind && fixed_items[i].area == item->area)
			return fixed_items[i].mode;
	}
	return item->kind == ITEM_KEPT ? S_IFREG | 0600 : S_IFDIR | 0700;
}

/* What is read next is what the size was told of. */
static void keep_shown(struct fs *fs, struct control_item *item, struct buf *text)
{
	pthread_mutex_lock(&fs->control->lock);
	struct buf old = item->shown;
	item->shown = *text;
	*text = old;
	pthread_mutex_unlock(&fs->control->lock);
}

int control_read_shown(struct fs *fs, struct node *node, size_t offset, size_t len, struct buf *out)
{
	const struct control_item *item = node->own->control_item;
	pthread_mutex_lock(&fs->control->lock);
	int err = rendering_add_piece(&item->shown, offset, len, out);
	pthread_mutex_unlock(&fs->control->lock);
	return err;
}

int control_stat(struct fs *fs, struct node *node, struct node_stat *ret_stat)
{
	struct control_item *item = node->own->control_item;
	auto_buf struct buf text = BUF_INIT(CONTROL_MAX_BYTES);
	struct journal_item kept;
	int err = 0;

	*ret_stat = (struct node_stat){
		.ino = node_ino(node),
		.mode = mode_of(item),
		.links = 1,
		.mtime = fs->tree->started,
	};
	if (item->kind == ITEM_KEPT) {
		err = look_at_kept(fs, item, &kept);
		if (err == 0) {
			ret_stat->size = (size_t)kept.size;
			ret_stat->mtime = kept.mtime;
		}
		if (err == 0 && fs->opens_unasked) {
			err = control_open(fs, node, O_RDONLY, &text);
			keep_shown(fs, item, &text);
		}
	} else if (S_ISREG(ret_stat->mode)) {
		err = control_open(fs, node, O_RDONLY, &text);
		ret_stat->size = text.len;
		ret_stat->mtime = clock_now();
		if (fs->opens_unasked)
			keep_shown(fs, item, &text);
	} else {
		ret_stat->links = 2;
	}
	return err;
}

/* ---- listing ---- */

static void fill_name(struct extra_name *extra, const char *name, mode_t type)
{
	snprintf(extra->name, sizeof extra->name, "%s", name);
	extra->type = type;
	extra->ino = UINT32_MAX; /* readers of d_ino find the true one by stat */
}

static int list_fixed(struct extra_name **ret_names, size_t *ret_count)
{
	struct extra_name *names = calloc(array_size(fixed_items), sizeof *names);
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < array_size(fixed_items); i++)
		fill_name(&names[i], fixed_items[i].name, fixed_items[i].mode & S_IFMT);
	*ret_names = names;
	*ret_count = array_size(fixed_items);
	return 0;
}

static int list_resources(
	struct fs *fs, enum journal_area area, struct extra_name **ret_names, size_t *ret_count)
{
	char **resources;
	size_t count = 0;
	int err = journal_resources(fs->journal, area, &resources);
	if (err < 0)
		return err;
	while (resources[count])
		count++;
	struct extra_name *names = calloc(count + 1, sizeof *names);
	for (size_t i = 0; names && i < count; i++)
		fill_name(&names[i], resources[i], S_IFDIR);
	journal_names_free(resources);
	*ret_names = names;
	*ret_count = count;
	return names ? 0 : -ENOMEM;
}

static int list_kept(struct fs *fs, const struct control_item *item, struct extra_name **ret_names,
	size_t *ret_count)
{
	struct journal_item *items;
	size_t count;
	int err = journal_list(fs->journal, item->area, item->resource, &items, &count);
	if (err < 0)
		return err;
	struct extra_name *names = calloc(count + 1, sizeof *names);
	for (size_t i = 0; names && i < count; i++)
		fill_name(&names[i], items[i].name, S_IFREG);
	journal_items_free(items, count);
	*ret_names = names;
	*ret_count = count;
	return names ? 0 : -ENOMEM;
}

int control_list(struct fs *fs, struct node *dir, struct extra_name **ret_names, size_t *ret_count)
{
	const struct control_item *item = dir->own->control_item;
	*ret_names = NULL;
	*ret_count = 0;
	if (item->kind == ITEM_ROOT)
		return list_fixed(ret_names, ret_count);
	if (!fs->journal)
		return 0;
	if (item->kind == ITEM_AREA)
		return list_resources(fs, item->area, ret_names, ret_count);
	return list_kept(fs, item, ret_names, ret_count);
}

/* ---- reading, writing, dropping ---- */

int control_open(struct fs *fs, struct node *node, int flags, struct buf *ret_text)
{
	const struct control_item *item = node->own->control_item;

	if (opens_to_write(flags) && item->kind != ITEM_REFRESH)
		return -EACCES;
	switch (item->kind) {
	case ITEM_STATUS:
		return control_status(fs, ret_text);
	case ITEM_ERRORS:
		return log_copy(&fs->errors, ret_text);
	case ITEM_CREATED:
		return log_copy(&fs->created, ret_text);
	case ITEM_README:
		return control_readme(ret_text);
	case ITEM_KEPT:
		return fs->journal ? journal_read(fs->journal, item->area, item->resource,
					     item->name, ret_text)
				   : -ENOENT;
	default:
		return 0;
	}
}

int control_write(struct fs *fs, struct node *node, const char *text, size_t len)
{
	if (node->own->control_item->kind != ITEM_REFRESH)
		return -EACCES;
	control_refresh(fs, text, len);
	return 0;
}

int control_unlink(struct fs *fs, struct node *dir, const char *name)
{
	const struct control_item *item = dir->own->control_item;
	if (item->kind != ITEM_RESOURCE || !fs->journal)
		return -EPERM;
	return journal_drop(fs->journal, item->area, item->resource, name);
}
