#include "seed.h"

#include "pen.h"
#include "seed_plan.h"

enum { FILES = 12, LINKEDFILES = 4 };

static const struct culture *culture_of(struct pen *pen, uint64_t company)
{
	uint64_t chance = pen_roll(pen, seed_culture_count);
	return &seed_cultures[company == 0 ? 0 : chance];
}

static void put_address(struct pen *pen, const struct culture *culture, const struct place *place)
{
	pen_raw(pen, "address", "\"");
	pen_put(pen, place->street);
	pen_put(pen, " ");
	pen_put_number(pen, 1 + pen_roll(pen, 180));
	pen_put(pen, "\"");
	pen_text(pen, "city", place->city);
	pen_text(pen, "postcode", place->postcode);
	pen_text(pen, "region", place->region);
	pen_text(pen, "country", culture->country);
}

static void put_phone(struct pen *pen, const char *type, const struct culture *culture)
{
	pen_put(pen, "{\"type\": \"");
	pen_put(pen, type);
	pen_put(pen, "\", \"no\": \"");
	pen_put(pen, culture->dial);
	pen_put(pen, " 555 ");
	pen_put_number(pen, 1000 + pen_roll(pen, 9000));
	pen_put(pen, "\"}");
}

static void put_phones(struct pen *pen, const struct culture *culture)
{
	pen_raw(pen, "phones", "[");
	put_phone(pen, "Work", culture);
	if (pen_roll(pen, 2)) {
		pen_put(pen, ", ");
		put_phone(pen, "Mobile", culture);
	}
	pen_put(pen, "]");
}

static void put_tags(struct pen *pen)
{
	uint64_t count = pen_roll(pen, 4);
	uint64_t first = pen_roll(pen, seed_tags.count);
	pen_raw(pen, "tags", "[");
	for (uint64_t i = 0; i < count; i++) {
		pen_put(pen, i ? ", \"" : "\"");
		pen_put(pen, seed_tags.list[(first + i * 5) % seed_tags.count]);
		pen_put(pen, "\"");
	}
	pen_put(pen, "]");
}

static void put_sentences(struct pen *pen, const char *name, uint64_t count)
{
	pen_raw(pen, name, "\"");
	for (uint64_t i = 0; i < count; i++) {
		pen_put(pen, i ? (pen_roll(pen, 4) ? " " : "\\n") : "");
		pen_put(pen, pen_pick(pen, seed_sentences));
	}
	pen_put(pen, "\"");
}

/* What customers have after their names, contacts and companies alike. */
static void put_customer(struct pen *pen, uint64_t contact)
{
	static const char *const ratings[] = {"Gold", "Silver", "Bronze"};
	static const char types[] = "CCCCPPSRLHEFV";
	char type[] = {types[pen_roll(pen, sizeof types - 1)], '\0'};
	pen_text(pen, "ctype", type);
	pen_raw(pen, "cf", "{\"2\": \"");
	pen_put(pen, ratings[pen_roll(pen, array_size(ratings))]);
	pen_put(pen, pen_roll(pen, 3) ? "\"}" : "\", \"3\": [\"English\", \"Français\"]}");
	put_tags(pen);
	uint64_t file = share_of(files, contact), link = share_of(links, contact);
	pen_ids(pen, "files", file ? file % FILES + 1 : 0);
	pen_ids(pen, "lfiles", link ? link % LINKEDFILES + 1 : 0);
}

/* "Jürgen B.", or "أحمد يوسف" where initials are not used: so that namesakes are rare. */
static void put_middle_name(struct pen *pen, const struct culture *culture)
{
	uint64_t chance = pen_roll(pen, 26);
	char initial[] = {' ', (char)('A' + chance), '.', '\0'};
	if (culture->has_initials) {
		pen_put(pen, initial);
	} else {
		pen_put(pen, " ");
		pen_put(pen, culture->first[chance % NAMES].shown);
	}
}

