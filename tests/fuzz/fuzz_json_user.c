/*
 * Any bytes: json_check_user takes nothing that json_check refuses, and every beginning of a text
 * that it takes, or calls incomplete, is incomplete.
 */
#include "fuzz.h"

static bool is_incomplete(const char *text, size_t len)
{
	bool incomplete = false;
	/* A copy: that nothing behind the beginning is read. */
	auto_free char *beginning = malloc(len ? len : 1);
	promise(beginning);
	memcpy(beginning, text, len);
	promise(json_check_user(beginning, len, NULL, &incomplete) == -EBADMSG);
	return incomplete;
}

static size_t object_end(const char *text, size_t size)
{
	while (size > 0 && text[size - 1] != '}')
		size--;
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct json_problem problem = {.offset = 0};
	bool incomplete = false;
	int err = json_check_user(text, size, &problem, &incomplete);
	if (err == 0) {
		promise(json_check(text, size, NULL, NULL) == 0);
		size_t end = object_end(text, size);
		for (size_t len = 0; len < end && len < 300; len++)
			promise(is_incomplete(text, len));
		return 0;
	}
	promise(err == -EBADMSG && problem.what && problem.offset <= size);
	if (incomplete) {
		promise(json_check(text, size, NULL, NULL) == -EBADMSG);
		promise(problem.offset == size);
	}

	for (size_t len = 0; incomplete && len < size && len < 300; len++)
		promise(is_incomplete(text, len));
	return 0;
}
