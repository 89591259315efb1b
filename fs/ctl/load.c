#include "load.h"

#include "clock.h"
#include "control_file.h"
#include "error_line.h"
#include "human.h"
#include "show.h"
#include "status_text.h"
#include "terminal.h"
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define LOOK_MS 100
#define MAX_LOG_BYTES ((size_t)64 << 20)

/* The thread that waits for the directory. */
struct opener {
	char *path;
	pthread_mutex_t lock;
	pthread_cond_t done;
	bool is_done; /* guarded by lock */
	int err;      /* once it is done */
};

static void *open_directory(void *arg)
{
	struct opener *opener = arg;
	DIR *directory = opendir(opener->path);
	/* Where the kernel opens without asking, the first name asks. */
	errno = 0;
	bool is_read = directory && (readdir(directory) || errno == 0);
	opener->err = is_read ? 0 : -errno;
	if (directory)
		closedir(directory);
	pthread_mutex_lock(&opener->lock);
	opener->is_done = true;
	pthread_cond_signal(&opener->done);
	pthread_mutex_unlock(&opener->lock);
	return NULL;
}

static bool is_done_within(struct opener *opener, int64_t ms)
{
	struct timespec until = clock_timespec(clock_ms() + ms);
	int err = 0;
	pthread_mutex_lock(&opener->lock);
	while (!opener->is_done && err == 0)
		err = pthread_cond_clockwait(&opener->done, &opener->lock, CLOCK_MONOTONIC, &until);
	bool is_done = opener->is_done;
	pthread_mutex_unlock(&opener->lock);
	return is_done;
}

static void opener_release(struct opener *opener)
{
	pthread_cond_destroy(&opener->done);
	pthread_mutex_destroy(&opener->lock);
	free(opener->path);
}

/* ---- the line ---- */

struct line {
	const struct load *load;
	size_t columns; /* of the terminal; 0: there is none */
	int64_t begun_ms;
	bool is_drawn;
};

static int add_numbers(struct buf *text, uint64_t records, uint64_t bytes, int64_t took_ms)
{
	char count[HUMAN_SIZE], size[HUMAN_SIZE], duration[HUMAN_SIZE];
	human_count(records, count);
	human_size(bytes, size);
	human_duration(took_ms, duration);
	return buf_addf(
		text, "%s record%s  %s  %s", count, records == 1 ? "" : "s", size, duration);
}

static void start_line(const struct line *line, struct buf *text)
{
	const struct load *load = line->load;
	int err = line->is_drawn ? buf_add_str(text, "\r\033[K") : 0;
	if (err == 0)
		err = show_add(text, load->resource, strlen(load->resource));
	size_t own = show_width(load->resource);
	size_t pad = (load->name_width > own ? load->name_width - own : 0) + 2;
	while (pad-- > 0 && err == 0)
		err = buf_add_char(text, ' ');
	(void)err; /* there is less to see then */
}

/* A line that would be broken in two could not be written over. */
static void draw(struct line *line, const struct status_resource *resource)
{
	auto_buf struct buf text = BUF_INIT(4096);
	start_line(line, &text);
	int err = add_numbers(&text, resource->loading_records, resource->loading_bytes,
		clock_ms() - line->begun_ms);
	if (err < 0 || show_width(text.data) >= line->columns)
		return;
	fputs(text.data, stderr);
	line->is_drawn = true;
}

static void look(struct line *line)
{
	auto_status struct status status = {.version = NULL};
	struct problem ignored = {0};
	if (line->columns == 0 || status_read(line->load->mount, &status, &ignored) < 0)
		return;
	const struct status_resource *resource = status_find(&status, line->load->resource);
	if (resource && resource->is_loading)
		draw(line, resource);
}

static void finish_line(struct line *line, const struct status_resource *resource, int err)
{
	auto_buf struct buf text = BUF_INIT(4096);
	start_line(line, &text);
	if (!resource->is_offered)
		err = buf_add_str(&text, "the server does not offer this");
	else if (err < 0)
		err = buf_add_str(&text, "failed");
	else
		err = add_numbers(
			&text, resource->records, resource->bytes, clock_ms() - line->begun_ms);
	if (err == 0)
		fprintf(stderr, "%s\n", text.data);
}

/* ---- how it ended ---- */

/* The last line about it in errors tells whether there was an answer. */
static bool was_answered(const struct load *load)
{
	auto_buf struct buf text = BUF_INIT(MAX_LOG_BYTES);
	struct problem ignored = {0};
	struct error_line error;
	return control_read(load->mount, "errors", &text, &ignored) < 0 ||
	       !error_lines_find(text.data, text.len, load->resource, &error) ||
	       error.http_status > 0;
}

static int conclude(struct line *line, int err, bool *ret_answered, struct problem *problem)
{
	auto_status struct status status = {.version = NULL};
	const struct load *load = line->load;
	int status_err = status_read(load->mount, &status, problem);
	if (status_err < 0)
		return status_err;
	const struct status_resource *resource = status_find(&status, load->resource);
	if (!resource)
		return problem_set(problem, -ENOENT, "there is no '%s' any more", load->resource);
	if (!resource->is_offered)
		err = 0;
	else if (err == 0 && resource->last_error)
		err = -EIO; /* the directory shows what was known before */
	finish_line(line, resource, err);
	*ret_answered = err == 0 || was_answered(load);
	if (err == 0)
		return 0;
	return problem_set(problem, err, "cannot read '%s': %s", load->resource,
		resource->last_error ? resource->last_error : strerrordesc_np(-err));
}

int load_resource(const struct load *load, bool *ret_answered, struct problem *problem)
{
	struct opener opener cleanup(opener_release) = {
		.lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
	struct line line = {.load = load, .begun_ms = clock_ms()};
	pthread_t thread;

	line.columns = terminal_columns(STDERR_FILENO);
	if (asprintf(&opener.path, "%s/%s", load->mount, load->resource) < 0) {
		opener.path = NULL;
		return problem_set(problem, -ENOMEM, "not enough memory");
	}
	int err = -pthread_create(&thread, NULL, open_directory, &opener);
	if (err < 0)
		return problem_set(
			problem, err, "cannot start a thread: %s", strerrordesc_np(-err));
	while (!is_done_within(&opener, LOOK_MS))
		look(&line);
	pthread_join(thread, NULL);
	return conclude(&line, opener.err, ret_answered, problem);
}
