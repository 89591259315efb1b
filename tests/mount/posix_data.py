"""Checks of posix.py: what is written is what is read."""
import errno
import fcntl
import mmap
import os
import random
import signal
import sys

from posix_claims import call, claim, fails, in_a_child, read_file, write_file

LONGEST = 200_000


class Pair:
    """A file in the mount and a local one, to which the same is done by two descriptors each."""

    def __init__(self, path, local, rng):
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        self.path, self.rng = path, rng
        self.paths = [path, local]
        # A draft that was refused has left the directory: what goes by the name is not for it.
        self.is_scratch = not path.endswith(".json")
        self.descriptors = [os.open(one, flags, 0o600) for one in self.paths]
        self.others = [os.open(one, os.O_RDWR) for one in self.paths]
        self.maps = None

    def both(self, act, on=None):
        ours, theirs = (act(one) for one in on or self.rng.choice([self.descriptors, self.others]))
        claim(ours == theirs, "differs:", str(ours)[:200], "and locally", str(theirs)[:200])

    def size(self):
        return os.fstat(self.descriptors[1]).st_size

    def data(self):
        return bytes([self.rng.randrange(1, 256)]) * self.rng.choice([1, 100, 4096, 5000, 40000])

    def write(self):
        offset, data = self.rng.randrange(LONGEST), self.data()
        self.both(lambda descriptor: os.pwrite(descriptor, data, offset))

    def write_pieces(self):
        offset, pieces = self.rng.randrange(LONGEST), [self.data(), b"", self.data()]
        self.both(lambda descriptor: os.pwritev(descriptor, pieces, offset))

    def read(self):
        offset, length = self.rng.randrange(LONGEST), self.rng.choice([1, 4095, 4096, 70000])
        self.both(lambda descriptor: os.pread(descriptor, length, offset))

    def truncate(self):
        size = self.rng.choice([0, 1, 4096, self.rng.randrange(LONGEST)])
        self.both(lambda descriptor: os.ftruncate(descriptor, size))

    def truncate_by_name(self):
        size = self.rng.randrange(LONGEST)
        if self.is_scratch:
            self.both(lambda path: os.truncate(path, size), self.paths)

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

    def keep_a_map(self):
        """One that stays while others write, until the next one."""
        if self.maps:
            for area in self.maps:
                area.close()
        self.maps = [mmap.mmap(one, 4096) for one in self.descriptors] if self.size() >= 4096 else None

    def use_the_map(self):
        if not self.maps or self.size() < 4096:
            return
        offset, data = self.rng.randrange(4000), self.data()[:90]

        def change(area):
            area[offset:offset + len(data)] = data
            return area[:]
        self.both(change, self.maps)

    def copy_range(self):
        """From one place to another in the same file."""
        source, target = self.rng.randrange(LONGEST // 2), self.rng.randrange(LONGEST // 2, LONGEST)
        length = self.rng.choice([1, 4096, 20000])
        length = min(length, target - source)

        def copy(descriptor):
            copied = os.copy_file_range(descriptor, descriptor, length, source, target)
            while 0 < copied < length:
                more = os.copy_file_range(descriptor, descriptor, length - copied, source + copied,
                                          target + copied)
                if more == 0:
                    break
                copied += more
            return copied
        self.both(copy)

    def append(self):
        data = self.data()

        def add(descriptor):
            os.lseek(descriptor, 0, os.SEEK_END)
            return os.write(descriptor, data)
        if self.size() < LONGEST:
            self.both(add)

    def append_by_flag(self):
        data = self.data()

        def add(path):
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
            os.lseek(descriptor, 0, os.SEEK_SET)
            try:
                return os.write(descriptor, data), os.lseek(descriptor, 0, os.SEEK_CUR)
            finally:
                os.close(descriptor)
        if self.size() < LONGEST and self.is_scratch:
            self.both(add, self.paths)

    def empty_by_flag(self):
        if self.is_scratch:
            self.both(lambda path: os.close(os.open(path, os.O_WRONLY | os.O_TRUNC)), self.paths)

    def seek(self):
        offset = self.rng.randrange(LONGEST)

        def ends(descriptor):
            try:
                # Where holes are is a file system's own business; this much is not.
                os.lseek(descriptor, offset, os.SEEK_DATA)
                return os.lseek(descriptor, 0, os.SEEK_END)
            except OSError as failure:
                return failure.errno if offset >= self.size() else "in a hole"
        ours, theirs = (ends(one) for one in self.descriptors)
        claim(theirs == "in a hole" or ours == theirs, "SEEK_DATA at", offset, ours, theirs)

    def sync(self):
        self.both(self.rng.choice([os.fsync, os.fdatasync]))

    def reopen(self):
        if self.is_scratch:
            os.close(self.others[0])
            self.others[0] = os.open(self.path, os.O_RDWR)

    def compare(self):
        for on in self.descriptors, self.others:
            self.both(lambda descriptor: os.fstat(descriptor).st_size, on)
            self.both(lambda descriptor: os.pread(descriptor, 2 * LONGEST, 0), on)

    def exercise(self, rounds):
        deeds = {self.write: 5, self.write_pieces: 1, self.read: 5, self.truncate: 2,
                 self.truncate_by_name: 1, self.map_to_read: 2, self.map_to_write: 3,
                 self.keep_a_map: 1, self.use_the_map: 3, self.copy_range: 2, self.append: 1,
                 self.append_by_flag: 1, self.empty_by_flag: 1, self.seek: 1, self.sync: 1,
                 self.reopen: 1}
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


# ---- sizes ----

def sizes(directory):
    path = directory + "/sizes"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    claim(os.write(descriptor, b"") == 0 and os.fstat(descriptor).st_size == 0, "a write of nothing")
    claim(os.pwrite(descriptor, b"end", 10_000) == 3, "a write past the end")
    claim(os.pread(descriptor, 20_000, 0) == b"\0" * 10_000 + b"end", "the gap is not zero")
    claim(os.pread(descriptor, 10, 10_003) == b"" and os.pread(descriptor, 10, 1 << 40) == b"",
          "there is something past the end")
    os.ftruncate(descriptor, 10_001)
    os.ftruncate(descriptor, 20_000)
    claim(os.pread(descriptor, 10_000, 10_000) == b"e" + b"\0" * 9_999, "what was cut off came back")
    claim(os.lseek(descriptor, 0, os.SEEK_DATA) <= 10_000, "where data begins")
    claim(os.lseek(descriptor, 19_999, os.SEEK_HOLE) in (19_999, 20_000), "where it ends")
    fails(errno.ENXIO, os.lseek, descriptor, 20_000, os.SEEK_DATA)
    fails(errno.ENXIO, os.lseek, descriptor, 20_000, os.SEEK_HOLE)
    fails(errno.EINVAL, os.lseek, descriptor, -1, os.SEEK_SET)
    claim(os.lseek(descriptor, 1 << 40, os.SEEK_SET) == 1 << 40, "a seek past the end")
    fails(errno.EINVAL, os.ftruncate, descriptor, -1)
    fails(errno.EINVAL, os.pwrite, descriptor, b"x", -1)
    os.posix_fallocate(descriptor, 0, 30_000)
    claim(os.fstat(descriptor).st_size == 30_000, "posix_fallocate made", os.fstat(descriptor).st_size)
    claim(os.pread(descriptor, 1, 10_000) == b"e", "posix_fallocate has changed what was there")
    claim(os.write(descriptor, b"") == 0, "a write of nothing past the end")
    claim(os.fstat(descriptor).st_size == 30_000, "a write of nothing makes it longer")
    whole = bytes(range(256)) * 8192
    claim(os.pwrite(descriptor, whole, 1) == len(whole), "two megabytes at once")
    claim(os.pread(descriptor, len(whole), 1) == whole, "two megabytes come back otherwise")
    os.close(descriptor)
    os.unlink(path)


def direct(directory):
    """Past the page cache, and what others see of it."""
    path = directory + "/direct"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_DIRECT, 0o600)
    through = os.open(path, os.O_RDWR)
    with mmap.mmap(-1, 8192) as block:
        block[:] = b"d" * 8192
        claim(os.pwritev(descriptor, [block], 0) == 8192, "a direct write")
        claim(os.pread(through, 9000, 0) == b"d" * 8192, "the cache does not know of a direct write")
        os.pwrite(through, b"c" * 100, 4096)
        claim(os.preadv(descriptor, [block], 0) == 8192, "a direct read")
        claim(block[4096:4197] == b"c" * 100 + b"d", "a direct read does not know of a write")
    os.close(descriptor)
    os.close(through)
    os.unlink(path)


