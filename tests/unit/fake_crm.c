#include "fake_crm.h"

#include "clock.h"
#include "json_diff.h"
#include "utf8.h"
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>

#define AWAIT_MS 20000
#define MAX_BYTES ((size_t)256 << 20)
#define FIRST_NEW_ID 100

struct crm_record {
	struct crm_record *next;
	char *text;
	char resource[40], id[40];
};

struct crm {
	struct MHD_Daemon *daemon;
	char url[64];
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* all guarded by lock */
	struct crm_record *records; /* oldest first */
	struct crm_manner manners[CRM_VERBS];
	unsigned counts[CRM_VERBS];
	unsigned next_id, version;
	char *last_body;
	bool is_stopping, drops_nulls;
};

/* One request, taken apart. */
struct request {
	enum crm_verb verb;
	char resource[40], id[40];
	struct json_slice body;
	const char *if_none_match;
};

struct reply {
	int status; /* 0: the connection ends */
	struct buf body;
	char etag[40];
};

static struct json_slice slice_of(const char *text)
{
	return (struct json_slice){.data = text, .len = strlen(text)};
}

/* ---- records ---- */

static struct crm_record **find_locked(struct crm *crm, const char *resource, const char *id)
{
	struct crm_record **at = &crm->records;
	while (*at && (strcmp((*at)->resource, resource) != 0 || strcmp((*at)->id, id) != 0))
		at = &(*at)->next;
	return at;
}

static void set_locked(struct crm *crm, const char *resource, const char *id, const char *text)
{
	struct crm_record **at = find_locked(crm, resource, id);
	struct crm_record *record = *at;
	crm->version++;
	if (!text && record) {
		*at = record->next;
		free(record->text);
		free(record);
	}
	if (!text)
		return;
	if (!record)
		record = *at = calloc(1, sizeof *record);
	if (!record)
		abort();
	snprintf(record->resource, sizeof record->resource, "%s", resource);
	snprintf(record->id, sizeof record->id, "%s", id);
	free(record->text);
	record->text = strdup(text);
}

static bool is_ignored(void *arg, struct json_slice key)
{
	return json_key_is(key, "ignored");
}

static int drop_nulls(const struct buf *text, struct buf *out)
{
	struct json_walk walk;
	struct json_member member;
	int err = buf_add_char(out, '{');
	json_walk_init(&walk, slice_of(text->data));
	while (err == 0 && json_walk_next(&walk, &member)) {
		if (member.value.data[0] != 'n')
			err = buf_addf(out, "%s%.*s:%.*s", out->len > 1 ? "," : "",
				(int)member.key.len, member.key.data, (int)member.value.len,
				member.value.data);
	}
	return err < 0 ? err : buf_add_char(out, '}');
}

/* The record with what was sent laid over it, and the time of the change. */
static int change_locked(struct crm *crm, const struct request *request, const char *known)
{
	auto_buf struct buf sent = BUF_INIT(MAX_BYTES), text = BUF_INIT(MAX_BYTES);
	auto_buf struct buf stamped = BUF_INIT(MAX_BYTES), without_nulls = BUF_INIT(MAX_BYTES);
	char stamp[60];
	snprintf(stamp, sizeof stamp, "{\"lm\":\"2030-01-01T%02u:%02u:00Z\"}",
		crm->version / 60 % 24, crm->version % 60);

	int err = json_without(request->body, is_ignored, NULL, &sent);
	if (err == 0)
		err = json_overlay(slice_of(known), slice_of(sent.data), &text);
	if (err == 0)
		err = json_overlay(slice_of(text.data), slice_of(stamp), &stamped);
	if (err == 0 && crm->drops_nulls) {
		err = drop_nulls(&stamped, &without_nulls);
		buf_swap(&stamped, &without_nulls);
	}
	if (err == 0)
		set_locked(crm, request->resource, request->id, stamped.data);
	return err;
}

