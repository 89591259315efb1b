/*
 * One version of one record, as the server sent it: its own bytes, and what they make as a file.
 * Immutable, counted by reference, any thread (contract 3).
 */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "buf.h"
#include "json_check.h"
#include <stdatomic.h>
#include <time.h>

/* A save of more is EFBIG (contract 5). */
#define RECORD_MAX_BYTES ((size_t)16 << 20)

/*
 * The server may spell a record in escapes, three times as long as what was saved, and deep nesting
 * makes a file far longer than its text: what is more than this, as text or as file, is left out.
 */
#define RECORD_MAX_FILE_BYTES (4 * RECORD_MAX_BYTES)

static inline bool record_size_is_sane(size_t len, size_t rendered_size)
{
	return len <= RECORD_MAX_FILE_BYTES && rendered_size <= RECORD_MAX_FILE_BYTES;
}

struct record {
	atomic_uint refs;
	uint32_t mtime_nsec;
	int64_t mtime_sec;  /* `lm`, else `ao`; RECORD_NO_TIME where it has neither */
	uint32_t file_size; /* bytes of the rendered text */
	uint32_t len;	    /* bytes of text */
	char text[];	    /* compact or not, as it came; passed json_check */
};

#define RECORD_NO_TIME INT64_MIN

/* facts are json_check's. NULL: no memory. The caller has the one reference. */
struct record *record_create(
	const char *text, size_t len, const struct json_facts *facts) nodiscard;
/* Checks the text first. 0, -EBADMSG (no JSON object), -EFBIG, -ENOMEM. */
int record_parse(const char *text, size_t len, struct record **ret_record) nodiscard;
struct record *record_ref(struct record *record);
/* NULL is fine. */
void record_unref(struct record *record);
static inline void record_unref_cleanup(struct record **record)
{
	record_unref(*record);
}
#define auto_record cleanup(record_unref_cleanup)

/* The text, to walk and compare. Borrowed from the record. */
struct json_slice record_slice(const struct record *record);
/* Whether two versions are the same bytes. NULL is a version that is not there. */
bool record_same(const struct record *a, const struct record *b);
/* Appends the file's text: exactly file_size bytes. -ENOMEM, -EFBIG. */
int record_render(const struct record *record, struct buf *out) nodiscard;

/*
 * The id of any record text: a number's digits or a string's bytes. -ENOENT: it has none that can
 * be used (absent, empty, another type, over 128 bytes, a lone surrogate).
 */
int record_id(struct json_slice object, struct buf *ret_id) nodiscard;

#endif
