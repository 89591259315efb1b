"""What must hold once a soak has calmed down."""
import json
import os
import sys
from statistics import median

from model_json import file_of, object_of, Refused

# How a draft's reason says that nobody knows whether the server has it.
UNSURE = ("broke", "too slow", "not known", "503", "500", "no progress", "could not be read")


def tell(what, minutes, judged):
    """Prints [(what, whether it holds, figures)], and exits with 0 if all does."""
    print()
    for claim, holds, figures in judged:
        print(f"{'ok  ' if holds else 'FAIL'}  {claim:<30} {figures}")
    failed = sum(not holds for _, holds, _ in judged)
    print(f"\n{what}: {minutes:g} minutes, {len(judged) - failed} of {len(judged)} hold" +
          (", it is fine" if not failed else f", {failed} FAILED"), flush=True)
    sys.exit(1 if failed else 0)


class Diaries:
    def __init__(self, directory):
        self.lines = []
        for name in sorted(os.listdir(directory)):
            if name.endswith(".diary"):
                with open(f"{directory}/{name}") as file:
                    self.lines += [json.loads(line) for line in file if line.endswith("\n")]

    def of(self, kind):
        return [line for line in self.lines if line["kind"] == kind]


def flat(samples):
    """
    Memory is flat if the median of the last third of the samples is no more than 2 MiB above that of
    the second third, beside what the records that were created meanwhile take. The first third warms
    up.
    """
    sizes = [sample["rss_kb"] for sample in samples]
    third = len(sizes) // 3
    if third == 0:
        return True, "too few samples"
    middle, last = median(sizes[third:2 * third]), median(sizes[-third:])
    grown = samples[-1]["store_kb"] - samples[third]["store_kb"]
    minutes = (samples[-1]["at_s"] - samples[third]["at_s"]) / 60
    slope = (sizes[-1] - sizes[third]) / 1024 / minutes if minutes else 0
    return (last <= middle + 2048 + 2 * max(0, grown),
            f"{middle / 1024:.1f} MiB, then {last / 1024:.1f} MiB, {slope:.2f} a minute; "
            f"the records have grown by {grown / 1024:.1f}")


def is_record(name):
    return name.endswith(".json") and name[:-5].isdigit()


def differing(world, resources):
    """Files that are not what the server has; how many were compared."""
    wrong, count = [], 0
    for resource in resources:
        there = world.server.listing(resource)
        names = {name for name in os.listdir(world.mount.path(resource)) if is_record(name)}
        wrong += [f"{resource}/{name}" for name in names ^ {f"{one}.json" for one in there}]
        for identity, record in there.items():
            count += 1
            path = world.mount.path(resource, identity + ".json")
            try:
                with open(path, "rb") as file:
                    is_same = file.read() == file_of(record)
            except OSError:
                is_same = False
            if not is_same:
                wrong.append(f"{resource}/{identity}.json")
    return sorted(set(wrong)), count


def number_of(record):
    value = record.get("soak")
    return int(value.digits) if value is not None else 0


def unsaved(diaries, contacts):
    """Saves that were acknowledged, and are not on the server."""
    last = {}
    for line in diaries.of("saved"):
        if line["error"] == 0:
            last[line["id"]] = line["number"]
    there = {identity: number_of(contacts[identity]) if identity in contacts else "no record"
             for identity in last}
    return [f"{identity}: {number} acknowledged, {there[identity]} there"
            for identity, number in last.items()
            if there[identity] == "no record" or there[identity] < number]


def judge_drafts(world, diaries, contacts):
    """(drafts, those that were acknowledged, those on the server although their error denies it)"""
    drafts = world.mount.drafts("contact")
    saved = {(line["id"], line["number"]) for line in diaries.of("saved") if line["error"] == 0}
    acknowledged, there, count = [], [], 0
    for name, data in drafts.items():
        if name.endswith(".error"):
            continue
        count += 1
        identity = name.split(".")[0]
        try:
            text = object_of(data)
        except Refused:
            continue
        record = contacts.get(identity)
        if record is None or "soak" not in text:
            continue
        if (identity, number_of(text)) in saved:
            acknowledged.append(name)
        reason = drafts.get(name + ".error", b"").decode(errors="replace")
        if number_of(text) == number_of(record) and not any(word in reason for word in UNSURE):
            there.append(f"{name}: {reason.strip()}")
    return count, acknowledged, there


def judge_requests(log, diaries, contacts):
    """(doubled POSTs, POSTs and DELETEs not asked for, creations that are lost or twice there)"""
    sent, asked, not_asked = {}, {line["id"] for line in diaries.of("deleting")}, []
    with open(log) as file:
        for line in file:
            request = json.loads(line)
            if request["method"] == "POST":
                mark = json.loads(request["body"]).get("ln")
                sent[mark] = sent.get(mark, 0) + 1
            elif request["method"] == "DELETE" and request["path"].split("/")[-1] not in asked:
                not_asked.append(request["path"])
    made = {line["mark"] for line in diaries.of("creating")}
    not_asked += [f"POST of {mark}" for mark in sent if mark not in made]
    there = {}
    for record in contacts.values():
        if record.get("fn") == "Soak":
            there[record["ln"]] = there.get(record["ln"], 0) + 1
    gone = {line["mark"] for line in diaries.of("deleting")}
    wrong = [f"{mark}: {count} of it" for mark, count in there.items() if count > 1]
    wrong += [line["mark"] + ": acknowledged and gone" for line in diaries.of("created")
              if line["error"] == 0 and line["mark"] not in there and line["mark"] not in gone]
    return [mark for mark, count in sent.items() if count > 1], not_asked, wrong
