"""What the checks of posix.py are written with."""
import ctypes
import errno
import os
import sys

LIBC = ctypes.CDLL(None, use_errno=True)


def claim(holds, *words):
    if not holds:
        sys.exit(" ".join(str(word) for word in words))


def fails(error, act, *arguments, **named):
    """It fails, and says this."""
    try:
        act(*arguments, **named)
    except OSError as failure:
        claim(failure.errno == error, act.__name__, arguments, "says",
              errno.errorcode[failure.errno], "and not", errno.errorcode[error])
        return
    sys.exit(f"{act.__name__} {arguments} went well, and not {errno.errorcode[error]}")


def call(name, *arguments):
    """A function of the C library that Python does not have; OSError as Python's own."""
    result = getattr(LIBC, name)(*arguments)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def in_a_child(work, *arguments):
    """Its exit status, negative for a signal; 0 where work returned, 1 where it raised."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work(*arguments)
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def write_file(path, text):
    with open(path, "w") as file:
        file.write(text)


def read_file(path):
    with open(path) as file:
        return file.read()
