"""Writers and readers of one record at once: together.py FILE SECONDS

Each version of the record says in `city` how long its `description` is, and of which letter. A reader
that finds anything else has read two versions as one. Writers save in place and by a rename, over and
over; a save may be refused because another one was there first.
"""
import json, os, signal, sys, time

file, seconds = sys.argv[1], float(sys.argv[2])
end = time.monotonic() + seconds


def text_of(number):
    letter = chr(ord("a") + number % 26)
    length = 1 + number * 37 % 3000
    return json.dumps({"city": f"{letter} {length}", "description": letter * length}) + "\n"


def save_in_place(number):
    with open(file, "w") as out:
        out.write(text_of(number))


def save_by_rename(number):
    temporary = f"{file}.{os.getpid()}"
    with open(temporary, "w") as out:
        out.write(text_of(number))
    os.replace(temporary, file)


def save_without_truncating(number):
    descriptor = os.open(file, os.O_WRONLY)
    text = text_of(number).encode()
    os.write(descriptor, text)
    os.ftruncate(descriptor, len(text))
    os.close(descriptor)


def write(save):
    number = saved = 0
    while time.monotonic() < end:
        number += 7
        try:
            save(number)
            saved += 1
        except OSError as error:
            if error.errno not in (16, 17, 2):  # EBUSY; EEXIST, ENOENT: the other one's rename
                raise
    return saved


def read():
    count = 0
    while time.monotonic() < end:
        with open(file) as source:
            text = source.read()
        count += 1
        try:
            record = json.loads(text)
            letter, length = record["city"].split()
            whole = record["description"] == letter * int(length)
        except (ValueError, KeyError) as error:
            whole = False
        if not whole:
            sys.exit(f"a torn read, number {count}: {len(text)} bytes, {text[:80]!r} ... {text[-80:]!r}")
    return count


def start(work, *arguments):
    child = os.fork()
    if child:
        return child
    count = work(*arguments)
    print(f"{work.__name__} {count}")
    sys.stdout.flush()
    os._exit(0 if count else 1)


save_in_place(1)
children = [start(write, save) for save in (save_in_place, save_by_rename, save_without_truncating)]
children += [start(read) for _ in range(4)]
failed = [child for child in children if os.waitpid(child, 0)[1] != 0]
sys.exit(1 if failed else 0)
