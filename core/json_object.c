#include "json_object.h"

#include "json_text.h"
#include "utf8.h"

static struct json_slice slice_between(const char *start, const char *end)
{
	return (struct json_slice){start, (size_t)(end - start)};
}

static struct json_slice trim(struct json_slice text)
{
	if (text.len == 0)
		return text;
	const char *end = text.data + text.len, *at = json_skip_space(text.data, end);
	while (end > at && json_is(end[-1], JSON_SPACE))
		end--;
	return slice_between(at, end);
}

static char first_of(struct json_slice value)
{
	return value.len > 0 ? value.data[0] : '\0';
}

static const char *skip_string(const char *at, const char *end)
{
	const char *behind = json_skip_string(at, end);
	return behind ? behind : end;
}

static const char *skip_container(const char *at, const char *end)
{
	size_t depth = 0;
	while (at < end) {
		switch (*at) {
		case '"':
			at = skip_string(at, end);
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (--depth == 0)
				return at + 1;
			break;
		}
		at++;
	}
	return end;
}

static const char *skip_value(const char *at, const char *end)
{
	if (at == end)
		return end;
	switch (*at) {
	case '"':
		return skip_string(at, end);
	case '{':
	case '[':
		return skip_container(at, end);
	default:
		return json_skip(at, end, JSON_SCALAR);
	}
}

void json_walk_init(struct json_walk *walk, struct json_slice container)
{
	struct json_slice text = trim(container);
	*walk = (struct json_walk){0};
	if (first_of(text) == '{' || first_of(text) == '[')
		*walk = (struct json_walk){.at = text.data + 1, .end = text.data + text.len};
}

bool json_walk_next(struct json_walk *walk, struct json_member *ret_member)
{
	const char *at = walk->at, *end = walk->end;
	while (at < end && (*at == ',' || json_is(*at, JSON_SPACE)))
		at++;
	if (at == end || *at == '}' || *at == ']')
		return false;

	struct json_member member = {0};
	const char *behind = skip_value(at, end), *next = json_skip_space(behind, end);
	if (next < end && *next == ':') {
		member.key = slice_between(at, behind);
		at = json_skip_space(next + 1, end);
		behind = skip_value(at, end);
	}
	member.value = slice_between(at, behind);
	walk->at = behind;
	*ret_member = member;
	return true;
}

bool json_key_spells(struct json_slice key, const char *name)
{
	size_t name_len = strlen(name);
	if (first_of(key) != '"' || !memchr(key.data, '\\', key.len))
		return false;
	const char *at = key.data + 1, *end = key.data + key.len - 1;
	while (at < end) {
		char utf8[4];
		size_t len = utf8_write(json_next_char(&at, end), utf8);
		if (len > name_len || memcmp(name, utf8, len) != 0)
			return false;
		name += len;
		name_len -= len;
	}
	return name_len == 0;
}

bool json_get(struct json_slice object, const char *name, struct json_slice *ret_value)
{
	struct json_walk walk;
	struct json_member member;
	json_walk_init(&walk, object);
	/* In an array no key is any name. */
	while (json_walk_next(&walk, &member)) {
		if (json_key_is(member.key, name)) {
			*ret_value = member.value;
			return true;
		}
	}
	return false;
}

bool json_get_brief(struct json_slice object, const struct json_brief *brief, const char *name,
	struct json_slice *ret_value)
{
	const char *end = object.data + object.len;
	if (!brief->is_all)
		return json_get(object, name, ret_value);
	for (size_t i = 0; i < brief->count; i++) {
		const char *key = object.data + brief->at[i];
		if (key[1] != name[0] || key[2] != name[1])
			continue;
		const char *colon = json_skip_space(key + strlen("\"id\""), end);
		const char *at = json_skip_space(colon + 1, end);
		*ret_value = slice_between(at, skip_value(at, end));
		return true;
	}
	return false;
}

static int compare_members(const void *left, const void *right)
{
	const struct json_member *a = left, *b = right;
	int order = json_string_compare(a->key, b->key);
	return order ? order : (a->value.data > b->value.data) - (a->value.data < b->value.data);
}

