#include "service.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* An address, of which ret_size says how long it is. False: this is none. */
static bool read_address(const char *text, struct sockaddr_un *ret_address, socklen_t *ret_size)
{
	size_t len = strlen(text);
	bool is_abstract = text[0] == '@';

	if ((!is_abstract && text[0] != '/') || len < 2 || len >= sizeof ret_address->sun_path)
		return false;
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret_address->sun_path, text, len);
	if (is_abstract)
		ret_address->sun_path[0] = '\0';
	/* A path ends in a zero byte; an abstract name ends where the address does. */
	*ret_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + !is_abstract);
	return true;
}

static int connect_to(const char *text)
{
	const struct timeval patience = {.tv_sec = 1};
	struct sockaddr_un address;
	socklen_t size;

	if (!read_address(text, &address, &size))
		return -1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address, size) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int service_connect(void)
{
	const char *text = getenv("NOTIFY_SOCKET");
	int fd = text ? connect_to(text) : -1;
	unsetenv("NOTIFY_SOCKET"); /* NOLINT(concurrency-mt-unsafe): no thread has begun yet */
	return fd;
}

void service_tell(int fd, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (fd < 0)
		return;
	va_start(args, format);
	int len = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (len > 0)
		(void)!send(fd, text, min_size((size_t)len, sizeof text - 1), MSG_NOSIGNAL);
}
