#define FUSE_USE_VERSION 314

#include "loop.h"

#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

/* How long it looks for a request at most. */
#define LOOK_NS 50000
/* A request that comes so soon after it went to sleep would have been worth a look. */
#define SOON_NS 200000
/* After so many looks in vain it takes as many requests in a row that come soon until the next one. */
#define MAX_VAIN 32

struct loop {
	struct fuse_session *session;
	int fd;
	bool may_look; /* there is another processor for the program that asks */
	unsigned vain; /* looks in vain, one after another; MAX_VAIN at most */
	unsigned soon; /* requests since the last look that came soon, one after another */
};

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static bool has_processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 1;
}

/* A request if one is there now: its length; -EAGAIN; 0: the mount is gone, or it is to end. */
static int take(struct loop *loop, struct fuse_buf *request)
{
	int len;
	do
		len = fuse_session_receive_buf(loop->session, request);
	while (len == -EINTR && !fuse_session_exited(loop->session));
	return len == -EINTR ? 0 : len;
}

/* Looks until there is a request or the time is over. */
static int look(struct loop *loop, struct fuse_buf *request)
{
	int64_t end_ns = now_ns() + LOOK_NS;
	int len;
	do
		len = take(loop, request);
	while (len == -EAGAIN && now_ns() < end_ns);
	loop->vain = len != -EAGAIN ? 0 : loop->vain < MAX_VAIN ? loop->vain + 1 : MAX_VAIN;
	loop->soon = 0;
	return len;
}

/*
 * Sleeps until there is a request or a signal. Signals are let in while it sleeps alone, or one that
 * came just before would not wake it.
 */
static void sleep_until_asked(struct loop *loop)
{
	struct pollfd device = {.fd = loop->fd, .events = POLLIN};
	sigset_t all, before;
	int64_t begin_ns = now_ns();

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (!fuse_session_exited(loop->session))
		ppoll(&device, 1, NULL, &before);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	loop->soon = now_ns() - begin_ns < SOON_NS ? loop->soon + 1 : 0;
}

static int next_request(struct loop *loop, struct fuse_buf *request)
{
	int len = take(loop, request);
	if (len == -EAGAIN && loop->may_look && loop->soon >= loop->vain)
		len = look(loop, request);
	while (len == -EAGAIN) {
		sleep_until_asked(loop);
		len = take(loop, request);
	}
	return len;
}

int loop_run(struct fuse_session *session, void (*ready)(void *arg), void *arg)
{
	struct loop loop = {
		.session = session,
		.fd = fuse_session_fd(session),
		.may_look = has_processors(),
	};
	struct fuse_buf request = {.mem = NULL};
	int flags = fcntl(loop.fd, F_GETFL);
	bool is_ready = false;
	int len = 0;

	if (flags < 0 || fcntl(loop.fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	while (!fuse_session_exited(session) && (len = next_request(&loop, &request)) > 0) {
		fuse_session_process_buf(session, &request);
		if (!is_ready && !fuse_session_exited(session)) {
			is_ready = true;
			ready(arg);
		}
	}
	free(request.mem);
	return len < 0 ? len : is_ready ? 0 : -ECONNABORTED;
}
