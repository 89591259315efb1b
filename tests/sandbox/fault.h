/*
 * The misbehaviour that tests asked for: rules, tried in the order in which they were added. The
 * first that matches a request and has any times left is played (see mischief.h).
 *
 * Any thread. A fault does not change once it was added, apart from its counts.
 */
#ifndef SANDBOX_FAULT_H
#define SANDBOX_FAULT_H

#include "buf.h"
#include "problem.h"
#include "span.h"

/* In the order of their names. */
enum fault_kind {
	FAULT_BODY,
	FAULT_BODY_FILE,
	FAULT_BOMB,
	FAULT_DELAY,
	FAULT_FLOOD,
	FAULT_HANG,
	FAULT_HANG_AFTER,
	FAULT_LOST,
	FAULT_LOST_LATE,
	FAULT_NESTED,
	FAULT_PARTIAL,
	FAULT_REDIRECT,
	FAULT_RESET,
	FAULT_RESET_AFTER,
	FAULT_STATUS,
	FAULT_TRICKLE,
	FAULT_TRUNCATE,
	FAULT_TRUNCATE_CHUNKED,
	FAULT_TRUNCATE_CLOSE,
	FAULT_KINDS
};

struct fault;
struct fault_board;

/* NULL: no memory. */
struct fault_board *fault_board_create(void);
/* Nobody may wait, and no reference may be out. */
void fault_board_destroy(struct fault_board *board);

/* Adds a rule from JSON. -EINVAL: problem says what is wrong with it. -ENOMEM. */
int fault_board_add(struct fault_board *board, struct span json, struct problem *problem) nodiscard;
/* Drops all rules, and lets go whoever waits for one. */
void fault_board_clear(struct fault_board *board);
/* Lets go whoever waits, now and later: the server is about to stop. */
void fault_board_close(struct fault_board *board);
/* {"faults": [{"kind": ..., "times": left, "hits": n}, ...]} */
int fault_board_describe(struct fault_board *board, struct buf *out) nodiscard;

/* The rule for this request, which is counted as one of its times. The caller unrefs. NULL: none.
 */
struct fault *fault_board_match(struct fault_board *board, const char *method, const char *path);
void fault_unref(struct fault *fault);
static inline void cleanup_fault(struct fault **fault)
{
	fault_unref(*fault);
}
#define auto_fault cleanup(cleanup_fault)

/* One more for every clear; waits that began with an older one are over. */
uint64_t fault_board_generation(struct fault_board *board);
bool fault_board_is_closed(struct fault_board *board);

enum fault_kind fault_kind(const struct fault *fault);
const char *fault_kind_name(enum fault_kind kind);
/* The parameters of a rule, borrowed from it. A number that is not there is `otherwise`. */
int64_t fault_number(const struct fault *fault, const char *key, int64_t otherwise);
/* False: there is no such text. */
bool fault_text(const struct fault *fault, const char *key, struct span *ret_text);
/* Calls back for each of its "headers". */
void fault_each_header(const struct fault *fault,
	void (*on_header)(void *arg, const char *name, const char *value), void *arg);

#endif
