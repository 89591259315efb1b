#include "launch.h"

#include "service.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each of those who wait for the server takes some; there may be hundreds (calls.c). */
#define DESCRIPTORS 8192

static void allow_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS)
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void launch_protect(void)
{
	const struct rlimit none = {0, 0};
	int fd;
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGPIPE, SIG_IGN);
	allow_descriptors();
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

void launch_init(struct launch *launch, const struct config *config)
{
	*launch = (struct launch){
		.verdict_fd = -1, .service_fd = service_connect(), .config = config};
	if (!config->foreground)
		launch_release(launch);
}

void launch_release(struct launch *launch)
{
	if (launch->service_fd >= 0)
		close(launch->service_fd);
	launch->service_fd = -1;
}

/* What the shell had open (a lock, a pipe that somebody reads to its end) is not ours to hold. */
static void close_inherited(int keep_fd)
{
	if (keep_fd > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)keep_fd - 1, 0);
	close_range((unsigned)keep_fd + 1, ~0u, 0);
}

/* The words that are the verdict, NUL and all: written at once, and so read at once. */
static bool read_verdict(int fd, struct launch *launch)
{
	char words[sizeof launch->words];
	ssize_t n;
	do {
		n = read(fd, words, sizeof words);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	memcpy(launch->words, words, (size_t)n);
	return true;
}

/* The parent's exit status. The end of the pipe without a verdict: the child is gone. */
static int wait_for_verdict(int fd, pid_t child, struct launch *launch)
{
	int status = 0;
	if (read_verdict(fd, launch))
		return 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFSIGNALED(status))
		fprintf(stderr, "clevertimfs: ended by signal %d before the mount was ready\n",
			WTERMSIG(status));
	return 1;
}

int launch_fork(struct launch *launch, int *ret_exit_status, struct problem *problem)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return problem_set(
			problem, -errno, "cannot go to the background: %s", strerrordesc_np(errno));
	pid_t child = fork();
	if (child < 0) {
		int err = -errno;
		close(ends[0]);
		close(ends[1]);
		return problem_set(
			problem, err, "cannot go to the background: %s", strerrordesc_np(-err));
	}
	if (child == 0) {
		close_inherited(ends[1]);
		launch->verdict_fd = ends[1];
		return 0;
	}
	close(ends[1]);
	*ret_exit_status = wait_for_verdict(ends[0], child, launch);
	close(ends[0]);
	return 1;
}

static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	setsid();
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null >= 0)
		close(null);
	/* A daemon must not keep the directory that it was started in from being unmounted. */
	if (chdir("/") < 0)
		return;
}

void launch_ready(void *arg)
{
	struct launch *launch = arg;
	service_tell(launch->service_fd, "READY=1\nSTATUS=%s at %s", launch->config->url,
		launch->config->mountpoint);
	if (launch->verdict_fd < 0)
		return;
	leave_terminal();
	ssize_t len = (ssize_t)strlen(launch->words) + 1;
	if (write(launch->verdict_fd, launch->words, (size_t)len) != len)
		kill(getpid(), SIGTERM);
	close(launch->verdict_fd);
	launch->verdict_fd = -1;
}

void launch_ending(const struct launch *launch)
{
	service_tell(launch->service_fd, "STOPPING=1\nSTATUS=Keeping what is unsaved");
}
