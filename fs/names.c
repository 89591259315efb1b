#include "names.h"

#include "hash.h"

struct names {
	struct name **chains;
	size_t size; /* a power of two */
	size_t count;
	struct name *used;
	size_t used_count;
	struct making *makings;
};

static size_t chain_of(const struct names *names, const char *text)
{
	return hash_text(text, strlen(text)) & (names->size - 1);
}

struct names *names_create(void)
{
	struct names *names = calloc(1, sizeof *names);
	if (!names)
		return NULL;
	names->size = 32;
	names->chains = calloc(names->size, sizeof(struct name *));
	if (!names->chains) {
		free(names);
		return NULL;
	}
	return names;
}

void names_destroy(struct names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < names->size; i++) {
		while (names->chains[i]) {
			struct name *gone = names->chains[i];
			names->chains[i] = gone->next;
			free(gone);
		}
	}
	makings_release(&names->makings);
	free(names->chains);
	free(names);
}

struct name *names_find(const struct names *names, const char *text)
{
	struct name *name = names->chains[chain_of(names, text)];
	while (name && strcmp(name->text, text) != 0)
		name = name->next;
	return name;
}

/* Longer chains are still right: without memory the table stays as it is. */
static void grow(struct names *names)
{
	struct names larger = {.size = names->size * 2};
	larger.chains = calloc(larger.size, sizeof(struct name *));
	if (!larger.chains)
		return;
	for (size_t i = 0; i < names->size; i++) {
		while (names->chains[i]) {
			struct name *name = names->chains[i];
			names->chains[i] = name->next;
			struct name **chain = &larger.chains[chain_of(&larger, name->text)];
			name->next = *chain;
			*chain = name;
		}
	}
	free(names->chains);
	names->chains = larger.chains;
	names->size = larger.size;
}

struct name *names_add(struct names *names, const char *text)
{
	size_t len = strlen(text);
	struct name *name = calloc(1, sizeof *name + len + 1);
	if (!name)
		return NULL;
	if (names->count >= names->size)
		grow(names);
	memcpy(name->text, text, len);
	struct name **chain = &names->chains[chain_of(names, text)];
	name->next = *chain;
	*chain = name;
	names->count++;
	return name;
}

static void use(struct names *names, struct name *name)
{
	name->next_used = names->used;
	name->used_at = &names->used;
	if (names->used)
		names->used->used_at = &name->next_used;
	names->used = name;
	names->used_count++;
}

static void end_use(struct names *names, struct name *name)
{
	*name->used_at = name->next_used;
	if (name->next_used)
		name->next_used->used_at = name->used_at;
	name->used_at = NULL;
	names->used_count--;
}

void names_settle(struct names *names, struct name *name)
{
	bool is_used = name->node || name->aside;
	if (is_used && !name->used_at)
		use(names, name);
	else if (!is_used && name->used_at)
		end_use(names, name);
}

void names_remove(struct names *names, struct name *name)
{
	if (name->used_at)
		end_use(names, name);
	struct name **at = &names->chains[chain_of(names, name->text)];
	while (*at != name)
		at = &(*at)->next;
	*at = name->next;
	names->count--;
	free(name);
}

size_t names_count(const struct names *names)
{
	return names->used_count;
}

void names_forget_alias(struct names *names, const struct slot *slot)
{
	for (size_t i = 0; slot_is_named(slot) && i < names->size; i++) {
		for (struct name *name = names->chains[i]; name; name = name->next) {
			if (name->alias == slot)
				name->alias = NULL;
		}
	}
}

struct making **names_makings(struct names *names)
{
	return &names->makings;
}

struct name *names_next(const struct names *names, const struct name *previous)
{
	return previous ? previous->next_used : names->used;
}