def copying(directory):
    one, two = directory + "/copied", directory + "/copy"
    text = "copied " * 30_000
    write_file(one, text)
    source, target = os.open(one, os.O_RDONLY), os.open(two, os.O_RDWR | os.O_CREAT, 0o600)
    copied = 0
    while more := os.copy_file_range(source, target, len(text)):
        copied += more
    claim(copied == len(text) and read_file(two) == text, "copy_file_range", copied)
    os.ftruncate(target, 0)
    os.lseek(target, 0, os.SEEK_SET)
    sent = 0
    while more := os.sendfile(target, source, sent, len(text)):
        sent += more
    claim(sent == len(text) and read_file(two) == text, "sendfile", sent)
    os.ftruncate(target, 0)
    os.lseek(source, 0, os.SEEK_SET)
    os.lseek(target, 0, os.SEEK_SET)
    reads, writes = os.pipe()
    while more := os.splice(source, writes, 65536):
        while more:
            more -= os.splice(reads, target, more)
    claim(read_file(two) == text, "splice")
    record = os.open(directory + "/4.json", os.O_RDONLY)
    os.ftruncate(target, 0)
    size = os.fstat(record).st_size
    claim(os.copy_file_range(record, target, 1 << 20, 0, 0) == size, "copy_file_range of a record")
    claim(read_file(two) == read_file(directory + "/4.json"), "the copy of a record")
    for descriptor in source, target, reads, writes, record:
        os.close(descriptor)
    os.unlink(one)
    os.unlink(two)


