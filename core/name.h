/*
 * Between ids and file names (contract 2), and which names are records at all (contract 5, rule 1
 * of the save dances). Pure; any thread.
 */
#ifndef CORE_NAME_H
#define CORE_NAME_H

#include "base.h"

#define NAME_SIZE 256 /* the longest file name and its NUL */
#define ID_MAX 128    /* bytes of an id */

/*
 * Whether a name in a resource directory stands for a record: ends in ".json", does not begin with
 * '.', '#', '~' or '$', and is none of tmp*.json, temp*.json, *.tmp.json. Everything else is
 * scratch.
 */
bool name_is_record(const char *name);

/*
 * "4" to "4.json". Percent-encoded (upper-case hex) are: '%', '/', control characters (C1 ones
 * too), characters that turn a line's direction or end it, bytes that are not UTF-8, and what would make it a scratch name: a first byte such as '.'
 * or the 't' of "tmp", and the dot of a last ".tmp". So every result is a record's name. -EINVAL:
 * empty, or over ID_MAX bytes; -ENAMETOOLONG: over 255 bytes as a name.
 */
int name_from_id(const char *id, size_t len, char out[NAME_SIZE]) nodiscard;

/*
 * "4.json" to "4" (and a NUL behind it; the id itself may hold NUL bytes). -EINVAL: not a record
 * name, or not the way name_from_id would spell it (so each record has one name).
 */
int name_to_id(const char *name, char out[ID_MAX + 1], size_t *ret_len) nodiscard;

#endif
