#!/usr/bin/env python3
"""usage: crash.py MOMENTS URL MOUNTPOINT STATE_DIR REQUEST_LOG COMMAND...

Kills the mount that COMMAND starts, again and again, while several programs save, create and
delete; mounts it again, and sees whether anything is lost, torn or made twice. MOMENTS says when it
is killed: at "random" ones, when something happens on "disk", or when the "server" gets or answers
a request.

CRASH_ROUNDS says how often, CRASH_SEED what chance does: the same deeds, though not at the same
speed.
"""
import base64
import ctypes
import json
import multiprocessing
import os
import random
import select
import shutil
import subprocess
import sys
import time
import urllib.request

from crash_judge import Findings, judge, settle
from crash_writer import FAILED, SAVED, Record, Writer

WRITERS = 4
OWN_RECORDS = 3  # of each writer, from the start
LONGEST_ROUND_S = 1.2
# More than these are not kept for the next round: of one record, of one writer.
MANY_DRAFTS, MANY_RECORDS = 4, 6
FIRST_ID = 5001
METHODS = "GET", "PUT", "POST", "DELETE"
KILLED_WITHIN_S = 2
MNT_FORCE = 1


def wait_until(what, condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"this never came true: {what}")
        time.sleep(0.002)


class Server:
    def __init__(self, url, log):
        self.url, self.log = url, log

    def ask(self, method, path, body=None, headers={}):
        data = None if body is None else body.encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def contacts(self):
        token = base64.b64encode(b"sandbox-token:X").decode()
        answer = self.ask("GET", "/api/contact", headers={"Authorization": "Basic " + token})
        return json.loads(answer)["content"]

    def add(self, records):
        lines = [json.dumps({"id": record.id, "fn": "Crash", "ln": record.mark, "count": 0,
                             "pad": ""}) for record in records]
        self.ask("POST", "/_sandbox/record/contact", "\n".join(lines))

    def fault(self, kind, **rule):
        self.ask("POST", "/_sandbox/fault", json.dumps({"kind": kind, **rule}))

    def heal(self):
        self.ask("DELETE", "/_sandbox/fault")

    def forget(self):
        self.ask("DELETE", "/_sandbox/log")

    def requests(self):
        """Those since `forget`, once all that arrived are carried out."""
        def all_are_answered():
            self.lines = self.ask("GET", "/_sandbox/log").splitlines()
            count = json.loads(self.ask("GET", "/_sandbox/count"))
            return len(self.lines) == sum(count[method] for method in METHODS)
        wait_until("the server has answered all", all_are_answered)
        time.sleep(0.05)  # what is carried out without an answer
        return [json.loads(line) for line in self.lines]

    def follow(self, seconds):
        """Each request as soon as it is logged, for so long."""
        end = time.monotonic() + seconds
        with open(self.log) as log:
            log.seek(0, os.SEEK_END)
            line = ""
            while time.monotonic() < end:
                line += log.readline()
                if not line.endswith("\n"):
                    time.sleep(0.0002)
                    continue
                yield json.loads(line)
                line = ""


