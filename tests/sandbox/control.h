/* What stands under /_sandbox/, for tests alone: faults, the log, records behind the API's back. */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include "answer.h"
#include "fault.h"
#include "request.h"
#include "request_log.h"

#define CONTROL_PREFIX "/_sandbox/"

struct control {
	struct store *store;
	struct fault_board *board;
	struct request_log *log;
};

/* Any thread. */
void control_answer(
	const struct control *control, const struct request *request, struct answer *ret_answer);

#endif
