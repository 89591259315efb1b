#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { MAX_ARGUMENTS = 12 };

/* Parses the words after the command's name; the last is NULL. */
static int parse(struct config *config, struct problem *problem, const char *const words[])
{
	char *argv[MAX_ARGUMENTS + 2] = {(char *)"clevertimfs"};
	int argc = 1;
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)words[argc - 1];
	*problem = (struct problem){0};
	return config_parse(config, argc, argv, problem);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

#define assert_parses(config, ...) assert_parses_at(config, WORDS(__VA_ARGS__), __FILE__, __LINE__)
static void assert_parses_at(
	struct config *config, const char *const words[], const char *file, int line)
{
	struct problem problem;
	if (parse(config, &problem, words) != 0) {
		print_error("%s\n", problem.message);
		_fail(file, line);
	}
}

/* Also that an argument with SECRET in it is not repeated. */
#define assert_refused(said, ...) assert_refused_at(said, WORDS(__VA_ARGS__), __FILE__, __LINE__)
static void assert_refused_at(
	const char *said, const char *const words[], const char *file, int line)
{
	struct config config = {.url = (char *)"untouched"};
	struct problem problem;
	int err = parse(&config, &problem, words);
	assert_string_equal(config.url, "untouched");
	if (err != -EINVAL || !strstr(problem.message, said) || strstr(problem.message, "SECRET")) {
		print_error("%d: %s\n", err, problem.message);
		_fail(file, line);
	}
}

static bool has_fuse_option(const struct config *config, const char *option)
{
	for (char **at = config->fuse_options; at && *at; at++) {
		if (strcmp(*at, option) == 0)
			return true;
	}
	return false;
}

static void test_mount_point_alone__is_enough(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "/mnt");
	assert_int_equal(config.action, CONFIG_MOUNT);
	assert_string_equal(config.mountpoint, "/mnt");
	assert_string_equal(config.url, CONFIG_DEFAULT_URL);
	assert_string_equal(config.host, "www.clevertim.com");
	assert_string_equal(config.source, CONFIG_DEFAULT_URL);
	assert_int_equal(config.ttl_ms, 60000);
	assert_int_equal(config.timeout_ms, 30000);
	assert_int_equal(config.delete_limit, 20);
	assert_int_equal(config.state_max_bytes, 256 << 20);
	assert_true(config.detect_conflicts);
	assert_false(config.foreground || config.debug || config.single_thread);
	assert_false(config.read_only || config.nocheck || config.allow_http);
	assert_null(config.resources);
	assert_null(config.cacert);
	assert_null(config.token_file);
	assert_null(config.token_command);
	assert_int_equal(config.uid, getuid());
	assert_int_equal(config.gid, getgid());
	assert_int_equal(config.umask, -1);
	assert_string_equal(config.state_dir, "/home/zoe/.local/state/clevertimfs");
	assert_string_equal(config.user_token_file, "/home/zoe/.config/clevertimfs/token");
	assert_string_equal(config.netrc_file, "/home/zoe/.netrc");
	assert_true(has_fuse_option(&config, "fsname=" CONFIG_DEFAULT_URL));
	assert_true(has_fuse_option(&config, "subtype=clevertimfs"));
	assert_false(has_fuse_option(&config, "ro"));
}

static void test_url__comes_first(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "https://crm.example.com:8443/api/", "/mnt");
	assert_string_equal(config.url, "https://crm.example.com:8443/api");
	assert_string_equal(config.host, "crm.example.com");
	assert_string_equal(config.mountpoint, "/mnt");
	assert_refused("mount point is missing", "/mnt", "https://crm.example.com");
	assert_refused("mount point is missing", "https://crm.example.com");
	assert_refused("mount point is missing", "");
	assert_refused("mount point is missing", "-f");
	assert_refused("must begin with https://", "SECRET", "/mnt");
	assert_refused("too many arguments", "https://h", "/mnt", "SECRET");
}

