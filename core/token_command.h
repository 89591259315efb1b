/* Runs the person's token_command. Part of token. */
#ifndef CORE_TOKEN_COMMAND_H
#define CORE_TOKEN_COMMAND_H

#include "problem.h"

/*
 * Runs command by /bin/sh -c and keeps the first bytes of what it prints. It may talk with the
 * person: standard input and error are ours. It is ended when timeout_ms is over, or when it prints
 * without end. -EIO: it could not be run, failed, or was ended; problem has a sentence.
 */
int token_command_run(const char *command, int64_t timeout_ms, char *out, size_t out_size,
	size_t *ret_len, struct problem *problem) nodiscard;

#endif
