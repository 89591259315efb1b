/*
 * Who points at whom (contract 2, related/): for each target the records of one collection that
 * point at it, found by a hash of its name. Whether one record does point there, it says itself.
 */
#ifndef CORE_LINKS_H
#define CORE_LINKS_H

#include "index.h"

extern const struct index_kind links_kind;

/*
 * The records that pointed at a target when the index was made, in the order first heard of: false
 * at the end. Start with a *place of 0. Looks at no record.
 */
bool links_next(const struct index *links, const struct slot *target, size_t *place,
	struct slot **ret_source);
/* Whether a record, as it is now, points at another. */
bool links_points(struct slot *source, const struct slot *target);
/* Whether any record did. */
bool links_any(const struct index *links, const struct slot *target);

#endif
