/*
 * Any text written to refresh: what comes of it are two names, without a slash or a line end; they
 * stand in the text; written as a path, also below the mount point, they are read as the same.
 */
#include "fuzz.h"

#include "refresh_path.h"
#include <stdio.h>

#define MOUNT "/mnt/crm"

static void check_step(const char *step, const char *text, size_t len)
{
	promise(strlen(step) < NAME_SIZE && !strpbrk(step, "/\r\n"));
	promise(step[0] == '\0' || memmem(text, len, step, strlen(step)));
}

static void check_again(const struct refresh_path *path, const char *start)
{
	char text[3 * NAME_SIZE];
	struct refresh_path again;
	int len = snprintf(text, sizeof text, "%s%s/%s", start, path->resource, path->name);
	refresh_path_parse(MOUNT, text, (size_t)len, &again);
	promise(strcmp(path->resource, again.resource) == 0);
	promise(strcmp(path->name, again.name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct refresh_path path;
	refresh_path_parse(MOUNT, (const char *)data, size, &path);
	check_step(path.resource, (const char *)data, size);
	check_step(path.name, (const char *)data, size);
	/* A step that ends in a space is only read so where another one follows. */
	if (path.resource[0] && path.name[0] && path.name[strlen(path.name) - 1] != ' ') {
		check_again(&path, "");
		check_again(&path, MOUNT "/");
	}
	return 0;
}
