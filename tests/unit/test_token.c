#include "clock.h"
#include "token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* All tests run in a directory of their own, which is empty at the start of each. */

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static struct config config_with(void)
{
	return (struct config){.host = (char *)"crm.example.com",
		.timeout_ms = 20000,
		.user_token_file = (char *)"user_token",
		.netrc_file = (char *)"netrc"};
}

/* valgrind does not know the call that a command is awaited by; a machine's kernel does. */
static void skip_without_pidfd(void)
{
	int fd = pidfd_open(getpid(), 0);
	if (fd < 0 && errno == ENOSYS)
		skip();
	close(fd);
}

#define assert_finds(config, token) assert_finds_at(config, token, __FILE__, __LINE__)
static void assert_finds_at(
	const struct config *config, const char *expected, const char *file, int line)
{
	struct problem problem = {0};
	char *token = NULL;
	int err = token_find(config, &token, &problem);
	if (err != 0) {
		print_error("%d: %s\n", err, problem.message);
		_fail(file, line);
	}
	_assert_string_equal(token, expected, file, line);
	token_wipe(token);
}

/* Also that the message says something, and not the token, which has SECRET in it. */
#define assert_fails(config, err, said) assert_fails_at(config, err, said, __FILE__, __LINE__)
static void assert_fails_at(
	const struct config *config, int expected, const char *said, const char *file, int line)
{
	struct problem problem = {0};
	char *token = (char *)"untouched";
	int err = token_find(config, &token, &problem);
	_assert_string_equal(token, "untouched", file, line);
	if (err != expected || !strstr(problem.message, said) ||
		strstr(problem.message, "SECRET")) {
		print_error("%d: %s\n", err, problem.message);
		_fail(file, line);
	}
}

static void test_places__are_tried_in_order(void **state)
{
	struct config config = config_with();
	skip_without_pidfd();
	write_file("netrc", "machine crm.example.com login in_netrc password X\n", 0600);
	assert_finds(&config, "in_netrc");
	write_file("user_token", "in_user_file\n", 0600);
	assert_finds(&config, "in_user_file");
	config.token_command = (char *)"echo from_command";
	assert_finds(&config, "from_command");
	write_file("token", "in_file\n", 0600);
	config.token_file = (char *)"token";
	assert_finds(&config, "in_file");
	setenv("CLEVERTIM_TOKEN", "in_environment", 1);
	assert_finds(&config, "in_environment");
}

static void test_no_token__says_where_to_put_it(void **state)
{
	struct config config = config_with();
	assert_fails(&config, -ENOENT, "user_token");
	config.user_token_file = config.netrc_file = NULL;
	assert_fails(&config, -ENOENT, "CLEVERTIM_TOKEN");
	config.user_token_file = (char *)"missing/directory/token";
	assert_fails(&config, -ENOENT, "missing/directory/token");
}

static void test_first_that_exists__decides(void **state)
{
	struct config config = config_with();
	skip_without_pidfd();
	write_file("netrc", "machine crm.example.com login in_netrc\n", 0600);
	write_file("user_token", "\n", 0600);
	assert_fails(&config, -EINVAL, "the token file 'user_token' is empty");
	config.token_command = (char *)"exit 3";
	assert_fails(&config, -EIO, "exit status 3");
	config.token_file = (char *)"missing";
	assert_fails(&config, -ENOENT, "'missing': No such file");
	setenv("CLEVERTIM_TOKEN", "", 1);
	assert_fails(&config, -EINVAL, "CLEVERTIM_TOKEN is empty");
}

static void test_environment__does_not_keep_the_token(void **state)
{
	struct config config = config_with();
	setenv("CLEVERTIM_TOKEN", "in_environment", 1);
	char *block = getenv("CLEVERTIM_TOKEN");
	assert_finds(&config, "in_environment");
	assert_null(getenv("CLEVERTIM_TOKEN"));
	assert_non_null(block);
	for (size_t i = 0; block && i < strlen("in_environment"); i++)
		assert_int_equal(block[i], 0);
}

/* Whoever starts a program may give a name twice; getenv finds one of them. */
static void test_environment__does_not_keep_a_second_token(void **state)
{
	struct config config = config_with();
	char first[] = "CLEVERTIM_TOKEN=in_environment", second[] = "CLEVERTIM_TOKEN=SECRET",
	     other[] = "CLEVERTIM_TOKENS=stay";
	char *entries[] = {first, other, second, NULL}, **before = environ;
	environ = entries;
	assert_finds(&config, "in_environment");
	assert_string_equal(first, "CLEVERTIM_TOKEN=");
	assert_string_equal(second, "CLEVERTIM_TOKEN=");
	assert_string_equal(other, "CLEVERTIM_TOKENS=stay");
	assert_null(getenv("CLEVERTIM_TOKEN"));
	environ = before;
}

