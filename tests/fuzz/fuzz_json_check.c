/*
 * Any bytes: json_check tells whether they are JSON. If they are, json_render writes exactly the
 * size that was promised, rendering again changes nothing, and json_compact loses only white space.
 */
#include "fuzz.h"

#include "json_object.h"
#include "json_render.h"

/* Deep nesting makes a layout hundreds of times as long as its text. */
#define MAX_RENDERED ((size_t)4 << 20)

static char *render(const char *text, size_t len, size_t *ret_size)
{
	struct json_facts facts;
	promise(json_check(text, len, &facts, NULL) == 0);
	char *out = malloc(facts.rendered_size);
	promise(out);
	*ret_size = json_render(text, len, out);
	promise(*ret_size == facts.rendered_size);
	promise(facts.first == '0' || facts.first == out[0]);
	return out;
}

static void check_problem(const struct json_problem *problem, size_t size)
{
	promise(problem->offset <= size);
	promise(problem->line >= 1 && problem->column >= 1);
	promise(problem->what && problem->what[0] != '\0');
}

/* Whatever the way, the same property is found. */
static void check_brief(struct json_slice text, const struct json_facts *facts)
{
	static const char *const names[] = {"id", "lm", "aa"};
	for (size_t i = 0; i < array_size(names); i++) {
		struct json_slice quick = {0}, walked = {0};
		bool is_there = json_get(text, names[i], &walked);
		promise(json_get_brief(text, &facts->brief, names[i], &quick) == is_there);
		promise(quick.data == walked.data && quick.len == walked.len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct json_facts facts;
	struct json_problem problem;
	if (json_check(text, size, &facts, &problem) < 0) {
		check_problem(&problem, size);
		return 0;
	}
	check_brief((struct json_slice){text, size}, &facts);
	if (facts.rendered_size > MAX_RENDERED)
		return 0;

	size_t once_size, twice_size, back_size;
	auto_free char *once = render(text, size, &once_size);
	auto_free char *twice = render(once, once_size, &twice_size);
	promise(same_bytes(once, once_size, twice, twice_size));

	auto_buf struct buf compact = BUF_INIT(MAX_RENDERED);
	auto_buf struct buf again = BUF_INIT(MAX_RENDERED);
	promise(json_compact(text, size, &compact) == 0);
	promise(json_compact(once, once_size, &again) == 0);
	promise(same_bytes(compact.data, compact.len, again.data, again.len));
	auto_free char *back = render(compact.data, compact.len, &back_size);
	promise(same_bytes(once, once_size, back, back_size));

	bool equal = false;
	struct json_slice a = {text, size}, b = {once, once_size};
	promise(json_equal(a, b, &equal) == 0 && equal);
	return 0;
}
