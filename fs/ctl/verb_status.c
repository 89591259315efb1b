/* clevertimctl status. */
#include "verbs.h"

#include "control_file.h"
#include "human.h"
#include "place.h"
#include "print.h"
#include "show.h"
#include "status_text.h"
#include <stdio.h>

#define MAX_STATUS_BYTES ((size_t)16 << 20)

static void print_safe(const char *text)
{
	auto_buf struct buf safe = BUF_INIT(PRINT_MAX_BYTES);
	if (show_add(&safe, text, strlen(text)) == 0)
		fputs(safe.data, stdout);
}

static void print_heading(const struct status *status, const char *mount)
{
	char uptime[HUMAN_SIZE], received[HUMAN_SIZE];
	human_age(status->uptime_s, uptime);
	human_size(status->bytes_received, received);
	print_safe(status->url ? status->url : "");
	fputs(" at ", stdout);
	print_safe(mount);
	fputs("\nclevertimfs ", stdout);
	print_safe(status->version ? status->version : "");
	printf(", up for %s, %s received\n\n", uptime, received);
}

/* "reading: 12,000 records, 9.1 MB, 1.2 s", and the last error. */
static void add_remarks(const struct status_resource *resource, struct table *table)
{
	auto_buf struct buf text = BUF_INIT(8192);
	char records[HUMAN_SIZE], bytes[HUMAN_SIZE], duration[HUMAN_SIZE];
	int err = 0;

	human_count(resource->loading_records, records);
	human_size(resource->loading_bytes, bytes);
	human_duration(resource->loading_ms, duration);
	if (resource->is_loading)
		err = buf_addf(&text, "reading: %s records, %s, %s%s", records, bytes, duration,
			resource->last_error ? "; " : "");
	if (err == 0 && resource->last_error)
		err = buf_add_str(&text, resource->last_error);
	table_add(table, err == 0 ? text.data : "");
}

static void add_resource(const struct status_resource *resource, struct table *table)
{
	char records[HUMAN_SIZE] = "-", bytes[HUMAN_SIZE] = "", age[HUMAN_SIZE] = "";

	if (resource->records > 0 || resource->age_s >= 0) {
		human_count(resource->records, records);
		human_size(resource->bytes, bytes);
	}
	if (resource->age_s >= 0)
		human_age(resource->age_s, age);
	table_add(table, resource->name);
	table_add(table, resource->is_offered ? records : "none");
	table_add(table, resource->is_offered ? bytes : "");
	table_add(table, age);
	add_remarks(resource, table);
}

static int print_resources(const struct status *status, struct problem *problem)
{
	auto_table struct table table;
	table_init(&table, "<>>><");
	table_add(&table, "resource");
	table_add(&table, "records");
	table_add(&table, "size");
	table_add(&table, "age");
	table_add(&table, "last error");
	for (size_t i = 0; i < status->resource_count; i++)
		add_resource(&status->resources[i], &table);
	return print_table(&table, problem);
}

static void add_count(struct table *table, uint64_t count)
{
	char text[HUMAN_SIZE];
	human_count(count, text);
	table_add(table, text);
}

static int print_requests(const struct status *status, struct problem *problem)
{
	auto_table struct table table;
	table_init(&table, "<>>>");
	table_add(&table, "requests");
	table_add(&table, "ok");
	table_add(&table, "refused");
	table_add(&table, "unanswered");
	for (size_t i = 0; i < STATUS_METHODS; i++) {
		table_add(&table, status_method_names[i]);
		add_count(&table, status->requests[i].ok);
		add_count(&table, status->requests[i].refused);
		add_count(&table, status->requests[i].unanswered);
	}
	return print_table(&table, problem);
}

static void add_kept(struct table *table, const char *name, uint64_t count, uint64_t bytes)
{
	char size[HUMAN_SIZE];
	human_size(bytes, size);
	table_add(table, name);
	add_count(table, count);
	table_add(table, size);
}

static int print_kept(const struct status *status, struct problem *problem)
{
	auto_table struct table table;
	table_init(&table, "<>>");
	table_add(&table, "kept");
	table_add(&table, "texts");
	table_add(&table, "size");
	add_kept(&table, "drafts", status->drafts, status->draft_bytes);
	add_kept(&table, "trash", status->trash, status->trash_bytes);
	return print_table(&table, problem);
}

static int print_for_people(const char *mount, struct problem *problem)
{
	auto_status struct status status = {.version = NULL};
	int err = status_read(mount, &status, problem);
	if (err < 0)
		return err;
	print_heading(&status, mount);
	err = print_resources(&status, problem);
	putchar('\n');
	if (err == 0)
		err = print_requests(&status, problem);
	putchar('\n');
	return err < 0 ? err : print_kept(&status, problem);
}

static int print_json(const char *mount, struct problem *problem)
{
	auto_buf struct buf text = BUF_INIT(MAX_STATUS_BYTES);
	int err = control_read(mount, "status", &text, problem);
	return err < 0 ? err : print_text(&text, 0, problem);
}

int verb_status(const struct command *command, struct problem *problem)
{
	auto_place struct place place = {.mount = NULL};
	int err = place_find(command->arguments[0], &place, problem);
	if (err < 0)
		return err;
	return command_has(command, OPTION_JSON) ? print_json(place.mount, problem)
						 : print_for_people(place.mount, problem);
}
