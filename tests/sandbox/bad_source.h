/*
 * Bodies that break off, stall or crawl: each wraps another source and takes it over, also when it
 * fails. NULL in, NULL out.
 */
#ifndef SANDBOX_BAD_SOURCE_H
#define SANDBOX_BAD_SOURCE_H

#include "source.h"
#include "wire.h"

/* Ends the connection after so many bytes. */
struct source *bad_source_cut(struct source *whole, uint64_t bytes);
/* Breaks the connection with a RST after so many bytes. */
struct source *bad_source_reset(struct source *whole, uint64_t bytes, struct wire wire);
/* Waits after so many bytes until the faults are cleared, and goes on. */
struct source *bad_source_stall(struct source *whole, uint64_t bytes, struct wire wire);
/* Gives one byte every ms, until the faults are cleared. */
struct source *bad_source_trickle(struct source *whole, int64_t ms, struct wire wire);

#endif
