/*
 * Any answer, fed at once and in pieces: the same elements, the same envelope, the same error. And
 * a split that ends well is one of valid JSON. The first byte chooses the pieces.
 */
#include "fuzz.h"

#include "json_split.h"

#define MAX_ELEMENT ((size_t)1000)

static int note_element(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	struct buf *elements = arg;
	struct json_facts found;
	if (!text)
		return buf_add_str(elements, "too long\n");
	promise(len <= MAX_ELEMENT);
	promise(json_check(text, len, &found, NULL) == 0);
	promise(found.rendered_size == facts->rendered_size);
	promise(found.first == facts->first);
	promise(buf_add(elements, text, len) == 0);
	return buf_add_char(elements, '\n');
}

/* Feeds copies of the pieces, which are gone at once. Returns feed's error, else finish's. */
static int feed(struct json_split *split, const char *answer, size_t len, size_t piece_bytes)
{
	int err = 0;
	for (size_t at = 0; err == 0 && at < len; at += piece_bytes) {
		size_t here = min_size(piece_bytes, len - at);
		auto_free char *piece = malloc(here);
		promise(piece);
		memcpy(piece, answer + at, here);
		err = json_split_feed(split, piece, here);
	}
	int finish = json_split_finish(split);
	return err < 0 ? err : finish;
}

static bool same_envelope(const struct json_envelope *a, const struct json_envelope *b)
{
	return a->is_object == b->is_object && a->has_content == b->has_content &&
	       a->content_is_odd == b->content_is_odd && a->elements == b->elements &&
	       strcmp(a->status, b->status) == 0 && strcmp(a->error, b->error) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	const char *answer = (const char *)data + 1;
	size_t len = size - 1, piece_bytes = 1 + data[0] % 64;
	auto_buf struct buf whole_elements = BUF_INIT(64 << 20);
	auto_buf struct buf elements = BUF_INIT(64 << 20);
	struct json_split *whole = json_split_create(MAX_ELEMENT, note_element, &whole_elements);
	struct json_split *pieces = json_split_create(MAX_ELEMENT, note_element, &elements);
	promise(whole && pieces);

	int err = feed(whole, answer, len, len);
	promise(feed(pieces, answer, len, piece_bytes) == err);
	promise(same_envelope(json_split_envelope(whole), json_split_envelope(pieces)));
	promise(same_bytes(whole_elements.data, whole_elements.len, elements.data, elements.len));

	/* A byte order mark is not JSON, and an element's depth does not count the envelope's. */
	bool has_mark = len >= 3 && memcmp(answer, "\xef\xbb\xbf", 3) == 0;
	struct json_problem problem;
	if (err == 0 && !has_mark && json_check(answer, len, NULL, &problem) < 0)
		promise(strncmp(problem.what, "more than", 9) == 0);

	json_split_destroy(whole);
	json_split_destroy(pieces);
	return 0;
}
