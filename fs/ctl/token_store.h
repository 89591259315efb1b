/* Where a token is kept for later mounts. No argument of a program ever holds it. */
#ifndef CTL_TOKEN_STORE_H
#define CTL_TOKEN_STORE_H

#include "problem.h"

/*
 * Makes it the only line of a file, 0600, whole or not at all; missing directories are made, 0700.
 * What was there before is replaced, also where it is a link.
 */
int token_store_file(const char *path, const char *token, struct problem *problem) nodiscard;

/* -ENOENT with a sentence: secret-tool is not installed. */
int token_store_has_keyring(struct problem *problem) nodiscard;
/* Hands it to secret-tool, for that host. It may ask the person to unlock the keyring. */
int token_store_keyring(const char *host, const char *token, struct problem *problem) nodiscard;

#endif
