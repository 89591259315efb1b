#include "token_command.h"

#include "clock.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MAX_OUTPUT_BYTES = 1 << 20,
	GRACE_MS = 500, /* between SIGTERM and SIGKILL */
};

struct command {
	pid_t pid;
	int pidfd;  /* readable when it has exited */
	int output; /* -1: at its end */
	char *kept;
	size_t kept_size, kept_len, total;
};

static void command_release(struct command *command)
{
	if (command->pidfd >= 0)
		close(command->pidfd);
	if (command->output >= 0)
		close(command->output);
}

static int spawn_shell(const char *command, int output, pid_t *ret_pid)
{
	char *const argv[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	/* Ignored signals would stay so; a shell pipe relies on SIGPIPE. */
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	int err = -posix_spawn(ret_pid, "/bin/sh", &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/* Takes what is there. False: nothing more for now. */
static bool read_some(struct command *command)
{
	char piece[1024];
	ssize_t n = read(command->output, piece, sizeof piece);
	if (n < 0)
		return errno == EINTR;
	if (n == 0) {
		close(command->output);
		command->output = -1;
		return false;
	}
	size_t keep = min_size((size_t)n, command->kept_size - command->kept_len);
	memcpy(command->kept + command->kept_len, piece, keep);
	command->kept_len += keep;
	command->total += (size_t)n;
	explicit_bzero(piece, sizeof piece);
	return true;
}

/*
 * Reads until the command has exited, even if something that it left behind still holds its output.
 * False: it did not by the deadline, or prints without end.
 */
static bool read_until_exit(struct command *command, int64_t deadline_ms)
{
	bool has_exited = false;
	while (!has_exited) {
		struct pollfd fds[] = {{.fd = command->pidfd, .events = POLLIN},
			{.fd = command->output, .events = POLLIN}};
		int64_t left_ms = deadline_ms - clock_ms();
		if (left_ms <= 0 || poll(fds, array_size(fds), (int)left_ms) == 0)
			return false;
		has_exited = fds[0].revents != 0;
		while (command->output >= 0 && read_some(command)) {
			if (command->total > MAX_OUTPUT_BYTES)
				return false;
		}
	}
	return true;
}

/* A shell that reads a password gets the chance to put the terminal right. */
static void end(const struct command *command)
{
	struct pollfd exited = {.fd = command->pidfd, .events = POLLIN};
	kill(command->pid, SIGTERM);
	if (poll(&exited, 1, GRACE_MS) != 1)
		kill(command->pid, SIGKILL);
}

/* -EIO unless it exited with status 0, in time. */
static int wait_for_command(struct command *command, int64_t timeout_ms, struct problem *problem)
{
	int status = 0;
	bool in_time = read_until_exit(command, clock_ms() + timeout_ms);
	if (!in_time)
		end(command);
	while (waitpid(command->pid, &status, 0) < 0 && errno == EINTR)
		continue;

	if (command->total > MAX_OUTPUT_BYTES)
		return problem_set(problem, -EIO,
			"token_command prints without end: it must print the token and exit");
	if (!in_time)
		return problem_set(problem, -EIO,
			"token_command did not finish in time: raise -o timeout, "
			"or find out what it waits for");
	if (WIFSIGNALED(status))
		return problem_set(
			problem, -EIO, "token_command was killed by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return problem_set(problem, -EIO,
			"token_command failed with exit status %d: try it in a shell",
			WEXITSTATUS(status));
	return 0;
}

int token_command_run(const char *command_line, int64_t timeout_ms, char *out, size_t out_size,
	size_t *ret_len, struct problem *problem)
{
	struct command command cleanup(command_release) = {
		.pidfd = -1, .output = -1, .kept = out, .kept_size = out_size};
	int ends[2];
	int err = pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0;
	if (err == 0) {
		command.output = ends[0];
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		err = spawn_shell(command_line, ends[1], &command.pid);
		close(ends[1]);
	}
	if (err == 0 && (command.pidfd = pidfd_open(command.pid, 0)) < 0) {
		err = -errno;
		end(&command);
		waitpid(command.pid, NULL, 0);
	}
	if (err < 0)
		return problem_set(
			problem, -EIO, "cannot run token_command: %s", strerrordesc_np(-err));
	err = wait_for_command(&command, timeout_ms, problem);
	if (err == 0)
		*ret_len = command.kept_len;
	return err;
}
