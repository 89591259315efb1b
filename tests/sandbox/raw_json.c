#include "raw_json.h"

#include "utf8.h"

enum { MAX_DEPTH = 1000 };

static bool skip_value(struct raw_walk *walk, int depth);

static void skip_blanks(struct raw_walk *walk)
{
	while (walk->at < walk->end &&
		(*walk->at == ' ' || *walk->at == '\n' || *walk->at == '\t' || *walk->at == '\r'))
		walk->at++;
}

static bool take(struct raw_walk *walk, char c)
{
	if (walk->at == walk->end || *walk->at != c)
		return false;
	walk->at++;
	return true;
}

static bool take_word(struct raw_walk *walk, struct span word)
{
	if ((size_t)(walk->end - walk->at) < word.len || memcmp(walk->at, word.data, word.len) != 0)
		return false;
	walk->at += word.len;
	return true;
}

/* Four hexadecimal digits. -1: something else. */
static int32_t hex4(const char *at, const char *end)
{
	int32_t code = 0;
	for (int i = 0; i < 4; i++) {
		char c = at + i < end ? at[i] : '\0';
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;
		if (digit < 0)
			return -1;
		code = code * 16 + digit;
	}
	return code;
}

static bool skip_escape(struct raw_walk *walk)
{
	if (take(walk, 'u')) {
		if (hex4(walk->at, walk->end) < 0)
			return false;
		walk->at += 4;
		return true;
	}
	if (walk->at == walk->end || !memchr("\"\\/bfnrt", *walk->at, 8))
		return false;
	walk->at++;
	return true;
}

static bool skip_string(struct raw_walk *walk)
{
	if (!take(walk, '"'))
		return false;
	while (walk->at < walk->end) {
		unsigned char c = (unsigned char)*walk->at;
		uint32_t code;
		size_t n =
			c < 0x80 ? 1 : utf8_decode(walk->at, (size_t)(walk->end - walk->at), &code);
		if (n == 0 || c < 0x20)
			return false;
		walk->at += n;
		if (c == '"')
			return true;
		if (c == '\\' && !skip_escape(walk))
			return false;
	}
	return false;
}

static bool skip_digits(struct raw_walk *walk)
{
	const char *first = walk->at;
	while (walk->at < walk->end && *walk->at >= '0' && *walk->at <= '9')
		walk->at++;
	return walk->at > first;
}

static bool skip_number(struct raw_walk *walk)
{
	take(walk, '-');
	if (!take(walk, '0') && !skip_digits(walk))
		return false;
	if (take(walk, '.') && !skip_digits(walk))
		return false;
	if (take(walk, 'e') || take(walk, 'E')) {
		if (!take(walk, '+'))
			take(walk, '-');
		return skip_digits(walk);
	}
	return true;
}

static bool skip_container(struct raw_walk *walk, char close, int depth)
{
	walk->at++;
	skip_blanks(walk);
	if (take(walk, close))
		return true;
	do {
		skip_blanks(walk);
		if (close == '}') {
			if (!skip_string(walk))
				return false;
			skip_blanks(walk);
			if (!take(walk, ':'))
				return false;
		}
		if (!skip_value(walk, depth + 1))
			return false;
	} while (take(walk, ','));
	return take(walk, close);
}

/* One value and the blanks around it. */
static bool skip_value(struct raw_walk *walk, int depth)
{
	bool is_value = false;
	skip_blanks(walk);
	if (walk->at == walk->end || depth > MAX_DEPTH)
		return false;
	switch (*walk->at) {
	case '{':
		is_value = skip_container(walk, '}', depth);
		break;
	case '[':
		is_value = skip_container(walk, ']', depth);
		break;
	case '"':
		is_value = skip_string(walk);
		break;
	case 't':
		is_value = take_word(walk, SPAN("true"));
		break;
	case 'f':
		is_value = take_word(walk, SPAN("false"));
		break;
	case 'n':
		is_value = take_word(walk, SPAN("null"));
		break;
	default:
		is_value = skip_number(walk);
	}
	skip_blanks(walk);
	return is_value;
}

