/*
 * Any bytes that a server says before it hangs up, headers and all: the attempt ends, the request
 * is sent once, and the answer keeps the word of http.h. An ETag goes back as it came, as one line.
 * The first byte chooses the request.
 */
#include "fuzz.h"

#include "http.h"
#include "utf8.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOKEN "sEcReT-tOkEn"
#define MAX_BODY ((size_t)64 << 10)

/* ---- the server ---- */

static struct {
	pthread_mutex_t lock;
	/* guarded by lock */
	char reply[1 << 16];
	size_t reply_len;
	char request[4096]; /* the last whole one */
	unsigned requests;
	/* constant */
	int socket;
	char url[64];
} server = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool is_whole(const char *request)
{
	const char *body = strstr(request, "\r\n\r\n");
	return body && (strncmp(request, "GET", 3) == 0 || strcmp(body + 4, "{}") == 0);
}

static bool read_request(int fd, char *out, size_t out_size)
{
	size_t len = 0;
	out[0] = '\0';
	while (!is_whole(out)) {
		ssize_t n = recv(fd, out + len, out_size - 1 - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
		out[len] = '\0';
	}
	return true;
}

static void *serve(void *arg)
{
	static char request[sizeof server.request], reply[sizeof server.reply];
	for (;;) {
		int fd = accept(server.socket, NULL, NULL);
		promise(fd >= 0);
		if (read_request(fd, request, sizeof request)) {
			pthread_mutex_lock(&server.lock);
			size_t len = server.reply_len;
			memcpy(reply, server.reply, len);
			memcpy(server.request, request, sizeof request);
			server.requests++;
			pthread_mutex_unlock(&server.lock);
			(void)!send(fd, reply, len, MSG_NOSIGNAL);
		}
		close(fd);
	}
	return arg;
}

static void start_server(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	pthread_t thread;
	if (server.url[0])
		return;
	http_global_init();
	server.socket = socket(AF_INET, SOCK_STREAM, 0);
	promise(bind(server.socket, (struct sockaddr *)&address, size) == 0);
	promise(listen(server.socket, 16) == 0);
	promise(getsockname(server.socket, (struct sockaddr *)&address, &size) == 0);
	snprintf(server.url, sizeof server.url, "http://127.0.0.1:%u/api/contact",
		ntohs(address.sin_port));
	promise(pthread_create(&thread, NULL, serve, NULL) == 0);
	pthread_detach(thread);
}

static void set_reply(const uint8_t *data, size_t size)
{
	pthread_mutex_lock(&server.lock);
	server.reply_len = min_size(size, sizeof server.reply);
	memcpy(server.reply, data, server.reply_len);
	server.requests = 0;
	pthread_mutex_unlock(&server.lock);
}

static void check_request(const char *etag)
{
	char line[256];
	pthread_mutex_lock(&server.lock);
	promise(server.requests <= 1);
	if (etag && server.requests == 1) {
		snprintf(line, sizeof line, "\r\nIf-None-Match: %s\r\n", etag);
		promise(strstr(server.request, line));
	}
	pthread_mutex_unlock(&server.lock);
}

/* ---- the answer ---- */

static void check_line(const char *text, size_t size)
{
	const char *at = text, *end = text + strlen(text);
	promise((size_t)(end - at) < size);
	while (at < end) {
		uint32_t c;
		int bytes = utf8_read(at, end, &c);
		promise(bytes > 0 && !utf8_is_unsafe(c));
		at += bytes;
	}
}

static void check_answer(const struct http_answer *answer, const struct http_request *request)
{
	bool is_answered = answer->failure == HTTP_ANSWERED;
	promise(is_answered || answer->failure == HTTP_BROKEN || answer->failure == HTTP_TOO_LONG ||
		answer->failure == HTTP_SINK_FAILED);
	promise(answer->status == 0 || answer->status >= 200);
	promise(!is_answered || answer->status != 0);
	promise(answer->status == 0 || answer->sent);
	promise(answer->retry_after_s >= -1);
	promise(strlen(answer->etag) < sizeof answer->etag && !strpbrk(answer->etag, "\r\n"));
	check_line(answer->redirect, sizeof answer->redirect);
	promise(!strchr(answer->redirect, '@'));
	check_line(answer->reason, sizeof answer->reason);
	promise(is_answered == (answer->reason[0] == '\0'));
	promise(!strstr(answer->reason, TOKEN));
	promise((answer->failure == HTTP_TOO_LONG) ==
		(answer->body_bytes > request->max_body_bytes));
}

struct sink {
	size_t taken;
	int status;
	int refuse;
};

static int take(void *arg, int status, const char *data, size_t len)
{
	struct sink *sink = arg;
	promise(status == 0 || status >= 200);
	promise(sink->status == 0 || sink->status == status);
	sink->status = status;
	sink->taken += len;
	return sink->refuse;
}

static void try_request(
	struct http_client *client, unsigned kind, const char *etag, struct http_answer *ret_answer)
{
	static const char *const methods[] = {"GET", "PUT", "POST"};
	struct sink sink = {.refuse = kind & 4 ? -EBADMSG : 0};
	struct http_request request = {
		.method = methods[kind % array_size(methods)],
		.url = server.url,
		.etag = etag,
		.max_body_bytes = kind & 8 ? 16 : MAX_BODY,
		.on_body = take,
		.arg = &sink,
	};
	if (strcmp(request.method, "GET") != 0) {
		request.body = "{}";
		request.body_len = 2;
	}
	http_perform(client, &request, ret_answer);
	check_answer(ret_answer, &request);
	check_request(etag);
	promise(ret_answer->failure == HTTP_TOO_LONG || sink.taken == ret_answer->body_bytes);
	promise((ret_answer->failure == HTTP_SINK_FAILED) == (sink.taken > 0 && sink.refuse));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_answer answer, again;
	if (size == 0)
		return 0;
	start_server();
	struct http_client *client = http_client_create(&(struct http_config){.token = TOKEN,
		.user_agent = "test/1",
		.timeout_ms = 10000,
		.allow_plain_http = true});
	promise(client);
	set_reply(data + 1, size - 1);
	try_request(client, data[0], NULL, &answer);
	if (answer.etag[0]) {
		set_reply(data + 1, size - 1);
		try_request(client, 0, answer.etag, &again);
		promise(strcmp(again.etag, answer.etag) == 0);
	}
	http_client_destroy(client);
	return 0;
}
