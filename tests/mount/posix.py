#!/usr/bin/env python3
"""usage: posix.py CHECK DIRECTORY LOCAL_DIRECTORY [SEED]

What programs take for granted of files: `exercise` does 2,000 random reads, writes, truncates and
maps to a scratch file and to a draft beside a plain local file; every other CHECK is a function of
this file. DIRECTORY is a resource's in the mount.
"""
import ctypes
import errno
import mmap
import os
import random
import stat
import sys

LONGEST = 200_000
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


# ---- random operations beside a plain file ----

class Pair:
    """A file in the mount and a local one, to which the same is done."""

    def __init__(self, path, local, rng):
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        self.path, self.rng = path, rng
        self.descriptors = [os.open(path, flags, 0o600), os.open(local, flags, 0o600)]
        self.can_reopen = not path.endswith(".json")

    def both(self, act):
        ours, theirs = (act(descriptor) for descriptor in self.descriptors)
        claim(ours == theirs, "differs:", str(ours)[:200], "and locally", str(theirs)[:200])

    def size(self):
        return os.fstat(self.descriptors[1]).st_size

    def data(self):
        return bytes([self.rng.randrange(1, 256)]) * self.rng.choice([1, 100, 4096, 5000, 40000])

    def write(self):
        offset, data = self.rng.randrange(LONGEST), self.data()
        self.both(lambda descriptor: os.pwrite(descriptor, data, offset))

    def read(self):
        offset, length = self.rng.randrange(LONGEST), self.rng.choice([1, 4095, 4096, 70000])
        self.both(lambda descriptor: os.pread(descriptor, length, offset))

    def truncate(self):
        size = self.rng.choice([0, 1, 4096, self.rng.randrange(LONGEST)])
        self.both(lambda descriptor: os.ftruncate(descriptor, size))

    def map_to_read(self):
        if self.size() == 0:
            return
        def look(descriptor):
            with mmap.mmap(descriptor, 0, mmap.MAP_SHARED, mmap.PROT_READ) as area:
                return bytes(area)
        self.both(look)

    def map_to_write(self):
        if self.size() == 0:
            return
        offset, data = self.rng.randrange(self.size()), self.data()
        def change(descriptor):
            with mmap.mmap(descriptor, 0) as area:
                end = min(len(area), offset + len(data))
                area[offset:end] = data[:end - offset]
                if offset % 2:
                    area.flush()
        self.both(change)

    def append(self):
        data = self.data()
        def add(descriptor):
            os.lseek(descriptor, 0, os.SEEK_END)
            return os.write(descriptor, data)
        if self.size() < LONGEST:
            self.both(add)

    def sync(self):
        self.both(os.fsync)

    def reopen(self):
        if self.can_reopen:
            os.close(self.descriptors[0])
            self.descriptors[0] = os.open(self.path, os.O_RDWR)

    def compare(self):
        self.both(lambda descriptor: os.fstat(descriptor).st_size)
        self.both(lambda descriptor: os.pread(descriptor, 2 * LONGEST, 0))

    def exercise(self, rounds):
        deeds = {self.write: 5, self.read: 5, self.truncate: 2, self.map_to_read: 2,
                 self.map_to_write: 3, self.append: 1, self.sync: 1, self.reopen: 1}
        for number in range(rounds):
            act = self.rng.choices(list(deeds), list(deeds.values()))[0]
            try:
                act()
                self.compare()
            except SystemExit as wrong:
                sys.exit(f"operation {number}, {act.__name__} of {self.path}: {wrong}")


def exercise(directory, local, seed="1"):
    for name in "exercise.bin", "exercise.json":
        Pair(f"{directory}/{name}", f"{local}/{name}", random.Random(f"{seed} {name}")).exercise(2000)


# ---- opening ----

