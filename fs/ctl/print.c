#include "print.h"

#include "show.h"
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

int print_text(const struct buf *text, int err, struct problem *problem)
{
	if (err < 0)
		return problem_set(
			problem, err, "this is too much to show: %s", strerrordesc_np(-err));
	fwrite(text->data, 1, text->len, stdout);
	return 0;
}

int print_table(const struct table *table, struct problem *problem)
{
	auto_buf struct buf text = BUF_INIT(PRINT_MAX_BYTES);
	struct colours colours = terminal_colours(STDOUT_FILENO);
	int err = table_render(table, &colours, &text);
	return print_text(&text, err, problem);
}

void json_line_begin(struct json_line *line, struct buf *out)
{
	*line = (struct json_line){.out = out, .err = buf_add_char(out, '{')};
}

static void add_key(struct json_line *line, const char *key)
{
	bool is_first = line->out->data[line->out->len - 1] == '{';
	if (line->err == 0)
		line->err = buf_addf(line->out, "%s\"%s\": ", is_first ? "" : ", ", key);
}

void json_line_text(struct json_line *line, const char *key, const char *text, size_t len)
{
	if (!text) {
		json_line_null(line, key);
		return;
	}
	add_key(line, key);
	if (line->err == 0)
		line->err = show_add_json(line->out, text, len);
}

void json_line_number(struct json_line *line, const char *key, int64_t number)
{
	add_key(line, key);
	if (line->err == 0)
		line->err = buf_addf(line->out, "%" PRId64, number);
}

void json_line_null(struct json_line *line, const char *key)
{
	add_key(line, key);
	if (line->err == 0)
		line->err = buf_add_str(line->out, "null");
}

void json_line_end(struct json_line *line)
{
	if (line->err == 0)
		line->err = buf_add_str(line->out, "}\n");
}
