#include "utf8.h"

size_t utf8_decode(const char *text, size_t len, uint32_t *ret_code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char lead = len > 0 ? (unsigned char)*text : 0xff;
	size_t need = lead < 0x80	      ? 1
		      : (lead & 0xe0) == 0xc0 ? 2
		      : (lead & 0xf0) == 0xe0 ? 3
		      : (lead & 0xf8) == 0xf0 ? 4
					      : 0;
	if (need == 0 || need > len)
		return 0;

	uint32_t code = need == 1 ? lead : lead & (0x7fu >> need);
	for (size_t i = 1; i < need; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (code < least[need] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	*ret_code = code;
	return need;
}

size_t utf8_encode(uint32_t code, char out[UTF8_MAX])
{
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
	out[0] = (char)(leads[n] | code);
	return n;
}
