#include "status_text.h"

#include "control_file.h"
#include "json_object.h"

#define MAX_STATUS_BYTES ((size_t)16 << 20)

const char *const status_method_names[STATUS_METHODS] = {"GET", "PUT", "POST", "DELETE"};

/* ---- one value of an object ---- */

/* NULL: it is no string. */
static int get_text(struct json_slice object, const char *name, char **ret_text)
{
	auto_buf struct buf text = BUF_INIT(MAX_STATUS_BYTES);
	struct json_slice value;
	if (!json_get(object, name, &value) || json_string_decode(value, &text) < 0)
		return 0;
	size_t len;
	char *taken = buf_take(&text, &len);
	if (!taken)
		return -ENOMEM;
	*ret_text = taken;
	return 0;
}

static bool get_number(struct json_slice object, const char *name, struct json_slice *ret_value)
{
	return json_get(object, name, ret_value) &&
	       (ret_value->data[0] == '-' ||
		       (ret_value->data[0] >= '0' && ret_value->data[0] <= '9'));
}

/* The text ends in a bracket, so that a number in it has an end. Nothing here goes below 0. */
static uint64_t get_count(struct json_slice object, const char *name)
{
	struct json_slice value;
	bool is_count = get_number(object, name, &value) && value.data[0] != '-';
	return is_count ? strtoull(value.data, NULL, 10) : 0;
}

static int64_t get_seconds(struct json_slice object, const char *name, int64_t otherwise)
{
	struct json_slice value;
	bool is_count = get_number(object, name, &value) && value.data[0] != '-';
	return is_count ? strtoll(value.data, NULL, 10) : otherwise;
}

/* What no clock could count is as long as can be. */
static int64_t get_ms(struct json_slice object, const char *name)
{
	struct json_slice value;
	double ms = get_number(object, name, &value) ? strtod(value.data, NULL) * 1000 : 0;
	if (!(ms > 0))
		return 0;
	return ms < (double)INT64_MAX ? (int64_t)ms : INT64_MAX;
}

static bool get_object(struct json_slice object, const char *name, struct json_slice *ret_object)
{
	return json_get(object, name, ret_object) && ret_object->data[0] == '{';
}

/* ---- the parts ---- */

static void take_loading(struct json_slice loading, struct status_resource *resource)
{
	resource->is_loading = true;
	resource->loading_records = get_count(loading, "records");
	resource->loading_bytes = get_count(loading, "bytes");
	resource->loading_ms = get_ms(loading, "seconds");
}

static int take_resource(struct json_slice object, struct status_resource *resource)
{
	struct json_slice loading, value;

	resource->is_offered = !json_get(object, "offered", &value) || value.data[0] != 'f';
	resource->records = get_count(object, "records");
	resource->bytes = get_count(object, "bytes");
	resource->age_s = get_seconds(object, "age", -1);
	if (get_object(object, "loading", &loading))
		take_loading(loading, resource);
	return get_text(object, "last_error", &resource->last_error);
}

/* Its name is taken. */
static int add_resource(struct status *status, struct buf *name)
{
	size_t len;
	struct status_resource *items =
		realloc(status->resources, (status->resource_count + 1) * sizeof *items);
	if (!items)
		return -ENOMEM;
	status->resources = items;
	items[status->resource_count] = (struct status_resource){.name = buf_take(name, &len)};
	if (!items[status->resource_count].name)
		return -ENOMEM;
	status->resource_count++;
	return 0;
}

static int take_resources(struct json_slice object, struct status *status)
{
	struct json_walk walk;
	struct json_member member;
	int err = 0;

	json_walk_init(&walk, object);
	while (err == 0 && json_walk_next(&walk, &member)) {
		auto_buf struct buf name = BUF_INIT(MAX_STATUS_BYTES);
		err = json_string_decode(member.key, &name);
		/* A name that is no text is none of a resource. */
		if (err < 0 && err != -ENOMEM) {
			err = 0;
			continue;
		}
		if (err == 0)
			err = add_resource(status, &name);
		if (err == 0)
			err = take_resource(
				member.value, &status->resources[status->resource_count - 1]);
	}
	return err;
}

static void take_requests(struct json_slice object, struct status *status)
{
	for (size_t i = 0; i < STATUS_METHODS; i++) {
		struct json_slice one;
		if (!get_object(object, status_method_names[i], &one))
			continue;
		status->requests[i].ok = get_count(one, "ok");
		status->requests[i].refused = get_count(one, "refused");
		status->requests[i].unanswered = get_count(one, "unanswered");
	}
}

static void take_kept(
	struct json_slice all, const char *name, uint64_t *ret_count, uint64_t *ret_bytes)
{
	struct json_slice object;
	if (!get_object(all, name, &object))
		return;
	*ret_count = get_count(object, "count");
	*ret_bytes = get_count(object, "bytes");
}

int status_parse(const char *text, size_t len, struct status *ret_status)
{
	auto_status struct status status = {.version = NULL};
	struct json_slice part, all = {.data = text, .len = len};
	struct json_facts facts;

	if (json_check(text, len, &facts, NULL) < 0 || facts.first != '{')
		return -EBADMSG;
	int err = get_text(all, "version", &status.version);
	if (err == 0)
		err = get_text(all, "url", &status.url);
	status.uptime_s = get_seconds(all, "uptime", 0);
	status.bytes_received = get_count(all, "bytes_received");
	if (get_object(all, "requests", &part))
		take_requests(part, &status);
	take_kept(all, "drafts", &status.drafts, &status.draft_bytes);
	take_kept(all, "trash", &status.trash, &status.trash_bytes);
	if (err == 0 && get_object(all, "resources", &part))
		err = take_resources(part, &status);
	if (err < 0)
		return err;
	*ret_status = status;
	status = (struct status){.version = NULL};
	return 0;
}

void status_release(struct status *status)
{
	for (size_t i = 0; i < status->resource_count; i++) {
		free(status->resources[i].name);
		free(status->resources[i].last_error);
	}
	free(status->resources);
	free(status->version);
	free(status->url);
	*status = (struct status){.version = NULL};
}

int status_read(const char *mount, struct status *ret_status, struct problem *problem)
{
	auto_buf struct buf text = BUF_INIT(MAX_STATUS_BYTES);
	int err = control_read(mount, "status", &text, problem);
	if (err < 0)
		return err;
	err = status_parse(text.data, text.len, ret_status);
	if (err < 0)
		control_explain(mount, "status", err, problem);
	return err;
}

const struct status_resource *status_find(const struct status *status, const char *resource)
{
	for (size_t i = 0; i < status->resource_count; i++) {
		if (strcmp(status->resources[i].name, resource) == 0)
			return &status->resources[i];
	}
	return NULL;
}
