#include "config_options.h"

#include "config_path.h"
#include "resource.h"
#include <stdio.h>
#include <unistd.h>

enum value { NO_VALUE, NEEDS_VALUE, MAY_HAVE_VALUE };

struct option {
	const char *name;
	enum value value;
	int (*take)(struct config *config, const struct option *option, const char *value,
		struct problem *problem);
	size_t offset;	  /* of the field in struct config */
	int64_t min, max; /* of a number; seconds where it is a time */
};

static void *field_of(struct config *config, const struct option *option)
{
	return (char *)config + option->offset;
}

/* Lists */

static size_t list_count(char **list)
{
	size_t count = 0;
	while (list && list[count])
		count++;
	return count;
}

static bool same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");
	return len == strcspn(b, "=") && strncmp(a, b, len) == 0;
}

int config_list_add(char ***list, const char *text)
{
	size_t count = list_count(*list);
	char *copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (same_name((*list)[i], text)) {
			free((*list)[i]);
			(*list)[i] = copy;
			return 0;
		}
	}
	char **longer = realloc(*list, (count + 2) * sizeof **list);
	if (!longer) {
		free(copy);
		return -ENOMEM;
	}
	longer[count] = copy;
	longer[count + 1] = NULL;
	*list = longer;
	return 0;
}

void config_list_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

/* Ways to take a value */

static int replace(char **field, char *owned)
{
	if (!owned)
		return -ENOMEM;
	free(*field);
	*field = owned;
	return 0;
}

/* Of mount(8) and fstab, for others to heed; suid and dev stay forbidden, libfuse's default. */
static int take_nothing(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	return 0;
}

static int take_true(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	*(bool *)field_of(config, option) = true;
	return 0;
}

static int take_false(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	*(bool *)field_of(config, option) = false;
	return 0;
}

static int take_text(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	return replace(field_of(config, option), strdup(value));
}

static int take_path(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	char *path;
	int err = config_path_absolute(value, &path);
	if (err == -ENOMEM)
		return err;
	if (err < 0)
		return problem_set(problem, -EINVAL,
			"cannot tell where the %s '%s' is: give an absolute path", option->name,
			value);
	return replace(field_of(config, option), path);
}

static int take_readable_file(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	int err = take_path(config, option, value, problem);
	if (err < 0)
		return err;
	const char *path = *(char **)field_of(config, option);
	if (access(path, R_OK) < 0)
		return problem_set(problem, -EINVAL, "cannot read the %s '%s': %s", option->name,
			path, strerrordesc_np(errno));
	return 0;
}

/* Digits of a base up to max; false: something else. */
static bool parse_number(const char *text, int base, int64_t max, int64_t *ret_number)
{
	int64_t number = 0;
	for (const char *at = text; *at; at++) {
		if (*at < '0' || *at >= '0' + base)
			return false;
		number = number * base + (*at - '0');
		if (number > max)
			return false;
	}
	*ret_number = number;
	return *text != '\0';
}

static int take_count(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	int64_t number;
	if (!parse_number(value, 10, option->max, &number) || number < option->min)
		return problem_set(problem, -EINVAL, "%s must be a whole number from %lld to %lld",
			option->name, (long long)option->min, (long long)option->max);
	*(unsigned *)field_of(config, option) = (unsigned)number;
	return 0;
}

static int take_umask(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	int64_t number;
	if (!parse_number(value, 8, 0777, &number))
		return problem_set(problem, -EINVAL,
			"umask must be an octal number from 0 to 777, as in umask=027");
	config->umask = (int)number;
	return 0;
}

/* "30", "0.5" and ".5"; what is finer than a millisecond is dropped. */
static bool parse_seconds(const char *text, int64_t max_ms, int64_t *ret_ms)
{
	int64_t ms = 0, unit = 1000;
	bool has_digit = false, has_point = false;
	for (; *text; text++) {
		if (*text == '.' && !has_point) {
			has_point = true;
			continue;
		}
		if (*text < '0' || *text > '9')
			return false;
		has_digit = true;
		if (has_point)
			unit /= 10;
		ms = has_point ? ms + (*text - '0') * unit : ms * 10 + (*text - '0') * unit;
		if (ms > max_ms)
			return false;
	}
	*ret_ms = ms;
	return has_digit;
}

static int take_seconds(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	int64_t ms;
	if (!parse_seconds(value, option->max * 1000, &ms) || ms < option->min)
		return problem_set(problem, -EINVAL,
			"%s must be a number of seconds from %g to %lld", option->name,
			(double)option->min / 1000, (long long)option->max);
	*(int64_t *)field_of(config, option) = ms;
	return 0;
}

