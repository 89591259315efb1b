/*
 * Any text as .clevertimfs/status: an object is taken, whatever is in it, and nothing else; what is
 * found by a name has it; a number as large as can be is no accident.
 */
#include "fuzz.h"

#include "status_text.h"

static void check_resources(const struct status *status)
{
	for (size_t i = 0; i < status->resource_count && i < 50; i++) {
		const struct status_resource *resource = &status->resources[i];
		const struct status_resource *found = status_find(status, resource->name);
		promise(found && found <= resource && strcmp(found->name, resource->name) == 0);
		promise(resource->age_s >= -1);
		promise(resource->loading_ms >= 0);
		promise(resource->is_loading ||
			(resource->loading_records == 0 && resource->loading_ms == 0));
	}
	promise(!status_find(status, "no such resource, \n") || status->resource_count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = malloc(size ? size : 1); /* with nothing to read behind it */
	promise(text);
	memcpy(text, data, size);
	struct json_facts facts;
	bool is_object = json_check(text, size, &facts, NULL) == 0 && facts.first == '{';

	auto_status struct status status = {.version = NULL};
	int err = status_parse(text, size, &status);
	promise(err == (is_object ? 0 : -EBADMSG));
	if (err < 0)
		return 0;
	promise(status.uptime_s >= 0);
	check_resources(&status);
	return 0;
}
