"""Stands in for a service manager.

service_manager.py listen ADDRESS LOG MOUNTPOINT
    writes each line of each message to LOG. At READY it looks at the mount itself, and adds a line
    that says whether it "answers" or is "silent".
service_manager.py say ADDRESS TEXT
    sends a message, as the service would.
An ADDRESS that begins with @ is an abstract one.
"""

import os
import socket
import sys


def address_of(text):
    return b"\0" + text[1:].encode() if text.startswith("@") else text


def answers(mountpoint):
    return os.path.exists(os.path.join(mountpoint, ".clevertimfs/status"))


def listen(address, log_path, mountpoint):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address_of(address))
        with open(log_path, "w", buffering=1) as log:
            print("listening", file=log)
            while True:
                for line in listener.recv(4096).decode().splitlines():
                    print(line, file=log)
                    if line == "READY=1":
                        print("answers" if answers(mountpoint) else "silent", file=log)


def say(address, text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
        speaker.sendto(text.encode(), address_of(address))


if __name__ == "__main__":
    {"listen": listen, "say": say}[sys.argv[1]](*sys.argv[2:])
