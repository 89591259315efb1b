/*
 * Which records a record points at (contract 2, related/): the table of the API page. Ids are
 * numbers or strings, compared by their text, as record_id gives it; what else stands there (null,
 * "", an object, a list in a list, an id over ID_MAX bytes, a lone surrogate) is no pointer. The
 * object must have passed json_check. Pure; any thread.
 *
 * Nothing is allocated, and the work is that of one walk over the record, however many ids a
 * hostile one lists. So nothing remembers what was given already: see pointers_each.
 */
#ifndef CORE_POINTER_H
#define CORE_POINTER_H

#include "resource.h"

/* The id is borrowed for the call, and may hold NUL. The resource is a constant. */
typedef int (*pointer_fn)(void *arg, const char *resource, const char *id, size_t id_len);

/*
 * Calls fn for each pointer, in the order of the text. A `cust` is one at a contact and one at a
 * company: only the store knows which of them there is. A record that names a target twice gives it
 * twice; but all its pointers come in this one call, so who appends to a list for each target has a
 * twin when this very record stands there last. Returns fn's first negative result, else 0.
 */
int pointers_each(
	const struct resource *resource, struct json_slice object, pointer_fn fn, void *arg);
/* Whether the record points at this one. */
bool pointers_at(const struct resource *resource, struct json_slice object, const char *target,
	const char *id, size_t id_len);
/* Whether a record of this kind can point at one of that. Every kind can point at a user. */
bool pointer_can(const struct resource *from, const char *target);

#endif
