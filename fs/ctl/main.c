/* clevertimctl: a verb, and its exit status. */
#include "verbs.h"

#include <locale.h>
#include <stdio.h>

#define DEFAULT_LINES 20

enum { EXIT_MISUSE = 2 };

static int complain(const struct problem *problem, int exit_status)
{
	fflush(stdout);
	fprintf(stderr, "clevertimctl: %s\n", problem->message);
	return exit_status;
}

/* What was printed must also have arrived. */
static int finish(void)
{
	struct problem problem = {0};
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_SUCCESS;
	problem_set(&problem, -errno, "cannot write: %s", strerrordesc_np(errno));
	return complain(&problem, EXIT_FAILURE);
}

static int say(const char *text)
{
	fputs(text, stdout);
	return finish();
}

static int run_verb(const struct verb *verb, int argc, char *const argv[])
{
	struct command command = {.verb = verb, .lines = DEFAULT_LINES};
	struct problem problem = {0};
	if (command_parse(&command, argc, argv, &problem) < 0)
		return complain(&problem, EXIT_MISUSE);
	if (command_has(&command, OPTION_HELP))
		return say(verb->help);
	if (verb->run(&command, &problem) < 0)
		return complain(&problem, EXIT_FAILURE);
	return finish();
}

static int unknown_verb(const char *name)
{
	struct problem problem = {0};
	problem_set(&problem, -EINVAL, "unknown verb '%.64s': see clevertimctl --help", name);
	return complain(&problem, EXIT_MISUSE);
}

static int help(int argc, char *const argv[])
{
	if (argc == 0)
		return say(verb_overview());
	const struct verb *verb = verb_find(argv[0]);
	return verb ? say(verb->help) : unknown_verb(argv[0]);
}

static bool is_one_of(const char *text, const char *a, const char *b)
{
	return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

int main(int argc, char *argv[])
{
	/* For the width of characters alone: what is printed is UTF-8, whatever the locale. */
	setlocale(LC_CTYPE, "C.UTF-8"); /* NOLINT(concurrency-mt-unsafe): no thread has begun yet */
	if (argc < 2) {
		fputs(verb_overview(), stderr);
		return EXIT_MISUSE;
	}
	if (is_one_of(argv[1], "-h", "--help"))
		return say(verb_overview());
	if (is_one_of(argv[1], "-V", "--version"))
		return say("clevertimctl " CLEVERTIMFS_VERSION "\n");
	if (strcmp(argv[1], "help") == 0)
		return help(argc - 2, argv + 2);
	const struct verb *verb = verb_find(argv[1]);
	return verb ? run_verb(verb, argc - 2, argv + 2) : unknown_verb(argv[1]);
}
