#include "json_split.h"

#include "buf.h"
#include "json_object.h"
#include "json_scan.h"
#include "json_text.h"
#include "problem.h"

/* A name or a value of the envelope, content aside. */
#define MAX_PROPERTY_BYTES ((size_t)64 << 10)
/* Of a piece, what is added at once to a value that began in an earlier one. */
#define STEP_BYTES ((size_t)4 << 10)
/* White space in a row around the values; a server could send it without end. */
#define MAX_SPACE_BYTES ((size_t)64 << 10)
/* More than the scan ever leaves unread of a character, an escape or a word. */
#define SCAN_REST_BYTES 16

static const char byte_order_mark[] = "\xef\xbb\xbf";
#define MARK_BYTES 3

/* What comes next in the envelope, white space aside. */
enum state {
	START,	    /* a byte order mark or { */
	FIRST_KEY,  /* a name or } */
	KEY,	    /* a name */
	COLON,	    /* : */
	VALUE,	    /* a value, or [ if it is content's */
	NEXT,	    /* , or } */
	FIRST_ITEM, /* an element of content or ] */
	ITEM,	    /* an element of content */
	NEXT_ITEM,  /* , or ] */
	END,	    /* nothing */
};

enum property { OTHER, STATUS, ERROR, CONTENT };

struct json_split {
	size_t max_element_bytes;
	json_split_element_fn on_element;
	json_split_known_fn known; /* NULL: nothing is */
	void *arg;

	enum state state;
	unsigned mark_bytes;	/* seen of the byte order mark; MARK_BYTES: none may come */
	enum property property; /* whose value it is */
	bool had_content;
	size_t space_bytes; /* in a row, up to now */
	int failure;	    /* 0, or what feed returned */
	struct json_envelope envelope;

	/* A name, value or element under way. */
	bool in_value, is_too_long; /* too long: what was scanned of it is let go */
	struct json_scan scan;
	struct buf held; /* its bytes from earlier pieces */
	size_t scanned;	 /* of them by scan */
};

struct json_split *json_split_create(
	size_t max_element_bytes, json_split_element_fn on_element, void *arg)
{
	struct json_split *split = calloc(1, sizeof(*split));
	if (!split)
		return NULL;
	split->max_element_bytes = max_element_bytes;
	split->on_element = on_element;
	split->arg = arg;
	/* One byte more, to see that a number has ended. */
	size_t max =
		max_element_bytes > MAX_PROPERTY_BYTES ? max_element_bytes : MAX_PROPERTY_BYTES;
	buf_init(&split->held, max + 1);
	return split;
}

void json_split_destroy(struct json_split *split)
{
	if (!split)
		return;
	buf_release(&split->held);
	free(split);
}

void json_split_set_known(struct json_split *split, json_split_known_fn known)
{
	split->known = known;
}

void json_split_reset(struct json_split *split)
{
	split->state = START;
	split->mark_bytes = 0;
	split->property = OTHER;
	split->had_content = false;
	split->space_bytes = 0;
	split->failure = 0;
	split->envelope = (struct json_envelope){0};
	split->in_value = false;
	buf_clear(&split->held);
}

/* A property's value for a person: a string's own words, else the JSON; null is nothing. */
static int copy_words(struct json_slice value, char *out, size_t out_size)
{
	auto_buf struct buf decoded = BUF_INIT(MAX_PROPERTY_BYTES);
	int err = json_string_decode(value, &decoded);
	if (err == 0)
		problem_one_line(decoded.data, decoded.len, out, out_size);
	else if (err == -EILSEQ)
		problem_one_line(value.data + 1, value.len - 2, out, out_size);
	else if (err == -EINVAL && value.data[0] != 'n')
		problem_one_line(value.data, value.len, out, out_size);
	return err == -ENOMEM ? err : 0;
}

static int take_key(struct json_split *split, struct json_slice key)
{
	split->property = json_key_is(key, "content")  ? CONTENT
			  : json_key_is(key, "status") ? STATUS
			  : json_key_is(key, "error")  ? ERROR
						       : OTHER;
	split->state = COLON;
	if (split->property != CONTENT)
		return 0;
	int err = split->had_content ? -EBADMSG : 0;
	split->had_content = true;
	return err;
}

