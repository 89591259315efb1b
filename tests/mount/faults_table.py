"""Each fault: how it is made, and what an operation that meets it answers.

A new one is a line here; its group is what a test of test_faults.sh names.
"""

OPERATIONS = ("listing", "read", "refresh", "save", "create", "delete")

NOT_OFFERED = ("404", "501")  # statuses with which a resource leaves the root

# What else than an errno an operation can come to.
OK = "OK"
WAITS = "WAITS"    # for as long as there is progress; and goes well once it is calm


class Fault:
    """`how` is a rule for the stand-in, or what befalls the whole server (see TROUBLES). Each
    operation answers `answer`, unless `unlike` says otherwise. Its line in errors has the status
    and says the words."""

    def __init__(self, name, how, answer, status="-", says="", timeout=2, **unlike):
        self.name, self.how = name, how
        self.status, self.says, self.timeout = str(status), says, timeout
        self.answers = {**dict.fromkeys(OPERATIONS, answer), **unlike}


# ---- the whole server ----

# What it is replaced by: nothing, or one with another certificate.
TROUBLES = {"refused": None, "expired": "expired", "self_signed": "self_signed",
            "wrong_host": "wrong_host"}

AWAY = [Fault("refused", "refused", "EHOSTUNREACH", says="cannot reach the server")]
CERTIFICATES = [Fault(name, name, "EPROTO", says="cannot trust the server")
                for name in ("expired", "self_signed", "wrong_host")]

# ---- the connection ----

# The server did what it was asked to: a look at it shows that, and it went well.
DONE = {"save": OK, "create": OK, "delete": OK}

BREAKS = [
    Fault("reset_before", {"kind": "reset"}, "EIO"),
    Fault("lost", {"kind": "lost"}, "EIO", **DONE),
    Fault("reset_in_the_body", {"kind": "reset_after"}, "EIO", 200, **DONE),
    Fault("cut_by_length", {"kind": "truncate"}, "EIO", 200, **DONE),
    Fault("cut_chunked", {"kind": "truncate_chunked"}, "EIO", 200, **DONE),
    Fault("cut_at_close", {"kind": "truncate_close"}, "EIO", 200, **DONE),
]
SLOW = [
    # Nobody knows whether a POST was applied: it is EIO, and the reason says so.
    Fault("hang", {"kind": "hang"}, "ETIMEDOUT", create="EIO"),
    Fault("hang_in_the_body", {"kind": "hang_after"}, "ETIMEDOUT", 200, **DONE),
    Fault("byte_by_byte", {"kind": "trickle", "ms": 1000}, "ETIMEDOUT", 200, timeout=5,
          listing=WAITS, refresh=OK, **DONE),
]

# ---- statuses ----

ERRNO_OF_STATUS = {
    400: "EINVAL", 401: "EACCES", 403: "EACCES", 404: "ENOENT", 405: "EOPNOTSUPP", 408: "EIO",
    409: "EBUSY", 412: "EBUSY", 413: "EFBIG", 418: "EIO", 429: "EAGAIN", 500: "EIO",
    501: "EOPNOTSUPP", 502: "EIO", 503: "EIO", 504: "EIO",
}
UNLIKE_OTHER_STATUSES = {
    # A directory that has shown records does not vanish; what is not there need not be deleted.
    404: {"refresh": "EIO", "delete": OK},
}


def statuses(body, content_type, says):
    return [Fault(f"status_{status}",
                  {"kind": "status", "status": status, "body": body.format(status),
                   "content_type": content_type},
                  answer, status, says.format(status), **UNLIKE_OTHER_STATUSES.get(status, {}))
            for status, answer in ERRNO_OF_STATUS.items()]


STATUSES_JSON = statuses('{{"status": "ERROR", "error": "No, says the {}"}}', "application/json",
                         "; it says: No, says the {}")
# A POST does not wait: it is not sent again.
LATER = [Fault(f"status_{status}_later",
               {"kind": "status", "status": status, "retry_after": 1, "body": ""},
               answer, status, str(status), timeout=3)
         for status, answer in ((429, "EAGAIN"), (503, "EIO"))]
STATUSES_HTML = statuses("<html><h1>Error {}</h1></html>", "text/html", "{}")
STATUSES_EMPTY = statuses("", "text/plain", "{}")

REDIRECTS = [Fault(f"redirect_{status}", {"kind": "redirect", "status": status, "location": None},
                   "EIO", status, "the server points elsewhere")
             for status in (301, 302, 303, 307, 308)]

# ---- answers that are none ----


def answer(name, body, **unlike):
    return Fault(name, {"kind": "body", "body": body}, "EIO", 200, **unlike)


# The answer to a DELETE need not have content.
ANSWERS = [
    Fault("says_error", {"kind": "body", "body": '{"status": "ERROR", "error": "Not today"}'},
          "EIO", 200, "it says: Not today"),
    answer("no_content", '{"status": "OK"}', delete=OK),
    answer("nothing", ""),
    answer("no_list", '{"status": "OK", "content": "none"}', delete=OK),
    answer("junk_behind", '{"status": "OK", "content": []} junk'),
    answer("html", "<html>Log in first</html>"),
    Fault("bad_utf8", {"kind": "body_file",
                       "bytes": b'{"status": "OK", "content": [{"id": 1, "name": "\xff"}]}'},
          "EIO", 200),
]
TOO_MUCH = [
    Fault("flood", {"kind": "flood"}, "EIO", 200, timeout=20),
    Fault("bomb", {"kind": "bomb", "mb": 256}, "EIO", 200, timeout=20),
    Fault("nested", {"kind": "nested", "depth": 500_000}, "EIO", 200, timeout=20),
]

GROUPS = {"away": AWAY, "certificates": CERTIFICATES, "breaks": BREAKS, "slow": SLOW,
          "statuses_json": STATUSES_JSON, "statuses_html": STATUSES_HTML,
          "statuses_empty": STATUSES_EMPTY, "later": LATER, "redirects": REDIRECTS, "answers": ANSWERS,
          "too_much": TOO_MUCH}
