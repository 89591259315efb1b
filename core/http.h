/*
 * One HTTP request and its answer, over libcurl, which nothing above this knows of.
 *
 * http_perform is one attempt: no retry, no redirect, no guess at what a body means (that is
 * api.h's). Connections are kept and shared out; any number of threads may perform at once, each
 * with a connection of its own. A request is never sent twice by itself: where libcurl would
 * silently resend on a reused connection, the attempt fails instead with `sent` telling the truth.
 *
 * Progress is any byte of a body that moves, either way, and the end of the headers; so a server that
 * trickles can hold a request for as long as it likes: deadline_ms is for those that should be short.
 */
#ifndef CORE_HTTP_H
#define CORE_HTTP_H

#include "cancel.h"
#include "problem.h"

struct http_config {
	const char *token;  /* basic authentication: token as the user, "X" as the password */
	const char *cacert; /* a file of trusted certificates, or NULL for the system's */
	const char *user_agent;
	int64_t timeout_ms;    /* longest time without any progress, connecting included */
	bool allow_plain_http; /* else https alone */
};

enum http_failure {
	HTTP_ANSWERED = 0, /* status and headers are an answer, the body came to its end */
	HTTP_UNREACHABLE,  /* name not found, refused, no route */
	HTTP_UNTRUSTED,	   /* TLS: certificate, name, date or protocol */
	HTTP_TIMED_OUT,	   /* no progress for timeout_ms, or deadline_ms passed */
	HTTP_BROKEN,	   /* reset, cut short, not HTTP, bad compression */
	HTTP_TOO_LONG,	   /* more decoded bytes than max_body_bytes */
	HTTP_CANCELLED,	   /* by cancel_set */
	HTTP_SINK_FAILED,  /* on_body said no; its value is in sink_error */
};

struct http_request {
	const char *method; /* "GET", "PUT", "POST", "DELETE" */
	const char *url;    /* whole, already percent-encoded; sent as it is */
	const char *body;   /* NULL: none */
	size_t body_len;
	const char *etag;      /* If-None-Match, or NULL */
	bool is_fresh;	       /* on a new connection: the kept ones are not to be trusted */
	int64_t deadline_ms;   /* by clock_ms; 0: only timeout_ms counts */
	size_t max_body_bytes; /* decoded; 0: no limit */
	/*
	 * Called with each decoded piece of the body, in the thread that performs, with no lock
	 * held. The status is known by then. Not 0: the request is called off with
	 * HTTP_SINK_FAILED.
	 */
	int (*on_body)(void *arg, int status, const char *data, size_t len);
	void *arg;
	struct cancel *cancel; /* NULL: cannot be called off */
};

struct http_answer {
	enum http_failure failure;
	int status; /* 0: no status line came */
	bool sent;  /* bytes of the request left this machine: it may have been applied */
	int sink_error;
	int retry_after_s;   /* from Retry-After, seconds or date; -1: none */
	char etag[128];	     /* "" none, or none that can be sent back */
	uint64_t body_bytes; /* decoded */
	char redirect[160];  /* of a 3xx: where to, "https://host", no credentials; "" none */
	char reason[256];    /* failure in words, one line, never with the token in it */
};

struct http_client;

/*
 * Call once before any thread is started, and at the end. Takes SSLKEYLOGFILE out of the
 * environment.
 */
void http_global_init(void);
void http_global_cleanup(void);

/* Copies config. NULL: no memory. Not usable across a fork. */
struct http_client *http_client_create(const struct http_config *config);
/* No request may be under way. Wipes the token. */
void http_client_destroy(struct http_client *client);

/* Always fills *ret_answer. Returns as soon as the cancel is set, the deadline passes, or it is
 * done. */
void http_perform(struct http_client *client, const struct http_request *request,
	struct http_answer *ret_answer);

/* Blots the token out of text, in place: a server may echo what it was sent. */
void http_hide_token(const struct http_client *client, char *text);

#endif
