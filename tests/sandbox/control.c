#include "control.h"

#include "raw_json.h"
#include <stdio.h>

enum { MAX_TEXT = 1 << 30 };

struct call {
	const struct control *control;
	const struct request *request;
	struct answer *answer;
	const char *rest; /* of the path */
};

static struct span body_of(const struct call *call)
{
	return (struct span){call->request->body.data, call->request->body.len};
}

static void answer_made(struct call *call, int err, struct buf *text)
{
	if (err < 0)
		answer_error(call->answer, 500, "%s", strerror(-err));
	else
		answer_json(call->answer, 200, text);
}

static void add_fault(struct call *call)
{
	struct problem problem = {0};
	int err = fault_board_add(call->control->board, body_of(call), &problem);
	if (err < 0)
		answer_error(call->answer, 400, "%s", problem.message);
	else
		answer_ok(call->answer);
}

static void get_faults(struct call *call)
{
	auto_buf struct buf text = BUF_INIT(MAX_TEXT);
	answer_made(call, fault_board_describe(call->control->board, &text), &text);
}

static void clear_faults(struct call *call)
{
	fault_board_clear(call->control->board);
	answer_ok(call->answer);
}

static void get_log(struct call *call)
{
	auto_buf struct buf text = BUF_INIT(MAX_TEXT);
	answer_made(call, request_log_lines(call->control->log, &text), &text);
}

static void get_counts(struct call *call)
{
	auto_buf struct buf text = BUF_INIT(MAX_TEXT);
	answer_made(call, request_log_counts(call->control->log, &text), &text);
}

static void clear_log(struct call *call)
{
	request_log_clear(call->control->log);
	answer_ok(call->answer);
}

/* Reads <resource>[/<id>] from the rest of the path. */
static const struct endpoint *find_table(struct call *call, struct span *ret_id)
{
	const char *slash = strchrnul(call->rest, '/');
	struct span name = {call->rest, (size_t)(slash - call->rest)};
	const struct endpoint *endpoint = endpoint_find(name);
	if (!endpoint)
		answer_error(call->answer, 404, "no such resource");
	else
		*ret_id = span_of(*slash ? slash + 1 : "");
	return endpoint;
}

static bool is_object(struct span text)
{
	return raw_is_json(text) && *raw_trim(text).data == '{';
}

static void put_record(struct call *call)
{
	struct span id, text = body_of(call);
	const struct endpoint *endpoint = find_table(call, &id);
	if (!endpoint)
		return;
	if (id.len == 0 || !is_object(text))
		answer_error(call->answer, 400, "an id and a JSON object are needed");
	else if (store_put(call->control->store, endpoint, id, text) < 0)
		answer_error(call->answer, 500, "no memory");
	else
		answer_ok(call->answer);
}

static void get_record(struct call *call)
{
	struct span id;
	const struct endpoint *endpoint = find_table(call, &id);
	if (!endpoint)
		return;
	auto_record struct record *record = store_get(call->control->store, endpoint, id);
	if (!record) {
		answer_error(call->answer, 404, "no such record");
		return;
	}
	auto_buf struct buf text = BUF_INIT(record->len);
	answer_made(call, buf_add(&text, record->text, record->len), &text);
}

static void delete_record(struct call *call)
{
	struct span id;
	const struct endpoint *endpoint = find_table(call, &id);
	if (!endpoint)
		return;
	if (store_remove(call->control->store, endpoint, id) < 0)
		answer_error(call->answer, 404, "no such record");
	else
		answer_ok(call->answer);
}

static int add_line(struct call *call, const struct endpoint *endpoint, struct span line)
{
	struct span value;
	if (!is_object(line) || !raw_find(line, "id", &value))
		return -EINVAL;
	auto_buf struct buf id = BUF_INIT(4096);
	int err = raw_plain(value, &id);
	if (err < 0 || id.len == 0)
		return -EINVAL;
	return store_put(
		call->control->store, endpoint, (struct span){id.data, id.len}, raw_trim(line));
}

/* A record a line. */
static void add_records(struct call *call)
{
	struct span id, body = body_of(call);
	const struct endpoint *endpoint = find_table(call, &id);
	if (!endpoint)
		return;
	size_t number = 1;
	for (size_t at = 0; at < body.len; number++) {
		const char *end = memchr(body.data + at, '\n', body.len - at);
		size_t len = end ? (size_t)(end - body.data) - at : body.len - at;
		struct span line = raw_trim((struct span){body.data + at, len});
		at += len + 1;
		if (line.len > 0 && add_line(call, endpoint, line) < 0) {
			answer_error(call->answer, 400, "line %zu is no record with an id", number);
			return;
		}
	}
	answer_ok(call->answer);
}

static const struct route {
	const char *method, *path;
	bool is_prefix;
	void (*act)(struct call *call);
} routes[] = {
	{"DELETE", "fault", false, clear_faults},
	{"DELETE", "log", false, clear_log},
	{"DELETE", "record/", true, delete_record},
	{"GET", "count", false, get_counts},
	{"GET", "fault", false, get_faults},
	{"GET", "log", false, get_log},
	{"GET", "record/", true, get_record},
	{"POST", "fault", false, add_fault},
	{"POST", "record/", true, add_records},
	{"PUT", "record/", true, put_record},
};

void control_answer(
	const struct control *control, const struct request *request, struct answer *ret_answer)
{
	const char *path = request->path + strlen(CONTROL_PREFIX);
	for (size_t i = 0; i < array_size(routes); i++) {
		const struct route *route = &routes[i];
		size_t len = strlen(route->path);
		if (strcmp(request->method, route->method) != 0 ||
			strncmp(path, route->path, len) != 0 ||
			(!route->is_prefix && path[len] != '\0'))
			continue;
		struct call call = {control, request, ret_answer, path + len};
		route->act(&call);
		return;
	}
	answer_error(ret_answer, 404, "there is no such control; see tests/sandbox/README.md");
}
