/*
 * The body of an answer, made while it is sent: a collection is never copied into one buffer.
 *
 * One thread at a time. Constructors take over what they are given, also when they fail; NULL: no
 * memory.
 */
#ifndef SANDBOX_SOURCE_H
#define SANDBOX_SOURCE_H

#include "buf.h"
#include "store.h"
#include <sys/types.h>

#define SOURCE_UNKNOWN UINT64_MAX

struct source {
	/* Bytes read, at most max; 0 at the end; negative: break the connection off here. */
	ssize_t (*read)(struct source *source, char *out, size_t max);
	void (*destroy)(struct source *source);
	uint64_t size; /* of the whole, or SOURCE_UNKNOWN */
};

/* NULL is allowed. */
void source_destroy(struct source *source);

/* Takes the bytes; text is empty afterwards. */
struct source *source_text(struct buf *text);
/* {"status": "OK", "content": [...]} */
struct source *source_listing(struct listing *listing);
/* Whatever stands in the file now. NULL also when it cannot be opened. */
struct source *source_file(const char *path);
/* The gzip form of another one. */
struct source *source_gzip(struct source *plain);

/* A text a number of times; SOURCE_UNKNOWN: for ever. */
struct run {
	const char *text; /* copied */
	uint64_t times;
};
/* One run after the other, at most four. */
struct source *source_runs(const struct run *runs, size_t count);

#endif