bool raw_is_json(struct span text)
{
	struct raw_walk walk = {text.data, text.data + text.len};
	return skip_value(&walk, 0) && walk.at == walk.end;
}

struct span raw_trim(struct span text)
{
	struct raw_walk walk = {text.data, text.data + text.len};
	skip_blanks(&walk);
	while (walk.end > walk.at && memchr(" \n\t\r", walk.end[-1], 4))
		walk.end--;
	return (struct span){walk.at, (size_t)(walk.end - walk.at)};
}

struct raw_walk raw_walk(struct span container)
{
	struct span text = raw_trim(container);
	return (struct raw_walk){text.data, text.data + text.len};
}

bool raw_next(struct raw_walk *walk, struct property *ret_property)
{
	if (walk->at == walk->end)
		return false;
	walk->at++; /* the opening bracket, or a comma */
	skip_blanks(walk);
	if (walk->at + 1 >= walk->end)
		return false;

	struct property property = {{walk->at, 0}, {NULL, 0}};
	struct raw_walk ahead = *walk;
	if (skip_string(&ahead)) {
		size_t len = (size_t)(ahead.at - walk->at);
		skip_blanks(&ahead);
		if (take(&ahead, ':')) {
			property.key.len = len;
			skip_blanks(&ahead);
			*walk = ahead;
		}
	}
	property.value.data = walk->at;
	if (!skip_value(walk, 0))
		return false;
	property.value.len = (size_t)(walk->at - property.value.data);
	property.value = raw_trim(property.value);
	*ret_property = property;
	return true;
}

bool raw_find(struct span object, const char *name, struct span *ret_value)
{
	struct raw_walk walk = raw_walk(object);
	struct property property;
	bool found = false;
	while (raw_next(&walk, &property)) {
		if (!raw_string_is(property.key, name))
			continue;
		*ret_value = property.value;
		found = true;
	}
	return found;
}

