#include "problem.h"

#include "utf8.h"
#include <stdarg.h>
#include <stdio.h>

void problem_one_line(const char *text, size_t len, char *out, size_t out_size)
{
	const char *end = text + len;
	size_t used = 0;
	while (text < end) {
		uint32_t c;
		int n = utf8_read(text, end, &c);
		if (n <= 0) {
			text++;
			continue;
		}
		if ((size_t)n > out_size - 1 - used)
			break;
		if (utf8_is_unsafe(c)) {
			out[used++] = ' ';
		} else {
			memcpy(out + used, text, (size_t)n);
			used += (size_t)n;
		}
		text += n;
	}
	out[used] = '\0';
}

static bool begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

bool problem_leaves_creation_open(const char *reason)
{
	return begins(reason, PROBLEM_MAYBE_CREATED) || begins(reason, PROBLEM_LEFT_ON_ITS_WAY);
}

int problem_set(struct problem *problem, int err, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	int len = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (len < 0)
		len = 0;
	problem_one_line(text, min_size((size_t)len, sizeof text - 1), problem->message,
		sizeof problem->message);
	return err;
}

const char *problem_errno_name(int err)
{
	const char *name = strerrorname_np(err < 0 ? -err : err);
	return name ? name : "EIO";
}