/* As mount(8) passes it on. */
static void test_fstab_line__is_understood(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "https://www.clevertim.com/api", "/mnt", "-o",
		"rw,noexec,dev,suid,nodev,nosuid,relatime,noatime,user=zoe,defaults,_netdev,nofail,"
		"noauto,users,x-systemd.automount,x-gvfs-name=CRM,token_file=/etc/clevertim.token");
	assert_string_equal(config.mountpoint, "/mnt");
	assert_string_equal(config.token_file, "/etc/clevertim.token");
	assert_false(config.read_only);
	assert_true(has_fuse_option(&config, "noexec"));
	assert_true(has_fuse_option(&config, "noatime"));
	assert_false(has_fuse_option(&config, "dev"));
	assert_false(has_fuse_option(&config, "suid"));
	assert_false(has_fuse_option(&config, "user=zoe"));
}

/* Also that the table is sorted: an option in a wrong place would not be found. */
static void test_words_of_mount__are_all_taken(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "/mnt", "-o",
		"_netdev,async,atime,auto,comment=systemd.automount,defaults,dev,diratime,exec,"
		"group,iversion,lazytime,loud,mand,noauto,nodev,nodiratime,nofail,nogroup,"
		"noiversion,nolazytime,nomand,noowner,norelatime,nostrictatime,nosuid,nosymfollow,"
		"nouser,nousers,owner,quiet,relatime,silent,strictatime,suid,symfollow,user,users,"
		"x-initrd.mount,X-mount.mkdir=0700");
	assert_string_equal(config.fuse_options[0], "fsname=" CONFIG_DEFAULT_URL);
	assert_string_equal(config.fuse_options[1], "subtype=clevertimfs");
	assert_null(config.fuse_options[2]);
	config_release(&config);
	assert_parses(&config, "/mnt", "-o",
		"auto_unmount,context=a,defcontext=a,default_permissions,dirsync,fscontext=a,"
		"noatime,noexec,rootcontext=a,sync");
	assert_string_equal(config.fuse_options[9], "sync");
}

static void test_flags__may_stand_anywhere_and_together(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "/mnt", "-fs");
	assert_true(config.foreground && config.single_thread);
	assert_false(config.debug);
	config_release(&config);
	assert_parses(&config, "-d", "/mnt");
	assert_true(config.foreground && config.debug);
	config_release(&config);
	assert_parses(&config, "-fottl=5", "-onocheck", "-o", "ro,,timeout=7", "--", "/mnt");
	assert_true(config.foreground && config.nocheck && config.read_only);
	assert_int_equal(config.ttl_ms, 5000);
	assert_int_equal(config.timeout_ms, 7000);
	assert_true(has_fuse_option(&config, "ro"));
}

static void test_help_and_version__need_nothing_else(void **state)
{
	static const struct {
		const char *word;
		enum config_action action;
	} rows[] = {
		{"-h", CONFIG_HELP},
		{"--help", CONFIG_HELP},
		{"-V", CONFIG_VERSION},
		{"--version", CONFIG_VERSION},
		{"-fh", CONFIG_HELP},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct config config cleanup(config_release);
		assert_parses(&config, rows[i].word, "-o", "nonsense");
		assert_int_equal(config.action, rows[i].action);
	}
}

static void test_help__names_every_option(void **state)
{
	static const char *const names[] = {"-f", "-d", "-s", "--help", "--version", "-o",
		"CLEVERTIM_TOKEN", "token_file=", "token_command=", ".netrc", "ro",
		"ttl=", "timeout=", "cacert=", "allow_http",
		"state_dir=", "delete_limit=", "conflicts=", "resources=", "nocheck",
		"uid=", "gid=", "umask=", "allow_other"};
	for (size_t i = 0; i < array_size(names); i++)
		assert_non_null(strstr(config_help(), names[i]));
}

static void test_unknown__is_named_and_refused(void **state)
{
	assert_refused("unknown option 'colour': see clevertimfs --help", "/mnt", "-o", "colour");
	assert_refused("unknown option 'colour'", "/mnt", "-o", "ro,colour=SECRET,ttl=1");
	assert_refused("unknown option 'tt'", "/mnt", "-o", "tt=1");
	assert_refused("unknown option 'TTL'", "/mnt", "-o", "TTL=1");
	assert_refused("unknown option ''", "/mnt", "-o", "=SECRET");
	assert_refused("unknown option '-x'", "-x", "/mnt");
	assert_refused("unknown option '--colour'", "--colour=SECRET", "/mnt");
	assert_refused("-o needs an option", "/mnt", "-o");
}

