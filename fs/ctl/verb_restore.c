/* clevertimctl restore: what a cp from drafts or trash does, with its outcome in words. */
#include "verbs.h"

#include "control_file.h"
#include "error_line.h"
#include "file.h"
#include "kept.h"
#include "kept_target.h"
#include "show.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAX_TEXT_BYTES ((size_t)256 << 20)
#define MAX_LOG_BYTES ((size_t)64 << 20)
#define MAX_ID_BYTES 256

static const struct area {
	const char *name;
	enum command_option option;
	bool has_drafts;
} areas[] = {{"drafts", OPTION_DRAFT, true}, {"trash", OPTION_TRASH, false}};

/* A text on its way back. */
struct restoring {
	const struct kept_target *target;
	const struct area *area;
	char *kept_path;     /* where it is kept */
	char *file;	     /* "contact/4.json" */
	char *path;	     /* the same in the file system */
	bool may_be_created; /* by an earlier try whose answer was lost */
	bool is_created;
};

static void restoring_release(struct restoring *restoring)
{
	free(restoring->kept_path);
	free(restoring->file);
	free(restoring->path);
}

/* ---- which of the two ---- */

static char *kept_path(const struct kept_target *target, const char *area)
{
	auto_free char *name = NULL;
	if (asprintf(&name, "%s/%s/%s", area, target->resource, target->name) < 0) {
		name = NULL;
		return NULL;
	}
	return control_path(target->mount, name);
}

/* A reason beside its draft is none. */
static int is_kept(const struct kept_target *target, const char *area, bool *ret_is_kept,
	struct problem *problem)
{
	auto_kept struct kept kept = {.items = NULL};
	int err = kept_read(target->mount, area, &kept, problem);
	*ret_is_kept = false;
	for (size_t i = 0; i < kept.count && !*ret_is_kept; i++)
		*ret_is_kept = strcmp(kept.items[i].resource, target->resource) == 0 &&
			       strcmp(kept.items[i].name, target->name) == 0;
	return err;
}

static bool may_be_in(
	const struct area *area, const struct kept_target *target, const struct command *command)
{
	unsigned asked = command->options & (OPTION_DRAFT | OPTION_TRASH);
	return (!target->area || strcmp(target->area, area->name) == 0) &&
	       (!asked || (asked & area->option));
}

static int choose_area(const struct command *command, const struct kept_target *target,
	const struct area **ret_area, struct problem *problem)
{
	const struct area *found = NULL;
	for (size_t i = 0; i < array_size(areas); i++) {
		bool is_here = false;
		int err = may_be_in(&areas[i], target, command)
				  ? is_kept(target, areas[i].name, &is_here, problem)
				  : 0;
		if (err < 0)
			return err;
		if (is_here && found)
			return problem_set(problem, -ENOTUNIQ,
				"'%s/%s' is a draft, and a deleted record, too: say --draft or "
				"--trash",
				target->resource, target->name);
		found = is_here ? &areas[i] : found;
	}
	if (!found)
		return problem_set(problem, -ENOENT,
			"no such text is kept as '%s/%s': see clevertimctl drafts, and trash",
			target->resource, target->name);
	*ret_area = found;
	return 0;
}

/* ---- the save ---- */

/* The length of the name under which it is saved. */
static size_t file_name_len(const struct restoring *restoring)
{
	const char *name = restoring->target->name;
	return restoring->area->has_drafts ? kept_file_name_len(name) : strlen(name);
}

/* The drafts of the file: whether one may be a record already, and one but for the text itself. */
static const struct kept_text *look_at_drafts(
	struct restoring *restoring, const struct kept *drafts)
{
	const struct kept_target *target = restoring->target;
	const struct kept_text *other = NULL;
	size_t len = file_name_len(restoring);
	for (size_t i = 0; i < drafts->count; i++) {
		const struct kept_text *text = &drafts->items[i];
		if (strcmp(text->resource, target->resource) != 0 ||
			kept_file_name_len(text->name) != len ||
			strncmp(text->name, target->name, len) != 0)
			continue;
		restoring->may_be_created |=
			text->reason && problem_leaves_creation_open(text->reason);
		if (!restoring->area->has_drafts || strcmp(text->name, target->name) != 0)
			other = text;
	}
	return other;
}

/* A save drops every draft of its file. Those that nobody asked for must not go unseen. */
static int choose_file(struct restoring *restoring, struct problem *problem)
{
	auto_kept struct kept drafts = {.items = NULL};
	const struct kept_target *target = restoring->target;

	int err = kept_read(target->mount, "drafts", &drafts, problem);
	if (err < 0)
		return err;
	const struct kept_text *other = look_at_drafts(restoring, &drafts);
	if (other && restoring->area->has_drafts)
		return problem_set(problem, -ENOTUNIQ,
			"'%s/%s' is a draft of the same file, and this save would drop it: copy it "
			"elsewhere, or rm it, first",
			other->resource, other->name);
	if (asprintf(&restoring->file, "%s/%s%.*s", target->resource, other ? "restored-" : "",
		    (int)file_name_len(restoring), target->name) < 0) {
		restoring->file = NULL;
		return problem_set(problem, -ENOMEM, "not enough memory");
	}
	return 0;
}

