/*
 * How much the journal holds, and what leaves it for lack of room or for age: only ever trash.
 *
 * Counted by looking, so that it is right whatever another process does. An area is a directory of
 * directories of texts. Any thread.
 */
#ifndef CORE_JOURNAL_ROOM_H
#define CORE_JOURNAL_ROOM_H

#include "base.h"
#include <time.h>

struct room_count {
	uint64_t texts, bytes;
};
int room_count(int area, struct room_count *ret_count) nodiscard;

/*
 * Removes the oldest texts until `bytes` are free. The one of this resource and name (NULL: none)
 * is left alone: it is about to be replaced. -ENOSPC: all of them are not enough; none was removed.
 */
int room_evict(
	int area, uint64_t bytes, const char *spare_resource, const char *spare_name) nodiscard;
/* For a full disk: removes the oldest until so many bytes are free, or none is left. */
void room_shrink(int area, uint64_t bytes, uint64_t block_bytes);
/* Removes texts that were kept before a time, as far as it can. */
void room_drop_older(int area, time_t before);

#endif
