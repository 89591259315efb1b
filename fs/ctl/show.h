/*
 * Text as it may stand on a terminal, whoever wrote it: one line, nothing that moves the cursor,
 * colours, or turns the writing's direction. Pure; any thread; widths by LC_CTYPE.
 */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "buf.h"

/* Appends text: control characters as spaces, bad UTF-8 as U+FFFD. -EFBIG, -ENOMEM. */
int show_add(struct buf *out, const char *text, size_t len) nodiscard;
/* Columns that such text takes. */
size_t show_width(const char *text);
/* Appends text as a JSON string, with escapes for all that show_add would change. */
int show_add_json(struct buf *out, const char *text, size_t len) nodiscard;

#endif
