#include "config.h"

#include "config_options.h"
#include "config_path.h"
#include "journal.h"
#include "url.h"
#include <stdio.h>
#include <unistd.h>

#define MOUNT_HELPER "mount.clevertimfs"

/* argv as it is read: what stands where, and the arguments that are no options. */
struct command_line {
	int argc;
	char *const *argv;
	int next;
	bool is_mount_helper; /* mount(8) calls us, with flags of its own */
	const char *positional[2];
	int positional_count;
};

/* Options */

/* Cuts off what stands before the next comma that is not written "\,"; NULL: no more. */
static char *next_option(char **rest)
{
	char *start = *rest, *out = start, *in = start;
	if (!start)
		return NULL;
	for (; *in && *in != ','; in++) {
		if (in[0] == '\\' && in[1] == ',')
			in++;
		*out++ = *in;
	}
	*rest = *in ? in + 1 : NULL;
	*out = '\0';
	return start;
}

static int take_options(struct config *config, const char *list, struct problem *problem)
{
	auto_free char *own = strdup(list);
	if (!own)
		return -ENOMEM;
	int err = 0;
	for (char *rest = own, *option; err == 0 && (option = next_option(&rest));) {
		if (*option)
			err = config_option_take(config, option, problem);
	}
	return err;
}

/* What stands behind -o: in the same argument, or the next one. */
static int take_o(
	struct config *config, struct command_line *line, const char *rest, struct problem *problem)
{
	if (!*rest && line->next == line->argc)
		return problem_set(problem, -EINVAL, "-o needs an option: see clevertimfs --help");
	return take_options(config, *rest ? rest : line->argv[line->next++], problem);
}

static int unknown_flag(struct problem *problem, const char *dashes, const char *name, size_t len)
{
	return problem_set(problem, -EINVAL, "unknown option '%s%.*s': see clevertimfs --help",
		dashes, (int)min_size(len, 64), name);
}

/* "-f", or several as in "-fs"; -o takes the rest. */
static int take_flags(struct config *config, struct command_line *line, const char *flags,
	struct problem *problem)
{
	for (; *flags; flags++) {
		switch (*flags) {
		case 'd':
			config->debug = true;
			config->foreground = true;
			break;
		case 'f':
			config->foreground = true;
			break;
		case 'h':
			config->action = CONFIG_HELP;
			break;
		case 'o':
			return take_o(config, line, flags + 1, problem);
		case 's':
			config->single_thread = true;
			break;
		case 'V':
			config->action = CONFIG_VERSION;
			break;
		default:
			return unknown_flag(problem, "-", flags, 1);
		}
	}
	return 0;
}

/* Those of mount(8), which gives one at a time. */
static int take_helper_flag(
	struct config *config, struct command_line *line, const char *flag, struct problem *problem)
{
	switch (*flag) {
	case 'f':
		config->pretend = true;
		return 0;
	case 'n':
	case 's':
	case 'v':
		return 0;
	case 'N':
		return problem_set(problem, -EINVAL,
			"mount -N is not possible here: enter that name space before, as by "
			"nsenter -m");
	case 't':
		/* The type: ours, or who would have called us? */
		if (!flag[1] && line->next < line->argc)
			line->next++;
		return 0;
	default:
		return take_flags(config, line, flag, problem);
	}
}

static bool is_mount_helper(const char *command)
{
	const char *slash = command ? strrchr(command, '/') : NULL;
	const char *name = slash ? slash + 1 : command;
	return name && strcmp(name, MOUNT_HELPER) == 0;
}

static int take_word(struct config *config, const char *word, struct problem *problem)
{
	size_t len = strcspn(word, "=");
	if (strcmp(word, "help") == 0)
		config->action = CONFIG_HELP;
	else if (strcmp(word, "version") == 0)
		config->action = CONFIG_VERSION;
	else if (len == strlen("token") && strncmp(word, "token", len) == 0)
		return config_refuse_token(problem);
	else
		return unknown_flag(problem, "--", word, len);
	return 0;
}

static int take_positional(struct command_line *line, const char *text, struct problem *problem)
{
	if (line->positional_count == (int)array_size(line->positional))
		return problem_set(problem, -EINVAL, "too many arguments: " CONFIG_USAGE);
	line->positional[line->positional_count++] = text;
	return 0;
}

static int read_arguments(struct config *config, struct command_line *line, struct problem *problem)
{
	bool only_positional = false;
	int err = 0;
	while (err == 0 && config->action == CONFIG_MOUNT && line->next < line->argc) {
		const char *text = line->argv[line->next++];
		if (only_positional || text[0] != '-' || !text[1])
			err = take_positional(line, text, problem);
		else if (strcmp(text, "--") == 0)
			only_positional = true;
		else if (text[1] == '-')
			err = take_word(config, text + 2, problem);
		else if (line->is_mount_helper)
			err = take_helper_flag(config, line, text + 1, problem);
		else
			err = take_flags(config, line, text + 1, problem);
	}
	return err;
}

