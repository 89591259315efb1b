/*
 * What a mount keeps in .clevertimfs/drafts and .clevertimfs/trash: names, sizes, ages, reasons.
 * Asks the mount alone, which looks at its disk.
 */
#ifndef CTL_KEPT_H
#define CTL_KEPT_H

#include "problem.h"
#include <time.h>

struct kept_text {
	char *resource, *name;
	char *reason; /* one line; NULL: none */
	uint64_t size;
	struct timespec mtime;
};

struct kept {
	struct kept_text *items; /* by resource and name */
	size_t count;
};

/* area: "drafts" or "trash". A text that goes away meanwhile is left out. */
int kept_read(const char *mount, const char *area, struct kept *ret_kept,
	struct problem *problem) nodiscard;
void kept_release(struct kept *kept);
#define auto_kept cleanup(kept_release)

#endif
