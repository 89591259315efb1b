/* What a hash table's places are chosen by. Pure; any thread. */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include "base.h"

/* FNV-1a: texts are short and, where a server picks them to collide, few enough to bear it. */
static inline size_t hash_text(const char *text, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
	return (size_t)(hash ^ (hash >> 32));
}

#endif
