/* HTTP basic authentication (RFC 7617), as the one string that Authorization has to be. */
#ifndef SANDBOX_BASIC_AUTH_H
#define SANDBOX_BASIC_AUTH_H

#include "base.h"

/* "Basic c2FuZGJveC10b2tlbjpY", owned by the caller. NULL: no memory, or far too long. */
char *basic_auth_make(const char *user, const char *password);
/* Whether a header says the same; NULL: there was none. */
bool basic_auth_check(const char *expected, const char *header);

#endif
