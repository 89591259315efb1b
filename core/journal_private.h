/* Inside of the journal, for journal.c, journal_keep.c and journal_note.c alone. */
#ifndef CORE_JOURNAL_PRIVATE_H
#define CORE_JOURNAL_PRIVATE_H

#include "journal.h"
#include "journal_account.h"
#include "journal_disk.h"

#include <limits.h>
#include <pthread.h>

/* So many saves at a time need no new file. */
#define MAX_SPARE 8

struct journal {
	int dirs[DIRS]; /* open as long as the journal */
	uint64_t max_bytes;
	pthread_mutex_t lock;	/* a text and its reason change together; never across fsync */
	uint64_t at_most_bytes; /* guarded by lock: drafts and trash hold no more than that */
	int64_t counted_ms;	/* guarded by lock: when, on clock_ms; 0: never */
	/* guarded by lock: notes that are not needed any more, empty, in TEMP */
	struct disk_temp spare[MAX_SPARE];
	unsigned spare_count;
};

/* A name that leads nowhere else. */
bool journal_is_safe(const char *name);

/* A text on its way to its name, and the directory that has the name. */
struct writing {
	int dir; /* -1: there is none */
	struct disk_temp temp;
};
#define WRITING_INIT ((struct writing){.dir = -1, .temp = DISK_TEMP_INIT})
static inline void writing_release(struct writing *writing)
{
	disk_temp_release(&writing->temp);
	cleanup_fd(&writing->dir);
}
#define auto_writing cleanup(writing_release)

/* disk_temp_write; where the disk is full the oldest trash gives way. */
int journal_write_temp(struct journal *journal, int dir, const char *label, const void *text,
	size_t len, bool durable, struct disk_temp *ret_temp) nodiscard;
/*
 * Sees to it that a text of len bytes fits, in the place of what is called name now (NULL: beside
 * all there is). -ENOSPC. Wants the lock held.
 */
int journal_make_room_locked(struct journal *journal, enum journal_area area, const char *resource,
	const char *name, size_t len) nodiscard;

/* The line beside a draft, written but without its name. Without a reason: the directory alone. */
int journal_write_reason(struct journal *journal, const char *resource, const char *reason,
	struct writing *writing) nodiscard;
/* Names it; where none was written an old one goes: it was another text's. Wants the lock held. */
int journal_place_reason_locked(struct writing *writing, const char *name) nodiscard;

/* Turns what a process that has ended left on its way into drafts, as far as it can. */
void journal_adopt_notes(struct journal *journal);

#endif
