#include "makings.h"

#include "clock.h"

static bool is_by(const struct making *making, const struct slot *slot, pid_t maker)
{
	return making->slot == slot && (maker == 0 || making->maker == maker);
}

static void remove_at(struct making **at)
{
	struct making *gone = *at;
	*at = gone->next;
	text_unref(gone->text);
	free(gone);
}

static void forget_old(struct making **at)
{
	while (*at) {
		if ((*at)->until_ms <= clock_ms())
			remove_at(at);
		else
			at = &(*at)->next;
	}
}

int makings_add(struct making **makings, const struct slot *slot, pid_t maker)
{
	struct making *making = calloc(1, sizeof *making);
	if (!making)
		return -ENOMEM;
	forget_old(makings);
	*making = (struct making){
		.next = *makings, .slot = slot, .maker = maker, .until_ms = INT64_MAX};
	*makings = making;
	return 0;
}

void makings_set_text(
	struct making *makings, const struct slot *slot, pid_t maker, struct text *text)
{
	struct making *making = makings;
	while (making && !(making->slot == slot && making->maker == maker && !making->text &&
				 making->until_ms == INT64_MAX))
		making = making->next;
	if (making)
		making->text = text_ref(text);
}

struct making *makings_find(
	struct making *makings, const struct slot *slot, const struct text *text)
{
	struct making *making = text ? makings : NULL;
	while (making && !(making->slot == slot && making->text == text))
		making = making->next;
	return making;
}

void makings_remove(struct making **makings, struct making *making)
{
	struct making **at = makings;
	while (*at != making)
		at = &(*at)->next;
	remove_at(at);
}

bool makings_has(const struct making *makings, const struct slot *slot, pid_t maker)
{
	const struct making *making = maker ? makings : NULL;
	while (making && !(is_by(making, slot, maker) && clock_ms() < making->until_ms))
		making = making->next;
	return making != NULL;
}

void makings_drop_texts(struct making *makings, const struct slot *slot, pid_t maker)
{
	for (struct making *making = makings; making; making = making->next) {
		if (is_by(making, slot, maker) && making->text)
			text_drop(making->text);
	}
}

void makings_forget(struct making **makings, const struct slot *slot, pid_t maker)
{
	for (struct making **at = makings; *at;) {
		if (is_by(*at, slot, maker))
			remove_at(at);
		else
			at = &(*at)->next;
	}
}

void makings_release(struct making **makings)
{
	while (*makings)
		remove_at(makings);
}
