/*
 * Finding the API token (contract 1): environment, token_file, token_command, the user's token
 * file, ~/.netrc, in that order; the first that exists decides, and its fault is an error.
 *
 * The token never gets into a message.
 */
#ifndef CORE_TOKEN_H
#define CORE_TOKEN_H

#include "config.h"

#define TOKEN_MAX ((size_t)4096) /* bytes */

/*
 * *ret_token is owned by the caller, who wipes it with token_wipe. It is the first line of what was
 * found, without white space around it; of ~/.netrc it is the login. CLEVERTIM_TOKEN is taken out
 * of the environment, and of what /proc shows of it. A command or a terminal may be waited for:
 * call it while there is one.
 *
 * Errors: -ENOENT none found, or no token_file; -EACCES a file that group or others can read, or
 * that belongs to neither the user nor root, or is a pipe or a device, or cannot be read; -EINVAL not a token (empty, control
 * characters, a ':' that basic authentication cannot carry, over TOKEN_MAX bytes); -EIO the command
 * failed or ran longer than timeout_ms; -ENOMEM. problem has the sentence with what to do.
 */
int token_find(const struct config *config, char **ret_token, struct problem *problem) nodiscard;
/*
 * A token that a person gave: the first line of text, as above. where names it in the sentence.
 * -EINVAL, -ENOMEM. text is the caller's to wipe.
 */
int token_accept(const char *text, size_t len, const char *where, char **ret_token,
	struct problem *problem) nodiscard;
/* Overwrites and frees; NULL is fine. */
void token_wipe(char *token);

#endif
