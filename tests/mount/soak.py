#!/usr/bin/env python3
"""usage: soak.py BUILD_DIR WORK_DIR MINUTES

Many programs work on one mount at once while the server has bad moments; then all calms down, and
what must hold is judged. SOAK_SEED says what chance does, though not at which speed.
"""
import json
import multiprocessing
import os
import random
import sys
import time

import soak_judge
import soak_work
from model_json import Number, file_of
from model_world import World

RESOURCES = ("contact", "company", "note", "task", "opportunity", "case")
CALM_S = 8


def sample(world, begin):
    pid = world.mount.process.pid
    with open(f"/proc/{pid}/status") as file:
        status = dict(line.split(":", 1) for line in file)
    shown = json.loads(world.mount.read_control("status"))
    return {"at_s": round(time.monotonic() - begin), "rss_kb": int(status["VmRSS"].split()[0]),
            "store_kb": sum(one.get("bytes", 0) for one in shown["resources"].values()) // 1024,
            "descriptors": len(os.listdir(f"/proc/{pid}/fd")), "threads": int(status["Threads"])}


def show(sampled, kind=""):
    print(f"{sampled['at_s']:>6} s {sampled['rss_kb'] / 1024:>8.1f} MiB "
          f"{sampled['descriptors']:>6} descriptors {sampled['threads']:>5} threads  {kind}",
          flush=True)


def read_all(world):
    for resource in RESOURCES:
        for name in os.listdir(world.mount.path(resource)):
            with open(world.mount.path(resource, name), "rb") as file:
                file.read()


def start(directory, name, work, *arguments):
    def run():
        random.seed(f"{os.environ.get('SOAK_SEED', '1')} {name}")
        work(soak_work.Diary(directory, name), *arguments)
    process = multiprocessing.Process(target=run, name=name)
    process.start()
    return process


def start_all(world, directory, identities):
    """Each has records of its own, but for those of the one in the CRM itself."""
    own = [identities[i * 40:(i + 1) * 40] for i in range(6)]
    mount, server = world.mount, world.server
    return [
        *(start(directory, f"saver{i}", soak_work.saver, mount, own[i]) for i in range(3)),
        start(directory, "victim", soak_work.victim, mount, own[3]),
        *(start(directory, f"creator{i}", soak_work.creator, mount, None) for i in range(2)),
        start(directory, "deleter", soak_work.deleter, mount, identities[300:900]),
        *(start(directory, f"reader{i}", soak_work.reader, mount, None) for i in range(2)),
        start(directory, "refresher", soak_work.refresher, mount, None),
        start(directory, "elsewhere", soak_work.elsewhere, server, own[0] + own[4]),
        start(directory, "flapper", soak_work.flapper, server, None),
    ]


def number_the_records(world, identities):
    """So that sed and vim have something to change."""
    for identity, record in world.server.listing("contact").items():
        if identity in identities:
            world.server.set_record("contact", identity,
                                    file_of({**record, "soak": Number("0")}).decode())


def stop_all(world, workers):
    for worker in workers:
        worker.terminate()
    time.sleep(1)
    world.server.heal()
    for worker in workers:
        worker.join(60)
        if worker.is_alive():
            print(f"{worker.name} does not end: something hangs")
            worker.kill()


def calm_down(world):
    """The server is well again; what waits gets its answer, and all is looked at anew."""
    world.server.connection = None
    world.server.heal()
    time.sleep(CALM_S)
    world.mount.refresh()
    read_all(world)


def soak(world, directory, minutes, begin):
    samples = []
    identities = list(world.server.listing("contact"))
    random.Random(1).shuffle(identities)
    number_the_records(world, set(identities[:240]))
    read_all(world)
    time.sleep(1)
    before = sample(world, begin)
    show(before, "before")
    workers = start_all(world, directory, identities)
    end = begin + minutes * 60
    every_s = min(60, minutes * 60 / 10)
    while time.monotonic() < end and world.mount.process.poll() is None:
        time.sleep(min(every_s, max(0.1, end - time.monotonic())))
        samples.append(sample(world, begin))
        show(samples[-1])
    stop_all(world, workers)
    calm_down(world)
    after = sample(world, begin)
    show(after, "after")
    return samples, before, after


def judge_kept(kind, samples, before, after):
    """
    Threads and connections that were needed at once are kept for the next time. So they do not go
    back to what was before, but must not grow while the work is the same, and not stay at a peak.
    """
    third = max(1, len(samples) // 3)
    middle = max(one[kind] for one in samples[third:2 * third] or samples)
    last = max(one[kind] for one in samples[-third:])
    holds = last <= middle * 1.25 + 8 and after[kind] <= max(middle, last)
    return (f"{kind} do not grow", holds,
            f"{before[kind]} before, {middle}, then {last}, {after[kind]} after")


def verdicts(world, directory, samples, before, after):
    """[(what, whether it holds, figures)]"""
    diaries = soak_judge.Diaries(directory)
    wrong, compared = soak_judge.differing(world, RESOURCES)
    contacts = world.server.listing("contact")
    is_flat, sizes = soak_judge.flat(samples)
    drafts, acknowledged, there = soak_judge.judge_drafts(world, diaries, contacts)
    doubled, not_asked, lost = soak_judge.judge_requests(directory + "/log", diaries, contacts)
    unsaved = soak_judge.unsaved(diaries, contacts)
    saves = [line for line in diaries.of("saved")]
    good = [line for line in saves if line["error"] == 0]
    count = json.loads(world.server.ask("GET", "/_sandbox/count")[1])
    sent = " ".join(f"{method} {count.get(method, 0)}" for method in ("GET", "PUT", "POST", "DELETE"))
    return [
        ("the mount lives", world.mount.process.poll() is None, sent),
        ("memory is flat", is_flat, sizes),
        *(judge_kept(kind, samples, before, after) for kind in ("descriptors", "threads")),
        ("files are the server's", not wrong, f"{compared} compared, {len(wrong)} differ {wrong[:5]}"),
        ("saves are on the server", not unsaved and good,
         f"{len(good)} of {len(saves)} acknowledged, {len(unsaved)} missing {unsaved[:5]}"),
        ("no draft was acknowledged", not acknowledged, f"{drafts} drafts {acknowledged[:5]}"),
        ("no draft is on the server", not there, f"{len(there)} {there[:3]}"),
        ("no POST was doubled", not doubled, f"{len(diaries.of('creating'))} creations {doubled[:5]}"),
        ("creations are there once", not lost, f"{lost[:5]}"),
        ("no POST or DELETE but as asked", not not_asked,
         f"{len(diaries.of('deleting'))} asked for {not_asked[:5]}"),
    ]


def main():
    build, directory, minutes = sys.argv[1], sys.argv[2], float(sys.argv[3])
    begin = time.monotonic()
    world = World(build, directory + "/world",
                  ["--contacts", "2000", "--etag", "--gzip", "--log", directory + "/log"],
                  "ttl=20,timeout=5,delete_limit=0")
    samples, before, after = soak(world, directory, minutes, begin)
    judged = verdicts(world, directory, samples, before, after)
    status = world.close()
    judged.append(("it ends well", status == 0, f"status {status}"))
    soak_judge.tell("soak", minutes, judged)


if __name__ == "__main__":
    main()
