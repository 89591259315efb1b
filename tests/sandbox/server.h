/*
 * HTTP: takes requests in, has them answered, sends the answers. A thread for each connection, so
 * that any number of them may hang while others are served. Only this module knows libmicrohttpd.
 */
#ifndef SANDBOX_SERVER_H
#define SANDBOX_SERVER_H

#include "api.h"
#include "control.h"
#include "options.h"

struct server;

/* Everything is borrowed. NULL: problem says why. */
struct server *server_create(const struct options *options, struct api *api,
	const struct control *control, struct problem *problem);
/* Ends all connections; whoever waits is let go. */
void server_destroy(struct server *server);
uint16_t server_port(const struct server *server);

#endif