class Mount:
    def __init__(self, directory, state, command):
        self.directory, self.state, self.command = directory, state, command
        self.control = directory + "/.clevertimfs"
        self.hung = 0

    def start(self):
        self.daemon = subprocess.Popen(self.command)
        wait_until("it is mounted", lambda: os.path.exists(self.control + "/status"))

    def kill(self):
        if self.daemon.poll() is not None:
            sys.exit(f"the mount ended by itself, with status {self.daemon.returncode}")
        self.daemon.kill()
        try:
            self.daemon.wait(KILLED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.hung += 1
            print("killed, and it does not end: who waits for an answer waits for ever", flush=True)
            ctypes.CDLL(None).umount2(self.directory.encode(), MNT_FORCE)  # answers them
            self.daemon.wait(KILLED_WITHIN_S)

    def finish(self):
        self.daemon.terminate()
        return self.daemon.wait(20)

    def kept(self, area):
        """name: bytes of drafts or trash."""
        kept, directory = {}, f"{self.control}/{area}/contact"
        for name in os.listdir(directory) if os.path.exists(directory) else []:
            with open(f"{directory}/{name}", "rb") as file:
                kept[name] = file.read()
        return kept

    def below_state(self, *names):
        """Those directories of the account that there are."""
        account = self.state + "/" + os.listdir(self.state)[0]
        return [path for path in (f"{account}/{name}" for name in names) if os.path.isdir(path)]


# ---- writers ----

def run_writer(writer, results):
    writer.run()
    results.send(writer.records)


def start_writers(mount, records, number, rng):
    """Each in a process of its own; (process, pipe) of each."""
    started = []
    for i in range(WRITERS):
        own = [record for record in records if record.mark.startswith(f"w{i}-")]
        chance = random.Random(rng.random())
        writer = Writer(f"w{i}-{number}", mount.directory + "/contact", own, chance)
        ours, theirs = multiprocessing.Pipe(False)
        process = multiprocessing.Process(target=run_writer, args=(writer, theirs), daemon=True)
        process.start()
        theirs.close()
        started.append((process, ours))
    return started


def finish_writers(started):
    records = []
    for process, results in started:
        if not results.poll(20):
            sys.exit("a writer does not end although its mount is dead")
        try:
            records += results.recv()
        except EOFError:
            sys.exit("a writer ended early")
        process.join()
    return records


# ---- trouble ----

def cause_trouble(server, rng):
    """A bad day: some requests are refused, late, or lose their answer."""
    for _ in range(rng.randrange(6)):
        method = rng.choice(["GET", "PUT", "PUT", "POST", "DELETE"])
        kind, rule = rng.choice([
            ("delay", {"ms": rng.choice([10, 100])}), ("lost", {}), ("reset", {}),
            ("status", {"status": rng.choice([400, 403, 429, 500, 503])}),
            ("truncate", {}), ("lost_late", {"ms": 100})])
        # A PUT that is carried out after a later one would undo it: nobody could help that.
        if (method, kind) != ("PUT", "lost_late"):
            rule.update(method=method, skip=rng.randrange(8), times=rng.randrange(1, 3))
            server.fault(kind, **rule)


# ---- the moments ----
# Each kills the mount.

def at_random_moments(server, mount, rng):
    time.sleep(rng.uniform(0.02, LONGEST_ROUND_S))
    mount.kill()


def at_moments_of_the_disk(server, mount, rng):
    """Right after some change in the state directory."""
    libc = ctypes.CDLL(None)
    time.sleep(rng.uniform(0, 0.4))
    watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    changes = 0x2 | 0x40 | 0x80 | 0x100 | 0x200  # modified, moved from and to, created, deleted
    for path in mount.below_state("drafts/contact", "reasons/contact", "trash/contact", "temp"):
        libc.inotify_add_watch(watch, path.encode(), changes)
    events = select.poll()
    events.register(watch)
    for _ in range(rng.randrange(1, 40)):
        if not events.poll(LONGEST_ROUND_S * 1000):
            break
        os.read(watch, 64)  # one or two of them
    mount.kill()
    os.close(watch)


def at_moments_of_the_server(server, mount, rng):
    """When a request has arrived, was carried out, lost its answer, or was just answered."""
    method = rng.choice(["PUT", "PUT", "POST", "DELETE"])
    kinds = {"hang": {}, "hang_after": {"bytes": 0}, "lost": {}, "delay": {"ms": 30}, None: {}}
    if method != "PUT":
        kinds["lost_late"] = {"ms": 100}
    kind = rng.choice(list(kinds))
    if kind:
        server.fault(kind, method=method, skip=rng.randrange(4), **kinds[kind])
    else:
        time.sleep(rng.uniform(0, 0.4))
    for request in server.follow(LONGEST_ROUND_S):
        if request["method"] == method and request.get("fault") == kind:
            break
    time.sleep(rng.choice([0, 0, 0.001, rng.uniform(0, 0.3)]))
    mount.kill()


MOMENTS = {"random": at_random_moments, "disk": at_moments_of_the_disk,
           "server": at_moments_of_the_server}


# ---- after the crash ----

def look(server, mount, requests):
    for temporary in mount.below_state("temp"):
        left = os.listdir(temporary)
        if left:
            sys.exit(f"leftovers in temp: {left}")
    return Findings(server.contacts(), requests, mount.kept("drafts"), mount.kept("trash"))


def tell(complaints, found, seed, number):
    print(f"round {number} with CRASH_SEED={seed}:")
    for record, sentence in complaints:
        print(f"  {record.mark + ' ' + str(record.name) + ': ' if record else ''}{sentence}")
    for record in {record for record, _ in complaints if record}:
        print(f"  {record.mark}: acknowledged {record.acknowledged}, settled {record.settled}, "
              f"removal {record.removal}, sent {found.sent.get(record.mark)}")
        for text in record.texts:
            names = [name for name, data in found.drafts.items() if data == text.data]
            print(f"    {text} {' '.join(names)}")
        for request in found.requests:
            if request["path"].endswith(f"/{record.id}") or record.mark in request["body"]:
                print(f"    {request['method']} {request['path']} {request['status']} "
                      f"{request.get('fault', '')} {request['body'][:80]}")


def try_again(mount, record, texts, found):
    """As the README says: cp the last one over the record."""
    text = max(texts, key=lambda text: text.number)
    draft = next(name for name, data in found.drafts.items() if data == text.data)
    try:
        shutil.copyfile(f"{mount.control}/drafts/contact/{draft}",
                        f"{mount.directory}/contact/{record.name}")
    except OSError:
        text.outcome = FAILED
        return
    text.outcome = SAVED
    record.acknowledged = text.number


def drop_drafts(mount, record, found):
    for name, data in found.drafts.items():
        path = f"{mount.control}/drafts/contact/{name}"
        is_own = not name.endswith(".error") and any(text.data == data for text in record.texts)
        if is_own and os.path.exists(path):
            os.unlink(path)
    record.texts = [text for text in record.texts if text.number == record.settled]


def tidy(server, mount, records, found, rng):
    """Some drafts are tried again, some dropped; some stay for the next crash. The records left."""
    for name in found.trash:
        os.unlink(f"{mount.control}/trash/contact/{name}")
    crowd = {}
    for record in records:
        kept = [text for text in record.texts if text.data in found.texts]
        newer = [text for text in kept if text.number > record.settled and not text.is_part]
        chance = rng.random()
        crowd.setdefault(record.mark[:2], []).append(record)
        if newer and record.name and chance < 0.4:
            try_again(mount, record, newer, found)
        elif kept and (chance < 0.6 or len(kept) > MANY_DRAFTS):
            drop_drafts(mount, record, found)
    for own in crowd.values():
        for record in own[OWN_RECORDS:-MANY_RECORDS]:
            drop_drafts(mount, record, found)
            if record.name:
                server.ask("DELETE", f"/_sandbox/record/contact/{record.id}")
            records.remove(record)
    return [record for record in records if record.name or record.texts]


# ---- all rounds ----

def first_records(server):
    records = []
    for i in range(WRITERS * OWN_RECORDS):
        record = Record(f"w{i % WRITERS}-own{i}", f"{FIRST_ID + i}.json", FIRST_ID + i)
        record.acknowledged = record.settled = 0
        record.add_text(0, b'{"pad": ""}').outcome = SAVED
        records.append(record)
    server.add(records)
    return records


def crash_once(number, records, server, mount, kill, rng):
    """A round. The records as they are said to be, and what is there."""
    server.forget()
    cause_trouble(server, rng)
    writers = start_writers(mount, records, number, rng)
    kill(server, mount, rng)
    records = finish_writers(writers)
    server.heal()
    requests = server.requests()
    mount.start()
    return records, look(server, mount, requests)


def main():
    moments, url, directory, state, log, *command = sys.argv[1:]
    seed = os.environ.get("CRASH_SEED") or str(random.randrange(10**6))
    rounds = int(os.environ.get("CRASH_ROUNDS") or 8)
    print(f"{rounds} rounds with CRASH_SEED={seed}", flush=True)
    rng = random.Random(seed)
    server, mount = Server(url, log), Mount(directory, state, command)
    records = first_records(server)
    others = [contact for contact in server.contacts() if contact.get("fn") != "Crash"]
    mount.start()
    for number in range(1, rounds + 1):
        records, found = crash_once(number, records, server, mount, MOMENTS[moments], rng)
        complaints = judge(records, found)
        if [contact for contact in found.all_contacts if contact.get("fn") != "Crash"] != others:
            complaints.append((None, "a record that nobody touched was changed"))
        if complaints:
            tell(complaints, found, seed, number)
            mount.finish()
            sys.exit(1)
        records = tidy(server, mount, settle(records, found), found, rng)
    status = mount.finish()
    if mount.hung:
        sys.exit(f"{mount.hung} of {rounds} times it did not end when it was killed")
    sys.exit(status)


main()
