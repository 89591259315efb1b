/*
 * The command line of contract 1, as data. Core knows nothing of FUSE: what libfuse understands is
 * collected as strings for fs/ to hand on.
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include "base.h"
#include "problem.h"
#include <sys/types.h>

#define CONFIG_USAGE "clevertimfs [options] [URL] MOUNTPOINT"
#define CONFIG_DEFAULT_URL "https://www.clevertim.com/api"

enum config_action { CONFIG_MOUNT, CONFIG_HELP, CONFIG_VERSION };

struct config {
	enum config_action action;
	char *url;	  /* without trailing slashes, checked: scheme, host, no user:password@ */
	char *host;	  /* of url, lower case, for .netrc and the plain http rule */
	char *mountpoint; /* absolute, links resolved where it exists */
	bool foreground, debug, single_thread;
	bool pretend; /* by mount -f: the arguments were looked at, and that is all */
	bool read_only, nocheck, allow_http, detect_conflicts;
	bool allow_other, allow_root; /* at most one; also stand in fuse_options */
	int64_t ttl_ms, timeout_ms;
	char *cacert;		 /* absolute and readable, or NULL */
	char *state_dir;	 /* absolute */
	int64_t state_max_bytes; /* what drafts and trash may take in it together */
	char *token_file;	 /* absolute, or NULL */
	char *token_command;	 /* or NULL */
	char *user_token_file;	 /* $XDG_CONFIG_HOME/clevertimfs/token, or NULL without a home */
	char *netrc_file;	 /* ~/.netrc, or NULL without a home */
	unsigned delete_limit;	 /* 0: none */
	char **resources;	 /* NULL-terminated, each valid and once; NULL: the usual ones */
	uid_t uid;		 /* owner of all files: who mounts, or -o uid=, gid= */
	gid_t gid;
	int umask;     /* permission bits to take away from 0777, -o umask=; -1: the usual modes */
	char *source;  /* what the mount table shows: the URL, or -o fsname= */
	char *subtype; /* "clevertimfs", or -o subtype= */
	/*
	 * All that libfuse is to be told, NULL-terminated, one option each, commas not escaped:
	 * "fsname=https://www.clevertim.com/api", "subtype=clevertimfs", "ro", "allow_other", ...
	 * fsname and subtype always; default_permissions beside allow_other and allow_root.
	 */
	char **fuse_options;
};

/*
 * Reads argv. 0, -EINVAL with one plain sentence that says what to do, or -ENOMEM. Environment:
 * HOME, XDG_CONFIG_HOME, XDG_STATE_HOME. What mount(8) passes (rw, dev, suid, nodev, nosuid, exec,
 * noexec, relatime, noatime, user=..., defaults, _netdev, nofail, noauto, x-*) is taken and used or
 * ignored; set-user-id and devices are never allowed. Called as mount.clevertimfs, its flags are
 * those that mount(8) gives a helper: -n, -s and -v are ignored, -f pretends, -N is refused. A
 * refused value is not repeated in the sentence: it may be a token that strayed.
 */
int config_parse(
	struct config *config, int argc, char *const argv[], struct problem *problem) nodiscard;
void config_release(struct config *config);

/* The help text, static. */
const char *config_help(void);

#endif