static int prepare(struct restoring *restoring, struct problem *problem)
{
	const struct kept_target *target = restoring->target;
	int err = choose_file(restoring, problem);
	if (err < 0)
		return err;
	restoring->kept_path = kept_path(target, restoring->area->name);
	if (asprintf(&restoring->path, "%s/%s", target->mount, restoring->file) < 0)
		restoring->path = NULL;
	if (!restoring->kept_path || !restoring->path)
		return problem_set(problem, -ENOMEM, "not enough memory");
	return 0;
}

/* A deleted record becomes a new one; a draft does so where its record is not, or no more, there. */
static int save(const struct command *command, struct restoring *restoring, const struct buf *text)
{
	int err = restoring->area->has_drafts
			  ? file_write(restoring->path, O_TRUNC, text->data, text->len)
			  : -ENOENT;
	restoring->is_created = err == -ENOENT;
	if (restoring->is_created && restoring->may_be_created &&
		!command_has(command, OPTION_AGAIN))
		return -EALREADY;
	if (restoring->is_created)
		err = file_write(restoring->path, O_CREAT | O_EXCL, text->data, text->len);
	return err;
}

/* The last line about it in errors has the server's words, if it is about this. */
static int explain(const struct restoring *restoring, int err, struct problem *problem)
{
	const struct kept_target *target = restoring->target;
	auto_buf struct buf log = BUF_INIT(MAX_LOG_BYTES);
	struct error_line line;
	const char *name = problem_errno_name(err), *reason = strerrordesc_np(-err);
	size_t len = strlen(reason);

	if (err == -EEXIST)
		return problem_set(problem, err, "there is a '%s' already: nothing was created",
			restoring->file);
	if (err == -EALREADY)
		return problem_set(problem, err,
			"the server may have created '%s' already: look for it by its text in "
			"%s/ or by-name/%s/, and say --again if it is not there",
			restoring->file, target->resource, target->resource);
	if (control_read(target->mount, "errors", &log, problem) == 0 &&
		error_lines_find(log.data, log.len, restoring->file, &line) &&
		line.errno_name.len == strlen(name) &&
		memcmp(line.errno_name.data, name, strlen(name)) == 0) {
		reason = line.message.data;
		len = line.message.len;
	}
	return problem_set(problem, err, "'%s' was not saved, and its text is kept: %.*s",
		restoring->file, (int)len, reason);
}

static int tell(const struct restoring *restoring, const char *id, size_t id_len)
{
	auto_buf struct buf line = BUF_INIT(MAX_ID_BYTES + 8192);
	int err = show_add(&line, restoring->file, strlen(restoring->file));
	if (err == 0)
		err = buf_add_str(&line, restoring->is_created ? ": created" : ": saved");
	if (err == 0)
		err = buf_add_str(&line, ", id ");
	if (err == 0)
		err = show_add(&line, id, id_len);
	if (err == 0)
		puts(line.data);
	return err;
}

/* Only what has an id is a record. A save drops its draft; an older one, or trash, it does not know. */
static int finish(const struct restoring *restoring, struct problem *problem)
{
	char id[MAX_ID_BYTES];
	ssize_t len = getxattr(restoring->path, "user.clevertim.id", id, sizeof id);
	if (len <= 0)
		return problem_set(problem, -EIO,
			"'%s' is no record, and its text is kept: no such name belongs to one",
			restoring->file);
	if (!restoring->area->has_drafts ||
		file_name_len(restoring) < strlen(restoring->target->name))
		unlink(restoring->kept_path);
	return tell(restoring, id, (size_t)len) < 0
		       ? problem_set(problem, -ENOMEM, "not enough memory")
		       : 0;
}

static int restore(const struct command *command, const struct kept_target *target,
	const struct area *area, struct problem *problem)
{
	struct restoring restoring cleanup(restoring_release) = {.target = target, .area = area};
	auto_buf struct buf text = BUF_INIT(MAX_TEXT_BYTES);

	int err = prepare(&restoring, problem);
	if (err < 0)
		return err;
	err = file_read(restoring.kept_path, &text);
	if (err < 0)
		return control_explain(target->mount, area->name, err, problem);
	err = save(command, &restoring, &text);
	if (err < 0)
		return explain(&restoring, err, problem);
	return finish(&restoring, problem);
}

int verb_restore(const struct command *command, struct problem *problem)
{
	auto_target struct kept_target target = {.mount = NULL};
	const struct area *area = &areas[0];
	int err = kept_target_parse(command->arguments[0], command->arguments[1], &target, problem);
	if (err == 0)
		err = choose_area(command, &target, &area, problem);
	return err < 0 ? err : restore(command, &target, area, problem);
}
