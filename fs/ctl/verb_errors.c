/* clevertimctl errors. */
#include "verbs.h"

#include "clock.h"
#include "control_file.h"
#include "error_line.h"
#include "place.h"
#include "print.h"
#include <stdio.h>

#define MAX_LOG_BYTES ((size_t)64 << 20)

static void add_json(const struct error_line *error, struct json_line *line)
{
	json_line_text(line, "time", error->time.data, error->time.len);
	json_line_text(line, "operation", error->operation.data, error->operation.len);
	json_line_text(line, "path", error->path.data, error->path.len);
	json_line_text(line, "errno", error->errno_name.data, error->errno_name.len);
	if (error->http_status > 0)
		json_line_number(line, "http_status", error->http_status);
	else
		json_line_null(line, "http_status");
	json_line_text(line, "message", error->message.data, error->message.len);
}

/* In the time of the place: "2026-11-24 10:30:00". */
static void add_time(struct table *table, const struct error_line *error)
{
	struct timespec time;
	struct tm parts;
	char text[32] = "";
	if (clock_parse_iso(error->time.data, error->time.len, &time) &&
		localtime_r(&time.tv_sec, &parts))
		strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
	table_add(table, text);
}

static void add_slice(struct table *table, struct json_slice slice)
{
	auto_free char *text = slice.data ? strndup(slice.data, slice.len) : NULL;
	table_add(table, text);
}

static void add_row(const struct error_line *error, struct table *table)
{
	char status[16] = "";
	if (error->http_status > 0)
		snprintf(status, sizeof status, "%d", error->http_status);
	add_time(table, error);
	add_slice(table, error->operation);
	add_slice(table, error->path);
	add_slice(table, error->errno_name);
	table_add(table, status);
	add_slice(table, error->message);
}

/* The next line of a text; false at its end. */
static bool next_line(const char **at, const char *end, struct error_line *ret_line)
{
	if (*at == end)
		return false;
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));
	size_t len = (size_t)((newline ? newline : end) - *at);
	error_line_parse(*at, len, ret_line);
	*at += len + (newline ? 1 : 0);
	return true;
}

static int print_json(const char *at, const char *end, struct problem *problem)
{
	auto_buf struct buf out = BUF_INIT(PRINT_MAX_BYTES);
	struct error_line error;
	int err = 0;
	while (err == 0 && next_line(&at, end, &error)) {
		struct json_line line;
		json_line_begin(&line, &out);
		add_json(&error, &line);
		json_line_end(&line);
		err = line.err;
	}
	return print_text(&out, err, problem);
}

static int print_rows(const char *at, const char *end, struct problem *problem)
{
	auto_table struct table table;
	struct error_line error;

	table_init(&table, "<<<<<<");
	if (at == end) {
		puts("no errors");
		return 0;
	}
	table_add(&table, "time");
	table_add(&table, "operation");
	table_add(&table, "path");
	table_add(&table, "errno");
	table_add(&table, "http");
	table_add(&table, "message");
	while (next_line(&at, end, &error))
		add_row(&error, &table);
	return print_table(&table, problem);
}

int verb_errors(const struct command *command, struct problem *problem)
{
	auto_place struct place place = {.mount = NULL};
	auto_buf struct buf text = BUF_INIT(MAX_LOG_BYTES);

	int err = place_find(command->arguments[0], &place, problem);
	if (err == 0)
		err = control_read(place.mount, "errors", &text, problem);
	if (err < 0)
		return err;
	const char *at = error_lines_last(text.data, text.len, command->lines);
	return command_has(command, OPTION_JSON) ? print_json(at, text.data + text.len, problem)
						 : print_rows(at, text.data + text.len, problem);
}
