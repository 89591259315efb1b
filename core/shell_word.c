#include "shell_word.h"

#include "problem.h"

static bool is_plain(const char *text)
{
	static const char plain[] =
		"+,-./0123456789:@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
	return *text && !text[strspn(text, plain)];
}

int shell_word_add(struct buf *out, const char *text)
{
	char line[4096];
	problem_one_line(text, strlen(text), line, sizeof line);
	if (is_plain(line))
		return buf_add_str(out, line);
	int err = buf_add_char(out, '\'');
	for (const char *at = line; *at && err == 0; at++)
		err = *at == '\'' ? buf_add_str(out, "'\\''") : buf_add_char(out, *at);
	return err < 0 ? err : buf_add_char(out, '\'');
}
