/* A client of a server that answers by steps. Asserts: for the test's thread alone. */
#ifndef TESTS_HTTP_FIXTURE_H
#define TESTS_HTTP_FIXTURE_H

#include "curl_fixture.h"
#include "fake_server.h"

#define OK_HEADERS "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define OK_HELLO OK_HEADERS "Content-Length: 5\r\n\r\nhello"

/* "hello " seven times */
static const char gzip_reply[] = OK_HEADERS
	"Content-Encoding: gzip\r\nContent-Length: 29\r\n\r\n"
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x20\x82\x04"
	"\x00\xbf\x3c\xea\xc8\x2a\x00\x00";

/* What a body was put together from. */
struct received {
	char text[4096];
	size_t len;
	int status;
	int refuse; /* what on_body returns */
};

struct fixture {
	struct fake_server *server;
	struct http_client *client;
	struct received received;
	struct http_answer answer;
};

static inline int receive(void *arg, int status, const char *data, size_t len)
{
	struct received *received = arg;
	received->status = status;
	len = min_size(len, sizeof received->text - 1 - received->len);
	memcpy(received->text + received->len, data, len);
	received->len += len;
	return received->refuse;
}

static inline void start(
	struct fixture *fixture, const struct fake_step *steps, size_t count, int64_t timeout_ms)
{
	*fixture = (struct fixture){.server = fake_server_start(steps, count)};
	assert_non_null(fixture->server);
	fixture->client = http_client_create(&(struct http_config){.token = TOKEN,
		.user_agent = "test/1",
		.timeout_ms = timeout_ms,
		.allow_plain_http = true});
	assert_non_null(fixture->client);
}

static inline void stop(struct fixture *fixture)
{
	http_client_destroy(fixture->client);
	fake_server_stop(fixture->server);
}

static inline void perform(struct fixture *fixture, struct http_request request)
{
	char url[100];
	snprintf(url, sizeof url, "%s/api/contact", fake_server_url(fixture->server));
	if (!request.url)
		request.url = url;
	request.on_body = receive;
	request.arg = &fixture->received;
	if (request.body)
		request.body_len = strlen(request.body);
	fixture->received.len = 0;
	memset(fixture->received.text, 0, sizeof fixture->received.text);
	http_perform(fixture->client, &request, &fixture->answer);
	assert_null(strstr(fixture->answer.reason, TOKEN));
}

static const struct http_request get = {.method = "GET"};
static const struct http_request post = {.method = "POST", .body = "{\"fn\": \"Ann\"}"};

#endif
