/*
 * An HTTP server for tests that says exactly the bytes it is told to, and can die in every way.
 *
 * It answers each request that arrives with the next step of its script, whichever connection it
 * comes on; the last step goes on for ever. It listens on 127.0.0.1, with threads of its own; the
 * functions here are for the test's thread, and assert nothing.
 */
#ifndef TESTS_FAKE_SERVER_H
#define TESTS_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>

enum fake_end {
	FAKE_KEEP,  /* wait for the next request on this connection */
	FAKE_CLOSE, /* close it in order */
	FAKE_RESET, /* tear it down: the client gets ECONNRESET */
	FAKE_HANG,  /* say no more until fake_server_stop */
};

struct fake_step {
	const char *reply; /* NULL: none */
	size_t reply_len;  /* 0: reply is a string */
	enum fake_end end;
	int trickle_ms; /* not 0: the reply goes out byte by byte, with this long in between */
};

struct fake_server;

/* steps are borrowed until fake_server_stop. NULL: no port to be had. */
struct fake_server *fake_server_start(const struct fake_step *steps, size_t count);
void fake_server_stop(struct fake_server *server);

/* "http://127.0.0.1:<port>"; borrowed. */
const char *fake_server_url(const struct fake_server *server);

/* Whole requests (headers and body) that came, connections that were made and ended so far. */
unsigned fake_server_requests(struct fake_server *server);
unsigned fake_server_connections(struct fake_server *server);
/* Waits until that many requests came, or connections ended from this side; false after 20 s. */
bool fake_server_await_requests(struct fake_server *server, unsigned count);
bool fake_server_await_ended(struct fake_server *server, unsigned count);
/* The last whole request, headers and body; borrowed until the next one or fake_server_stop. */
const char *fake_server_last_request(struct fake_server *server);

#endif
