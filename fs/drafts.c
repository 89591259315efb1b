#include "drafts.h"

#include <stdio.h>

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

int drafts_keep(struct fs *fs, const char *resource, const char *name, const struct buf *text,
	struct journal_note *note, const char *reason)
{
	char path[NAME_SIZE + 80];
	struct problem problem = {.http_status = 0};

	if (!fs->journal)
		return 0;
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
