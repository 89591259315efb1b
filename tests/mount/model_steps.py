"""The steps of a run: each does one operation on the mount and holds what came of it to the model."""
import csv
import errno
import io
import os
import time

import model_ops as ops
from model_json import Number, file_of, object_of, parse, show
from model_judge import RESOURCES, Complaint, Model, Record, claim, name_of
from model_held import HeldFiles

RETRY_PAUSE_S = 5.5
PLAIN = os.O_WRONLY | os.O_TRUNC


def values_of(spec):
    return {key: parse(value) for key, value in spec.items()}


def layout(items, how):
    if how == "file":
        return file_of(items)
    if how == "shuffled":
        items = dict(sorted(items.items(), key=lambda item: item[0][::-1]))
    return show(items, None).encode()


def spoil(items, how, wrong, other_id):
    """A text that has to be refused, or says nothing."""
    text = layout(items, how)
    if wrong == "incomplete":
        return text.rstrip()[:-1]
    if wrong == "array":
        return b"[" + text + b"]"
    if wrong == "twice":
        return b'{"city": 1, "city": 2}'
    if wrong == "behind":
        return text + b" {}"
    if wrong == "empty":
        return b""
    if wrong == "blank":
        return b" \n"
    if wrong == "other_id":
        return layout({**items, "id": other_id}, how)
    return layout({**items, "userId": Number("77")}, how)


