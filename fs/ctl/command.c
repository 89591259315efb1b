#include "command.h"

static const struct row {
	enum command_option option;
	char letter; /* 0: none */
	bool has_value;
	const char *word; /* "": none */
} rows[] = {
	{OPTION_AGAIN, 0, false, "again"},
	{OPTION_DRAFT, 0, false, "draft"},
	{OPTION_HELP, 'h', false, "help"},
	{OPTION_JSON, 0, false, "json"},
	{OPTION_KEYRING, 0, false, "keyring"},
	{OPTION_LINES, 'n', true, "lines"},
	{OPTION_MOUNT, 'o', true, ""},
	{OPTION_NO_CHECK, 0, false, "no-check"},
	{OPTION_TRASH, 0, false, "trash"},
};

/* argv as it is read. */
struct reader {
	struct command *command;
	int argc, next;
	char *const *argv;
	struct problem *problem;
};

static int misuse(const struct reader *reader, const char *what, const char *text, size_t len)
{
	return problem_set(reader->problem, -EINVAL, "%s '%.*s': see clevertimctl %s --help", what,
		(int)min_size(len, 64), text, reader->command->verb->name);
}

static const struct row *find_letter(const struct command *command, char letter)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		if (rows[i].letter == letter &&
			((command->verb->options | OPTION_HELP) & rows[i].option))
			return &rows[i];
	}
	return NULL;
}

static const struct row *find_word(const struct command *command, const char *word, size_t len)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		if (len > 0 && strlen(rows[i].word) == len &&
			strncmp(rows[i].word, word, len) == 0 &&
			((command->verb->options | OPTION_HELP) & rows[i].option))
			return &rows[i];
	}
	return NULL;
}

static bool parse_lines(const char *text, unsigned long *ret_lines)
{
	char *end;
	errno = 0;
	unsigned long lines = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno)
		return false;
	*ret_lines = lines;
	return true;
}

static int take_value(struct reader *reader, const struct row *row, const char *value)
{
	struct command *command = reader->command;
	if (row->option == OPTION_LINES)
		return parse_lines(value, &command->lines)
			       ? 0
			       : misuse(reader, "this is no number of lines:", value,
					 strlen(value));
	if (command->mount_option_count == COMMAND_MAX_MOUNT_OPTIONS)
		return misuse(reader, "too many options:", value, strlen(value));
	command->mount_options[command->mount_option_count++] = value;
	return 0;
}

/* value NULL: it stands in the next argument, if the option takes one. */
static int take_row(struct reader *reader, const struct row *row, const char *value)
{
	const char *text = reader->argv[reader->next - 1];
	reader->command->options |= row->option;
	if (!row->has_value)
		return value ? misuse(reader, "no value belongs to", text, strcspn(text, "=")) : 0;
	if (!value && reader->next == reader->argc)
		return misuse(reader, "a value is missing behind", text, strlen(text));
	return take_value(reader, row, value ? value : reader->argv[reader->next++]);
}

static int take_word(struct reader *reader, const char *text)
{
	size_t len = strcspn(text, "=");
	const struct row *row = find_word(reader->command, text + 2, len - 2);
	if (!row)
		return misuse(reader, "unknown option", text, len);
	return take_row(reader, row, text[len] ? text + len + 1 : NULL);
}

static int take_letters(struct reader *reader, const char *text)
{
	int err = 0;
	for (const char *at = text + 1; *at && err == 0; at++) {
		const struct row *row = find_letter(reader->command, *at);
		if (!row)
			return misuse(reader, "unknown option", text, strlen(text));
		if (row->has_value)
			return take_row(reader, row, at[1] ? at + 1 : NULL);
		err = take_row(reader, row, NULL);
	}
	return err;
}

static int take_argument(struct reader *reader, const char *text)
{
	struct command *command = reader->command;
	if (command->argument_count == command->verb->max_arguments)
		return misuse(reader, "one argument too many:", text, strlen(text));
	command->arguments[command->argument_count++] = text;
	return 0;
}

int command_parse(struct command *command, int argc, char *const argv[], struct problem *problem)
{
	struct reader reader = {.command = command, .argc = argc, .argv = argv, .problem = problem};
	bool only_arguments = false;
	int err = 0;
	while (err == 0 && reader.next < argc && !command_has(command, OPTION_HELP)) {
		const char *text = argv[reader.next++];
		if (only_arguments || text[0] != '-' || !text[1])
			err = take_argument(&reader, text);
		else if (strcmp(text, "--") == 0)
			only_arguments = true;
		else if (text[1] == '-')
			err = take_word(&reader, text);
		else
			err = take_letters(&reader, text);
	}
	if (err < 0 || command_has(command, OPTION_HELP))
		return err;
	if (command->argument_count < command->verb->min_arguments)
		return problem_set(problem, -EINVAL,
			"an argument is missing: see clevertimctl %s --help", command->verb->name);
	return 0;
}