# ---- appending ----

def appending(directory):
    """Four who append at once: no line is lost or torn."""
    path = directory + "/appending"
    write_file(path, "")

    def append(letter):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        for number in range(200):
            line = f"{letter} {number} {letter * (number * 37 % 3000)}\n".encode()
            if os.write(descriptor, line) != len(line):
                raise OSError
    children = []
    for letter in "abcd":
        child = os.fork()
        if child == 0:
            status = 1
            try:
                append(letter)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    claim(all(os.waitpid(child, 0)[1] == 0 for child in children), "an append failed")
    lines = read_file(path).splitlines()
    expected = [f"{letter} {number} {letter * (number * 37 % 3000)}"
                for letter in "abcd" for number in range(200)]
    claim(sorted(lines) == sorted(expected), len(lines), "lines, of which some are not whole")
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    before = os.fstat(descriptor).st_size
    os.lseek(descriptor, 5, os.SEEK_SET)
    os.write(descriptor, b"end")
    claim(os.lseek(descriptor, 0, os.SEEK_CUR) == before + 3, "where an append leaves off")
    claim(os.pread(descriptor, 9, before) == b"end", "O_APPEND does not append")
    os.close(descriptor)
    os.unlink(path)


# ---- maps ----

def mapping(directory):
    path = directory + "/mapping"
    write_file(path, "a" * 8192)
    descriptor, other = os.open(path, os.O_RDWR), os.open(path, os.O_RDWR)
    shared = mmap.mmap(descriptor, 8192)
    private = mmap.mmap(descriptor, 8192, mmap.MAP_PRIVATE)
    os.pwrite(other, b"bbb", 100)
    claim(shared[99:104] == b"abbba", "a map does not see a write", shared[99:104])
    shared[200:203] = b"ccc"
    claim(os.pread(other, 5, 199) == b"accca", "a read does not see a map")
    private[300:303] = b"ddd"
    claim(os.pread(other, 5, 299) == b"aaaaa" and shared[299:304] == b"aaaaa", "a private map is not")
    shared.flush()
    again = mmap.mmap(other, 8192)
    again[400:403] = b"eee"
    claim(shared[399:404] == b"aeeea", "two maps of a file are not one")
    os.close(descriptor)
    shared[500:503] = b"fff"
    claim(os.pread(other, 5, 499) == b"afffa", "a map without its descriptor")
    os.unlink(path)
    shared[600:603] = b"ggg"
    claim(os.pread(other, 5, 599) == b"aggga", "a map of a file without a name")
    os.ftruncate(other, 4096)
    claim(shared[:4096] == os.pread(other, 4096, 0), "what is left of a file that was cut")
    died = in_a_child(lambda: shared[5000])
    claim(died == -signal.SIGBUS, "past the end of a file a map reads on:", died)
    os.ftruncate(other, 8192)
    claim(shared[4096:] == b"\0" * 4096, "what was cut off is in the map again")
    for area in shared, private, again:
        area.close()
    os.close(other)
    write_file(path, "x")
    only_read = os.open(path, os.O_RDONLY)
    fails(errno.EACCES, mmap.mmap, only_read, 1, mmap.MAP_SHARED, mmap.PROT_WRITE)
    os.close(only_read)
    os.unlink(path)


# ---- locks ----

def locking(directory):
    """Between processes, by the file and by its parts, on scratch and on records."""
    for path in directory + "/locking", directory + "/4.json":
        one = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(one, fcntl.LOCK_EX)

        def try_flock():
            fails(errno.EAGAIN, fcntl.flock, os.open(path, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)

        def try_range(start, is_free):
            other = os.open(path, os.O_RDWR)
            if is_free:
                fcntl.lockf(other, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, start)
            else:
                fails(errno.EAGAIN, fcntl.lockf, other, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, start)
        claim(in_a_child(try_flock) == 0, "flock lets two in")
        fcntl.flock(one, fcntl.LOCK_UN)
        fcntl.lockf(one, fcntl.LOCK_EX, 10, 100)
        claim(in_a_child(try_range, 105, False) == 0, "two have locked the same part")
        claim(in_a_child(try_range, 110, True) == 0, "the part beside a lock is locked")
        os.close(os.open(path, os.O_RDONLY))  # which lets go of it, says POSIX
        claim(in_a_child(try_range, 105, True) == 0, "a lock outlives a close")
        os.close(one)
    os.unlink(directory + "/locking")


def syncing(directory):
    path = directory + "/syncing"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_SYNC, 0o600)
    os.write(descriptor, b"synced")
    os.fsync(descriptor)
    os.fdatasync(descriptor)
    call("sync_file_range", descriptor, 0, 0, 7)
    call("syncfs", descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    claim(read_file(path) == "synced", read_file(path))
    os.close(descriptor)
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)
    os.unlink(path)