class Steps(Model):
    def __init__(self, world, always_fresh):
        super().__init__(world, always_fresh)
        self.others = ops.Others()
        self.held = HeldFiles(self)

    # ---- around each step ----

    def apply(self, op):
        getattr(self, "do_" + op["op"])(op)
        self.server.forget()

    def trouble(self, op):
        for rule in op["faults"]:
            self.server.fault({**rule, "prefix": "/api/"})

    def attempt(self, op, act, *arguments):
        """(errno or 0, whether it failed before a text was written, the requests)"""
        self.server.forget()
        self.trouble(op)
        error, early = 0, False
        try:
            act(*arguments)
        except OSError as failure:
            error, early = failure.errno, getattr(failure, "is_early", False)
        return error, early, self.calm(op)

    def calm(self, op):
        requests = self.server.requests()
        if op.get("faults"):
            self.server.heal()
            requests = self.server.requests()
            self.distrust(op["faults"])
        return requests

    def distrust(self, faults):
        """While it could not ask, the mount shows what it has read before, and then for a moment."""
        if all(fault["method"] != "GET" for fault in faults):
            return
        self.trusts_until = time.monotonic() + RETRY_PAUSE_S
        self.certain = set()
        for record in self.records.values():
            record.low = record.floor

    def living(self, key):
        record = self.records.get(key)
        return record if record and record.now is not None and not record.may_be_gone() else None

    def alias_of(self, record, op):
        return record.aliases[-1] if op.get("by_alias") and record.aliases else record.name

    def text_of(self, record, spec):
        """What the program makes of the version that it has read, or of nothing."""
        base = record.now or next(v for v in reversed(record.versions) if v)
        if spec["read"] and record.now:
            base = self.look(record) or base
        items = {**base} if spec["whole"] else {}
        if spec["whole"] and "without" in spec:
            del items[list(items)[spec["without"] % len(items)]]
        items.update(values_of(spec["set"]))
        if "wrong" in spec:
            return spoil(items, spec["layout"], spec["wrong"], Number("999999"))
        return layout(items, spec["layout"])

    # ---- saves, creations, deletions ----

    def do_save(self, op):
        record = self.records.get(op["record"])
        if not record:
            return
        if not self.living(op["record"]):
            self.save_to_gone(record, op)
            return
        if op["text"].get("wrong") == "behind" and op["how"] in ops.IN_PIECES:
            return  # of two objects the first is saved before the second is written
        text = self.text_of(record, op["text"])
        bases = list(record.bases())
        if op["between"]:
            self.change_elsewhere(record, op["between"]["set"])
            if op["between"]["refresh"]:
                self.mount.refresh()
            bases += record.shown()
        name = self.alias_of(record, op)
        if op["how"] in ("setting_aside", "replacing"):
            self.held.detach(record)
        error, early, requests = self.attempt(
            op, ops.save, self.others, op["how"], self.path(record, name), text)
        if not text and op["how"] in ops.RENAMES and error == errno.EINVAL:
            self.take_stock({})
            return
        self.judge_save(record, name, text, bases, error, requests, op["faults"], op["how"], early)

    def save_to_gone(self, record, op):
        """Somebody has deleted it, which the mount may not have heard of."""
        if record.now is not None or record.is_deleted:
            return
        text = self.text_of(record, op["text"])
        error, early, requests = self.attempt(op, ops.fill, self.path(record), PLAIN, text)
        self.take_stock({})
        for request in requests:
            claim(request["method"] == "GET", "for a record that is gone:", request)
        if error == 0:
            claim(any(not body for body, _, _ in self.predictions(record, text, record.bases()))
                  or not text.strip(), "a record that is gone was saved")
        elif not early and text.strip():
            self.check_draft(record.resource, record.name, text, error)

    def do_create(self, op):
        resource = op["key"].split("/")[0]
        own = values_of(op["set"])
        source = self.living(op["copy_of"]) if op["copy_of"] else None
        if source and source.resource == resource:
            own = {**(self.look(source) or {}), **own}
        if op["lacking"]:
            own = {"x1": "lacks what it needs"}
        text = spoil(own, "file", op["wrong"], None) if op["wrong"] else layout(own, "line")
        if not text and op["how"] in ops.RENAMES:
            return
        error, early, requests = self.attempt(
            op, ops.save, self.others, op["how"], self.mount.path(resource, op["name"]), text)
        # A look at the new name may fail before the rename, whose file is still the program's.
        if op["how"] in (*ops.BY_OTHERS, *ops.RENAMES) and error and op["faults"]:
            early = True
        if op["how"] in ops.BY_SHELL and error == 0 and op["wrong"] in ("incomplete", "array"):
            error = errno.EINVAL
        self.judge_create(op["key"], op["name"], text, error, requests, op["faults"],
                          op["how"], early)

    def do_delete(self, op):
        record = self.living(op["record"])
        if not record:
            return
        errors = self.mount.read_control("errors")
        self.held.detach(record)
        path = self.path(record, self.alias_of(record, op))
        self.server.forget()
        self.trouble(op)
        error = 0
        try:
            ops.delete(self.others, op["how"], path)
        except OSError as failure:
            error = failure.errno
        if op["how"] == "and_exit" and error == 0:
            error = self.outcome_of_late_delete(record, errors)
        self.judge_delete(record, error, self.calm(op), op["faults"])

    def outcome_of_late_delete(self, record, errors):
        """It goes out once the program has exited."""
        end = time.monotonic() + 5
        path = f"/api/{record.resource}/{record.id}"
        while time.monotonic() < end:
            if self.has_failed(errors):
                return errno.EIO
            sent = [request for request in self.server.requests()
                    if request["method"] == "DELETE" and request["path"] == path
                    and request["status"] in (200, 404)]
            if sent and not os.path.lexists(self.path(record)):
                time.sleep(0.02)
                return errno.EIO if self.has_failed(errors) else 0
            time.sleep(0.01)
        raise Complaint("a program unlinked", record.key, "and exited, and no DELETE was sent")

    def has_failed(self, errors):
        return b" delete " in self.mount.read_control("errors")[len(errors):]

    # ---- what others do ----

    def change_elsewhere(self, record, changes):
        record.changed({**record.now, **values_of(changes)})
        self.server.set_record(record.resource, record.id, show(record.now, None))

    def do_elsewhere(self, op):
        record = self.living(op["record"])
        if op["kind"] == "create":
            self.create_elsewhere(op["key"], op["set"])
        elif record and op["kind"] == "delete":
            self.server.delete_record(record.resource, record.id)
            record.changed(None)
            self.certain.discard(record.resource)
        elif record:
            self.change_elsewhere(record, op["set"])
        if op["refresh"]:
            self.do_refresh({"path": "all"})

    def create_elsewhere(self, key, changes):
        resource, name = key.split("/")
        identity = str(100000 + int(name[4:]))
        version = {"id": Number(identity), "ln": name, **values_of(changes)}
        self.server.set_record(resource, identity, show(version, None))
        record = self.records[key] = Record(key, identity, version)
        record.versions.insert(0, None)  # the mount has not heard of it yet
        self.certain.discard(resource)

    def do_refresh(self, op):
        path = op["path"]
        if path.endswith(".json"):
            record = self.records.get(path[:-len(".json")])
            if not record:
                return
            path = f"{record.resource}/{record.name}"
        self.mount.refresh(path)
        for record in self.records.values():
            if path in ("all", record.resource, f"{record.resource}/{record.name}"):
                record.refresh()
        if not path.endswith(".json"):
            self.certain |= set(RESOURCES) if path == "all" else {path}

    # ---- reads ----

    def do_read(self, op):
        record = self.living(op["record"])
        if record:
            self.look(record, self.alias_of(record, op))

    def do_read_part(self, op):
        record = self.living(op["record"])
        if not record:
            return
        with open(self.path(record), "rb") as file:
            data = os.pread(file.fileno(), op["length"], op["offset"])
        shown = [file_of(version) for version in record.shown()]
        end = op["offset"] + op["length"]
        claim(any(text[op["offset"]:end] == data for text in shown), "a part of", record.key,
              "reads as", data)
        record.read = record.shown()

    def do_list(self, op):
        resource = op["resource"]
        names = set(os.listdir(self.mount.path(resource)))
        if not self.looks_each_time() and resource not in self.certain:
            return
        there = {record.name for record in self.records.values()
                 if record.resource == resource and record.now is not None}
        claim({name for name in names if name.endswith(".json")} == there, resource, "lists",
              sorted(names - there), "too much, and lacks", sorted(there - names))

    def do_look_at_all(self, op):
        self.do_refresh({"path": "all"})
        for resource in RESOURCES:
            self.do_list({"resource": resource})
            self.look_at_export(resource)
        for record in self.records.values():
            self.look(record)
        self.look_at_names("contact")
        self.look_at_related()
        self.take_stock({})

    def look_at_export(self, resource):
        here = {record.id: record.now for record in self.records.values()
                if record.resource == resource and record.now is not None}
        path = f"{self.mount.directory}/export/{resource}"
        with open(path + ".ndjson", "rb") as file:
            lines = [parse(line) for line in file]
        claim({str(line["id"]): line for line in lines} == here and len(lines) == len(here),
              resource + ".ndjson differs from the server")
        with open(path + ".csv", encoding="utf-8-sig", newline="") as file:
            head, *rows = list(csv.reader(io.StringIO(file.read()))) or [[]]
        claim(sorted(row[head.index("id")] for row in rows) == sorted(here), resource, "in csv")

    def look_at_names(self, resource):
        directory = f"{self.mount.directory}/by-name/{resource}"
        targets = [os.readlink(f"{directory}/{name}") for name in os.listdir(directory)]
        here = [f"../../{resource}/{record.name}" for record in self.records.values()
                if record.resource == resource and record.now is not None]
        claim(sorted(targets) == sorted(here), "by-name lacks", sorted(set(here) - set(targets)),
              "and has too much", sorted(set(targets) - set(here)), len(targets), len(here))

    def look_at_related(self):
        contacts = [record for record in self.records.values()
                    if record.resource == "contact" and record.now is not None]
        for company in [record for record in self.records.values()
                        if record.resource == "company" and record.now is not None]:
            path = f"{self.mount.directory}/related/company/{company.id}/contact"
            names = os.listdir(path) if os.path.isdir(path) else []
            here = [record.name for record in contacts
                    if str(record.now.get("companyId")) == company.id]
            claim(sorted(names) == sorted(here), path, "has", sorted(names), "and not", sorted(here))

    # ---- what must change nothing ----

    def do_shelve(self, op):
        """Renamed to a scratch name, the record is only set aside."""
        record = self.living(op["record"])
        if not record:
            return
        path = self.path(record)
        backup = path + ".shelf"
        if op["way"] == "leave":
            self.held.detach(record)
        os.rename(path, backup)
        claim(not os.path.lexists(path), path, "was renamed, and is there")
        with open(backup, "rb") as file:
            data = file.read()
        known = [file_of(version) for version in record.versions[record.floor:] if version]
        claim(data in known, backup, "reads as", data)
        if op["way"] == "back":
            os.rename(backup, path)
            self.look(record)
        else:
            self.look(record, patience=4)
            os.unlink(backup)
        self.nothing_was_sent()

    def nothing_was_sent(self):
        claim(all(request["method"] == "GET" for request in self.server.requests()),
              "a change was sent", self.server.requests())
        self.take_stock({})

    def do_refused(self, op):
        record, other = self.living(op["record"]), self.living(op["other"])
        if not record or not other or record is other:
            return
        path, there = self.path(record), self.path(other)
        directory = self.mount.path(record.resource)
        aside = self.mount.path("file", "x.json")
        act, allowed = {
            "onto": (lambda: os.rename(path, there), {errno.EPERM}),
            "into": (lambda: os.rename(path, aside), {errno.EPERM}),
            "link": (lambda: os.link(path, path + ".bak"), {errno.EPERM}),
            "mkdir": (lambda: os.mkdir(directory + "d"), {errno.EPERM}),
            "rmdir": (lambda: os.rmdir(directory), {errno.EPERM}),
            "mknod": (lambda: os.mkfifo(directory + "fifo"), {errno.EPERM}),
            "symlink": (lambda: os.symlink("x", directory + "link.json"), {errno.EPERM}),
            "truncate": (lambda: os.truncate(path, 3), {errno.EPERM}),
            "exclusive": (lambda: os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY),
                          {errno.EEXIST}),
        }[op["way"]]
        try:
            act()
            error = 0
        except OSError as failure:
            error = failure.errno
        claim(error in allowed, op["way"], "of", record.key, "said", name_of(error))
        self.nothing_was_sent()
        self.look(record)

    def do_harmless(self, op):
        record = self.living(op["record"])
        if not record:
            return
        path = self.path(record)
        {"chmod": lambda: os.chmod(path, 0o644), "utimens": lambda: os.utime(path, (1, 1)),
         "touch": lambda: os.utime(path),
         "open_close": lambda: os.close(os.open(path, os.O_RDWR)),
         "xattr": lambda: claim(os.getxattr(path, "user.clevertim.id").decode() == record.id, path),
         }[op["way"]]()
        self.nothing_was_sent()
        self.look(record)

    def do_untouchable(self, op):
        directory = self.mount.path(op["resource"])
        for name in sorted(os.listdir(directory))[:1]:
            try:
                os.close(os.open(directory + name, os.O_WRONLY))
                raise Complaint(f"{op['resource']}/{name} can be opened to write")
            except OSError as error:
                claim(error.errno == errno.EACCES, op["resource"], name_of(error.errno))
        self.nothing_was_sent()

    def do_touch_new(self, op):
        path = self.mount.path(op["resource"], op["name"])
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        os.utime(path)
        os.unlink(path)
        self.nothing_was_sent()

    def do_retry(self, op):
        """A draft is copied over its record, or dropped."""
        record = self.living(op["record"])
        drafts = self.mount.drafts(record.resource) if record else {}
        if not record or record.name not in drafts:
            return
        source = f"{self.mount.control}/drafts/{record.resource}/{record.name}"
        if op["drop"]:
            os.unlink(source)
            claim(record.name not in self.mount.drafts(record.resource), "a draft stays")
            return
        text = drafts[record.name]
        error, early, requests = self.attempt(
            {"faults": []}, ops.save, self.others, "copying", self.path(record), text)
        self.judge_save(record, record.name, text, record.bases(), error, requests, [], "copying",
                        early)

    # ---- files that are held open ----

    def do_hold(self, op):
        record = self.living(op["record"])
        if record:
            self.held.open(op["slot"], record, op["mode"])

    def do_close_all(self, op):
        self.held.close_all()

    def close(self):
        self.others.close()
        self.held.drop()

    def do_held(self, op):
        self.held.use(op)

