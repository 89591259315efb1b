/* What the fuzz targets share. A broken promise aborts, which the fuzzer reports. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "buf.h"
#include "json_check.h"
#include <stdio.h>

#define promise(holds) \
	do { \
		if (!(holds)) \
			break_promise(__FILE__, __LINE__, #holds); \
	} while (0)

static inline _Noreturn void break_promise(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: ERROR: broken promise: %s\n", file, line, what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline bool same_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

#endif
