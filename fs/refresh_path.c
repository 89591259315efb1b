#include "refresh_path.h"

struct line {
	const char *at, *end;
};

static bool is_slash(const struct line *line, size_t at)
{
	return (size_t)(line->end - line->at) > at && line->at[at] == '/';
}

static void skip_slashes(struct line *line)
{
	while (is_slash(line, 0) || (is_slash(line, 1) && *line->at == '.'))
		line->at++;
}

/* A NUL ends it, too. */
static struct line first_line(const char *text, size_t len)
{
	struct line line = {.at = text, .end = text};
	while (line.end < text + len && !strchr("\r\n", *line.end))
		line.end++;
	while (line.end > line.at && (line.end[-1] == '/' || line.end[-1] == ' '))
		line.end--;
	return line;
}

/* "/mnt/crm" is no beginning of "/mnt/crm2". */
static void skip_mountpoint(struct line *line, const char *mountpoint)
{
	size_t len = strlen(mountpoint), line_len = (size_t)(line->end - line->at);
	if (line_len >= len && memcmp(line->at, mountpoint, len) == 0 &&
		(line_len == len || line->at[len] == '/'))
		line->at += len;
}

/* Takes what stands before the next slash; "" where that cannot be a name. */
static void take_step(struct line *line, char out[NAME_SIZE])
{
	const char *start = line->at;
	while (line->at < line->end && *line->at != '/')
		line->at++;
	size_t len = (size_t)(line->at - start);
	if (len >= NAME_SIZE)
		len = 0;
	memcpy(out, start, len);
	out[len] = '\0';
	skip_slashes(line);
}

void refresh_path_parse(
	const char *mountpoint, const char *text, size_t len, struct refresh_path *ret_path)
{
	struct line line = first_line(text, len);
	skip_mountpoint(&line, mountpoint);
	skip_slashes(&line);
	take_step(&line, ret_path->resource);
	take_step(&line, ret_path->name);
}
