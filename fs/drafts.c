#include "drafts.h"

#include <stdio.h>

/* How many earlier texts of one file are kept beside the last; then the last of them gives way. */
#define MAX_OLDER 9

/* "4.json.~1~". False: the name would be too long. */
static bool older_name(const char *name, int number, char out[NAME_SIZE])
{
	return snprintf(out, NAME_SIZE, "%s.~%d~", name, number) < NAME_SIZE;
}

static bool has_draft(struct fs *fs, const char *resource, const char *name)
{
	auto_buf struct buf ignored = BUF_INIT(SCRATCH_MAX_BYTES);
	return journal_read(fs->journal, JOURNAL_DRAFTS, resource, name, &ignored) == 0;
}

static void tell_failure(
	struct fs *fs, const char *resource, const char *name, int err, const char *what)
{
	char path[NAME_SIZE + 80];
	struct problem problem = {.http_status = 0};
	snprintf(path, sizeof path, "%s/%s", resource, name);
	log_failure(
		&fs->errors, "keep", path, err, (problem_set(&problem, err, "%s", what), &problem));
}

/* An earlier draft with another text moves to the first older name that is free. */
static void move_older(
	struct fs *fs, const char *resource, const char *name, const struct buf *text)
{
	auto_buf struct buf older = BUF_INIT(SCRATCH_MAX_BYTES);
	char free_name[NAME_SIZE];
	int number = 1;

	if (journal_read(fs->journal, JOURNAL_DRAFTS, resource, name, &older) < 0)
		return;
	if (older.len == text->len && memcmp(older.data, text->data, text->len) == 0)
		return;
	while (number < MAX_OLDER && older_name(name, number, free_name) &&
		has_draft(fs, resource, free_name))
		number++;
	int err = !older_name(name, number, free_name)
			  ? -ENAMETOOLONG
			  : journal_keep(fs->journal, JOURNAL_DRAFTS, resource, free_name,
				    older.data, older.len, "an earlier text that was not saved");
	if (err < 0)
		tell_failure(fs, resource, name, err, "an earlier draft could not be kept");
}

int drafts_note(struct fs *fs, const char *resource, const char *name, const struct buf *text,
	struct problem *problem)
{
	if (!fs->journal)
		return 0;
	move_older(fs, resource, name, text);
	int err = journal_note(fs->journal, resource, name, text->data, text->len,
		"it was on its way when the mount ended: look whether the server has it");
	return err < 0 ? problem_set(problem, err,
				 "not sent: meanwhile it cannot be kept in the state directory")
		       : 0;
}

void drafts_keep(struct fs *fs, const char *resource, const char *name, const struct buf *text,
	const char *reason)
{
	if (!fs->journal)
		return;
	move_older(fs, resource, name, text);
	int err = journal_keep(
		fs->journal, JOURNAL_DRAFTS, resource, name, text->data, text->len, reason);
	if (err < 0)
		tell_failure(fs, resource, name, err,
			"the unsaved text could not be kept in the state directory");
}

void drafts_forget(struct fs *fs, const char *resource, const char *name)
{
	char older[NAME_SIZE];

	if (!fs->journal)
		return;
	int err = journal_forget(fs->journal, resource, name);
	for (int i = 1; i <= MAX_OLDER && err == 0 && older_name(name, i, older); i++)
		err = journal_forget(fs->journal, resource, older);
	if (err < 0)
		tell_failure(
			fs, resource, name, err, "a draft that was saved could not be dropped");
}
