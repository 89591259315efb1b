#!/usr/bin/env python3
"""usage: posix.py CHECK DIRECTORY LOCAL_DIRECTORY [SEED]

What programs take for granted of files. CHECK is a function of posix_data.py, posix_names.py or
posix_stat.py. Each is held against LOCAL_DIRECTORY first, so that it claims no more than any file
system keeps, and then against DIRECTORY, a resource's in the mount. `exercise` does 2,000 random
operations to a scratch file and to a draft, and to a plain local file beside each.
"""
import sys

import posix_data
import posix_names
import posix_stat
from posix_claims import write_file


def main():
    name, directory, local, *seed = sys.argv[1:]
    check = next(getattr(module, name) for module in (posix_data, posix_names, posix_stat)
                 if hasattr(module, name))
    if name == "exercise":
        check(directory, local, *seed)
        return
    write_file(local + "/4.json", "{}\n")
    for place in local, directory:
        try:
            check(place)
        except SystemExit as wrong:
            sys.exit(f"{place}: {wrong}")


main()
