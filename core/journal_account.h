/*
 * The directories that a journal works in: made, checked to be the user's alone and of a version
 * that we know, and held open, so that nobody can put others in their place.
 */
#ifndef CORE_JOURNAL_ACCOUNT_H
#define CORE_JOURNAL_ACCOUNT_H

#include "journal.h"

/* The areas, and what only the journal sees. */
enum { DRAFTS = JOURNAL_DRAFTS, TRASH = JOURNAL_TRASH, REASONS, TEMP, PENDING, DIRS };

/* Errors as journal_open. The descriptors belong to the caller, who ends with account_close. */
int account_open(const char *state_dir, const char *url, int ret_dirs[DIRS],
	struct problem *problem) nodiscard;
void account_close(int dirs[DIRS]);

#endif
