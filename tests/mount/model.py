#!/usr/bin/env python3
"""usage: model.py BUILD_DIR WORK_DIR [KEY=VALUE...]

Does random things to a mount of the stand-in and to a plain model of it side by side, and compares
them after each step: the server, the requests, the files, drafts, trash and views.

seed=N rounds=N    what chance does, and for how long
trouble=yes        the server has faults
ttl=N              how old what the mount shows may be; 0: it looks each time
server=--a,--b     options of the stand-in
replay=FILE        does again what an earlier failure wrote

A failure says the seed and the step, and writes a history as short as it finds one in half a
minute: one operation a line.
"""
import json
import os
import shutil
import sys
import time
import traceback

from model_choose import Chooser
from model_judge import Complaint
from model_steps import Steps
from model_world import World

SHORTEN_FOR_S = float(os.environ.get("MODEL_SHORTEN_S") or 30)


class Run:
    """A world of its own, and what was done in it."""

    def __init__(self, build, work, settings):
        self.settings = settings
        self.directory = work + "/world"
        self.history = []
        ttl = settings.get("ttl", "3600")
        server_options = [option for option in settings.get("server", "").split(",") if option]
        self.world = World(build, self.directory, ["--contacts", "20", *server_options],
                           f"ttl={ttl},timeout=1,delete_limit=0")
        self.steps = Steps(self.world, ttl == "0")

    def step(self, op):
        """None, or what is wrong."""
        self.history.append(op)
        try:
            self.steps.apply(op)
        except Complaint as complaint:
            return str(complaint)
        except Exception:  # an errno that nobody expected, too
            return traceback.format_exc()
        return None

    def last_looks(self):
        return self.step({"op": "close_all"}) or self.step({"op": "look_at_all"})

    def tell(self):
        lines = [f"  {line['method']} {line['path']} {line['status']} {line.get('fault', '')} "
                 f"{line['body'][:200]}" for line in self.world.server.requests()[-12:]]
        return "\n".join(["requests:", *lines, "errors:", "  " + self.world.mount.last_error()])

    def close(self):
        self.steps.close()
        status = self.world.close()
        shutil.rmtree(self.directory)
        return status


def replay(build, work, settings, history):
    """(what is wrong or None, the steps until then)"""
    run = Run(build, work, settings)
    wrong = None
    try:
        for op in history:
            wrong = run.step(op)
            if wrong:
                break
        return wrong, run.history, run.tell() if wrong else ""
    finally:
        run.close()


def shorten(build, work, settings, history):
    """Leaves out what is not needed to fail, in ever smaller pieces."""
    end = time.monotonic() + SHORTEN_FOR_S
    size = len(history) // 2
    while size >= 1 and time.monotonic() < end:
        place, shorter = 0, False
        while place < len(history) and time.monotonic() < end:
            without = history[:place] + history[place + size:]
            wrong, done, _ = replay(build, work, settings, without) if without else (None, [], "")
            if wrong:
                history, shorter = done, True
            else:
                place += size
        if size == 1 and not shorter:
            break
        size = size // 2 if not shorter or size > 1 else 1
    return history


def report(build, work, settings, run, wrong):
    print(f"step {len(run.history)} of seed={settings['seed']} {json.dumps(run.history[-1])}\n"
          f"{wrong}\n{run.tell()}", flush=True)
    history = run.history
    run.close()
    history = shorten(build, work, settings, history)
    wrong, _, told = replay(build, work, settings, history)
    if not wrong:
        print("it does not happen again when it is repeated")
    path = os.environ.get("MODEL_HISTORY") or f"{work}/history"
    with open(path, "w") as file:
        file.writelines(json.dumps(op) + "\n" for op in history)
    print(f"{len(history)} steps, for replay=FILE, with", " ".join(
        f"{key}={value}" for key, value in settings.items() if key != "replay"))
    for op in history:
        print(json.dumps(op))
    print(wrong, told, sep="\n")


def chosen(settings, steps):
    """Operations, as the seed has it."""
    chooser = Chooser(settings["seed"], settings.get("trouble") == "yes")
    for _ in range(int(settings["rounds"])):
        known = list(steps.records)
        yield chooser.next([key for key in known if steps.living(key)], known)


def main():
    build, work = sys.argv[1:3]
    settings = {"seed": "1", "rounds": "300", **dict(word.split("=", 1) for word in sys.argv[3:])}
    run = Run(build, work, settings)
    if "replay" in settings:
        with open(settings["replay"]) as file:
            operations = [json.loads(line) for line in file]
    else:
        operations = chosen(settings, run.steps)
    for op in operations:
        wrong = run.step(op)
        if wrong:
            report(build, work, settings, run, wrong)
            sys.exit(1)
    wrong = run.last_looks()
    if wrong:
        report(build, work, settings, run, wrong)
        sys.exit(1)
    print(f"{len(run.history)} steps with seed={settings['seed']}")
    status = run.close()
    if status != 0:
        sys.exit(f"the mount ended with status {status}")


main()
