#include "fault.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdatomic.h>

enum { MAX_FAULTS = 10000 };

struct fault {
	struct fault *next;
	_Atomic unsigned refs;
	enum fault_kind kind;
	struct json_object *rule; /* read only once it stands on the board */
	int64_t times, skip;	  /* what is left of them; guarded by the board's lock */
	int64_t hits;
};

struct fault_board {
	pthread_mutex_t lock;
	struct fault *first, **end; /* guarded by the lock */
	size_t count;
	_Atomic uint64_t generation;
	_Atomic bool is_closed;
};

static const char *const kind_names[FAULT_KINDS] = {
	[FAULT_BODY] = "body",
	[FAULT_BODY_FILE] = "body_file",
	[FAULT_BOMB] = "bomb",
	[FAULT_DELAY] = "delay",
	[FAULT_FLOOD] = "flood",
	[FAULT_HANG] = "hang",
	[FAULT_HANG_AFTER] = "hang_after",
	[FAULT_LOST] = "lost",
	[FAULT_LOST_LATE] = "lost_late",
	[FAULT_NESTED] = "nested",
	[FAULT_PARTIAL] = "partial",
	[FAULT_REDIRECT] = "redirect",
	[FAULT_RESET] = "reset",
	[FAULT_RESET_AFTER] = "reset_after",
	[FAULT_STATUS] = "status",
	[FAULT_TRICKLE] = "trickle",
	[FAULT_TRUNCATE] = "truncate",
	[FAULT_TRUNCATE_CHUNKED] = "truncate_chunked",
	[FAULT_TRUNCATE_CLOSE] = "truncate_close",
};

/* What a rule may hold, so that a misspelt one does not pass for one that works. */
static const struct parameter {
	const char *key;
	enum json_type type;
} parameters[] = {
	{"body", json_type_string},
	{"bytes", json_type_int},
	{"content_type", json_type_string},
	{"depth", json_type_int},
	{"file", json_type_string},
	{"headers", json_type_object},
	{"kind", json_type_string},
	{"location", json_type_string},
	{"mb", json_type_int},
	{"method", json_type_string},
	{"ms", json_type_int},
	{"path", json_type_string},
	{"prefix", json_type_string},
	{"retry_after", json_type_string},
	{"retry_after", json_type_int},
	{"skip", json_type_int},
	{"status", json_type_int},
	{"times", json_type_int},
};

struct fault_board *fault_board_create(void)
{
	struct fault_board *board = calloc(1, sizeof *board);
	if (!board)
		return NULL;
	pthread_mutex_init(&board->lock, NULL);
	board->end = &board->first;
	return board;
}

void fault_unref(struct fault *fault)
{
	if (!fault || atomic_fetch_sub(&fault->refs, 1) > 1)
		return;
	json_object_put(fault->rule);
	free(fault);
}

static void drop_all(struct fault *fault)
{
	while (fault) {
		struct fault *next = fault->next;
		fault_unref(fault);
		fault = next;
	}
}

void fault_board_destroy(struct fault_board *board)
{
	if (!board)
		return;
	drop_all(board->first);
	pthread_mutex_destroy(&board->lock);
	free(board);
}

static bool is_parameter(const char *key, struct json_object *value)
{
	for (size_t i = 0; i < array_size(parameters); i++) {
		if (strcmp(key, parameters[i].key) == 0 &&
			(!value || json_object_is_type(value, parameters[i].type)))
			return true;
	}
	return false;
}

static int check_rule(struct json_object *rule, struct problem *problem)
{
	if (!json_object_is_type(rule, json_type_object))
		return problem_set(problem, -EINVAL, "a fault is a JSON object");
	struct json_object_iterator at = json_object_iter_begin(rule);
	struct json_object_iterator end = json_object_iter_end(rule);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *key = json_object_iter_peek_name(&at);
		if (!is_parameter(key, json_object_iter_peek_value(&at)))
			return problem_set(
				problem, -EINVAL, "a fault has no \"%s\" of this type", key);
	}
	return 0;
}

static int find_kind(struct json_object *rule, enum fault_kind *ret_kind, struct problem *problem)
{
	struct json_object *value = NULL;
	json_object_object_get_ex(rule, "kind", &value);
	const char *name = value ? json_object_get_string(value) : "";
	for (size_t i = 0; i < FAULT_KINDS; i++) {
		if (strcmp(name, kind_names[i]) == 0) {
			*ret_kind = (enum fault_kind)i;
			return 0;
		}
	}
	return problem_set(problem, -EINVAL, "there is no kind of fault \"%s\"", name);
}

static struct json_object *parse(struct span json)
{
	struct json_tokener *tokener = json_tokener_new();
	if (!tokener)
		return NULL;
	struct json_object *rule = json_tokener_parse_ex(tokener, json.data, (int)json.len);
	json_tokener_free(tokener);
	return rule;
}

