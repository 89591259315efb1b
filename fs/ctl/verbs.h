/*
 * The verbs of clevertimctl: one function and one table row each. Each prints its result on standard
 * output, and returns 0, or a negative errno with one sentence in problem.
 */
#ifndef CTL_VERBS_H
#define CTL_VERBS_H

#include "command.h"

int verb_drafts(const struct command *command, struct problem *problem) nodiscard;
int verb_errors(const struct command *command, struct problem *problem) nodiscard;
int verb_login(const struct command *command, struct problem *problem) nodiscard;
int verb_refresh(const struct command *command, struct problem *problem) nodiscard;
int verb_restore(const struct command *command, struct problem *problem) nodiscard;
int verb_status(const struct command *command, struct problem *problem) nodiscard;
int verb_trash(const struct command *command, struct problem *problem) nodiscard;

/* The row of a name; NULL: there is none. Static. */
const struct verb *verb_find(const char *name);
/* The text of clevertimctl --help. Static. */
const char *verb_overview(void);

#endif