def opening(directory, local):
    record, scratch = directory + "/4.json", directory + "/opening"
    for path in scratch, record:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        fails(errno.EEXIST, os.open, path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        fails(errno.ENOTDIR, os.open, path, os.O_RDONLY | os.O_DIRECTORY)
        fails(errno.ENOTDIR, os.stat, path + "/x")
        fails(errno.ENOTDIR, os.listdir, path)
        fails(errno.ENOTDIR, os.rmdir, path)
        only_read = os.open(path, os.O_RDONLY)
        fails(errno.EBADF, os.write, only_read, b"x")
        fails(errno.EINVAL, os.ftruncate, only_read, 0)
        only_write = os.open(path, os.O_WRONLY)
        fails(errno.EBADF, os.read, only_write, 1)
        os.close(only_read)
        os.close(only_write)
    fails(errno.EISDIR, os.open, directory, os.O_WRONLY)
    fails(errno.ENOENT, os.open, directory + "/none", os.O_RDONLY)
    fails(errno.ENOENT, os.open, directory + "/none.json", os.O_RDONLY)
    fails(errno.ENOENT, os.unlink, directory + "/none")
    os.close(os.open(directory, os.O_RDONLY | os.O_DIRECTORY))


def names(directory, local):
    longest = "x" * 255
    os.close(os.open(f"{directory}/{longest}", os.O_CREAT | os.O_WRONLY, 0o600))
    claim(longest in os.listdir(directory), "the longest name is not listed")
    for act in os.stat, os.unlink, lambda path: os.open(path, os.O_CREAT | os.O_WRONLY):
        fails(errno.ENAMETOOLONG, act, f"{directory}/{longest}x")
    fails(errno.ENAMETOOLONG, os.rename, f"{directory}/{longest}", f"{directory}/{longest}x")
    fails(errno.ENAMETOOLONG, os.symlink, "x", f"{directory}/{longest}x")
    os.unlink(f"{directory}/{longest}")


def links(directory, local):
    link, loop = directory + "/link", directory + "/loop"
    os.symlink("4.json", link)
    claim(os.readlink(link) == "4.json", "readlink says", os.readlink(link))
    fails(errno.EEXIST, os.symlink, "x", link)
    fails(errno.ELOOP, os.open, link, os.O_RDONLY | os.O_NOFOLLOW)
    with open(link) as one, open(directory + "/4.json") as other:
        claim(one.read() == other.read(), "the link reads as another file")
    os.symlink("loop", loop)
    fails(errno.ELOOP, os.open, loop, os.O_RDONLY)
    fails(errno.EINVAL, os.readlink, directory + "/4.json")
    claim(os.lstat(link).st_nlink == 1 and stat.S_ISLNK(os.lstat(link).st_mode), os.lstat(link))
    os.unlink(link)
    os.unlink(loop)


# ---- unlinked and renamed ----

def unlinking(directory, local):
    """An open file stays whole without its name."""
    path = directory + "/unlinking"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.write(descriptor, b"before")
    os.unlink(path)
    fails(errno.ENOENT, os.stat, path)
    os.write(descriptor, b" and after")
    claim(os.pread(descriptor, 100, 0) == b"before and after", os.pread(descriptor, 100, 0))
    again = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    claim(os.read(again, 10) == b"", "a new file has the old one's text")
    claim(os.fstat(again).st_ino != os.fstat(descriptor).st_ino, "both have one number")
    os.close(descriptor)
    os.close(again)
    os.unlink(path)


def write_file(path, text):
    with open(path, "w") as file:
        file.write(text)


def read_file(path):
    with open(path) as file:
        return file.read()


def renaming(directory, local):
    one, two = directory + "/one", directory + "/two"
    write_file(one, "1")
    write_file(two, "2")
    number = os.stat(one).st_ino
    held = os.open(two, os.O_RDONLY)
    os.rename(one, one)
    os.rename(one, two)
    fails(errno.ENOENT, os.stat, one)
    claim(read_file(two) == "1" and os.stat(two).st_ino == number, "not the file that was renamed")
    claim(os.pread(held, 9, 0) == b"2", "the file that was replaced reads as", os.pread(held, 9, 0))
    os.close(held)
    fails(errno.ENOENT, os.rename, one, two)
    claim(read_file(two) == "1", "a rename of nothing changed what is there")
    write_file(one, "1")
    claim(LIBC.renameat2(-100, one.encode(), -100, two.encode(), 1) == -1 and
          ctypes.get_errno() == errno.EEXIST, "RENAME_NOREPLACE replaces")
    fails(errno.ENOTDIR, os.rename, os.path.dirname(directory) + "/note", one)
    held = os.open(one, os.O_RDWR)
    os.rename(one, directory + "/three")
    os.pwrite(held, b"33", 0)
    os.close(held)
    claim(read_file(directory + "/three") == "33", "what was open when it was renamed")
    os.unlink(two)
    os.unlink(directory + "/three")


# ---- what stat says ----

def attributes(directory, local):
    path = directory + "/attributes"
    write_file(path, "x" * 1000)
    os.utime(path, ns=(1, 1_234_567_890_123_456_789))
    claim(os.stat(path).st_mtime_ns == 1_234_567_890_123_456_789, "mtime", os.stat(path).st_mtime_ns)
    os.chmod(path, 0o640)
    found = os.stat(path)
    claim(stat.S_IMODE(found.st_mode) == 0o640, "mode", oct(found.st_mode))
    claim(found.st_nlink == 1 and found.st_size == 1000 and found.st_blocks == 2, found)
    write_file(path, "y")
    claim(os.stat(path).st_mtime_ns > 1_234_567_890_123_456_789, "a write leaves mtime alone")
    claim(os.stat(path).st_size == 1, os.stat(path))
    os.truncate(path, 10_000)
    claim(os.stat(path).st_size == 10_000, os.stat(path))
    claim(read_file(path) == "y" + "\0" * 9_999, "what truncate added is not zero")
    os.unlink(path)
    claim(os.stat(directory).st_nlink >= 1 and stat.S_ISDIR(os.stat(directory).st_mode), "directory")
    before = os.stat(directory).st_mtime_ns
    write_file(path, "")
    claim(os.stat(directory).st_mtime_ns > before, "a new file leaves the directory's mtime alone")
    os.unlink(path)


class Dirent(ctypes.Structure):
    _fields_ = [("ino", ctypes.c_uint64), ("off", ctypes.c_int64), ("reclen", ctypes.c_uint16),
                ("type", ctypes.c_ubyte), ("name", ctypes.c_char * 256)]


def seeking(directory, local):
    """rewinddir begins anew; seekdir goes back to where telldir was, whatever came since."""
    LIBC.opendir.restype = ctypes.c_void_p
    LIBC.readdir.restype = ctypes.POINTER(Dirent)
    LIBC.readdir.argtypes = LIBC.rewinddir.argtypes = LIBC.closedir.argtypes = [ctypes.c_void_p]
    LIBC.telldir.argtypes, LIBC.telldir.restype = [ctypes.c_void_p], ctypes.c_long
    LIBC.seekdir.argtypes = [ctypes.c_void_p, ctypes.c_long]
    stream = LIBC.opendir(directory.encode())

    def rest():
        """[(where it stands, name)]"""
        found = []
        while True:
            place = LIBC.telldir(stream)
            entry = LIBC.readdir(stream)
            if not entry:
                return found
            found.append((place, entry.contents.name))
    first = rest()
    listed = sorted(name.decode() for _, name in first)
    claim(listed == sorted([".", "..", *os.listdir(directory)]), "readdir says", listed)
    LIBC.rewinddir(stream)
    claim(rest() == first, "rewinddir shows another directory")
    for number in (len(first) // 2, 3, len(first) - 1, 0):
        LIBC.seekdir(stream, first[number][0])
        claim([name for _, name in rest()] == [name for _, name in first[number:]],
              "seekdir goes elsewhere than to", number)
    write_file(directory + "/seeking", "")
    LIBC.rewinddir(stream)
    claim(b"seeking" in [name for _, name in rest()], "rewinddir shows an old directory")
    os.unlink(directory + "/seeking")
    LIBC.closedir(stream)


globals()[sys.argv[1]](*sys.argv[2:])
