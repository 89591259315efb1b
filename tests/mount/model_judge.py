"""The model: what is on the server, what the mount may show of it, and whether both agree."""
import calendar
import errno
import os
import time

from model_json import (Refused, body_of_creation, body_of_save, file_of, object_of, without_lm)
from model_ops import BY_OTHERS, BY_SHELL

RESOURCES = ("contact", "company", "note", "task")
# Faults after which the request may have been carried out.
CARRIED_OUT = {"lost", "lost_late", "reset_after", "truncate", "truncate_close", "partial", "delay"}


class Complaint(Exception):
    """Model and mount disagree."""


def claim(holds, *words):
    if not holds:
        raise Complaint(" ".join(str(word) for word in words))


def name_of(error):
    return errno.errorcode.get(error, error) if error else "0"


class Record:
    def __init__(self, key, identity, version):
        self.key, self.id = key, identity
        self.resource = key.split("/")[0]
        self.versions = [version]  # as the server had it, None: gone
        self.low = 0               # the first of them that the mount may still show
        self.floor = 0             # and may show while the server fails, whatever was refreshed
        self.read = []             # the versions that this program, and anybody, has read last
        self.aliases = []          # names that were chosen for it
        self.is_shared = False     # the kernel shows the size of an unsaved text, which may be mapped
        self.is_emptied = False    # closed with nothing in it: who appends begins with that
        self.is_deleted = False    # through the mount

    @property
    def now(self):
        return self.versions[-1]

    @property
    def name(self):
        return f"{self.id}.json"

    def shown(self):
        """The versions that the mount may show."""
        return [version for version in self.versions[self.low:] if version is not None]

    def bases(self):
        return self.read + self.shown()

    def may_be_gone(self):
        return None in self.versions[self.low:]

    def changed(self, version):
        self.versions.append(version)

    def settle(self):
        """The mount has heard of the present version."""
        self.low = self.floor = len(self.versions) - 1

    def refresh(self):
        """It looks before it shows the record, if it can."""
        self.low = len(self.versions) - 1


def seconds_of(date):
    return calendar.timegm(time.strptime(date, "%Y-%m-%dT%H:%M:%SZ"))