static void test_first_line__is_the_token(void **state)
{
	static const struct {
		const char *text, *token; /* NULL: refused */
	} rows[] = {
		{"abc", "abc"},
		{"abc\n", "abc"},
		{"abc \t\r\n", "abc"},
		{"abc\nSECRET: more\n", "abc"},
		{"z\xc3\xab", "z\xc3\xab"},
		{"", NULL},
		{"\nSECRET", NULL},
		{" \t\n", NULL},
		{"SECRET:X", NULL},
		{"SEC\x01RET", NULL},
		{"SECRET\x7f", NULL},
		{"SECRET\rSECRET", NULL},
	};
	struct config config = config_with();
	config.token_file = (char *)"token";
	for (size_t i = 0; i < array_size(rows); i++) {
		write_file("token", rows[i].text, 0600);
		if (rows[i].token)
			assert_finds(&config, rows[i].token);
		else
			assert_fails(&config, -EINVAL, "the token file 'token' ");
	}
}

static void test_token__has_a_greatest_length(void **state)
{
	struct config config = config_with();
	char text[TOKEN_MAX * 3] = "";
	config.token_file = (char *)"token";
	memset(text, 'a', TOKEN_MAX);
	write_file("token", text, 0600);
	assert_finds(&config, text);
	text[TOKEN_MAX] = 'a';
	write_file("token", text, 0600);
	assert_fails(&config, -EINVAL, "too long");
	memset(text, 'a', sizeof text - 1);
	write_file("token", text, 0600);
	assert_fails(&config, -EINVAL, "too long");
}

static void test_file__must_be_private(void **state)
{
	static const mode_t refused[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644};
	struct config config = config_with();
	config.token_file = (char *)"token";
	for (size_t i = 0; i < array_size(refused); i++) {
		write_file("token", "SECRET\n", refused[i]);
		assert_fails(&config, -EACCES, "chmod 600");
	}
	write_file("token", "fine\n", 0400);
	assert_finds(&config, "fine");
	config.token_file = (char *)".";
	assert_fails(&config, -EACCES, "'.': Is a directory");
}

static void test_file__of_another_user_is_refused(void **state)
{
	struct config config = config_with();
	if (geteuid() != 0)
		skip();
	config.token_file = (char *)"token";
	write_file("token", "SECRET\n", 0600);
	assert_int_equal(chown("token", 12345, 0), 0);
	assert_fails(&config, -EACCES, "belongs to another user");
	assert_int_equal(seteuid(54321), 0);
	assert_fails(&config, -EACCES, "cannot read");
	assert_int_equal(seteuid(0), 0);
}

/* To open or to read it would be to wait for who writes. */
static void test_file__that_is_a_pipe_or_a_device_is_refused(void **state)
{
	struct config config = config_with();
	config.token_file = (char *)"token";
	assert_int_equal(mkfifo("token", 0600), 0);
	assert_fails(&config, -EACCES, "'token' is not an ordinary file");
	config.token_file = (char *)"/dev/null";
	assert_fails(&config, -EACCES, "'/dev/null' is not an ordinary file");
	config.token_file = NULL;
	config.user_token_file = NULL;
	assert_int_equal(mkfifo("netrc", 0600), 0);
	assert_fails(&config, -EACCES, "'netrc' is not an ordinary file");
}

static void test_command__gives_its_first_line(void **state)
{
	static const struct {
		const char *command, *token;
	} rows[] = {
		{"echo abc", "abc"},
		{"printf 'abc\\nlogin: zoe\\n'", "abc"},
		{"printf abc", "abc"},
		{"echo abc; sleep 30 2>/dev/null & exit 0", "abc"},
		{"echo a | tr a b; seq 100000", "b"},
		{"yes | head -1", "y"},
	};
	struct config config = config_with();
	skip_without_pidfd();
	for (size_t i = 0; i < array_size(rows); i++) {
		config.token_command = (char *)rows[i].command;
		assert_finds(&config, rows[i].token);
	}
}

