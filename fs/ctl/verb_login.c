/* clevertimctl login. The token is in memory alone, and wiped; only what keeps it gets it. */
#include "verbs.h"

#include "api.h"
#include "config.h"
#include "secret.h"
#include "shell_word.h"
#include "token.h"
#include "token_store.h"
#include <signal.h>
#include <stdio.h>

struct typed {
	char text[2 * TOKEN_MAX];
	size_t len;
};

static void wipe_typed(struct typed *typed)
{
	explicit_bzero(typed, sizeof *typed);
}

static void wipe_token(char **token)
{
	token_wipe(*token);
}

/* What clevertimfs would make of the URL and the options; it wants a mount point. */
static int parse_config(
	const struct command *command, struct config *config, struct problem *problem)
{
	const char *argv[2 * COMMAND_MAX_MOUNT_OPTIONS + 4];
	int argc = 0;
	argv[argc++] = "clevertimctl";
	for (int i = 0; i < command->mount_option_count; i++) {
		argv[argc++] = "-o";
		argv[argc++] = command->mount_options[i];
	}
	argv[argc++] = "--";
	if (command->argument_count > 0)
		argv[argc++] = command->arguments[0];
	argv[argc++] = "/";
	return config_parse(config, argc, (char *const *)argv, problem);
}

/* The length of the first option of a list, in which "\\," is no end. */
static size_t option_len(const char *list)
{
	size_t len = 0;
	while (list[len] && list[len] != ',')
		len += list[len] == '\\' && list[len + 1] == ',' ? 2 : 1;
	return len;
}

static bool is_for_the_try(const char *name, size_t len)
{
	static const char *const names[] = {"allow_http", "cacert", "timeout"};
	for (size_t i = 0; i < array_size(names); i++) {
		if (strlen(names[i]) == len && strncmp(names[i], name, len) == 0)
			return true;
	}
	return false;
}

/* Nothing that is said here is kept for the mount. */
static int check_options(const struct command *command, struct problem *problem)
{
	for (int i = 0; i < command->mount_option_count; i++) {
		const char *at = command->mount_options[i];
		while (*at) {
			size_t len = option_len(at), name_len = min_size(strcspn(at, "="), len);
			if (len > 0 && !is_for_the_try(at, name_len))
				return problem_set(problem, -EINVAL,
					"option '%.*s' is for mounting: see clevertimctl login "
					"--help",
					(int)min_size(name_len, 64), at);
			at += len + (at[len] == ',');
		}
	}
	return 0;
}

static int ask(const struct config *config, char **ret_token, struct problem *problem)
{
	struct typed typed cleanup(wipe_typed) = {.len = 0};
	auto_free char *prompt = NULL;
	if (asprintf(&prompt, "API token for %s: ", config->host) < 0) {
		prompt = NULL;
		return problem_set(problem, -ENOMEM, "not enough memory");
	}
	int err = secret_read_line(prompt, typed.text, sizeof typed.text, &typed.len);
	if (err < 0 && err != -ENODATA)
		return problem_set(
			problem, err, "cannot read the token: %s", strerrordesc_np(-err));
	return token_accept(typed.text, typed.len, "what was given", ret_token, problem);
}

/* As clevertimfs does at its start. */
static int try_token(const struct config *config, const char *token, char user[API_USER_SIZE],
	struct problem *problem)
{
	const struct api_config api_config = {
		.url = config->url,
		.http =
			{
				.token = token,
				.cacert = config->cacert,
				.user_agent = "clevertimctl/" CLEVERTIMFS_VERSION,
				.timeout_ms = config->timeout_ms,
				.allow_plain_http = strncmp(config->url, "http:", 5) == 0,
			},
	};
	http_global_init();
	struct api *api = api_create(&api_config);
	int err = api ? api_check(api, user, problem)
		      : problem_set(problem, -ENOMEM, "not enough memory");
	api_destroy(api);
	http_global_cleanup();
	return err;
}

static void say_taken(const struct command *command, const char *user)
{
	if (command_has(command, OPTION_NO_CHECK))
		printf("The token was not tried. ");
	else
		printf("The server takes the token%s%s. ", *user ? " of " : "", user);
}

static int make_keyring_hint(
	const struct command *command, const struct config *config, struct buf *out)
{
	int err = buf_addf(out,
		"It is in the keyring. Mount with\n  clevertimfs -o 'token_command=secret-tool "
		"lookup service clevertimfs host %s' ",
		config->host);
	if (err == 0 && command->argument_count > 0)
		err = shell_word_add(out, config->url);
	if (err == 0)
		err = buf_addf(out, "%sMOUNTPOINT\n", command->argument_count > 0 ? " " : "");
	return err;
}

static void say_where(const struct command *command, const struct config *config)
{
	auto_buf struct buf text = BUF_INIT(16384);
	if (command_has(command, OPTION_KEYRING)) {
		if (make_keyring_hint(command, config, &text) == 0)
			fputs(text.data, stdout);
	} else if (shell_word_add(&text, config->user_token_file) == 0) {
		printf("It is in %s, for clevertimfs to find.\n", text.data);
	}
}

static int keep(const struct command *command, const struct config *config, const char *token,
	struct problem *problem)
{
	return command_has(command, OPTION_KEYRING)
		       ? token_store_keyring(config->host, token, problem)
		       : token_store_file(config->user_token_file, token, problem);
}

static int check_home(
	const struct command *command, const struct config *config, struct problem *problem)
{
	if (command_has(command, OPTION_KEYRING))
		return token_store_has_keyring(problem);
	if (!config->user_token_file)
		return problem_set(problem, -ENOENT,
			"there is no home directory to keep the token in: set HOME");
	return 0;
}

int verb_login(const struct command *command, struct problem *problem)
{
	struct config config cleanup(config_release) = {.action = CONFIG_MOUNT};
	char *token cleanup(wipe_token) = NULL;
	char user[API_USER_SIZE] = "";

	secret_protect_process();
	/* secret-tool may end before it has read all. */
	signal(SIGPIPE, SIG_IGN);
	int err = parse_config(command, &config, problem);
	if (err == 0)
		err = check_options(command, problem);
	if (err == 0)
		err = check_home(command, &config, problem);
	if (err == 0)
		err = ask(&config, &token, problem);
	if (err == 0 && !command_has(command, OPTION_NO_CHECK))
		err = try_token(&config, token, user, problem);
	if (err == 0)
		err = keep(command, &config, token, problem);
	if (err < 0)
		return err;
	say_taken(command, user);
	say_where(command, &config);
	if (getenv("CLEVERTIM_TOKEN")) /* NOLINT(concurrency-mt-unsafe): nobody changes it */
		puts("CLEVERTIM_TOKEN is set in this shell, and comes first.");
	return 0;
}
