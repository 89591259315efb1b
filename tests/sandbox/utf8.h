/* UTF-8, one code point at a time. Pure functions; any thread. */
#ifndef SANDBOX_UTF8_H
#define SANDBOX_UTF8_H

#include "base.h"

/* Bytes of the code point at text, 0 where there is none (a surrogate, too long a form, cut). */
size_t utf8_decode(const char *text, size_t len, uint32_t *ret_code);
/* Bytes written, 0 for a surrogate. */
#define UTF8_MAX 4
size_t utf8_encode(uint32_t code, char out[UTF8_MAX]);

#endif
