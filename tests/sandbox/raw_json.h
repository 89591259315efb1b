/*
 * JSON as text: checked, walked and edited in place, so that numbers keep every digit and
 * properties their order. Nothing is ever parsed into values.
 *
 * Only raw_is_json looks at untrusted text; everything else wants text that it accepted.
 * Pure functions; any thread.
 */
#ifndef SANDBOX_RAW_JSON_H
#define SANDBOX_RAW_JSON_H

#include "buf.h"
#include "span.h"

/* One whole JSON value (RFC 8259, UTF-8), with blanks around it, at most 1000 deep. */
bool raw_is_json(struct span text);
/* Without the blanks around it. */
struct span raw_trim(struct span text);

struct property {
	struct span key; /* with its quotes */
	struct span value;
};

struct raw_walk {
	const char *at, *end;
};

/* The properties of an object, or the elements of an array (their key is empty). */
struct raw_walk raw_walk(struct span container);
bool raw_next(struct raw_walk *walk, struct property *ret_property);
/* The last property of that name, as JSON parsers take it. False: there is none. */
bool raw_find(struct span object, const char *name, struct span *ret_value);

/* Whether a JSON string (with its quotes) says the same as another one, or as plain text. */
bool raw_string_equal(struct span a, struct span b);
bool raw_string_is(struct span string, const char *text);

/* Adds what a JSON string means, as UTF-8; of any other value its text. -EINVAL: not UTF-8. */
int raw_plain(struct span value, struct buf *out) nodiscard;

/*
 * Sets one property of the object in text: in its place, or at the end when it is new. Results of
 * all these as in buf.h; *ret_changed tells whether the text is another one now.
 */
int raw_set(struct buf *text, struct property property, bool *ret_changed) nodiscard;
/* Adds bytes as a JSON string; what is not UTF-8 becomes U+FFFD. */
int raw_put_string(struct buf *out, struct span bytes) nodiscard;
/* Adds JSON text with \uXXXX for all that is not ASCII. */
int raw_put_ascii(struct buf *out, struct span json) nodiscard;

#endif
