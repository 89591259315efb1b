#include "config.h"

static const char help[] =
	"usage: " CONFIG_USAGE "\n"
	"\n"
	"Shows a Clevertim CRM as a directory of JSON files: reading one asks the server,\n"
	"saving one changes the record. URL is the API's base, by default\n" CONFIG_DEFAULT_URL
	".\n"
	"\n"
	"  -f             stay in the foreground\n"
	"  -d             the same, with a log of every request\n"
	"  -s             one thread\n"
	"  -h, --help     this text\n"
	"  -V, --version  the version\n"
	"  -o OPT[,OPT]   options; \\, is a comma within a value\n"
	"\n"
	"The token is, first found:\n"
	"  CLEVERTIM_TOKEN          in the environment\n"
	"  token_file=FILE          first line of a file that only its owner can read\n"
	"  token_command=COMMAND    first line that a command prints: \"pass show crm\"\n"
	"  $XDG_CONFIG_HOME/clevertimfs/token, or ~/.config/clevertimfs/token\n"
	"  ~/.netrc                 the login of the host's entry\n"
	"\n"
	"Options:\n"
	"  ro                       nothing can be changed\n"
	"  ttl=SECONDS              how old what is shown may be (60)\n"
	"  timeout=SECONDS          longest wait for a request without progress (30)\n"
	"  cacert=FILE              trust these certificates\n"
	"  allow_http               plain http to another machine too\n"
	"  state_dir=DIR            unsaved and deleted texts\n"
	"                           ($XDG_STATE_HOME/clevertimfs, ~/.local/state/clevertimfs)\n"
	"  state_max=SIZE           what these may take on disk, as in 64M (256M)\n"
	"  delete_limit=N           deletes within a minute, 0 for any number (20)\n"
	"  conflicts=detect|ignore  whether a save minds changes made elsewhere (detect)\n"
	"  resources=A:B:C          show these endpoints, known or not\n"
	"  nocheck                  mount although the server or the token fails\n"
	"  uid=N, gid=N, umask=M    owner and permissions of the files\n"
	"  allow_other, allow_root, default_permissions, auto_unmount, fsname=NAME,\n"
	"  subtype=NAME, noexec, noatime, sync, ...: see mount.fuse3(8)\n"
	"\n"
	"Unmount with fusermount3 -u MOUNTPOINT.\n";

const char *config_help(void)
{
	return help;
}
