#include "api_call.h"
#include "api_status.h"
#include "json_object.h"

#include <stdio.h>

#define DEFAULT_MAX_LIST_BYTES ((size_t)16 << 30)
/* A record and the envelope around it. */
#define MAX_ANSWER_BYTES (API_MAX_RECORD + ((size_t)64 << 10))
#define MAX_ID_BYTES 128
#define MAX_URL_BYTES 4096

struct api *api_create(const struct api_config *config)
{
	struct api *api = calloc(1, sizeof *api);
	if (!api)
		return NULL;
	pthread_mutex_init(&api->lock, NULL);
	api->timeout_ms = config->http.timeout_ms;
	api->max_list_bytes =
		config->max_list_bytes ? config->max_list_bytes : DEFAULT_MAX_LIST_BYTES;
	api->url = strdup(config->url);
	api->http = http_client_create(&config->http);
	if (!api->url || !api->http) {
		api_destroy(api);
		return NULL;
	}
	return api;
}

void api_destroy(struct api *api)
{
	if (!api)
		return;
	http_client_destroy(api->http);
	free(api->url);
	pthread_mutex_destroy(&api->lock);
	free(api);
}

void api_get_stats(struct api *api, struct api_stats *ret_stats)
{
	pthread_mutex_lock(&api->lock);
	*ret_stats = api->stats;
	pthread_mutex_unlock(&api->lock);
}

/* URLs. */

bool api_id_is_addressable(const char *id, size_t len)
{
	if (len == 0 || len > MAX_ID_BYTES || memchr(id, '\0', len))
		return false;
	/* Every URL parser on the way takes these for a step in the path, encoded or not. */
	bool is_step = id[0] == '.' && (len == 1 || (len == 2 && id[1] == '.'));
	return !is_step;
}

static bool is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

int api_encode_id(const char *id, size_t len, struct buf *out)
{
	int err = 0;
	for (size_t i = 0; i < len && err == 0; i++) {
		if (is_unreserved(id[i]))
			err = buf_add_char(out, id[i]);
		else
			err = buf_addf(out, "%%%02X", (unsigned char)id[i]);
	}
	return err;
}

/* id NULL: the collection's. */
static int build_url(struct api *api, const char *resource, const char *id, struct buf *url,
	struct problem *problem)
{
	*problem = (struct problem){.http_status = 0};
	if (id && !api_id_is_addressable(id, strlen(id)))
		return problem_set(problem, -EINVAL, "no record can be asked for by this id");
	int err = buf_addf(url, "%s/", api->url);
	if (err == 0)
		err = api_encode_id(resource, strlen(resource), url);
	if (err == 0 && id)
		err = buf_add_char(url, '/');
	if (err == 0 && id)
		err = api_encode_id(id, strlen(id), url);
	if (err < 0)
		return problem_set(problem, err, "cannot make a URL of this resource and id");
	return 0;
}

/* Picking the record out of an answer. */

struct pick {
	const char *id;	 /* the one that is looked for; NULL: any that has an id */
	bool is_certain; /* `record` is that one */
	struct buf record;
};
#define PICK_INIT(id_) ((struct pick){.id = (id_), .record = BUF_INIT(API_MAX_RECORD)})

static void pick_release(struct pick *pick)
{
	buf_release(&pick->record);
}
#define auto_pick cleanup(pick_release)

static void pick_begin(void *arg)
{
	struct pick *pick = arg;
	pick->is_certain = false;
	buf_clear(&pick->record);
}

static bool is_id(struct json_slice value)
{
	char first = value.len > 0 ? value.data[0] : '\0';
	bool is_empty = first == '"' && value.len == 2;
	return (first == '"' && !is_empty) || first == '-' || (first >= '0' && first <= '9');
}

/* Numbers by their digits as written, strings by what they decode to. */
static bool id_equals(struct json_slice value, const char *id)
{
	auto_buf struct buf decoded = BUF_INIT(MAX_ID_BYTES);
	if (value.data[0] != '"')
		return value.len == strlen(id) && !memcmp(value.data, id, value.len);
	return json_string_decode(value, &decoded) == 0 && decoded.len == strlen(id) &&
	       !memcmp(decoded.data, id, decoded.len);
}

