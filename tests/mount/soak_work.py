"""Who works on the mount during a soak: each a process that goes on until it is told to stop."""
import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import time

import model_ops as ops
from model_json import Number, file_of, parse

WAYS = ("truncating", "in_pieces", "in_place", "read_and_write", "renaming", "renaming_synced",
        "renaming_open", "setting_aside", "replacing", "copying", "sed", "vim")


class Diary:
    """What was asked, and what came of it: one line of JSON each."""

    def __init__(self, directory, name):
        self.name = name
        self.file = open(f"{directory}/{name}.diary", "a", buffering=1)

    def note(self, kind, **facts):
        self.file.write(json.dumps({"kind": kind, "who": self.name, **facts}) + "\n")


def forever(work, pause_s):
    """Calls work() again and again, whatever the mount says, until SIGTERM."""
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    while not stopped:
        try:
            work()
        except OSError:
            pass  # of a look that failed; outcomes are in the diary
        time.sleep(random.uniform(0, 2 * pause_s))


def with_number(path, number):
    """The whole text with a new number, as an editor would have it."""
    with open(path, "rb") as file:
        record = parse(file.read())
    return file_of({**record, "soak": Number(str(number))})


def by_sed(path, number):
    ops.run("sed", "-i", f's/"soak": [0-9]*/"soak": {number}/', path)


def by_vim(path, number):
    subprocess.run(["vim", "-es", "-u", "NONE", "-c", f's/"soak": [0-9]*/"soak": {number}/e',
                    "-c", f'%s/"soak": [0-9]*/"soak": {number}/e', "-c", "wq!", path],
                   check=True, stdin=subprocess.DEVNULL, timeout=60)


def saver(diary, mount, identities):
    """Saves its own records in every way, with numbers that count up."""
    number = 0

    def save():
        nonlocal number
        number += 1
        identity, way = random.choice(identities), random.choice(WAYS)
        path = mount.path("contact", identity + ".json")
        text = with_number(path, number)
        diary.note("saving", id=identity, number=number, way=way)
        error = 0
        try:
            if way == "sed":
                by_sed(path, number)
            elif way == "vim":
                by_vim(path, number)
            else:
                getattr(ops, way)(path, text)
        except OSError as failure:
            error = failure.errno
        except subprocess.SubprocessError:
            error = "?"
        diary.note("saved", id=identity, number=number, way=way, error=error)
    forever(save, 0.1)


def victim(diary, mount, identities):
    """A program that saves is killed in the middle."""
    def kill_one():
        identity = random.choice(identities)
        path = mount.path("contact", identity + ".json")
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            try:
                while True:
                    way = random.choice(("truncating", "in_pieces", "renaming", "setting_aside"))
                    getattr(ops, way)(path, with_number(path, random.randrange(10**9)))
            finally:
                os._exit(1)
        time.sleep(random.uniform(0, 0.5))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for name in os.listdir(mount.path("contact")):
            if name.startswith(f"{identity}.json"):
                if name != f"{identity}.json":
                    os.unlink(mount.path("contact", name))
    forever(kill_one, 1)


def creator(diary, mount, _):
    """Makes records that are all different, and deletes some of them again."""
    made, number = [], 0

    def create():
        nonlocal number
        number += 1
        mark = f"{diary.name}-{number}"
        path = mount.path("contact", f"{mark}.json")
        way = random.choice(("truncating", "renaming", "in_pieces", "copying"))
        text = json.dumps({"fn": "Soak", "ln": mark}).encode()
        diary.note("creating", mark=mark)
        try:
            getattr(ops, way)(path, text)
        except OSError as failure:
            diary.note("created", mark=mark, error=failure.errno)
            return
        identity = os.getxattr(path, "user.clevertim.id").decode()
        diary.note("created", mark=mark, error=0, id=identity)
        made.append((path, identity, mark))
        if len(made) > 5 and random.random() < 0.7:
            delete(diary, *made.pop(random.randrange(len(made))))
    forever(create, 0.5)


def delete(diary, path, identity, mark=None):
    diary.note("deleting", id=identity, mark=mark)
    error = 0
    try:
        with ops.called("rm"):
            os.unlink(path)
    except OSError as failure:
        error = failure.errno
    diary.note("deleted", id=identity, mark=mark, error=error)


def deleter(diary, mount, identities):
    left = list(identities)

    def delete_one():
        if left:
            identity = left.pop()
            delete(diary, mount.path("contact", identity + ".json"), identity)
    forever(delete_one, 4)


def reader(diary, mount, _):
    commands = [
        "grep -rlc Zoë contact company",
        "cat contact/*.json | wc -c",
        "jq -r .id export/contact.ndjson | wc -l",
        "ls -l by-name/contact | wc -l",
        "find related/company -maxdepth 2 | head -n 200",
        "ls -l contact note",
        "cut -d, -f 1-3 export/contact.csv | tail -n 5",
        "cat .clevertimfs/status .clevertimfs/errors | wc -c",
    ]

    def read():
        subprocess.run(["sh", "-c", random.choice(commands)], cwd=mount.directory, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
    forever(read, 0.5)


def refresher(diary, mount, _):
    def refresh():
        mount.refresh(random.choice(["all", "contact", "company"]))
    forever(refresh, 6)


def elsewhere(diary, server, identities):
    """Somebody else, in the CRM itself: other properties of the same records."""
    number = 0

    def change():
        nonlocal number
        number += 1
        identity = random.choice(identities)
        with contextlib.suppress(http.client.HTTPException):
            server.ask("PUT", f"/api/contact/{identity}", json.dumps({"elsewhere": number}))
    server.connection = None
    forever(change, 0.5)


FAULTS = [
    {"kind": "status", "status": 503}, {"kind": "status", "status": 500}, {"kind": "reset"},
    {"kind": "lost"}, {"kind": "delay", "ms": 300}, {"kind": "truncate"}, {"kind": "reset_after"},
    {"kind": "status", "status": 409, "method": "PUT"}, {"kind": "hang"}, {"kind": "partial"},
    {"kind": "truncate_chunked"}, {"kind": "hang_after"},
]


def flapper(diary, server, _):
    """The server has bad moments: nothing, or one answer in several, goes well for some seconds."""
    server.connection = None

    def flap():
        fault = random.choice(FAULTS)
        server.fault({**fault, "times": random.choice([1, 5, 30, -1]), "prefix": "/api/"})
        time.sleep(random.uniform(0.5, 4))
        server.heal()
    forever(flap, 8)
