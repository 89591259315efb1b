/* What the files of the control directory say, and what writing to refresh does. */
#include "control.h"

#include "clock.h"
#include "notify.h"
#include "refresh_path.h"
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>

static struct json_object *requests_json(const struct api_stats *stats)
{
	static const char *const names[API_METHODS] = {"GET", "PUT", "POST", "DELETE"};
	struct json_object *all = json_object_new_object();

	for (int i = 0; i < API_METHODS; i++) {
		struct json_object *one = json_object_new_object();
		json_object_object_add(one, "ok", json_object_new_uint64(stats->by_method[i].ok));
		json_object_object_add(
			one, "refused", json_object_new_uint64(stats->by_method[i].refused));
		json_object_object_add(
			one, "unanswered", json_object_new_uint64(stats->by_method[i].lost));
		json_object_object_add(all, names[i], one);
	}
	return all;
}

static struct json_object *loading_json(const struct collection_stats *stats)
{
	char seconds[32];
	struct json_object *one = json_object_new_object();

	snprintf(seconds, sizeof seconds, "%" PRId64 ".%d", stats->loading_ms / 1000,
		(int)(stats->loading_ms % 1000 / 100));
	json_object_object_add(one, "records", json_object_new_uint64(stats->loading_records));
	json_object_object_add(one, "bytes", json_object_new_uint64(stats->loading_bytes));
	json_object_object_add(one, "seconds",
		json_object_new_double_s((double)stats->loading_ms / 1000, seconds));
	return one;
}

static struct json_object *collection_json(struct collection *collection)
{
	struct collection_stats stats;
	struct json_object *one = json_object_new_object();

	store_get_stats(collection, &stats);
	json_object_object_add(one, "offered", json_object_new_boolean(!stats.absent));
	json_object_object_add(one, "records", json_object_new_uint64(stats.records));
	json_object_object_add(one, "bytes", json_object_new_uint64(stats.bytes));
	json_object_object_add(
		one, "age", stats.age_ms < 0 ? NULL : json_object_new_int64(stats.age_ms / 1000));
	json_object_object_add(one, "last_error",
		stats.error == 0 ? NULL : json_object_new_string(stats.error_message));
	json_object_object_add(one, "loading", stats.is_loading ? loading_json(&stats) : NULL);
	return one;
}

static struct json_object *kept_json(uint64_t count, uint64_t bytes)
{
	struct json_object *one = json_object_new_object();
	json_object_object_add(one, "count", json_object_new_uint64(count));
	json_object_object_add(one, "bytes", json_object_new_uint64(bytes));
	return one;
}

int control_status(struct fs *fs, struct buf *out)
{
	struct api_stats api_stats;
	struct journal_stats kept = {.drafts = 0};
	size_t count;
	struct collection *const *collections = store_collections(fs->store, &count);
	struct json_object *status = json_object_new_object();
	struct json_object *resources = json_object_new_object();

	api_get_stats(fs->api, &api_stats);
	if (fs->journal && journal_get_stats(fs->journal, &kept) < 0)
		kept = (struct journal_stats){.drafts = 0};
	for (size_t i = 0; i < count; i++)
		json_object_object_add(resources, collection_name(collections[i]),
			collection_json(collections[i]));

	json_object_object_add(status, "version", json_object_new_string(CLEVERTIMFS_VERSION));
	json_object_object_add(status, "url", json_object_new_string(fs->config->url));
	json_object_object_add(
		status, "uptime", json_object_new_int64((clock_ms() - fs->started_ms) / 1000));
	json_object_object_add(status, "requests", requests_json(&api_stats));
	json_object_object_add(
		status, "bytes_received", json_object_new_uint64(api_stats.bytes_received));
	json_object_object_add(status, "resources", resources);
	json_object_object_add(status, "drafts", kept_json(kept.drafts, kept.draft_bytes));
	json_object_object_add(status, "trash", kept_json(kept.trash, kept.trash_bytes));

	const char *text = json_object_to_json_string_ext(status,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
	int err = text ? buf_add_str(out, text) : -ENOMEM;
	if (err == 0)
		err = buf_add_char(out, '\n');
	json_object_put(status);
	return err;
}

int control_readme(struct buf *out)
{
	return buf_add_str(out,
		"clevertimfs: a Clevertim CRM account as a directory\n"
		"\n"
		"<resource>/<id>.json is a record, as JSON. ls, cat, grep -r, jq and your editor "
		"work.\n"
		"  Save      changes the record: only the properties that differ are sent. A "
		"property\n"
		"            left out is left alone; null clears it. When the save returns, the "
		"server\n"
		"            has it; when it fails, nothing changed there, and your text is kept.\n"
		"  Create    write a new file, NAME.json: the server gives it an id, and NAME.json "
		"keeps\n"
		"            working until unmount. See .clevertimfs/created.\n"
		"  Delete    rm. The last text is kept in .clevertimfs/trash for 30 days.\n"
		"  Other names (swap files, backups) are scratch: never sent, gone at unmount.\n"
		"by-name/<resource>/ leads to the records by their names, "
		"related/<resource>/<id>/\n"
		"to those that point at one; export/<resource>.csv and .ndjson are a whole "
		"resource.\n"
		"\n"
		"When something fails, the last line of .clevertimfs/errors says why:\n"
		"  EINVAL not JSON, or refused by the server    EACCES not allowed\n"
		"  EBUSY changed on the server meanwhile        EAGAIN too many requests\n"
		"  EHOSTUNREACH, ETIMEDOUT no connection        EPROTO certificate not trusted\n"
		"  EIO anything else\n"
		"\n"
		"In this directory:\n"
		"  status    the state of the mount, as JSON\n"
		"  errors    what failed: time, operation, path, errno, HTTP status, the server's "
		"words\n"
		"  created   what was created: time, resource, name, id\n"
		"  refresh   write anything to forget what was read; a path, to forget that one\n"
		"  drafts/   texts that the server has not taken; cp one over its record to try "
		"again\n"
		"  trash/    deleted records; cp one back to create it anew\n"
		"clevertimctl shows these to people: see clevertimctl --help.\n");
}

/* ---- refresh ---- */

static void refresh_collection(struct fs *fs, struct collection *collection)
{
	size_t count;
	uint64_t *ids;

	store_expire_listing(collection);
	if (tree_record_nodes(fs->tree, collection, &ids, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		notify_attributes(fs->notify, ids[i]);
	free(ids);
}

static bool refresh_record(struct fs *fs, struct collection *collection, const char *name)
{
	char id[ID_MAX + 1];
	size_t len;
	struct node *dir = tree_directory(fs->tree, collection);
	if (!tree_wants(fs->tree, dir, name, id, &len))
		return false;
	struct slot *slot = store_find(collection, id, len);
	if (slot) {
		store_expire_slot(slot);
		notify_slot(fs->notify, slot);
	} else {
		/* It is the listing that says that there is none. */
		store_expire_listing(collection);
	}
	return true;
}

void control_refresh(struct fs *fs, const char *text, size_t len)
{
	struct refresh_path path;
	size_t count;

	refresh_path_parse(fs->config->mountpoint, text, len, &path);
	struct collection *one = store_collection(fs->store, path.resource);
	if (one && path.name[0] && refresh_record(fs, one, path.name))
		return;
	if (one) {
		refresh_collection(fs, one);
		return;
	}
	struct collection *const *all = store_collections(fs->store, &count);
	for (size_t i = 0; i < count; i++)
		refresh_collection(fs, all[i]);
}
