/* Texts in and out when memory is short: -ENOMEM, nothing handed out, and the next try succeeds. */
#include "failing.h"
#include "json_fixture.h"

#include "config.h"
#include "edit.h"
#include "export.h"
#include "json_render.h"
#include "json_split.h"
#include "label.h"
#include "pointer.h"
#include "token.h"
#include "url.h"

#define ANN \
	"{\"id\":4,\"fn\":\"Zo\\u00eb\",\"tags\":[\"a\",\"b\"],\"companyId\":3,\"cf\":{\"1\":[1," \
	"2]}," \
	"\"city\":\"Rome\",\"lm\":\"2020-01-01T00:00:00Z\"}"
#define BOB \
	"{\"fn\":\"B\\u00f6b\",\"tags\":[\"b\",{\"c\":null}],\"cf\":{\"2\":{}},\"zip\":\"0123\"}"

/* Does its work and appends what comes of it; on failure, nothing. */
typedef int work_fn(struct buf *out);

static int work_record(struct buf *out)
{
	auto_record struct record *record = NULL;
	int err = record_parse(ANN, strlen(ANN), &record);
	return err < 0 ? err : record_render(record, out);
}

static int work_record_id(struct buf *out)
{
	return record_id(slice_of(ANN), out);
}

static int work_compact(struct buf *out)
{
	return json_compact(ANN, strlen(ANN), out);
}

static int work_check_user(struct buf *out)
{
	int err = json_check_user(ANN, strlen(ANN), NULL, NULL);
	return err < 0 ? err : buf_add_str(out, "fine");
}

static int work_equal(struct buf *out)
{
	bool equal = true;
	int err = json_equal(slice_of(ANN), slice_of(ANN), &equal);
	return err < 0 ? err : buf_add_str(out, equal ? "equal" : "different");
}

static int work_overlay(struct buf *out)
{
	return json_overlay(slice_of(ANN), slice_of(BOB), out);
}

static bool is_city(void *arg, struct json_slice key)
{
	return key.len == 6;
}

static int work_without(struct buf *out)
{
	return json_without(slice_of(ANN), is_city, NULL, out);
}

static int work_changes(struct buf *out)
{
	struct json_changes changes = {.items = NULL};
	struct json_slice key;
	int err = json_diff(slice_of(ANN), slice_of(BOB), &changes);
	if (err == 0)
		err = json_merge(&changes, slice_of(ANN), &key);
	if (err == 0)
		err = json_changes_drop_known(&changes, slice_of("{\"zip\":\"0123\"}"));
	if (err == 0)
		err = json_changes_write(&changes, out);
	json_changes_release(&changes);
	return err;
}

static int add_element(void *arg, const char *text, size_t len, const struct json_facts *facts)
{
	return buf_add(arg, text, len);
}

/* In pieces, so that elements have to be kept until they are whole. */
static int work_split(struct buf *out)
{
	static const char answer[] = "{\"status\":\"OK\",\"content\":[" ANN "," BOB "]}";
	auto_buf struct buf elements = BUF_INIT(10000);
	struct json_split *split = json_split_create(1000, add_element, &elements);
	int err = split ? 0 : -ENOMEM;
	for (size_t at = 0; err == 0 && at < strlen(answer); at += 7)
		err = json_split_feed(split, answer + at, min_size(7, strlen(answer) - at));
	if (err == 0)
		err = json_split_finish(split);
	json_split_destroy(split);
	return err < 0 ? err : buf_add(out, elements.data, elements.len);
}

static int work_edit_check(struct buf *out)
{
	struct problem problem = {.http_status = 0};
	bool incomplete;
	struct edit edit;
	int err = edit_check(BOB, strlen(BOB), &edit, &incomplete, &problem);
	assert_true(err == 0 || problem.message[0]);
	return err < 0 ? err : buf_add(out, edit.text.data, edit.text.len);
}

static int work_edit_changes(struct buf *out)
{
	struct problem problem = {.http_status = 0};
	const struct edit edit = {.text = slice_of(BOB)};
	struct json_changes changes = {.items = NULL};
	auto_record struct record *base = NULL;
	int err = record_parse(ANN, strlen(ANN), &base);
	if (err < 0)
		return err;
	err = edit_changes(&edit, resource_find("contact"), "4", 1, base, NULL, &changes, &problem);
	assert_true(err == 0 || problem.message[0]);
	if (err == 0)
		err = json_changes_write(&changes, out);
	json_changes_release(&changes);
	return err;
}

static int work_edit_creation(struct buf *out)
{
	const struct edit edit = {.text = slice_of(ANN)};
	return edit_creation(&edit, resource_find("contact"), out);
}

static int work_edit_contained(struct buf *out)
{
	bool contained = false;
	int err = edit_is_contained(slice_of("{\"tags\":[\"a\",\"b\"],\"cf\":{\"1\":[1,2]}}"),
		slice_of(ANN), &contained);
	return err < 0 ? err : buf_add_str(out, contained ? "contained" : "not");
}

