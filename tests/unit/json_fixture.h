/* What the tests of json_* share: texts in memory of exactly their size, and random documents. */
#ifndef TESTS_JSON_FIXTURE_H
#define TESTS_JSON_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "buf.h"
#include "json_check.h"

#include <cmocka.h>

static inline struct json_slice slice_of(const char *string)
{
	return (struct json_slice){string, strlen(string)};
}

/* A copy without a byte to spare, so that the address sanitizer sees every step too far. */
static inline char *exact_copy(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);
	assert_non_null(copy);
	memcpy(copy, text, len);
	return copy;
}

static inline bool is_json(const char *text, size_t len)
{
	auto_free char *copy = exact_copy(text, len);
	return json_check(copy, len, NULL, NULL) == 0;
}

#define assert_slice(slice, string) \
	do { \
		assert_int_equal((slice).len, strlen(string)); \
		assert_memory_equal((slice).data, string, (slice).len); \
	} while (0)

#endif
