#include "json_check.h"

#include "json_scan.h"
#include "json_text.h"

#define QUOTED(x) #x
#define DIGITS(x) QUOTED(x)

static const char byte_order_mark[] = "\xef\xbb\xbf";
static const char too_deep[] =
	"more than " DIGITS(JSON_MAX_DEPTH) " objects and lists in each other";
static const char odd_number[] = "this is not how JSON writes a number";

static bool is_letter(char c)
{
	c |= 'a' - 'A';
	return c >= 'a' && c <= 'z';
}

static bool starts_with(const char *at, const char *end, const char *word)
{
	size_t len = strlen(word);
	return (size_t)(end - at) >= len && memcmp(at, word, len) == 0;
}

/* What people write where a value has to be. */
static const char *explain_value(const char *at, const char *end)
{
	static const struct {
		const char *start, *what;
	} mistakes[] = {
		{"NaN", "NaN is not JSON"},
		{"Infinity", "Infinity is not JSON"},
		{"-Infinity", "Infinity is not JSON"},
		{"True", "true is written in small letters"},
		{"False", "false is written in small letters"},
		{"None", "None is not JSON, null is"},
		{"undefined", "undefined is not JSON, null is"},
		{"'", "a string needs double quotes"},
		{"\xe2\x80\x9c", "a string needs straight double quotes"},
		{"/", "JSON has no comments"},
		{"#", "JSON has no comments"},
		{"+", "a number starts with a digit or a minus"},
		{".", "a number starts with a digit or a minus"},
		{byte_order_mark, "a byte order mark stands in front"},
		{",", "a value is missing"},
		{"}", "a value is missing"},
		{"]", "a value is missing"},
	};
	for (size_t i = 0; i < array_size(mistakes); i++) {
		if (starts_with(at, end, mistakes[i].start))
			return mistakes[i].what;
	}
	return is_letter(*at) ? "a string needs double quotes" : "this is not a value";
}

static const char *explain_string(char c)
{
	if (c == '\\')
		return "an escape that JSON does not have";
	if (c == '\n')
		return "a string's last quote is missing, or its line break is not written as \\n";
	if ((unsigned char)c < ' ')
		return "a control character in a string is not escaped";
	return "this is not UTF-8";
}

/* A number was read up to `at`, but whoever wrote it meant it to go on: 01, 1.2.3, 0x10. */
static bool continues_number(const char *start, const char *at)
{
	return at > start && at[-1] >= '0' && at[-1] <= '9' && json_is(*at, JSON_SCALAR);
}

/* What the scan found wrong at `at`. */
static const char *explain(
	const struct json_scan *scan, const char *start, const char *at, const char *end)
{
	bool in_object = json_scan_in_object(scan);
	if (scan->state & (JSON_IN_KEY | JSON_IN_STRING))
		return explain_string(*at);
	if (scan->state & JSON_IN_NUMBER)
		return starts_with(at - 1, end, "-Infinity") ? "Infinity is not JSON" : odd_number;
	if (*at == '/' || *at == '#')
		return "JSON has no comments";
	if (scan->state & JSON_MAY_KEY) {
		if (*at == '}')
			return "a comma stands in front of }";
		return is_letter(*at) || *at == '\'' ? "a property name needs double quotes"
						     : "a property name is missing";
	}
	if (scan->state & JSON_MAY_COLON)
		return "a colon is missing";
	if (scan->state & JSON_MAY_VALUE) {
		if ((*at == '{' || *at == '[') && scan->depth == JSON_MAX_DEPTH)
			return too_deep;
		if (*at == ']' && !in_object && scan->depth > 0)
			return "a comma stands in front of ]";
		return explain_value(at, end);
	}
	if (continues_number(start, at))
		return odd_number;
	return in_object ? "a comma or } is missing" : "a comma or ] is missing";
}

static const char *explain_rest(const char *text, const char *rest)
{
	const char *first = json_skip_space(text, rest);
	if (continues_number(text, rest))
		return odd_number;
	if (*first == '{')
		return "text after the end of the object";
	return *first == '[' ? "text after the end of the list" : "text after the end of the value";
}

/* Tells the person's editor where: lines end in a newline, and columns count characters. */
static void set_problem(
	struct json_problem *problem, const char *text, size_t offset, const char *what)
{
	*problem = (struct json_problem){.offset = offset, .line = 1, .column = 1, .what = what};
	for (size_t i = 0; i < offset; i++) {
		bool continues_character = ((unsigned char)text[i] & 0xc0) == 0x80;
		if (text[i] == '\n') {
			problem->line++;
			problem->column = 1;
		} else if (!continues_character) {
			problem->column++;
		}
	}
}

/* Reads one value and the white space around it, and explains if that is not all there is. */
static enum json_scan_result read_text(
	const char *text, size_t len, struct json_scan *scan, struct json_problem *problem)
{
	const char *at = text, *end = text + len;
	json_scan_init(scan);
	enum json_scan_result result = json_scan_run(scan, &at, end);
	if (result == JSON_SCAN_MORE) {
		if (json_scan_may_end(scan))
			return JSON_SCAN_DONE;
		bool is_empty = scan->state == JSON_MAY_VALUE && scan->depth == 0 && at == end;
		set_problem(problem, text, len,
			is_empty ? "there is no text" : "the text ends too early");
	} else if (result == JSON_SCAN_WRONG) {
		set_problem(problem, text, (size_t)(at - text), explain(scan, text, at, end));
	} else if ((at = json_skip_space(at, end)) < end) {
		set_problem(problem, text, (size_t)(at - text), explain_rest(text, at));
		return JSON_SCAN_WRONG;
	}
	return result;
}

