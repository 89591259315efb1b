/*
 * The grammar of JSON, for the json_* files alone: reads one value, in pieces if need be, checks it
 * and adds up how long it will be when rendered. No allocation, no recursion, and every byte is
 * looked at once, however small the pieces are.
 */
#ifndef CORE_JSON_SCAN_H
#define CORE_JSON_SCAN_H

#include "json_check.h"

/* What may stand at the next byte. */
enum json_scan_state {
	/* Between tokens: a set of these. */
	JSON_MAY_VALUE = 1,
	JSON_MAY_KEY = 2,
	JSON_MAY_COLON = 4,
	JSON_MAY_COMMA = 8,
	JSON_MAY_CLOSE = 16,
	/* Within a token: one of these. */
	JSON_IN_KEY = 32,
	JSON_IN_STRING = 64,
	JSON_IN_NUMBER = 128,
	JSON_IN_TOKEN = JSON_IN_KEY | JSON_IN_STRING | JSON_IN_NUMBER,
	/* Behind the value. */
	JSON_COMPLETE = 256,
};

struct json_scan {
	unsigned state;	      /* enum json_scan_state */
	unsigned char number; /* how far the number is that is being read */
	unsigned depth;
	size_t rendered_size;			 /* so far, without the last newline */
	const char *start;			 /* of the first run; NULL: that is to come */
	struct json_brief brief;		 /* so far */
	uint64_t is_object[JSON_MAX_DEPTH / 64]; /* a bit for each depth from 0 */
};

void json_scan_init(struct json_scan *scan);

enum json_scan_result {
	JSON_SCAN_DONE,	 /* *at is behind the value */
	JSON_SCAN_MORE,	 /* all is well up to *at; go on there, with at least one byte more */
	JSON_SCAN_WRONG, /* no byte behind *at can make it right */
};
/*
 * Reads from *at to end, white space in front included. After MORE, a few bytes of a character, an
 * escape or a word may be left between *at and end: they have to be there again.
 */
enum json_scan_result json_scan_run(struct json_scan *scan, const char **at, const char *end);

/* After MORE: whether the text may end here. Only a number needs another byte to be DONE. */
bool json_scan_may_end(const struct json_scan *scan);

/* Of a value that was read, whose first byte is first. */
void json_scan_facts(const struct json_scan *scan, char first, struct json_facts *ret_facts);

static inline bool json_scan_in_object(const struct json_scan *scan)
{
	unsigned top = scan->depth - 1;
	return scan->depth > 0 && (scan->is_object[top / 64] >> (top % 64) & 1);
}

#endif