static int create_locked(struct crm *crm, struct request *request)
{
	char start[100], now[CLOCK_ISO_SIZE];
	snprintf(request->id, sizeof request->id, "%u", crm->next_id++);
	clock_iso(clock_now().tv_sec, now);
	snprintf(start, sizeof start, "{\"id\":%s,\"ao\":\"%s\"}", request->id, now);
	return change_locked(crm, request, start);
}

/* ---- answers ---- */

static int add_list_locked(struct crm *crm, const char *resource, struct buf *out)
{
	const char *comma = "";
	int err = 0;
	for (struct crm_record *at = crm->records; at && err == 0; at = at->next) {
		if (strcmp(at->resource, resource) != 0)
			continue;
		err = buf_addf(out, "%s%s", comma, at->text);
		comma = ", ";
	}
	return err;
}

static int add_element_locked(
	struct crm *crm, const struct request *request, enum crm_answer answer, struct buf *out)
{
	auto_buf struct buf id = BUF_INIT(MAX_BYTES);
	const struct crm_record *record = *find_locked(crm, request->resource, request->id);
	if (!record)
		return 0;
	if (answer == CRM_ANONYMOUS)
		return buf_add(out, request->body.data, request->body.len);
	if (answer != CRM_ID && answer != CRM_SENT)
		return buf_add_str(out, record->text);
	int err = buf_addf(&id, "{\"id\":%s}", request->id);
	if (err == 0 && answer == CRM_SENT)
		return json_overlay(slice_of(id.data), request->body, out);
	return err < 0 ? err : buf_add_str(out, id.data);
}

static int write_answer_locked(
	struct crm *crm, const struct request *request, enum crm_answer answer, struct buf *out)
{
	int err = buf_add_str(out, "{\"status\": \"OK\", \"content\": [");
	if (err == 0 && answer != CRM_NOTHING)
		err = request->verb == CRM_LIST ? add_list_locked(crm, request->resource, out)
						: add_element_locked(crm, request, answer, out);
	return err < 0 || answer == CRM_BROKEN ? err : buf_add_str(out, "]}");
}

static int spell_in_escapes(struct buf *body)
{
	auto_buf struct buf spelt = BUF_INIT(MAX_BYTES);
	const char *at = body->data, *end = at + body->len;
	int err = 0;
	while (at < end && err == 0) {
		uint32_t c;
		int len = utf8_read(at, end, &c);
		err = len <= 0	 ? -EILSEQ
		      : len == 1 ? buf_add(&spelt, at, 1)
				 : buf_addf(&spelt, "\\u%04x", (unsigned)c);
		at += len;
	}
	if (err == 0)
		buf_swap(body, &spelt);
	return err;
}

/* 0, or the status to refuse with. */
static int carry_out_locked(struct crm *crm, struct request *request)
{
	const struct crm_record *record = *find_locked(crm, request->resource, request->id);
	int err = 0;
	if (request->verb == CRM_POST) {
		err = create_locked(crm, request);
	} else if (request->verb != CRM_LIST && !record) {
		return MHD_HTTP_NOT_FOUND;
	} else if (request->verb == CRM_PUT) {
		auto_free char *known = strdup(record->text);
		err = known ? change_locked(crm, request, known) : -ENOMEM;
	} else if (request->verb == CRM_DELETE) {
		set_locked(crm, request->resource, request->id, NULL);
	}
	return err < 0 ? MHD_HTTP_INTERNAL_SERVER_ERROR : 0;
}

static void refuse(struct reply *reply, int status)
{
	reply->status = status;
	if (buf_addf(&reply->body, "{\"status\": \"ERROR\", \"error\": \"said %d\"}", status) < 0)
		reply->status = 0;
}

