#include "mischief.h"

#include "bad_source.h"
#include <inttypes.h>

#define HEAD "{\"status\": \"OK\", \"content\": ["
#define TAIL "]}"

static int carry_out(const struct scene *scene)
{
	api_answer(scene->api, scene->request, 0, scene->answer);
	return 0;
}

static void add_header(void *arg, const char *name, const char *value)
{
	answer_header(arg, name, "%s", value);
}

/* What the rule says about the headers of an answer. */
static void add_headers(const struct scene *scene)
{
	struct span text;
	int64_t seconds = fault_number(scene->fault, "retry_after", -1);
	if (seconds >= 0)
		answer_header(scene->answer, "Retry-After", "%" PRId64, seconds);
	else if (fault_text(scene->fault, "retry_after", &text))
		answer_header(scene->answer, "Retry-After", "%s", text.data);
	fault_each_header(scene->fault, add_header, scene->answer);
}

/* Answers with the rule's "body". */
static void answer_with_text(const struct scene *scene, unsigned status, struct span body)
{
	struct span type;
	auto_buf struct buf text = BUF_INIT(body.len);
	if (buf_add(&text, body.data, body.len) < 0)
		buf_clear(&text);
	bool has_type = fault_text(scene->fault, "content_type", &type);
	answer_body(scene->answer, status, has_type ? type.data : "application/json",
		source_text(&text));
}

static int play_body(const struct scene *scene)
{
	struct span body = SPAN("");
	fault_text(scene->fault, "body", &body);
	answer_with_text(scene, (unsigned)fault_number(scene->fault, "status", 200), body);
	add_headers(scene);
	return 0;
}

static int play_body_file(const struct scene *scene)
{
	struct span file = SPAN(""), type = SPAN("application/json");
	fault_text(scene->fault, "file", &file);
	fault_text(scene->fault, "content_type", &type);
	answer_body(scene->answer, (unsigned)fault_number(scene->fault, "status", 200), type.data,
		source_file(file.data));
	add_headers(scene);
	return 0;
}

static int play_status(const struct scene *scene)
{
	struct span body;
	unsigned status = (unsigned)fault_number(scene->fault, "status", 500);
	if (fault_text(scene->fault, "body", &body))
		answer_with_text(scene, status, body);
	else
		answer_error(scene->answer, status, "A failure that a test asked for");
	add_headers(scene);
	return 0;
}

static int play_redirect(const struct scene *scene)
{
	struct span location = SPAN("/");
	fault_text(scene->fault, "location", &location);
	answer_with_text(
		scene, (unsigned)fault_number(scene->fault, "status", 302), SPAN("moved\n"));
	answer_header(scene->answer, "Location", "%s", location.data);
	add_headers(scene);
	return 0;
}

/* Carried out also when the client has given up: servers do. */
static int play_delay(const struct scene *scene)
{
	int err = wire_wait_alone(&scene->wire, fault_number(scene->fault, "ms", 1000));
	return err < 0 ? err : carry_out(scene);
}

static int play_hang(const struct scene *scene)
{
	int err = wire_wait(&scene->wire, -1);
	return err < 0 ? err : carry_out(scene);
}

static int play_reset(const struct scene *scene)
{
	wire_reset(&scene->wire);
	return -ECONNRESET;
}

static int play_lost(const struct scene *scene)
{
	carry_out(scene);
	wire_reset(&scene->wire);
	return -ECONNRESET;
}

static int play_lost_late(const struct scene *scene)
{
	wire_reset(&scene->wire);
	if (wire_wait_alone(&scene->wire, fault_number(scene->fault, "ms", 1000)) == 0)
		carry_out(scene);
	return -ECONNRESET;
}

static int play_partial(const struct scene *scene)
{
	api_answer(scene->api, scene->request, API_PARTIAL, scene->answer);
	return 0;
}

/* How much of the true answer is to arrive: "bytes", else half. */
static uint64_t good_bytes(const struct scene *scene)
{
	const struct source *body = scene->answer->body;
	int64_t bytes = fault_number(scene->fault, "bytes", -1);
	if (bytes >= 0)
		return (uint64_t)bytes;
	return body && body->size != SOURCE_UNKNOWN ? body->size / 2 : 100;
}

