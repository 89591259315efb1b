/*
 * Unlinks of records (contract 6): at once for programs that delete for deleting's sake, later for
 * all others, because many of them unlink a file only to create it anew; and no more of them than
 * delete_limit within a minute.
 */
#ifndef FS_DELETES_H
#define FS_DELETES_H

#include "fs.h"

struct deletes;

/* NULL: no memory, or no thread. */
struct deletes *deletes_create(struct fs *fs);
/*
 * No request comes any more: sends what is still to be deleted, but for what may be about to come back just
 * now. Calls may be under way. NULL is fine.
 */
void deletes_end(struct deletes *deletes);
/* After deletes_end, and the calls; whether all was answered within ms. */
bool deletes_finish(struct deletes *deletes, int64_t ms);
/* After deletes_finish said yes. NULL is fine. */
void deletes_destroy(struct deletes *deletes);

/*
 * Unlinks the record that a name means, on behalf of a process. Blocks for as long as a DELETE
 * takes where its outcome is to be told. -EPERM beyond delete_limit; contract 8.
 */
int deletes_unlink(struct deletes *deletes, struct node *dir, const char *name, struct slot *slot,
	pid_t process) nodiscard;

#endif
