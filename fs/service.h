/*
 * What the service manager that started us is told: that the mount answers, and that it ends. The
 * protocol is systemd's, a datagram of "NAME=value" lines to the socket that NOTIFY_SOCKET names.
 */
#ifndef FS_SERVICE_H
#define FS_SERVICE_H

#include "base.h"

/*
 * Connects to the manager's socket, by its path or by an abstract name ("@..."): a descriptor to
 * close, or -1 where no manager listens. NOTIFY_SOCKET leaves the environment, so that no child of
 * ours can speak in our name. Before there are threads.
 */
int service_connect(void) nodiscard;
/* Sends one message; fd -1: none. What cannot be sent within a second is dropped. */
void service_tell(int fd, const char *format, ...) printf_like(2, 3);

#endif
