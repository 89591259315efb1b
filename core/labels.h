/*
 * The names for people of a collection's records, as by-name/ shows them (contract 2): each record
 * under its label, with " (id)" behind it where two records share it. An index in the order of the
 * labels; its places are counted from 0.
 */
#ifndef CORE_LABELS_H
#define CORE_LABELS_H

#include "index.h"

extern const struct index_kind labels_kind;

/*
 * The name at a place, with its ".json". False: it has none, as its id is too long to stand behind a
 * label that it shares.
 */
bool labels_name(
	const struct index *labels, size_t place, char ret_name[NAME_SIZE], struct slot **ret_slot);
/* The record of a name, as labels_name spells it. NULL: none has it. */
struct slot *labels_find(const struct index *labels, const char *name);

#endif
