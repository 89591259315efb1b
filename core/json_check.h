/*
 * Is this JSON, and what would it look like as a file? One pass, no allocation, no recursion.
 *
 * Serves contract 3 (text, size) and 5 (what is refused). Pure functions: any thread.
 */
#ifndef CORE_JSON_CHECK_H
#define CORE_JSON_CHECK_H

#include "base.h"

/* Arrays and objects inside each other, at most; deeper text is refused. */
#define JSON_MAX_DEPTH 512

/* Bytes of somebody else's text; borrowed. */
struct json_slice {
	const char *data;
	size_t len;
};

/* More of them than any resource has. */
#define JSON_MAX_BRIEF 16

/*
 * Where an object's own names of two letters stand, for who looks for one of them in each of a
 * million records (json_get_brief).
 */
struct json_brief {
	bool is_all; /* none is left out, as some are in a text that was read in pieces */
	unsigned char count;
	uint32_t at[JSON_MAX_BRIEF]; /* of their first quotes, from the start of the text */
};

struct json_facts {
	struct json_brief brief;
	/* Bytes that json_render writes, its last newline included. Indented, text as deep as it
	 * may be grows five hundredfold: mind this before allocating. */
	size_t rendered_size;
	char first; /* '{', '[', '"', 't', 'f', 'n', or '0' for a number */
};

/* What is wrong, and where a person finds it. */
struct json_problem {
	size_t offset;
	unsigned line, column; /* from 1; column counts characters */
	const char *what;      /* static: "a property name appears twice" */
};

/*
 * Checks that text is exactly one JSON value by RFC 8259, white space around it allowed: valid
 * UTF-8, no raw control characters in strings, numbers by the grammar (no NaN, no "1.", no "01"),
 * lone surrogate escapes allowed, depth at most JSON_MAX_DEPTH. Duplicate keys are not looked for.
 * 0 or -EBADMSG. Both results may be NULL.
 */
int json_check(const char *text, size_t len, struct json_facts *ret_facts,
	struct json_problem *ret_problem) nodiscard;

/*
 * The stricter check for what a person saved: json_check, and the value is an object, and no object
 * at any depth names a property twice (names compared as decoded). A byte order mark is refused.
 * *ret_incomplete tells that the text only ended too early ("{"a": 1", or nothing but white space),
 * so that a later write may complete it. 0, -EBADMSG, -ENOMEM.
 */
int json_check_user(const char *text, size_t len, struct json_problem *ret_problem,
	bool *ret_incomplete) nodiscard;

#endif
