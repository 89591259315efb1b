/*
 * Any words, a NUL between them, as a command line: it is taken as a whole or refused with a sentence,
 * and what was not taken leaves nothing behind. What was taken keeps the header's word, and a word
 * that is given as the token never shows.
 */
#include "fuzz.h"

#include "config.h"

#define TOKEN "sEcReT-tOkEn"

enum { MAX_WORDS = 40 };

static bool list_has(char *const *list, const char *start)
{
	for (; list && *list; list++) {
		if (strncmp(*list, start, strlen(start)) == 0)
			return true;
	}
	return false;
}

static bool is_absolute(const char *path)
{
	return path && path[0] == '/';
}

static void check_taken(const struct config *config)
{
	if (config->action != CONFIG_MOUNT)
		return;
	size_t len = strlen(config->url);
	promise(strncmp(config->url, "https://", 8) == 0 ||
		strncmp(config->url, "http://", 7) == 0);
	promise(config->url[len - 1] != '/' && config->host[0] && !strpbrk(config->host, "@/"));
	promise(is_absolute(config->mountpoint) && is_absolute(config->state_dir));
	promise(!config->token_file || is_absolute(config->token_file));
	promise(!config->cacert || is_absolute(config->cacert));
	promise(config->ttl_ms >= 0 && config->timeout_ms >= 100);
	promise(config->state_max_bytes >= 16 << 20);
	promise(config->umask >= -1 && config->umask <= 0777);
	promise(list_has(config->fuse_options, "fsname="));
	promise(list_has(config->fuse_options, "subtype="));
	promise(!config->allow_other || list_has(config->fuse_options, "default_permissions"));
	promise(list_has(config->fuse_options, "ro") || !config->read_only);
	for (char **name = config->resources; name && *name; name++)
		promise(**name && !strchr(*name, '/') && **name != '.');
}

static void parse(int argc, char *const argv[], bool must_fail)
{
	struct config config = {.action = CONFIG_HELP, .umask = 12345};
	struct problem problem = {.http_status = 0};
	int err = config_parse(&config, argc, argv, &problem);
	promise(err == 0 || err == -EINVAL);
	promise(!must_fail || err == -EINVAL || config.action != CONFIG_MOUNT);
	promise(!must_fail || !strstr(problem.message, TOKEN));
	if (err < 0) {
		promise(problem.message[0] != '\0');
		promise(config.action == CONFIG_HELP && config.umask == 12345);
		return;
	}
	check_taken(&config);
	config_release(&config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[MAX_WORDS + 4] = {(char *)"clevertimfs"};
	int argc = 1;
	auto_free char *words = malloc(size + 1);
	promise(words);
	memcpy(words, data, size);
	words[size] = '\0';
	for (char *at = words; at < words + size && argc < MAX_WORDS; at += strlen(at) + 1)
		argv[argc++] = at;
	parse(argc, argv, false);

	/* The same with a token that strayed: in front, where it is read in any case. */
	memmove(argv + 3, argv + 1, ((size_t)argc - 1) * sizeof *argv);
	argv[1] = (char *)"-o";
	argv[2] = (char *)"ro,token=" TOKEN;
	parse(argc + 2, argv, true);
	return 0;
}
