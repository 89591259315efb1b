#include "json_text.h"

#include "utf8.h"

#define C JSON_COPIED
#define P (JSON_COPIED | JSON_PLAIN)
#define V (JSON_COPIED | JSON_PLAIN | JSON_SCALAR)
#define S (JSON_COPIED | JSON_SPACE)
#define B (JSON_COPIED | JSON_PLAIN | JSON_SPACE)

/* Nothing holds for a quote and a backslash; nor for DEL, which is rendered as an escape. */
/* clang-format off */
const unsigned char json_letters[256] = {
	C, C, C, C, C, C, C, C, C, S, S, C, C, S, C, C, /* 00 */
	C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, /* 10 */
	B, V, 0, V, V, V, V, V, V, V, V, V, P, V, V, V, /* 20 */
	V, V, V, V, V, V, V, V, V, V, P, V, V, V, V, V, /* 30 */
	V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, /* 40 */
	V, V, V, V, V, V, V, V, V, V, V, P, 0, P, V, V, /* 50 */
	V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, /* 60 */
	V, V, V, V, V, V, V, V, V, V, V, P, V, P, V, 0, /* 70 */
	C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, /* 80 */
	C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, /* 90 */
	C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, /* a0 */
	C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, /* b0 */
	C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, /* c0 */
	C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, /* d0 */
	C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, /* e0 */
	C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, /* f0 */
};
/* clang-format on */

#undef C
#undef P
#undef V
#undef S
#undef B

const char *json_skip_string(const char *at, const char *end)
{
	for (at++; (at = json_skip_copied(at, end)) < end; at++) {
		if (*at == '"')
			return at + 1;
		if (*at == '\\' && ++at == end)
			break;
	}
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' - 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads a backslash, u, and four digits: 6, or 0 and -1 as json_escape_read has them. */
static int read_unit(const char *at, const char *end, uint32_t *ret_unit)
{
	uint32_t unit = 0;
	for (int i = 0; i < 6; i++) {
		if (at + i == end)
			return 0;
		int digit = i < 2 ? (at[i] == "\\u"[i] ? 0 : -1) : hex_digit(at[i]);
		if (digit < 0)
			return -1;
		unit = unit << 4 | (uint32_t)digit;
	}
	*ret_unit = unit;
	return 6;
}

/* What a letter behind a backslash stands for; 0: nothing. */
static char short_escape(char letter)
{
	switch (letter) {
	case '"':
	case '\\':
	case '/':
		return letter;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return 0;
	}
}

int json_escape_read(const char *at, const char *end, uint32_t *ret_char)
{
	if (at + 1 == end)
		return 0;
	if (at[1] != 'u') {
		*ret_char = (uint32_t)short_escape(at[1]);
		return *ret_char ? 2 : -1;
	}

	uint32_t high, low;
	int len = read_unit(at, end, &high);
	if (len <= 0)
		return len;
	*ret_char = high;
	if (high < 0xd800 || high > 0xdbff)
		return len;

	int low_len = read_unit(at + len, end, &low);
	if (low_len == 0)
		return 0;
	if (low_len < 0 || low < 0xdc00 || low > 0xdfff)
		return len;
	*ret_char = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	return len + low_len;
}

size_t json_spell(uint32_t c, char out[6])
{
	static const char letters[] = {['\b'] = 'b',
		['\t'] = 't',
		['\n'] = 'n',
		['\f'] = 'f',
		['\r'] = 'r',
		['"'] = '"',
		['\\'] = '\\'};
	if (json_is_surrogate(c))
		return 0;
	if (c < sizeof(letters) && letters[c]) {
		out[0] = '\\';
		out[1] = letters[c];
		return 2;
	}
	if (c >= ' ' && c != 0x7f)
		return utf8_write(c, out);
	memcpy(out, "\\u00", 4);
	out[4] = (char)('0' + (c >> 4));
	out[5] = "0123456789abcdef"[c & 0xf];
	return 6;
}

uint32_t json_next_char(const char **at, const char *end)
{
	uint32_t c = (unsigned char)**at;
	int len = 1;
	if (c == '\\') {
		len = json_escape_read(*at, end + 1, &c);
	} else if (c >= 0x80) {
		len = utf8_read(*at, end, &c);
	}
	*at += len;
	return c;
}

int json_string_compare(struct json_slice a, struct json_slice b)
{
	if (a.len < 2 || b.len < 2)
		return (a.len >= 2) - (b.len >= 2);
	const char *a_at = a.data + 1, *a_end = a.data + a.len - 1;
	const char *b_at = b.data + 1, *b_end = b.data + b.len - 1;
	while (a_at < a_end && b_at < b_end) {
		uint32_t a_char = json_next_char(&a_at, a_end);
		uint32_t b_char = json_next_char(&b_at, b_end);
		if (a_char != b_char)
			return a_char < b_char ? -1 : 1;
	}
	return (a_at < a_end) - (b_at < b_end);
}
