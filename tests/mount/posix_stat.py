"""Checks of posix.py: what stat, access and statvfs say, and what changes it."""
import ctypes
import errno
import os
import stat
import time

from model_world import eventually
from posix_claims import call, claim, fails, read_file, write_file
from posix_names import is_ours

LONG_AGO = 1_234_567_890_123_456_789
UTIME_NOW, UTIME_OMIT = (1 << 30) - 1, (1 << 30) - 2


def attributes(directory):
    path = directory + "/attributes"
    write_file(path, "x" * 1000)
    os.utime(path, ns=(1, LONG_AGO))
    claim(os.stat(path).st_mtime_ns == LONG_AGO, "mtime", os.stat(path).st_mtime_ns)
    for mode in 0o640, 0o4711, 0o2750, 0o1600, 0o000, 0o600:
        os.chmod(path, mode)
        claim(stat.S_IMODE(os.stat(path).st_mode) == mode, "mode", oct(mode), oct(os.stat(path).st_mode))
    claim(os.stat(path).st_mtime_ns == LONG_AGO, "chmod changes mtime")
    os.chown(path, -1, -1)
    os.chown(path, os.getuid(), os.getgid())
    found = os.stat(path)
    claim((found.st_uid, found.st_gid) == (os.getuid(), os.getgid()), "owner", found)
    claim(found.st_nlink == 1 and found.st_size == 1000 and found.st_blocks >= 2, found)
    write_file(path, "y")
    claim(os.stat(path).st_mtime_ns > LONG_AGO, "a write leaves mtime alone")
    claim(os.stat(path).st_size == 1, os.stat(path))
    os.truncate(path, 10_000)
    claim(os.stat(path).st_size == 10_000, os.stat(path))
    claim(read_file(path) == "y" + "\0" * 9_999, "what truncate added is not zero")
    fails(errno.EINVAL, os.truncate, path, -1)
    fails(errno.EISDIR, os.truncate, directory, 0)
    fails(errno.ENOENT, os.truncate, path + "-2", 0)
    os.unlink(path)
    claim(os.stat(directory).st_nlink >= 1 and stat.S_ISDIR(os.stat(directory).st_mode), "directory")


def new_mode(directory):
    """The mode of a new file is what its maker wants, but for the umask."""
    path = directory + "/new-mode"
    before = os.umask(0o027)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o666))
    os.umask(before)
    claim(stat.S_IMODE(os.stat(path).st_mode) == 0o640, oct(os.stat(path).st_mode))
    os.unlink(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o000)
    claim(os.write(descriptor, b"x") == 1, "who makes a file that nobody may write can write it")
    os.close(descriptor)
    os.unlink(path)


def is_now(nanoseconds):
    return abs(nanoseconds - time.time_ns()) < 60_000_000_000


def times(directory):
    """utimensat: a time, now, or leave it alone."""
    path = directory + "/times"
    write_file(path, "x")
    libc_times(path, LONG_AGO, LONG_AGO)
    claim(os.stat(path).st_mtime_ns == LONG_AGO, "both set")
    libc_times(path, UTIME_NOW, UTIME_OMIT)
    claim(os.stat(path).st_mtime_ns == LONG_AGO, "UTIME_OMIT sets mtime")
    libc_times(path, LONG_AGO, UTIME_OMIT)
    claim(os.stat(path).st_mtime_ns == LONG_AGO, "UTIME_OMIT with a time sets mtime")
    libc_times(path, UTIME_OMIT, UTIME_NOW)
    claim(is_now(os.stat(path).st_mtime_ns), "UTIME_NOW does not set mtime")
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    os.utime(path)
    claim(is_now(os.stat(path).st_mtime_ns), "touch does not set mtime")
    descriptor = os.open(path, os.O_RDWR)
    os.utime(descriptor, ns=(LONG_AGO, LONG_AGO))
    claim(os.fstat(descriptor).st_mtime_ns == LONG_AGO, "by a descriptor")
    os.close(descriptor)
    claim(os.stat(path).st_mtime_ns == LONG_AGO, "a close sets mtime")
    for year in (1, 0, -1, 4_000_000_000):
        os.utime(path, (year, year))
        claim(os.stat(path).st_mtime == year, "mtime", year, os.stat(path).st_mtime)
    os.unlink(path)