static int play_truncate(const struct scene *scene)
{
	carry_out(scene);
	scene->answer->body = bad_source_cut(scene->answer->body, good_bytes(scene));
	return 0;
}

static int play_truncate_chunked(const struct scene *scene)
{
	int err = play_truncate(scene);
	scene->answer->hides_size = true;
	return err;
}

static int play_truncate_close(const struct scene *scene)
{
	int err = play_truncate(scene);
	scene->answer->is_undelimited = true;
	return err;
}

static int play_reset_after(const struct scene *scene)
{
	carry_out(scene);
	scene->answer->body = bad_source_reset(scene->answer->body, good_bytes(scene), scene->wire);
	return 0;
}

static int play_hang_after(const struct scene *scene)
{
	carry_out(scene);
	scene->answer->body = bad_source_stall(scene->answer->body, good_bytes(scene), scene->wire);
	return 0;
}

static int play_trickle(const struct scene *scene)
{
	carry_out(scene);
	scene->answer->body = bad_source_trickle(
		scene->answer->body, fault_number(scene->fault, "ms", 10), scene->wire);
	return 0;
}

/* Records without end, or the rule's own text. */
static int play_flood(const struct scene *scene)
{
	struct span body;
	struct run records[] = {
		{HEAD "{\"id\": 1}", 1}, {", {\"id\": 2, \"fn\": \"Flood\"}", SOURCE_UNKNOWN}};
	if (fault_text(scene->fault, "body", &body)) {
		records[0].times = 0;
		records[1].text = body.data;
	}
	answer_body(
		scene->answer, 200, "application/json", source_runs(records, array_size(records)));
	return 0;
}

static int play_bomb(const struct scene *scene)
{
	static const char kilobyte[] =
#define LINE "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LINES LINE LINE LINE LINE
		LINES LINES LINES LINES;
	uint64_t megabytes = (uint64_t)fault_number(scene->fault, "mb", 1024);
	const struct run runs[] = {{HEAD "{\"id\": 1, \"description\": \"", 1},
		{kilobyte, megabytes * 1024}, {"\"}" TAIL, 1}};
	answer_body(scene->answer, 200, "application/json",
		source_gzip(source_runs(runs, array_size(runs))));
	answer_header(scene->answer, "Content-Encoding", "gzip");
	return 0;
}

static int play_nested(const struct scene *scene)
{
	uint64_t depth = (uint64_t)fault_number(scene->fault, "depth", 100000);
	const struct run runs[] = {{HEAD, 1}, {"[", depth}, {"]", depth}, {TAIL, 1}};
	answer_body(scene->answer, 200, "application/json", source_runs(runs, array_size(runs)));
	return 0;
}

static const struct mischief {
	int (*play)(const struct scene *scene);
	bool is_silent;
} mischiefs[FAULT_KINDS] = {
	[FAULT_BODY] = {play_body},
	[FAULT_BODY_FILE] = {play_body_file},
	[FAULT_BOMB] = {play_bomb},
	[FAULT_DELAY] = {play_delay},
	[FAULT_FLOOD] = {play_flood},
	[FAULT_HANG] = {play_hang, true},
	[FAULT_HANG_AFTER] = {play_hang_after},
	[FAULT_LOST] = {play_lost, true},
	[FAULT_LOST_LATE] = {play_lost_late, true},
	[FAULT_NESTED] = {play_nested},
	[FAULT_PARTIAL] = {play_partial},
	[FAULT_REDIRECT] = {play_redirect},
	[FAULT_RESET] = {play_reset, true},
	[FAULT_RESET_AFTER] = {play_reset_after},
	[FAULT_STATUS] = {play_status},
	[FAULT_TRICKLE] = {play_trickle},
	[FAULT_TRUNCATE] = {play_truncate},
	[FAULT_TRUNCATE_CHUNKED] = {play_truncate_chunked},
	[FAULT_TRUNCATE_CLOSE] = {play_truncate_close},
};

int mischief_play(const struct scene *scene)
{
	return mischiefs[fault_kind(scene->fault)].play(scene);
}

bool mischief_is_silent(enum fault_kind kind)
{
	return mischiefs[kind].is_silent;
}
