#include "options.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] =
	"usage: clevertim-sandbox [options]\n"
	"  --port N               port to listen on (0: any)\n"
	"  --port-file FILE       write the port to FILE once it answers\n"
	"  --bind ADDRESS         127.0.0.1\n"
	"  --https CERT KEY       PEM files\n"
	"  --token T              sandbox-token\n"
	"  --contacts N           1000; the other resources in proportion\n"
	"  --seed N               another set of records\n"
	"  --threads N            connections served at a time (1000)\n"
	"  --log FILE             append a line for each request\n"
	"  --ascii                \\uXXXX for all that is not ASCII\n"
	"  --gzip                 compress where the client takes it\n"
	"  --etag                 send ETag, honour If-None-Match\n"
	"  --partial-put          answer a PUT with what changed alone\n"
	"  --partial-post         answer a POST with the id alone\n"
	"  --missing RES:STATUS   answer STATUS to all about RES\n"
	"  --collection RES FILE  answer the list of RES with the bytes of FILE\n"
	"  --die-with-parent      end when the starting process ends\n";

enum choice {
	OPTION_PORT = 1,
	OPTION_PORT_FILE,
	OPTION_BIND,
	OPTION_HTTPS,
	OPTION_TOKEN,
	OPTION_CONTACTS,
	OPTION_SEED,
	OPTION_THREADS,
	OPTION_LOG,
	OPTION_ASCII,
	OPTION_GZIP,
	OPTION_ETAG,
	OPTION_PARTIAL_PUT,
	OPTION_PARTIAL_POST,
	OPTION_MISSING,
	OPTION_COLLECTION,
	OPTION_DIE_WITH_PARENT,
	OPTION_HELP
};

static const struct option long_options[] = {
	{"port", required_argument, NULL, OPTION_PORT},
	{"port-file", required_argument, NULL, OPTION_PORT_FILE},
	{"bind", required_argument, NULL, OPTION_BIND},
	{"https", required_argument, NULL, OPTION_HTTPS},
	{"token", required_argument, NULL, OPTION_TOKEN},
	{"contacts", required_argument, NULL, OPTION_CONTACTS},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"threads", required_argument, NULL, OPTION_THREADS},
	{"log", required_argument, NULL, OPTION_LOG},
	{"ascii", no_argument, NULL, OPTION_ASCII},
	{"gzip", no_argument, NULL, OPTION_GZIP},
	{"etag", no_argument, NULL, OPTION_ETAG},
	{"partial-put", no_argument, NULL, OPTION_PARTIAL_PUT},
	{"partial-post", no_argument, NULL, OPTION_PARTIAL_POST},
	{"missing", required_argument, NULL, OPTION_MISSING},
	{"collection", required_argument, NULL, OPTION_COLLECTION},
	{"die-with-parent", no_argument, NULL, OPTION_DIE_WITH_PARENT},
	{"help", no_argument, NULL, OPTION_HELP},
	{0},
};

static bool parse_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	char *end;
	errno = 0;
	uint64_t number = strtoull(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || number > max)
		return false;
	*ret_number = number;
	return true;
}

/* The second value of an option that takes two. */
static const char *second_value(int argc, char **argv)
{
	return optind < argc ? argv[optind++] : NULL;
}

static bool parse_missing(struct options *options, const char *text)
{
	const char *colon = strchrnul(text, ':');
	const struct endpoint *endpoint =
		endpoint_find((struct span){text, (size_t)(colon - text)});
	uint64_t status;
	if (!endpoint || !*colon || !parse_number(colon + 1, 599, &status) || status < 300)
		return false;
	options->endpoints[endpoint->index].missing = (unsigned)status;
	return true;
}

static bool parse_collection(struct options *options, const char *name, const char *file)
{
	const struct endpoint *endpoint = endpoint_find(span_of(name));
	if (!endpoint || !file)
		return false;
	options->endpoints[endpoint->index].collection = file;
	return true;
}

static bool parse_option(struct options *options, enum choice choice, int argc, char **argv)
{
	uint64_t number = 0;
	bool ok = true;
	switch (choice) {
	case OPTION_PORT:
		ok = parse_number(optarg, UINT16_MAX, &number);
		options->port = (uint16_t)number;
		break;
	case OPTION_PORT_FILE:
		options->port_file = optarg;
		break;
	case OPTION_BIND:
		options->bind = optarg;
		break;
	case OPTION_HTTPS:
		options->https_cert = optarg;
		options->https_key = second_value(argc, argv);
		ok = options->https_key;
		break;
	case OPTION_TOKEN:
		options->token = optarg;
		break;
	case OPTION_CONTACTS:
		ok = parse_number(optarg, 10000000, &options->contacts);
		break;
	case OPTION_SEED:
		ok = parse_number(optarg, UINT64_MAX, &options->seed);
		break;
	case OPTION_THREADS:
		ok = parse_number(optarg, 100000, &number) && number > 0;
		options->connections = (unsigned)number;
		break;
	case OPTION_LOG:
		options->log_file = optarg;
		break;
	case OPTION_ASCII:
		options->ascii = true;
		break;
	case OPTION_GZIP:
		options->gzip = true;
		break;
	case OPTION_ETAG:
		options->etag = true;
		break;
	case OPTION_PARTIAL_PUT:
		options->partial_put = true;
		break;
	case OPTION_PARTIAL_POST:
		options->partial_post = true;
		break;
	case OPTION_MISSING:
		ok = parse_missing(options, optarg);
		break;
	case OPTION_COLLECTION:
		ok = parse_collection(options, optarg, second_value(argc, argv));
		break;
	case OPTION_DIE_WITH_PARENT:
		options->die_with_parent = true;
		break;
	default:
		ok = false;
	}
	return ok;
}

int options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options options = {.bind = "127.0.0.1",
		.token = "sandbox-token",
		.contacts = 1000,
		.seed = 1,
		.connections = 1000};
	/* "+": in order, so that --https and --collection find their second value. */
	int choice;
	while ((choice = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
		if (choice == OPTION_HELP) {
			fputs(usage, stdout);
			return -1;
		}
		if (!parse_option(&options, (enum choice)choice, argc, argv)) {
			fprintf(stderr, "clevertim-sandbox: bad option or value near \"%s\"\n%s",
				argv[optind - 1], usage);
			return -3;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "clevertim-sandbox: \"%s\" is too much\n%s", argv[optind], usage);
		return -3;
	}
	*ret_options = options;
	return 0;
}