static void test_token__is_refused_and_not_repeated(void **state)
{
	assert_refused("the token must not be on the command line", "/mnt", "-o", "token=SECRET");
	assert_refused("the token must not be on the command line", "/mnt", "-otoken");
	assert_refused("the token must not be on the command line", "/mnt", "--token=SECRET");
	assert_refused("the token must not be on the command line", "--token", "SECRET", "/mnt");
	assert_refused("must not hold a user or a token", "https://SECRET:X@h/api", "/mnt");
}

static void test_plain_http__stays_on_this_machine(void **state)
{
	static const char *const local[] = {"http://localhost:8080/api", "http://127.0.0.1",
		"http://127.9.9.9:1", "http://[::1]:8080"};
	struct config config cleanup(config_release) = {.url = NULL};
	for (size_t i = 0; i < array_size(local); i++) {
		config_release(&config);
		assert_parses(&config, local[i], "/mnt");
		assert_string_equal(config.url, local[i]);
	}
	assert_refused("allow_http", "http://crm.example.com", "/mnt");
	assert_refused("allow_http", "http://127.0.0.1.example.com", "/mnt");
	config_release(&config);
	assert_parses(&config, "http://crm.example.com", "/mnt", "-o", "allow_http");
	assert_true(config.allow_http);
}

static void test_seconds__have_decimals_and_bounds(void **state)
{
	static const struct {
		const char *option;
		int64_t ttl_ms, timeout_ms; /* -1: refused */
	} rows[] = {
		{"ttl=0", 0, 30000},
		{"ttl=0.5", 500, 30000},
		{"ttl=.25", 250, 30000},
		{"ttl=1.2345678901234567890", 1234, 30000},
		{"ttl=7.", 7000, 30000},
		{"ttl=604800", 604800000, 30000},
		{"ttl=604800.001", -1, 0},
		{"ttl=99999999999999999999999", -1, 0},
		{"ttl=-1", -1, 0},
		{"ttl=1e3", -1, 0},
		{"ttl=1.2.3", -1, 0},
		{"ttl=.", -1, 0},
		{"ttl=", -1, 0},
		{"ttl", -1, 0},
		{"ttl= 1", -1, 0},
		{"ttl=1s", -1, 0},
		{"timeout=0.1", 60000, 100},
		{"timeout=0.099", -1, 0},
		{"timeout=0", -1, 0},
		{"timeout=3600", 60000, 3600000},
		{"timeout=3601", -1, 0},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct config config cleanup(config_release) = {.url = NULL};
		struct problem problem;
		int err = parse(&config, &problem, WORDS("/mnt", "-o", rows[i].option));
		if (err != (rows[i].ttl_ms < 0 ? -EINVAL : 0))
			fail_msg("%s: %d %s", rows[i].option, err, problem.message);
		if (err == 0 && (config.ttl_ms != rows[i].ttl_ms ||
					config.timeout_ms != rows[i].timeout_ms))
			fail_msg("%s: %lld %lld", rows[i].option, (long long)config.ttl_ms,
				(long long)config.timeout_ms);
	}
}

static void test_numbers__have_bounds(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "/mnt", "-o", "delete_limit=0,uid=7,gid=8,umask=027");
	assert_int_equal(config.delete_limit, 0);
	assert_int_equal(config.uid, 7);
	assert_int_equal(config.gid, 8);
	assert_int_equal(config.umask, 027);
	assert_refused("delete_limit must be", "/mnt", "-o", "delete_limit=-1");
	assert_refused("delete_limit must be", "/mnt", "-o", "delete_limit=4294967296");
	assert_refused("uid must be", "/mnt", "-o", "uid=zoe");
	assert_refused("uid must be", "/mnt", "-o", "uid=4294967295");
	assert_refused("umask must be", "/mnt", "-o", "umask=9");
	assert_refused("umask must be", "/mnt", "-o", "umask=1000");
}

