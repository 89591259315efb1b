#include "api.h"

#include "basic_auth.h"
#include "clock.h"
#include "record_text.h"
#include <inttypes.h>
#include <stdio.h>

enum { MAX_RECORD = 64 << 20 };

/* One request on its way. */
struct call {
	struct api *api;
	const struct request *request;
	const struct endpoint *endpoint;
	struct span id; /* empty: the collection */
	bool partial;
	struct answer *answer;
};

int api_init(struct api *api, struct store *store, const struct options *options)
{
	char *credentials = basic_auth_make(options->token, "X");
	if (!credentials)
		return -ENOMEM;
	struct timespec now = clock_now();
	*api = (struct api){store, options, credentials,
		(uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000};
	return 0;
}

void api_release(struct api *api)
{
	free(api->credentials);
}

/* Reads /api/<resource>[/<id>]. */
static bool find_target(struct call *call)
{
	const char *path = call->request->path;
	if (strncmp(path, "/api/", 5) != 0)
		return false;
	const char *name = path + 5;
	const char *slash = strchrnul(name, '/');
	call->endpoint = endpoint_find((struct span){name, (size_t)(slash - name)});
	call->id = span_of(*slash ? slash + 1 : "");
	return call->endpoint && (!*slash || call->id.len > 0);
}

/* Adds the ETag of a version; if the client has that version already, the answer says just so. */
static void tag_answer(struct call *call, uint64_t version)
{
	char tag[64];
	if (!call->api->options->etag)
		return;
	snprintf(tag, sizeof tag, "\"%" PRIx64 "-%" PRIx64 "\"", call->api->epoch, version);
	const char *known = call->request->if_none_match;
	if (known && (strcmp(known, "*") == 0 || strstr(known, tag))) {
		answer_release(call->answer);
		call->answer->status = 304;
	}
	answer_header(call->answer, "ETag", "%s", tag);
}

static void get_list(struct call *call)
{
	struct listing listing;
	const char *file = call->api->options->endpoints[call->endpoint->index].collection;
	if (file) {
		answer_body(call->answer, 200, "application/json", source_file(file));
		return;
	}
	if (store_list(call->api->store, call->endpoint, &listing) < 0) {
		answer_error(call->answer, 500, "no memory");
		return;
	}
	uint64_t version = listing.version;
	answer_body(call->answer, 200, "application/json", source_listing(&listing));
	tag_answer(call, version);
}

static void answer_no_record(struct call *call)
{
	answer_error(call->answer, 404, "There is no %s with the id %.*s", call->endpoint->name,
		(int)min_size(call->id.len, 128), call->id.data);
}

static void get_one(struct call *call)
{
	auto_record struct record *record = store_get(call->api->store, call->endpoint, call->id);
	if (!record) {
		answer_no_record(call);
		return;
	}
	answer_record(call->answer, record_text(record));
	tag_answer(call, record->version);
}

static void delete_one(struct call *call)
{
	if (store_remove(call->api->store, call->endpoint, call->id) < 0)
		answer_no_record(call);
	else
		answer_ok(call->answer);
}

/* The object that was sent; false: it is none, and the answer says so. */
static bool take_object(struct call *call, struct span *ret_object)
{
	struct span body = {call->request->body.data, call->request->body.len};
	if (!raw_is_json(body)) {
		answer_error(call->answer, 500, "The JSON that was sent could not be parsed");
		return false;
	}
	*ret_object = raw_trim(body);
	if (*ret_object->data == '{')
		return true;
	answer_error(call->answer, 400, "A JSON object is expected");
	return false;
}

/* False: it sets what only the server sets, and the answer says so. */
static bool check_writable(struct call *call, struct span object)
{
	struct property property;
	for (struct raw_walk walk = raw_walk(object); raw_next(&walk, &property);) {
		if (!endpoint_is_read_only(call->endpoint, property.key))
			continue;
		answer_error(call->answer, 400, "%.*s of a %s is read only",
			(int)min_size(property.key.len, 100), property.key.data,
			call->endpoint->name);
		return false;
	}
	return true;
}

static bool has_value(struct span object, const char *name)
{
	struct span value;
	return raw_find(object, name, &value) && !span_equal(value, SPAN("null")) &&
	       !span_equal(value, SPAN("\"\"")) && !span_equal(value, SPAN("[]"));
}

/* False: it lacks what a new record needs, and the answer says so. */
static bool check_complete(struct call *call, struct span object)
{
	const struct endpoint *endpoint = call->endpoint;
	for (const char *const *name = endpoint->needs_all; *name; name++) {
		if (has_value(object, *name))
			continue;
		answer_error(call->answer, 400, "A new %s needs \"%s\"", endpoint->name, *name);
		return false;
	}
	const char *const *needs = endpoint->needs_one;
	if (!*needs || has_value(object, needs[0]) || has_value(object, needs[1]))
		return true;
	answer_error(call->answer, 400, "A new %s needs \"%s\" or \"%s\"", endpoint->name, needs[0],
		needs[1]);
	return false;
}

static void post(struct call *call)
{
	struct span sent, value;
	if (!take_object(call, &sent) || !check_writable(call, sent))
		return;
	if (raw_find(sent, "id", &value)) {
		answer_error(call->answer, 400, "The server assigns the id of a new record");
		return;
	}
	if (!check_complete(call, sent))
		return;

	char id[STORE_ID_SIZE];
	store_take_id(call->api->store, call->endpoint->ids, id);
	auto_buf struct buf text = BUF_INIT(MAX_RECORD);
	int err = record_text_make(call->endpoint, id, sent, call->api->options->ascii, &text);
	if (err == 0)
		err = store_put(call->api->store, call->endpoint, span_of(id),
			(struct span){text.data, text.len});
	if (err == 0 && call->partial) {
		buf_clear(&text);
		err = record_text_id(call->endpoint, id, &text);
	}
	if (err < 0)
		answer_error(call->answer, 500, "The record could not be stored");
	else
		answer_record(call->answer, (struct span){text.data, text.len});
}

/* One try; -ESTALE: somebody else was faster. */
static int try_put(struct call *call, struct span sent)
{
	struct span sent_id, id;
	auto_record struct record *old = store_get(call->api->store, call->endpoint, call->id);
	if (!old) {
		answer_no_record(call);
		return 0;
	}
	if (raw_find(sent, "id", &sent_id) && raw_find(record_text(old), "id", &id) &&
		!span_equal(sent_id, id) && !raw_string_equal(sent_id, id)) {
		answer_error(call->answer, 400, "The id does not match the URL");
		return 0;
	}

	auto_buf struct buf text = BUF_INIT(MAX_RECORD);
	auto_buf struct buf changed = BUF_INIT(MAX_RECORD);
	int err = record_text_merge(
		record_text(old), sent, call->api->options->ascii, &text, &changed);
	struct span all = {text.data, text.len};
	if (err == 0 && changed.len > 2)
		err = store_swap(call->api->store, call->endpoint, old, all);
	if (err < 0)
		return err;
	answer_record(call->answer, call->partial ? (struct span){changed.data, changed.len} : all);
	return 0;
}

static void put(struct call *call)
{
	struct span sent;
	if (!take_object(call, &sent) || !check_writable(call, sent))
		return;
	int err;
	do
		err = try_put(call, sent);
	while (err == -ESTALE);
	if (err < 0)
		answer_error(call->answer, 500, "The record could not be stored");
}

static const struct verb {
	const char *method;
	bool on_record;
	unsigned needs; /* of the endpoint's flags */
	void (*act)(struct call *call);
	enum api_partial { PARTIAL_NEVER, PARTIAL_PUT, PARTIAL_POST } partial;
} verbs[] = {
	{"DELETE", true, ENDPOINT_DELETE, delete_one},
	{"GET", false, 0, get_list},
	{"GET", true, ENDPOINT_GET_ONE, get_one},
	{"HEAD", false, 0, get_list},
	{"HEAD", true, ENDPOINT_GET_ONE, get_one},
	{"POST", false, ENDPOINT_POST, post, PARTIAL_POST},
	{"PUT", true, ENDPOINT_PUT, put, PARTIAL_PUT},
};

static const struct verb *find_verb(const struct call *call)
{
	for (size_t i = 0; i < array_size(verbs); i++) {
		if (strcmp(verbs[i].method, call->request->method) == 0 &&
			verbs[i].on_record == (call->id.len > 0) &&
			(call->endpoint->flags & verbs[i].needs) == verbs[i].needs)
			return &verbs[i];
	}
	return NULL;
}

static void answer_authorized(struct call *call)
{
	const struct options *options = call->api->options;
	if (!find_target(call)) {
		answer_error(call->answer, 404, "There is no such resource");
		return;
	}
	unsigned missing = options->endpoints[call->endpoint->index].missing;
	const struct verb *verb = find_verb(call);
	if (missing) {
		answer_error(call->answer, missing, "This account has no %s", call->endpoint->name);
	} else if (!verb) {
		answer_error(call->answer, 501, "This operation is not supported");
	} else if (call->request->body_is_too_long) {
		answer_error(call->answer, 413, "That is too long");
	} else {
		call->partial = call->partial ||
				(verb->partial == PARTIAL_PUT && options->partial_put) ||
				(verb->partial == PARTIAL_POST && options->partial_post);
		verb->act(call);
	}
}

static void compress(struct answer *answer)
{
	answer->body = source_gzip(answer->body);
	answer_header(answer, "Content-Encoding", "gzip");
	answer_header(answer, "Vary", "Accept-Encoding");
	if (!answer->body)
		answer->status = 500;
}

void api_answer(
	struct api *api, const struct request *request, unsigned flags, struct answer *ret_answer)
{
	struct call call = {.api = api,
		.request = request,
		.partial = flags & API_PARTIAL,
		.answer = ret_answer};
	if (basic_auth_check(api->credentials, request->authorization)) {
		answer_authorized(&call);
	} else {
		answer_error(ret_answer, 401, "The token is missing or wrong");
		answer_header(ret_answer, "WWW-Authenticate", "Basic realm=\"Clevertim\"");
	}
	const char *accepted = request->accept_encoding;
	if (api->options->gzip && ret_answer->body && accepted && strstr(accepted, "gzip"))
		compress(ret_answer);
}