static void put_names(struct pen *pen, const struct culture *culture, const struct name *first,
	const struct name *last, bool is_zoe)
{
	pen_raw(pen, "fn", "\"");
	pen_put(pen, first->shown);
	if (!is_zoe && pen_roll(pen, 10) > 0)
		put_middle_name(pen, culture);
	pen_put(pen, "\"");
	pen_text(pen, "ln", last->shown);
}

/* ["zoe.mueller4@example.com"] */
static void put_email(
	struct pen *pen, const struct name *first, const struct name *last, uint64_t id)
{
	static const char *const domains[] = {
		"@example.com\"]", "@example.org\"]", "@example.net\"]"};
	pen_raw(pen, "email", "[\"");
	pen_put(pen, first->ascii);
	pen_put(pen, ".");
	pen_put(pen, last->ascii);
	pen_put_number(pen, id);
	pen_put(pen, domains[pen_roll(pen, array_size(domains))]);
}

static void write_contact(struct pen *pen, uint64_t contact)
{
	uint64_t id = contact_id(contact);
	pen_begin(pen, EP_CONTACT, id);
	const struct culture *culture = culture_of(pen, contact / GROUP);
	uint64_t chance = pen_roll(pen, (uint64_t)NAMES * NAMES * PLACES);
	bool is_zoe = contact == ZOE;
	const struct name *first = &culture->first[is_zoe ? 0 : chance % NAMES];
	const struct name *last = &culture->last[is_zoe ? 0 : chance / NAMES % NAMES];
	const struct place *place = &culture->places[is_zoe ? 0 : chance / NAMES / NAMES];

	put_names(pen, culture, first, last, is_zoe);
	pen_text(pen, "title", pen_pick(pen, seed_titles));
	put_sentences(pen, "description", pen_roll(pen, 10) ? pen_roll(pen, 3) : 8);
	pen_raw(pen, "is_company", "false");
	pen_id(pen, "companyId", employer(contact));
	put_email(pen, first, last, id);
	put_phones(pen, culture);
	pen_raw(pen, "website", pen_roll(pen, 5) ? "[]" : "[\"https://www.example.org/team\"]");
	put_address(pen, culture, place);
	pen_raw(pen, "smids", "[{\"type\": \"LinkedIn\", \"smid\": \"");
	pen_put(pen, last->ascii);
	pen_put(pen, "\"}]");
	put_customer(pen, contact);
	pen_date(pen, "lc", pen_moment(pen));
	pen_raw(pen, "cphoto", "null");
	pen_ids(pen, "notes", share_of(notes, contact));
	pen_ids(pen, "opportunities", share_of(opportunities, contact));
	pen_ids(pen, "tasks", share_of(tasks, contact));
	pen_ids(pen, "cases", share_of(cases, contact));
	pen_end(pen, EP_CONTACT, id);
}

/* The notes that name one of the group and the company. */
static void put_company_notes(struct pen *pen, uint64_t company, uint64_t contacts)
{
	const char *comma = "";
	pen_raw(pen, "notes", "[");
	for (uint64_t i = company * GROUP; i < (company + 1) * GROUP && i < contacts; i++) {
		uint64_t note = share_of(notes, i);
		if (note == 0 || !is_shared_note(note))
			continue;
		pen_put(pen, comma);
		pen_put_number(pen, note);
		comma = ", ";
	}
	pen_put(pen, "]");
}

