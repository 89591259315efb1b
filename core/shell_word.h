/* Text that a person can copy into a shell. Pure; any thread. */
#ifndef CORE_SHELL_WORD_H
#define CORE_SHELL_WORD_H

#include "buf.h"

/*
 * Appends text as one word of a shell: as it is, or in single quotes. It is one safe line (as by
 * problem_one_line), at most 4095 bytes of it. -EFBIG, -ENOMEM.
 */
int shell_word_add(struct buf *out, const char *text) nodiscard;

#endif
