#include "labels.h"

#include "label.h"

/* Shared by the snapshots that it stands in. */
struct text {
	atomic_uint refs;
	char label[];
};

static const char *label_of_item(const struct index_item *item)
{
	return ((const struct text *)item->text)->label;
}

static const char *label_at(const struct index *labels, size_t place)
{
	return label_of_item(&labels->items[place]);
}

/* ---- making ---- */

static int add_record(struct index *index, struct slot *slot, const struct record *record)
{
	char label[LABEL_MAX + 1];
	label_of(collection_resource(slot->collection), record_slice(record), slot->id,
		slot->id_len, label);
	size_t size = strlen(label) + 1;
	struct text *text = malloc(sizeof *text + size);
	if (!text)
		return -ENOMEM;
	atomic_init(&text->refs, 1);
	memcpy(text->label, label, size);
	int err = index_add(index, (struct index_item){.text = text, .slot = slot});
	if (err < 0)
		free(text);
	return err;
}

static int compare(const void *a, const void *b)
{
	const struct index_item *left = a, *right = b;
	int order = strcmp(label_of_item(left), label_of_item(right));
	return order ? order
		     : (left->slot->ino > right->slot->ino) - (left->slot->ino < right->slot->ino);
}

static void keep(const struct index_item *item)
{
	struct text *text = item->text;
	atomic_fetch_add_explicit(&text->refs, 1, memory_order_relaxed);
}

static void drop(const struct index_item *item)
{
	struct text *text = item->text;
	if (atomic_fetch_sub_explicit(&text->refs, 1, memory_order_acq_rel) == 1)
		free(text);
}

const struct index_kind labels_kind = {
	.add_record = add_record, .compare = compare, .keep = keep, .drop = drop};

/* ---- names ---- */

static bool same_label(const struct index *labels, size_t a, size_t b)
{
	return strcmp(label_at(labels, a), label_at(labels, b)) == 0;
}

static bool is_shared(const struct index *labels, size_t place)
{
	return (place > 0 && same_label(labels, place, place - 1)) ||
	       (place + 1 < labels->count && same_label(labels, place, place + 1));
}

/* Where to look for a label, and for a slot among those that have it; NULL: the first of them. */
struct wanted {
	const char *label;
	const struct slot *slot;
};

static int order_to(const struct index_item *item, const void *key)
{
	const struct wanted *wanted = key;
	int order = strcmp(label_of_item(item), wanted->label);
	return order == 0 && wanted->slot && item->slot->ino < wanted->slot->ino ? -1 : order;
}

static size_t lower_bound(const struct index *labels, const char *label, const struct slot *slot)
{
	const struct wanted wanted = {.label = label, .slot = slot};
	return index_lower_bound(labels, order_to, &wanted);
}

static bool has_label(const struct index *labels, size_t place, const char *label)
{
	return place < labels->count && strcmp(label_at(labels, place), label) == 0;
}

/* Where the record of an id stands, if it has that label. */
static bool find_record(const struct index *labels, const char *label, const char *id,
	size_t id_len, size_t *ret_place)
{
	const struct slot *slot = store_find(labels->collection, id, id_len);
	size_t place = slot ? lower_bound(labels, label, slot) : labels->count;
	if (!has_label(labels, place, label) || labels->items[place].slot != slot)
		return false;
	*ret_place = place;
	return true;
}

/*
 * Whether the id stands behind the label: where others share it, and where the label reads as if an
 * id stood behind another record's that does have it there. Each step is on a shorter label.
 */
static bool has_id_behind(const struct index *labels, size_t place)
{
	char label[LABEL_MAX + 1], id[ID_MAX + 1];
	size_t id_len;

	while (!is_shared(labels, place)) {
		if (!label_split(label_at(labels, place), label, id, &id_len) ||
			!find_record(labels, label, id, id_len, &place))
			return false;
	}
	return true;
}

static int spell(const struct index *labels, size_t place, char ret_name[NAME_SIZE])
{
	const struct slot *slot = labels->items[place].slot;
	const char *label = label_at(labels, place);
	return has_id_behind(labels, place) ? label_with_id(label, slot->id, slot->id_len, ret_name)
					    : label_plain(label, ret_name);
}

bool labels_name(
	const struct index *labels, size_t place, char ret_name[NAME_SIZE], struct slot **ret_slot)
{
	if (spell(labels, place, ret_name) < 0)
		return false;
	*ret_slot = labels->items[place].slot;
	return true;
}

struct slot *labels_find(const struct index *labels, const char *name)
{
	static const char suffix[] = ".json";
	char stem[NAME_SIZE], label[LABEL_MAX + 1], id[ID_MAX + 1];
	size_t id_len, place, len = strlen(name);

	if (len >= NAME_SIZE || len < sizeof suffix ||
		strcmp(name + len - strlen(suffix), suffix) != 0)
		return NULL;
	memcpy(stem, name, len);
	stem[len - strlen(suffix)] = '\0';
	place = lower_bound(labels, stem, NULL);
	if (has_label(labels, place, stem) && !has_id_behind(labels, place))
		return labels->items[place].slot;
	if (label_split(stem, label, id, &id_len) &&
		find_record(labels, label, id, id_len, &place) && has_id_behind(labels, place))
		return labels->items[place].slot;
	return NULL;
}
