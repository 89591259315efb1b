/*
 * What a person saved, judged before anything is sent: contract 5's refusals, and the body of the
 * PUT or POST. Pure; any thread.
 */
#ifndef CORE_EDIT_H
#define CORE_EDIT_H

#include "json_diff.h"
#include "problem.h"
#include "record.h"
#include "resource.h"

/* A checked text. Borrows from the bytes it was made of. */
struct edit {
	struct json_slice text;
};

/*
 * Is this a complete JSON object without duplicate keys? -EINVAL with line, column and what is
 * wrong; *ret_incomplete: it only ends too early. -EFBIG over RECORD_MAX_BYTES.
 */
int edit_check(const char *text, size_t len, struct edit *ret_edit, bool *ret_incomplete,
	struct problem *problem) nodiscard;

/*
 * What the edit changes in the version its writer opened. A value that newest, the last version
 * that is known (NULL: none is), has as well is no change of the writer's: he has read it there, be
 * it read-only or not. An `lm` that is no later than base's or newest's is what another copy of the
 * record holds: no change either. -EINVAL: another id than the record's, or a change to a read-only
 * property. The changes borrow from edit and base.
 */
int edit_changes(const struct edit *edit, const struct resource *resource, const char *id,
	size_t id_len, const struct record *base, const struct record *newest,
	struct json_changes *ret_changes, struct problem *problem) nodiscard;

/* Appends the body of a POST: the edit without id and read-only properties. */
int edit_creation(
	const struct edit *edit, const struct resource *resource, struct buf *body) nodiscard;

/* Whether record has every property of body with an equal value. 0 or -ENOMEM. */
int edit_is_contained(
	struct json_slice body, struct json_slice record, bool *ret_contained) nodiscard;
/*
 * Whether answer names every property that known has, apart from those that are null there, which a
 * server may leave out: then nothing is left to guess, and the answer is the record.
 */
bool edit_is_whole(struct json_slice known, struct json_slice answer);

#endif
