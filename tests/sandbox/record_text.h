/*
 * What a POST and a PUT make of the text that was sent. It has been checked before. Results as in
 * buf.h; any thread.
 */
#ifndef SANDBOX_RECORD_TEXT_H
#define SANDBOX_RECORD_TEXT_H

#include "endpoint.h"
#include "raw_json.h"

/* {"id": 4} */
int record_text_id(const struct endpoint *endpoint, const char *id, struct buf *ret_text) nodiscard;
/* What was sent, between the properties that the server sets. ascii: \uXXXX for all the rest. */
int record_text_make(const struct endpoint *endpoint, const char *id, struct span sent, bool ascii,
	struct buf *ret_text) nodiscard;
/*
 * Lays what was sent over the record: ret_text is the whole, ret_changed an object of what differs
 * from before, with the new lm ("{}": nothing differs).
 */
int record_text_merge(struct span old, struct span sent, bool ascii, struct buf *ret_text,
	struct buf *ret_changed) nodiscard;

#endif
