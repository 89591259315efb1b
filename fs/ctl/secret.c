#include "secret.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

void secret_protect_process(void)
{
	const struct rlimit none = {0, 0};
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
}

/* 1: there is something to read; -EINTR: a signal has come. */
static int wait_for_input(int signals)
{
	struct pollfd fds[] = {
		{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
	while (poll(fds, array_size(fds), -1) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return fds[1].revents ? -EINTR : 1;
}

/* Not a byte more than the line is read: the rest is for whoever comes next. */
static int read_line(int signals, char *out, size_t out_size, size_t *ret_len)
{
	size_t len = 0;
	char c;
	for (;;) {
		int ready = wait_for_input(signals);
		ssize_t n = ready < 0 ? ready : read(STDIN_FILENO, &c, 1);
		if (n < 0 && ready > 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ready < 0 ? ready : -errno;
		if (n == 0 && len == 0)
			return -ENODATA;
		if (n == 0 || c == '\n')
			break;
		if (len < out_size)
			out[len++] = c;
	}
	c = 0;
	*ret_len = len;
	return 0;
}

/*
 * While the echo is off the signals that could end us wait; when one has come, this ends, all is put
 * back, and it finds us as it should have.
 */
static int read_unseen(const char *prompt, char *out, size_t out_size, size_t *ret_len)
{
	struct termios shown, hidden;
	sigset_t held, before;

	if (tcgetattr(STDIN_FILENO, &shown) < 0)
		return -errno;
	sigemptyset(&held);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGQUIT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGTSTP);
	int signals = signalfd(-1, &held, SFD_CLOEXEC);
	if (signals < 0)
		return -errno;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	pthread_sigmask(SIG_BLOCK, &held, &before);
	int err = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) < 0 ? -errno : 0;
	if (err == 0) {
		fputs(prompt, stderr);
		err = read_line(signals, out, out_size, ret_len);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		fputc('\n', stderr);
	}
	close(signals);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

int secret_read_line(const char *prompt, char *out, size_t out_size, size_t *ret_len)
{
	int err;
	if (!isatty(STDIN_FILENO))
		return read_line(-1, out, out_size, ret_len);
	/* Who comes back from a Ctrl-Z is asked again. */
	do {
		err = read_unseen(prompt, out, out_size, ret_len);
	} while (err == -EINTR);
	return err;
}