static int pick_element(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	struct pick *pick = arg;
	struct json_slice id;
	if (!text)
		return -EFBIG;
	bool has_id = json_get((struct json_slice){text, len}, "id", &id);
	bool is_wanted = has_id && is_id(id) && (!pick->id || id_equals(id, pick->id));
	if (pick->is_certain || !is_wanted)
		return 0;
	pick->is_certain = true;
	return buf_add(&pick->record, text, len);
}

/* Appends what was picked; false, with nothing appended, when that is not the record for sure. */
static bool pick_hand_out(
	const struct pick *pick, const struct api_call *call, struct buf *ret_record)
{
	/* A created record's id is not known before: more than one of them leaves it open. */
	bool is_clear = pick->is_certain && (pick->id || call->envelope.elements == 1);
	return call->body_err == 0 && is_clear &&
	       buf_add(ret_record, pick->record.data, pick->record.len) == 0;
}

/* What the verbs need of an answer. */

static int explain_body(const struct api_call *call, struct problem *problem)
{
	int status = call->answer.status;
	if (call->body_err == -EFBIG)
		return problem_set(problem, -EIO,
			"the server sent a record longer than %zu MiB, or an answer with another "
			"part that is too long",
			API_MAX_RECORD >> 20);
	if (call->element_err)
		return problem_set(problem, call->element_err,
			"the server's records cannot be kept: %s",
			problem_errno_name(call->element_err));
	if (call->body_err == -ENOMEM)
		return problem_set(problem, -ENOMEM, "out of memory");
	return problem_set(problem, -EIO,
		"the server answered %d with something that is not (or not all of) an answer in "
		"JSON: "
		"check the URL",
		status);
}

/* A GET must bring content, and well formed to its end. */
static int require_content(const struct api_call *call, struct problem *problem)
{
	if (call->body_err)
		return explain_body(call, problem);
	if (!call->envelope.has_content)
		return problem_set(problem, -EIO,
			"the server answered %d without a list of records", call->answer.status);
	return 0;
}

/* Runs a call for one resource, or one record of it when id is not NULL. */
static int run(struct api *api, struct api_call *call, const char *resource, const char *id,
	struct problem *problem)
{
	auto_buf struct buf url = BUF_INIT(MAX_URL_BYTES);
	int err = build_url(api, resource, id, &url, problem);
	if (err < 0)
		return err;
	call->api = api;
	call->url = url.data;
	err = api_call_run(call, problem);
	call->url = NULL;
	return err;
}

/* A call about one record: small, and what it answers is for the pick. */
static struct api_call record_call(enum api_method method, struct pick *pick)
{
	return (struct api_call){
		.method = method,
		.is_small = true,
		.max_answer_bytes = MAX_ANSWER_BYTES,
		.begin = pick_begin,
		.element = pick_element,
		.arg = pick,
	};
}

int api_list(struct api *api, const char *resource, const struct api_list_sink *sink,
	char etag[128], bool *ret_unchanged, struct cancel *cancel, struct problem *problem)
{
	struct api_call call = {
		.method = API_GET,
		.etag = etag && etag[0] ? etag : NULL,
		.max_answer_bytes = api->max_list_bytes,
		.cancel = cancel,
		.begin = sink->begin,
		.element = sink->element,
		.known = sink->known,
		.arg = sink->arg,
	};
	int err = run(api, &call, resource, NULL, problem);
	bool is_unchanged = call.answer.status == 304;
	if (err == 0 && !is_unchanged)
		err = require_content(&call, problem);
	if (err < 0)
		return err;
	if (etag && !is_unchanged)
		memcpy(etag, call.answer.etag, sizeof call.answer.etag);
	if (ret_unchanged)
		*ret_unchanged = is_unchanged;
	return 0;
}

