#include "basic_auth.h"

#include "buf.h"

static int add_base64(struct buf *out, const struct buf *bytes)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	int err = 0;
	for (size_t i = 0; i < bytes->len && err == 0; i += 3) {
		unsigned char in[3] = {0};
		size_t have = min_size(bytes->len - i, sizeof in);
		memcpy(in, bytes->data + i, have);
		unsigned bits = (unsigned)in[0] << 16 | (unsigned)in[1] << 8 | in[2];
		char quad[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
			have > 1 ? digits[bits >> 6 & 63] : '=',
			have > 2 ? digits[bits & 63] : '='};
		err = buf_add(out, quad, sizeof quad);
	}
	return err;
}

char *basic_auth_make(const char *user, const char *password)
{
	auto_buf struct buf plain = BUF_INIT(4096);
	auto_buf struct buf header = BUF_INIT(8192);
	size_t len;
	if (buf_addf(&plain, "%s:%s", user, password) < 0 || buf_add_str(&header, "Basic ") < 0 ||
		add_base64(&header, &plain) < 0)
		return NULL;
	return buf_take(&header, &len);
}

bool basic_auth_check(const char *expected, const char *header)
{
	size_t scheme = strlen("Basic ");
	return header && strncasecmp(header, expected, scheme) == 0 &&
	       strcmp(header + scheme, expected + scheme) == 0;
}