static void tell_locked(struct crm *crm, const struct request *request,
	const struct crm_manner *manner, struct reply *reply)
{
	reply->status = MHD_HTTP_OK;
	if (manner->has_etag && request->verb == CRM_LIST)
		snprintf(reply->etag, sizeof reply->etag, "\"v%u\"", crm->version);
	if (reply->etag[0] && request->if_none_match &&
		strcmp(reply->etag, request->if_none_match) == 0)
		reply->status = MHD_HTTP_NOT_MODIFIED;
	else if (write_answer_locked(crm, request, manner->answer, &reply->body) < 0 ||
		 (manner->escapes && spell_in_escapes(&reply->body) < 0))
		reply->status = 0;
}

static struct crm_manner use_manner_locked(struct crm *crm, enum crm_verb verb)
{
	struct crm_manner manner = crm->manners[verb];
	if (manner.times > 0 && --crm->manners[verb].times == 0)
		crm->manners[verb] = (struct crm_manner){.status = 0};
	return manner;
}

static void answer_locked(struct crm *crm, struct request *request, struct reply *reply)
{
	const struct crm_manner manner = use_manner_locked(crm, request->verb);
	int refused = manner.status;
	if (!refused && manner.answer != CRM_UNDONE && !manner.does_nothing)
		refused = carry_out_locked(crm, request);
	if (refused)
		refuse(reply, refused);
	else if (manner.answer != CRM_LOST && manner.answer != CRM_UNDONE)
		tell_locked(crm, request, &manner, reply);
}

static void serve(struct crm *crm, struct request *request, struct reply *reply)
{
	pthread_mutex_lock(&crm->lock);
	if (request->body.len > 0) {
		free(crm->last_body);
		crm->last_body = strndup(request->body.data, request->body.len);
	}
	answer_locked(crm, request, reply);
	crm->counts[request->verb]++;
	pthread_cond_broadcast(&crm->changed);
	while (crm->manners[request->verb].holds && !crm->is_stopping)
		pthread_cond_wait(&crm->changed, &crm->lock);
	pthread_mutex_unlock(&crm->lock);
}

/* ---- HTTP ---- */

static bool read_request(const char *method, const char *url, struct request *request)
{
	int parts = sscanf(url, "/api/%39[^/]/%39[^/]", request->resource, request->id);
	bool is_get = strcmp(method, "GET") == 0;
	if (parts == 1 && is_get)
		request->verb = CRM_LIST;
	else if (parts == 1 && strcmp(method, "POST") == 0)
		request->verb = CRM_POST;
	else if (parts == 2 && is_get)
		request->verb = CRM_GET;
	else if (parts == 2 && strcmp(method, "PUT") == 0)
		request->verb = CRM_PUT;
	else if (parts == 2 && strcmp(method, "DELETE") == 0)
		request->verb = CRM_DELETE;
	else
		return false;
	return true;
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct reply *reply)
{
	if (reply->status == 0)
		return MHD_NO;
	struct MHD_Response *response = MHD_create_response_from_buffer(
		reply->body.len, reply->body.data, MHD_RESPMEM_MUST_COPY);
	if (reply->etag[0])
		MHD_add_response_header(response, "ETag", reply->etag);
	enum MHD_Result result = MHD_queue_response(connection, (unsigned)reply->status, response);
	MHD_destroy_response(response);
	return result;
}

/* Called once for the headers, then for each piece of the body, then for its end. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *data_len,
	void **connection_arg)
{
	struct buf *body = *connection_arg;
	if (!body) {
		*connection_arg = body = malloc(sizeof *body);
		if (body)
			buf_init(body, MAX_BYTES);
		return body ? MHD_YES : MHD_NO;
	}
	if (*data_len > 0) {
		int err = buf_add(body, data, *data_len);
		*data_len = 0;
		return err == 0 ? MHD_YES : MHD_NO;
	}
	struct request request = {
		.body = {.data = body->data, .len = body->len},
		.if_none_match =
			MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match"),
	};
	struct reply reply = {.body = BUF_INIT(MAX_BYTES)};
	if (read_request(method, url, &request))
		serve(arg, &request, &reply);
	else
		refuse(&reply, MHD_HTTP_METHOD_NOT_ALLOWED);
	enum MHD_Result result = send_reply(connection, &reply);
	buf_release(&reply.body);
	return result;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **connection_arg,
	enum MHD_RequestTerminationCode code)
{
	struct buf *body = *connection_arg;
	if (body)
		buf_release(body);
	free(body);
	*connection_arg = NULL;
}

/* ---- the test's side ---- */