static int take_property(struct json_split *split, struct json_slice value)
{
	struct json_envelope *envelope = &split->envelope;
	split->state = NEXT;
	switch (split->property) {
	case STATUS:
		return copy_words(value, envelope->status, sizeof(envelope->status));
	case ERROR:
		return copy_words(value, envelope->error, sizeof(envelope->error));
	case CONTENT:
		envelope->content_is_odd = true;
		return 0;
	default:
		return 0;
	}
}

static int take_element(struct json_split *split, struct json_slice element)
{
	split->state = NEXT_ITEM;
	split->envelope.elements++;
	if (split->is_too_long)
		return split->on_element(split->arg, NULL, 0, NULL);
	struct json_facts facts;
	json_scan_facts(&split->scan, element.data[0], &facts);
	return split->on_element(split->arg, element.data, element.len, &facts);
}

static size_t max_value_bytes(const struct json_split *split)
{
	return split->state == ITEM ? split->max_element_bytes : MAX_PROPERTY_BYTES;
}

static int take_value(struct json_split *split, struct json_slice value)
{
	split->in_value = false;
	split->is_too_long |= value.len > max_value_bytes(split);
	if (split->is_too_long && split->state != ITEM)
		return -EFBIG;
	switch (split->state) {
	case KEY:
		return take_key(split, value);
	case ITEM:
		return take_element(split, value);
	default:
		return take_property(split, value);
	}
}

/* Of an element that is too long nothing is held but what the scan has to see again. */
static int skip_value(struct json_split *split, const char *at, const char *end)
{
	char rest[SCAN_REST_BYTES];
	size_t len = (size_t)(end - at);
	if (split->state != ITEM || len > sizeof rest)
		return -EFBIG;
	memcpy(rest, at, len);
	buf_clear(&split->held);
	split->is_too_long = true;
	split->scanned = 0;
	return buf_add(&split->held, rest, len);
}

/* Reads a value that begins in this piece; holds it if it does not end here. */
static int read_new_value(struct json_split *split, const char **data, const char *end)
{
	size_t window = min_size((size_t)(end - *data), max_value_bytes(split) + 1);
	const char *start = *data, *at = start;
	switch (json_scan_run(&split->scan, &at, start + window)) {
	case JSON_SCAN_DONE:
		*data = at;
		return take_value(split, (struct json_slice){start, (size_t)(at - start)});
	case JSON_SCAN_WRONG:
		return -EBADMSG;
	default:
		*data += window;
		split->scanned = (size_t)(at - start);
		if (window > max_value_bytes(split) || split->is_too_long)
			return skip_value(split, at, *data);
		return buf_add(&split->held, start, window);
	}
}

/* Reads on in a value that began in an earlier piece. */
static int read_held_value(struct json_split *split, const char **data, const char *end)
{
	struct buf *held = &split->held;
	size_t room = split->is_too_long ? STEP_BYTES : max_value_bytes(split) + 1 - held->len;
	size_t step = min_size(min_size((size_t)(end - *data), STEP_BYTES), room);
	int err = buf_add(held, *data, step);
	if (err < 0)
		return err;

	const char *at = held->data + split->scanned, *stop = held->data + held->len;
	switch (json_scan_run(&split->scan, &at, stop)) {
	case JSON_SCAN_DONE:
		*data += step - (size_t)(stop - at);
		err = take_value(split, (struct json_slice){held->data, (size_t)(at - held->data)});
		buf_clear(held);
		return err;
	case JSON_SCAN_WRONG:
		return -EBADMSG;
	default:
		*data += step;
		split->scanned = (size_t)(at - held->data);
		if (held->len > max_value_bytes(split) || split->is_too_long)
			return skip_value(split, at, stop);
		return 0;
	}
}

static int start_value(struct json_split *split, enum state state)
{
	split->state = state;
	split->in_value = true;
	split->is_too_long = false;
	json_scan_init(&split->scan);
	return 0;
}

