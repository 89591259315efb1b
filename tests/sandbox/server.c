#include "server.h"

#include "clock.h"
#include "mischief.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	MAX_API_BODY = 64 << 20,
	BLOCK_BYTES = 1 << 20,	     /* of a body of known size */
	CONNECTION_BYTES = 256 << 10 /* headers, and a chunk of a body of unknown size */
};
#define MAX_CONTROL_BODY ((size_t)4 << 30)

struct server {
	const struct options *options;
	struct api *api;
	const struct control *control;
	struct MHD_Daemon *daemon;
	int listener; /* the daemon's, once it runs */
	uint16_t port;
	char *certificate, *key;
};

static int64_t epoch_ms(void)
{
	struct timespec now = clock_now();
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool is_control(const struct request *request)
{
	return strncmp(request->path, CONTROL_PREFIX, strlen(CONTROL_PREFIX)) == 0;
}

static struct request *request_create(
	struct MHD_Connection *connection, const char *method, const char *path)
{
	struct request *request = calloc(1, sizeof *request);
	if (!request)
		return NULL;
	*request = (struct request){
		.method = method,
		.path = path,
		.authorization = header(connection, "Authorization"),
		.accept_encoding = header(connection, "Accept-Encoding"),
		.if_none_match = header(connection, "If-None-Match"),
		.content_type = header(connection, "Content-Type"),
		.user_agent = header(connection, "User-Agent"),
		.arrived_ms = epoch_ms(),
	};
	buf_init(&request->body, is_control(request) ? MAX_CONTROL_BODY : MAX_API_BODY);
	return request;
}

static void request_destroy(struct request *request)
{
	buf_release(&request->body);
	free(request);
}

static void forget_request(void *cls, struct MHD_Connection *connection, void **request,
	enum MHD_RequestTerminationCode why)
{
	if (*request)
		request_destroy(*request);
	*request = NULL;
}

static ssize_t read_body(void *source, uint64_t at, char *out, size_t max)
{
	struct source *body = source;
	ssize_t n = body->read(body, out, max);
	return n > 0	? n
	       : n == 0 ? MHD_CONTENT_READER_END_OF_STREAM
			: MHD_CONTENT_READER_END_WITH_ERROR;
}

static void free_body(void *source)
{
	source_destroy(source);
}

static struct MHD_Response *make_response(struct answer *answer)
{
	if (!answer->body)
		return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
	uint64_t size = answer->body->size;
	size_t block = size < BLOCK_BYTES ? (size_t)size + 1 : BLOCK_BYTES;
	if (answer->hides_size || answer->is_undelimited || size == SOURCE_UNKNOWN)
		size = MHD_SIZE_UNKNOWN;
	struct MHD_Response *response =
		MHD_create_response_from_callback(size, block, read_body, answer->body, free_body);
	if (response)
		answer->body = NULL;
	return response;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct answer *answer)
{
	struct MHD_Response *response = make_response(answer);
	if (!response)
		return MHD_NO;
	if (answer->is_undelimited)
		MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
	for (size_t i = 0; i < answer->header_count; i++)
		MHD_add_response_header(
			response, answer->headers[i].name, answer->headers[i].value);
	enum MHD_Result result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

/* One request to the API: counted, perhaps spoilt, answered, logged. -ECONNRESET: no answer. */
static int answer_api(struct server *server, struct request *request, int fd, struct answer *answer)
{
	struct fault_board *board = server->control->board;
	struct request_log *log = server->control->log;
	struct wire wire = {fd, board, fault_board_generation(board)};
	auto_fault struct fault *fault = fault_board_match(board, request->method, request->path);
	const char *kind = fault ? fault_kind_name(fault_kind(fault)) : NULL;
	bool is_silent = fault && mischief_is_silent(fault_kind(fault));

	request_log_count(log, request);
	if (is_silent)
		request_log_add(log, request, 0, 0, kind);
	int err = 0;
	if (fault)
		err = mischief_play(&(struct scene){server->api, request, fault, wire, answer});
	else
		api_answer(server->api, request, 0, answer);
	if (!is_silent) {
		uint64_t size = answer->body ? answer->body->size : 0;
		request_log_add(log, request, err < 0 ? 0 : answer->status,
			size == SOURCE_UNKNOWN ? -1 : (int64_t)size, kind);
	}
	return err;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
	const char *method, const char *version, const char *data, size_t *data_len, void **state)
{
	struct server *server = arg;
	struct request *request = *state;
	if (!request) {
		*state = request_create(connection, method, path);
		return *state ? MHD_YES : MHD_NO;
	}
	if (*data_len > 0) {
		if (buf_add(&request->body, data, *data_len) < 0)
			request->body_is_too_long = true;
		*data_len = 0;
		return MHD_YES;
	}

	int err = 0;
	auto_answer struct answer answer = ANSWER_INIT;
	if (is_control(request)) {
		control_answer(server->control, request, &answer);
	} else {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		err = answer_api(server, request, info->connect_fd, &answer);
	}
	return err < 0 ? MHD_NO : send_answer(connection, &answer);
}

/* Opens the listening socket. */
static int listen_on(struct server *server, struct problem *problem)
{
	const struct options *options = server->options;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = {0};
	socklen_t len = sizeof address.v4;
	if (inet_pton(AF_INET, options->bind, &address.v4.sin_addr) == 1) {
		address.v4.sin_family = AF_INET;
		address.v4.sin_port = htons(options->port);
	} else if (inet_pton(AF_INET6, options->bind, &address.v6.sin6_addr) == 1) {
		address.v6.sin6_family = AF_INET6;
		address.v6.sin6_port = htons(options->port);
		len = sizeof address.v6;
	} else {
		return problem_set(problem, -EINVAL, "\"%s\" is no address", options->bind);
	}

	int on = 1;
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	server->listener = fd;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
		bind(fd, &address.any, len) < 0 || listen(fd, 1024) < 0 ||
		getsockname(fd, &address.any, &len) < 0)
		return problem_set(problem, -errno, "cannot listen on %s port %u: %s",
			options->bind, options->port, strerror(errno));
	server->port = ntohs(
		address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
	return 0;
}

/* The whole file as a string. NULL: problem says why. */
static char *read_file(const char *path, struct problem *problem)
{
	auto_buf struct buf text = BUF_INIT(1 << 20);
	size_t len;
	char block[4096];
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, block, sizeof block)) > 0 &&
		buf_add(&text, block, (size_t)n) == 0)
		continue;
	if (n != 0)
		problem_set(problem, -errno, "cannot read \"%s\": %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return n == 0 ? buf_take(&text, &len) : NULL;
}

