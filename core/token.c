#include "token.h"

#include "netrc.h"
#include "token_command.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NETRC_MAX = 256 * 1024 };

/* Bytes that may hold a token: wiped when they go out of scope. */
struct secret {
	char *text;
	size_t len, size;
};

static void secret_release(struct secret *secret)
{
	if (secret->text)
		explicit_bzero(secret->text, secret->size);
	free(secret->text);
}

static int secret_init(struct secret *secret, size_t size)
{
	*secret = (struct secret){.text = calloc(1, size), .size = size};
	return secret->text ? 0 : -ENOMEM;
}

void token_wipe(char *token)
{
	if (token)
		explicit_bzero(token, strlen(token));
	free(token);
}

/* What may stand in a token, and what is wrong with this one. NULL: nothing. */
static const char *fault_of(const char *token, size_t len)
{
	if (len == 0)
		return "is empty: it must hold the API token";
	if (len > TOKEN_MAX)
		return "is too long for an API token";
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)token[i] < 0x20 || token[i] == 0x7f)
			return "holds control characters: no API token has them";
		if (token[i] == ':')
			return "holds a ':': give the API token alone, without a password";
	}
	return NULL;
}

static bool is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The first line, without white space around it. `where` names it in the sentence. */
static int accept_line(
	const char *text, size_t len, const char *where, char **ret_token, struct problem *problem)
{
	const char *newline = memchr(text, '\n', len);
	if (newline)
		len = (size_t)(newline - text);
	while (len > 0 && is_white(text[len - 1]))
		len--;
	for (; len > 0 && is_white(*text); len--)
		text++;
	const char *fault = fault_of(text, len);
	if (fault)
		return problem_set(problem, -EINVAL, "%s %s", where, fault);
	char *token = malloc(len + 1);
	if (!token)
		return -ENOMEM;
	memcpy(token, text, len);
	token[len] = '\0';
	*ret_token = token;
	return 1;
}

int token_accept(
	const char *text, size_t len, const char *where, char **ret_token, struct problem *problem)
{
	int result = accept_line(text, len, where, ret_token, problem);
	if (result == -ENOMEM)
		problem_set(problem, result, "not enough memory");
	return result < 0 ? result : 0;
}

/* Files */

static int check_private(const struct stat *facts, const char *path, struct problem *problem)
{
	if (facts->st_mode & (S_IRWXG | S_IRWXO))
		return problem_set(problem, -EACCES,
			"others than you can get at the token in '%s': chmod 600 it", path);
	if (facts->st_uid != geteuid() && facts->st_uid != 0)
		return problem_set(problem, -EACCES,
			"'%s' belongs to another user: a token must come from a file of yours",
			path);
	return 0;
}

static int read_all(int fd, struct secret *into)
{
	while (into->len < into->size) {
		ssize_t n = read(fd, into->text + into->len, into->size - into->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		into->len += (size_t)n;
	}
	return 0;
}

/*
 * Reads the start of a file, as much as `into` holds, and its facts. Negative errno; a pipe or a
 * device, which may have us wait without end, is -ENOTSUP.
 */
static int read_file(const char *path, struct secret *into, struct stat *ret_facts)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	int err = fstat(fd, ret_facts) < 0	? -errno
		  : S_ISDIR(ret_facts->st_mode) ? -EISDIR
		  : S_ISREG(ret_facts->st_mode) ? read_all(fd, into)
						: -ENOTSUP;
	close(fd);
	return err;
}

static int cannot_read(int err, const char *path, struct problem *problem)
{
	int result = err == -ENOENT || err == -ENOMEM ? err : -EACCES;
	if (err == -ENOTSUP)
		return problem_set(problem, -EACCES,
			"'%s' is not an ordinary file: a token comes from a file or by "
			"token_command",
			path);
	return problem_set(
		problem, result, "cannot read the token in '%s': %s", path, strerrordesc_np(-err));
}

