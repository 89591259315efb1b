"""What is owed after a crash, and whether it is there."""
import json

from crash_writer import CUT, FAILED, SAVED


class Findings:
    """What is there once the mount is back: on the server, and in the control directory."""

    def __init__(self, contacts, requests, drafts, trash):
        self.drafts, self.trash = drafts, trash  # name: bytes; a draft's reason is "<name>.error"
        self.all_contacts = contacts
        self.contacts = {}                       # mark: [contact]
        for contact in contacts:
            self.contacts.setdefault(contact.get("ln"), []).append(contact)
        self.texts = set(drafts.values())
        self.sent, self.applied = {}, {}         # mark: numbers, in the order of the requests
        self.mark_of_id = {contact["id"]: contact.get("ln") for contact in contacts}
        self.requests = requests

    def read_requests(self, records):
        self.mark_of_id.update({record.id: record.mark for record in records if record.id})
        for request in self.requests:
            if request["method"] not in ("PUT", "POST"):
                continue
            body = json.loads(request["body"])
            last = request["path"].rsplit("/", 1)[1]
            mark = body.get("ln") if request["method"] == "POST" else self.mark_of_id.get(int(last))
            self.sent.setdefault(mark, []).append(body["count"])
            if 200 <= request["status"] < 300 or request.get("fault") in ("lost", "lost_late"):
                self.applied.setdefault(mark, []).append(body["count"])


def is_draft_of(name, record):
    """4.json, 4.json.~1~"""
    return bool(record.name) and (name == record.name or name.startswith(record.name + ".~"))


def judge(records, found):
    """The complaints, each (record or None, sentence)."""
    found.read_requests(records)
    complaints = list(judge_drafts(records, found))
    for record in records:
        complaints += [(record, sentence) for sentence in judge_record(record, found)]
    return complaints


def judge_drafts(records, found):
    known = {text.data for record in records for text in record.texts}
    for name, data in found.drafts.items():
        if name.endswith(".error"):
            continue
        if data not in known:
            yield None, f"the draft {name} is no text that was written"
        if not found.drafts.get(name + ".error", b"").strip():
            yield None, f"the draft {name} has no reason"
    for name, data in found.trash.items():
        text = data.decode()
        try:
            whole = json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n" == text
        except ValueError:
            whole = False
        if not whole:
            yield None, f"{name} in the trash is not whole"


def judge_record(record, found):
    copies = found.contacts.get(record.mark, [])
    if len(copies) > 1:
        yield f"created {len(copies)} times"
    if copies:
        yield from judge_present(record, copies[0])
    elif record.acknowledged >= 0:
        yield from judge_deleted(record, found)
    present = copies[0]["count"] if copies else -1
    yield from judge_texts(record, present, found)


def judge_present(record, contact):
    if record.removal == "done":
        yield "rm deleted it, and it is there"
    count = contact["count"]
    if count < max(record.acknowledged, record.settled):
        yield f"the server has text {count}, not {max(record.acknowledged, record.settled)}"
    saved = [text for text in record.texts if text.number == count and text.outcome]
    if not saved:
        yield f"the server has text {count}, which nobody saved"
    elif json.loads(saved[0].data)["pad"] != contact["pad"]:
        yield f"the server has text {count} only in part"


def judge_deleted(record, found):
    if record.removal is None:
        yield "nobody deleted it, and it is gone"
        return
    data = found.trash.get(f"{record.id}.json")
    if data is None:
        yield "it was deleted, and is not in the trash"
        return
    trashed = json.loads(data)
    last = (found.applied.get(record.mark) or [max(record.acknowledged, record.settled)])[-1]
    if trashed["ln"] != record.mark or trashed["count"] != last:
        yield f"the trash has text {trashed['count']}, not the last, {last}"


def is_owed(text, sent):
    return text.is_synced or text.outcome == FAILED or (text.outcome == CUT and text.number in sent)


def is_kept(text, found):
    return text.data in found.texts or bool(text.successor) and text.successor.data in found.texts


def judge_texts(record, present, found):
    sent = found.sent.get(record.mark, [])
    taken = max(present, record.acknowledged, record.settled)
    for text in record.texts:
        if text.number > taken and is_owed(text, sent) and not is_kept(text, found):
            yield f"{text} is lost"
    saved = {text.data for text in record.texts
             if text.outcome == SAVED and text.number <= record.acknowledged}
    for name, data in found.drafts.items():
        if is_draft_of(name, record) and data in saved:
            yield f"the draft {name} was saved"


def settle(records, found):
    """What the next round begins with. The records that are left."""
    left = []
    for record in records:
        copies = found.contacts.get(record.mark, [])
        if copies:
            record.id = copies[0]["id"]
            record.name = f"{record.id}.json"
            record.settled = max(record.settled, copies[0]["count"])
            record.removal = None
        else:
            record.settled = max(record.settled, record.acknowledged)
            record.acknowledged = -1
            record.name = record.removal = None
        record.texts = [text for text in record.texts
                        if text.number >= record.settled or text.data in found.texts]
        if copies or any(text.data in found.texts for text in record.texts):
            left.append(record)
    return left
