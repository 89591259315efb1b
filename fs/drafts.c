#include "drafts.h"

#include "edit.h"
#include "hash.h"
#include "json_object.h"
#include "proc.h"
#include <pthread.h>
#include <stdio.h>

/* Of more drafts the writers of the oldest are forgotten. */
#define WRITERS 256

struct drafts {
	pthread_mutex_t lock;
	/* guarded by lock */
	struct draft_writer {
		pid_t process; /* 0: nobody */
		size_t hash;
	} writers[WRITERS];
	unsigned next;
};

struct drafts *drafts_create(void)
{
	struct drafts *drafts = calloc(1, sizeof *drafts);
	if (drafts)
		pthread_mutex_init(&drafts->lock, NULL);
	return drafts;
}

void drafts_destroy(struct drafts *drafts)
{
	if (!drafts)
		return;
	pthread_mutex_destroy(&drafts->lock);
	free(drafts);
}

int drafts_note(struct fs *fs, const char *resource, const char *name, const struct buf *text,
	bool durable, struct journal_note **ret_note, struct problem *problem)
{
	if (!fs->journal)
		return 0;
	int err =
		journal_note(fs->journal, resource, name, text->data, text->len, durable, ret_note);
	return err < 0 ? problem_set(problem, err,
				 "not sent: meanwhile it cannot be kept in the state directory")
		       : 0;
}

static void note_writer(struct drafts *drafts, const struct buf *text, pid_t writer)
{
	writer = proc_process(writer);
	pthread_mutex_lock(&drafts->lock);
	drafts->writers[drafts->next] =
		(struct draft_writer){.process = writer, .hash = hash_text(text->data, text->len)};
	drafts->next = (drafts->next + 1) % WRITERS;
	pthread_mutex_unlock(&drafts->lock);
}

static bool is_writers(struct drafts *drafts, const char *text, size_t len, pid_t writer)
{
	bool is_his = false;
	writer = proc_process(writer);
	size_t hash = hash_text(text, len);
	pthread_mutex_lock(&drafts->lock);
	for (size_t i = 0; i < WRITERS && !is_his; i++) {
		const struct draft_writer *at = &drafts->writers[i];
		is_his = at->process && at->hash == hash && at->process == writer;
	}
	pthread_mutex_unlock(&drafts->lock);
	return is_his;
}

int drafts_keep(struct fs *fs, const char *resource, const char *name, const struct buf *text,
	struct journal_note *note, const char *reason, pid_t writer)
{
	char path[NAME_SIZE + 80];
	struct problem problem = {.http_status = 0};

	if (!fs->journal)
		return 0;
	note_writer(fs->drafts, text, writer);
	int err = note ? journal_note_keep(note, reason)
		       : journal_keep(fs->journal, JOURNAL_DRAFTS, resource, name, text->data,
				 text->len, reason);
	if (err == 0)
		return 0;
	snprintf(path, sizeof path, "%s/%s", resource, name);
	problem_set(&problem, err, "the unsaved text could not be kept in the state directory");
	log_failure(&fs->errors, "keep", path, err, &problem);
	return err;
}

/* ---- what a save makes needless ---- */

struct judging {
	struct fs *fs;
	const struct draft_saved *saved;
};

/* Whether each change is one to a property that others change, too. */
static int are_among(
	const struct json_changes *changes, const struct json_changes *others, bool *ret_are)
{
	auto_buf struct buf body = BUF_INIT(2 * RECORD_MAX_BYTES);
	struct json_index index;
	size_t found = 0;

	int err = json_changes_write(others, &body);
	if (err == 0)
		err = json_index_init(
			&index, (struct json_slice){.data = body.data, .len = body.len});
	if (err < 0)
		return err;
	for (size_t i = 0; i < changes->count; i++)
		found += json_index_find(&index, changes->items[i].key) != NULL;
	json_index_release(&index);
	*ret_are = found == changes->count;
	return 0;
}

/* Whether what a draft says is on the server, or was written anew by the save. */
static bool is_superseded(const struct draft_saved *saved, struct json_slice draft)
{
	static const struct json_slice nothing = {.data = "{}", .len = 2};
	struct json_changes missing = {.items = NULL}, written = {.items = NULL};
	bool is = false;

	int err = json_diff(record_slice(saved->record), draft, &missing);
	if (err == 0)
		err = json_diff(
			saved->base ? record_slice(saved->base) : nothing, saved->text, &written);
	if (err == 0)
		err = are_among(&missing, &written, &is);
	json_changes_release(&missing);
	json_changes_release(&written);
	return err == 0 && is;
}

static bool is_needless(void *arg, const char *text, size_t len)
{
	const struct judging *judging = arg;
	struct edit edit;
	struct problem ignored;
	bool incomplete;
	auto_buf struct buf body = BUF_INIT(RECORD_MAX_BYTES);

	const struct json_slice saved = judging->saved->text;
	if (is_writers(judging->fs->drafts, text, len, judging->saved->writer))
		return true;
	/* The same once more, or all of what was a part. */
	if (len <= saved.len && memcmp(saved.data, text, len) == 0)
		return true;
	return judging->saved->record && edit_check(text, len, &edit, &incomplete, &ignored) == 0 &&
	       edit_creation(&edit, judging->saved->resource, &body) == 0 &&
	       is_superseded(
		       judging->saved, (struct json_slice){.data = body.data, .len = body.len});
}

void drafts_reached(struct fs *fs, struct journal_note *note, const struct draft_saved *saved)
{
	struct judging judging = {.fs = fs, .saved = saved};
	journal_note_reached(note, is_needless, &judging);
}