/* The next code point that a JSON string means; a lone surrogate stands for itself. */
static uint32_t next_code(struct raw_walk *walk)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	uint32_t code = 0;
	if (*walk->at != '\\') {
		size_t n = utf8_decode(walk->at, (size_t)(walk->end - walk->at), &code);
		walk->at += n ? n : 1;
		return code;
	}
	char c = walk->at[1];
	walk->at += 2;
	if (c != 'u') {
		const char *letter = strchr(letters, c);
		return letter ? (uint32_t)meant[letter - letters] : (uint32_t)c;
	}
	code = (uint32_t)hex4(walk->at, walk->end);
	walk->at += 4;
	if (code >= 0xd800 && code < 0xdc00 && walk->end - walk->at >= 6 &&
		memcmp(walk->at, "\\u", 2) == 0) {
		uint32_t low = (uint32_t)hex4(walk->at + 2, walk->end);
		if (low >= 0xdc00 && low < 0xe000) {
			walk->at += 6;
			return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	return code;
}

bool raw_string_equal(struct span a, struct span b)
{
	if (span_equal(a, b))
		return true;
	if (a.len < 2 || b.len < 2 || *a.data != '"' || *b.data != '"')
		return false;
	struct raw_walk left = {a.data + 1, a.data + a.len - 1};
	struct raw_walk right = {b.data + 1, b.data + b.len - 1};
	while (left.at < left.end && right.at < right.end) {
		if (next_code(&left) != next_code(&right))
			return false;
	}
	return left.at == left.end && right.at == right.end;
}

bool raw_string_is(struct span string, const char *text)
{
	size_t len = strlen(text);
	if (string.len < len + 2 || *string.data != '"')
		return false;
	if (string.len == len + 2)
		return memcmp(string.data + 1, text, len) == 0;
	struct raw_walk walk = {string.data + 1, string.data + string.len - 1};
	struct raw_walk plain = {text, text + len};
	while (walk.at < walk.end && plain.at < plain.end) {
		uint32_t code = 0;
		size_t n = utf8_decode(plain.at, (size_t)(plain.end - plain.at), &code);
		if (n == 0 || next_code(&walk) != code)
			return false;
		plain.at += n;
	}
	return walk.at == walk.end && plain.at == plain.end;
}

int raw_plain(struct span value, struct buf *out)
{
	if (*value.data != '"')
		return buf_add(out, value.data, value.len);
	int err = 0;
	struct raw_walk walk = {value.data + 1, value.data + value.len - 1};
	while (err == 0 && walk.at < walk.end) {
		char bytes[UTF8_MAX];
		size_t n = utf8_encode(next_code(&walk), bytes);
		err = n ? buf_add(out, bytes, n) : -EINVAL;
	}
	return err;
}

/* Puts bytes in place of the part of text that starts at offset. */
static int splice(struct buf *text, size_t offset, size_t old_len, struct span with)
{
	auto_buf struct buf edited = BUF_INIT(text->max);
	int err = buf_reserve(&edited, text->len - old_len + with.len);
	if (err == 0)
		err = buf_add(&edited, text->data, offset);
	if (err == 0)
		err = buf_add(&edited, with.data, with.len);
	if (err == 0)
		err = buf_add(&edited, text->data + offset + old_len, text->len - offset - old_len);
	if (err == 0)
		buf_swap(text, &edited);
	return err;
}

static int append_property(struct buf *text, struct property property, bool is_first)
{
	auto_buf struct buf added = BUF_INIT(text->max);
	int err = buf_add_str(&added, is_first ? "" : ", ");
	if (err == 0)
		err = buf_add(&added, property.key.data, property.key.len);
	if (err == 0)
		err = buf_add_str(&added, ": ");
	if (err == 0)
		err = buf_add(&added, property.value.data, property.value.len);
	size_t close = text->len;
	while (text->data[close - 1] != '}')
		close--;
	return err < 0 ? err : splice(text, close - 1, 0, (struct span){added.data, added.len});
}

int raw_set(struct buf *text, struct property property, bool *ret_changed)
{
	struct raw_walk walk = raw_walk((struct span){text->data, text->len});
	struct property at, found = {0};
	bool is_first = true;
	while (raw_next(&walk, &at)) {
		is_first = false;
		if (raw_string_equal(at.key, property.key))
			found = at;
	}

	int err = 0;
	bool changed = !found.value.data || !span_equal(found.value, property.value);
	if (!found.value.data)
		err = append_property(text, property, is_first);
	else if (changed)
		err = splice(text, (size_t)(found.value.data - text->data), found.value.len,
			property.value);
	if (err == 0)
		*ret_changed = changed;
	return err;
}

int raw_put_string(struct buf *out, struct span bytes)
{
	int err = buf_add_char(out, '"');
	for (size_t i = 0; i < bytes.len && err == 0;) {
		const char *at = bytes.data + i;
		uint32_t code = 0;
		size_t n = utf8_decode(at, bytes.len - i, &code);
		if (n == 0)
			err = buf_add_str(out, "\xef\xbf\xbd");
		else if (code == '"' || code == '\\')
			err = buf_addf(out, "\\%c", (char)code);
		else if (code == '\n')
			err = buf_add_str(out, "\\n");
		else if (code < 0x20 || code == 0x7f)
			err = buf_addf(out, "\\u%04x", (unsigned)code);
		else
			err = buf_add(out, at, n);
		i += n ? n : 1;
	}
	return err < 0 ? err : buf_add_char(out, '"');
}

int raw_put_ascii(struct buf *out, struct span json)
{
	int err = 0;
	for (size_t i = 0; i < json.len && err == 0;) {
		uint32_t code = 0;
		size_t n = utf8_decode(json.data + i, json.len - i, &code);
		if (n <= 1)
			err = buf_add_char(out, json.data[i]);
		else if (code < 0x10000)
			err = buf_addf(out, "\\u%04x", (unsigned)code);
		else
			err = buf_addf(out, "\\u%04x\\u%04x",
				0xd800 + (unsigned)((code - 0x10000) >> 10),
				0xdc00 + (unsigned)((code - 0x10000) & 0x3ff));
		i += n ? n : 1;
	}
	return err;
}
