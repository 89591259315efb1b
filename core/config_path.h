/* Where a person's files are: home, the XDG directories, and paths as typed. Part of config. */
#ifndef CORE_CONFIG_PATH_H
#define CORE_CONFIG_PATH_H

#include "base.h"

/* All results are absolute and owned by the caller. */

/* HOME, else what the password database says. -ENOENT: neither. -ENOMEM. */
int config_path_home(char **ret_path) nodiscard;
/*
 * A file or directory below $<variable>, or below ~/<fallback> where that is not set (or not
 * absolute, as the XDG specification has it). -ENOENT: there is no home. -ENOMEM.
 */
int config_path_xdg(
	const char *variable, const char *fallback, const char *tail, char **ret_path) nodiscard;
/* A path as typed: relative to the working directory, or "~/..." where no shell expanded it. */
int config_path_absolute(const char *path, char **ret_path) nodiscard;
/*
 * The same with all links resolved, the last name alone kept as it is where it cannot be looked at:
 * a mount point whose daemon died.
 */
int config_path_resolve(const char *path, char **ret_path) nodiscard;

#endif
