/*
 * Who points at whom (contract 2, related/): for each target the records of one collection that
 * point at it. It says where to look; whether a record does point there, the record says itself.
 */
#ifndef CORE_LINKS_H
#define CORE_LINKS_H

#include "index.h"

extern const struct index_kind links_kind;

/*
 * The records that may point at a target, in the order first heard of: false at the end. Start with
 * a *place of 0. Nearly all of them do: see links_points.
 */
bool links_next(const struct index *links, const struct slot *target, size_t *place,
	struct slot **ret_source);
/* Whether a record, as it is now, points at another. */
bool links_points(struct slot *source, const struct slot *target);
/* Whether any record points at it now. */
bool links_any(const struct index *links, const struct slot *target);

#endif