/* "1000", "512K", "256M", "2G". */
static bool parse_size(const char *text, int64_t max, int64_t *ret_bytes)
{
	static const char units[] = "KMG";
	char digits[32];
	size_t len = strspn(text, "0123456789");
	const char *unit = text[len] ? strchr(units, text[len]) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

	if (len >= sizeof digits || (text[len] && (!unit || text[len + 1])))
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (!parse_number(digits, 10, max >> shift, ret_bytes))
		return false;
	*ret_bytes <<= shift;
	return true;
}

static int take_size(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	int64_t bytes;
	if (!parse_size(value, option->max, &bytes) || bytes < option->min)
		return problem_set(problem, -EINVAL,
			"%s must be a size from %lldM to %lldG, as in %s=256M", option->name,
			(long long)option->min >> 20, (long long)option->max >> 30, option->name);
	*(int64_t *)field_of(config, option) = bytes;
	return 0;
}

static int take_conflicts(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	bool detect = strcmp(value, "detect") == 0;
	if (!detect && strcmp(value, "ignore") != 0)
		return problem_set(problem, -EINVAL, "conflicts must be 'detect' or 'ignore'");
	config->detect_conflicts = detect;
	return 0;
}

static int take_resources(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	char **names = NULL;
	auto_free char *own = strdup(value);
	int err = own ? 0 : -ENOMEM;
	for (char *rest = own, *name; err == 0 && (name = strsep(&rest, ":"));) {
		if (!resource_name_is_valid(name))
			err = problem_set(problem, -EINVAL,
				"resources must be names of endpoints with ':' between them, as in "
				"resources=contact:company");
		else
			err = config_list_add(&names, name);
	}
	if (err < 0) {
		config_list_free(names);
		return err;
	}
	config_list_free(config->resources);
	config->resources = names;
	return 0;
}

