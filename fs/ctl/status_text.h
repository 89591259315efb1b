/* What .clevertimfs/status says, as data. Pure; any thread. */
#ifndef CTL_STATUS_TEXT_H
#define CTL_STATUS_TEXT_H

#include "problem.h"

#define STATUS_METHODS 4

struct status_resource {
	char *name;
	bool is_offered;
	uint64_t records, bytes;
	int64_t age_s;	  /* -1: never read as a whole */
	char *last_error; /* NULL: none */
	bool is_loading;  /* so much of it so far */
	uint64_t loading_records, loading_bytes;
	int64_t loading_ms;
};

struct status {
	char *version, *url; /* NULL: it does not say */
	int64_t uptime_s;
	uint64_t bytes_received;
	struct {
		uint64_t ok, refused, unanswered;
	} requests[STATUS_METHODS]; /* in the order of status_method_names */
	uint64_t drafts, draft_bytes, trash, trash_bytes;
	struct status_resource *resources; /* in the order of the root */
	size_t resource_count;
};

extern const char *const status_method_names[STATUS_METHODS];

/*
 * What it lacks is 0 or NULL; a resource whose name is no text is left out. -EBADMSG: it is no JSON
 * object; -ENOMEM.
 */
int status_parse(const char *text, size_t len, struct status *ret_status) nodiscard;
void status_release(struct status *status);
#define auto_status cleanup(status_release)

/* Reads a mount's. */
int status_read(const char *mount, struct status *ret_status, struct problem *problem) nodiscard;
/* NULL: there is no such resource. Borrowed. */
const struct status_resource *status_find(const struct status *status, const char *resource);

#endif