static void test_command__can_fail(void **state)
{
	static const struct {
		const char *command;
		int err;
		const char *said;
	} rows[] = {
		{"echo SECRET; exit 7", -EIO, "exit status 7"},
		{"echo SECRET; kill -9 $$", -EIO, "signal 9"},
		{"clevertim-no-such-program 2>/dev/null", -EIO, "exit status 127"},
		{"true", -EINVAL, "is empty"},
		{"echo; echo SECRET", -EINVAL, "is empty"},
		{"yes SECRET", -EIO, "without end"},
		{"yes SECRET | tr -d '\\n'", -EIO, "without end"},
	};
	struct config config = config_with();
	skip_without_pidfd();
	for (size_t i = 0; i < array_size(rows); i++) {
		config.token_command = (char *)rows[i].command;
		assert_fails(&config, rows[i].err, rows[i].said);
	}
}

static void test_command__has_a_deadline(void **state)
{
	static const char *const commands[] = {"exec sleep 30", "echo SECRET; exec sleep 30",
		"exec 2>/dev/null; trap '' TERM; sleep 30; sleep 30"};
	struct config config = config_with();
	int64_t start_ms = clock_ms();
	config.timeout_ms = 100;
	skip_without_pidfd();
	for (size_t i = 0; i < array_size(commands); i++) {
		config.token_command = (char *)commands[i];
		assert_fails(&config, -EIO, "did not finish in time");
	}
	assert_true(clock_ms() - start_ms < 100000);
}

static void test_netrc__is_for_the_host(void **state)
{
	struct config config = config_with();
	write_file("netrc", "machine other.example.com login SECRET password X\n", 0644);
	assert_fails(&config, -ENOENT, "there is no API token");
	write_file("netrc", "machine CRM.example.com login \"in netrc\" password X\n", 0600);
	assert_finds(&config, "in netrc");
	assert_int_equal(chmod("netrc", 0644), 0);
	assert_fails(&config, -EACCES, "chmod 600");
	write_file("netrc", "machine crm.example.com password SECRET\n", 0600);
	assert_fails(&config, -EINVAL, "has no login");
}

static int clean(void **state)
{
	static const char *const names[] = {"netrc", "token", "user_token"};
	for (size_t i = 0; i < array_size(names); i++)
		remove(names[i]);
	return unsetenv("CLEVERTIM_TOKEN");
}

static int set_up(void **state)
{
	static char place[] = "/tmp/test_token.XXXXXX";
	*state = place;
	return mkdtemp(place) && chdir(place) == 0 && chmod(place, 0755) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	return chdir("/") < 0 ? -1 : rmdir(*state);
}

static void test_accept__takes_what_a_person_typed(void **state)
{
	static const struct {
		const char *text, *token; /* NULL: refused */
	} rows[] = {{"SECRET", "SECRET"}, {"SECRET \r\nmore", "SECRET"}, {"", NULL}, {" ", NULL},
		{"SEC:RET", NULL}, {"SEC\tRET", NULL}};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct problem problem = {0};
		char *token = NULL;
		int err = token_accept(
			rows[i].text, strlen(rows[i].text), "what was typed", &token, &problem);
		assert_int_equal(err, rows[i].token ? 0 : -EINVAL);
		if (rows[i].token)
			assert_string_equal(token, rows[i].token);
		else
			assert_non_null(strstr(problem.message, "what was typed"));
		assert_null(strstr(problem.message, "RET"));
		token_wipe(token);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_places__are_tried_in_order, clean),
		cmocka_unit_test_teardown(test_no_token__says_where_to_put_it, clean),
		cmocka_unit_test_teardown(test_first_that_exists__decides, clean),
		cmocka_unit_test_teardown(test_environment__does_not_keep_the_token, clean),
		cmocka_unit_test_teardown(test_environment__does_not_keep_a_second_token, clean),
		cmocka_unit_test_teardown(test_first_line__is_the_token, clean),
		cmocka_unit_test_teardown(test_token__has_a_greatest_length, clean),
		cmocka_unit_test_teardown(test_file__must_be_private, clean),
		cmocka_unit_test_teardown(test_file__of_another_user_is_refused, clean),
		cmocka_unit_test_teardown(test_file__that_is_a_pipe_or_a_device_is_refused, clean),
		cmocka_unit_test_teardown(test_command__gives_its_first_line, clean),
		cmocka_unit_test_teardown(test_command__can_fail, clean),
		cmocka_unit_test_teardown(test_command__has_a_deadline, clean),
		cmocka_unit_test_teardown(test_netrc__is_for_the_host, clean),
		cmocka_unit_test(test_accept__takes_what_a_person_typed),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
