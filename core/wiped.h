/*
 * Memory for a library that copies secrets and does not wipe them: malloc and its like, but what is
 * let go is overwritten first. Any thread.
 */
#ifndef CORE_WIPED_H
#define CORE_WIPED_H

#include "base.h"

/*
 * A longer piece is one that answers are received into: it holds no request of ours, and to
 * overwrite it each time would cost more than the request.
 */
#define WIPED_MAX_BYTES ((size_t)128 << 10)

/* As malloc, realloc, calloc, strdup and free have it. */
void *wiped_malloc(size_t size);
void *wiped_realloc(void *old, size_t size);
void *wiped_calloc(size_t count, size_t size);
char *wiped_strdup(const char *text);
void wiped_free(void *memory);

#endif
