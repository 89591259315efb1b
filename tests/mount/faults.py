#!/usr/bin/env python3
"""usage: faults.py BUILD_DIR WORK_DIR GROUP [NAME]

Meets each fault of a group of faults_table.py (or the one of that name) with every operation at
once, in a world of its own, and sees that each answers as the table says, in time; that errors says
why, that nothing is lost, sent twice or asked elsewhere; and that all is well once it is calm.
"""
import errno
import os
import re
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from faults_table import GROUPS, NOT_OFFERED, OK, OPERATIONS, WAITS
from faults_world import RESOURCES, SLOWNESS, World
from model_json import parse
from model_judge import Complaint, claim

WORLDS_AT_A_TIME = 4
# There is a deadline: generous, for a machine that has other things to do.
DEADLINE_TIMEOUTS, DEADLINE_EXTRA_S = 4, 8
# Programs that watch themselves take several times as much, too.
MAX_PEAK_MB = 400 * SLOWNESS
# What an operation's line in errors begins with, behind the time.
LINES = {
    "listing": "list company", "read": "read note/1.json", "refresh": "list task",
    "save": "save opportunity/1.json", "create": "create case/new.json",
    "delete": "delete comment/1.json",
}


def name_of(number):
    """One name of the two that some have."""
    return {"ENOTSUP": "EOPNOTSUPP"}.get(errno.errorcode[number], errno.errorcode[number])


ERRNO_OF_TEXT = {os.strerror(number): name_of(number) for number in errno.errorcode}


