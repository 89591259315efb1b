/* The table of the verbs, and what --help says of them. */
#include "verbs.h"

#include "config.h"

#define MOUNTPOINT_HELP \
	"MOUNTPOINT is a mount, or any path in it. Without one it is the mount that the\n" \
	"working directory is in, else the only one that is yours.\n"

static const char overview[] =
	"usage: clevertimctl VERB [OPTION...] [ARGUMENT...]\n"
	"\n"
	"Tells how a mounted CRM is doing, and gets at what it keeps.\n"
	"\n"
	"  status [MOUNTPOINT]        what was read, how old it is, requests, drafts, trash\n"
	"  errors [MOUNTPOINT]        what failed last, and why\n"
	"  drafts [MOUNTPOINT]        texts that the server has not taken\n"
	"  trash [MOUNTPOINT]         the last texts of deleted records\n"
	"  refresh [PATH]             reads a record, a resource or everything anew\n"
	"  restore WHAT [MOUNTPOINT]  saves a draft, or creates a deleted record anew\n"
	"  login [URL]                tries an API token, and keeps it for clevertimfs\n"
	"  help [VERB]                this text, or that of a verb\n"
	"\n" MOUNTPOINT_HELP "\n"
	"  -h, --help     this text; behind a verb, that of the verb\n"
	"  -V, --version  the version\n"
	"\n"
	"The exit status is 0 when it is done, 1 when it failed, 2 for a wrong command.\n";

static const char drafts_help[] =
	"usage: clevertimctl drafts [--json] [MOUNTPOINT]\n"
	"\n"
	"Lists the texts that the server has not taken, and why.\n"
	"\n"
	"  --json      one JSON object a line: resource, name, path, size (bytes), time,\n"
	"              reason\n"
	"  -h, --help  this text\n"
	"\n" MOUNTPOINT_HELP;

static const char errors_help[] =
	"usage: clevertimctl errors [--json] [-n N] [MOUNTPOINT]\n"
	"\n"
	"Shows what failed last, the newest at the end, with the server's own words.\n"
	"\n"
	"  -n, --lines=N  so many of them, 0 for all (20)\n"
	"  --json         one JSON object a line: time, operation, path, errno,\n"
	"                 http_status, message\n"
	"  -h, --help     this text\n"
	"\n" MOUNTPOINT_HELP;

static const char login_help[] =
	"usage: clevertimctl login [--keyring] [--no-check] [-o OPT[,OPT...]] [URL]\n"
	"\n"
	"Asks for the API token without showing it, tries it with one request, and keeps\n"
	"it where clevertimfs finds it: in $XDG_CONFIG_HOME/clevertimfs/token, or\n"
	"~/.config/clevertimfs/token. Where standard input is no terminal, the token is\n"
	"its first line. URL is the API's base, by default\n" CONFIG_DEFAULT_URL ".\n"
	"\n"
	"  --keyring   keeps it in the desktop's keyring instead, by secret-tool, and\n"
	"              says how to mount with it\n"
	"  --no-check  keeps it untried\n"
	"  -o OPT      for the try, as for clevertimfs: cacert=FILE, allow_http,\n"
	"              timeout=SECONDS\n"
	"  -h, --help  this text\n";

static const char refresh_help[] =
	"usage: clevertimctl refresh [PATH]\n"
	"\n"
	"Forgets what was read: of a record, of a resource or, where PATH is a mount\n"
	"point, of everything. Resources are then read anew at once; how far that is\n"
	"stands on standard error. Without PATH it is the whole mount that the working\n"
	"directory is in, else the only one that is yours.\n"
	"\n"
	"  -h, --help  this text\n";

static const char restore_help[] =
	"usage: clevertimctl restore [--draft|--trash] [--again] WHAT [MOUNTPOINT]\n"
	"\n"
	"Saves a draft over its record, or creates a deleted record anew, and says which\n"
	"id it has. WHAT is RESOURCE/NAME, as drafts and trash list it, or the path of a\n"
	"file in .clevertimfs/drafts or .clevertimfs/trash. When the server refuses, its\n"
	"reason is shown, and the text is kept. Once the server has the record, the text\n"
	"leaves drafts or trash.\n"
	"\n"
	"  --again     a draft of a record that the server may have created already, its\n"
	"              answer being lost: look for the record first, in by-name or by grep\n"
	"  --draft     the draft, where there is a deleted record of that name, too\n"
	"  --trash     the deleted record, where there is a draft of that name, too\n"
	"  -h, --help  this text\n"
	"\n" MOUNTPOINT_HELP;

static const char status_help[] =
	"usage: clevertimctl status [--json] [MOUNTPOINT]\n"
	"\n"
	"Shows what was read and how old it is, what is being read, the requests so far,\n"
	"drafts and trash. It asks the mount, and never the server.\n"
	"\n"
	"  --json      .clevertimfs/status as it is\n"
	"  -h, --help  this text\n"
	"\n" MOUNTPOINT_HELP;

static const char trash_help[] =
	"usage: clevertimctl trash [--json] [MOUNTPOINT]\n"
	"\n"
	"Lists the last texts of deleted records. They are kept for 30 days.\n"
	"\n"
	"  --json      one JSON object a line: resource, name, path, size (bytes), time\n"
	"  -h, --help  this text\n"
	"\n" MOUNTPOINT_HELP;

static const struct verb verbs[] = {
	{"drafts", OPTION_JSON, 0, 1, verb_drafts, drafts_help},
	{"errors", OPTION_JSON | OPTION_LINES, 0, 1, verb_errors, errors_help},
	{"login", OPTION_KEYRING | OPTION_NO_CHECK | OPTION_MOUNT, 0, 1, verb_login, login_help},
	{"refresh", 0, 0, 1, verb_refresh, refresh_help},
	{"restore", OPTION_AGAIN | OPTION_DRAFT | OPTION_TRASH, 1, 2, verb_restore, restore_help},
	{"status", OPTION_JSON, 0, 1, verb_status, status_help},
	{"trash", OPTION_JSON, 0, 1, verb_trash, trash_help},
};

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < array_size(verbs); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

const char *verb_overview(void)
{
	return overview;
}
