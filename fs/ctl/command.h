/*
 * The command line of clevertimctl: a verb, its options and its arguments, as data. Options may
 * stand anywhere behind the verb; "--" ends them.
 */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include "problem.h"

/* A bit each: which options a verb takes, and which were given. */
enum command_option {
	OPTION_HELP = 1,
	OPTION_JSON = 2,
	OPTION_LINES = 4,
	OPTION_DRAFT = 8,
	OPTION_TRASH = 16,
	OPTION_KEYRING = 32,
	OPTION_NO_CHECK = 64,
	OPTION_MOUNT = 128, /* -o, as clevertimfs takes it */
	OPTION_AGAIN = 256,
};

#define COMMAND_MAX_ARGUMENTS 2
#define COMMAND_MAX_MOUNT_OPTIONS 16

struct command {
	const struct verb *verb;
	unsigned options;    /* enum command_option */
	unsigned long lines; /* of OPTION_LINES; 0: all */
	const char *mount_options[COMMAND_MAX_MOUNT_OPTIONS];
	int mount_option_count;
	const char *arguments[COMMAND_MAX_ARGUMENTS]; /* NULL where there is none */
	int argument_count;
};

struct verb {
	const char *name;
	unsigned options; /* that it takes */
	int min_arguments, max_arguments;
	/* 0, or a negative errno with one sentence in problem. */
	int (*run)(const struct command *command, struct problem *problem);
	const char *help; /* the whole text; its first line is the usage */
};

/*
 * Reads what stands behind the verb; all is borrowed from argv. command->verb and command->lines are
 * set before. -EINVAL with a sentence: an option that the verb does not take, one without its value,
 * too many or too few arguments. With --help nothing else is looked at.
 */
int command_parse(
	struct command *command, int argc, char *const argv[], struct problem *problem) nodiscard;

static inline bool command_has(const struct command *command, enum command_option option)
{
	return (command->options & (unsigned)option) != 0;
}

#endif
