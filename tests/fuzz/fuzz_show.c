/*
 * Any text, as a terminal gets to see it: one line without anything that moves the cursor, in a
 * table whose rows are whole; as JSON that reads as the same; as one word of a shell; and as a
 * draft's name that comes apart.
 */
#include "fuzz.h"

#include "json_object.h"
#include "kept_target.h"
#include "problem.h"
#include "shell_word.h"
#include "show.h"
#include "table.h"
#include "utf8.h"
#include <locale.h>

#define MAX_SHOWN ((size_t)4 << 20)

/* Whether text is UTF-8 that is safe on a terminal, with so many line ends. */
static bool is_safe(const struct buf *text, size_t lines)
{
	const char *at = text->data, *end = at + text->len;
	while (at < end) {
		uint32_t c;
		int bytes = utf8_read(at, end, &c);
		if (bytes <= 0 || (utf8_is_unsafe(c) && c != '\n') || (c == '\n' && lines-- == 0))
			return false;
		at += bytes;
	}
	return lines == 0;
}

static void check_line(const char *text, size_t len)
{
	auto_buf struct buf once = BUF_INIT(MAX_SHOWN), twice = BUF_INIT(MAX_SHOWN);
	promise(show_add(&once, text, len) == 0 && is_safe(&once, 0));
	promise(show_add(&twice, once.data, once.len) == 0);
	promise(same_bytes(once.data, once.len, twice.data, twice.len));
	promise(show_width(once.len ? once.data : "") <= once.len);
}

/* What is UTF-8 reads as it was; what is not has U+FFFD in its place. */
static void check_json(const char *text, size_t len)
{
	auto_buf struct buf json = BUF_INIT(MAX_SHOWN), back = BUF_INIT(MAX_SHOWN);
	auto_buf struct buf again = BUF_INIT(MAX_SHOWN), plain = BUF_INIT(MAX_SHOWN);
	promise(show_add_json(&json, text, len) == 0 && is_safe(&json, 0));
	promise(json_check(json.data, json.len, NULL, NULL) == 0);
	promise(json_string_decode((struct json_slice){json.data, json.len}, &back) == 0);
	promise(json_string_encode(text, len, &again) == 0);
	promise(json_string_decode((struct json_slice){again.data, again.len}, &plain) == 0);
	promise(same_bytes(back.data, back.len, plain.data, plain.len));
}

/* The input's lines are cells, three to a row. */
static void check_table(const char *text, size_t len)
{
	static const struct colours none = {.heading = "", .end = ""};
	auto_buf struct buf shown = BUF_INIT(MAX_SHOWN);
	auto_table struct table table;
	const char *end = text + len;
	table_init(&table, "<><");
	for (const char *at = text; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		auto_free char *cell = strndup(at, (size_t)((stop ? stop : end) - at));
		promise(cell);
		table_add(&table, cell);
		at = stop ? stop + 1 : end;
	}
	size_t rows = (table.count + 2) / 3;
	promise(table_render(&table, &none, &shown) == 0 && is_safe(&shown, rows));
}

/* As a shell reads it: letters that mean themselves, and what stands in single quotes. */
static void check_word(const char *text)
{
	auto_buf struct buf word = BUF_INIT(MAX_SHOWN);
	char line[4096], read[4096];
	size_t len = 0;
	bool is_quoted = false;
	problem_one_line(text, strlen(text), line, sizeof line);
	promise(shell_word_add(&word, text) == 0 && word.len > 0);
	for (const char *at = word.data; *at; at++) {
		if (*at == '\'') {
			is_quoted = !is_quoted;
			continue;
		}
		if (!is_quoted && *at == '\\')
			at++;
		else
			promise(is_quoted || !strchr(" \t\n\"$`&|;<>()*?[]{}#~!=%^", *at));
		read[len++] = *at;
	}
	promise(!is_quoted && same_bytes(read, len, line, strlen(line)));
}

static void check_draft(const char *name)
{
	size_t len = kept_file_name_len(name);
	promise(len <= strlen(name) && (len > 0 || !*name));
	if (len < strlen(name))
		promise(strncmp(name + len, ".~", 2) == 0 && name[strlen(name) - 1] == '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	setlocale(LC_CTYPE, "C.UTF-8");
	auto_free char *string = strndup(size ? text : "", size);
	promise(string);
	check_line(text, size);
	check_json(text, size);
	check_table(text, size);
	check_word(string);
	check_draft(string);
	return 0;
}
