/*
 * The base URL that a person gives: checked, and made one spelling. Strict on purpose: what another
 * parser could take for another host is refused. Pure; any thread.
 */
#ifndef CORE_URL_H
#define CORE_URL_H

#include "problem.h"

struct url {
	char *text; /* scheme and host in lower case, no slash at the end */
	char *host; /* lower case, without brackets or port */
	bool is_plain_http;
};

/*
 * -EINVAL with a sentence that does not repeat the text (a token may be in it): another scheme,
 * user:password@, no host, a bad port, a query or fragment, white space, control characters.
 * -ENOMEM.
 */
int url_parse(const char *text, struct url *ret_url, struct problem *problem) nodiscard;
void url_release(struct url *url);

/* Whether a host is this machine: localhost, 127.0.0.0/8, ::1. */
bool url_host_is_local(const char *host);

#endif
