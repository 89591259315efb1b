/*
 * The mounts of clevertimfs that this process sees, from /proc/self/mountinfo. Only whole ones: the
 * control directory stands in the root. Any thread.
 */
#ifndef CTL_MOUNTS_H
#define CTL_MOUNTS_H

#include "problem.h"
#include <sys/types.h>

struct mount {
	char *point;	 /* absolute, octal escapes decoded */
	char device[24]; /* "0:45": two with one device are one mount, shown in two places */
	uid_t owner;	 /* who mounted it; (uid_t)-1: it does not say */
};

struct mounts {
	struct mount *items; /* in the order of the table: a later one may cover an earlier one */
	size_t count;
};

/* Other lines are left out, and so is what they cover. -ENOMEM. */
int mounts_parse(const char *text, size_t len, struct mounts *ret_mounts) nodiscard;
int mounts_read(struct mounts *ret_mounts, struct problem *problem) nodiscard;
void mounts_release(struct mounts *mounts);
#define auto_mounts cleanup(mounts_release)

/* The mount whose point is exactly this; NULL: none. Borrowed. */
const struct mount *mounts_at(const struct mounts *mounts, const char *point);
/* The only one of a user. NULL, and how many there are: none, or several. Borrowed. */
const struct mount *mounts_only(const struct mounts *mounts, uid_t owner, size_t *ret_count);

#endif
