#include "netrc.h"

#include <strings.h>

struct reader {
	const char *at, *end;
	char *word; /* the present one, decoded */
	size_t word_size;
	bool is_quoted, is_cut;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

static void skip_line(struct reader *reader)
{
	const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
	reader->at = newline ? newline + 1 : reader->end;
}

static void skip_space_and_comments(struct reader *reader)
{
	while (reader->at < reader->end && (is_space(*reader->at) || *reader->at == '#')) {
		if (*reader->at == '#')
			skip_line(reader);
		else
			reader->at++;
	}
}

static char unescape(char c)
{
	return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

/* False at the end of the text. */
static bool next_word(struct reader *reader)
{
	size_t len = 0;
	skip_space_and_comments(reader);
	if (reader->at == reader->end)
		return false;
	reader->is_quoted = *reader->at == '"';
	reader->at += reader->is_quoted;
	reader->is_cut = false;
	while (reader->at < reader->end) {
		char c = *reader->at;
		if (reader->is_quoted ? c == '"' : is_space(c))
			break;
		reader->at++;
		if (c == '\\' && reader->is_quoted && reader->at < reader->end)
			c = unescape(*reader->at++);
		if (len + 1 < reader->word_size)
			reader->word[len++] = c;
		else
			reader->is_cut = true;
	}
	if (reader->is_quoted && reader->at < reader->end)
		reader->at++;
	reader->word[len] = '\0';
	return true;
}

static bool is_keyword(const struct reader *reader, const char *keyword)
{
	return !reader->is_quoted && strcmp(reader->word, keyword) == 0;
}

/* The rest of the line names the macro; an empty line ends it. */
static void skip_macro(struct reader *reader)
{
	skip_line(reader);
	while (reader->at < reader->end && *reader->at != '\n' &&
		strncmp(reader->at, "\r\n", min_size(2, (size_t)(reader->end - reader->at))) != 0)
		skip_line(reader);
}

/* Goes to the first entry that is for the host. */
static bool find_entry(struct reader *reader, const char *host)
{
	while (next_word(reader)) {
		if (is_keyword(reader, "macdef"))
			skip_macro(reader);
		else if (is_keyword(reader, "default"))
			return true;
		else if (is_keyword(reader, "machine")) {
			if (next_word(reader) && strcasecmp(reader->word, host) == 0)
				return true;
		} else if (!next_word(reader)) /* the value of login, password or account */
			return false;
	}
	return false;
}

int netrc_find_login(const char *text, size_t len, const char *host, char *out, size_t out_size)
{
	struct reader reader = {.at = text, .end = text + len, .word = out, .word_size = out_size};
	if (!find_entry(&reader, host))
		return 0;
	while (next_word(&reader)) {
		if (is_keyword(&reader, "machine") || is_keyword(&reader, "default"))
			break;
		if (is_keyword(&reader, "macdef"))
			skip_macro(&reader);
		else if (is_keyword(&reader, "login"))
			return !next_word(&reader) ? -EINVAL : reader.is_cut ? -EFBIG : 1;
		else if (!next_word(&reader))
			break;
	}
	return -EINVAL;
}
