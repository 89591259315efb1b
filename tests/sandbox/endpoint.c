#include "endpoint.h"

#include "raw_json.h"

#define CUSTOMER_LISTS \
	{ \
		"notes", "opportunities", "tasks", "cases" \
	}

static const struct endpoint endpoints[ENDPOINTS] = {
	{EP_CONTACT, "contact", ENDPOINT_ALL, IDS_CUSTOMER, CUSTOMER_LISTS,
		.needs_one = {"fn", "ln"}},
	{EP_COMPANY, "company", ENDPOINT_ALL, IDS_CUSTOMER, CUSTOMER_LISTS, {"cn"}},
	{EP_CASE, "case", ENDPOINT_ALL, IDS_CASE, .needs_all = {"name"}},
	{EP_OPPORTUNITY, "opportunity", ENDPOINT_ALL, IDS_OPPORTUNITY, {"tasks", "notes"},
		{"name"}},
	{EP_TASK, "task", ENDPOINT_ALL, IDS_TASK, .needs_all = {"name"}},
	{EP_NOTE, "note", ENDPOINT_ALL, IDS_NOTE, {"hl", "delvry", "email"}, {"desc"}},
	{EP_COMMENT, "comment", ENDPOINT_ALL & ~ENDPOINT_PUT, IDS_COMMENT, .needs_all = {"comment"},
		.needs_one = {"nid", "tid"}},
	{EP_CUSTOMFIELD, "customfield", ENDPOINT_ALL, IDS_CUSTOMFIELD,
		.needs_all = {"elemType", "name", "modelType"}},
	{EP_USER, "user", 0, IDS_USER},
	{EP_GROUP, "group", 0, IDS_GROUP},
	{EP_FILE, "file", ENDPOINT_ALL, IDS_FILE, .needs_all = {"name"}},
	{EP_FOLDER, "folder", ENDPOINT_ALL, IDS_FOLDER, .needs_all = {"name"}},
	{EP_LINKEDFILE, "linkedfile", ENDPOINT_ALL, IDS_LINKEDFILE, .needs_all = {"name"}},
};

static const char *const always_read_only[] = {"ao", "lm", "userId"};

const struct endpoint *endpoint_at(enum endpoint_index index)
{
	return &endpoints[index];
}

const struct endpoint *endpoint_find(struct span name)
{
	for (size_t i = 0; i < ENDPOINTS; i++) {
		if (span_equal(name, span_of(endpoints[i].name)))
			return &endpoints[i];
	}
	return NULL;
}

bool endpoint_is_read_only(const struct endpoint *endpoint, struct span key)
{
	for (size_t i = 0; i < array_size(always_read_only); i++) {
		if (raw_string_is(key, always_read_only[i]))
			return true;
	}
	for (size_t i = 0; endpoint->read_only[i]; i++) {
		if (raw_string_is(key, endpoint->read_only[i]))
			return true;
	}
	return false;
}