int fault_board_add(struct fault_board *board, struct span json, struct problem *problem)
{
	enum fault_kind kind = FAULT_STATUS;
	struct json_object *rule = parse(json);
	int err = check_rule(rule, problem);
	if (err == 0)
		err = find_kind(rule, &kind, problem);
	struct fault *fault = err == 0 ? calloc(1, sizeof *fault) : NULL;
	if (!fault) {
		json_object_put(rule);
		return err < 0 ? err : -ENOMEM;
	}
	fault->refs = 1;
	fault->kind = kind;
	fault->rule = rule;
	fault->times = fault_number(fault, "times", 1);
	fault->skip = fault_number(fault, "skip", 0);

	pthread_mutex_lock(&board->lock);
	bool has_room = board->count < MAX_FAULTS;
	if (has_room) {
		*board->end = fault;
		board->end = &fault->next;
		board->count++;
	}
	pthread_mutex_unlock(&board->lock);
	if (has_room)
		return 0;
	fault_unref(fault);
	return problem_set(problem, -EINVAL, "there are %d faults already", MAX_FAULTS);
}

void fault_board_clear(struct fault_board *board)
{
	pthread_mutex_lock(&board->lock);
	struct fault *dropped = steal(board->first);
	board->end = &board->first;
	board->count = 0;
	board->generation++;
	pthread_mutex_unlock(&board->lock);
	drop_all(dropped);
}

void fault_board_close(struct fault_board *board)
{
	board->is_closed = true;
}

int fault_board_describe(struct fault_board *board, struct buf *out)
{
	int err = buf_add_str(out, "{\"faults\": [");
	pthread_mutex_lock(&board->lock);
	for (const struct fault *fault = board->first; fault && err == 0; fault = fault->next)
		err = buf_addf(out,
			"%s{\"kind\": \"%s\", \"times\": %" PRId64 ", \"hits\": %" PRId64 "}",
			fault == board->first ? "" : ", ", kind_names[fault->kind], fault->times,
			fault->hits);
	pthread_mutex_unlock(&board->lock);
	return err < 0 ? err : buf_add_str(out, "]}\n");
}

static bool matches(const struct fault *fault, const char *method, const char *path)
{
	struct span text;
	if (fault_text(fault, "method", &text) && strcmp(method, text.data) != 0)
		return false;
	if (fault_text(fault, "path", &text) && strcmp(path, text.data) != 0)
		return false;
	return !fault_text(fault, "prefix", &text) || strncmp(path, text.data, text.len) == 0;
}

struct fault *fault_board_match(struct fault_board *board, const char *method, const char *path)
{
	struct fault *found = NULL;
	pthread_mutex_lock(&board->lock);
	for (struct fault *fault = board->first; fault && !found; fault = fault->next) {
		if (fault->times == 0 || !matches(fault, method, path))
			continue;
		if (fault->skip > 0)
			fault->skip--;
		else
			found = fault;
	}
	if (found) {
		found->times -= found->times > 0;
		found->hits++;
		found->refs++;
	}
	pthread_mutex_unlock(&board->lock);
	return found;
}

uint64_t fault_board_generation(struct fault_board *board)
{
	return board->generation;
}

bool fault_board_is_closed(struct fault_board *board)
{
	return board->is_closed;
}

enum fault_kind fault_kind(const struct fault *fault)
{
	return fault->kind;
}

const char *fault_kind_name(enum fault_kind kind)
{
	return kind_names[kind];
}

int64_t fault_number(const struct fault *fault, const char *key, int64_t otherwise)
{
	struct json_object *value = NULL;
	json_object_object_get_ex(fault->rule, key, &value);
	return json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : otherwise;
}

bool fault_text(const struct fault *fault, const char *key, struct span *ret_text)
{
	struct json_object *value = NULL;
	json_object_object_get_ex(fault->rule, key, &value);
	if (!json_object_is_type(value, json_type_string))
		return false;
	*ret_text = (struct span){
		json_object_get_string(value), (size_t)json_object_get_string_len(value)};
	return true;
}

void fault_each_header(const struct fault *fault,
	void (*on_header)(void *arg, const char *name, const char *value), void *arg)
{
	struct json_object *headers = NULL;
	json_object_object_get_ex(fault->rule, "headers", &headers);
	if (!headers)
		return;
	struct json_object_iterator at = json_object_iter_begin(headers);
	struct json_object_iterator end = json_object_iter_end(headers);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		struct json_object *value = json_object_iter_peek_value(&at);
		if (json_object_is_type(value, json_type_string))
			on_header(arg, json_object_iter_peek_name(&at),
				json_object_get_string(value));
	}
}
