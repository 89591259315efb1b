#include "api_call.h"

#include "api_status.h"
#include "clock.h"

/* Waits between attempts, where the server does not ask for longer ones. */
#define FIRST_WAIT_MS 200
#define LONGEST_WAIT_MS 3000
/* An error's own words stand at its start. */
#define MAX_ERROR_BYTES ((size_t)64 << 10)
/* What a save may take beyond the timeout: a slow line still carries 16 bytes a millisecond. */
#define UPLOAD_BYTES_PER_MS 16

static const char *const method_names[API_METHODS] = {"GET", "PUT", "POST", "DELETE"};

/* The body of one attempt on its way into the split. */
struct reader {
	struct api_call *call;
	struct json_split *split;
	bool is_success;
	bool is_garbled; /* an error's body that is not JSON; the rest of it does not matter */
	size_t error_bytes;
};

static void cleanup_split(struct json_split **split)
{
	json_split_destroy(*split);
}

static bool is_success(int status)
{
	return status >= 200 && status < 300;
}

static int read_element(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	struct reader *reader = arg;
	struct api_call *call = reader->call;
	if (!reader->is_success || !call->element)
		return 0;
	call->element_err = call->element(call->arg, text, len, facts);
	return call->element_err;
}

static size_t find_known(void *arg, const char *text, size_t len)
{
	struct reader *reader = arg;
	struct api_call *call = reader->call;
	return reader->is_success && call->known ? call->known(call->arg, text, len) : 0;
}

static int read_body(void *arg, int status, const char *data, size_t len)
{
	struct reader *reader = arg;
	reader->is_success = is_success(status);
	if (reader->is_success)
		return json_split_feed(reader->split, data, len);
	reader->error_bytes += len;
	if (reader->error_bytes > MAX_ERROR_BYTES)
		return -EFBIG;
	if (!reader->is_garbled)
		reader->is_garbled = json_split_feed(reader->split, data, len) < 0;
	return 0;
}

static void count(struct api_call *call)
{
	const struct http_answer *answer = &call->answer;
	struct api *api = call->api;
	bool is_whole = answer->failure == HTTP_ANSWERED;
	pthread_mutex_lock(&api->lock);
	if (is_whole && (is_success(answer->status) || answer->status == 304))
		api->stats.by_method[call->method].ok++;
	else if (answer->status >= 300)
		api->stats.by_method[call->method].refused++;
	else
		api->stats.by_method[call->method].lost++;
	api->stats.bytes_received += answer->body_bytes;
	pthread_mutex_unlock(&api->lock);
}

static int64_t small_deadline(const struct api_call *call, int64_t last_start_ms)
{
	int64_t upload_ms = (int64_t)(call->body.len / UPLOAD_BYTES_PER_MS);
	return call->is_small ? last_start_ms + upload_ms : 0;
}

static void perform(struct api_call *call, struct reader *reader, const struct api_tries *tries)
{
	json_split_reset(reader->split);
	call->element_err = 0;
	if (call->begin)
		call->begin(call->arg);
	struct http_request request = {
		.method = method_names[call->method],
		.url = call->url,
		.body = call->body.data,
		.body_len = call->body.len,
		.etag = call->etag,
		.is_fresh = tries->count > 0,
		.deadline_ms = small_deadline(call, tries->last_start_ms),
		.max_body_bytes = call->max_answer_bytes,
		.on_body = read_body,
		.arg = reader,
		.cancel = call->cancel,
	};
	http_perform(call->api->http, &request, &call->answer);
	count(call);
}

/* Whether the answer came to its end, or to where it could not be read any more. */
static bool is_over(const struct http_answer *answer)
{
	return answer->failure == HTTP_ANSWERED || answer->failure == HTTP_SINK_FAILED ||
	       answer->failure == HTTP_TOO_LONG;
}

/* A 2xx whose body came as far as it will. */
static int judge_success(struct api_call *call, struct json_split *split, struct problem *problem)
{
	const struct http_answer *answer = &call->answer;
	if (answer->failure == HTTP_ANSWERED)
		call->body_err = json_split_finish(split);
	else
		call->body_err =
			answer->failure == HTTP_SINK_FAILED ? answer->sink_error : -EBADMSG;
	call->envelope = *json_split_envelope(split);
	if (strcasecmp(call->envelope.status, "ERROR") != 0)
		return 0;
	return problem_set(problem, -EIO, "the server answered %d with an error; it says: %s",
		answer->status, call->envelope.error);
}

static int judge(struct api_call *call, struct json_split *split, struct problem *problem)
{
	const struct http_answer *answer = &call->answer;
	bool is_too_long = answer->failure == HTTP_TOO_LONG && call->method == API_GET;
	problem->http_status = answer->status;
	if (answer->failure == HTTP_CANCELLED || answer->status == 0)
		return api_explain_failure(answer, problem);
	if (is_success(answer->status)) {
		if (is_over(answer) && !is_too_long)
			return judge_success(call, split, problem);
		return api_explain_failure(answer, problem);
	}
	if (answer->status == 304 && call->etag)
		return 0;
	/* From here the status is what matters: its body, whole or not, only adds words. */
	return api_explain_status(answer, json_split_envelope(split)->error, problem);
}