static void write_company(struct pen *pen, uint64_t company, uint64_t contacts)
{
	uint64_t id = company_id(company);
	pen_begin(pen, EP_COMPANY, id);
	const struct culture *culture = culture_of(pen, company);
	const struct name *firm = &culture->firms[pen_roll(pen, FIRMS)];
	const struct place *place = &culture->places[company ? pen_roll(pen, PLACES) : 0];
	pen_raw(pen, "cn", "\"");
	pen_put(pen, firm->shown);
	pen_put(pen, culture->trade_between);
	pen_put(pen, culture->trades[pen_roll(pen, TRADES)]);
	pen_put(pen, culture->legal_form);
	pen_put(pen, "\"");
	put_sentences(pen, "description", pen_roll(pen, 3));
	pen_raw(pen, "is_company", "true");
	pen_raw(pen, "email", "[\"info@");
	pen_put(pen, firm->ascii);
	pen_put(pen, ".example.com\"]");
	put_phones(pen, culture);
	pen_raw(pen, "website", "[\"https://");
	pen_put(pen, firm->ascii);
	pen_put(pen, ".example.com/\"]");
	put_address(pen, culture, place);
	pen_raw(pen, "smids", "[]");
	put_customer(pen, NOBODY);
	pen_date(pen, "lc", pen_moment(pen));
	pen_raw(pen, "cphoto", "null");
	put_company_notes(pen, company, contacts);
	pen_raw(pen, "opportunities", "[]");
	pen_raw(pen, "tasks", "[]");
	pen_raw(pen, "cases", "[]");
	pen_end(pen, EP_COMPANY, id);
}

static void write_opportunity(struct pen *pen, uint64_t id, uint64_t contacts)
{
	static const char *const states[] = {
		"Open", "Open", "Won", "Lost", "Closed", "Verhandlung"};
	static const char *const currencies[] = {"EUR", "USD", "PLN", "JPY", "GBP"};
	pen_begin(pen, EP_OPPORTUNITY, id);
	pen_text(pen, "name", pen_pick(pen, seed_deals));
	put_sentences(pen, "description", 1 + pen_roll(pen, 2));
	pen_text(pen, "status", states[pen_roll(pen, array_size(states))]);
	pen_number(pen, "leadUser", 1 + pen_roll(pen, PEN_USERS));
	pen_raw(pen, "value", "\"");
	pen_put_number(pen, 100 + pen_roll(pen, 90000));
	pen_put(pen, pen_roll(pen, 2) ? ".00\"" : ".50\"");
	pen_text(pen, "currency", currencies[pen_roll(pen, array_size(currencies))]);
	pen_raw(pen, "cf", "{\"4\": \"Trade fair\"}");
	pen_number(pen, "cust", contact_id(owner_of(opportunities, id)));
	put_tags(pen);
	pen_raw(pen, "files", "[]");
	pen_raw(pen, "lfiles", "[]");
	pen_ids(pen, "tasks", if_any(id, count_of(tasks, contacts)));
	pen_ids(pen, "notes", share_of(notes, owner_of(opportunities, id)));
	pen_end(pen, EP_OPPORTUNITY, id);
}

static void write_case(struct pen *pen, uint64_t id, uint64_t contacts)
{
	pen_begin(pen, EP_CASE, id);
	pen_text(pen, "name", pen_pick(pen, seed_cases));
	put_sentences(pen, "description", 1 + pen_roll(pen, 3));
	pen_number(pen, "leadUser", 1 + pen_roll(pen, PEN_USERS));
	pen_number(pen, "cust", contact_id(owner_of(cases, id)));
	put_tags(pen);
	pen_raw(pen, "cf", "{\"5\": \"High\"}");
	pen_raw(pen, "files", "[]");
	pen_raw(pen, "lfiles", "[]");
	pen_raw(pen, "tasks", "[]");
	pen_raw(pen, "notes", "[]");
	pen_end(pen, EP_CASE, id);
}

/* {"y": 2019, "mo": 4, "d": 23, "h": 9}; the hour may be missing. */
static void put_day(struct pen *pen, const char *name)
{
	pen_raw(pen, name, "{\"y\": ");
	pen_put_number(pen, 2015 + pen_roll(pen, 11));
	pen_put(pen, ", \"mo\": ");
	pen_put_number(pen, 1 + pen_roll(pen, 12));
	pen_put(pen, ", \"d\": ");
	pen_put_number(pen, 1 + pen_roll(pen, 28));
	pen_put(pen, pen_roll(pen, 2) ? ", \"h\": 9, \"mi\": 30}" : "}");
}

