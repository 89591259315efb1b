/* What standard output and standard error are, and how to speak to them. */
#ifndef CTL_TERMINAL_H
#define CTL_TERMINAL_H

#include "base.h"

/* What begins and ends a heading: "" each where there are no colours. Static. */
struct colours {
	const char *heading, *end;
};

/* Only on a terminal, and neither with NO_COLOR nor on a dumb one. */
struct colours terminal_colours(int fd);
/* Columns of a terminal on which a line can be written over; 0: it is none. */
size_t terminal_columns(int fd);

#endif
