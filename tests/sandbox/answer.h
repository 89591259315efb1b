/* What goes back for one request. One thread at a time. */
#ifndef SANDBOX_ANSWER_H
#define SANDBOX_ANSWER_H

#include "source.h"

enum { ANSWER_HEADERS = 16 };

struct answer_header {
	char *name, *value; /* owned */
};

struct answer {
	unsigned status;
	struct source *body; /* owned; NULL: none */
	struct answer_header headers[ANSWER_HEADERS];
	size_t header_count;
	bool is_undelimited; /* the end of the connection is the end of the body */
	bool hides_size;     /* chunked, although the size is known */
};

#define ANSWER_INIT ((struct answer){0})

/* Makes it an empty one again. */
void answer_release(struct answer *answer);
#define auto_answer cleanup(answer_release)

/* Takes the body over. Replaces what the answer was; NULL becomes a 500. */
void answer_body(
	struct answer *answer, unsigned status, const char *content_type, struct source *body);
/* JSON from text, which is empty afterwards. */
void answer_json(struct answer *answer, unsigned status, struct buf *text);
/* {"status": "ERROR", "error": "..."} */
void answer_error(struct answer *answer, unsigned status, const char *format, ...)
	printf_like(3, 4);
/* {"status": "OK"} */
void answer_ok(struct answer *answer);
/* {"status": "OK", "content": [record]} */
void answer_record(struct answer *answer, struct span record);
/* Adds one header; beyond ANSWER_HEADERS it is dropped. */
void answer_header(struct answer *answer, const char *name, const char *format, ...)
	printf_like(3, 4);

#endif
