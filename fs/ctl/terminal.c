#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* NOLINTBEGIN(concurrency-mt-unsafe): nobody changes the environment */
static bool is_smart(int fd)
{
	const char *term = getenv("TERM");
	return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

struct colours terminal_colours(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	if (!is_smart(fd) || (no_color && *no_color))
		return (struct colours){"", ""};
	return (struct colours){.heading = "\033[1m", .end = "\033[0m"};
}
/* NOLINTEND(concurrency-mt-unsafe) */

size_t terminal_columns(int fd)
{
	struct winsize size;
	if (!is_smart(fd) || ioctl(fd, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col > 0 ? size.ws_col : 80;
}