static void test_sizes__have_units_and_bounds(void **state)
{
	static const struct {
		const char *option;
		int64_t bytes;
	} rows[] = {{"state_max=16777216", 16 << 20}, {"state_max=16384K", 16 << 20},
		{"state_max=64M", 64 << 20}, {"state_max=2G", (int64_t)2 << 30},
		{"state_max=1024G", (int64_t)1 << 40}};
	static const char *const wrong[] = {"state_max=0", "state_max=15M", "state_max=1025G",
		"state_max=64m", "state_max=64MB", "state_max=M", "state_max=-64M",
		"state_max=64 M", "state_max=99999999999999999999999999999999999999999"};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct config config cleanup(config_release);
		assert_parses(&config, "/mnt", "-o", rows[i].option);
		assert_int_equal(config.state_max_bytes, rows[i].bytes);
	}
	for (size_t i = 0; i < array_size(wrong); i++)
		assert_refused("state_max must be", "/mnt", "-o", wrong[i]);
}

static void test_choice__is_one_of_its_words(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "/mnt", "-o", "conflicts=ignore");
	assert_false(config.detect_conflicts);
	config_release(&config);
	assert_parses(&config, "/mnt", "-o", "conflicts=ignore,conflicts=detect");
	assert_true(config.detect_conflicts);
	assert_refused("conflicts must be", "/mnt", "-o", "conflicts=maybe");
	assert_refused("option 'conflicts' needs a value", "/mnt", "-o", "conflicts");
	assert_refused("option 'ro' takes no value", "/mnt", "-o", "ro=SECRET");
}

static void test_resources__are_names_each_once(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "/mnt", "-o", "resources=note,resources=contact:deal:contact");
	assert_string_equal(config.resources[0], "contact");
	assert_string_equal(config.resources[1], "deal");
	assert_null(config.resources[2]);
	assert_refused("resources must be", "/mnt", "-o", "resources=contact::note");
	assert_refused("resources must be", "/mnt", "-o", "resources=contact:../x");
	assert_refused("resources must be", "/mnt", "-o", "resources=related");
	assert_refused("needs a value", "/mnt", "-o", "resources=");
}

static void test_escaped_comma__belongs_to_the_value(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "/mnt", "-o", "token_command=cut -d\\, -f1 a\\\\b,ro");
	assert_string_equal(config.token_command, "cut -d, -f1 a\\\\b");
	assert_true(config.read_only);
}

static void test_fuse_options__are_handed_on(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "/mnt", "-o", "fsname=a\\,b,subtype=crm,context=a:b,context=c:d",
		"-o", "auto_unmount,fscontext=x:y,noexec");
	assert_string_equal(config.source, "a,b");
	assert_true(has_fuse_option(&config, "fsname=a,b"));
	assert_true(has_fuse_option(&config, "subtype=crm"));
	assert_true(has_fuse_option(&config, "context=c:d"));
	assert_false(has_fuse_option(&config, "context=a:b"));
	assert_true(has_fuse_option(&config, "auto_unmount"));
	assert_true(has_fuse_option(&config, "fscontext=x:y"));
	assert_false(has_fuse_option(&config, "default_permissions"));
}

static void test_allow_other__brings_permissions(void **state)
{
	static const char *const options[] = {"allow_other", "allow_root",
		"allow_other,default_permissions", "default_permissions,allow_root"};
	for (size_t i = 0; i < array_size(options); i++) {
		struct config config cleanup(config_release) = {.url = NULL};
		assert_parses(&config, "/mnt", "-o", options[i]);
		assert_true(config.allow_other != config.allow_root);
		assert_true(has_fuse_option(
			&config, config.allow_other ? "allow_other" : "allow_root"));
		assert_true(has_fuse_option(&config, "default_permissions"));
	}
	assert_refused("exclude each other", "/mnt", "-o", "allow_other,allow_root");
}

static void test_ro_and_rw__the_last_counts(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "/mnt", "-o", "ro,rw");
	assert_false(config.read_only);
	assert_false(has_fuse_option(&config, "ro"));
	config_release(&config);
	assert_parses(&config, "/mnt", "-o", "rw", "-o", "ro");
	assert_true(config.read_only);
}

