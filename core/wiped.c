#include "wiped.h"

#include <malloc.h>

void *wiped_malloc(size_t size)
{
	return malloc(size);
}

void *wiped_calloc(size_t count, size_t size)
{
	return calloc(count, size);
}

char *wiped_strdup(const char *text)
{
	return strdup(text);
}

void wiped_free(void *memory)
{
	size_t size = memory ? malloc_usable_size(memory) : 0;
	if (size > 0 && size <= WIPED_MAX_BYTES)
		explicit_bzero(memory, size);
	free(memory);
}

/* realloc itself would leave the old bytes where they were. */
void *wiped_realloc(void *old, size_t size)
{
	if (!old)
		return malloc(size);
	size_t old_size = malloc_usable_size(old);
	if (old_size > WIPED_MAX_BYTES && size > 0)
		return realloc(old, size);
	void *memory = malloc(size > 0 ? size : 1);
	if (!memory)
		return NULL;
	memcpy(memory, old, min_size(old_size, size));
	wiped_free(old);
	return memory;
}
