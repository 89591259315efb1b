#include "url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

void url_release(struct url *url)
{
	free(url->text);
	free(url->host);
	*url = (struct url){.text = NULL};
}

bool url_host_is_local(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6);
	return strcmp(host, "localhost") == 0;
}

static void lower_case(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] += 'a' - 'A';
	}
}

static int check_bytes(const char *text, struct problem *problem)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at <= ' ' || *at == 0x7f || *at == '\\')
			return problem_set(problem, -EINVAL,
				"the URL holds white space, a backslash or a control character");
		if (*at == '?' || *at == '#')
			return problem_set(problem, -EINVAL,
				"the URL must be the API's base, without '?' or '#'");
	}
	return 0;
}

static bool is_host_byte(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80 || c == '.' ||
	       c == '-' || c == '_';
}

static bool is_host(const char *host)
{
	struct in6_addr v6;
	if (strchr(host, ':'))
		return inet_pton(AF_INET6, host, &v6) == 1;
	for (const char *at = host; *at; at++) {
		if (!is_host_byte((unsigned char)*at))
			return false;
	}
	return *host != '\0';
}

/* "" or ":1" to ":65535" */
static bool is_port(const char *text, size_t len)
{
	long port = 0;
	if (len == 0)
		return true;
	if (text[0] != ':' || len < 2 || len > 6)
		return false;
	for (size_t i = 1; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		port = port * 10 + (text[i] - '0');
	}
	return port >= 1 && port <= 65535;
}

/* Where the host is in "host", "host:port", "[::1]:port". False: a bracket is not closed. */
static bool find_host(const char *authority, size_t len, size_t *ret_start, size_t *ret_end)
{
	bool in_brackets = len > 0 && authority[0] == '[';
	const char *end = memchr(authority, in_brackets ? ']' : ':', len);
	*ret_start = in_brackets;
	*ret_end = end ? (size_t)(end - authority) : len;
	return end || !in_brackets;
}

static int check_authority(
	const char *authority, size_t len, char **ret_host, struct problem *problem)
{
	size_t start, end;
	if (memchr(authority, '@', len))
		return problem_set(problem, -EINVAL,
			"the URL must not hold a user or a token (it would show in ps): "
			"use CLEVERTIM_TOKEN or -o token_file=FILE");
	bool is_closed = find_host(authority, len, &start, &end);
	auto_free char *host = strndup(authority + start, end - start);
	if (!host)
		return -ENOMEM;
	bool in_brackets = start > 0, has_colon = strchr(host, ':');
	if (!is_closed || !is_host(host) || in_brackets != has_colon)
		return problem_set(problem, -EINVAL, "the URL has no valid host name");
	end += in_brackets;
	if (!is_port(authority + end, len - end))
		return problem_set(problem, -EINVAL, "the URL's port must be from 1 to 65535");
	*ret_host = steal(host);
	return 0;
}

int url_parse(const char *text, struct url *ret_url, struct problem *problem)
{
	bool is_plain = strncasecmp(text, "http://", 7) == 0;
	if (!is_plain && strncasecmp(text, "https://", 8) != 0)
		return problem_set(problem, -EINVAL,
			"the URL must begin with https://, as in https://www.clevertim.com/api");
	int err = check_bytes(text, problem);
	if (err < 0)
		return err;
	size_t scheme_len = is_plain ? 7 : 8;
	size_t authority_len = strcspn(text + scheme_len, "/?#");

	auto_free char *own = strdup(text);
	if (!own)
		return -ENOMEM;
	lower_case(own, scheme_len + authority_len);
	size_t len = strlen(own);
	while (len > scheme_len && own[len - 1] == '/')
		own[--len] = '\0';

	char *host = NULL;
	err = check_authority(own + scheme_len, authority_len, &host, problem);
	if (err == 0)
		*ret_url =
			(struct url){.text = steal(own), .host = host, .is_plain_http = is_plain};
	return err;
}
