/* UTF-8, one character at a time. Pure; any thread. */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include "base.h"

/*
 * Bytes of the character at the start of text, which is not empty. 0: the end cuts it. -1: not
 * UTF-8: over-long, a surrogate, above U+10FFFF, or no start of a character.
 */
int utf8_length(const char *text, const char *end);
/* The same, and which character it is. */
int utf8_read(const char *text, const char *end, uint32_t *ret_char);

/* U+0000 to U+001F, and U+007F to U+009F. */
static inline bool utf8_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* What turns the writing's direction: marks, embeddings, overrides and isolates. */
static inline bool utf8_is_direction(uint32_t c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* What a line for a person's eyes must not hold: these, line and paragraph ends, the byte order mark. */
static inline bool utf8_is_unsafe(uint32_t c)
{
	return utf8_is_control(c) || utf8_is_direction(c) || c == 0x2028 || c == 0x2029 ||
	       c == 0xfeff;
}

/* Writes c, 1 to 4 bytes, and a surrogate as any other. Returns their number. */
size_t utf8_write(uint32_t c, char out[4]);

#endif