static void test_paths__become_absolute(void **state)
{
	struct config config cleanup(config_release);
	assert_parses(&config, "crm", "-o", "token_file=t,state_dir=~/s,cacert=ca.pem");
	char *const here = getcwd(NULL, 0);
	char expected[4200];
	snprintf(expected, sizeof expected, "%s/t", here);
	assert_string_equal(config.token_file, expected);
	snprintf(expected, sizeof expected, "%s/ca.pem", here);
	assert_string_equal(config.cacert, expected);
	snprintf(expected, sizeof expected, "%s/crm", here);
	assert_string_equal(config.mountpoint, expected);
	assert_string_equal(config.state_dir, "/home/zoe/s");
	free(here);
	assert_refused("cannot read the cacert", "crm", "-o", "cacert=missing.pem");
}

static void test_mount_point__has_its_links_resolved(void **state)
{
	static const char *const same[] = {
		"link", "./real/", "real/../real", "link//", "/proc/self/cwd/real"};
	char *const here = getcwd(NULL, 0);
	char expected[4200];
	assert_int_equal(mkdir("real", 0700), 0);
	assert_int_equal(symlink("real", "link"), 0);
	snprintf(expected, sizeof expected, "%s/real", here);
	for (size_t i = 0; i < array_size(same); i++) {
		struct config config cleanup(config_release) = {.url = NULL};
		assert_parses(&config, same[i]);
		assert_string_equal(config.mountpoint, expected);
	}
	struct config config cleanup(config_release) = {.url = NULL};
	assert_parses(&config, "link/missing/");
	snprintf(expected, sizeof expected, "%s/real/missing", here);
	assert_string_equal(config.mountpoint, expected);
	config_release(&config);
	assert_parses(&config, "/no/such/place");
	assert_string_equal(config.mountpoint, "/no/such/place");
	config_release(&config);
	assert_parses(&config, "/");
	assert_string_equal(config.mountpoint, "/");
	free(here);
}

static void test_xdg_directories__count_when_absolute(void **state)
{
	struct config config cleanup(config_release);
	setenv("XDG_STATE_HOME", "/var/x", 1);
	setenv("XDG_CONFIG_HOME", "relative", 1);
	assert_parses(&config, "/mnt");
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CONFIG_HOME");
	assert_string_equal(config.state_dir, "/var/x/clevertimfs");
	assert_string_equal(config.user_token_file, "/home/zoe/.config/clevertimfs/token");
}

static int set_up(void **state)
{
	static char place[] = "/tmp/test_config.XXXXXX";
	setenv("HOME", "/home/zoe", 1);
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CONFIG_HOME");
	if (!mkdtemp(place) || chdir(place) < 0)
		return -1;
	FILE *file = fopen("ca.pem", "w");
	*state = place;
	return file ? fclose(file) : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"ca.pem", "link", "real"};
	for (size_t i = 0; i < array_size(names); i++)
		remove(names[i]);
	return chdir("/") < 0 ? -1 : rmdir(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mount_point_alone__is_enough),
		cmocka_unit_test(test_url__comes_first),
		cmocka_unit_test(test_fstab_line__is_understood),
		cmocka_unit_test(test_words_of_mount__are_all_taken),
		cmocka_unit_test(test_flags__may_stand_anywhere_and_together),
		cmocka_unit_test(test_help_and_version__need_nothing_else),
		cmocka_unit_test(test_help__names_every_option),
		cmocka_unit_test(test_unknown__is_named_and_refused),
		cmocka_unit_test(test_token__is_refused_and_not_repeated),
		cmocka_unit_test(test_plain_http__stays_on_this_machine),
		cmocka_unit_test(test_seconds__have_decimals_and_bounds),
		cmocka_unit_test(test_numbers__have_bounds),
		cmocka_unit_test(test_sizes__have_units_and_bounds),
		cmocka_unit_test(test_choice__is_one_of_its_words),
		cmocka_unit_test(test_resources__are_names_each_once),
		cmocka_unit_test(test_escaped_comma__belongs_to_the_value),
		cmocka_unit_test(test_fuse_options__are_handed_on),
		cmocka_unit_test(test_allow_other__brings_permissions),
		cmocka_unit_test(test_ro_and_rw__the_last_counts),
		cmocka_unit_test(test_paths__become_absolute),
		cmocka_unit_test(test_mount_point__has_its_links_resolved),
		cmocka_unit_test(test_xdg_directories__count_when_absolute),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
