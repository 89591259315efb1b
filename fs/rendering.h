/*
 * The file of a long record, rendered once for the many reads that it takes; short ones are rendered
 * each time. Any thread; a lock of its own.
 */
#ifndef FS_RENDERING_H
#define FS_RENDERING_H

#include "buf.h"
#include "record.h"
#include <pthread.h>

struct rendering {
	pthread_mutex_t lock;
	/* guarded by lock */
	struct record *of; /* referenced; NULL: nothing is rendered */
	struct buf text;
};

void rendering_init(struct rendering *rendering);
void rendering_release(struct rendering *rendering);
/* Appends at most len bytes of the record's file from offset. -ENOMEM. */
int rendering_read(struct rendering *rendering, struct record *record, size_t offset, size_t len,
	struct buf *out) nodiscard;
/* Appends a piece of any text. -ENOMEM. */
int rendering_add_piece(
	const struct buf *whole, size_t offset, size_t len, struct buf *out) nodiscard;

#endif
