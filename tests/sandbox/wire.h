/* The client's connection below HTTP. Of the thread that serves it. */
#ifndef SANDBOX_WIRE_H
#define SANDBOX_WIRE_H

#include "fault.h"

struct wire {
	int fd; /* borrowed */
	struct fault_board *board;
	uint64_t generation; /* of the board, when the request came */
};

/*
 * Waits; ms < 0: without end. 0 when the time is up or the faults were cleared; -ECONNRESET when
 * the client went away or the server stops.
 */
int wire_wait(const struct wire *wire, int64_t ms) nodiscard;
/* As wire_wait, without a look at the client. */
int wire_wait_alone(const struct wire *wire, int64_t ms) nodiscard;
/* Sends what the kernel holds back to fill a packet. */
void wire_push(const struct wire *wire);
/* Lets what was sent arrive, then breaks the connection with a RST. */
void wire_reset(const struct wire *wire);

#endif
