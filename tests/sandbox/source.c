#include "source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define HEAD SPAN("{\"status\": \"OK\", \"content\": [")
#define BETWEEN SPAN(", ")
#define TAIL SPAN("]}")

void source_destroy(struct source *source)
{
	if (source)
		source->destroy(source);
}

struct text_source {
	struct source source;
	struct buf text;
	size_t at;
};

static ssize_t text_read(struct source *source, char *out, size_t max)
{
	struct text_source *self = (struct text_source *)source;
	size_t n = min_size(max, self->text.len - self->at);
	memcpy(out, self->text.data + self->at, n);
	self->at += n;
	return (ssize_t)n;
}

static void text_destroy(struct source *source)
{
	buf_release(&((struct text_source *)source)->text);
	free(source);
}

struct source *source_text(struct buf *text)
{
	struct text_source *self = malloc(sizeof *self);
	if (self) {
		*self = (struct text_source){
			{text_read, text_destroy, text->len}, BUF_INIT(text->max)};
		buf_swap(&self->text, text);
	}
	buf_release(text);
	return self ? &self->source : NULL;
}

/* The answer is parts in a row: head, record, comma, record, ..., tail. */
struct listing_source {
	struct source source;
	struct listing listing;
	size_t part;
	size_t at; /* within the part */
};

static size_t last_part(const struct listing *listing)
{
	return listing->count > 0 ? listing->count * 2 : 1;
}

static struct span listing_part(const struct listing *listing, size_t part)
{
	if (part == 0)
		return HEAD;
	if (part == last_part(listing))
		return TAIL;
	return part % 2 == 0 ? BETWEEN : record_text(listing->records[part / 2]);
}

static ssize_t listing_read(struct source *source, char *out, size_t max)
{
	struct listing_source *self = (struct listing_source *)source;
	size_t done = 0;
	while (done < max && self->part <= last_part(&self->listing)) {
		struct span part = listing_part(&self->listing, self->part);
		size_t n = min_size(max - done, part.len - self->at);
		memcpy(out + done, part.data + self->at, n);
		done += n;
		self->at += n;
		if (self->at == part.len) {
			self->part++;
			self->at = 0;
		}
	}
	return (ssize_t)done;
}

static void listing_destroy(struct source *source)
{
	listing_release(&((struct listing_source *)source)->listing);
	free(source);
}

struct source *source_listing(struct listing *listing)
{
	struct listing_source *self = malloc(sizeof *self);
	if (!self) {
		listing_release(listing);
		return NULL;
	}
	size_t commas = listing->count > 0 ? listing->count - 1 : 0;
	uint64_t size = HEAD.len + listing->bytes + commas * BETWEEN.len + TAIL.len;
	*self = (struct listing_source){{listing_read, listing_destroy, size}, *listing};
	*listing = (struct listing){0};
	return &self->source;
}

struct file_source {
	struct source source;
	int fd;
};

static ssize_t file_read(struct source *source, char *out, size_t max)
{
	return read(((struct file_source *)source)->fd, out, max);
}

static void file_destroy(struct source *source)
{
	close(((struct file_source *)source)->fd);
	free(source);
}

struct source *source_file(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	struct file_source *self = malloc(sizeof *self);
	if (!self || fstat(fd, &status) < 0) {
		close(fd);
		free(self);
		return NULL;
	}
	*self = (struct file_source){{file_read, file_destroy, (uint64_t)status.st_size}, fd};
	return &self->source;
}

enum { GZIP_INPUT = 65536, GZIP_FORMAT = 15 + 16, GZIP_MEMORY = 8 };

struct gzip_source {
	struct source source;
	struct source *plain;
	z_stream stream;
	bool plain_ended, ended;
	char input[GZIP_INPUT];
};

/* Reads on from the plain source once its bytes are used up. */
static int gzip_feed(struct gzip_source *self)
{
	if (self->stream.avail_in > 0 || self->plain_ended)
		return 0;
	ssize_t n = self->plain->read(self->plain, self->input, sizeof self->input);
	if (n < 0)
		return (int)n;
	self->plain_ended = n == 0;
	self->stream.next_in = (unsigned char *)self->input;
	self->stream.avail_in = (unsigned)n;
	return 0;
}

static ssize_t gzip_read(struct source *source, char *out, size_t max)
{
	struct gzip_source *self = (struct gzip_source *)source;
	unsigned room = (unsigned)min_size(max, 1u << 30);
	self->stream.next_out = (unsigned char *)out;
	self->stream.avail_out = room;
	while (!self->ended && self->stream.avail_out == room) {
		int err = gzip_feed(self);
		if (err < 0)
			return err;
		int result = deflate(&self->stream, self->plain_ended ? Z_FINISH : Z_NO_FLUSH);
		if (result == Z_STREAM_ERROR)
			return -EIO;
		self->ended = result == Z_STREAM_END;
	}
	return room - self->stream.avail_out;
}

static void gzip_destroy(struct source *source)
{
	struct gzip_source *self = (struct gzip_source *)source;
	deflateEnd(&self->stream);
	source_destroy(self->plain);
	free(self);
}

struct source *source_gzip(struct source *plain)
{
	struct gzip_source *self = plain ? calloc(1, sizeof *self) : NULL;
	if (self && deflateInit2(&self->stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_FORMAT, GZIP_MEMORY,
			    Z_DEFAULT_STRATEGY) == Z_OK) {
		self->source = (struct source){gzip_read, gzip_destroy, SOURCE_UNKNOWN};
		self->plain = plain;
		return &self->source;
	}
	free(self);
	source_destroy(plain);
	return NULL;
}

enum { MAX_RUNS = 4 };

struct runs_left {
	char *text;
	size_t len;
	uint64_t times;
};

struct runs_source {
	struct source source;
	size_t count, current;
	size_t at; /* within the current run's text */
	struct runs_left runs[MAX_RUNS];
};

static ssize_t runs_read(struct source *source, char *out, size_t max)
{
	struct runs_source *self = (struct runs_source *)source;
	size_t done = 0;
	while (done < max && self->current < self->count) {
		struct runs_left *run = &self->runs[self->current];
		if (run->times == 0 || run->len == 0) {
			self->current++;
			continue;
		}
		size_t n = min_size(max - done, run->len - self->at);
		memcpy(out + done, run->text + self->at, n);
		done += n;
		self->at += n;
		if (self->at == run->len) {
			self->at = 0;
			run->times -= run->times != SOURCE_UNKNOWN;
		}
	}
	return (ssize_t)done;
}

static void runs_destroy(struct source *source)
{
	struct runs_source *self = (struct runs_source *)source;
	for (size_t i = 0; i < self->count; i++)
		free(self->runs[i].text);
	free(self);
}

struct source *source_runs(const struct run *runs, size_t count)
{
	struct runs_source *self = calloc(1, sizeof *self);
	if (!self)
		return NULL;
	self->source = (struct source){runs_read, runs_destroy, 0};
	for (size_t i = 0; i < count && i < MAX_RUNS; i++) {
		size_t len = strlen(runs[i].text);
		self->runs[i] = (struct runs_left){strdup(runs[i].text), len, runs[i].times};
		self->count++;
		if (!self->runs[i].text) {
			runs_destroy(&self->source);
			return NULL;
		}
		if (runs[i].times == SOURCE_UNKNOWN || self->source.size == SOURCE_UNKNOWN)
			self->source.size = SOURCE_UNKNOWN;
		else
			self->source.size += len * runs[i].times;
	}
	return &self->source;
}
