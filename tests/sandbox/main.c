/* A stand-in for the Clevertim CRM: see README.md. */
#include "control.h"
#include "options.h"
#include "seed.h"
#include "server.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The signals that end the program; in every thread they wait for sigwait. */
static sigset_t block_signals(void)
{
	sigset_t ends;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	return ends;
}

static int write_port_file(const char *path, uint16_t port)
{
	char fresh[4096];
	snprintf(fresh, sizeof fresh, "%s.new", path);
	FILE *file = fopen(fresh, "w");
	if (!file)
		return -errno;
	int written = fprintf(file, "%u\n", port);
	if (fclose(file) != 0 || written < 0 || rename(fresh, path) < 0)
		return -errno;
	return 0;
}

static int announce(const struct options *options, uint16_t port)
{
	bool is_v6 = strchr(options->bind, ':');
	printf("listening on %s://%s%s%s:%u/api\n", options->https_cert ? "https" : "http",
		is_v6 ? "[" : "", options->bind, is_v6 ? "]" : "", port);
	fflush(stdout);
	int err = options->port_file ? write_port_file(options->port_file, port) : 0;
	if (err < 0)
		fprintf(stderr, "clevertim-sandbox: cannot write \"%s\": %s\n", options->port_file,
			strerror(-err));
	return err;
}

/* Serves until a signal comes. */
static int serve(const struct options *options, struct api *api, const struct control *control,
	const sigset_t *ends)
{
	struct problem problem = {0};
	struct server *server = server_create(options, api, control, &problem);
	if (!server) {
		fprintf(stderr, "clevertim-sandbox: %s\n", problem.message);
		return -EIO;
	}
	int signal_number, err = announce(options, server_port(server));
	if (err == 0)
		sigwait(ends, &signal_number);
	server_destroy(server);
	return err;
}

static int run(const struct options *options, const sigset_t *ends)
{
	struct api api;
	struct control control = {
		store_create(), fault_board_create(), request_log_create(options->log_file)};
	int err = control.store && control.board && control.log ? 0 : -ENOMEM;
	if (err == 0)
		err = seed_store(control.store, options->contacts, options->seed, options->ascii);
	if (err == 0)
		err = api_init(&api, control.store, options);
	if (err < 0)
		fprintf(stderr, "clevertim-sandbox: cannot start: %s\n",
			control.log ? strerror(-err) : strerror(errno));
	if (err == 0) {
		err = serve(options, &api, &control, ends);
		api_release(&api);
	}
	request_log_destroy(control.log);
	fault_board_destroy(control.board);
	store_destroy(control.store);
	return err;
}

int main(int argc, char **argv)
{
	struct options options;
	int status = options_parse(argc, argv, &options);
	if (status < 0)
		return -status - 1;

	pid_t parent = getppid();
	sigset_t ends = block_signals();
	if (options.die_with_parent) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			return 0;
	}
	return run(&options, &ends) < 0 ? 1 : 0;
}
