/*
 * Any text as ~/.netrc, and as a token: a login that is found stands in the text and would be found
 * without what is before its entry; a token that is taken can go into a header.
 */
#include "fuzz.h"

#include "netrc.h"
#include "token.h"

static void check_token(const char *text, size_t len)
{
	char *token = NULL;
	struct problem problem = {.http_status = 0};
	int err = token_accept(text, len, "the test", &token, &problem);
	promise(err == 0 || err == -EINVAL);
	if (err < 0) {
		promise(!token && strncmp(problem.message, "the test ", 9) == 0);
		return;
	}
	size_t token_len = strlen(token);
	promise(token_len > 0 && token_len <= TOKEN_MAX && token_len <= len);
	promise(memmem(text, len, token, token_len));
	promise(token[0] != ' ' && token[token_len - 1] != ' ');
	for (const char *at = token; *at; at++)
		promise((unsigned char)*at >= 0x20 && *at != 0x7f && *at != ':');
	token_wipe(token);
}

/* Found by whatever name, it is the same when a hundred bytes are room enough, and too much for less. */
static void check_login(const char *text, size_t len, const char *host)
{
	char login[8192], small[32];
	int found = netrc_find_login(text, len, host, login, sizeof login);
	promise(found == 0 || found == 1 || found == -EINVAL || found == -EFBIG);
	int found_small = netrc_find_login(text, len, host, small, sizeof small);
	if (found == 1) {
		promise(strlen(login) < sizeof login && strlen(login) <= len);
		promise(found_small == 1 || found_small == -EFBIG || found_small == 0 ||
			found_small == -EINVAL);
		promise(found_small != 1 || strcmp(small, login) == 0);
	}
}

/* An entry in front decides, whatever follows. */
static void check_first(const char *text, size_t len)
{
	char login[64];
	auto_buf struct buf whole = BUF_INIT(1 << 20);
	promise(buf_add_str(&whole, "machine a.example login \"t\\\"1\" password X\n") == 0);
	if (buf_add(&whole, text, len) < 0)
		return;
	promise(netrc_find_login(whole.data, whole.len, "A.Example", login, sizeof login) == 1);
	promise(strcmp(login, "t\"1") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = malloc(size ? size : 1); /* with nothing to read behind it */
	promise(text);
	memcpy(text, data, size);
	check_login(text, size, "www.clevertim.com");
	check_login(text, size, "");
	check_first(text, size);
	check_token(text, size);
	return 0;
}
