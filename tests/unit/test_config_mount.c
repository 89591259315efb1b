/* What mount(8) calls: mount.clevertimfs URL DIR [-sfnv] [-o options] [-t type]. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define URL "https://crm.example/api"

enum { MAX_ARGUMENTS = 12 };

static int parse(struct config *config, struct problem *problem, const char *const words[])
{
	char *argv[MAX_ARGUMENTS + 1] = {NULL};
	int argc = 0;
	for (; words[argc]; argc++)
		argv[argc] = (char *)words[argc];
	*problem = (struct problem){0};
	return config_parse(config, argc, argv, problem);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_helper__takes_what_mount_gives(void **state)
{
	static const char *const commands[] = {
		"/sbin/mount.clevertimfs", "mount.clevertimfs", "./mount.clevertimfs"};
	for (size_t i = 0; i < array_size(commands); i++) {
		struct config config cleanup(config_release);
		struct problem problem;
		assert_int_equal(parse(&config, &problem,
					 WORDS(commands[i], URL, "/mnt", "-s", "-n", "-v", "-o",
						 "rw,nosuid,nodev,user=ada,ttl=5", "-t",
						 "fuse.clevertimfs")),
			0);
		assert_string_equal(config.url, URL);
		assert_string_equal(config.mountpoint, "/mnt");
		assert_int_equal(config.ttl_ms, 5000);
		assert_false(config.single_thread || config.foreground || config.pretend);
	}
}

static void test_helper__f_pretends(void **state)
{
	struct config config cleanup(config_release);
	struct problem problem;
	assert_int_equal(
		parse(&config, &problem, WORDS("/sbin/mount.clevertimfs", URL, "/mnt", "-f")), 0);
	assert_true(config.pretend);
	assert_false(config.foreground);
}

static void test_helper__other_flags_are_the_command_s(void **state)
{
	struct config config = {.url = NULL};
	struct problem problem;
	assert_int_equal(
		parse(&config, &problem, WORDS("mount.clevertimfs", URL, "/mnt", "-N", "/ns")),
		-EINVAL);
	assert_non_null(strstr(problem.message, "nsenter"));
	assert_int_equal(parse(&config, &problem, WORDS("mount.clevertimfs", "--help")), 0);
	assert_int_equal(config.action, CONFIG_HELP);
	config_release(&config);
}

/* Only by its whole name. */
static void test_command__keeps_its_own_flags(void **state)
{
	static const char *const commands[] = {"/usr/bin/clevertimfs", "mount.clevertimfs.old",
		"mount.clevertimfs/clevertimfs", ""};
	for (size_t i = 0; i < array_size(commands); i++) {
		struct config config cleanup(config_release);
		struct problem problem;
		assert_int_equal(
			parse(&config, &problem, WORDS(commands[i], "-f", "-s", URL, "/mnt")), 0);
		assert_true(config.foreground && config.single_thread);
		assert_false(config.pretend);
	}
}

static void test_remount__is_refused_in_its_own_words(void **state)
{
	static const char *const commands[] = {"clevertimfs", "mount.clevertimfs"};
	for (size_t i = 0; i < array_size(commands); i++) {
		struct config config = {.url = NULL};
		struct problem problem;
		assert_int_equal(parse(&config, &problem,
					 WORDS(commands[i], URL, "/mnt", "-o", "rw,remount,ro")),
			-EINVAL);
		assert_non_null(strstr(problem.message, "unmount it"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_helper__takes_what_mount_gives),
		cmocka_unit_test(test_helper__f_pretends),
		cmocka_unit_test(test_helper__other_flags_are_the_command_s),
		cmocka_unit_test(test_command__keeps_its_own_flags),
		cmocka_unit_test(test_remount__is_refused_in_its_own_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