struct crm *crm_start(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct crm *crm = calloc(1, sizeof *crm);
	if (!crm)
		return NULL;
	crm->next_id = FIRST_NEW_ID;
	pthread_mutex_init(&crm->lock, NULL);
	pthread_cond_init(&crm->changed, NULL);
	crm->daemon =
		MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0,
			NULL, NULL, on_request, crm, MHD_OPTION_SOCK_ADDR, &address,
			MHD_OPTION_NOTIFY_COMPLETED, on_completed, crm, MHD_OPTION_END);
	const union MHD_DaemonInfo *info =
		crm->daemon ? MHD_get_daemon_info(crm->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
	if (!info) {
		crm_stop(crm);
		return NULL;
	}
	snprintf(crm->url, sizeof crm->url, "http://127.0.0.1:%u/api", (unsigned)info->port);
	return crm;
}

void crm_stop(struct crm *crm)
{
	pthread_mutex_lock(&crm->lock);
	crm->is_stopping = true;
	pthread_cond_broadcast(&crm->changed);
	pthread_mutex_unlock(&crm->lock);
	if (crm->daemon)
		MHD_stop_daemon(crm->daemon);
	while (crm->records)
		set_locked(crm, crm->records->resource, crm->records->id, NULL);
	pthread_cond_destroy(&crm->changed);
	pthread_mutex_destroy(&crm->lock);
	free(crm->last_body);
	free(crm);
}

const char *crm_url(const struct crm *crm)
{
	return crm->url;
}

void crm_set_manner(struct crm *crm, enum crm_verb verb, struct crm_manner manner)
{
	pthread_mutex_lock(&crm->lock);
	crm->manners[verb] = manner;
	pthread_cond_broadcast(&crm->changed);
	pthread_mutex_unlock(&crm->lock);
}

void crm_put(struct crm *crm, const char *resource, const char *id, const char *text)
{
	pthread_mutex_lock(&crm->lock);
	set_locked(crm, resource, id, text);
	pthread_mutex_unlock(&crm->lock);
}

void crm_drop_nulls(struct crm *crm)
{
	pthread_mutex_lock(&crm->lock);
	crm->drops_nulls = true;
	pthread_mutex_unlock(&crm->lock);
}

char *crm_text(struct crm *crm, const char *resource, const char *id)
{
	pthread_mutex_lock(&crm->lock);
	const struct crm_record *record = *find_locked(crm, resource, id);
	char *text = strdup(record ? record->text : "");
	pthread_mutex_unlock(&crm->lock);
	return text;
}

unsigned crm_count(struct crm *crm, enum crm_verb verb)
{
	pthread_mutex_lock(&crm->lock);
	unsigned count = crm->counts[verb];
	pthread_mutex_unlock(&crm->lock);
	return count;
}

char *crm_last_body(struct crm *crm)
{
	pthread_mutex_lock(&crm->lock);
	char *body = strdup(crm->last_body ? crm->last_body : "");
	pthread_mutex_unlock(&crm->lock);
	return body;
}

bool crm_await(struct crm *crm, enum crm_verb verb, unsigned count)
{
	struct timespec until = clock_timespec(clock_ms() + AWAIT_MS);
	int err = 0;
	pthread_mutex_lock(&crm->lock);
	while (crm->counts[verb] < count && err == 0)
		err = pthread_cond_clockwait(&crm->changed, &crm->lock, CLOCK_MONOTONIC, &until);
	bool is_reached = crm->counts[verb] >= count;
	pthread_mutex_unlock(&crm->lock);
	return is_reached;
}
