"""One who saves, creates and deletes until the mount dies, and remembers what it was told.

Each writer has records of its own. Each text of a record has a number that counts up, so that a
look at the server tells which save it was.
"""
import contextlib
import errno
import json
import os
import time

SAVED, FAILED, CUT = "saved", "failed", "cut off"
# What a call says when the daemon is killed, during it or before.
GONE = errno.ENOTCONN, errno.ECONNABORTED

# A program that unlinks a record, and creates it again within this time, deletes nothing.
SURELY_BEFORE_A_DELETE_S = 1.5


@contextlib.contextmanager
def called(name):
    """This process has the name of another program."""
    own = "/proc/self/comm"
    with open(own) as file:
        before = file.read()
    try:
        with open(own, "w") as file:
            file.write(name)
        yield
    finally:
        with open(own, "w") as file:
            file.write(before)


class Text:
    def __init__(self, number, data, is_part=False):
        self.number, self.data, self.is_part = number, data, is_part
        self.is_synced = False  # fsync returned 0, and no later fsync did
        self.successor = None   # that text may be on disk in its place: its fsync was cut off
        self.outcome = None     # what the call that saves said: SAVED, FAILED, CUT
        self.error = ""         # the errno's name

    def __repr__(self):
        kind = "part of " if self.is_part else ""
        facts = ["synced"] * self.is_synced + [f"{self.outcome}{self.error}"]
        return f"{kind}text {self.number} ({', '.join(facts)}, {len(self.data)} bytes)"


class Record:
    def __init__(self, mark, name=None, id=None):
        self.mark = mark        # what no other record has in "ln"
        self.name = name        # of its file; None: it cannot be reached
        self.id = id
        self.texts = []
        self.last_number = 0
        self.acknowledged = -1  # the last text that was saved; -1: it was never created
        self.settled = -1       # the text that the server had after the last crash
        self.removal = None     # "asked", "done"

    def add_text(self, number, data, is_part=False):
        text = Text(number, data, is_part)
        self.texts.append(text)
        return text

    def next_number(self):
        self.last_number += 1
        return self.last_number