def answer_of(*command):
    """What a program comes to: OK, or the errno that it tells."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return OK
    said = done.stderr.strip()
    return ERRNO_OF_TEXT.get(said.rpartition(": ")[2], said)


class Walk:
    """Every operation, through one fault and after it."""

    def __init__(self, world):
        self.world, self.fault = world, world.fault
        self.server, self.mount = world.server, world.mount
        self.marks = {verb: f"{verb} in {self.fault.name}" for verb in ("save", "create", "again")}

    # ---- the operations ----

    def path(self, name):
        return f"{self.mount.directory}/{name}"

    def read_file(self, path):
        with open(self.path(path), "rb") as file:
            return file.read()

    def write_file(self, path, mark):
        draft = f"{self.world.directory}/{path.replace('/', '-')}"
        with open(draft, "w") as file:
            file.write(f'{{"name": "{mark}"}}\n')
        return answer_of("cp", draft, self.path(path))

    def remove(self, path):
        return answer_of("unlink", self.path(path))

    def names(self, resource):
        return sorted(os.listdir(self.path(resource)))

    def listing(self):
        claim(self.names("company"), "a directory is shown as empty")
        return OK

    def read(self):
        self.read_file("note/1.json")
        return OK

    def cached(self):
        claim(self.look("contact") == self.before["contact"], "what was read is shown differently")
        return OK

    def refresh(self):
        """What was read can still be; whether it was asked for again, errors tells."""
        self.mount.refresh("task")
        claim(self.look("task") == self.before["task"], "a refresh changed what is shown")
        return OK

    def save(self):
        return self.write_file("opportunity/1.json", self.marks["save"])

    def create(self):
        return self.write_file("case/new.json", self.marks["create"])

    def delete(self):
        return self.remove("comment/1.json")

    def look(self, resource):
        return {name: self.read_file(f"{resource}/{name}") for name in self.names(resource)}

    # ---- before, meanwhile, afterwards ----

    def warm_up(self):
        self.before = {resource: self.look(resource)
                       for resource in ("contact", "task", "opportunity", "case", "comment")}

    def try_one(self, operation):
        """(what came of it, how long it took)"""
        begin = time.monotonic()
        try:
            answer = getattr(self, operation)()
        except OSError as error:
            answer = name_of(error.errno)
        return answer, time.monotonic() - begin

    def waits(self, operation):
        return self.fault.answers.get(operation) == WAITS

    def meet(self, pool):
        tries = {operation: pool.submit(self.try_one, operation)
                 for operation in ("cached", *OPERATIONS)}
        for operation, attempt in tries.items():
            if not self.waits(operation):
                self.judge(operation, *attempt.result())
        for operation, attempt in tries.items():
            claim(not self.waits(operation) or not attempt.done(), operation, "did not wait")
        self.judge_drafts()
        self.judge_requests()
        claim(not self.world.elsewhere.was_contacted(), "it went where the server pointed")
        self.world.end()
        for operation, attempt in tries.items():
            if self.waits(operation):
                self.judge(operation, *attempt.result())
        self.judge_errors()

    def judge(self, operation, answer, took):
        expected = self.fault.answers.get(operation, OK)
        # Who refreshes is shown what is known.
        if expected == WAITS or operation == "refresh":
            expected = OK
        claim(answer == expected, f"{operation}: {answer}, not {expected}")
        limit = (DEADLINE_TIMEOUTS * self.fault.timeout + DEADLINE_EXTRA_S) * SLOWNESS
        if not self.waits(operation):
            claim(took < limit, f"{operation} took {took:.1f} s")
        if operation == "listing" and self.fault.status in NOT_OFFERED:
            claim("company" not in os.listdir(self.mount.directory), "the root has it still")

    def fails(self, operation):
        return self.fault.answers[operation] not in (OK, WAITS)

    def judge_drafts(self):
        """Nothing that was written is lost; what was refused is not shown."""
        for operation, resource, name in (("save", "opportunity", "1.json"),
                                          ("create", "case", "new.json")):
            drafts = self.mount.drafts(resource)
            expected = [name, name + ".error"] if self.fails(operation) else []
            claim(sorted(drafts) == expected, f"drafts of {operation}:", sorted(drafts))
            if expected:
                claim(self.marks[operation].encode() in drafts[name], "the draft is", drafts[name])
                claim(drafts[name + ".error"].strip(), "the draft has no reason")
        if self.fails("save"):
            claim(self.read_file("opportunity/1.json") == self.before["opportunity"]["1.json"],
                  "the record does not read as before")
        if self.fails("create"):
            claim(not os.path.exists(self.path("case/new.json")), "new.json is there")

    def judge_requests(self):
        counts = self.world.counts()
        posts = {path: count for path, count in counts.items() if path.startswith("POST")}
        expected = {} if self.world.is_of_the_server() else {"POST /api/case": 1}
        claim(posts == expected, "POSTs:", posts)
        writes = {path for path in counts if path.startswith(("PUT", "DELETE"))}
        claim(writes <= {"PUT /api/opportunity/1", "DELETE /api/comment/1"}, "writes:", writes)

    def judge_errors(self):
        """One line for what failed, none for what went well."""
        lines = self.world.errors()
        for operation, beginning in LINES.items():
            found = [line for line in lines if line.split(" ", 1)[1].startswith(beginning + " ")]
            # What is not there is no failure.
            if not self.fails(operation) or (operation, self.fault.answers[operation]) == (
                    "read", "ENOENT"):
                claim(not found, f"{operation}: errors says", found)
                continue
            claim(len(found) == 1, f"{operation}: errors says", found or lines)
            pattern = (rf"\S+Z {re.escape(beginning)} {self.fault.answers[operation]} "
                       rf"{self.fault.status} \S.*")
            claim(re.fullmatch(pattern, found[0]), f"{operation}: errors says", found)
            claim(self.fault.says in found[0], f"{operation}: errors says", found)

    def recover(self):
        """Once it is calm, all is shown and everything works; the drafts go where they were to."""
        lines = len(self.world.errors())
        self.mount.refresh()
        if self.fails("delete"):
            claim(os.path.exists(self.path("comment/1.json")), "what could not be deleted is gone")
            claim(self.delete() == OK, "it cannot be deleted afterwards")
        for operation, path in ("save", "opportunity/1.json"), ("create", "case/new.json"):
            if self.fails(operation):
                answer = answer_of("cp", f"{self.mount.control}/drafts/{path}",
                                   self.path(path))
                claim(answer == OK, f"the draft of {operation} cannot be copied back:", answer)
            claim(self.mark_count(path.split("/")[0], operation) == 1, f"{operation}: not once")
        claim(self.write_file("opportunity/2.json", self.marks["again"]) == OK, "no save afterwards")
        claim(self.write_file("case/again.json", self.marks["again"]) == OK, "no create afterwards")
        claim(self.remove("comment/2.json") == OK, "no delete afterwards")
        self.mount.refresh()
        for resource in RESOURCES:
            self.compare(resource)
        drafts = self.mount.drafts("opportunity"), self.mount.drafts("case")
        claim(drafts == ({}, {}), "drafts are left:", drafts)
        claim(len(self.world.errors()) == lines, "more errors:", self.world.errors()[lines:])

    def mark_count(self, resource, operation):
        return sum(record["name"] == self.marks[operation]
                   for record in self.server.listing(resource).values())

    def compare(self, resource):
        shown = {name[:-5]: parse(text) for name, text in self.look(resource).items()}
        claim(shown == self.server.listing(resource), resource, "is not as the server has it")

    def run(self):
        self.warm_up()
        self.world.begin()
        with ThreadPoolExecutor(len(OPERATIONS) + 1) as pool:
            try:
                self.meet(pool)
            except BaseException:
                self.world.end()  # nobody may wait for ever
                raise
        self.recover()
        peak = self.world.peak_mb()
        claim(peak < MAX_PEAK_MB, f"it took {peak} MB of memory")


def meet(build, work, fault):
    """What is wrong, or None."""
    world = World(build, f"{work}/{fault.name}", fault)
    wrong = None
    try:
        Walk(world).run()
    except Complaint as complaint:
        wrong = str(complaint)
    except Exception:  # an errno that nobody expected, too
        wrong = traceback.format_exc()
    if wrong:
        wrong = "\n  ".join([wrong, *world.errors()[-8:]])
    status = world.close()
    return wrong or (f"the mount ended with status {status}" if status else None)


def main():
    build, work, group = sys.argv[1:4]
    faults = [fault for fault in GROUPS[group] if fault.name in (sys.argv[4:] or [fault.name])]
    failed = False
    with ThreadPoolExecutor(WORLDS_AT_A_TIME) as pool:
        outcomes = pool.map(lambda fault: meet(build, work, fault), faults)
        for fault, wrong in zip(faults, outcomes):
            if wrong:
                failed = True
                print(f"{fault.name}: {wrong}", flush=True)
    sys.exit(failed)


main()
