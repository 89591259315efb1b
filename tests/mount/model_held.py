"""Files that stay open while other things happen, each beside what it should hold."""
import contextlib
import errno
import os

from model_json import file_of
from model_judge import claim, name_of

MODES = {
    "read": os.O_RDONLY,
    "write": os.O_WRONLY,
    "truncate": os.O_WRONLY | os.O_TRUNC,
    "both": os.O_RDWR,
    "append": os.O_WRONLY | os.O_APPEND,
}


class Held:
    def __init__(self, record, mode, descriptor):
        self.record, self.mode, self.descriptor = record, mode, descriptor
        # What may be what its changes are counted from.
        self.bases = list(record.bases())
        self.shown = [file_of(version) for version in record.shown()]
        self.text = b"" if mode == "truncate" else None  # None: as the record was; not written yet
        self.is_dirty = False
        self.refused = None  # the text that was refused last: another save may have dropped its draft
        self.is_detached = False  # the name means another file by now, as on any disk


def text_is_shown_again(held, data):
    """After a refusal the record reads as before, though its writer may still complete the text."""
    return held.refused is not None and data in [file_of(one) for one in held.record.shown()]


class HeldFiles:
    def __init__(self, model):
        self.model = model
        self.slots = {}

    def open(self, slot, record, mode):
        if slot in self.slots:
            self.close(self.slots.pop(slot), [])
        # One writer of a record at a time, so that it is clear which text is whose.
        if any(held.record is record for held in self.slots.values()):
            return
        if mode == "append" and record.is_emptied:
            return  # it would begin with nothing, as the rest of `> file; ... >> file`
        descriptor = os.open(self.model.path(record), MODES[mode])
        record.is_emptied = False
        self.slots[slot] = held = Held(record, mode, descriptor)
        if mode == "read":
            record.read = list(record.bases())

    def detach(self, record):
        """The file was renamed or unlinked, and may be another's now."""
        for held in self.slots.values():
            held.is_detached |= held.record is record

    def use(self, op):
        held = self.slots.get(op["slot"])
        if not held or held.is_detached and op["verb"] != "close":
            return
        verb = op["verb"]
        if verb == "close":
            del self.slots[op["slot"]]
            self.close(held, op["faults"])
        elif verb == "read":
            self.read(held)
        elif held.mode == "read":
            return
        elif verb == "dup" and held.is_dirty:
            self.flush(held, op["faults"], lambda: os.close(os.dup(held.descriptor)))
        else:
            self.change(held, verb, op)

    def read(self, held):
        if held.mode not in ("read", "both"):
            return
        record = held.record
        try:
            data = os.pread(held.descriptor, 1 << 20, 0)
        except OSError as error:
            claim(record.may_be_gone(), "an open file cannot be read:", name_of(error.errno))
            return
        if held.is_dirty and text_is_shown_again(held, data):
            return
        if held.is_dirty:
            claim(data == held.text, "an open file reads as", data, "and", held.text, "was written")
            return
        shown = [file_of(version) for version in record.shown()]
        if not (record.may_be_gone() and not shown):
            claim(data in shown or record.now is None, "an open file of", record.key, "reads as",
                  data, "and the record is", shown)
        held.bases += record.shown()
        record.read = list(record.bases())

    def begin(self, held):
        """Its text, at the first change: the record as this file shows it."""
        if held.text is not None:
            return held.text
        if held.mode == "both":
            try:
                data = os.pread(held.descriptor, 1 << 20, 0)
            except OSError:
                return None
            held.bases += held.record.shown()
            held.record.read = list(held.record.bases())
            return data
        # Nobody but its writer sees it. It is the version of the open.
        return held.shown[0] if len(set(held.shown)) == 1 else None

    def change(self, held, verb, op):
        if verb == "sync":
            os.fsync(held.descriptor)
        if verb in ("sync", "dup"):
            return
        text = self.begin(held)
        if text is None:
            return
        record = held.record
        if verb == "truncate":
            os.ftruncate(held.descriptor, op["size"])
            new = text[:op["size"]] + b"\0" * (op["size"] - len(text))
        elif verb == "write":
            data = op["data"].encode()
            offset = len(text) if held.mode == "append" else min(op["offset"], len(text))
            os.pwrite(held.descriptor, data, offset)
            new = text[:offset] + data + text[offset + len(data):]
        else:
            if record.now is None or record.resource != "contact":
                return
            new = self.model.text_of(record, {**op["text"], "read": False})
            os.ftruncate(held.descriptor, 0)
            os.pwrite(held.descriptor, new, 0)
        held.is_dirty = held.is_dirty or new != text or verb != "truncate"
        held.text = new
        record.is_shared = held.mode == "both" and held.is_dirty

    def close(self, held, faults):
        if held.is_detached:
            with contextlib.suppress(OSError):
                os.close(held.descriptor)
            self.model.nothing_was_sent()
            return
        if held.mode == "read" or not held.is_dirty:
            held.record.is_emptied = held.mode == "truncate"
            os.close(held.descriptor)
            self.model.take_stock({})
            return
        self.flush(held, faults, lambda: os.close(held.descriptor))

    def flush(self, held, faults, act):
        model, record, text = self.model, held.record, held.text
        if not held.is_dirty:
            act()
            return
        error, early, requests = model.attempt({"faults": faults}, act)
        record.is_shared, record.is_emptied = False, not text
        if record.now is None or record.may_be_gone():
            self.flush_gone(held, text, error, requests)
            return
        bases = held.bases + record.shown()
        early = early or (error != 0 and text == held.refused)
        model.judge_save(record, record.name, text, bases, error, requests, faults, early=early)
        held.refused = text if error else None
        if error == 0 and text.strip():
            held.is_dirty, held.bases = False, list(record.bases())
            held.text = None if held.mode == "both" else text

    def flush_gone(self, held, text, error, requests):
        model, record = self.model, held.record
        model.take_stock({})
        claim(all(request["method"] == "GET" for request in requests), "sent for a record that is "
              "gone:", requests)
        if error == errno.EIO and text.strip():
            model.check_draft(record.resource, record.name, text, error)

    def close_all(self):
        for held in self.slots.values():
            self.close(held, [])
        self.slots = {}

    def drop(self):
        for held in self.slots.values():
            with contextlib.suppress(OSError):
                os.close(held.descriptor)
