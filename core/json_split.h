/*
 * Takes the server's answer apart while it arrives: {"status": "OK", "content": [record, ...]}.
 *
 * Feed it the body in pieces of any size. Every element of content is handed out as soon as its
 * last byte came, so that a collection never stands in memory twice. Nothing that was handed out
 * counts before json_split_finish says that the whole answer was well formed (contract 4: a
 * listing is replaced only by a complete answer).
 *
 * One thread at a time. Memory: the longest element, at most max_element_bytes, and a little.
 */
#ifndef CORE_JSON_SPLIT_H
#define CORE_JSON_SPLIT_H

#include "json_check.h"

/*
 * One element: its bytes, checked as json_check does and without white space around them, and what
 * that found, both borrowed for the call. text and facts NULL: an element that was longer than max_element_bytes, and is left out. A negative errno
 * stops the split and is what feed returns, then and from then on.
 */
typedef int (*json_split_element_fn)(
	void *arg, const char *text, size_t len, const struct json_facts *facts);

/*
 * A short cut past an element that is known: how many of the len bytes at text, which begins with
 * '{', are a whole object that was checked before, 0 if none are. Such an element is counted, and
 * not handed out.
 */
typedef size_t (*json_split_known_fn)(void *arg, const char *text, size_t len);

struct json_split;

/* NULL: no memory. */
struct json_split *json_split_create(
	size_t max_element_bytes, json_split_element_fn on_element, void *arg);
void json_split_destroy(struct json_split *split);
/* Before the first feed; with on_element's arg. */
void json_split_set_known(struct json_split *split, json_split_known_fn known);
/* Forgets everything fed so far and starts a new answer; keeps its memory. */
void json_split_reset(struct json_split *split);

/*
 * 0; -EBADMSG: not JSON, no object, too deep, two contents, or over 64 KiB of white space between
 * values; -EFBIG: a property
 * other than content, or its name, over 64 KiB; -ENOMEM; or on_element's. Pieces make no difference.
 */
int json_split_feed(struct json_split *split, const char *data, size_t len) nodiscard;
/* After the last byte: 0 when the envelope is one complete JSON object, else -EBADMSG. */
int json_split_finish(struct json_split *split) nodiscard;

/* What was seen. Valid after finish returned 0, and of use after it failed too. */
struct json_envelope {
	bool is_object;	     /* the answer was a JSON object */
	bool has_content;    /* and had "content", which was an array */
	bool content_is_odd; /* "content" was there and was no array */
	size_t elements;     /* those that were too long or known included */
	char status[16];     /* "OK", "ERROR", cut to fit; "" when there was none */
	char error[300];     /* the server's words, cut to fit, decoded; "" when there were none */
};
/* Borrowed until the next feed, reset or destroy. */
const struct json_envelope *json_split_envelope(const struct json_split *split);

#endif