/* An element that is known ends here at once. */
static int start_item(struct json_split *split, const char **data, const char *end)
{
	size_t known = split->known && **data == '{'
			       ? split->known(split->arg, *data, (size_t)(end - *data))
			       : 0;
	if (known == 0)
		return start_value(split, ITEM);
	*data += known;
	split->envelope.elements++;
	split->state = NEXT_ITEM;
	return 0;
}

/* Reads a byte in front of the envelope, or the bracket that opens it. */
static int read_start(struct json_split *split, char c)
{
	unsigned *seen = &split->mark_bytes;
	if (*seen < MARK_BYTES && c == byte_order_mark[*seen]) {
		++*seen;
		return 0;
	}
	bool is_cut_mark = *seen > 0 && *seen < MARK_BYTES;
	if (is_cut_mark || c != '{')
		return -EBADMSG;
	*seen = MARK_BYTES;
	split->state = FIRST_KEY;
	split->envelope.is_object = true;
	return 0;
}

/* Reads a byte that no value begins with. */
static int read_punctuation(struct json_split *split, char c)
{
	static const struct {
		enum state from;
		char c;
		enum state to;
	} steps[] = {
		{FIRST_KEY, '}', END},
		{COLON, ':', VALUE},
		{NEXT, ',', KEY},
		{NEXT, '}', END},
		{FIRST_ITEM, ']', NEXT},
		{NEXT_ITEM, ',', ITEM},
		{NEXT_ITEM, ']', NEXT},
	};
	for (size_t i = 0; i < array_size(steps); i++) {
		if (split->state == steps[i].from && c == steps[i].c) {
			split->state = steps[i].to;
			return 0;
		}
	}
	return -EBADMSG;
}

/* Reads what stands around the values: one byte, none where a value begins, or all that is known. */
static int read_envelope(struct json_split *split, const char **data, const char *end)
{
	char c = **data;
	if (split->state == START) {
		++*data;
		return read_start(split, c);
	}
	if ((split->state == FIRST_KEY || split->state == KEY) && c == '"')
		return start_value(split, KEY);
	if (split->state == VALUE && split->property == CONTENT && c == '[') {
		++*data;
		split->state = FIRST_ITEM;
		split->envelope.has_content = true;
		return 0;
	}
	if (split->state == VALUE)
		return start_value(split, VALUE);
	if (split->state == ITEM || (split->state == FIRST_ITEM && c != ']'))
		return start_item(split, data, end);
	++*data;
	return read_punctuation(split, c);
}

static int read_space(struct json_split *split, const char **data, const char *end)
{
	const char *begin = *data;
	*data = json_skip_space(begin, end);
	if (*data > begin)
		split->mark_bytes = MARK_BYTES;
	size_t in_a_row = split->space_bytes + (size_t)(*data - begin);
	split->space_bytes = *data < end ? 0 : in_a_row;
	return in_a_row > MAX_SPACE_BYTES ? -EBADMSG : 0;
}

/* Between the values, and before and after all of them. */
static int read_between(struct json_split *split, const char **data, const char *end)
{
	bool is_in_mark = split->mark_bytes > 0 && split->mark_bytes < MARK_BYTES;
	int err = is_in_mark ? 0 : read_space(split, data, end);
	return err < 0 || *data == end ? err : read_envelope(split, data, end);
}

int json_split_feed(struct json_split *split, const char *data, size_t len)
{
	const char *end = data + len;
	int err = split->failure;
	while (err == 0 && data < end) {
		if (split->in_value && split->held.len > 0)
			err = read_held_value(split, &data, end);
		else if (split->in_value)
			err = read_new_value(split, &data, end);
		else
			err = read_between(split, &data, end);
	}
	split->failure = err;
	return err;
}

int json_split_finish(struct json_split *split)
{
	return split->failure == 0 && split->state == END ? 0 : -EBADMSG;
}

const struct json_envelope *json_split_envelope(const struct json_split *split)
{
	return &split->envelope;
}
