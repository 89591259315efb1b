#include "name.h"

#include "utf8.h"
#include <stdio.h>

static const char suffix[] = ".json";

static bool ends_with(const char *text, size_t len, const char *end)
{
	size_t end_len = strlen(end);
	return len >= end_len && memcmp(text + len - end_len, end, end_len) == 0;
}

static bool starts_with(const char *text, size_t len, const char *start)
{
	size_t start_len = strlen(start);
	return len >= start_len && memcmp(text, start, start_len) == 0;
}

/* How programs begin the names of their swap, lock and temporary files. */
static bool has_scratch_start(const char *text, size_t len)
{
	return (len > 0 && strchr(".#~$", text[0])) || starts_with(text, len, "tmp") ||
	       starts_with(text, len, "temp");
}

bool name_is_record(const char *name)
{
	size_t len = strlen(name);
	return ends_with(name, len, suffix) && !has_scratch_start(name, len) &&
	       !ends_with(name, len, ".tmp.json");
}

/* Bytes of the well-formed, visible character at the start of text; 0: to be encoded. */
static size_t plain_length(const char *text, size_t len)
{
	uint32_t c;
	int n = utf8_read(text, text + len, &c);
	return n <= 0 || utf8_is_unsafe(c) || c == '%' || c == '/' ? 0 : (size_t)n;
}

/* Whether the byte at this place, left as it is, would make the whole a scratch name. */
static bool makes_scratch(const char *id, size_t len, size_t at)
{
	if (at == 0)
		return has_scratch_start(id, len);
	return len - at == strlen(".tmp") && starts_with(id + at, len - at, ".tmp");
}

int name_from_id(const char *id, size_t len, char out[NAME_SIZE])
{
	char name[3UL * ID_MAX + sizeof suffix];
	size_t used = 0;
	if (len == 0 || len > ID_MAX)
		return -EINVAL;

	for (size_t i = 0; i < len;) {
		size_t plain = makes_scratch(id, len, i) ? 0 : plain_length(id + i, len - i);
		if (plain > 0) {
			memcpy(name + used, id + i, plain);
			used += plain;
			i += plain;
		} else {
			snprintf(name + used, sizeof name - used, "%%%02X", (unsigned char)id[i]);
			used += 3;
			i++;
		}
	}
	memcpy(name + used, suffix, sizeof suffix);
	used += strlen(suffix);
	if (used >= NAME_SIZE)
		return -ENAMETOOLONG;
	memcpy(out, name, used + 1);
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes "%XX"; whether it had to be encoded is for the caller to ask. */
static int decode(const char *text, size_t len, char out[ID_MAX + 1], size_t *ret_len)
{
	size_t used = 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '%') {
			int high = len - i > 2 ? hex_digit(text[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
			if (low < 0)
				return -EINVAL;
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (used == ID_MAX)
			return -EINVAL;
		out[used++] = c;
	}
	out[used] = '\0';
	*ret_len = used;
	return 0;
}

int name_to_id(const char *name, char out[ID_MAX + 1], size_t *ret_len)
{
	char id[ID_MAX + 1], again[NAME_SIZE];
	size_t id_len;
	if (!name_is_record(name))
		return -EINVAL;
	if (decode(name, strlen(name) - strlen(suffix), id, &id_len) < 0 ||
		name_from_id(id, id_len, again) < 0 || strcmp(name, again) != 0)
		return -EINVAL;
	memcpy(out, id, id_len + 1);
	*ret_len = id_len;
	return 0;
}
