#include "clock.h"
#include "journal_private.h"
#include "journal_room.h"

#include <stdio.h>

#define REASON_SUFFIX ".error"

int journal_open(const char *state_dir, const char *account_url, uint64_t max_bytes,
	struct journal **ret_journal, struct problem *problem)
{
	struct journal *journal = calloc(1, sizeof *journal);
	if (!journal)
		return problem_set(problem, -ENOMEM, "no memory to open '%s'", state_dir);
	int err = account_open(state_dir, account_url, journal->dirs, problem);
	if (err < 0) {
		free(journal);
		return err;
	}
	pthread_mutex_init(&journal->lock, NULL);
	journal->max_bytes = max_bytes;

	/* What cannot be cleared away now is no reason to refuse; the next open tries again. */
	disk_clear_leftovers(journal->dirs[TEMP]);
	journal_adopt_notes(journal);
	time_t oldest = clock_now().tv_sec - JOURNAL_TRASH_DAYS * (time_t)86400;
	room_drop_older(journal->dirs[TRASH], oldest);
	*ret_journal = journal;
	return 0;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	while (journal->spare_count > 0)
		disk_temp_release(&journal->spare[--journal->spare_count]);
	account_close(journal->dirs);
	pthread_mutex_destroy(&journal->lock);
	free(journal);
}

/* Names. */

