/* ~/.netrc, the file of logins that ftp(1) began and curl reads. Pure; any thread. */
#ifndef CORE_NETRC_H
#define CORE_NETRC_H

#include "base.h"

/*
 * The login of the first entry that is for this host (in any case), or the `default` one. Words may
 * stand in "..." with \", \\, \n, \r and \t; '#' at the start of a word begins a comment; the body
 * of a macdef, up to an empty line, is skipped. The password means nothing here: a Clevertim token
 * is the login, its password always the letter X.
 *
 * out is also where each word is read to: it must have more room than the host needs.
 *
 * 1 found, 0 no entry for the host; -EINVAL its entry has no login; -EFBIG it does not fit out.
 */
int netrc_find_login(
	const char *text, size_t len, const char *host, char *out, size_t out_size) nodiscard;

#endif
