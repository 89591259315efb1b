#include "command.h"
/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct verb verb = {.name = "try",
	.options = OPTION_JSON | OPTION_LINES | OPTION_NO_CHECK | OPTION_MOUNT,
	.min_arguments = 1,
	.max_arguments = 2};

static int parse(char *const argv[], struct command *command, struct problem *problem)
{
	int argc = 0;
	while (argv[argc])
		argc++;
	*command = (struct command){.verb = &verb, .lines = 20};
	return command_parse(command, argc, argv, problem);
}
#define ARGV(...) ((char *const[]){__VA_ARGS__, NULL})
#define WORD (char *)

static void test_parse__takes_options_anywhere(void **state)
{
	struct command command;
	struct problem problem;
	assert_int_equal(parse(ARGV(WORD "--json", WORD "a", WORD "-n", WORD "5", WORD "b",
				       WORD "--no-check"),
				 &command, &problem),
		0);
	assert_int_equal(command.options, OPTION_JSON | OPTION_LINES | OPTION_NO_CHECK);
	assert_int_equal(command.lines, 5);
	assert_int_equal(command.argument_count, 2);
	assert_string_equal(command.arguments[0], "a");
	assert_string_equal(command.arguments[1], "b");
}

static void test_parse__takes_a_value_in_every_spelling(void **state)
{
	char *const *const spellings[] = {ARGV(WORD "a", WORD "-n5"),
		ARGV(WORD "a", WORD "-n", WORD "5"), ARGV(WORD "a", WORD "--lines=5"),
		ARGV(WORD "a", WORD "--lines", WORD "5")};
	for (size_t i = 0; i < array_size(spellings); i++) {
		struct command command;
		struct problem problem;
		assert_int_equal(parse(spellings[i], &command, &problem), 0);
		assert_int_equal(command.lines, 5);
	}
}

static void test_parse__keeps_each_mount_option(void **state)
{
	struct command command;
	struct problem problem;
	assert_int_equal(parse(ARGV(WORD "-oallow_http", WORD "-o", WORD "timeout=5", WORD "a"),
				 &command, &problem),
		0);
	assert_int_equal(command.mount_option_count, 2);
	assert_string_equal(command.mount_options[0], "allow_http");
	assert_string_equal(command.mount_options[1], "timeout=5");
}

static void test_parse__takes_all_behind_two_dashes(void **state)
{
	struct command command;
	struct problem problem;
	assert_int_equal(parse(ARGV(WORD "--", WORD "--json", WORD "-"), &command, &problem), 0);
	assert_int_equal(command.options, 0);
	assert_string_equal(command.arguments[0], "--json");
	assert_string_equal(command.arguments[1], "-");
}

static void test_parse__help_ends_it(void **state)
{
	char *const *const spellings[] = {ARGV(WORD "-h"), ARGV(WORD "--help", WORD "--nonsense")};
	for (size_t i = 0; i < array_size(spellings); i++) {
		struct command command;
		struct problem problem;
		assert_int_equal(parse(spellings[i], &command, &problem), 0);
		assert_true(command_has(&command, OPTION_HELP));
	}
}

static void test_parse__refuses(void **state)
{
	static const struct {
		char *argv[5];
		const char *said;
	} rows[] = {
		{{WORD "a", WORD "--draft"}, "'--draft'"},
		{{WORD "a", WORD "--jso"}, "'--jso'"},
		{{WORD "a", WORD "--=x"}, "'--'"},
		{{WORD "a", WORD "-x"}, "'-x'"},
		{{WORD "a", WORD "--json=yes"}, "'--json'"},
		{{WORD "a", WORD "-n"}, "missing"},
		{{WORD "a", WORD "-n", WORD "x"}, "'x'"},
		{{WORD "a", WORD "-n", WORD "-1"}, "'-1'"},
		{{WORD "a", WORD "--lines="}, "''"},
		{{WORD "a", WORD "b", WORD "c"}, "'c'"},
		{{WORD "--json"}, "argument is missing"},
	};
	for (size_t i = 0; i < array_size(rows); i++) {
		struct command command;
		struct problem problem;
		assert_int_equal(parse(rows[i].argv, &command, &problem), -EINVAL);
		if (!strstr(problem.message, rows[i].said) ||
			!strstr(problem.message, "clevertimctl try --help"))
			fail_msg("%zu: %s", i, problem.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse__takes_options_anywhere),
		cmocka_unit_test(test_parse__takes_a_value_in_every_spelling),
		cmocka_unit_test(test_parse__keeps_each_mount_option),
		cmocka_unit_test(test_parse__takes_all_behind_two_dashes),
		cmocka_unit_test(test_parse__help_ends_it),
		cmocka_unit_test(test_parse__refuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
