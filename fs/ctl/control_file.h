/* The files of a mount's control directory. They are answered from memory, whatever the server does. */
#ifndef CTL_CONTROL_FILE_H
#define CTL_CONTROL_FILE_H

#include "buf.h"
#include "problem.h"

/* mount/.clevertimfs/name, where name may have slashes. NULL: no memory. The caller's. */
char *control_path(const char *mount, const char *name) nodiscard;
/* Appends what it says. Errors have a sentence: the daemon is dead, the mount is another user's. */
int control_read(
	const char *mount, const char *name, struct buf *out, struct problem *problem) nodiscard;
int control_write(
	const char *mount, const char *name, const char *text, struct problem *problem) nodiscard;
/* The sentence for a file of the control directory that cannot be used. Returns err. */
int control_explain(const char *mount, const char *name, int err, struct problem *problem);

#endif
