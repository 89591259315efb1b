#include "wire.h"

#include "clock.h"
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { GLANCE_MS = 25, DRAIN_MS = 5000 };

static int wait_on(const struct wire *wire, int fd, int64_t ms)
{
	int64_t end = ms < 0 ? INT64_MAX : clock_ms() + ms;
	for (;;) {
		int64_t left = end - clock_ms();
		if (fault_board_is_closed(wire->board))
			return -ECONNRESET;
		if (left <= 0 || fault_board_generation(wire->board) != wire->generation)
			return 0;
		struct pollfd client = {.fd = fd, .events = POLLRDHUP};
		if (poll(&client, 1, left < GLANCE_MS ? (int)left : GLANCE_MS) > 0)
			return -ECONNRESET;
	}
}

int wire_wait(const struct wire *wire, int64_t ms)
{
	return wait_on(wire, wire->fd, ms);
}

int wire_wait_alone(const struct wire *wire, int64_t ms)
{
	return wait_on(wire, -1, ms);
}

void wire_push(const struct wire *wire)
{
	int off = 0, on = 1;
	setsockopt(wire->fd, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
	setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* Bytes that the client's side has not taken yet. */
static bool has_unsent(const struct wire *wire)
{
	int unsent = 0;
	return ioctl(wire->fd, SIOCOUTQ, &unsent) == 0 && unsent > 0;
}

void wire_reset(const struct wire *wire)
{
	wire_push(wire);
	int64_t end = clock_ms() + DRAIN_MS;
	while (has_unsent(wire) && clock_ms() < end && wire_wait(wire, 1) == 0)
		continue;
	/* Closing is the server library's business; to disconnect sends the RST at once. */
	struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
	if (connect(wire->fd, &nowhere, sizeof nowhere) < 0) {
		struct linger abort = {.l_onoff = 1, .l_linger = 0};
		setsockopt(wire->fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
	}
}
