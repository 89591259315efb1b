/* What an account has however many customers: colleagues, groups, custom fields, files. */
#include "pen.h"
#include "seed.h"

enum { FIRST_FOLDER = 1001 };

static void write_users(struct pen *pen)
{
	static const struct name users[PEN_USERS] = {{"Anna Kowalska", "anna"},
		{"Søren Ågård", "soeren"}, {"Mei 美", "mei"}, {"Bob O'Hara", "bob"}};
	for (uint64_t i = 0; i < PEN_USERS; i++) {
		pen_begin(pen, EP_USER, i + 1);
		pen_text(pen, "user", users[i].shown);
		pen_raw(pen, "email", "\"");
		pen_put(pen, users[i].ascii);
		pen_put(pen, "@sandbox.example.com\"");
		pen_close(pen, EP_USER, i + 1);
	}
}

static void write_groups(struct pen *pen)
{
	static const char *const groups[][2] = {
		{"Sales", "[1, 2]"}, {"Support", "[3]"}, {"Geschäftsführung", "[1, 4]"}};
	for (uint64_t i = 0; i < array_size(groups); i++) {
		pen_begin(pen, EP_GROUP, i + 1);
		pen_text(pen, "name", groups[i][0]);
		pen_number(pen, "gid", 1ul << i);
		pen_raw(pen, "users", groups[i][1]);
		pen_close(pen, EP_GROUP, i + 1);
	}
}

static void write_customfields(struct pen *pen)
{
	static const struct {
		const char *type, *name, *models, *multiple, *values;
	} fields[] = {
		{"date", "Customer since", "[\"customers\"]", "false", "[]"},
		{"select", "Rating", "[\"customers\"]", "false",
			"[\"Gold\", \"Silver\", \"Bronze\"]"},
		{"select", "Languages", "[\"customers\"]", "true",
			"[\"English\", \"Français\", \"Deutsch\", \"日本語\"]"},
		{"select", "Lead source", "[\"opportunities\"]", "false",
			"[\"Trade fair\", \"Website\", \"Empfehlung\"]"},
		{"select", "Severity", "[\"cases\"]", "false", "[\"Low\", \"High\"]"},
		{"input", "Sector", "[\"companies\", \"opportunities\"]", "false", "[]"},
	};
	for (uint64_t i = 0; i < array_size(fields); i++) {
		pen_begin(pen, EP_CUSTOMFIELD, i + 1);
		pen_text(pen, "elemType", fields[i].type);
		pen_text(pen, "name", fields[i].name);
		pen_raw(pen, "modelType", fields[i].models);
		pen_raw(pen, "multiple", fields[i].multiple);
		pen_raw(pen, "values", fields[i].values);
		pen_end(pen, EP_CUSTOMFIELD, i + 1);
	}
}

/* A folder's number, as the parent of something; 0: none. */
static void put_parent(struct pen *pen, uint64_t folder)
{
	if (folder == 0) {
		pen_raw(pen, "parentId", "null");
		return;
	}
	pen_raw(pen, "parentId", "\"f");
	pen_put_number(pen, folder);
	pen_put(pen, "\"");
}

static void write_folders(struct pen *pen)
{
	static const char *const names[] = {
		"Contracts", "Fotos & Pläne", "2019", "Offers", "Übergabe"};
	for (uint64_t i = 0; i < array_size(names); i++) {
		pen_begin(pen, EP_FOLDER, FIRST_FOLDER + i);
		pen_text(pen, "name", names[i]);
		put_parent(pen, i > 1 ? FIRST_FOLDER + i % 2 : 0);
		pen_raw(pen, "is_dir", "true");
		pen_end(pen, EP_FOLDER, FIRST_FOLDER + i);
	}
}

static void write_files(struct pen *pen)
{
	static const char *const names[] = {"contract.pdf", "Angebot Köln.docx", "photo 1.jpg",
		"見積書.xlsx", "logo.svg", "minutes.txt", "Grundriß.dwg", "terms.pdf",
		"scan0001.tif", "prices 2024.csv", "présentation.pptx", "archive.zip"};
	for (uint64_t i = 0; i < array_size(names); i++) {
		pen_begin(pen, EP_FILE, i + 1);
		pen_text(pen, "name", names[i]);
		put_parent(pen, i % 3 ? FIRST_FOLDER + i % 5 : 0);
		pen_end(pen, EP_FILE, i + 1);
	}
}

static void write_linkedfiles(struct pen *pen)
{
	static const char *const names[][2] = {{"Roadmap.gdoc", "G"}, {"Verträge.zip", "D"},
		{"budget.xlsx", "D"}, {"Logo – final (2).png", "G"}};
	for (uint64_t i = 0; i < array_size(names); i++) {
		pen_begin(pen, EP_LINKEDFILE, i + 1);
		pen_text(pen, "name", names[i][0]);
		pen_text(pen, "sys", names[i][1]);
		pen_number(pen, "size", 1000 + pen_roll(pen, 9000000));
		pen_raw(pen, "link", "\"https://files.example.org/");
		pen_put_number(pen, i + 1);
		pen_put(pen, "\"");
		pen_text(pen, "icon", "https://files.example.org/icon.png");
		pen_end(pen, EP_LINKEDFILE, i + 1);
	}
}

void seed_account(struct pen *pen)
{
	write_users(pen);
	write_groups(pen);
	write_customfields(pen);
	write_folders(pen);
	write_files(pen);
	write_linkedfiles(pen);
}
