/* The command line. Strings are borrowed from argv. */
#ifndef SANDBOX_OPTIONS_H
#define SANDBOX_OPTIONS_H

#include "endpoint.h"

struct options {
	const char *bind;
	uint16_t port; /* 0: any */
	const char *port_file;
	const char *https_cert, *https_key; /* NULL: plain http */
	const char *token;
	const char *log_file;
	uint64_t contacts;
	uint64_t seed;
	unsigned connections; /* each has a thread */
	bool ascii, gzip, etag, partial_put, partial_post, die_with_parent;
	struct {
		unsigned missing;	/* the status it answers to everything; 0: it is there */
		const char *collection; /* a file with the whole answer; NULL: none */
	} endpoints[ENDPOINTS];
};

/* 0: go on. Otherwise the exit status, negated and minus one: everything was said. */
int options_parse(int argc, char **argv, struct options *ret_options);

#endif
