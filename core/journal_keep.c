/* How a text gets to disk: room for it, the text whole or not at all, its reason beside it. */
#include "journal_private.h"

#include "clock.h"
#include "journal_room.h"

#define REASON_SIZE 1024
/* How long a count is trusted; within it another process may add what we do not see. */
#define COUNT_TTL_MS 1000
/* What a text of a few bytes takes of a disk. */
#define BLOCK_BYTES 4096

/* ---- room ---- */

/* Size of a text; 0 where there is none, or no name. */
static int size_of_old(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, uint64_t *ret_bytes)
{
	auto_fd int dir = -1;
	*ret_bytes = 0;
	int err = name ? disk_open_dir(journal->dirs[area], resource, &dir) : 0;
	if (err == 0 && name)
		err = disk_size(dir, name, ret_bytes);
	return err == -ENOENT ? 0 : err;
}

int journal_make_room_locked(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, size_t len)
{
	bool is_fresh = journal->counted_ms > 0 && clock_ms() - journal->counted_ms < COUNT_TTL_MS;
	if (is_fresh && journal->at_most_bytes + len <= journal->max_bytes) {
		journal->at_most_bytes += len;
		return 0;
	}

	struct journal_stats stats = {0};
	uint64_t old_bytes;
	int err = size_of_old(journal, area, resource, name, &old_bytes);
	if (err == 0)
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

int journal_write_temp(struct journal *journal, int dir, const char *label, const void *text,
	size_t len, bool durable, struct disk_temp *ret_temp)
{
	int err = disk_temp_write(dir, label, text, len, durable, ret_temp);
	if (err != -ENOSPC && err != -EDQUOT)
		return err;
	/* Room for the text, its name and its reason. */
	room_shrink(journal->dirs[TRASH], len + 4 * (uint64_t)BLOCK_BYTES, BLOCK_BYTES);
	return disk_temp_write(dir, label, text, len, durable, ret_temp);
}

/* ---- reasons ---- */

int journal_write_reason(
	struct journal *journal, const char *resource, const char *reason, struct writing *writing)
{
	char line[REASON_SIZE];
	if (!reason)
		return disk_open_dir(journal->dirs[REASONS], resource, &writing->dir);
	problem_one_line(reason, strlen(reason), line, sizeof line - 1);
	size_t len = strlen(line);
	line[len++] = '\n';
	int err = disk_make_dir(journal->dirs[REASONS], resource, &writing->dir);
	return err < 0 ? err
		       : journal_write_temp(
				 journal, journal->dirs[TEMP], "", line, len, true, &writing->temp);
}

int journal_place_reason_locked(struct writing *writing, const char *name)
{
	if (writing->dir < 0)
		return -ENOENT;
	if (writing->temp.fd < 0)
		return disk_remove(writing->dir, name);
	return disk_temp_place(&writing->temp, writing->dir, name, true);
}

/* ---- keeping ---- */

static int keep_in_trash(struct journal *journal, const char *resource, const char *name,
	const void *text, size_t len)
{
	auto_writing struct writing writing = WRITING_INIT;
	int err = disk_make_dir(journal->dirs[TRASH], resource, &writing.dir);
	if (err == 0)
		err = journal_write_temp(
			journal, journal->dirs[TEMP], "", text, len, true, &writing.temp);
	if (err < 0)
		return err;
	pthread_mutex_lock(&journal->lock);
	err = journal_make_room_locked(journal, JOURNAL_TRASH, resource, name, len);
	if (err == 0)
		err = disk_temp_place(&writing.temp, writing.dir, name, true);
	pthread_mutex_unlock(&journal->lock);
	return err < 0 ? err : disk_sync_dir(writing.dir);
}

static int keep_as_draft(struct journal *journal, const char *resource, const char *name,
	const void *text, size_t len, const char *reason)
{
	struct journal_note *note;
	int err = journal_note(journal, resource, name, text, len, true, &note);
	return err < 0 ? err : journal_note_keep(note, reason);
}

int journal_keep(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, const void *text, size_t len, const char *reason)
{
	if (!journal_is_safe(resource) || !journal_is_safe(name))
		return -EINVAL;
	if (len > journal->max_bytes)
		return -ENOSPC;
	return area == JOURNAL_DRAFTS ? keep_as_draft(journal, resource, name, text, len, reason)
				      : keep_in_trash(journal, resource, name, text, len);
}
