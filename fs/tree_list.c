/* What is listed in a directory, and what is not. */
#include "tree_private.h"

#include "clock.h"
#include <stdio.h>
#include <sys/stat.h>

bool tree_has_extra_names(struct tree *tree, struct node *dir)
{
	pthread_mutex_lock(&tree->lock);
	bool has = names_count(dir->names) > 0;
	pthread_mutex_unlock(&tree->lock);
	return has;
}

bool tree_shows_record(struct tree *tree, struct node *dir, const char *name)
{
	struct name *found;
	pthread_mutex_lock(&tree->lock);
	bool shows = tree_standing_locked(dir, name, &found) == STANDS_RECORD;
	pthread_mutex_unlock(&tree->lock);
	return shows;
}

static bool is_own_name(const struct slot *slot, const char *text)
{
	char name[NAME_SIZE];
	return name_from_id(slot->id, slot->id_len, name) == 0 && strcmp(name, text) == 0;
}

bool tree_shows_extra(struct tree *tree, struct node *dir, const char *name)
{
	struct name *found;
	pthread_mutex_lock(&tree->lock);
	enum standing standing = tree_standing_locked(dir, name, &found);
	const struct slot *slot = standing == STANDS_RECORD ? tree_record_locked(dir, name) : NULL;
	pthread_mutex_unlock(&tree->lock);
	return standing == STANDS_NODE || (slot && is_own_name(slot, name));
}

bool tree_hides(struct tree *tree, const struct collection *collection, const char *name)
{
	struct name *found;
	pthread_mutex_lock(&tree->lock);
	bool hides = tree_standing_locked(tree_directory(tree, collection), name, &found) ==
			     STANDS_NOTHING &&
		     found->is_deleted;
	pthread_mutex_unlock(&tree->lock);
	return hides;
}

bool tree_may_keep_listing(struct tree *tree, struct node *dir, bool *ret_has)
{
	pthread_mutex_lock(&tree->lock);
	struct listing_mark now = {.listed_ms = 0};
	if (names_count(dir->names) == 0) {
		now = store_listing_mark(node_collection(dir));
		now.changed_at = clock_later(now.changed_at, dir->own->mtime);
	}
	*ret_has = now.listed_ms > 0 && listing_mark_same(&now, &dir->own->kept);
	dir->own->kept = now;
	pthread_mutex_unlock(&tree->lock);
	return now.listed_ms > 0;
}

static void fill_extra(struct extra_name *extra, const struct name *name)
{
	size_t len = strlen(name->text);
	memcpy(extra->name, name->text, min_size(len, NAME_SIZE - 1) + 1);
	extra->ino = node_ino(name->node);
	extra->type = name->node->kind == NODE_SYMLINK ? S_IFLNK : S_IFREG;
}

static int compare_extras(const void *a, const void *b)
{
	return strcmp(((const struct extra_name *)a)->name, ((const struct extra_name *)b)->name);
}

static int extra_names_locked(struct node *dir, struct extra_name **ret_names, size_t *ret_count)
{
	size_t count = 0;
	struct extra_name *extras = calloc(names_count(dir->names) + 1, sizeof *extras);
	if (!extras)
		return -ENOMEM;
	for (struct name *name = NULL; (name = names_next(dir->names, name));) {
		if (name->node && !name->is_refused)
			fill_extra(&extras[count++], name);
	}
	qsort(extras, count, sizeof *extras, compare_extras);
	*ret_names = extras;
	*ret_count = count;
	return 0;
}

int tree_extra_names(
	struct tree *tree, struct node *dir, struct extra_name **ret_names, size_t *ret_count)
{
	pthread_mutex_lock(&tree->lock);
	int err = extra_names_locked(dir, ret_names, ret_count);
	pthread_mutex_unlock(&tree->lock);
	return err;
}

int tree_list(struct tree *tree, struct node *dir, struct extra_name **ret_names, size_t *ret_count,
	size_t *ret_extent, bool *ret_is_whole)
{
	pthread_mutex_lock(&tree->lock);
	int err = extra_names_locked(dir, ret_names, ret_count);
	if (names_count(dir->names) > 0)
		dir->own->kept.listed_ms = 0;
	if (err == 0)
		*ret_extent = store_extent(node_collection(dir), ret_is_whole);
	pthread_mutex_unlock(&tree->lock);
	return err;
}

bool extra_names_have(const struct extra_name *names, size_t count, const char *name)
{
	struct extra_name wanted = {.ino = 0};
	snprintf(wanted.name, sizeof wanted.name, "%s", name);
	return count > 0 && bsearch(&wanted, names, count, sizeof *names, compare_extras);
}
