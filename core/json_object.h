/*
 * Walking an object's own properties and decoding strings. The text must have passed json_check.
 * Slices point into it. Pure; any thread.
 */
#ifndef CORE_JSON_OBJECT_H
#define CORE_JSON_OBJECT_H

#include "buf.h"
#include "json_check.h"

struct json_member {
	struct json_slice key;	 /* as it stands in the text, with its quotes */
	struct json_slice value; /* without white space around it */
};

struct json_walk {
	const char *at, *end;
};

/* Starts at an object or an array; json_walk_next then gives what is in it. */
void json_walk_init(struct json_walk *walk, struct json_slice container);
/* False at the end. In an array the members have an empty key. */
bool json_walk_next(struct json_walk *walk, struct json_member *ret_member);

/* The same for a key that is longer than the name, and so can spell it by escapes alone. */
bool json_key_spells(struct json_slice key, const char *name);
/* Whether a quoted key spells this name, escapes decoded. */
static inline bool json_key_is(struct json_slice key, const char *name)
{
	size_t len = strlen(name) + 2;
	if (key.len > len)
		return json_key_spells(key, name);
	return key.len == len && key.data[0] == '"' && memcmp(key.data + 1, name, len - 2) == 0;
}
/* The first property of that name in an object. False: none, or the text is no object. */
bool json_get(struct json_slice object, const char *name, struct json_slice *ret_value);
/* The same for a name of two letters in an object of which json_check, or a split, found these. */
bool json_get_brief(struct json_slice object, const struct json_brief *brief, const char *name,
	struct json_slice *ret_value);

/*
 * An object's properties in the order of their names, to look many of them up. Of those that share
 * a name, the first in the text stands first.
 */
struct json_index {
	struct json_member *items; /* slices borrow from the text */
	size_t count;
};
/* -ENOMEM. */
int json_index_init(struct json_index *index, struct json_slice object) nodiscard;
void json_index_release(struct json_index *index);
/* The first property of that quoted name, borrowed. NULL: none. */
const struct json_member *json_index_find(const struct json_index *index, struct json_slice key);

/*
 * Appends the decoded bytes of a quoted string, as UTF-8. -EILSEQ at a lone surrogate, which UTF-8
 * cannot carry; -EINVAL when the slice is no string; -EFBIG, -ENOMEM.
 */
int json_string_decode(struct json_slice string, struct buf *out) nodiscard;
/* The same for reading alone: a lone surrogate keeps its escape, and is no error. */
int json_string_show(struct json_slice string, struct buf *out) nodiscard;
/* Appends text as a quoted JSON string; bytes that are not UTF-8 become U+FFFD. -EFBIG, -ENOMEM. */
int json_string_encode(const char *text, size_t len, struct buf *out) nodiscard;

/*
 * Same value? Strings by what they decode to, numbers as exact decimals ("1.50e1" is "15", and "-0"
 * is "0"; tools lay them out anew), arrays in order, objects by property in any order. An exponent
 * of more than 15 digits is compared as it is written. -ENOMEM or 0 with the answer. Takes time as
 * the length times the depth, at worst.
 */
int json_equal(struct json_slice a, struct json_slice b, bool *ret_equal) nodiscard;

#endif
