/*
 * What the bare FUSE servers share: mounting, one thread that answers until it is unmounted, and what
 * they tell the kernel of files that it may go by for a day.
 */
#ifndef CLEVERTIMFS_BENCH_SERVE_H
#define CLEVERTIMFS_BENCH_SERVE_H

#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION 314
#endif

#include <fuse_lowlevel.h>
#include <stdbool.h>
#include <sys/stat.h>

#define SERVED_TIMEOUT_S 86400

extern const struct stat served_root;

/* A file, by its st_ino. */
struct fuse_entry_param served_entry(const struct stat *attr);

/* A server; all of it is the caller's, and outlives serve(). */
struct served {
	const struct fuse_lowlevel_ops *ops;
	void *arg; /* what fuse_req_userdata() gives */
	/* Runs when a request has arrived, before it is answered; NULL: nothing. */
	void (*before_each)(struct fuse_session *session, void *arg);
	unsigned
		threads; /* 0 and 1: one; more: libfuse's own loop, without before_each and poll_us */
	long poll_us;	 /* looks for the next request for so long before it sleeps */
	bool read_only, debug;
};

/* Mounts, serves until the mount is gone, and returns an exit status. What failed is on stderr. */
int serve(const struct served *served, const char *mountpoint);

#endif
