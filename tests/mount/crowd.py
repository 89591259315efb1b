"""Many who want something of the mount at the same time, each in a thread of its own.

crowd.py read FILE...          reads each
crowd.py save TEXT FILE...     opens each, writes TEXT, closes
crowd.py hold TEXT FILE...     opens each, writes TEXT, and keeps it open until it is killed

Tells of each that ended how it did: a line "ok" or the name of an errno, and of each that is held
"held".
"""
import errno
import os
import sys
import threading
import time

said = threading.Lock()


def say(what):
    with said:
        print(what, flush=True)


def read(path):
    with open(path, "rb") as file:
        file.read()
    say("ok")


def write(path, text):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(descriptor, text.encode())
    return descriptor


def save(path, text):
    os.close(write(path, text))
    say("ok")


def hold(path, text):
    write(path, text)
    say("held")
    time.sleep(600)


def tell_failure(work, *arguments):
    try:
        work(*arguments)
    except OSError as failure:
        say(errno.errorcode[failure.errno])


def main():
    verb, paths = sys.argv[1], sys.argv[2:]
    work = {"read": read, "save": save, "hold": hold}[verb]
    text = [] if verb == "read" else [paths.pop(0)]
    threading.stack_size(128 << 10)
    threads = [threading.Thread(target=tell_failure, args=(work, path, *text)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


main()
