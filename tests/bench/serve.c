#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

const struct stat served_root = {.st_ino = FUSE_ROOT_ID, .st_mode = S_IFDIR | 0755, .st_nlink = 2};

struct fuse_entry_param served_entry(const struct stat *attr)
{
	return (struct fuse_entry_param){
		.ino = attr->st_ino,
		.generation = 1,
		.attr = *attr,
		.attr_timeout = SERVED_TIMEOUT_S,
		.entry_timeout = SERVED_TIMEOUT_S,
	};
}

static long now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void serve_alone(const struct served *served, struct fuse_session *session)
{
	struct fuse_buf request = {.mem = NULL};
	struct pollfd device = {.fd = fuse_session_fd(session), .events = POLLIN};
	long awake_until = 0;
	int got = 1;

	if (served->poll_us > 0)
		fcntl(device.fd, F_SETFL, fcntl(device.fd, F_GETFL) | O_NONBLOCK);
	while (!fuse_session_exited(session) && (got > 0 || got == -EAGAIN || got == -EINTR)) {
		got = fuse_session_receive_buf(session, &request);
		if (got > 0) {
			if (served->before_each)
				served->before_each(session, served->arg);
			fuse_session_process_buf(session, &request);
			awake_until = served->poll_us > 0 ? now_us() + served->poll_us : 0;
		} else if (got == -EAGAIN && now_us() >= awake_until) {
			poll(&device, 1, -1);
		}
	}
	free(request.mem);
}

static void serve_together(const struct served *served, struct fuse_session *session)
{
	struct fuse_loop_config *config = fuse_loop_cfg_create();
	fuse_loop_cfg_set_clone_fd(config, 0);
	fuse_loop_cfg_set_max_threads(config, served->threads);
	fuse_loop_cfg_set_idle_threads(config, served->threads);
	fuse_session_loop_mt(session, config);
	fuse_loop_cfg_destroy(config);
}

static int serve_mounted(
	const struct served *served, struct fuse_session *session, const char *mountpoint)
{
	if (fuse_session_mount(session, mountpoint) < 0)
		return EXIT_FAILURE;
	if (served->threads > 1)
		serve_together(served, session);
	else
		serve_alone(served, session);
	fuse_session_unmount(session);
	return EXIT_SUCCESS;
}

int serve(const struct served *served, const char *mountpoint)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	fuse_opt_add_arg(&args, "bench");
	if (served->debug)
		fuse_opt_add_arg(&args, "-odebug");
	if (served->read_only)
		fuse_opt_add_arg(&args, "-oro");
	struct fuse_session *session =
		fuse_session_new(&args, served->ops, sizeof *served->ops, served->arg);
	fuse_opt_free_args(&args);
	if (!session)
		return EXIT_FAILURE;
	int status = EXIT_FAILURE;
	if (fuse_set_signal_handlers(session) == 0) {
		status = serve_mounted(served, session, mountpoint);
		fuse_remove_signal_handlers(session);
	}
	fuse_session_destroy(session);
	return status;
}
