/* Has a resource read whole, as who lists its directory does, and shows how far it is. */
#ifndef CTL_LOAD_H
#define CTL_LOAD_H

#include "problem.h"

struct load {
	const char *mount, *resource; /* borrowed */
	size_t name_width;	      /* columns for the resource's name */
};

/*
 * Waits until it is read. On standard error: on a terminal a line that is written over until it is
 * the last one; elsewhere that last one alone. *ret_answered tells whether the server answered.
 * 0, also where the server does not offer the resource; a negative errno with a sentence.
 */
int load_resource(const struct load *load, bool *ret_answered, struct problem *problem) nodiscard;

#endif
