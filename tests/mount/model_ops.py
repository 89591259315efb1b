"""How programs do things to the mount: one function for each way. OSError is what they are told."""
import contextlib
import errno
import multiprocessing
import os
import subprocess


@contextlib.contextmanager
def called(name):
    """This process has the name of another program."""
    with open("/proc/self/comm") as file:
        before = file.read()
    try:
        with open("/proc/self/comm", "w") as file:
            file.write(name)
        yield
    finally:
        with open("/proc/self/comm", "w") as file:
            file.write(before)


class Others:
    """
    Other programs, each a process of its own. They are started by one that has no file open: a
    descriptor that a child inherits saves its file when the child ends.
    """

    def __init__(self):
        self.ours, theirs = multiprocessing.Pipe()
        self.server = os.fork()
        if self.server == 0:
            self.ours.close()
            self.serve(theirs)
        theirs.close()

    @staticmethod
    def serve(pipe):
        with contextlib.suppress(EOFError):
            while True:
                act, arguments = pipe.recv()
                child = os.fork()
                if child == 0:
                    status = 0
                    try:
                        globals()[act](*arguments)
                    except OSError as error:
                        status = error.errno
                    finally:
                        os._exit(status)
                pipe.send(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        os._exit(0)

    def do(self, act, *arguments):
        """Calls a function of this module in a new process; its OSError is ours."""
        self.ours.send((act, arguments))
        status = self.ours.recv()
        if status != 0:
            raise OSError(status, os.strerror(status))

    def close(self):
        self.ours.close()
        os.waitpid(self.server, 0)


def put(descriptor, text):
    while text:
        text = text[os.write(descriptor, text):]


def begin(act, *arguments):
    """What fails in here fails before a text was written."""
    try:
        return act(*arguments)
    except OSError as error:
        error.is_early = True
        raise


def fill(path, flags, text, sync=False, cut=False):
    """Opens, writes all of it, and closes; what close says counts."""
    descriptor = begin(os.open, path, flags, 0o600)
    try:
        middle = len(text) // 2 if cut else 0
        put(descriptor, text[:middle])
        if sync:
            os.fsync(descriptor)
        put(descriptor, text[middle:])
        if cut:
            os.ftruncate(descriptor, len(text))
    except OSError:
        with contextlib.suppress(OSError):
            os.close(descriptor)
        raise
    os.close(descriptor)


# ---- saves, each as some program does it (path, text) ----

def truncating(path, text):
    fill(path, os.O_WRONLY | os.O_TRUNC | os.O_CREAT, text)


def in_pieces(path, text):
    fill(path, os.O_WRONLY | os.O_TRUNC | os.O_CREAT, text, sync=True, cut=True)


def in_place(path, text):
    fill(path, os.O_WRONLY | os.O_CREAT, text, cut=True)


def read_and_write(path, text):
    fill(path, os.O_RDWR | os.O_CREAT, text, cut=True)


def read_write_truncate(path, text):
    fill(path, os.O_RDWR | os.O_TRUNC | os.O_CREAT, text, sync=True)


def renaming(path, text, sync=False):
    temporary = f"{path}.{os.getpid()}"
    fill(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, text, sync=sync)
    try:
        os.rename(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def renaming_synced(path, text):
    renaming(path, text, sync=True)


def renaming_open(path, text):
    """As gio does: the descriptor is closed after the rename."""
    directory, name = os.path.split(path)
    temporary = f"{directory}/.goutputstream-{name}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        put(descriptor, text)
        os.fsync(descriptor)
        os.rename(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        with contextlib.suppress(OSError):
            os.close(descriptor)
        raise
    os.close(descriptor)


def setting_aside(path, text):
    """As vim does: the record aside, a new file, away with the backup; back with it if refused."""
    backup = path + "~"
    begin(os.rename, path, backup)
    try:
        fill(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, text, sync=True)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        os.rename(backup, path)
        raise
    os.unlink(backup)


def replacing(path, text):
    """As mv from elsewhere, install and tar do: unlinked and created, by one process."""
    begin(os.unlink, path)
    fill(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, text)


def moving(path, text, others):
    """Written by one process, renamed by another."""
    temporary = f"{path}.{os.getpid()}"
    fill(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, text)
    try:
        others.do("rename", temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def rename(old, new):
    os.rename(old, new)


def unlink(path):
    os.unlink(path)


def run(*command, **options):
    """EINVAL and so on by the words on standard error."""
    done = subprocess.run(command, stderr=subprocess.PIPE, env={**os.environ, "LC_ALL": "C"},
                          **options)
    if done.returncode == 0:
        return
    said = done.stderr.decode(errors="replace")
    for number in errno.errorcode:
        if os.strerror(number) in said:
            raise OSError(number, said)
    raise OSError(errno.EIO, f"status {done.returncode}: {said}")


def by_shell(path, text):
    """echo > file: flushed before it is written."""
    run("bash", "-c", 'printf %s "$1" > "$2"', "-", text, path)


def emptied_then_appended(path, text):
    run("bash", "-c", ': > "$2" && printf %s "$1" >> "$2"', "-", text, path)


def by_dd(path, text):
    run("dd", "status=none", "bs=64", "oflag=sync", "of=" + path, input=text)


HERE = (truncating, in_pieces, in_place, read_and_write, read_write_truncate, renaming,
        renaming_synced, renaming_open, setting_aside, replacing)
# By another process, which has read nothing. Their OSError does not tell whether anything was written.
BY_OTHERS = ("copying", "by_shell", "emptied_then_appended", "by_dd")
SAVES = (*(act.__name__ for act in HERE), *BY_OTHERS, "moving")
# Those that can make a new file, and the one process of which writes all of it.
CREATES = ("truncating", "in_pieces", "in_place", "read_and_write", "renaming", "renaming_synced",
           "renaming_open", "copying", "by_shell", "by_dd", "moving")
RENAMES = ("renaming", "renaming_synced", "renaming_open", "moving")
IN_PIECES = ("by_shell", "emptied_then_appended", "by_dd")
# What close says they do not tell.
BY_SHELL = ("by_shell", "emptied_then_appended")


def copying(path, text):
    truncating(path, text)


def save(others, how, path, text):
    if how in BY_OTHERS:
        others.do(how, path, text)
    elif how == "moving":
        moving(path, text, others)
    else:
        globals()[how](path, text)


# ---- deletes ----

DELETES = ("as_rm", "and_exit")


def delete(others, how, path):
    """As rm, which is told at once; or DELETE goes out once the program has gone."""
    if how == "as_rm":
        with called("rm"):
            os.unlink(path)
    else:
        others.do("unlink", path)
