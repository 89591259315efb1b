"""Records as the model knows them: JSON with every digit kept, and what a save makes of it."""
import errno
import json


class Number:
    """A number as it was written; equal to none but one of the same digits."""

    def __init__(self, digits):
        self.digits = digits

    def __eq__(self, other):
        return isinstance(other, Number) and self.digits == other.digits

    def __hash__(self):
        return hash(self.digits)

    def __repr__(self):
        return self.digits


class DuplicateKey(ValueError):
    pass


def _object(pairs):
    if len({key for key, _ in pairs}) != len(pairs):
        raise DuplicateKey
    return dict(pairs)


def parse(text):
    """ValueError: no JSON. Objects are dicts, whose order counts only when they are shown."""
    if isinstance(text, bytes):
        text = text.decode()
    return json.loads(text, object_pairs_hook=_object, parse_int=Number, parse_float=Number)


def show(value, indent=""):
    """As the file shows it, without the last newline. indent None: on one line."""
    if isinstance(value, Number):
        return value.digits
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if not isinstance(value, (dict, list)):
        return json.dumps(value)
    inner = None if indent is None else indent + "  "
    if isinstance(value, dict):
        colon = ":" if indent is None else ": "
        items = [show(key) + colon + show(item, inner) for key, item in value.items()]
        left, right = "{}"
    else:
        items = [show(item, inner) for item in value]
        left, right = "[]"
    if not items or indent is None:
        return left + ",".join(items) + right
    return f"{left}\n{inner}" + f",\n{inner}".join(items) + f"\n{indent}{right}"


def file_of(record):
    return (show(record) + "\n").encode()


def without_lm(record):
    return record and {key: value for key, value in record.items() if key != "lm"}


# ---- what the contract says of a text that is saved ----

ALWAYS_READ_ONLY = {"ao", "userId"}
READ_ONLY = {
    "contact": {"cases", "notes", "opportunities", "tasks"},
    "company": {"cases", "notes", "opportunities", "tasks"},
    "opportunity": {"notes", "tasks"},
    "note": {"delvry", "email", "hl"},
}


def is_read_only(resource, key):
    return key in ALWAYS_READ_ONLY or key in READ_ONLY.get(resource, ())


class Refused(Exception):
    """A save that has to fail with this errno."""


def object_of(text):
    """What a person saved; Refused: it is none that may be sent."""
    try:
        value = parse(text)
    except ValueError:
        raise Refused(errno.EINVAL) from None
    if not isinstance(value, dict):
        raise Refused(errno.EINVAL)
    return value


def is_old_date(mine, *others):
    """`lm` as an older copy has it is no change."""
    return any(isinstance(mine, str) and isinstance(other, str) and mine <= other
               for other in others)


def body_of_save(resource, text, base, newest, theirs):
    """The properties that one PUT has to send, {} for none; Refused."""
    mine = object_of(text)
    if mine.get("id", base["id"]) != base["id"]:
        raise Refused(errno.EINVAL)
    changes = {key: value for key, value in mine.items()
               if value != base.get(key) and value != newest.get(key) and key != "id"}
    if "lm" in changes and is_old_date(changes["lm"], base.get("lm"), newest.get("lm")):
        del changes["lm"]
    if any(key == "lm" or is_read_only(resource, key) for key in changes):
        raise Refused(errno.EINVAL)
    if changes and theirs is None:
        raise Refused(errno.EIO)
    for key, value in changes.items():
        if value != theirs.get(key) and theirs.get(key) != base.get(key):
            raise Refused(errno.EBUSY)
    return {key: value for key, value in changes.items() if value != theirs.get(key)}


def body_of_creation(resource, text):
    """What one POST has to send; Refused."""
    mine = object_of(text)
    return {key: value for key, value in mine.items()
            if key not in ("id", "lm") and not is_read_only(resource, key)}
