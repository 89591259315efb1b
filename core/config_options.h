/* What -o takes: one sorted table, a row for each option. Part of config. */
#ifndef CORE_CONFIG_OPTIONS_H
#define CORE_CONFIG_OPTIONS_H

#include "config.h"

/* Takes "name" or "name=value", commas no longer escaped; text may be changed. -EINVAL, -ENOMEM. */
int config_option_take(struct config *config, char *text, struct problem *problem) nodiscard;

/* The one sentence about a token on the command line. Returns -EINVAL. */
int config_refuse_token(struct problem *problem);

/*
 * Adds a copy of text to a NULL-terminated list; one that begins with the same name= (or is the
 * same word) is replaced. -ENOMEM.
 */
int config_list_add(char ***list, const char *text) nodiscard;
void config_list_free(char **list);

#endif