/* For libfuse, as it stands. */
static int take_fuse(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	auto_free char *text = NULL;
	if (asprintf(&text, value ? "%s=%s" : "%s", option->name, value) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	return config_list_add(&config->fuse_options, text);
}

static int take_fuse_true(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	*(bool *)field_of(config, option) = true;
	return take_fuse(config, option, value, problem);
}

int config_refuse_token(struct problem *problem)
{
	return problem_set(problem, -EINVAL,
		"the token must not be on the command line (it would show in ps): "
		"use CLEVERTIM_TOKEN, -o token_file=FILE or -o token_command=COMMAND");
}

static int refuse_token(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	return config_refuse_token(problem);
}

static int refuse_remount(struct config *config, const struct option *option, const char *value,
	struct problem *problem)
{
	return problem_set(problem, -EINVAL,
		"the options of a mount cannot be changed: unmount it, and mount it with others");
}

/* The table */

#define AT(field) offsetof(struct config, field)

enum {
	MAX_TTL_S = 7 * 24 * 3600,
	MIN_TIMEOUT_MS = 100,
	MAX_TIMEOUT_S = 3600,
	MAX_DELETES = 1000 * 1000,
};
#define MIN_STATE ((int64_t)16 << 20) /* one record of the largest size */
#define MAX_STATE ((int64_t)1 << 40)

/* Sorted by name (strcmp). */
static const struct option table[] = {
	{"_netdev", MAY_HAVE_VALUE, take_nothing},
	{"allow_http", NO_VALUE, take_true, AT(allow_http)},
	{"allow_other", NO_VALUE, take_fuse_true, AT(allow_other)},
	{"allow_root", NO_VALUE, take_fuse_true, AT(allow_root)},
	{"async", MAY_HAVE_VALUE, take_nothing},
	{"atime", MAY_HAVE_VALUE, take_nothing},
	{"auto", MAY_HAVE_VALUE, take_nothing},
	{"auto_unmount", NO_VALUE, take_fuse},
	{"cacert", NEEDS_VALUE, take_readable_file, AT(cacert)},
	{"comment", MAY_HAVE_VALUE, take_nothing},
	{"conflicts", NEEDS_VALUE, take_conflicts},
	{"context", NEEDS_VALUE, take_fuse},
	{"default_permissions", NO_VALUE, take_fuse},
	{"defaults", MAY_HAVE_VALUE, take_nothing},
	{"defcontext", NEEDS_VALUE, take_fuse},
	{"delete_limit", NEEDS_VALUE, take_count, AT(delete_limit), 0, MAX_DELETES},
	{"dev", MAY_HAVE_VALUE, take_nothing},
	{"diratime", MAY_HAVE_VALUE, take_nothing},
	{"dirsync", NO_VALUE, take_fuse},
	{"exec", MAY_HAVE_VALUE, take_nothing},
	{"fscontext", NEEDS_VALUE, take_fuse},
	{"fsname", NEEDS_VALUE, take_text, AT(source)},
	{"gid", NEEDS_VALUE, take_count, AT(gid), 0, UINT32_MAX - 1},
	{"group", MAY_HAVE_VALUE, take_nothing},
	{"iversion", MAY_HAVE_VALUE, take_nothing},
	{"lazytime", MAY_HAVE_VALUE, take_nothing},
	{"loud", MAY_HAVE_VALUE, take_nothing},
	{"mand", MAY_HAVE_VALUE, take_nothing},
	{"noatime", NO_VALUE, take_fuse},
	{"noauto", MAY_HAVE_VALUE, take_nothing},
	{"nocheck", NO_VALUE, take_true, AT(nocheck)},
	{"nodev", MAY_HAVE_VALUE, take_nothing},
	{"nodiratime", MAY_HAVE_VALUE, take_nothing},
	{"noexec", NO_VALUE, take_fuse},
	{"nofail", MAY_HAVE_VALUE, take_nothing},
	{"nogroup", MAY_HAVE_VALUE, take_nothing},
	{"noiversion", MAY_HAVE_VALUE, take_nothing},
	{"nolazytime", MAY_HAVE_VALUE, take_nothing},
	{"nomand", MAY_HAVE_VALUE, take_nothing},
	{"noowner", MAY_HAVE_VALUE, take_nothing},
	{"norelatime", MAY_HAVE_VALUE, take_nothing},
	{"nostrictatime", MAY_HAVE_VALUE, take_nothing},
	{"nosuid", MAY_HAVE_VALUE, take_nothing},
	{"nosymfollow", MAY_HAVE_VALUE, take_nothing},
	{"nouser", MAY_HAVE_VALUE, take_nothing},
	{"nousers", MAY_HAVE_VALUE, take_nothing},
	{"owner", MAY_HAVE_VALUE, take_nothing},
	{"quiet", MAY_HAVE_VALUE, take_nothing},
	{"relatime", MAY_HAVE_VALUE, take_nothing},
	{"remount", MAY_HAVE_VALUE, refuse_remount},
	{"resources", NEEDS_VALUE, take_resources},
	{"ro", NO_VALUE, take_true, AT(read_only)},
	{"rootcontext", NEEDS_VALUE, take_fuse},
	{"rw", NO_VALUE, take_false, AT(read_only)},
	{"silent", MAY_HAVE_VALUE, take_nothing},
	{"state_dir", NEEDS_VALUE, take_path, AT(state_dir)},
	{"state_max", NEEDS_VALUE, take_size, AT(state_max_bytes), MIN_STATE, MAX_STATE},
	{"strictatime", MAY_HAVE_VALUE, take_nothing},
	{"subtype", NEEDS_VALUE, take_text, AT(subtype)},
	{"suid", MAY_HAVE_VALUE, take_nothing},
	{"symfollow", MAY_HAVE_VALUE, take_nothing},
	{"sync", NO_VALUE, take_fuse},
	{"timeout", NEEDS_VALUE, take_seconds, AT(timeout_ms), MIN_TIMEOUT_MS, MAX_TIMEOUT_S},
	{"token", MAY_HAVE_VALUE, refuse_token},
	{"token_command", NEEDS_VALUE, take_text, AT(token_command)},
	{"token_file", NEEDS_VALUE, take_path, AT(token_file)},
	{"ttl", NEEDS_VALUE, take_seconds, AT(ttl_ms), 0, MAX_TTL_S},
	{"uid", NEEDS_VALUE, take_count, AT(uid), 0, UINT32_MAX - 1},
	{"umask", NEEDS_VALUE, take_umask},
	{"user", MAY_HAVE_VALUE, take_nothing},
	{"users", MAY_HAVE_VALUE, take_nothing},
};

static int compare_name(const void *name, const void *option)
{
	return strcmp(name, ((const struct option *)option)->name);
}

int config_option_take(struct config *config, char *text, struct problem *problem)
{
	char *value = strchr(text, '=');
	if (value)
		*value++ = '\0';
	if (strncmp(text, "x-", 2) == 0 || strncmp(text, "X-", 2) == 0)
		return 0;
	const struct option *option =
		bsearch(text, table, array_size(table), sizeof table[0], compare_name);
	if (!option)
		return problem_set(
			problem, -EINVAL, "unknown option '%.64s': see clevertimfs --help", text);
	if (option->value == NEEDS_VALUE && (!value || !*value))
		return problem_set(problem, -EINVAL, "option '%s' needs a value: %s=...",
			option->name, option->name);
	if (option->value == NO_VALUE && value)
		return problem_set(problem, -EINVAL, "option '%s' takes no value", option->name);
	return option->take(config, option, value, problem);
}
