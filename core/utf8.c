#include "utf8.h"

int utf8_length(const char *text, const char *end)
{
	const unsigned char *at = (const unsigned char *)text;
	if (at[0] < 0x80)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return -1;
	int len = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;

	/* The second byte's range shuts out overlong forms, surrogates, and all above U+10FFFF. */
	unsigned char low = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char high = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
	for (int i = 1; i < len; i++, low = 0x80, high = 0xbf) {
		if (text + i == end)
			return 0;
		if (at[i] < low || at[i] > high)
			return -1;
	}
	return len;
}

int utf8_read(const char *text, const char *end, uint32_t *ret_char)
{
	int len = utf8_length(text, end);
	if (len <= 0)
		return len;
	uint32_t c = (unsigned char)text[0];
	if (len > 1)
		c &= 0x7fU >> len;
	for (int i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)text[i] & 0x3f);
	*ret_char = c;
	return len;
}

size_t utf8_write(uint32_t c, char out[4])
{
	static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = len; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(leads[len == 1 ? 0 : len] | c);
	return len;
}
