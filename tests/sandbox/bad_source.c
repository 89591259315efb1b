#include "bad_source.h"

struct bad_source {
	struct source source;
	struct source *whole;
	struct wire wire;
	uint64_t left; /* bytes until it turns bad */
	int64_t ms;
};

typedef ssize_t read_fn(struct source *source, char *out, size_t max);

/* Reads while all is well. *ret_is_bad: that time is over, and nothing was read. */
static ssize_t read_good(struct bad_source *self, char *out, size_t max, bool *ret_is_bad)
{
	*ret_is_bad = self->left == 0;
	if (self->left == 0)
		return 0;
	ssize_t n = self->whole->read(self->whole, out, self->left < max ? self->left : max);
	if (n > 0)
		self->left -= (uint64_t)n;
	return n;
}

static ssize_t read_cut(struct source *source, char *out, size_t max)
{
	bool is_bad;
	ssize_t n = read_good((struct bad_source *)source, out, max, &is_bad);
	return is_bad ? -EPIPE : n;
}

static ssize_t read_reset(struct source *source, char *out, size_t max)
{
	struct bad_source *self = (struct bad_source *)source;
	bool is_bad;
	ssize_t n = read_good(self, out, max, &is_bad);
	if (!is_bad)
		return n;
	wire_reset(&self->wire);
	return -ECONNRESET;
}

static ssize_t read_stall(struct source *source, char *out, size_t max)
{
	struct bad_source *self = (struct bad_source *)source;
	bool is_bad;
	ssize_t n = read_good(self, out, max, &is_bad);
	if (!is_bad)
		return n;
	wire_push(&self->wire);
	int err = wire_wait(&self->wire, -1);
	if (err < 0)
		return err;
	self->left = UINT64_MAX;
	return self->whole->read(self->whole, out, max);
}

static ssize_t read_trickle(struct source *source, char *out, size_t max)
{
	struct bad_source *self = (struct bad_source *)source;
	bool is_cleared = fault_board_generation(self->wire.board) != self->wire.generation;
	wire_push(&self->wire);
	int err = wire_wait(&self->wire, self->ms);
	if (err < 0)
		return err;
	return self->whole->read(self->whole, out, is_cleared ? max : 1);
}

static void bad_destroy(struct source *source)
{
	source_destroy(((struct bad_source *)source)->whole);
	free(source);
}

static struct source *create(struct source *whole, read_fn *read, struct bad_source bad)
{
	struct bad_source *self = whole ? malloc(sizeof *self) : NULL;
	if (!self) {
		source_destroy(whole);
		return NULL;
	}
	*self = bad;
	self->source = (struct source){read, bad_destroy, whole->size};
	self->whole = whole;
	return &self->source;
}

struct source *bad_source_cut(struct source *whole, uint64_t bytes)
{
	return create(whole, read_cut, (struct bad_source){.left = bytes});
}

struct source *bad_source_reset(struct source *whole, uint64_t bytes, struct wire wire)
{
	return create(whole, read_reset, (struct bad_source){.wire = wire, .left = bytes});
}

struct source *bad_source_stall(struct source *whole, uint64_t bytes, struct wire wire)
{
	return create(whole, read_stall, (struct bad_source){.wire = wire, .left = bytes});
}

struct source *bad_source_trickle(struct source *whole, int64_t ms, struct wire wire)
{
	return create(whole, read_trickle, (struct bad_source){.wire = wire, .ms = ms});
}
