/*
 * What a save has to say: the difference between two versions of a record, the merge with what
 * happened on the server, and an answer laid over what was known (contract 5).
 *
 * All texts are JSON objects that passed json_check. Pure; any thread. Keys are compared decoded,
 * values by json_equal. Of properties that share a name, the first counts.
 */
#ifndef CORE_JSON_DIFF_H
#define CORE_JSON_DIFF_H

#include "buf.h"
#include "json_object.h"

#define JSON_MAX_CHANGES 4096

struct json_change {
	struct json_slice key;	  /* as spelt in `mine`, with its quotes */
	struct json_slice value;  /* the new value, in `mine` */
	struct json_slice before; /* the value in `base`; data NULL: it had none */
};

struct json_changes {
	struct json_change *items; /* in the order of `mine`; slices borrow from both texts */
	size_t count;
};
void json_changes_release(struct json_changes *changes);

/*
 * The properties of `mine` whose value differs from `base`. One that mine leaves out is no change;
 * one that is null in mine and absent in base is none either. -EFBIG: more than JSON_MAX_CHANGES;
 * -ENOMEM.
 */
int json_diff(
	struct json_slice base, struct json_slice mine, struct json_changes *ret_changes) nodiscard;

/*
 * Holds changes against the server's present version: drops those that it has already, and stops
 * at the first property that was changed there too, to another value than here: -EBUSY, with its
 * key; that change and those behind it stay. `before` is the common ancestor's value; absent and
 * null are the same. -ENOMEM.
 */
int json_merge(struct json_changes *changes, struct json_slice theirs,
	struct json_slice *ret_key) nodiscard;

/*
 * Drops the changes to a value that `known` has already; absent and null are the same. -ENOMEM: some
 * may be left.
 */
int json_changes_drop_known(struct json_changes *changes, struct json_slice known) nodiscard;

/* Appends {"key":value,...} of all changes, compact. -EFBIG, -ENOMEM. */
int json_changes_write(const struct json_changes *changes, struct buf *out) nodiscard;

/*
 * Appends known with answer laid over it: properties keep known's order, with answer's values where
 * it has them; what only answer has follows in its order. Nothing else is touched. -EFBIG, -ENOMEM.
 */
int json_overlay(struct json_slice known, struct json_slice answer, struct buf *out) nodiscard;

/*
 * Appends object without the properties that `drop` says yes to, otherwise byte for byte but for
 * white space around its own names and values. -EFBIG, -ENOMEM.
 */
int json_without(struct json_slice object, bool (*drop)(void *arg, struct json_slice key),
	void *arg, struct buf *out) nodiscard;

#endif