int json_index_init(struct json_index *index, struct json_slice object)
{
	cleanup(json_index_release) struct json_index built = {0};
	size_t capacity = 0;
	struct json_walk walk;
	struct json_member member;
	json_walk_init(&walk, object);
	while (json_walk_next(&walk, &member)) {
		if (built.count == capacity) {
			capacity = capacity ? 2 * capacity : 16;
			void *items = reallocarray(built.items, capacity, sizeof(member));
			if (!items)
				return -ENOMEM;
			built.items = items;
		}
		built.items[built.count++] = member;
	}
	if (built.count > 0)
		qsort(built.items, built.count, sizeof(member), compare_members);
	*index = built;
	built.items = NULL;
	return 0;
}

void json_index_release(struct json_index *index)
{
	free(index->items);
	*index = (struct json_index){0};
}

const struct json_member *json_index_find(const struct json_index *index, struct json_slice key)
{
	size_t low = 0, high = index->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (json_string_compare(index->items[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == index->count || json_string_compare(index->items[low].key, key) != 0)
		return NULL;
	return &index->items[low];
}

static bool is_string(struct json_slice text)
{
	return text.len >= 2 && text.data[0] == '"' && text.data[text.len - 1] == '"';
}

static int decode_string(struct json_slice string, bool lone_too, struct buf *out)
{
	if (!is_string(string))
		return -EINVAL;
	size_t before = out->len;
	const char *at = string.data + 1, *end = string.data + string.len - 1;
	int err = 0;
	while (err == 0 && at < end) {
		const char *start = at, *escape = memchr(at, '\\', (size_t)(end - at));
		char utf8[4];
		if (escape != start) {
			at = escape ? escape : end;
			err = buf_add(out, start, (size_t)(at - start));
			continue;
		}
		uint32_t c = json_next_char(&at, end);
		if (!json_is_surrogate(c))
			err = buf_add(out, utf8, utf8_write(c, utf8));
		else
			err = lone_too ? buf_add(out, start, (size_t)(at - start)) : -EILSEQ;
	}
	return json_undo(out, before, err);
}

int json_string_decode(struct json_slice string, struct buf *out)
{
	return decode_string(string, false, out);
}

int json_string_show(struct json_slice string, struct buf *out)
{
	return decode_string(string, true, out);
}

int json_string_encode(const char *text, size_t len, struct buf *out)
{
	size_t before = out->len;
	const char *at = text, *end = text + len;
	int err = buf_add_char(out, '"');
	while (err == 0 && at < end) {
		const char *start = at;
		at = json_skip_plain(at, end);
		err = buf_add(out, start, (size_t)(at - start));
		if (err < 0 || at == end)
			break;
		unsigned char c = (unsigned char)*at;
		int bytes = utf8_length(at, end);
		char spelt[6];
		if (c < 0x80)
			err = buf_add(out, spelt, json_spell(c, spelt));
		else if (bytes > 0)
			err = buf_add(out, at, (size_t)bytes);
		else
			err = buf_add_str(out, "\xef\xbf\xbd");
		at += bytes > 0 ? bytes : 1;
	}
	if (err == 0)
		err = buf_add_char(out, '"');
	return json_undo(out, before, err);
}

/* ---- numbers ---- */

/* Digits of an exponent that are read; a longer one makes a number equal to its own spelling alone. */
#define MAX_EXPONENT_DIGITS 15

/* A number as 0.ddd times ten to a power. */
struct decimal {
	bool is_negative;
	const char *digits, *end; /* from the first that is not 0; the point may stand among them */
	int64_t power;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_number(struct json_slice value)
{
	return first_of(value) == '-' || is_digit(first_of(value));
}

/* What stands behind the e, or nothing. False: too many digits. */
static bool read_exponent(const char *at, const char *end, int64_t *ret_exponent)
{
	bool is_negative = at < end && *at == '-';
	int64_t exponent = 0;
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	while (at < end && *at == '0')
		at++;
	if (end - at > MAX_EXPONENT_DIGITS)
		return false;
	for (; at < end; at++)
		exponent = exponent * 10 + (*at - '0');
	*ret_exponent = is_negative ? -exponent : exponent;
	return true;
}

static bool read_decimal(struct json_slice number, struct decimal *ret_decimal)
{
	const char *at = number.data, *end = at + number.len;
	struct decimal decimal = {.is_negative = *at == '-'};
	at += decimal.is_negative;
	const char *digits = at, *point = NULL;
	while (at < end && *at != 'e' && *at != 'E') {
		if (*at == '.')
			point = at;
		at++;
	}
	decimal.end = at;
	if (!point)
		point = at;
	while (digits < at && (*digits == '0' || *digits == '.'))
		digits++;
	decimal.digits = digits;
	if (digits == at) {
		*ret_decimal = (struct decimal){.digits = at, .end = at};
		return true;
	}
	if (!read_exponent(at < end ? at + 1 : at, end, &decimal.power))
		return false;
	/* Behind the point the zeros that were skipped count, but not the point itself. */
	decimal.power += digits < point ? point - digits : point + 1 - digits;
	*ret_decimal = decimal;
	return true;
}

static char next_digit(const char **at, const char *end)
{
	if (*at < end && **at == '.')
		++*at;
	return *at < end ? *(*at)++ : '0';
}

/* Exact, whatever the length: as decimals, and nothing is rounded. */
static bool equal_numbers(struct json_slice a, struct json_slice b)
{
	struct decimal ours, theirs;
	if (!read_decimal(a, &ours) || !read_decimal(b, &theirs) ||
		ours.is_negative != theirs.is_negative || ours.power != theirs.power)
		return false;
	const char *at = ours.digits, *other = theirs.digits;
	while (at < ours.end || other < theirs.end) {
		if (next_digit(&at, ours.end) != next_digit(&other, theirs.end))
			return false;
	}
	return true;
}

/* ---- values ---- */

static int equal_arrays(struct json_slice a, struct json_slice b, bool *ret_equal)
{
	struct json_walk a_walk, b_walk;
	struct json_member a_member, b_member;
	json_walk_init(&a_walk, a);
	json_walk_init(&b_walk, b);
	for (;;) {
		bool a_more = json_walk_next(&a_walk, &a_member);
		bool b_more = json_walk_next(&b_walk, &b_member), equal = a_more == b_more;
		int err = 0;
		if (a_more && b_more)
			err = json_equal(a_member.value, b_member.value, &equal);
		if (err < 0)
			return err;
		if (!equal || !a_more) {
			*ret_equal = equal;
			return 0;
		}
	}
}

static int equal_objects(struct json_slice a, struct json_slice b, bool *ret_equal)
{
	cleanup(json_index_release) struct json_index a_index = {0}, b_index = {0};
	int err = json_index_init(&a_index, a);
	if (err == 0)
		err = json_index_init(&b_index, b);
	bool equal = a_index.count == b_index.count;
	for (size_t i = 0; err == 0 && equal && i < a_index.count; i++) {
		const struct json_member *ours = &a_index.items[i], *theirs = &b_index.items[i];
		equal = json_string_compare(ours->key, theirs->key) == 0;
		if (equal)
			err = json_equal(ours->value, theirs->value, &equal);
	}
	if (err == 0)
		*ret_equal = equal;
	return err;
}

/* Recursion is as deep as the text, at most JSON_MAX_DEPTH. */
int json_equal(struct json_slice a, struct json_slice b, bool *ret_equal)
{
	a = trim(a);
	b = trim(b);
	char first = first_of(a);
	if (a.len == b.len && memcmp(a.data, b.data, a.len) == 0) {
		*ret_equal = true;
	} else if (is_number(a) && is_number(b)) {
		*ret_equal = equal_numbers(a, b);
	} else if (first != first_of(b)) {
		*ret_equal = false;
	} else if (first == '{') {
		return equal_objects(a, b, ret_equal);
	} else if (first == '[') {
		return equal_arrays(a, b, ret_equal);
	} else {
		*ret_equal = first == '"' && json_string_compare(a, b) == 0;
	}
	return 0;
}
