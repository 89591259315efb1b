#include "journal.h"
#include "clock.h"
#include "journal_account.h"
#include "journal_disk.h"
#include "journal_room.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>

#define REASON_SIZE 1024
#define REASON_SUFFIX ".error"
/* How long a count is trusted; within it another process may add what we do not see. */
#define COUNT_TTL_MS 1000

struct journal {
	int dirs[DIRS]; /* open as long as the journal */
	uint64_t max_bytes;
	pthread_mutex_t lock;	/* a text and its reason change together; never across fsync */
	uint64_t at_most_bytes; /* guarded by lock: drafts and trash hold no more than that */
	int64_t counted_ms;	/* guarded by lock: when, on clock_ms; 0: never */
};

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
	time_t oldest = clock_now().tv_sec - JOURNAL_TRASH_DAYS * (time_t)86400;
	room_drop_older(journal->dirs[TRASH], oldest);
	*ret_journal = journal;
	return 0;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	account_close(journal->dirs);
	pthread_mutex_destroy(&journal->lock);
	free(journal);
}

/* Names. */

static bool is_safe(const char *name)
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
	return is_safe(owner);
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
	bool is_text = is_safe(name);
	if (!is_safe(resource))
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

/* Keeping. */

/* A text on its way, written but without its name, and the directory it is to go to. */
struct writing {
	int dir; /* -1: there is none */
	struct disk_temp temp;
};
#define WRITING_INIT ((struct writing){.dir = -1, .temp = DISK_TEMP_INIT})

static void writing_release(struct writing *writing)
{
	disk_temp_release(&writing->temp);
	cleanup_fd(&writing->dir);
}
#define auto_writing cleanup(writing_release)

static int write_text(struct journal *journal, int which, const char *resource, const void *text,
	size_t len, bool durable, struct writing *writing)
{
	int err = disk_make_dir(journal->dirs[which], resource, &writing->dir);
	return err < 0 ? err
		       : disk_temp_write(journal->dirs[TEMP], text, len, durable, &writing->temp);
}

static int write_reason(struct journal *journal, const char *resource, const char *reason,
	bool durable, struct writing *writing)
{
	char line[REASON_SIZE];
	if (!reason)
		return disk_open_dir(journal->dirs[REASONS], resource, &writing->dir);
	problem_one_line(reason, strlen(reason), line, sizeof line - 1);
	size_t len = strlen(line);
	line[len++] = '\n';
	return write_text(journal, REASONS, resource, line, len, durable, writing);
}

/* Where no new reason was written an old one goes: it was another text's. */
static int place_reason(struct writing *writing, const char *name)
{
	if (writing->dir < 0)
		return -ENOENT;
	if (writing->temp.fd < 0)
		return disk_remove(writing->dir, name);
	return disk_temp_place(&writing->temp, writing->dir, name);
}

/* -1: nothing was changed there. */
static int sync_dirs(int texts, int reasons)
{
	int err = texts >= 0 ? disk_sync_dir(texts) : 0;
	if (err == 0 && reasons >= 0)
		err = disk_sync_dir(reasons);
	return err;
}

/* Sees to it that a text of len bytes fits, in the place of what has its name now. */
static int make_room_locked(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, uint64_t len)
{
	bool is_fresh = journal->counted_ms > 0 && clock_ms() - journal->counted_ms < COUNT_TTL_MS;
	if (is_fresh && journal->at_most_bytes + len <= journal->max_bytes) {
		journal->at_most_bytes += len;
		return 0;
	}

	struct journal_stats stats = {0};
	uint64_t old_bytes = 0;
	int err = text_size(journal, (int)area, resource, name, &old_bytes);
	if (err < 0 && err != -ENOENT)
		return err;
	err = journal_get_stats(journal, &stats);
	if (err < 0)
		return err;
	uint64_t bytes = stats.draft_bytes + stats.trash_bytes;
	bytes = bytes + len - (old_bytes < bytes ? old_bytes : bytes);
	if (bytes > journal->max_bytes) {
		const char *spare = area == JOURNAL_TRASH ? name : NULL;
		err = room_evict(journal->dirs[TRASH], bytes - journal->max_bytes, resource, spare);
		if (err < 0)
			return err;
		bytes = journal->max_bytes;
	}
	journal->at_most_bytes = bytes;
	journal->counted_ms = clock_ms();
	return 0;
}

