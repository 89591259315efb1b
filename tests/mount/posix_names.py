"""Checks of posix.py: names, links, and what opens, renames and unlinks them."""
import ctypes
import errno
import os
import stat

from posix_claims import LIBC, call, claim, fails, in_a_child, read_file, write_file

NOREPLACE = 1
AT_FDCWD = -100


def is_ours(directory):
    """Whether it is in the mount, and not the local one."""
    return os.path.exists(os.path.dirname(directory) + "/.clevertimfs/status")


def make(path, flags=os.O_WRONLY):
    return os.open(path, flags | os.O_CREAT, 0o600)


# ---- opening ----

def opening(directory):
    record, scratch = directory + "/4.json", directory + "/opening"
    for path in scratch, record:
        os.close(make(path, os.O_RDWR))
        fails(errno.EEXIST, os.open, path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        fails(errno.ENOTDIR, os.open, path, os.O_RDONLY | os.O_DIRECTORY)
        fails(errno.ENOTDIR, os.open, path + "/", os.O_RDONLY)
        fails(errno.ENOTDIR, os.stat, path + "/x")
        fails(errno.ENOTDIR, os.listdir, path)
        fails(errno.ENOTDIR, os.rmdir, path)
        fails(errno.EEXIST, os.mkdir, path)
        only_read = os.open(path, os.O_RDONLY)
        fails(errno.EBADF, os.write, only_read, b"x")
        fails(errno.EINVAL, os.ftruncate, only_read, 0)
        only_write = os.open(path, os.O_WRONLY)
        fails(errno.EBADF, os.read, only_write, 1)
        only_path = os.open(path, os.O_PATH)
        fails(errno.EBADF, os.read, only_path, 1)
        fails(errno.EBADF, os.fchmod, only_path, 0o600)
        claim(os.path.sameopenfile(only_path, only_read), "O_PATH finds another file")
        for descriptor in only_read, only_write, only_path:
            os.close(descriptor)
    fails(errno.EISDIR, os.open, directory, os.O_WRONLY)
    fails(errno.EISDIR, os.open, directory, os.O_RDWR)
    fails(errno.EISDIR, os.open, directory, os.O_RDONLY | os.O_CREAT)
    fails(errno.EISDIR, make, directory + "/none/")
    fails(errno.ENOENT, os.open, directory + "/none", os.O_RDONLY)
    fails(errno.ENOENT, os.open, directory + "/none.json", os.O_RDONLY)
    fails(errno.ENOENT, os.open, directory + "/none/none", os.O_WRONLY | os.O_CREAT)
    fails(errno.ENOENT, os.unlink, directory + "/none")
    fails(errno.ENOENT, os.open, "", os.O_RDONLY)
    os.close(os.open(directory, os.O_RDONLY | os.O_DIRECTORY))
    os.unlink(scratch)


def emptying(directory):
    """O_TRUNC, and who has the file open meanwhile."""
    path = directory + "/emptying"
    write_file(path, "something")
    held = os.open(path, os.O_RDONLY)
    os.close(os.open(path, os.O_WRONLY | os.O_TRUNC))
    claim(os.fstat(held).st_size == 0 and os.read(held, 9) == b"", "what O_TRUNC leaves")
    write_file(path, "other")
    claim(os.pread(held, 9, 0) == b"other", "who had it open reads", os.pread(held, 9, 0))
    both = make(path, os.O_RDWR | os.O_TRUNC)
    claim(os.fstat(both).st_size == 0, "O_CREAT and O_TRUNC leave a text")
    os.close(held)
    os.close(both)
    os.unlink(path)


def refusing(directory):
    """What is no file and no symbolic link cannot be made in a resource."""
    path = directory + "/refusing"
    if not is_ours(directory):
        return
    fails(errno.EPERM, os.mkdir, path)
    fails(errno.EPERM, os.mkfifo, path)
    fails(errno.EPERM, os.mknod, path, stat.S_IFREG | 0o600)
    fails(errno.EPERM, os.rmdir, directory)
    fails(errno.EOPNOTSUPP, os.open, directory, os.O_TMPFILE | os.O_WRONLY)
    write_file(path, "")
    for old in path, directory + "/4.json":
        fails(errno.EPERM, os.link, old, path + "-2")
        fails(errno.EOPNOTSUPP, os.setxattr, old, "user.x", b"x")
        fails(errno.ENODATA, os.getxattr, old, "user.x")
    fails(errno.EOPNOTSUPP, call, "fallocate", os.open(path, os.O_WRONLY), 1, 0, 4096)
    claim(os.listxattr(path) == [], "attributes of scratch", os.listxattr(path))
    fails(errno.EPERM, os.rename, directory, os.path.dirname(directory) + "/none")
    fails(errno.EINVAL, os.rename, directory, path + "-2")
    fails(errno.EPERM, os.rename, directory + "/4.json", directory + "/5.json")
    fails(errno.EPERM, os.rename, path, os.path.dirname(directory) + "/company/refusing")
    fails(errno.EPERM, os.symlink, "4.json", directory + "/link.json")
    fails(errno.EPERM, make, os.path.dirname(directory) + "/refusing")
    os.unlink(path)


# ---- names ----

def names(directory):
    longest = "x" * 255
    os.close(make(f"{directory}/{longest}"))
    claim(longest in os.listdir(directory), "the longest name is not listed")
    for act in os.stat, os.unlink, make, os.mkdir, os.rmdir, os.readlink, os.chmod:
        fails(errno.ENAMETOOLONG, act, f"{directory}/{longest}x", *([0] if act is os.chmod else []))
    fails(errno.ENAMETOOLONG, os.rename, f"{directory}/{longest}", f"{directory}/{longest}x")
    fails(errno.ENAMETOOLONG, os.symlink, "x", f"{directory}/{longest}x")
    fails(errno.ENAMETOOLONG, os.link, f"{directory}/{longest}", f"{directory}/{longest}x")
    fails(errno.ENAMETOOLONG, os.stat, directory + "/." * 2100)
    os.unlink(f"{directory}/{longest}")
    raw = directory.encode()
    odd = [b"a b", b"new\nline", b"\xff\xfe", b"tab\t", b"back\\slash", b"...", b" ", b"*", b"~", b"\x01",
           "Zoë".encode()]
    for name in odd:
        os.close(make(raw + b"/" + name))
    listed = os.listdir(raw)
    for name in odd:
        claim(name in listed, name, "is not listed as it was made")
        os.unlink(raw + b"/" + name)
    claim(not set(odd) & set(os.listdir(raw)), "what was unlinked is listed")


# ---- symbolic links ----

def links(directory):
    link, loop = directory + "/link", directory + "/loop"
    os.symlink("4.json", link)
    claim(os.readlink(link) == "4.json", "readlink says", os.readlink(link))
    fails(errno.EEXIST, os.symlink, "x", link)
    fails(errno.EEXIST, make, link, os.O_WRONLY | os.O_EXCL)
    fails(errno.ELOOP, os.open, link, os.O_RDONLY | os.O_NOFOLLOW)
    claim(read_file(link) == read_file(directory + "/4.json"), "the link reads as another file")
    itself = os.open(link, os.O_PATH | os.O_NOFOLLOW)
    claim(stat.S_ISLNK(os.fstat(itself).st_mode), "O_PATH has followed a link")
    os.close(itself)
    os.symlink("loop", loop)
    fails(errno.ELOOP, os.open, loop, os.O_RDONLY)
    fails(errno.ELOOP, os.stat, loop + "/x")
    fails(errno.EINVAL, os.readlink, directory + "/4.json")
    fails(errno.EINVAL, os.readlink, directory)
    claim(os.lstat(link).st_nlink == 1 and stat.S_ISLNK(os.lstat(link).st_mode), os.lstat(link))
    os.utime(link, ns=(1, 1_234_567_890_123_456_789), follow_symlinks=False)
    claim(os.lstat(link).st_mtime_ns == 1_234_567_890_123_456_789, "a link's time cannot be set")
    os.rename(link, link + "-2")
    claim(os.readlink(link + "-2") == "4.json", "a link that was renamed")
    os.unlink(link + "-2")
    claim(os.path.exists(directory + "/4.json"), "with the link its target is gone")
    os.unlink(loop)


def long_links(directory):
    link = directory + "/long-link"
    for length in 1, 255, 4095:
        os.symlink("x" * length, link)
        claim(os.lstat(link).st_size == length, "the size of a link of", length)
        claim(os.readlink(link) == "x" * length, "the target of", length)
        short = bytearray(b"-" * 4)
        buffer = (ctypes.c_char * 3).from_buffer(short)
        claim(call("readlink", link.encode(), buffer, 3) == min(3, length), "readlink in part")
        claim(short[3:] == b"-", "readlink wrote too much")
        os.unlink(link)
    fails(errno.ENAMETOOLONG, os.symlink, "x" * 4096, link)
    fails(errno.ENOENT, os.symlink, "", link)


def dangling(directory):
    """A link to nothing, through which a file is made."""
    link, target = directory + "/dangling", directory + "/dangled"
    os.symlink("dangled", link)
    fails(errno.ENOENT, os.stat, link)
    fails(errno.ENOENT, os.chmod, link, 0o600)
    write_file(link, "made")
    claim(read_file(target) == "made" and stat.S_ISLNK(os.lstat(link).st_mode), "what was made")
    os.rename(target, link)
    claim(stat.S_ISREG(os.lstat(link).st_mode), "a rename onto a link has followed it")
    os.unlink(link)


# ---- unlinked and renamed ----

def unlinking(directory):
    """An open file stays whole without its name."""
    path = directory + "/unlinking"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.write(descriptor, b"before")
    os.unlink(path)
    fails(errno.ENOENT, os.stat, path)
    fails(errno.ENOENT, os.unlink, path)
    claim(os.fstat(descriptor).st_nlink == 0, "links of a file without a name")
    os.write(descriptor, b" and after")
    claim(os.pread(descriptor, 100, 0) == b"before and after", os.pread(descriptor, 100, 0))
    os.fchmod(descriptor, 0o640)
    os.ftruncate(descriptor, 6)
    claim(os.fstat(descriptor).st_size == 6, "a file without a name cannot be cut")
    with open(f"/proc/self/fd/{descriptor}") as anew:
        claim(anew.read() == "before", "opened anew by its descriptor")
    again = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    claim(os.read(again, 10) == b"", "a new file has the old one's text")
    claim(os.fstat(again).st_ino != os.fstat(descriptor).st_ino, "both have one number")
    os.close(descriptor)
    os.close(again)
    os.unlink(path)
    fails(errno.EISDIR, os.unlink, directory)


def renaming(directory):
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
    claim(os.fstat(held).st_nlink == 0, "links of a file that was replaced")
    os.close(held)
    fails(errno.ENOENT, os.rename, one, two)
    claim(read_file(two) == "1", "a rename of nothing changed what is there")
    write_file(one, "1")
    names_of = (AT_FDCWD, one.encode(), AT_FDCWD, two.encode())
    fails(errno.EEXIST, call, "renameat2", *names_of, NOREPLACE)
    fails(errno.EINVAL, call, "renameat2", *names_of, 1 << 10)
    if is_ours(directory):
        fails(errno.EINVAL, call, "renameat2", *names_of, 2)  # exchange
        fails(errno.ENOTDIR, os.rename, os.path.dirname(directory) + "/note", one)
    if is_ours(directory):
        fails(errno.EISDIR, os.rename, one, os.path.dirname(directory) + "/note")
    fails(errno.ENOTDIR, os.rename, one, two + "/x")
    fails(errno.ENOENT, os.rename, one, directory + "/none/x")
    fails(errno.EBUSY, os.rename, one, directory + "/.")
    held = os.open(one, os.O_RDWR)
    os.rename(one, directory + "/three")
    os.pwrite(held, b"33", 0)
    os.close(held)
    claim(read_file(directory + "/three") == "33", "what was open when it was renamed")
    call("renameat2", AT_FDCWD, two.encode(), AT_FDCWD, one.encode(), NOREPLACE)
    os.unlink(one)
    os.unlink(directory + "/three")


def running(directory):
    """A script can be run once it says that it can."""
    path = directory + "/running"
    write_file(path, "#!/bin/sh\nexit 7\n")
    fails(errno.EACCES, os.execv, path, [path])
    os.chmod(path, 0o700)
    claim(in_a_child(lambda: os.execv(path, [path])) == 7, "it does not run")
    os.unlink(path)


# ---- directories ----

class Dirent(ctypes.Structure):
    _fields_ = [("ino", ctypes.c_uint64), ("off", ctypes.c_int64), ("reclen", ctypes.c_uint16),
                ("type", ctypes.c_ubyte), ("name", ctypes.c_char * 256)]


class Stream:
    """An open directory, as the C library has it."""

    def __init__(self, directory):
        LIBC.opendir.restype = ctypes.c_void_p
        LIBC.readdir.restype = ctypes.POINTER(Dirent)
        LIBC.readdir.argtypes = LIBC.rewinddir.argtypes = LIBC.closedir.argtypes = [ctypes.c_void_p]
        LIBC.telldir.argtypes, LIBC.telldir.restype = [ctypes.c_void_p], ctypes.c_long
        LIBC.seekdir.argtypes = [ctypes.c_void_p, ctypes.c_long]
        self.stream = LIBC.opendir(directory.encode())

    def rest(self):
        """[(where it stands, name, number, type)]"""
        found = []
        while True:
            place = LIBC.telldir(self.stream)
            entry = LIBC.readdir(self.stream)
            if not entry:
                return found
            said = entry.contents
            found.append((place, said.name.decode(), said.ino, said.type))

    def names(self):
        return [name for _, name, *_ in self.rest()]

    def rewind(self):
        LIBC.rewinddir(self.stream)

    def seek(self, place):
        LIBC.seekdir(self.stream, place)

    def close(self):
        LIBC.closedir(self.stream)


def seeking(directory):
    """rewinddir begins anew; seekdir goes back to where telldir was, whatever came since."""
    for name in "abc":
        write_file(f"{directory}/seeking-{name}", "")
    stream = Stream(directory)
    first = stream.rest()
    listed = sorted(name for _, name, *_ in first)
    claim(listed == sorted([".", "..", *os.listdir(directory)]), "readdir says", listed)
    stream.rewind()
    claim(stream.rest() == first, "rewinddir shows another directory")
    for number in (len(first) // 2, 3, len(first) - 1, 0):
        stream.seek(first[number][0])
        claim(stream.names() == [name for _, name, *_ in first[number:]],
              "seekdir goes elsewhere than to", number)
    write_file(directory + "/seeking", "")
    stream.rewind()
    claim("seeking" in stream.names(), "rewinddir shows an old directory")
    os.unlink(directory + "/seeking")
    stream.close()
    for name in "abc":
        os.unlink(f"{directory}/seeking-{name}")


def emptying_a_directory(directory):
    """Unlinking what is read, as rm -r does: each name is met once, and none is left."""
    made = {f"rm-{number}" for number in range(1500)}
    for name in made:
        os.close(make(f"{directory}/{name}"))
    stream = Stream(directory)
    met = [name for name in stream.names() if name in made and not os.unlink(f"{directory}/{name}")]
    stream.close()
    claim(sorted(met) == sorted(made), len(met), "of 1500 names were met")
    claim(not made & set(os.listdir(directory)), "some are left")


def numbers(directory):
    """A listing says the numbers and types that stat says."""
    write_file(directory + "/numbers", "")
    os.symlink("numbers", directory + "/numbers-link")
    write_file(directory + "/numbers-draft.json", "")
    root = os.path.dirname(directory)
    here = [directory, *([root, root + "/by-name", root + "/by-name/contact", root + "/related"]
                         if is_ours(directory) else [])]
    for place in here:
        stream = Stream(place)
        for _, name, number, kind in stream.rest():
            if name == ".." and place != directory:
                continue  # the root's is outside
            found = os.lstat(f"{place}/{name}")
            claim(found.st_ino == number, f"{place}/{name} is listed as number", number, "and is",
                  found.st_ino)
            claim(stat.S_IFMT(found.st_mode) >> 12 == kind, f"{place}/{name} is listed as", kind)
        stream.close()
    for name in "numbers", "numbers-link", "numbers-draft.json":
        os.unlink(f"{directory}/{name}")
