#include "request_log.h"

#include "raw_json.h"
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <pthread.h>
#include <unistd.h>

enum { MAX_LINES = 512 << 20, MAX_LINE = 64 << 20, MAX_PATHS = 200000 };

static const char *const verbs[] = {"GET", "PUT", "POST", "DELETE"};

struct request_log {
	pthread_mutex_t lock; /* guards everything below */
	int fd;		      /* -1: no file */
	struct buf lines;     /* starts anew when it is full */
	struct json_object *by_method, *by_path;
};

static void counts_reset_locked(struct request_log *log)
{
	json_object_put(log->by_method);
	json_object_put(log->by_path);
	log->by_path = json_object_new_object();
	log->by_method = json_object_new_object();
	for (size_t i = 0; i < array_size(verbs); i++)
		json_object_object_add(log->by_method, verbs[i], json_object_new_int64(0));
}

struct request_log *request_log_create(const char *file)
{
	struct request_log *log = calloc(1, sizeof *log);
	if (!log)
		return NULL;
	log->fd = file ? open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (file && log->fd < 0) {
		free(log);
		return NULL;
	}
	pthread_mutex_init(&log->lock, NULL);
	buf_init(&log->lines, MAX_LINES);
	counts_reset_locked(log);
	return log;
}

void request_log_destroy(struct request_log *log)
{
	if (!log)
		return;
	json_object_put(log->by_method);
	json_object_put(log->by_path);
	buf_release(&log->lines);
	if (log->fd >= 0)
		close(log->fd);
	pthread_mutex_destroy(&log->lock);
	free(log);
}

static void increment(struct json_object *counts, const char *key)
{
	struct json_object *count = NULL;
	if (json_object_object_get_ex(counts, key, &count))
		json_object_int_inc(count, 1);
	else if (json_object_object_length(counts) < MAX_PATHS)
		json_object_object_add(counts, key, json_object_new_int64(1));
}

void request_log_count(struct request_log *log, const struct request *request)
{
	auto_buf struct buf key = BUF_INIT(65536);
	if (buf_addf(&key, "%s %s", request->method, request->path) < 0)
		return;
	pthread_mutex_lock(&log->lock);
	increment(log->by_method, request->method);
	increment(log->by_path, key.data);
	pthread_mutex_unlock(&log->lock);
}

static int put_member(struct buf *line, const char *key, const char *value)
{
	if (!value)
		return 0;
	int err = buf_addf(line, ", \"%s\": ", key);
	return err < 0 ? err : raw_put_string(line, span_of(value));
}

static int put_headers(struct buf *line, const struct request *request)
{
	int err = buf_addf(line, ", \"headers\": {\"authorization\": %s",
		request->authorization ? "true" : "false");
	if (err == 0)
		err = put_member(line, "accept-encoding", request->accept_encoding);
	if (err == 0)
		err = put_member(line, "if-none-match", request->if_none_match);
	if (err == 0)
		err = put_member(line, "content-type", request->content_type);
	if (err == 0)
		err = put_member(line, "user-agent", request->user_agent);
	return err < 0 ? err : buf_add_str(line, "}}\n");
}

void request_log_add(struct request_log *log, const struct request *request, unsigned status,
	int64_t bytes, const char *fault)
{
	auto_buf struct buf line = BUF_INIT(MAX_LINE);
	int err = buf_addf(&line, "{\"t\": %" PRId64, request->arrived_ms);
	if (err == 0)
		err = put_member(&line, "method", request->method);
	if (err == 0)
		err = put_member(&line, "path", request->path);
	if (err == 0)
		err = buf_addf(&line, ", \"status\": %u, \"body\": ", status);
	if (err == 0)
		err = raw_put_string(&line, (struct span){request->body.data, request->body.len});
	if (err == 0 && bytes >= 0)
		err = buf_addf(&line, ", \"bytes\": %" PRId64, bytes);
	if (err == 0)
		err = put_member(&line, "fault", fault);
	if (err == 0)
		err = put_headers(&line, request);
	if (err < 0)
		return;

	pthread_mutex_lock(&log->lock);
	if (buf_add(&log->lines, line.data, line.len) < 0)
		buf_release(&log->lines);
	if (log->fd >= 0 && write(log->fd, line.data, line.len) < 0) {
		close(log->fd);
		log->fd = -1;
	}
	pthread_mutex_unlock(&log->lock);
}

int request_log_lines(struct request_log *log, struct buf *out)
{
	pthread_mutex_lock(&log->lock);
	int err = buf_add(out, log->lines.data, log->lines.len);
	pthread_mutex_unlock(&log->lock);
	return err;
}

int request_log_counts(struct request_log *log, struct buf *out)
{
	int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	pthread_mutex_lock(&log->lock);
	const char *by_method = json_object_to_json_string_ext(log->by_method, flags);
	const char *by_path = json_object_to_json_string_ext(log->by_path, flags);
	int err = !by_method || !by_path ? -ENOMEM : buf_add(out, by_method, strlen(by_method) - 1);
	if (err == 0)
		err = buf_addf(out, ",\"by_path\":%s}\n", by_path);
	pthread_mutex_unlock(&log->lock);
	return err;
}

void request_log_clear(struct request_log *log)
{
	pthread_mutex_lock(&log->lock);
	buf_release(&log->lines);
	counts_reset_locked(log);
	pthread_mutex_unlock(&log->lock);
}
