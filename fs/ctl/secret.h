/* Asks a person for something that must not show. */
#ifndef CTL_SECRET_H
#define CTL_SECRET_H

#include "base.h"

/*
 * Reads one line of standard input, without its newline, into out; what does not fit is dropped. On
 * a terminal the prompt comes first, and nothing is echoed; its echo comes back however this ends,
 * also by a signal, which then does what it does. out is the caller's to wipe, also on failure.
 * -ENODATA: the end of the input, and nothing before it; errors of read and of the terminal.
 */
int secret_read_line(const char *prompt, char *out, size_t out_size, size_t *ret_len) nodiscard;

/* No core dump shows this process's memory, nor can others look into it. */
void secret_protect_process(void);

#endif
