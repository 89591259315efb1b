#include "show.h"

#include "utf8.h"
#include <wchar.h>

#define REPLACEMENT 0xfffd

/* Goes past one character, or one byte that is none. */
static uint32_t next(const char **at, const char *end)
{
	uint32_t c;
	int len = utf8_read(*at, end, &c);
	*at += len > 0 ? len : 1;
	return len > 0 ? c : REPLACEMENT;
}

static int add_char(struct buf *out, uint32_t c)
{
	char bytes[4];
	return buf_add(out, bytes, utf8_write(c, bytes));
}

int show_add(struct buf *out, const char *text, size_t len)
{
	const char *end = text + len;
	int err = 0;
	while (text < end && err == 0) {
		uint32_t c = next(&text, end);
		err = add_char(out, utf8_is_unsafe(c) ? ' ' : c);
	}
	return err;
}

size_t show_width(const char *text)
{
	const char *end = text + strlen(text);
	size_t width = 0;
	while (text < end) {
		int columns = wcwidth((wchar_t)next(&text, end));
		width += columns < 0 ? 1 : (size_t)columns;
	}
	return width;
}

int show_add_json(struct buf *out, const char *text, size_t len)
{
	const char *end = text + len;
	int err = buf_add_char(out, '"');
	while (text < end && err == 0) {
		uint32_t c = next(&text, end);
		if (utf8_is_unsafe(c))
			err = buf_addf(out, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			err = buf_addf(out, "\\%c", (char)c);
		else
			err = add_char(out, c);
	}
	return err < 0 ? err : buf_add_char(out, '"');
}