int json_check(const char *text, size_t len, struct json_facts *ret_facts,
	struct json_problem *ret_problem)
{
	struct json_scan scan;
	struct json_problem problem;
	if (read_text(text, len, &scan, &problem) != JSON_SCAN_DONE) {
		if (ret_problem)
			*ret_problem = problem;
		return -EBADMSG;
	}
	if (ret_facts)
		json_scan_facts(&scan, *json_skip_space(text, text + len), ret_facts);
	return 0;
}

/* A property name, and which of the text's objects has it. */
struct name {
	size_t object;
	struct json_slice key;
};

struct names {
	struct name *items;
	size_t count, capacity;
};

static void names_release(struct names *names)
{
	free(names->items);
}

static int names_add(struct names *names, size_t object, struct json_slice key)
{
	if (names->count == names->capacity) {
		size_t capacity = names->capacity ? 2 * names->capacity : 64;
		struct name *items = reallocarray(names->items, capacity, sizeof(*items));
		if (!items)
			return -ENOMEM;
		names->items = items;
		names->capacity = capacity;
	}
	names->items[names->count++] = (struct name){.object = object, .key = key};
	return 0;
}

/* By object, then by name, then by place. */
static int compare_names(const void *left, const void *right)
{
	const struct name *a = left, *b = right;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	int order = json_string_compare(a->key, b->key);
	return order ? order : (a->key.data > b->key.data) - (a->key.data < b->key.data);
}

/* Gathers all names of a text that is well formed as far as it goes. */
static int collect_names(const char *at, const char *end, struct names *names)
{
	size_t objects = 0, open[JSON_MAX_DEPTH + 1] = {0}; /* numbers of objects; 0: an array */
	unsigned depth = 0;
	bool is_key = false;
	for (const char *next; at < end; at = next) {
		next = at + 1;
		switch (*at) {
		case '{':
		case '[':
			is_key = *at == '{';
			open[++depth] = is_key ? ++objects : 0;
			break;
		case '}':
		case ']':
			depth--;
			break;
		case ',':
			is_key = open[depth] > 0;
			break;
		case ':':
			is_key = false;
			break;
		case '"':
			next = json_skip_string(at, end);
			if (!next)
				return 0;
			struct json_slice key = {at, (size_t)(next - at)};
			int err = is_key ? names_add(names, open[depth], key) : 0;
			if (err < 0)
				return err;
			break;
		}
	}
	return 0;
}

/* The first name that its object had before; NULL data: there is none. */
static int find_duplicate(const char *text, const char *end, struct json_slice *ret_key)
{
	cleanup(names_release) struct names names = {0};
	int err = collect_names(text, end, &names);
	if (err < 0)
		return err;
	if (names.count > 0)
		qsort(names.items, names.count, sizeof(*names.items), compare_names);

	struct json_slice first = {0};
	for (size_t i = 1; i < names.count; i++) {
		const struct name *before = &names.items[i - 1], *name = &names.items[i];
		bool is_earlier = !first.data || name->key.data < first.data;
		if (name->object == before->object && is_earlier &&
			json_string_compare(name->key, before->key) == 0)
			first = name->key;
	}
	*ret_key = first;
	return 0;
}

/* Fills in the problem, if there is one. Returns what read_text returned, or -ENOMEM. */
static int check_user(const char *text, size_t len, struct json_problem *problem)
{
	const char *end = text + len, *start = json_skip_space(text, end);
	if (starts_with(text, end, byte_order_mark)) {
		set_problem(problem, text, 0, "a byte order mark stands in front");
		return JSON_SCAN_WRONG;
	}
	if (start < end && *start != '{') {
		set_problem(problem, text, (size_t)(start - text),
			"the text is not an object, it has to start with {");
		return JSON_SCAN_WRONG;
	}

	struct json_scan scan;
	struct json_slice key;
	enum json_scan_result result = read_text(text, len, &scan, problem);
	if (result == JSON_SCAN_WRONG)
		return result;
	int err = find_duplicate(text, end, &key);
	if (err < 0)
		return err;
	if (!key.data)
		return (int)result;
	set_problem(problem, text, (size_t)(key.data - text), "a property name appears twice");
	return JSON_SCAN_WRONG;
}

int json_check_user(
	const char *text, size_t len, struct json_problem *ret_problem, bool *ret_incomplete)
{
	struct json_problem problem;
	int result = check_user(text, len, &problem);
	if (result < 0 || result == JSON_SCAN_DONE)
		return result < 0 ? result : 0;
	if (ret_problem)
		*ret_problem = problem;
	if (ret_incomplete)
		*ret_incomplete = result == JSON_SCAN_MORE;
	return -EBADMSG;
}