static int from_token_file(const char *path, char **ret_token, struct problem *problem)
{
	struct secret secret cleanup(secret_release) = {.text = NULL};
	struct stat facts = {0};
	char where[256];
	int err = secret_init(&secret, 2 * TOKEN_MAX);
	if (err == 0)
		err = read_file(path, &secret, &facts);
	if (err < 0)
		return cannot_read(err, path, problem);
	err = check_private(&facts, path, problem);
	if (err < 0)
		return err;
	snprintf(where, sizeof where, "the token file '%s'", path);
	return accept_line(secret.text, secret.len, where, ret_token, problem);
}

static bool is_missing(const char *path)
{
	return !path || (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR));
}

/* The places, each: 1 found, 0 there is nothing here, or a negative errno. */

#define VARIABLE "CLEVERTIM_TOKEN"

/* /proc shows the bytes, whatever unsetenv forgets; a name may stand there more than once. */
static void wipe_environment(void)
{
	for (char **entry = environ; *entry; entry++) {
		if (strncmp(*entry, VARIABLE "=", strlen(VARIABLE "=")) == 0)
			explicit_bzero(strchr(*entry, '=') + 1, strlen(strchr(*entry, '=') + 1));
	}
	unsetenv(VARIABLE); /* NOLINT(concurrency-mt-unsafe): no thread has begun yet */
}

static int from_environment(const struct config *config, char **ret_token, struct problem *problem)
{
	const char *value = getenv(VARIABLE);
	if (!value)
		return 0;
	int result = accept_line(value, strlen(value), VARIABLE, ret_token, problem);
	wipe_environment();
	return result;
}

static int from_given_file(const struct config *config, char **ret_token, struct problem *problem)
{
	return config->token_file ? from_token_file(config->token_file, ret_token, problem) : 0;
}

static int from_command(const struct config *config, char **ret_token, struct problem *problem)
{
	struct secret secret cleanup(secret_release) = {.text = NULL};
	if (!config->token_command)
		return 0;
	int err = secret_init(&secret, 2 * TOKEN_MAX);
	if (err == 0)
		err = token_command_run(config->token_command, config->timeout_ms, secret.text,
			secret.size, &secret.len, problem);
	if (err < 0)
		return err;
	return accept_line(secret.text, secret.len, "the first line that token_command prints",
		ret_token, problem);
}

static int from_user_file(const struct config *config, char **ret_token, struct problem *problem)
{
	if (is_missing(config->user_token_file))
		return 0;
	return from_token_file(config->user_token_file, ret_token, problem);
}

/* A .netrc that says nothing of this host may be as it likes. */
static int from_netrc(const struct config *config, char **ret_token, struct problem *problem)
{
	struct secret text cleanup(secret_release) = {.text = NULL};
	struct secret login cleanup(secret_release) = {.text = NULL};
	const char *path = config->netrc_file;
	struct stat facts = {0};
	if (is_missing(path))
		return 0;
	int err = secret_init(&text, NETRC_MAX);
	if (err == 0)
		err = secret_init(&login, 2 * TOKEN_MAX);
	if (err == 0)
		err = read_file(path, &text, &facts);
	if (err < 0)
		return cannot_read(err, path, problem);

	int found = netrc_find_login(text.text, text.len, config->host, login.text, login.size);
	if (found == 0)
		return 0;
	err = check_private(&facts, path, problem);
	if (err < 0)
		return err;
	if (found < 0)
		return problem_set(problem, -EINVAL,
			"the entry for '%s' in '%s' has no login that could be a token",
			config->host, path);
	return accept_line(
		login.text, strlen(login.text), "the login in ~/.netrc", ret_token, problem);
}

int token_find(const struct config *config, char **ret_token, struct problem *problem)
{
	static int (*const places[])(const struct config *, char **, struct problem *) = {
		from_environment, from_given_file, from_command, from_user_file, from_netrc};
	for (size_t i = 0; i < array_size(places); i++) {
		int found = places[i](config, ret_token, problem);
		if (found == -ENOMEM)
			problem_set(problem, found, "not enough memory");
		if (found != 0)
			return found < 0 ? found : 0;
	}
	return problem_set(problem, -ENOENT,
		"there is no API token: give it with clevertimctl login, or set CLEVERTIM_TOKEN, "
		"or write it to '%s' and chmod 600 it",
		config->user_token_file ? config->user_token_file : "a file for -o token_file=");
}
