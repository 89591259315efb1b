/*
 * Which records are being written just now, or were a moment ago: who opens one of these to read
 * goes past the kernel's page cache, so that the text does not change under a read that has begun
 * (contract 4, 5). Any thread; a lock of its own, not even taken where nothing is written.
 */
#ifndef FS_BUSY_H
#define FS_BUSY_H

#include "store.h"

struct busy;

/* calm_ms: a record is busy for so long after its last writer has ended. NULL: no memory. */
struct busy *busy_create(int64_t calm_ms);
void busy_destroy(struct busy *busy);

/* Somebody begins to write a record. Each begin has its end. */
void busy_begin(struct busy *busy, struct slot *slot);
void busy_end(struct busy *busy, struct slot *slot);
bool busy_is(struct busy *busy, const struct slot *slot);
/*
 * A writer emptied a record's file and closed it, or a copy of his descriptor, before he wrote: for
 * a minute the next one who appends, and he alone, begins with nothing, unless the text comes by the
 * writer himself (contract 5).
 */
void busy_note_emptied(struct busy *busy, struct slot *slot);
bool busy_take_emptied(struct busy *busy, const struct slot *slot);

#endif
