/*
 * JSON as the file shows it: laid out as `jq .` lays it out, every digit and every property kept,
 * \uXXXX decoded to UTF-8 where JSON can carry it back, lone surrogates left escaped, "/" and
 * non-ASCII not escaped (contract 3).
 *
 * The text must have passed json_check: these functions do not check again. Pure; any thread.
 */
#ifndef CORE_JSON_RENDER_H
#define CORE_JSON_RENDER_H

#include "buf.h"
#include "json_check.h"

/*
 * Writes the layout and a last newline to out, which has room for facts.rendered_size bytes of the
 * same text. Returns the bytes written: that size exactly.
 */
size_t json_render(const char *text, size_t len, char *out);

/* Writes the value without any white space, strings in the same spelling as json_render's. */
int json_compact(const char *text, size_t len, struct buf *out) nodiscard;

#endif