class Writer:
    def __init__(self, name, directory, records, rng):
        self.name, self.directory, self.records, self.rng = name, directory, records, rng
        self.created = 0
        self.held = None  # (record, descriptor, texts): open, perhaps fsynced, and not closed

    def run(self):
        """Until the mount dies. What fails otherwise is given up."""
        deeds = {self.save: 6, self.save_by_rename: 4, self.save_set_aside: 3, self.replace: 3,
                 self.save_half: 1, self.create: 5, self.create_by_rename: 3, self.hold: 6,
                 self.delete: 3}
        while True:
            deed, = self.rng.choices(list(deeds), deeds.values())
            try:
                deed()
            except OSError as error:
                if error.errno in GONE:
                    return
            time.sleep(self.rng.choice([0, 0, 0.002, 0.02]))

    # ---- choosing ----

    def path(self, record):
        return f"{self.directory}/{record.name}"

    def pick(self, wanted=lambda record: True):
        """A record at rest; OSError, to give up, if there is none."""
        held = self.held and self.held[0]
        at_rest = [record for record in self.records if record.name and record.removal is None
                   and record.acknowledged >= 0 and record is not held and wanted(record)]
        if not at_rest:
            raise OSError(errno.ENOENT, "no such record")
        return self.rng.choice(at_rest)

    def new_record(self):
        self.created += 1
        mark = f"{self.name}-{self.created}"
        record = Record(mark, f"{mark}.json")
        self.records.append(record)
        return record

    # ---- writing ----

    def new_text(self, record):
        """A change, or all that the file says, changed."""
        number = record.next_number()
        body = {}
        if record.acknowledged < 0:
            body = {"fn": "Crash", "ln": record.mark}
        elif self.rng.random() < 0.5:
            with open(self.path(record), "rb") as file:
                body = json.load(file)
        body["pad"] = f"{record.mark} {number} " * self.rng.choice([1, 1, 10, 300, 8000])
        body["count"] = number
        data = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
        return record.add_text(number, data.encode())

    def sync(self, fd, text, before=()):
        """What was fsynced before through the same descriptor is owed no more."""
        try:
            os.fsync(fd)
        except OSError as error:
            if error.errno in GONE:
                for earlier in before:
                    earlier.successor = text
                raise
            return
        for earlier in before:
            earlier.is_synced = False
        text.is_synced = True

    def write(self, record, fd, text):
        """In one piece, or in two with an fsync between."""
        half, parts = 0, []
        if self.rng.random() < 0.2:
            half = self.rng.randrange(len(text.data) // 2, len(text.data))
            parts = [record.add_text(text.number, text.data[:half], is_part=True)]
            os.write(fd, parts[0].data)
            self.sync(fd, parts[0])
        os.write(fd, text.data[half:])
        if self.rng.random() < 0.4:
            self.sync(fd, text, parts)

    def commit(self, record, text, call, *arguments):
        """The call that saves: what it says is what became of the text."""
        try:
            call(*arguments)
            text.outcome = SAVED
            record.acknowledged = text.number
        except OSError as error:
            text.outcome = CUT if error.errno in GONE else FAILED
            text.error = " " + errno.errorcode[error.errno]
            raise
        finally:
            if text.outcome != CUT:
                for part in record.texts:
                    part.is_synced = part.is_synced and not part.is_part

    def save_into(self, record, flags, text=None):
        text = text or self.new_text(record)
        fd = os.open(self.path(record), os.O_WRONLY | flags, 0o600)
        self.write(record, fd, text)
        self.commit(record, text, os.close, fd)

    # ---- deeds ----

    def save(self):
        self.save_into(self.pick(), os.O_TRUNC)

    def rename_into(self, record):
        text = self.new_text(record)
        temporary = f"{self.directory}/.{record.name}.new"
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(fd, text.data)
        os.close(fd)
        # Where this cannot be told a rename fails, too, and the mount does not hear of it.
        with contextlib.suppress(FileNotFoundError):
            os.stat(self.path(record))
        self.commit(record, text, os.rename, temporary, self.path(record))

    def save_by_rename(self):
        self.rename_into(self.pick())

    def save_set_aside(self):
        """As vim does, also when it fails."""
        record = self.pick()
        text = self.new_text(record)
        path, aside = self.path(record), self.path(record) + "~"
        os.rename(path, aside)
        try:
            self.save_into(record, os.O_CREAT | os.O_EXCL, text)
        except OSError as error:
            if error.errno not in GONE:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
                os.rename(aside, path)
            raise
        os.unlink(aside)

    def replace(self):
        """As mv, install and tar do."""
        record = self.pick()
        text = self.new_text(record)
        begin = time.monotonic()
        os.unlink(self.path(record))
        try:
            fd = os.open(self.path(record), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            record.removal = None if error.errno in GONE else "asked"
            raise
        if time.monotonic() - begin > SURELY_BEFORE_A_DELETE_S:
            record.removal = "asked"
        self.write(record, fd, text)
        self.commit(record, text, os.close, fd)

    def save_half(self):
        """Never valid: refused at the close."""
        record = self.pick()
        number = record.next_number()
        data = '{"count": %d, "pad": "%s' % (number, record.mark)
        self.save_into(record, os.O_TRUNC, record.add_text(number, data.encode()))

    def creating(self, record, call, *arguments):
        try:
            call(*arguments)
        except OSError:
            record.name = None
            raise
        record.id = int(os.getxattr(self.path(record), "user.clevertim.id"))

    def create(self):
        record = self.new_record()
        self.creating(record, self.save_into, record, os.O_CREAT | os.O_EXCL)

    def create_by_rename(self):
        record = self.new_record()
        self.creating(record, self.rename_into, record)

    def hold(self):
        """Keeps a file open: overwrites it again and again, fsyncs it, perhaps closes it."""
        if not self.held:
            self.begin_holding()
        record, fd, texts = self.held
        if texts and self.rng.random() < 0.2:
            self.held = None
            self.end_holding(record, fd, texts[-1])
            return
        text = self.new_held_text(record)
        os.ftruncate(fd, 0)
        os.pwrite(fd, text.data, 0)
        if self.rng.random() < 0.7:
            self.sync(fd, text, texts)
        texts.append(text)

    def begin_holding(self):
        is_new = self.rng.random() < 0.3
        record = self.new_record() if is_new else self.pick()
        fd = os.open(self.path(record), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self.held = record, fd, []

    def new_held_text(self, record):
        """Never from what the file says: that is being overwritten."""
        number = record.next_number()
        body = {"fn": "Crash", "ln": record.mark, "count": number,
                "pad": f"{record.mark} {number} " * self.rng.choice([1, 500])}
        return record.add_text(number, json.dumps(body).encode() + b"\n")

    def end_holding(self, record, fd, text):
        if record.acknowledged < 0:
            self.creating(record, self.commit, record, text, os.close, fd)
        else:
            self.commit(record, text, os.close, fd)

    def delete(self):
        """As rm does, which is told what came of it, or by ourselves: that goes out later."""
        record = self.pick(lambda record: record.id and record.mark.count("-") > 1)
        record.removal = "asked"
        if self.rng.random() < 0.3:
            os.unlink(self.path(record))
            return
        # Not by rm itself: a child that closes what is held would save it.
        with called("rm"):
            os.unlink(self.path(record))
        record.removal = "done"