static int read_certificate(struct server *server, struct problem *problem)
{
	if (!server->options->https_cert)
		return 0;
	server->certificate = read_file(server->options->https_cert, problem);
	server->key = read_file(server->options->https_key, problem);
	return server->certificate && server->key ? 0 : -EINVAL;
}

static int start(struct server *server, struct problem *problem)
{
	unsigned flags =
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL;
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, server->key},
		{MHD_OPTION_END, 0, NULL},
	};
	if (!server->certificate)
		tls[0] = tls[2];
	else
		flags |= MHD_USE_TLS;
	server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, server,
		MHD_OPTION_LISTEN_SOCKET, server->listener, MHD_OPTION_NOTIFY_COMPLETED,
		forget_request, NULL, MHD_OPTION_CONNECTION_LIMIT, server->options->connections,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_ARRAY, tls,
		MHD_OPTION_END);
	return server->daemon ? 0 : problem_set(problem, -EIO, "cannot start the HTTP server");
}

struct server *server_create(const struct options *options, struct api *api,
	const struct control *control, struct problem *problem)
{
	struct server *server = calloc(1, sizeof *server);
	if (!server)
		return NULL;
	*server = (struct server){options, api, control, .listener = -1};
	if (listen_on(server, problem) == 0 && read_certificate(server, problem) == 0 &&
		start(server, problem) == 0)
		return server;
	server_destroy(server);
	return NULL;
}

void server_destroy(struct server *server)
{
	if (!server)
		return;
	fault_board_close(server->control->board);
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	else if (server->listener >= 0)
		close(server->listener);
	free(server->certificate);
	free(server->key);
	free(server);
}

uint16_t server_port(const struct server *server)
{
	return server->port;
}
