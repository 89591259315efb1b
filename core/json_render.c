#include "json_render.h"

#include "json_text.h"

/*
 * The next part of a checked string's inside: a run that is copied as it stands, or one character
 * in the spelling of a rendered string. False at the quote that ends the string.
 */
static inline bool next_part(
	const char **at, const char *end, char spelt[6], struct json_slice *ret_part)
{
	const char *start = *at, *stop = json_skip_copied(start, end);
	if (stop > start) {
		*at = stop;
		*ret_part = (struct json_slice){start, (size_t)(stop - start)};
		return true;
	}
	if (stop == end || *stop == '"')
		return false;

	uint32_t c = json_next_char(at, end - 1);
	size_t size = json_spell(c, spelt);
	*ret_part = size ? (struct json_slice){spelt, size}
			 : (struct json_slice){start, (size_t)(*at - start)};
	return true;
}

static char *copy(char *out, const char *from, size_t len)
{
	memcpy(out, from, len);
	return out + len;
}

static char *render_string(const char **ret_at, const char *end, char *out)
{
	const char *start = *ret_at, *at = json_skip_copied(start + 1, end);
	out = copy(out, start, (size_t)(at - start));
	char spelt[6];
	struct json_slice part;
	while (next_part(&at, end, spelt, &part))
		out = copy(out, part.data, part.len);
	*out++ = '"';
	*ret_at = at + 1;
	return out;
}

static char *start_line(char *out, size_t depth)
{
	*out++ = '\n';
	memset(out, ' ', 2 * depth);
	return out + 2 * depth;
}

/* An opening bracket, and the closing one with it if nothing is between them. */
static char *render_opening(const char **ret_at, const char *end, char *out, size_t *depth)
{
	*out++ = **ret_at;
	const char *at = *ret_at = json_skip_space(*ret_at + 1, end);
	if (at < end && (*at == '}' || *at == ']')) {
		*out++ = *at;
		++*ret_at;
		return out;
	}
	return start_line(out, ++*depth);
}

size_t json_render(const char *text, size_t len, char *out)
{
	const char *at = text, *end = text + len, *start = out;
	size_t depth = 0;
	while ((at = json_skip_space(at, end)) < end) {
		switch (*at) {
		case '"':
			out = render_string(&at, end, out);
			break;
		case ':':
			out = copy(out, ": ", 2);
			at++;
			break;
		case ',':
			*out++ = *at++;
			out = start_line(out, depth);
			break;
		case '{':
		case '[':
			out = render_opening(&at, end, out, &depth);
			break;
		case '}':
		case ']':
			out = start_line(out, --depth);
			*out++ = *at++;
			break;
		default:
			for (; at < end && json_is(*at, JSON_SCALAR); at++)
				*out++ = *at;
		}
	}
	*out++ = '\n';
	return (size_t)(out - start);
}

static int compact_string(const char **at, const char *end, struct buf *out)
{
	int err = buf_add_char(out, '"');
	char spelt[6];
	struct json_slice part;
	++*at;
	while (err == 0 && next_part(at, end, spelt, &part))
		err = buf_add(out, part.data, part.len);
	++*at;
	return err < 0 ? err : buf_add_char(out, '"');
}

int json_compact(const char *text, size_t len, struct buf *out)
{
	const char *at = text, *end = text + len;
	size_t before = out->len;
	int err = 0;
	while (err == 0 && (at = json_skip_space(at, end)) < end) {
		if (*at == '"') {
			err = compact_string(&at, end, out);
			continue;
		}
		const char *stop = json_skip(at + 1, end, JSON_SCALAR);
		err = buf_add(out, at, (size_t)(stop - at));
		at = stop;
	}
	return json_undo(out, before, err);
}
