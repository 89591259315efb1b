#include "error_line.h"

/* Cuts the first word off a text. */
static struct json_slice take_word(struct json_slice *rest)
{
	const char *space = memchr(rest->data, ' ', rest->len);
	struct json_slice word = {
		.data = rest->data, .len = space ? (size_t)(space - rest->data) : rest->len};
	size_t taken = word.len + (space ? 1 : 0);
	rest->data += taken;
	rest->len -= taken;
	return word;
}

static bool is_errno_name(struct json_slice word)
{
	if (word.len < 3 || word.data[0] != 'E')
		return false;
	for (size_t i = 1; i < word.len; i++) {
		char c = word.data[i];
		if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9'))
			return false;
	}
	return true;
}

/* "-" or three digits. */
static bool parse_status(struct json_slice word, int *ret_status)
{
	int status = 0;
	if (word.len == 1 && word.data[0] == '-') {
		*ret_status = 0;
		return true;
	}
	if (word.len != 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (word.data[i] < '0' || word.data[i] > '9')
			return false;
		status = status * 10 + (word.data[i] - '0');
	}
	*ret_status = status;
	return true;
}

/* What follows the operation. False: no errno is in it. */
static bool parse_failure(struct json_slice rest, struct error_line *line)
{
	const char *path = rest.data;
	take_word(&rest);
	while (rest.len > 0) {
		const char *path_end = rest.data - 1;
		struct json_slice word = take_word(&rest), behind = rest;
		if (!is_errno_name(word) || !parse_status(take_word(&behind), &line->http_status))
			continue;
		line->path = (struct json_slice){.data = path, .len = (size_t)(path_end - path)};
		line->errno_name = word;
		line->message = behind;
		return true;
	}
	return false;
}

void error_line_parse(const char *line, size_t len, struct error_line *ret_line)
{
	struct json_slice rest = {.data = line, .len = len};
	*ret_line = (struct error_line){.time = take_word(&rest)};
	struct json_slice after_time = rest;
	struct json_slice operation = take_word(&rest);
	if (parse_failure(rest, ret_line))
		ret_line->operation = operation;
	else
		ret_line->message = after_time;
}

/* The start of the line before `at`, which is the start of a line or the end of the text. */
static const char *line_before(const char *text, const char *at)
{
	at--;
	while (at > text && at[-1] != '\n')
		at--;
	return at;
}

const char *error_lines_last(const char *text, size_t len, unsigned long count)
{
	const char *at = text + len;
	if (count == 0)
		return text;
	for (; count > 0 && at > text; count--)
		at = line_before(text, at);
	return at;
}

bool error_lines_find(const char *text, size_t len, const char *path, struct error_line *ret_line)
{
	const char *end = text + len;
	while (end > text) {
		const char *line = line_before(text, end);
		error_line_parse(line, (size_t)(end - line) - (end[-1] == '\n'), ret_line);
		if (ret_line->path.data && ret_line->path.len == strlen(path) &&
			memcmp(ret_line->path.data, path, strlen(path)) == 0)
			return true;
		end = line;
	}
	return false;
}
