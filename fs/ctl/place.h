/*
 * Which mount a person means. Looks at no file in a mount: nothing here waits for a server, or fails
 * because a daemon died.
 */
#ifndef CTL_PLACE_H
#define CTL_PLACE_H

#include "problem.h"

struct place {
	char *mount; /* absolute, without a slash at its end */
	char *path;  /* below it, without slashes at its ends; "" the mount itself */
};

/*
 * The mount that a path is in, and where in it. text NULL: the one that the working directory is in,
 * else the only one of this user; the path is "" then. -ENOENT: there is none, or text is in none;
 * -ENOTUNIQ: there are several, which the sentence lists; -ENOMEM.
 */
int place_find(const char *text, struct place *ret_place, struct problem *problem) nodiscard;
void place_release(struct place *place);
#define auto_place cleanup(place_release)

/* Makes an absolute path plain, in place: no "//", no ".", and ".." as a shell's cd takes it. */
void place_normalise(char *path);

#endif
