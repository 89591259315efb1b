/* What the command says to a person once the mount is there. */
#ifndef FS_ANNOUNCE_H
#define FS_ANNOUNCE_H

#include "config.h"

/*
 * One line on standard output: what was mounted where, and how to unmount it. Nothing where that is
 * no terminal, or where mount(8) runs us. user: whose the token is; "" when that is not known.
 */
void announce(const struct config *config, const char *user);

#endif