static bool is_passing(const struct http_answer *answer)
{
	if (answer->failure == HTTP_CANCELLED)
		return false;
	if (answer->status >= 300)
		return api_status_is_passing(answer->status);
	return answer->failure == HTTP_UNREACHABLE || answer->failure == HTTP_TIMED_OUT ||
	       answer->failure == HTTP_BROKEN;
}

/* A sleep that a cancel ends. */
struct nap {
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool is_over; /* guarded by lock */
};

static void end_nap(void *arg)
{
	struct nap *nap = arg;
	pthread_mutex_lock(&nap->lock);
	nap->is_over = true;
	pthread_cond_signal(&nap->woken);
	pthread_mutex_unlock(&nap->lock);
}

static void sleep_until(int64_t ms, struct cancel *cancel)
{
	struct nap nap = {.lock = PTHREAD_MUTEX_INITIALIZER, .woken = PTHREAD_COND_INITIALIZER};
	struct timespec until = clock_timespec(ms);
	int err = 0;
	cancel_watch(cancel, end_nap, &nap);
	pthread_mutex_lock(&nap.lock);
	while (!nap.is_over && err == 0)
		err = pthread_cond_clockwait(&nap.woken, &nap.lock, CLOCK_MONOTONIC, &until);
	pthread_mutex_unlock(&nap.lock);
	cancel_unwatch(cancel);
	pthread_cond_destroy(&nap.woken);
	pthread_mutex_destroy(&nap.lock);
}

static int64_t wait_before_next(const struct api_tries *tries, const struct problem *problem)
{
	int64_t wait_ms = FIRST_WAIT_MS;
	for (unsigned i = 0; i < tries->count && wait_ms < LONGEST_WAIT_MS; i++)
		wait_ms *= 2;
	if (wait_ms > LONGEST_WAIT_MS)
		wait_ms = LONGEST_WAIT_MS;
	int64_t asked_ms = (int64_t)problem->wait_s * 1000;
	return asked_ms > wait_ms ? asked_ms : wait_ms;
}

struct api_tries api_tries_begin(struct api *api)
{
	return (struct api_tries){.last_start_ms = clock_ms() + api->timeout_ms};
}

bool api_tries_again(struct api_tries *tries, const struct problem *problem, struct cancel *cancel)
{
	int64_t next_ms = clock_ms() + wait_before_next(tries, problem);
	if (!problem->is_passing || next_ms >= tries->last_start_ms)
		return false;
	tries->count++;
	sleep_until(next_ms, cancel);
	return true;
}

/* One attempt, and what is to be known of its failure. */
static int attempt(struct api_call *call, struct reader *reader, const struct api_tries *tries,
	struct problem *problem)
{
	const struct http_answer *answer = &call->answer;
	bool has_failed_before = problem->message[0];
	struct problem latest = {.maybe_applied = problem->maybe_applied};

	perform(call, reader, tries);
	int err = judge(call, reader->split, &latest);
	bool is_taken_back = is_success(answer->status) && is_over(answer);
	if (err < 0 && call->method != API_GET && !is_taken_back)
		latest.maybe_applied |= api_may_be_applied(answer);
	latest.is_passing = err < 0 && is_passing(answer);
	latest.wait_s = answer->retry_after_s > 0 ? answer->retry_after_s : 0;
	/* That time ran out tells less than why the attempts before failed. */
	if (err == -ETIMEDOUT && has_failed_before)
		problem->maybe_applied = latest.maybe_applied;
	else
		*problem = latest;
	return err;
}

/* A POST is sent again only if none of it was, whatever the server says of it. */
static bool may_be_repeated(const struct api_call *call)
{
	bool is_alone = call->is_once || call->tries;
	return !is_alone && (call->method != API_POST || !call->answer.sent);
}

static int run(struct api_call *call, struct reader *reader, struct problem *problem)
{
	struct api_tries tries = call->tries ? *call->tries : api_tries_begin(call->api);
	int first_err = 0;
	for (;;) {
		int err = attempt(call, reader, &tries, problem);
		if (err == 0)
			return 0;
		first_err = err == -ETIMEDOUT && first_err ? first_err : err;
		if (!may_be_repeated(call) || !api_tries_again(&tries, problem, call->cancel))
			return first_err;
		if (cancel_is_set(call->cancel))
			return problem_set(problem, -ECANCELED, "called off");
	}
}

int api_call_run(struct api_call *call, struct problem *problem)
{
	*problem = (struct problem){.http_status = 0};
	struct reader reader = {.call = call};
	cleanup(cleanup_split) struct json_split *split =
		json_split_create(API_MAX_RECORD, read_element, &reader);
	if (!split)
		return problem_set(problem, -ENOMEM, "out of memory");
	json_split_set_known(split, find_known);
	reader.split = split;
	int err = run(call, &reader, problem);
	if (err == 0)
		*problem = (struct problem){.http_status = call->answer.status};
	http_hide_token(call->api->http, problem->message);
	return err;
}
