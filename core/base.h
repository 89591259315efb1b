/*
 * What every file here may use: cleanup attributes, and the rule for results.
 *
 * Functions that can fail return 0 or a negative errno. Results come last, are named ret_*, and
 * are untouched on failure. A "borrowed" pointer lives as long as what it was got from; a "taken"
 * one belongs to the caller.
 */
#ifndef CORE_BASE_H
#define CORE_BASE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define cleanup(function) __attribute__((__cleanup__(function)))
#define nodiscard __attribute__((warn_unused_result))
#define printf_like(text, first) __attribute__((__format__(__printf__, text, first)))
#define array_size(array) (sizeof(array) / sizeof((array)[0]))

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}
#define auto_free cleanup(cleanup_free)

/* Hands out an owned pointer and leaves NULL for its cleanup. */
#define steal(pointer) \
	__extension__({ \
		__typeof__(pointer) stolen_ = (pointer); \
		(pointer) = NULL; \
		stolen_; \
	})

static inline size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

static inline size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

#endif