static int work_export(enum export_kind kind, struct buf *out)
{
	struct record *records[2] = {NULL, NULL};
	auto_export struct export *export = NULL;
	int err = record_parse(ANN, strlen(ANN), &records[0]);
	if (err == 0)
		err = record_parse(BOB, strlen(BOB), &records[1]);
	if (err == 0)
		err = export_create(kind, records, 2, &export);
	record_unref(records[0]);
	record_unref(records[1]);
	return err < 0 ? err : export_read(export, 0, 10000, out);
}

static int work_ndjson(struct buf *out)
{
	return work_export(EXPORT_NDJSON, out);
}

static int work_csv(struct buf *out)
{
	return work_export(EXPORT_CSV, out);
}

static int work_url(struct buf *out)
{
	struct problem problem = {.http_status = 0};
	struct url url;
	int err = url_parse("https://WWW.example:8443/api/", &url, &problem);
	if (err < 0)
		return err;
	err = buf_add_str(out, url.text);
	url_release(&url);
	return err;
}

static int work_token(struct buf *out)
{
	struct problem problem = {.http_status = 0};
	char *token;
	int err = token_accept("tOkEn\n", 6, "here", &token, &problem);
	if (err < 0)
		return err;
	err = buf_add_str(out, token);
	token_wipe(token);
	return err;
}

static int work_config(struct buf *out)
{
	static char *const words[] = {(char *)"clevertimfs", (char *)"-o",
		(char *)"ro,allow_other,resources=contact:note,ttl=5,token_file=t,"
			"token_command=pass x,state_dir=~/s,fsname=a,subtype=b,noexec",
		(char *)"-fd", (char *)"http://localhost:8080/api/", (char *)"/"};
	struct problem problem = {.http_status = 0};
	struct config config;
	int err = config_parse(&config, (int)array_size(words), words, &problem);
	assert_true(err == 0 || problem.message[0]);
	if (err < 0)
		return err;
	for (char **option = config.fuse_options; err == 0 && *option; option++)
		err = buf_addf(out, "%s,", *option);
	config_release(&config);
	return err;
}

static const struct work {
	const char *name;
	work_fn *run;
} works[] = {
	{"record", work_record},
	{"record_id", work_record_id},
	{"json_compact", work_compact},
	{"json_check_user", work_check_user},
	{"json_equal", work_equal},
	{"json_overlay", work_overlay},
	{"json_without", work_without},
	{"json_changes", work_changes},
	{"json_split", work_split},
	{"edit_check", work_edit_check},
	{"edit_changes", work_edit_changes},
	{"edit_creation", work_edit_creation},
	{"edit_is_contained", work_edit_contained},
	{"ndjson", work_ndjson},
	{"csv", work_csv},
	{"url_parse", work_url},
	{"token_accept", work_token},
	{"config_parse", work_config},
};

static void assert_works(const struct work *work, const char *wanted)
{
	auto_buf struct buf out = BUF_INIT(100000);
	if (work->run(&out) != 0 || strcmp(out.data, wanted) != 0)
		fail_msg("%s: '%s'", work->name, out.data);
}

struct trial {
	const struct work *work;
	const char *wanted;
};

static bool try_work(void *arg, unsigned nth)
{
	const struct trial *trial = arg;
	auto_buf struct buf out = BUF_INIT(100000);
	failing_arm(nth);
	int err = trial->work->run(&out);
	bool has_failed = failing_disarm();
	if (err != (has_failed ? -ENOMEM : 0))
		fail_msg("%s: allocation %u: %d", trial->work->name, nth, err);
	assert_works(trial->work, trial->wanted);
	return has_failed;
}

static void test_work__fails_cleanly_when_memory_is_short(void **state)
{
	for (size_t i = 0; i < array_size(works); i++) {
		auto_buf struct buf wanted = BUF_INIT(100000);
		assert_int_equal(works[i].run(&wanted), 0);
		assert_true(wanted.len > 0);
		struct trial trial = {.work = &works[i], .wanted = wanted.data};
		failing_each(works[i].name, try_work, &trial);
	}
}

static int count_pointer(void *arg, const char *target, const char *id, size_t id_len)
{
	++*(unsigned *)arg;
	return 0;
}

/* These cannot fail: they allocate nothing, or do without it. */
static bool try_label(void *arg, unsigned nth)
{
	char label[LABEL_MAX + 1];
	unsigned pointers = 0;
	failing_arm(nth);
	label_of(resource_find("contact"), slice_of(ANN), "4", 1, label);
	int err = pointers_each(resource_find("contact"), slice_of(ANN), count_pointer, &pointers);
	bool has_failed = failing_disarm();
	assert_int_equal(err, 0);
	assert_int_equal(pointers, 1);
	assert_string_equal(label, "Zo\xc3\xab");
	return has_failed;
}

static void test_label__needs_no_memory(void **state)
{
	assert_false(try_label(NULL, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_work__fails_cleanly_when_memory_is_short),
		cmocka_unit_test(test_label__needs_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
