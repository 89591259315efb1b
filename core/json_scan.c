#include "json_scan.h"

#include "json_text.h"
#include "utf8.h"

/* A step's outcome besides those of enum json_scan_result. */
enum { GO_ON = JSON_SCAN_WRONG + 1 };

/* Where in a number: behind its minus, its leading zero, in its whole digits, behind its point...
 */
enum number { NO_NUMBER, MINUS, ZERO, WHOLE, POINT, FRACTION, EXPONENT, SIGN, POWER };

/* Where a character takes a number; NO_NUMBER: it does not belong to it. */
static const unsigned char next_number[][6] = {
	/*             0         1 to 9    -      +     .      e or E */
	[NO_NUMBER] = {ZERO, WHOLE, MINUS, 0, 0, 0},
	[MINUS] = {ZERO, WHOLE, 0, 0, 0, 0},
	[ZERO] = {0, 0, 0, 0, POINT, EXPONENT},
	[WHOLE] = {WHOLE, WHOLE, 0, 0, POINT, EXPONENT},
	[POINT] = {FRACTION, FRACTION, 0, 0, 0, 0},
	[FRACTION] = {FRACTION, FRACTION, 0, 0, 0, EXPONENT},
	[EXPONENT] = {POWER, POWER, SIGN, SIGN, 0, 0},
	[SIGN] = {POWER, POWER, 0, 0, 0, 0},
	[POWER] = {POWER, POWER, 0, 0, 0, 0},
};

static int number_column(char c)
{
	switch (c) {
	case '0':
		return 0;
	case '-':
		return 2;
	case '+':
		return 3;
	case '.':
		return 4;
	case 'e':
	case 'E':
		return 5;
	default:
		return c >= '1' && c <= '9' ? 1 : -1;
	}
}

static bool number_may_end(unsigned char number)
{
	return number == ZERO || number == WHOLE || number == FRACTION || number == POWER;
}

void json_scan_init(struct json_scan *scan)
{
	scan->state = JSON_MAY_VALUE;
	scan->number = NO_NUMBER;
	scan->depth = 0;
	scan->rendered_size = 0;
	scan->start = NULL;
	scan->brief.is_all = true;
	scan->brief.count = 0;
}

bool json_scan_may_end(const struct json_scan *scan)
{
	return scan->depth == 0 && scan->state == JSON_IN_NUMBER && number_may_end(scan->number);
}

void json_scan_facts(const struct json_scan *scan, char first, struct json_facts *ret_facts)
{
	bool is_number = first == '-' || (first >= '0' && first <= '9');
	ret_facts->brief = scan->brief;
	ret_facts->rendered_size = scan->rendered_size + 1;
	ret_facts->first = is_number ? '0' : first;
}

static int end_value(struct json_scan *scan)
{
	scan->state = scan->depth ? JSON_MAY_COMMA | JSON_MAY_CLOSE : JSON_COMPLETE;
	return scan->depth ? GO_ON : JSON_SCAN_DONE;
}

/* Reads on in a number, to the first character behind it. */
static int read_number(struct json_scan *scan, const char **at, const char *end)
{
	for (; *at < end; ++*at) {
		int column = number_column(**at);
		unsigned char next = column < 0 ? NO_NUMBER : next_number[scan->number][column];
		if (next == NO_NUMBER)
			return number_may_end(scan->number) ? end_value(scan) : JSON_SCAN_WRONG;
		scan->number = next;
	}
	return JSON_SCAN_MORE;
}

/* Reads what is not plain within a string. Control characters have no place there. */
static int read_odd_character(struct json_scan *scan, const char **at, const char *end)
{
	uint32_t c = (unsigned char)**at;
	bool is_ascii = c < 0x80;
	int len = c == 0x7f ? 1 : -1;
	if (!is_ascii)
		len = utf8_length(*at, end);
	else if (c == '\\')
		len = json_escape_read(*at, end, &c);
	if (len <= 0)
		return len == 0 ? JSON_SCAN_MORE : JSON_SCAN_WRONG;

	char spelt[6];
	size_t size = is_ascii ? json_spell(c, spelt) : 0;
	if (size > 0)
		scan->rendered_size += size - (size_t)len;
	*at += len;
	return GO_ON;
}

/* Past the one space that most often stands behind a colon or a comma. */
static void skip_one_space(struct json_scan *scan, const char **at, const char *end)
{
	if (*at < end && **at == ' ') {
		++*at;
		scan->rendered_size--;
	}
}

static int read_colon(struct json_scan *scan, const char **at, const char *end)
{
	if (scan->state != JSON_MAY_COLON)
		return JSON_SCAN_WRONG;
	scan->state = JSON_MAY_VALUE;
	scan->rendered_size++;
	++*at;
	skip_one_space(scan, at, end);
	return GO_ON;
}

/* Notes a name that ends at its quote, if it is one of two letters in the outermost object. */
static void note_brief(struct json_scan *scan, const char *first, const char *quote)
{
	struct json_brief *brief = &scan->brief;
	if (scan->depth != 1 || quote - first != 2 || !brief->is_all)
		return;
	ptrdiff_t at = first - 1 - scan->start;
	brief->is_all = brief->count < JSON_MAX_BRIEF && at <= UINT32_MAX;
	if (brief->is_all)
		brief->at[brief->count++] = (uint32_t)at;
}

