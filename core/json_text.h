/*
 * The letters of JSON text: white space, string characters, escapes, and how a character is spelt
 * in a file. For the json_* files, and label, pointer and export_line, which read strings by the
 * character.
 * Pure; any thread.
 */
#ifndef CORE_JSON_TEXT_H
#define CORE_JSON_TEXT_H

#include "buf.h"
#include "json_check.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	JSON_SPACE = 1,	 /* between tokens */
	JSON_SCALAR = 2, /* in a number or a word */
	JSON_PLAIN = 4,	 /* in a string, for itself: ASCII that needs no look */
	JSON_COPIED = 8, /* in a checked string: rendered as it stands */
};
/* What each byte may be. */
extern const unsigned char json_letters[256];

static inline bool json_is(char c, unsigned kind)
{
	return json_letters[(unsigned char)c] & kind;
}

static inline const char *json_skip(const char *at, const char *end, unsigned kind)
{
	while (at < end && json_is(*at, kind))
		at++;
	return at;
}

static inline const char *json_skip_space(const char *at, const char *end)
{
	return json_skip(at, end, JSON_SPACE);
}

/* Past the JSON_PLAIN characters of a string. */
static inline const char *json_skip_plain(const char *at, const char *end)
{
#ifdef __SSE2__
	/* Odd characters come in rows: these need no look at sixteen. */
	if (at < end && !json_is(*at, JSON_PLAIN))
		return at;
	for (; end - at >= 16; at += 16) {
		__m128i text = _mm_loadu_si128((const __m128i *)at);
		/* One more than DEL is the least signed byte: below '!' are then DEL, non-ASCII
		 * and control characters. */
		__m128i odd = _mm_cmplt_epi8(
			_mm_add_epi8(text, _mm_set1_epi8(1)), _mm_set1_epi8(' ' + 1));
		__m128i quote = _mm_cmpeq_epi8(text, _mm_set1_epi8('"'));
		__m128i backslash = _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'));
		int stop = _mm_movemask_epi8(_mm_or_si128(odd, _mm_or_si128(quote, backslash)));
		if (stop)
			return at + __builtin_ctz((unsigned)stop);
	}
#endif
	return json_skip(at, end, JSON_PLAIN);
}

/* Past the JSON_COPIED characters of a checked string: to its end, an escape, or DEL. */
static inline const char *json_skip_copied(const char *at, const char *end)
{
#ifdef __SSE2__
	/* Odd characters come in rows: these need no look at sixteen. */
	if (at < end && !json_is(*at, JSON_COPIED))
		return at;
	for (; end - at >= 16; at += 16) {
		__m128i text = _mm_loadu_si128((const __m128i *)at);
		__m128i quote = _mm_cmpeq_epi8(text, _mm_set1_epi8('"'));
		__m128i backslash = _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'));
		__m128i del = _mm_cmpeq_epi8(text, _mm_set1_epi8(0x7f));
		int stop = _mm_movemask_epi8(_mm_or_si128(del, _mm_or_si128(quote, backslash)));
		if (stop)
			return at + __builtin_ctz((unsigned)stop);
	}
#endif
	return json_skip(at, end, JSON_COPIED);
}

/* From a string's first quote to behind its last one. NULL: that is missing. */
const char *json_skip_string(const char *at, const char *end);

/*
 * Reads the escape whose backslash is at `at`. Returns its bytes, 12 for a surrogate pair; 0 when
 * the end cuts it (a pair may still become of it); -1 when it is none. A lone surrogate is its own
 * character.
 */
int json_escape_read(const char *at, const char *end, uint32_t *ret_char);

static inline bool json_is_surrogate(uint32_t c)
{
	return c >= 0xd800 && c <= 0xdfff;
}

/* Writes c as it stands in a rendered string, 1 to 6 bytes. 0: its escape stays as it is. */
size_t json_spell(uint32_t c, char out[6]);

/* Reads one character of a checked string; end is at the quote that closes it. */
uint32_t json_next_char(const char **at, const char *end);

/* Orders quoted strings by their characters, escapes decoded; equal strings give 0. */
int json_string_compare(struct json_slice a, struct json_slice b);

/* For functions that append all or nothing: cuts out back to len when err tells a failure. */
static inline int json_undo(struct buf *out, size_t len, int err)
{
	return err < 0 && buf_resize(out, len) < 0 ? -ENOMEM : err;
}

#endif