static int keep(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, const void *text, size_t len, const char *reason, bool durable)
{
	if (!is_safe(resource) || !is_safe(name))
		return -EINVAL;
	if (len > journal->max_bytes)
		return -ENOSPC;
	auto_writing struct writing writing = WRITING_INIT;
	int err = write_text(journal, (int)area, resource, text, len, durable, &writing);
	if (err < 0)
		return err;
	auto_writing struct writing beside = WRITING_INIT;
	if (area == JOURNAL_DRAFTS)
		write_reason(journal, resource, reason, durable, &beside);

	bool reason_changed = false;
	pthread_mutex_lock(&journal->lock);
	err = make_room_locked(journal, area, resource, name, len);
	if (err == 0)
		err = disk_temp_place(&writing.temp, writing.dir, name);
	if (err == 0)
		reason_changed = place_reason(&beside, name) == 0;
	pthread_mutex_unlock(&journal->lock);

	if (err < 0 || !durable)
		return err;
	return sync_dirs(writing.dir, reason_changed ? beside.dir : -1);
}

int journal_keep(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, const void *text, size_t len, const char *reason)
{
	return keep(journal, area, resource, name, text, len, reason, true);
}

int journal_note(struct journal *journal, const char *resource, const char *name, const void *text,
	size_t len, const char *reason)
{
	return keep(journal, JOURNAL_DRAFTS, resource, name, text, len, reason, false);
}

int journal_set_reason(
	struct journal *journal, const char *resource, const char *name, const char *reason)
{
	if (!is_safe(resource) || !is_safe(name))
		return -EINVAL;
	if (!has_text(journal, DRAFTS, resource, name))
		return -ENOENT;
	auto_writing struct writing writing = WRITING_INIT;
	int err = write_reason(journal, resource, reason, true, &writing);
	if (err == 0)
		err = place_reason(&writing, name);
	if (err == 0)
		err = disk_sync_dir(writing.dir);
	return err == -ENOENT && !reason ? 0 : err;
}

/* Removes a text, and leaves its directory open where that is yet to be synced. */
static int remove_text(
	struct journal *journal, int which, const char *resource, const char *name, int *ret_dir)
{
	auto_fd int dir = -1;
	int err = disk_open_dir(journal->dirs[which], resource, &dir);
	if (err == 0)
		err = disk_remove(dir, name);
	if (err < 0)
		return err == -ENOENT ? 0 : err;
	*ret_dir = dir;
	dir = -1;
	return 0;
}

static int drop(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, bool durable)
{
	int which;
	char own_name[NAME_MAX + 1];
	int err = resolve(journal, area, resource, name, &which, own_name);
	if (err < 0)
		return err;

	auto_fd int reasons = -1, texts = -1;
	pthread_mutex_lock(&journal->lock);
	if (area == JOURNAL_DRAFTS)
		err = remove_text(journal, REASONS, resource, own_name, &reasons);
	if (err == 0 && which != REASONS)
		err = remove_text(journal, which, resource, own_name, &texts);
	pthread_mutex_unlock(&journal->lock);

	return err < 0 || !durable ? err : sync_dirs(texts, reasons);
}

int journal_drop(
	struct journal *journal, enum journal_area area, const char *resource, const char *name)
{
	return drop(journal, area, resource, name, true);
}

int journal_forget(struct journal *journal, const char *resource, const char *name)
{
	return drop(journal, JOURNAL_DRAFTS, resource, name, false);
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
	if (!is_safe(resource))
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
		auto_list struct disk_list texts = {0};
		err = list_texts(journal, (int)area, resources.items[i].name, &texts);
		if (err < 0) {
			journal_names_free(names);
			return err;
		}
		if (texts.count == 0)
			continue;
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
