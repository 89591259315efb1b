/*
 * Why something failed, for the person: filled by the function that fails, beside its errno.
 * The errors file, <name>.error and user.clevertim.error show it.
 */
#ifndef CORE_PROBLEM_H
#define CORE_PROBLEM_H

#include "base.h"

struct problem {
	int http_status;    /* 0: no answer came, or none was asked for */
	bool maybe_applied; /* the request may have reached the server and its answer was lost */
	bool is_passing;    /* another attempt may go better, after what the server asks for: */
	int wait_s;
	char message[400]; /* one line, UTF-8, nothing that utf8_is_unsafe; "" where all is well */
};

/* How the reasons begin that leave open whether the server has the text of a new record. */
#define PROBLEM_MAYBE_CREATED "it is not known whether the server created the record"
#define PROBLEM_LEFT_ON_ITS_WAY "it was not saved yet, or on its way, when the mount ended"
/* Whether a reason is one of these: who creates the record again may have it twice. */
bool problem_leaves_creation_open(const char *reason);

/* Sets the message, made into one safe line; http_status and maybe_applied stay. Returns err. */
int problem_set(struct problem *problem, int err, const char *format, ...) printf_like(3, 4);
/* The name of an errno, "EIO"; err may be negative. Static. */
const char *problem_errno_name(int err);
/*
 * Copies text into out as one line: what utf8_is_unsafe becomes spaces, bad or cut UTF-8 is dropped.
 * What does not fit is cut between characters; out_size is at least 1.
 */
void problem_one_line(const char *text, size_t len, char *out, size_t out_size);

#endif
