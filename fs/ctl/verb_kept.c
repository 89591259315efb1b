/* clevertimctl drafts and trash. */
#include "verbs.h"

#include "clock.h"
#include "human.h"
#include "kept.h"
#include "place.h"
#include "print.h"
#include <stdio.h>

static void add_json(const struct kept_text *text, const char *mount, const char *area,
	bool has_reasons, struct json_line *line)
{
	char time[CLOCK_ISO_SIZE];
	auto_free char *path = NULL;

	if (asprintf(&path, "%s/.clevertimfs/%s/%s/%s", mount, area, text->resource, text->name) <
		0)
		path = NULL;
	clock_iso(text->mtime.tv_sec, time);
	json_line_text(line, "resource", text->resource, strlen(text->resource));
	json_line_text(line, "name", text->name, strlen(text->name));
	json_line_text(line, "path", path, path ? strlen(path) : 0);
	json_line_number(line, "size", (int64_t)text->size);
	json_line_text(line, "time", time, strlen(time));
	if (has_reasons)
		json_line_text(
			line, "reason", text->reason, text->reason ? strlen(text->reason) : 0);
}

static int print_json(const struct kept *kept, const char *mount, const char *area,
	bool has_reasons, struct problem *problem)
{
	auto_buf struct buf out = BUF_INIT(PRINT_MAX_BYTES);
	int err = 0;
	for (size_t i = 0; i < kept->count && err == 0; i++) {
		struct json_line line;
		json_line_begin(&line, &out);
		add_json(&kept->items[i], mount, area, has_reasons, &line);
		json_line_end(&line);
		err = line.err;
	}
	return print_text(&out, err, problem);
}

static int print_rows(const struct kept *kept, bool has_reasons, struct problem *problem)
{
	auto_table struct table table;
	int64_t now_s = clock_now().tv_sec;

	table_init(&table, has_reasons ? "<<>><" : "<<>>");
	table_add(&table, "resource");
	table_add(&table, "name");
	table_add(&table, "size");
	table_add(&table, "age");
	if (has_reasons)
		table_add(&table, "reason");
	for (size_t i = 0; i < kept->count; i++) {
		const struct kept_text *text = &kept->items[i];
		char size[HUMAN_SIZE], age[HUMAN_SIZE];
		human_size(text->size, size);
		human_age(now_s - text->mtime.tv_sec, age);
		table_add(&table, text->resource);
		table_add(&table, text->name);
		table_add(&table, size);
		table_add(&table, age);
		if (has_reasons)
			table_add(&table, text->reason);
	}
	return print_table(&table, problem);
}

static int list(
	const struct command *command, const char *area, bool has_reasons, struct problem *problem)
{
	auto_place struct place place = {.mount = NULL};
	auto_kept struct kept kept = {.items = NULL};

	int err = place_find(command->arguments[0], &place, problem);
	if (err == 0)
		err = kept_read(place.mount, area, &kept, problem);
	if (err < 0)
		return err;
	if (command_has(command, OPTION_JSON))
		return print_json(&kept, place.mount, area, has_reasons, problem);
	if (kept.count == 0) {
		printf("no %s\n", area);
		return 0;
	}
	return print_rows(&kept, has_reasons, problem);
}

int verb_drafts(const struct command *command, struct problem *problem)
{
	return list(command, "drafts", true, problem);
}

int verb_trash(const struct command *command, struct problem *problem)
{
	return list(command, "trash", false, problem);
}