bool journal_is_safe(const char *name)
{
	size_t len = strnlen(name, NAME_MAX + 1);
	return len > 0 && len <= NAME_MAX && !strchr(name, '/') && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

/* "4.json.error" to "4.json": the draft whose reason that would be. */
static bool reason_owner(enum journal_area area, const char *name, char owner[NAME_MAX + 1])
{
	const size_t suffix_len = strlen(REASON_SUFFIX);
	size_t len = strlen(name);
	if (area != JOURNAL_DRAFTS || len <= suffix_len || len - suffix_len > NAME_MAX ||
		strcmp(name + len - suffix_len, REASON_SUFFIX) != 0)
		return false;
	memcpy(owner, name, len - suffix_len);
	owner[len - suffix_len] = '\0';
	return journal_is_safe(owner);
}

/* Size of a text; -ENOENT: there is none. */
static int text_size(struct journal *journal, int which, const char *resource, const char *name,
	uint64_t *ret_bytes)
{
	auto_fd int dir = -1;
	int err = disk_open_dir(journal->dirs[which], resource, &dir);
	return err < 0 ? err : disk_size(dir, name, ret_bytes);
}

static bool has_text(struct journal *journal, int which, const char *resource, const char *name)
{
	uint64_t bytes;
	return text_size(journal, which, resource, name, &bytes) == 0;
}

/* What a name that was shown stands for on disk: a text, or the reason of a draft. */
static int resolve(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, int *ret_which, char ret_name[NAME_MAX + 1])
{
	bool is_text = journal_is_safe(name);
	if (!journal_is_safe(resource))
		return -EINVAL;
	if (reason_owner(area, name, ret_name) &&
		!(is_text && has_text(journal, DRAFTS, resource, name))) {
		*ret_which = REASONS;
		return 0;
	}
	if (!is_text)
		return -EINVAL;
	*ret_which = (int)area;
	memcpy(ret_name, name, strlen(name) + 1);
	return 0;
}

/* Dropping. */

/* -1: nothing was changed there. */
static int sync_dirs(int texts, int reasons)
{
	int err = texts >= 0 ? disk_sync_dir(texts) : 0;
	if (err == 0 && reasons >= 0)
		err = disk_sync_dir(reasons);
	return err;
}

/*
 * Removes a text, and leaves its directory open where that is yet to be synced. A directory with its
 * name is somebody else's, and no text.
 */
static int remove_text(
	struct journal *journal, int which, const char *resource, const char *name, int *ret_dir)
{
	auto_fd int dir = -1;
	int err = disk_open_dir(journal->dirs[which], resource, &dir);
	if (err == 0)
		err = disk_remove(dir, name);
	if (err < 0)
		return err == -ENOENT || err == -EISDIR ? 0 : err;
	*ret_dir = dir;
	dir = -1;
	return 0;
}

int journal_drop(
	struct journal *journal, enum journal_area area, const char *resource, const char *name)
{
	int which;
	char own_name[NAME_MAX + 1];
	int err = resolve(journal, area, resource, name, &which, own_name);
	if (err < 0)
		return err;

	auto_fd int reasons = -1, texts = -1;
	pthread_mutex_lock(&journal->lock);
	/* A reason without a text is not shown, but a text without its reason is. */
	if (which != REASONS)
		err = remove_text(journal, which, resource, own_name, &texts);
	if (err == 0 && area == JOURNAL_DRAFTS)
		err = remove_text(journal, REASONS, resource, own_name, &reasons);
	pthread_mutex_unlock(&journal->lock);

	return err < 0 ? err : sync_dirs(texts, reasons);
}

/* Reading. */

int journal_read(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, struct buf *out)
{
	int which;
	char own_name[NAME_MAX + 1];
	int err = resolve(journal, area, resource, name, &which, own_name);
	if (err < 0)
		return err;
	if (which == REASONS && !has_text(journal, DRAFTS, resource, own_name))
		return -ENOENT;
	auto_fd int dir = -1;
	err = disk_open_dir(journal->dirs[which], resource, &dir);
	return err < 0 ? err : disk_read(dir, own_name, out);
}

int journal_look(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, struct journal_item *ret_item)
{
	int which;
	char own_name[NAME_MAX + 1];
	struct stat st;
	auto_fd int dir = -1;
	int err = resolve(journal, area, resource, name, &which, own_name);
	if (err == 0 && which == REASONS && !has_text(journal, DRAFTS, resource, own_name))
		err = -ENOENT;
	if (err == 0)
		err = disk_open_dir(journal->dirs[which], resource, &dir);
	if (err == 0)
		err = disk_stat(dir, own_name, &st);
	if (err == 0)
		*ret_item =
			(struct journal_item){.size = (uint64_t)st.st_size, .mtime = st.st_mtim};
	return err;
}

/* The texts of one resource; none where it has no directory. */
static int list_texts(
	struct journal *journal, int which, const char *resource, struct disk_list *ret_list)
{
	auto_fd int dir = -1;
	int err = disk_open_dir(journal->dirs[which], resource, &dir);
	if (err < 0)
		return err == -ENOENT ? 0 : err;
	return disk_read_dir(dir, S_IFREG, ret_list);
}

/* Lists a reason beside its draft, unless a draft has just that name. */
static int add_reason(
	const struct disk_list *drafts, const struct journal_item *reason, struct disk_list *shown)
{
	auto_free char *name = NULL;
	if (!disk_list_find(drafts, reason->name))
		return 0;
	if (asprintf(&name, "%s" REASON_SUFFIX, reason->name) < 0) {
		name = NULL;
		return -ENOMEM;
	}
	if (disk_list_find(drafts, name))
		return 0;
	return disk_list_add(shown, name, reason->size, reason->mtime);
}

int journal_list(struct journal *journal, enum journal_area area, const char *resource,
	struct journal_item **ret_items, size_t *ret_count)
{
	auto_list struct disk_list texts = {0};
	auto_list struct disk_list reasons = {0};
	auto_list struct disk_list shown = {0};
	if (!journal_is_safe(resource))
		return -EINVAL;
	int err = list_texts(journal, (int)area, resource, &texts);
	if (err == 0 && area == JOURNAL_DRAFTS)
		err = list_texts(journal, REASONS, resource, &reasons);
	for (size_t i = 0; err == 0 && i < reasons.count; i++)
		err = add_reason(&texts, &reasons.items[i], &shown);
	for (size_t i = 0; err == 0 && i < texts.count; i++)
		err = disk_list_add(
			&shown, texts.items[i].name, texts.items[i].size, texts.items[i].mtime);
	if (err < 0)
		return err;
	disk_list_sort(&shown);
	*ret_items = shown.items;
	*ret_count = shown.count;
	shown = (struct disk_list){0};
	return 0;
}

void journal_items_free(struct journal_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(items[i].name);
	free(items);
}

int journal_look_resource(struct journal *journal, enum journal_area area, const char *resource)
{
	auto_fd int dir = -1;
	int err = journal_is_safe(resource) ? disk_open_dir(journal->dirs[area], resource, &dir)
					    : -EINVAL;
	/* Somebody else's file or link is none of ours. */
	if (err == -ENOTDIR)
		err = -ENOENT;
	return err < 0 ? err : disk_has_file(dir);
}

int journal_resources(struct journal *journal, enum journal_area area, char ***ret_names)
{
	auto_list struct disk_list resources = {0};
	int err = disk_read_dir(journal->dirs[area], S_IFDIR, &resources);
	if (err < 0)
		return err;
	char **names = calloc(resources.count + 1, sizeof *names);
	if (!names)
		return -ENOMEM;

	size_t used = 0;
	for (size_t i = 0; i < resources.count; i++) {
		err = journal_look_resource(journal, area, resources.items[i].name);
		if (err == -ENOENT)
			continue;
		if (err < 0) {
			journal_names_free(names);
			return err;
		}
		names[used++] = resources.items[i].name;
		resources.items[i].name = NULL;
	}
	*ret_names = names;
	return 0;
}

void journal_names_free(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}

int journal_get_stats(struct journal *journal, struct journal_stats *ret_stats)
{
	struct room_count drafts, trash;
	int err = room_count(journal->dirs[DRAFTS], &drafts);
	if (err == 0)
		err = room_count(journal->dirs[TRASH], &trash);
	if (err == 0)
		*ret_stats = (struct journal_stats){
			.drafts = drafts.texts,
			.draft_bytes = drafts.bytes,
			.trash = trash.texts,
			.trash_bytes = trash.bytes,
		};
	return err;
}