/* Reads on in a string, to behind its last quote. */
static int read_string(struct json_scan *scan, const char **at, const char *end)
{
	const char *first = *at;
	for (;;) {
		*at = json_skip_plain(*at, end);
		if (*at == end)
			return JSON_SCAN_MORE;
		if (**at == '"')
			break;
		/* It may spell any name. */
		if (scan->state == JSON_IN_KEY && **at == '\\')
			scan->brief.is_all = false;
		int step = read_odd_character(scan, at, end);
		if (step != GO_ON)
			return step;
	}
	const char *quote = *at;
	++*at;
	if (scan->state != JSON_IN_KEY)
		return end_value(scan);
	note_brief(scan, first, quote);
	scan->state = JSON_MAY_COLON;
	return *at < end && **at == ':' ? read_colon(scan, at, end) : GO_ON;
}

/* Begins a string; which one, the state knows. */
static int open_string(struct json_scan *scan, const char **at)
{
	if (!(scan->state & (JSON_MAY_KEY | JSON_MAY_VALUE)))
		return JSON_SCAN_WRONG;
	scan->state = scan->state & JSON_MAY_KEY ? JSON_IN_KEY : JSON_IN_STRING;
	++*at;
	return GO_ON;
}

static int open_number(struct json_scan *scan, const char **at)
{
	int column = number_column(**at);
	unsigned char number = column < 0 ? NO_NUMBER : next_number[NO_NUMBER][column];
	if (!(scan->state & JSON_MAY_VALUE) || number == NO_NUMBER)
		return JSON_SCAN_WRONG;
	scan->state = JSON_IN_NUMBER;
	scan->number = number;
	++*at;
	return GO_ON;
}

static int read_word(struct json_scan *scan, const char **at, const char *end)
{
	const char *word = **at == 't' ? "true" : **at == 'f' ? "false" : "null";
	size_t len = strlen(word), here = min_size(len, (size_t)(end - *at));
	if (!(scan->state & JSON_MAY_VALUE) || memcmp(*at, word, here) != 0)
		return JSON_SCAN_WRONG;
	if (here < len)
		return JSON_SCAN_MORE;
	*at += len;
	return end_value(scan);
}

/*
 * What the layout adds within a container that is not empty: a line begins in front of its first
 * element, and another, indented less, in front of its end.
 */
static size_t lines_size(unsigned depth)
{
	return (1 + 2 * (size_t)depth) + (1 + 2 * (size_t)(depth - 1));
}

static int open_container(struct json_scan *scan, const char **at)
{
	if (!(scan->state & JSON_MAY_VALUE) || scan->depth == JSON_MAX_DEPTH)
		return JSON_SCAN_WRONG;
	bool is_object = **at == '{';
	uint64_t *bits = &scan->is_object[scan->depth / 64];
	uint64_t bit = (uint64_t)1 << (scan->depth % 64);
	*bits = is_object ? *bits | bit : *bits & ~bit;
	scan->depth++;
	scan->rendered_size += lines_size(scan->depth);
	scan->state = JSON_MAY_CLOSE | (is_object ? JSON_MAY_KEY : JSON_MAY_VALUE);
	++*at;
	return GO_ON;
}

static int close_container(struct json_scan *scan, const char **at)
{
	bool is_object = **at == '}';
	if (!(scan->state & JSON_MAY_CLOSE) || json_scan_in_object(scan) != is_object)
		return JSON_SCAN_WRONG;
	bool is_empty = !(scan->state & JSON_MAY_COMMA);
	if (is_empty)
		scan->rendered_size -= lines_size(scan->depth);
	scan->depth--;
	++*at;
	return end_value(scan);
}

static int read_comma(struct json_scan *scan, const char **at, const char *end)
{
	if (!(scan->state & JSON_MAY_COMMA))
		return JSON_SCAN_WRONG;
	scan->state = json_scan_in_object(scan) ? JSON_MAY_KEY : JSON_MAY_VALUE;
	scan->rendered_size += 1 + 2 * (size_t)scan->depth;
	++*at;
	skip_one_space(scan, at, end);
	return GO_ON;
}

static int skip_space(struct json_scan *scan, const char **at, const char *end)
{
	const char *start = *at;
	*at = json_skip_space(start + 1, end);
	scan->rendered_size -= (size_t)(*at - start);
	return GO_ON;
}

/* Reads white space, the next token, or the start of one. */
static int read_token(struct json_scan *scan, const char **at, const char *end)
{
	if (*at == end)
		return JSON_SCAN_MORE;
	switch (**at) {
	case ' ':
	case '\t':
	case '\n':
	case '\r':
		return skip_space(scan, at, end);
	case '"':
		return open_string(scan, at);
	case ':':
		return read_colon(scan, at, end);
	case ',':
		return read_comma(scan, at, end);
	case '{':
	case '[':
		return open_container(scan, at);
	case '}':
	case ']':
		return close_container(scan, at);
	case 't':
	case 'f':
	case 'n':
		return read_word(scan, at, end);
	default:
		return open_number(scan, at);
	}
}

enum json_scan_result json_scan_run(struct json_scan *scan, const char **at, const char *end)
{
	const char *start = *at, *here = start;
	int step;
	if (!scan->start)
		scan->start = start;
	else
		scan->brief.is_all = false;
	do {
		if (scan->state & (JSON_IN_KEY | JSON_IN_STRING))
			step = read_string(scan, &here, end);
		else if (scan->state & JSON_IN_NUMBER)
			step = read_number(scan, &here, end);
		else
			step = read_token(scan, &here, end);
	} while (step == GO_ON);
	/* The steps have counted what the layout changes. */
	scan->rendered_size += (size_t)(here - start);
	*at = here;
	return (enum json_scan_result)step;
}