int api_get(struct api *api, const char *resource, const char *id, struct buf *ret_record,
	struct cancel *cancel, struct problem *problem)
{
	auto_pick struct pick pick = PICK_INIT(id);
	struct api_call call = record_call(API_GET, &pick);
	call.cancel = cancel;
	int err = run(api, &call, resource, id, problem);
	if (err == 0)
		err = require_content(&call, problem);
	if (err < 0)
		return err;
	if (!pick.is_certain)
		return problem_set(problem, call.envelope.elements == 0 ? -ENOENT : -EIO,
			"the server's answer does not hold the record");
	err = buf_add(ret_record, pick.record.data, pick.record.len);
	return err < 0 ? problem_set(problem, err, "no room for the record") : 0;
}

int api_put(struct api *api, const struct api_tries *tries, const char *resource, const char *id,
	struct json_slice body, struct buf *ret_record, struct problem *problem)
{
	auto_pick struct pick pick = PICK_INIT(id);
	struct api_call call = record_call(API_PUT, &pick);
	call.tries = tries;
	call.body = body;
	int err = run(api, &call, resource, id, problem);
	if (err < 0)
		return err;
	/* It is done, even if nothing can be learnt from the answer. */
	pick_hand_out(&pick, &call, ret_record);
	return 0;
}

int api_post(struct api *api, const char *resource, struct json_slice body, struct buf *ret_record,
	struct problem *problem)
{
	auto_pick struct pick pick = PICK_INIT(NULL);
	struct api_call call = record_call(API_POST, &pick);
	call.body = body;
	int err = run(api, &call, resource, NULL, problem);
	if (err < 0)
		return err;
	if (pick_hand_out(&pick, &call, ret_record))
		return 0;
	problem->maybe_applied = true;
	return problem_set(problem, -EIO,
		"the server answered %d, but did not say which id the new record has",
		call.answer.status);
}

int api_delete(struct api *api, const char *resource, const char *id, struct problem *problem)
{
	struct api_call call = {
		.method = API_DELETE, .is_small = true, .max_answer_bytes = MAX_ANSWER_BYTES};
	int err = run(api, &call, resource, id, problem);
	/* No content is what 204 promises; any other answer has at least a status of its own. */
	if (err == 0 && call.body_err < 0 && call.answer.status != 204) {
		problem->maybe_applied = true;
		return problem_set(problem, -EIO,
			"the server answered %d, but not as a CRM does: look whether the record is "
			"still there",
			call.answer.status);
	}
	if (err != -ENOENT)
		return err;
	*problem = (struct problem){.http_status = call.answer.status};
	return 0;
}

/* The name of the user who came last. */
static int read_user(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	struct json_slice value;
	char *user = arg;
	auto_buf struct buf name = BUF_INIT(4096);
	user[0] = '\0';
	if (text && json_get((struct json_slice){text, len}, "user", &value) &&
		json_string_decode(value, &name) == 0)
		problem_one_line(name.data, name.len, user, API_USER_SIZE);
	return 0;
}

int api_check(struct api *api, char ret_user[API_USER_SIZE], struct problem *problem)
{
	char user[API_USER_SIZE] = "";
	struct api_call call = {.method = API_GET,
		.is_once = true,
		.is_small = true,
		.max_answer_bytes = MAX_ANSWER_BYTES,
		.element = read_user,
		.arg = user};
	int err = run(api, &call, "user", NULL, problem);
	/* An account may lack the list of users: the token was taken all the same. */
	if (err == -ENOENT || err == -EOPNOTSUPP) {
		*problem = (struct problem){.http_status = call.answer.status};
		ret_user[0] = '\0';
		return 0;
	}
	if (err < 0)
		return err;
	bool is_envelope = call.body_err == 0 && call.envelope.is_object &&
			   (call.envelope.has_content || call.envelope.status[0]);
	if (!is_envelope)
		return problem_set(problem, -EPROTONOSUPPORT,
			"what answers there is not a Clevertim API: check the URL");
	if (call.body_err < 0 || call.envelope.elements != 1)
		user[0] = '\0';
	http_hide_token(api->http, user);
	memcpy(ret_user, user, sizeof user);
	return 0;
}
