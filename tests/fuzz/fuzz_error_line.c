/*
 * Any text as .clevertimfs/errors: the fields of a line are slices of it, in order, that together
 * with the spaces between them make the line; the last lines are lines; what is found by a path has
 * it. And what core/log.h's writer makes of an entry is read as that entry.
 */
#include "fuzz.h"

#include "error_line.h"
#include "problem.h"
#include <stdio.h>

/* Where a field ends; it must begin where the one before it ended, behind one space. */
static const char *check_next(const char *at, struct json_slice field, const char *end)
{
	if (!field.data) {
		promise(field.len == 0);
		return at;
	}
	promise(field.data >= at && field.data + field.len <= end);
	return field.data + field.len;
}

static void check_line(const char *text, size_t len)
{
	auto_free char *line = malloc(len ? len : 1); /* with nothing to read behind it */
	promise(line);
	memcpy(line, text, len);
	struct error_line parsed;
	error_line_parse(line, len, &parsed);
	const char *end = line + len;
	const char *at = check_next(line, parsed.time, end);
	at = check_next(at, parsed.operation, end);
	at = check_next(at, parsed.path, end);
	at = check_next(at, parsed.errno_name, end);
	at = check_next(at, parsed.message, end);
	promise(at == end);
	promise(parsed.http_status >= 0 && parsed.http_status <= 999);
	promise((parsed.operation.data != NULL) == (parsed.errno_name.data != NULL));
	promise((parsed.path.data != NULL) == (parsed.errno_name.data != NULL));
	if (parsed.errno_name.data)
		promise(parsed.errno_name.len >= 3 && parsed.errno_name.data[0] == 'E');
}

static size_t count_lines(const char *text, const char *end)
{
	size_t lines = 0;
	for (const char *at = text; at < end; at++)
		lines += *at == '\n' || at + 1 == end;
	return lines;
}

static void check_last(const char *text, size_t len)
{
	size_t lines = count_lines(text, text + len);
	for (size_t count = 0; count < 5; count++) {
		const char *last = error_lines_last(text, len, count);
		promise(last >= text && last <= text + len);
		promise(last == text || last[-1] == '\n');
		promise(count_lines(last, text + len) == (count ? min_size(count, lines) : lines));
	}
}

static void check_find(const char *text, size_t len, const char *path)
{
	struct error_line found;
	if (!error_lines_find(text, len, path, &found))
		return;
	promise(same_bytes(found.path.data, found.path.len, path, strlen(path)));
	promise(found.path.data >= text && found.path.data + found.path.len <= text + len);
}

/* What a fuzzer hardly writes by itself: a line as the log has it, with any message. */
static void check_written(const char *text, size_t len)
{
	char message[300], line[500];
	struct error_line parsed;
	problem_one_line(text, len, message, sizeof message);
	int line_len = snprintf(line, sizeof line,
		"2026-11-24T09:30:00Z save contact/my new one.json EIO 500 %s", message);
	error_line_parse(line, (size_t)line_len, &parsed);
	promise(parsed.http_status == 500);
	promise(same_bytes(parsed.path.data, parsed.path.len, "contact/my new one.json", 23));
	promise(same_bytes(parsed.message.data, parsed.message.len, message, strlen(message)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = malloc(size + 1);
	promise(text);
	memcpy(text, data, size);
	text[size] = '\0';
	check_line(text, size);
	check_last(text, size);
	check_find(text, size, "contact/4.json");
	check_find(text, size, "");
	check_written(text, size);
	return 0;
}