class Model:
    def __init__(self, world, always_fresh):
        self.world, self.server, self.mount = world, world.server, world.mount
        self.always_fresh = always_fresh
        self.records = {}
        self.certain = set(RESOURCES)  # whose listing the mount cannot have older
        self.trusts_until = 0  # after a failure what is known is shown for a moment
        for resource in RESOURCES:
            for identity, version in self.server.listing(resource).items():
                key = f"{resource}/{identity}"
                self.records[key] = Record(key, identity, version)
        self.server.forget()

    def looks_each_time(self):
        return self.always_fresh and time.monotonic() > self.trusts_until

    def path(self, record, name=None):
        return self.mount.path(record.resource, name or record.name)

    # ---- the server ----

    def take_stock(self, expected):
        """
        Nothing on the server is another than it was, but the records of expected, {record: versions
        that it may have now}. Returns those that nobody knows, by resource.
        """
        new = {}
        for resource in RESOURCES:
            there = self.server.listing(resource)
            for record in [one for one in self.records.values() if one.resource == resource]:
                self.compare(record, there.pop(record.id, None), expected.get(record))
            for identity, version in there.items():
                new.setdefault(resource, []).append((identity, version))
        return new

    @staticmethod
    def compare(record, version, allowed):
        if version == record.now:
            claim(allowed is None or any(without_lm(one) == without_lm(version) for one in allowed),
                  record.key, "should have changed on the server, and did not:",
                  allowed and [one and {k: v for k, v in one.items() if version and
                                        version.get(k) != v} for one in allowed])
            return
        claim(allowed is not None, record.key, "was changed on the server, and should not")
        claim(any(without_lm(one) == without_lm(version) for one in allowed), record.key,
              "is on the server", version, "but should be one of", allowed)
        record.changed(version)

    # ---- the file ----

    def look(self, record, name=None, patience=0):
        """The file reads as the server has it, or had it since the mount looked last."""
        path = self.path(record, name)
        end = time.monotonic() + patience
        while True:
            try:
                with open(path, "rb") as file:
                    data = file.read()
                    size = os.fstat(file.fileno()).st_size
                break
            except OSError as error:
                if error.errno == errno.ENOENT and time.monotonic() < end:
                    time.sleep(0.02)
                    continue
                if error.errno in (errno.ENOENT, errno.ESTALE) and record.may_be_gone():
                    record.settle() if record.now is None else None
                    return
                raise Complaint(f"{path} cannot be read: {error}") from None
        if self.looks_each_time():
            record.settle()
        for place in range(record.low, len(record.versions)):
            version = record.versions[place]
            if version is not None and file_of(version) == data:
                break
        else:
            raise Complaint(f"{path} reads as {data.decode(errors='replace')} and the server has "
                            f"{record.now and file_of(record.now).decode()}")
        record.low = record.floor = place
        record.read = [version]
        if not record.is_shared:
            claim(size == len(data), path, "has the size", size, "and", len(data), "bytes")
            self.check_stat(path, version, len(data))
        return version

    @staticmethod
    def check_stat(path, version, size):
        stat = os.stat(path)
        claim(stat.st_size == size, path, "has the size", stat.st_size, "in stat, not", size)
        date = version.get("lm") or version.get("ao")
        if isinstance(date, str):
            claim(int(stat.st_mtime) == seconds_of(date), path, "has another mtime than", date)

    def check_draft(self, resource, name, text, error, how="", own_name=None):
        """
        What was written is kept, by the name or by the record's own: who is refused by a write has
        not written all.
        """
        drafts = self.mount.drafts(resource)
        names = {name, own_name or name}
        own = [draft for draft, data in drafts.items()
               if (data == text or data and how in BY_OTHERS and text.startswith(data))
               and draft.split(".~")[0] in names]
        claim(own, f"{name_of(error)}, and the text is in no draft of {resource}/{name}:", text,
              "but there are", sorted(drafts))
        claim(drafts.get(own[0] + ".error", b"").strip(), f"the draft {own[0]} has no reason")

    def check_drafts_left(self, resource, name, text, body, version):
        """Of the drafts of a file that was saved none stays of which everything is saved."""
        for draft, data in self.mount.drafts(resource).items():
            if draft.split(".~")[0] != name or draft.endswith(".error"):
                continue
            claim(not text.startswith(data), f"{resource}/{name} was saved, and stays:", draft)
            try:
                said = body_of_creation(resource, data)
            except Refused:
                continue
            claim(any(version.get(key) != value and key not in body for key, value in said.items()),
                  f"all of the draft {resource}/{draft} is saved, and it stays:", data)

    # ---- a save ----

    def predictions(self, record, text, bases):
        """[(body or None, errno or None, base)]: all that the contract allows without trouble."""
        found = []
        for base in bases:
            for newest in record.shown() or [base]:
                try:
                    body = body_of_save(record.resource, text, base, newest, record.now)
                    found.append((body, None, base))
                except Refused as refused:
                    found.append((None, refused.args[0], base))
        return found

    def judge_save(self, record, name, text, bases, error, requests, faults, how="", early=False):
        """
        A program has written text to a record and was told error, 0 or an errno; early: before any
        of the text was written.
        """
        predicted = self.predictions(record, text, bases) if text.strip() else [({}, None, None)]
        if text and not text.strip():
            predicted = [(None, errno.EINVAL, None)]
        puts = [request for request in requests if request["method"] == "PUT"]
        for request in requests:
            claim(request["method"] in ("GET", "PUT"), "a save sent", request)
        bodies = [object_of(put["body"]) for put in puts]
        claim(all(put["path"] == f"/api/{record.resource}/{record.id}" for put in puts),
              "a PUT of another record", puts)
        claim(all(body == bodies[0] for body in bodies), "PUTs that differ", bodies)
        claim(len(puts) <= 1 or faults, len(puts), "PUTs for one save", puts)
        wanted = [body for body, refused, _ in predicted if body]
        claim(not bodies or bodies[0] in wanted, "the PUT sent", bodies and bodies[0],
              "and the changes are", wanted)
        refusals = {refused for _, refused, _ in predicted if refused}
        if error == 0 and how in BY_SHELL and refusals and not bodies:
            self.take_stock({})
            self.check_draft(record.resource, name, text, errno.EINVAL, how,
                             record.name)
        elif error == 0:
            self.judge_saved(record, name, text, predicted, bodies)
        else:
            self.judge_refused(record, name, text, error, refusals, bodies, faults, how, early)
        self.look(record, patience=2.5 if error else 0)
        for alias in record.aliases:
            self.look(record, alias, patience=2.5 if error else 0)

    def judge_saved(self, record, name, text, predicted, bodies):
        good = [(body, base) for body, refused, base in predicted if refused is None]
        claim(good, "a save went well that should not:", text, predicted)
        if bodies:
            self.take_stock({record: [{**record.now, **bodies[0]}]})
            base = next(base for body, base in good if body == bodies[0])
            record.settle()
            for its_name in {name, record.name}:
                self.check_drafts_left(record.resource, its_name, text, bodies[0], record.now)
        else:
            claim(any(not body for body, _ in good), "nothing was sent, and the changes are", good)
            self.take_stock({})
            base = next(base for body, base in good if not body)
        record.read = [record.now, *([base | object_of(text)] if base and text.strip() else [])]

    def judge_refused(self, record, name, text, error, refusals, bodies, faults, how, early):
        claim(error in refusals or faults, "a save failed with", name_of(error), "but allowed are",
              [name_of(refusal) for refusal in refusals] or "none", self.mount.last_error())
        may_be_applied = bodies and any(fault["kind"] in CARRIED_OUT and fault["method"] == "PUT"
                                        for fault in faults)
        allowed = [record.now]
        if may_be_applied and record.now:
            allowed.append({**record.now, **bodies[0]})
        self.take_stock({record: allowed})
        if error == errno.EBUSY and not faults:
            record.settle()
        if text.strip() and not early and not (how in BY_OTHERS and faults):
            self.check_draft(record.resource, name, text, error, how, record.name)

    # ---- a creation ----

    def judge_create(self, key, name, text, error, requests, faults, how="", early=False):
        resource = key.split("/")[0]
        posts = [request for request in requests if request["method"] == "POST"]
        for request in requests:
            claim(request["method"] in ("GET", "POST"), "a creation sent", request)
        claim(len(posts) <= 1, len(posts), "POSTs for one new file", posts)
        try:
            body = body_of_creation(resource, text) if text.strip() else None
        except Refused:
            body = None
        if posts:
            claim(object_of(posts[0]["body"]) == body, "the POST sent", posts[0]["body"],
                  "and not", body)
        new = self.take_stock({})
        found = [(identity, version) for there, items in new.items() for identity, version in items]
        claim(len(found) <= 1 and set(new) <= {resource}, "new on the server:", new)
        path = self.mount.path(resource, name)
        if error == 0 and not text.strip():
            claim(not posts and not found, "an empty file was sent")
            os.unlink(path)
        elif error == 0:
            claim(body is not None, "a creation went well that should not:", text)
            claim(found, "a creation went well, and nothing is new on the server")
            self.judge_created(key, name, text, body, found[0], faults)
        else:
            self.judge_not_created(key, name, text, error, found, body, posts, faults, how, early)

    def judge_created(self, key, name, text, body, found, faults):
        identity, version = found
        resource = key.split("/")[0]
        for name_of_property, value in body.items():
            claim(version.get(name_of_property) == value, "the new record has not", name_of_property)
        record = self.records[key] = Record(key, identity, version)
        record.aliases.append(name)
        if any(fault["method"] == "GET" for fault in faults):
            # A partial answer, and nobody to ask for the rest.
            record.versions.insert(0, {"id": version["id"], **body})
        path = self.mount.path(resource, name)
        told = os.getxattr(path, "user.clevertim.id").decode()
        claim(told == identity, path, "has the id", told, "and not", identity)
        last = self.mount.read_control("created").decode().splitlines()[-1]
        claim(last.split(" ", 1)[1] == f"{resource} {name} {identity}", "created says", last)
        self.look(record)
        self.look(record, name)
        claim(os.stat(path).st_ino == os.stat(self.path(record)).st_ino, path, "is another file")
        self.check_drafts_left(resource, name, text, body, version)

    def judge_not_created(self, key, name, text, error, found, body, posts, faults, how, early):
        resource = key.split("/")[0]
        is_refused = body is None or any(post["status"] == 400 for post in posts)
        claim(error == errno.EINVAL if is_refused and not faults else faults,
              "a creation failed with", name_of(error), self.mount.last_error())
        if found:
            blind = any(fault["method"] == "GET" for fault in faults)
            claim(blind, "a creation failed, and the new record could have been found:", found)
            claim("not known" in self.mount.last_error(), self.mount.last_error())
            self.adopt(resource, *found[0])
        if text.strip() and not early:
            self.check_draft(resource, name, text, error, how)
        end = time.monotonic() + 2.5
        while os.path.lexists(self.mount.path(resource, name)) and time.monotonic() < end:
            time.sleep(0.02)
        claim(not os.path.lexists(self.mount.path(resource, name)),
              f"a refused new file stays: {resource}/{name}")

    def adopt(self, resource, identity, version):
        key = f"{resource}/{identity}"
        self.records[key] = Record(key, identity, version)
        self.records[key].versions.insert(0, None)
        self.certain.discard(resource)

    # ---- a deletion ----

    def judge_delete(self, record, error, requests, faults):
        deletes = [request for request in requests if request["method"] == "DELETE"]
        for request in requests:
            claim(request["method"] in ("GET", "DELETE"), "a deletion sent", request)
        own = f"/api/{record.resource}/{record.id}"
        claim(all(request["path"] == own for request in deletes), "a DELETE of another", deletes)
        before = [file_of(version) for version in record.shown()]
        if error == 0:
            self.take_stock({record: [None]})
            record.settle()
            record.is_deleted = True
            for name in [record.name, *record.aliases]:
                claim(not os.path.lexists(self.path(record, name)), name, "was deleted, and is there")
            trashed = self.mount.read_control(f"trash/{record.resource}/{record.name}")
            claim(trashed in before, "the trash has", trashed)
        else:
            claim(faults, "a deletion failed with", name_of(error), self.mount.last_error())
            self.take_stock({record: [record.now, None]})
            if record.now is not None:
                self.look(record, patience=2.5)