def libc_times(path, accessed, modified):
    pairs = []
    for one in accessed, modified:
        pairs += [0, one] if one in (UTIME_NOW, UTIME_OMIT) else divmod(one, 10**9)
    call("utimensat", -100, path.encode(), (ctypes.c_long * 4)(*pairs), 0)


def later(path, before, deed, act, *arguments):
    """mtime moves on."""
    time.sleep(0.02)  # a local file system's clock has ticks
    act(*arguments)
    after = os.stat(path).st_mtime_ns
    claim(after > before, deed, "leaves mtime alone")
    return after


def changes(directory):
    """What counts as a change of a file, and what of its directory."""
    path = directory + "/changes"
    write_file(path, "x")
    descriptor = os.open(path, os.O_RDWR)
    now = os.stat(path).st_mtime_ns
    now = later(path, now, "write", os.write, descriptor, b"y")
    now = later(path, now, "ftruncate", os.ftruncate, descriptor, 9)
    now = later(path, now, "truncate", os.truncate, path, 8)
    now = later(path, now, "O_TRUNC", lambda: os.close(os.open(path, os.O_WRONLY | os.O_TRUNC)))
    os.read(descriptor, 9)
    os.chmod(path, 0o640)
    os.rename(path, path + "-2")
    claim(os.fstat(descriptor).st_mtime_ns == now, "read, chmod or rename change mtime")
    os.close(descriptor)
    here = os.stat(directory).st_mtime_ns
    here = later(directory, here, "a rename", os.rename, path + "-2", path)
    here = later(directory, here, "a link", os.symlink, "x", path + "-3")
    here = later(directory, here, "unlink", os.unlink, path + "-3")
    write_file(path, "z")
    claim(os.stat(directory).st_mtime_ns == here, "a write to a file changes the directory")
    later(directory, here, "unlink of a file", os.unlink, path)


def access(directory):
    """access says what open does. Root may all, but run what nobody may."""
    path = directory + "/access"
    write_file(path, "x")
    for mode in 0o600, 0o700:
        os.chmod(path, mode)
        claim(os.access(path, os.F_OK | os.R_OK | os.W_OK), "read and write of", oct(mode))
        claim(os.access(path, os.X_OK) == (mode == 0o700), "run of", oct(mode))
    os.unlink(path)
    claim(not os.access(path, os.F_OK), "what is not there")
    claim(os.access(directory, os.R_OK | os.W_OK | os.X_OK), "the directory")
    record = directory + "/4.json"
    os.chmod(record, 0o600)
    claim(os.access(record, os.R_OK | os.W_OK) and not os.access(record, os.X_OK), "a record")
    if is_ours(directory):
        only_read = os.path.dirname(directory) + "/comment/1.json"
        claim(os.access(only_read, os.R_OK), "read of a comment")
        claim(not os.access(only_read, os.W_OK), "write of a comment, which cannot be")
        fails(errno.EACCES, os.open, only_read, os.O_WRONLY)


def space(directory):
    before = os.statvfs(directory)
    claim(before.f_namemax == 255, "the longest name", before.f_namemax)
    claim(before.f_frsize > 0 and 0 < before.f_bavail <= before.f_bfree <= before.f_blocks, before)
    if not is_ours(directory):
        return  # where others work, too
    path = directory + "/space"
    write_file(path, "x" * 4_000_000)
    after = os.statvfs(directory)
    taken = (before.f_bfree - after.f_bfree) * before.f_frsize
    claim(4_000_000 <= taken < 4_100_000, "4 MB take", taken)
    claim(before.f_ffree > after.f_ffree, "a file takes no room for names")
    os.truncate(path, 0)
    os.unlink(path)
    with open(directory + "/4.json", "r+") as record:  # written as it was
        text = record.read()
        record.seek(0)
        record.write(text)
    eventually("space is given back", lambda: os.statvfs(directory).f_bfree == before.f_bfree)
    eventually("names are given back", lambda: os.statvfs(directory).f_ffree == before.f_ffree)