static void write_task(struct pen *pen, uint64_t id, uint64_t contacts)
{
	static const char *const types[] = {
		"Appointment", "Email", "Meeting", "Call", "Follow up", "TO DO", "Not set"};
	pen_begin(pen, EP_TASK, id);
	pen_text(pen, "name", pen_pick(pen, seed_tasks));
	pen_text(pen, "location", pen_roll(pen, 3) ? "" : "Café Größenwahn, 1st floor");
	pen_number(pen, "cust", contact_id(owner_of(tasks, id)));
	pen_raw(pen, "case", "null");
	pen_id(pen, "opp", if_any(id, count_of(opportunities, contacts)));
	pen_number(pen, "aUserId", 1 + pen_roll(pen, PEN_USERS));
	put_day(pen, "startDate");
	put_day(pen, "endDate");
	pen_text(pen, "atype", types[pen_roll(pen, array_size(types))]);
	pen_raw(pen, "is_completed", pen_roll(pen, 2) ? "true" : "false");
	pen_raw(pen, "is_deleted", "false");
	pen_ids(pen, "comments", id % 2 == 0 ? if_any(id, comments(contacts)) : 0);
	pen_text(pen, "rec", pen_roll(pen, 10) ? "N" : "W");
	pen_number(pen, "recevery", 1);
	pen_end(pen, EP_TASK, id);
}

static void write_note(struct pen *pen, uint64_t id, uint64_t contacts)
{
	uint64_t contact = owner_of(notes, id);
	pen_begin(pen, EP_NOTE, id);
	put_sentences(pen, "desc", 1 + pen_roll(pen, 4));
	pen_text(pen, "type", "N");
	if (is_shared_note(id)) {
		pen_raw(pen, "cust", "[");
		pen_put_number(pen, contact_id(contact));
		pen_put(pen, ", ");
		pen_put_number(pen, company_id(contact / GROUP));
		pen_put(pen, "]");
	} else {
		pen_number(pen, "cust", contact_id(contact));
	}
	pen_raw(pen, "case", "null");
	pen_id(pen, "opportunity", share_of(opportunities, contact));
	pen_raw(pen, "files", "[]");
	pen_raw(pen, "lfiles", "[]");
	pen_ids(pen, "comments", id % 2 == 1 ? if_any(id, comments(contacts)) : 0);
	pen_raw(pen, "hl", "null");
	pen_end(pen, EP_NOTE, id);
}

static void write_comment(struct pen *pen, uint64_t id, uint64_t contacts)
{
	pen_begin(pen, EP_COMMENT, id);
	pen_text(pen, "comment", pen_pick(pen, seed_remarks));
	pen_id(pen, "nid", id % 2 == 1 ? id : 0);
	pen_id(pen, "tid", id % 2 == 0 ? id : 0);
	pen_end(pen, EP_COMMENT, id);
}

int seed_store(struct store *store, uint64_t contacts, uint64_t seed, bool ascii)
{
	struct pen pen;
	pen_init(&pen, store, seed, ascii);
	for (uint64_t i = 0; i < contacts && pen.err == 0; i++) {
		if (i % GROUP == 0)
			write_company(&pen, i / GROUP, contacts);
		write_contact(&pen, i);
	}
	static const struct {
		void (*write)(struct pen *pen, uint64_t id, uint64_t contacts);
		const struct share *share;
	} others[] = {
		{write_opportunity, &opportunities},
		{write_case, &cases},
		{write_task, &tasks},
		{write_note, &notes},
	};
	for (size_t i = 0; i < array_size(others); i++) {
		uint64_t count = count_of(*others[i].share, contacts);
		for (uint64_t id = 1; id <= count && pen.err == 0; id++)
			others[i].write(&pen, id, contacts);
	}
	for (uint64_t id = 1; id <= comments(contacts) && pen.err == 0; id++)
		write_comment(&pen, id, contacts);
	seed_account(&pen);
	pen_release(&pen);
	return pen.err;
}
