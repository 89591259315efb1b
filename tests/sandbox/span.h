/* A run of bytes that belongs to somebody else. */
#ifndef SANDBOX_SPAN_H
#define SANDBOX_SPAN_H

#include "base.h"

struct span {
	const char *data;
	size_t len;
};

#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})

static inline struct span span_of(const char *string)
{
	return (struct span){string, strlen(string)};
}

static inline bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

#endif