/* What was not given */

static int take_url(struct config *config, const char *text, struct problem *problem)
{
	struct url url cleanup(url_release) = {.text = NULL};
	int err = url_parse(text, &url, problem);
	if (err < 0)
		return err;
	if (url.is_plain_http && !url_host_is_local(url.host) && !config->allow_http)
		return problem_set(problem, -EINVAL,
			"plain http would send the token readable to everyone on the way to '%s': "
			"use https, or -o allow_http",
			url.host);
	config->url = steal(url.text);
	config->host = steal(url.host);
	return 0;
}

static int take_places(
	struct config *config, const struct command_line *line, struct problem *problem)
{
	const char *last =
		line->positional_count > 0 ? line->positional[line->positional_count - 1] : NULL;
	if (!last || !*last || strstr(last, "://"))
		return problem_set(problem, -EINVAL, "the mount point is missing: " CONFIG_USAGE);
	int err = take_url(config,
		line->positional_count == 2 ? line->positional[0] : CONFIG_DEFAULT_URL, problem);
	if (err < 0)
		return err;
	err = config_path_resolve(last, &config->mountpoint);
	if (err < 0 && err != -ENOMEM)
		return problem_set(
			problem, -EINVAL, "cannot tell where '%s' is: give an absolute path", last);
	return err;
}

static int fill_paths(struct config *config, struct problem *problem)
{
	int err = config->state_dir ? 0
				    : config_path_xdg("XDG_STATE_HOME", ".local/state",
					      "clevertimfs", &config->state_dir);
	if (err == -ENOENT)
		return problem_set(problem, -EINVAL,
			"there is no home directory to keep unsaved texts in: "
			"set HOME or -o state_dir=DIR");
	if (err == 0)
		err = config_path_xdg("XDG_CONFIG_HOME", ".config", "clevertimfs/token",
			&config->user_token_file);
	if (err == 0)
		err = config_path_absolute("~/.netrc", &config->netrc_file);
	return err == -ENOENT ? 0 : err;
}

static int add_named_option(struct config *config, const char *name, const char *value)
{
	auto_free char *text = NULL;
	if (asprintf(&text, "%s=%s", name, value) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	return config_list_add(&config->fuse_options, text);
}

static int fill_fuse_options(struct config *config, struct problem *problem)
{
	if (config->allow_other && config->allow_root)
		return problem_set(problem, -EINVAL,
			"allow_other and allow_root exclude each other: leave one out");
	if (!config->source && !(config->source = strdup(config->url)))
		return -ENOMEM;
	int err = add_named_option(config, "fsname", config->source);
	if (err == 0)
		err = add_named_option(
			config, "subtype", config->subtype ? config->subtype : "clevertimfs");
	if (err == 0 && config->read_only)
		err = config_list_add(&config->fuse_options, "ro");
	/* Without it the kernel would let everyone do everything to everyone's files. */
	if (err == 0 && (config->allow_other || config->allow_root))
		err = config_list_add(&config->fuse_options, "default_permissions");
	return err;
}

int config_parse(struct config *config, int argc, char *const argv[], struct problem *problem)
{
	struct command_line line = {
		.argc = argc,
		.argv = argv,
		.next = 1,
		.is_mount_helper = is_mount_helper(argv[0]),
	};
	struct config parsed cleanup(config_release) = {
		.detect_conflicts = true,
		.ttl_ms = 60000,
		.timeout_ms = 30000,
		.delete_limit = 20,
		.state_max_bytes = JOURNAL_MAX_BYTES,
		.uid = getuid(),
		.gid = getgid(),
		.umask = -1,
	};
	int err = read_arguments(&parsed, &line, problem);
	if (err == 0 && parsed.action == CONFIG_MOUNT) {
		err = take_places(&parsed, &line, problem);
		if (err == 0)
			err = fill_paths(&parsed, problem);
		if (err == 0)
			err = fill_fuse_options(&parsed, problem);
	}
	if (err == -ENOMEM)
		problem_set(problem, err, "not enough memory");
	if (err < 0)
		return err;
	*config = parsed;
	parsed = (struct config){.action = CONFIG_MOUNT};
	return 0;
}

void config_release(struct config *config)
{
	free(config->url);
	free(config->host);
	free(config->mountpoint);
	free(config->cacert);
	free(config->state_dir);
	free(config->token_file);
	free(config->token_command);
	free(config->user_token_file);
	free(config->netrc_file);
	free(config->source);
	free(config->subtype);
	config_list_free(config->resources);
	config_list_free(config->fuse_options);
	*config = (struct config){.action = CONFIG_MOUNT};
}
