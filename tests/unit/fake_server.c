#include "fake_server.h"

#include "base.h"
#include "clock.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 64
#define MAX_REQUEST ((size_t)1 << 20)
#define AWAIT_MS 20000

struct connection {
	struct fake_server *server;
	pthread_t thread;
	int fd;
	char *text; /* what came: MAX_REQUEST bytes and a NUL */
	size_t len;
};

struct fake_server {
	const struct fake_step *steps;
	size_t step_count;
	int listener;
	char url[64];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* all guarded by lock */
	struct connection connections[MAX_CONNECTIONS];
	unsigned connection_count, request_count, ended_count;
	char *last_request;
	bool is_stopping;
};

static size_t content_length(const char *headers)
{
	const char *line = strcasestr(headers, "\r\nContent-Length:");
	return line ? strtoul(line + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

/*
 * The length of the whole request at the start of what came; 0: it is not whole yet. The first
 * words of TLS count as a request, so that it can be answered with something else.
 */
static size_t request_length(const struct connection *connection)
{
	if (connection->text[0] == 0x16)
		return connection->len;
	const char *end = strstr(connection->text, "\r\n\r\n");
	if (!end)
		return 0;
	size_t len = (size_t)(end - connection->text) + 4 + content_length(connection->text);
	return len <= connection->len ? len : 0;
}

/* The step that answers the next request; NULL when the client is gone. */
static const struct fake_step *read_request(struct connection *connection)
{
	size_t len;
	while (!(len = request_length(connection))) {
		char *end = connection->text + connection->len;
		ssize_t got = recv(connection->fd, end, MAX_REQUEST - connection->len, 0);
		if (got <= 0)
			return NULL;
		connection->len += (size_t)got;
		connection->text[connection->len] = '\0';
	}
	struct fake_server *server = connection->server;
	pthread_mutex_lock(&server->lock);
	free(server->last_request);
	server->last_request = strndup(connection->text, len);
	size_t step = min_size(server->request_count, server->step_count - 1);
	server->request_count++;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);

	connection->len -= len;
	memmove(connection->text, connection->text + len, connection->len + 1);
	return &server->steps[step];
}

static void await_stop(struct fake_server *server)
{
	pthread_mutex_lock(&server->lock);
	while (!server->is_stopping)
		pthread_cond_wait(&server->changed, &server->lock);
	pthread_mutex_unlock(&server->lock);
}

static bool send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		data += sent;
		len -= (size_t)sent;
	}
	return true;
}

static void send_reply(int fd, const struct fake_step *step)
{
	if (!step->reply)
		return;
	size_t len = step->reply_len ? step->reply_len : strlen(step->reply);
	if (step->trickle_ms == 0) {
		send_all(fd, step->reply, len);
		return;
	}
	for (size_t i = 0; i < len && send_all(fd, step->reply + i, 1); i++)
		poll(NULL, 0, step->trickle_ms);
}

static void end_connection(struct connection *connection, bool is_reset)
{
	struct fake_server *server = connection->server;
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	if (is_reset)
		setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	pthread_mutex_lock(&server->lock);
	close(connection->fd);
	connection->fd = -1;
	server->ended_count++;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
}

static void *serve_connection(void *arg)
{
	struct connection *connection = arg;
	enum fake_end end = FAKE_KEEP;
	connection->text = calloc(1, MAX_REQUEST + 1);
	while (end == FAKE_KEEP && connection->text) {
		const struct fake_step *step = read_request(connection);
		if (!step)
			break;
		send_reply(connection->fd, step);
		end = step->end;
	}
	if (end == FAKE_HANG)
		await_stop(connection->server);
	end_connection(connection, end == FAKE_RESET);
	free(connection->text);
	return NULL;
}

static void *serve(void *arg)
{
	struct fake_server *server = arg;
	for (;;) {
		int fd = accept(server->listener, NULL, NULL);
		int no_delay = 1;
		if (fd < 0)
			return NULL;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
		pthread_mutex_lock(&server->lock);
		struct connection *connection = &server->connections[server->connection_count];
		bool is_welcome =
			!server->is_stopping && server->connection_count < MAX_CONNECTIONS;
		if (is_welcome) {
			*connection = (struct connection){.server = server, .fd = fd};
			is_welcome = pthread_create(&connection->thread, NULL, serve_connection,
					     connection) == 0;
		}
		if (is_welcome)
			server->connection_count++;
		else
			close(fd);
		pthread_mutex_unlock(&server->lock);
	}
}

static bool start_listening(struct fake_server *server)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server->listener < 0 ||
		bind(server->listener, (struct sockaddr *)&address, sizeof address) < 0 ||
		listen(server->listener, 64) < 0 ||
		getsockname(server->listener, (struct sockaddr *)&address, &size) < 0)
		return false;
	snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u",
		(unsigned)ntohs(address.sin_port));
	return true;
}

struct fake_server *fake_server_start(const struct fake_step *steps, size_t count)
{
	struct fake_server *server = calloc(1, sizeof *server);
	if (!server)
		return NULL;
	server->steps = steps;
	server->step_count = count;
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->changed, NULL);
	if (!start_listening(server) || pthread_create(&server->thread, NULL, serve, server)) {
		free(server);
		return NULL;
	}
	return server;
}

void fake_server_stop(struct fake_server *server)
{
	pthread_mutex_lock(&server->lock);
	server->is_stopping = true;
	pthread_cond_broadcast(&server->changed);
	for (unsigned i = 0; i < server->connection_count; i++) {
		if (server->connections[i].fd >= 0)
			shutdown(server->connections[i].fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&server->lock);
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	for (unsigned i = 0; i < server->connection_count; i++)
		pthread_join(server->connections[i].thread, NULL);
	close(server->listener);
	pthread_cond_destroy(&server->changed);
	pthread_mutex_destroy(&server->lock);
	free(server->last_request);
	free(server);
}

const char *fake_server_url(const struct fake_server *server)
{
	return server->url;
}

static unsigned read_count(struct fake_server *server, const unsigned *count)
{
	pthread_mutex_lock(&server->lock);
	unsigned now = *count;
	pthread_mutex_unlock(&server->lock);
	return now;
}

unsigned fake_server_requests(struct fake_server *server)
{
	return read_count(server, &server->request_count);
}

unsigned fake_server_connections(struct fake_server *server)
{
	return read_count(server, &server->connection_count);
}

static bool await_count(struct fake_server *server, const unsigned *count, unsigned wanted)
{
	struct timespec until = clock_timespec(clock_ms() + AWAIT_MS);
	int err = 0;
	pthread_mutex_lock(&server->lock);
	while (*count < wanted && err == 0)
		err = pthread_cond_clockwait(
			&server->changed, &server->lock, CLOCK_MONOTONIC, &until);
	bool is_reached = *count >= wanted;
	pthread_mutex_unlock(&server->lock);
	return is_reached;
}

bool fake_server_await_requests(struct fake_server *server, unsigned count)
{
	return await_count(server, &server->request_count, count);
}

bool fake_server_await_ended(struct fake_server *server, unsigned count)
{
	return await_count(server, &server->ended_count, count);
}

const char *fake_server_last_request(struct fake_server *server)
{
	pthread_mutex_lock(&server->lock);
	const char *text = server->last_request ? server->last_request : "";
	pthread_mutex_unlock(&server->lock);
	return text;
}
