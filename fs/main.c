/* The command: arguments, token, fork, mount, exit status. */
#define FUSE_USE_VERSION 314

#include "announce.h"
#include "config.h"
#include "http.h"
#include "launch.h"
#include "mountpoint.h"
#include "session.h"
#include "token.h"
#include <fuse_lowlevel.h>
#include <malloc.h>
#include <stdio.h>

static void cleanup_token(char **token)
{
	token_wipe(*token);
}

static int complain(const struct problem *problem)
{
	fprintf(stderr, "clevertimfs: %s\n", problem->message);
	return EXIT_FAILURE;
}

/*
 * Records are many small pieces that stay. A thread's own heap grows by a page at a time, each a
 * system call; the common one by as much as it is told. To tell it anything keeps it from learning
 * the rest: what a large read takes is not to be mapped and unmapped each time.
 */
static void tune_heap(void)
{
	/* No thread is there yet. NOLINTBEGIN(concurrency-mt-unsafe) */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TOP_PAD, 1 << 20);
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 16 << 20);
	/* NOLINTEND(concurrency-mt-unsafe) */
}

/* The token is the session's from there on: *token is wiped. */
static int serve(const struct config *config, char **token, struct launch *launch)
{
	struct problem problem = {0};
	struct session *session;

	tune_heap();
	http_global_init();
	int err = session_create(config, *token, &session, &problem);
	token_wipe(steal(*token));
	if (err < 0)
		return complain(&problem);
	snprintf(launch->words, sizeof launch->words, "%s", session_user(session));
	int exit_status = session_run(session, launch_ready, launch);
	launch_ending(launch);
	session_destroy(session);
	return exit_status;
}

static int mount_crm(const struct config *config)
{
	struct problem problem = {0};
	struct launch launch cleanup(launch_release) = {.service_fd = -1};
	char *token cleanup(cleanup_token) = NULL;
	int exit_status;

	launch_init(&launch, config);
	if (mountpoint_prepare(config->mountpoint, &problem) < 0 ||
		token_find(config, &token, &problem) < 0)
		return complain(&problem);
	if (!config->foreground) {
		int forked = launch_fork(&launch, &exit_status, &problem);
		if (forked < 0)
			return complain(&problem);
		if (forked > 0 && exit_status == 0)
			announce(config, launch.words);
		if (forked > 0)
			return exit_status;
	}
	return serve(config, &token, &launch);
}

static int print_version(void)
{
	printf("clevertimfs " CLEVERTIMFS_VERSION " (libfuse %s, libcurl " LIBCURL_VERSION_BUILT
	       ")\n",
		fuse_pkgversion());
	return EXIT_SUCCESS;
}

static int print_help(void)
{
	fputs(config_help(), stdout);
	return EXIT_SUCCESS;
}

static int run(const struct config *config)
{
	switch (config->action) {
	case CONFIG_HELP:
		return print_help();
	case CONFIG_VERSION:
		return print_version();
	case CONFIG_MOUNT:
		return config->pretend ? EXIT_SUCCESS : mount_crm(config);
	}
	return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
	struct config config cleanup(config_release) = {.action = CONFIG_MOUNT};
	struct problem problem = {0};
	launch_protect();
	if (config_parse(&config, argc, argv, &problem) < 0)
		return complain(&problem);
	return run(&config);
}
