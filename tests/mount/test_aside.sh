# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# A record that is set aside, or replaced, while others have it open or are saving it.

# so_far METHOD COUNT: so many of them have arrived at least.
so_far() {
  [ "$(requests "$1")" -ge "$2" ]
}

# A save of the record is on its way, and stays so for a while.
given_a_save_on_its_way() {
  given_mount
  cat contact/4.json >/dev/null
  server_fault delay method=PUT ms=1500
  echo '{"city": "Rome"}' >"$work/rome"
  cp "$work/rome" contact/4.json &
  saver=$!
  eventually 10 so_far PUT 1
}

test_aside__stays_aside_when_a_save_ends_that_was_on_its_way() {
  given_a_save_on_its_way
  mv contact/4.json contact/4.json~
  wait "$saver"
  assert_exists contact/4.json~
  assert_file_equals_server contact/4
  assert_lacks "$(cat contact/4.json~)" Rome
  rm contact/4.json~
  assert_server_has contact/4 city '"Rome"'
  assert_requests PUT 1
  assert_no_delete
}

# vim's sequence, with a backup that is removed in the end.
replace_like_vim() {
  python3 - contact/4.json "$1" <<'EOT'
import os, sys
file, text = sys.argv[1:]
os.rename(file, file + "~")
out = os.open(file, os.O_WRONLY | os.O_CREAT)
os.write(out, text.encode())
os.close(out)
os.unlink(file + "~")
EOT
}

test_aside__and_saved_anew_keeps_what_was_on_its_way() {
  given_a_save_on_its_way
  replace_like_vim '{"title": "Dr."}'
  wait "$saver"
  assert_server_has contact/4 city '"Rome"'
  assert_server_has contact/4 title '"Dr."'
  assert_requests PUT 2
  assert_no_delete
  assert_file_equals_server contact/4
}

# The second save is one of the record that the first one is just making.
test_aside__a_new_file_that_is_being_created_is_one_record() {
  given_mount
  server_fault delay method=POST ms=1500
  echo '{"fn": "Ada"}' >"$work/ada"
  cp "$work/ada" contact/new.json &
  eventually 10 so_far POST 1
  python3 - contact/new.json '{"fn": "Ada", "ln": "Lovelace"}' <<'EOT'
import os, sys
file, text = sys.argv[1:]
os.rename(file, file + "~")
out = os.open(file, os.O_WRONLY | os.O_CREAT)
os.write(out, text.encode())
os.close(out)
EOT
  wait $!
  rm contact/new.json~
  assert_requests POST 1
  assert_put_body "contact/$(id_of contact/new.json)" '{"ln": "Lovelace"}'
  assert_no_delete
}

# vim restores the old text: U 4, R 4~ to 4.
test_aside__the_backup_that_comes_back_after_a_save_is_saved() {
  given_mount
  old=$(server_get contact/4 city)
  python3 - contact/4.json <<'EOT'
import os, sys
file = sys.argv[1]
open(file).read()
os.rename(file, file + "~")
out = os.open(file, os.O_WRONLY | os.O_CREAT)
os.write(out, b'{"city": "Rome"}')
os.close(out)
os.unlink(file)
os.rename(file + "~", file)
EOT
  assert_requests PUT 2
  assert_no_delete
  assert_server_has contact/4 city "$old"
  assert_file_equals_server contact/4
}

# To who has it open it is the record still: what he saves is saved.
test_aside__is_saved_to_by_who_has_it_open() {
  given_mount
  python3 - contact <<'EOT'
import os, sys
dir = sys.argv[1]
for id, flags in ((4, os.O_WRONLY), (7, os.O_RDWR)):
    file = "%s/%d.json" % (dir, id)
    out = os.open(file, flags | os.O_TRUNC)
    os.write(out, b'{"city": "Rome"}')
    # No program of its own: that would close, and so save, the descriptor that it inherits.
    with open(dir + "/sedXYZ", "w") as new:
        new.write('{"title": "Dr."}')
    os.rename(file, file + ".bak")
    os.rename(dir + "/sedXYZ", file)
    os.close(out)
    os.unlink(file + ".bak")
EOT
  for id in 4 7; do
    assert_server_has "contact/$id" city '"Rome"'
    assert_server_has "contact/$id" title '"Dr."'
    assert_file_equals_server "contact/$id"
  done
  assert_requests PUT 4
  assert_no_delete
}

# The server has it no longer: what comes back is a new record, and no save that nobody gets.
test_aside__and_deleted_on_the_server_is_created_anew() {
  given_mount
  city=$(server_get contact/4 city)
  mv contact/4.json contact/4.json.bak
  server_delete_record contact/4
  echo >.clevertimfs/refresh
  ls contact >/dev/null
  assert_absent contact/4.json
  mv contact/4.json.bak contact/4.json
  assert_requests POST 1
  assert_requests PUT 0
  assert_equal "$city" "$(jq .city contact/4.json)"
  assert_server_has "contact/$(id_of contact/4.json)" city "$city"
}

# A program has unlinked the record, which is being deleted just now, and takes its time.
given_a_delete_on_its_way() {
  given_mount
  cat contact/4.json >/dev/null
  server_fault delay method=DELETE ms=1500
  python3 -c 'import os; os.unlink("contact/4.json")'
  eventually 10 so_far DELETE 1
}

# What is put in its place is neither saved to what goes, nor lost with it.
assert_is_created_anew() {
  assert_requests DELETE 1
  assert_requests PUT 0
  assert_requests POST 1
  assert_equal '"Ada"' "$(jq .fn contact/4.json)"
  assert_server_has "contact/$(id_of contact/4.json)" fn '"Ada"'
  assert_no_drafts
}

test_leaving__what_is_renamed_to_it_is_created() {
  given_a_delete_on_its_way
  echo '{"fn": "Ada"}' >contact/.4.tmp
  mv contact/.4.tmp contact/4.json
  assert_is_created_anew
}

test_leaving__what_is_written_there_is_created() {
  given_a_delete_on_its_way
  /bin/echo '{"fn": "Ada"}' >contact/4.json
  assert_is_created_anew
}

# The DELETE fails: it is the record that is saved.
test_leaving__what_is_renamed_to_it_is_saved_where_it_stays() {
  given_mount -o timeout=2
  cat contact/4.json >/dev/null
  server_fault hang times=-1 method=DELETE
  python3 -c 'import os; os.unlink("contact/4.json")'
  eventually 10 so_far DELETE 1
  echo '{"city": "Rome"}' >contact/.4.tmp
  mv contact/.4.tmp contact/4.json
  assert_requests POST 0
  assert_requests PUT 1
  assert_server_has contact/4 city '"Rome"'
  assert_file_equals_server contact/4
}

# The same under a name that was chosen for it.
test_leaving__by_a_chosen_name_is_created_anew() {
  given_mount
  echo '{"fn": "Eva"}' >contact/eva.json
  forget_requests
  server_fault delay method=DELETE ms=1500
  python3 -c 'import os; os.unlink("contact/eva.json")'
  eventually 10 so_far DELETE 1
  echo '{"fn": "Ada"}' >contact/.eva.tmp
  mv contact/.eva.tmp contact/eva.json
  assert_requests PUT 0
  assert_requests POST 1
  assert_equal '"Ada"' "$(jq .fn contact/eva.json)"
  assert_no_drafts
}

# To who has it open there is no record to save to any more.
test_leaving__what_is_saved_to_it_is_a_draft() {
  given_mount
  exec 5>contact/4.json
  server_fault delay method=DELETE ms=1500
  python3 -c 'import os; os.close(5); os.unlink("contact/4.json")'
  eventually 10 so_far DELETE 1
  assert_errno EIO sh -c '/bin/echo "$1" >&5' sh '{"city": "Rome"}'
  exec 5>&- || true
  assert_requests PUT 0
  assert_requests DELETE 1
  assert_draft contact/4.json Rome
}

# Each new file in a record's place, and each who opens it, is a writer with a text of his own.
test_replaced__by_several_at_once_loses_nothing() {
  given_mount
  python3 - contact <<'EOT'
import os, sys
dir = sys.argv[1]

def unlinked(file):
    os.unlink(file)
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL)

def moved(file):
    os.rename(file, file + "~")
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL)

for id, replace in ((4, unlinked), (7, moved)):
    file = "%s/%d.json" % (dir, id)
    old = open(file).read()
    first = replace(file)
    assert open(file).read() == old and os.stat(file).st_size == len(old.encode())
    os.write(first, b'{"city": "Rome"}')
    second = os.open(file, os.O_WRONLY | os.O_TRUNC)
    os.write(second, b'{"title": "Dr."}')
    assert open(file).read() == old, "somebody reads what nobody has saved"
    os.close(first)
    os.close(second)
EOT
  for id in 4 7; do
    assert_server_has "contact/$id" city '"Rome"'
    assert_server_has "contact/$id" title '"Dr."'
    assert_file_equals_server "contact/$id"
  done
  assert_no_delete
}

test_replaced__two_texts_of_a_new_name_are_both_saved() {
  given_mount
  python3 - contact/new.json <<'EOT'
import os, sys
first = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_EXCL)
os.write(first, b'{"fn": "Ada"}')
second = os.open(sys.argv[1], os.O_WRONLY | os.O_TRUNC)
os.write(second, b'{"ln": "Lovelace"}')
os.close(first)
os.close(second)
EOT
  assert_requests POST 1
  id=$(id_of contact/new.json)
  assert_server_has "contact/$id" fn '"Ada"'
  assert_server_has "contact/$id" ln '"Lovelace"'
}

# The program lives on, and does not put anything back.
test_replaced__and_refused_the_record_is_back_at_once() {
  given_mount
  server_refuses PUT 400
  python3 - contact/4.json <<'EOT'
import errno, os, sys
file = sys.argv[1]
old, mtime = open(file).read(), os.stat(file).st_mtime

def unlink(file):
    os.unlink(file)

def set_aside(file):
    os.rename(file, file + "~")

for vacate in (unlink, set_aside):
    vacate(file)
    out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    os.write(out, b'{"city": "Rome"}')
    try:
        os.close(out)
        sys.exit("not refused")
    except OSError as error:
        assert error.errno == errno.EINVAL
    assert open(file).read() == old and os.stat(file).st_mtime == mtime
EOT
  assert_draft contact/4.json Rome
  assert_no_delete
}

# Who takes away what he could not save has not deleted the record; anybody else has.
test_replaced__and_refused_its_maker_may_unlink_it() {
  given_mount
  server_refuses PUT 400
  python3 - contact/4.json <<'EOT'
import os, sys, time
file = sys.argv[1]
os.unlink(file)
out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
os.write(out, b'{"city": "Rome"}')
try:
    os.close(out)
except OSError:
    os.unlink(file)
EOT
  eventually 5 test -e contact/4.json
  assert_file_equals_server contact/4
  assert_no_delete
  rm contact/4.json
  assert_requests DELETE 1
}

# Two programs replace it at the same time, and neither can save: each takes away what it has made.
test_replaced__by_two_and_refused_each_may_unlink_his_own() {
  given_mount
  server_refuses PUT 400
  cat >"$work/replace.py" <<'EOT'
import errno, os, sys, time
file = sys.argv[1]
os.unlink(file)
out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
print("made", flush=True)
sys.stdin.readline()
os.write(out, b'{"city": "Rome"}')
try:
    os.close(out)
    sys.exit("not refused")
except OSError as error:
    assert error.errno == errno.EINVAL
# The other one may just have taken away his.
until = time.monotonic() + 5
while not os.path.exists(file) and time.monotonic() < until:
    time.sleep(0.02)
os.unlink(file)
EOT
  python3 - "$work/replace.py" contact/4.json <<'EOT'
import subprocess, sys
both = []
for _ in range(2):
    program = subprocess.Popen([sys.executable, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert program.stdout.readline() == "made\n"
    both.append(program)
for program in both:
    program.communicate("\n")
    assert program.returncode == 0
EOT
  eventually 5 test -e contact/4.json
  sleep 2.2
  assert_requests PUT 2
  assert_no_delete
  assert_file_equals_server contact/4
}

# What a thread has set aside, created and not saved is its program's, also when the thread has ended.
test_replaced__by_a_thread_that_ended_is_its_programs() {
  given_mount
  server_refuses PUT 400
  python3 - contact/4.json <<'EOT'
import errno, os, sys, threading, time
file = sys.argv[1]

def set_aside():
    os.rename(file, file + "~")

def unlink():
    os.unlink(file)

def save(vacate):
    vacate()
    out = os.open(file, os.O_WRONLY | os.O_CREAT)
    os.write(out, b'{"city": "Rome"}')
    try:
        os.close(out)
    except OSError as error:
        assert error.errno == errno.EINVAL

for vacate in (set_aside, unlink):
    thread = threading.Thread(target=save, args=(vacate,))
    thread.start()
    thread.join()
    while os.path.exists("/proc/self/task/%d" % thread.native_id):
        time.sleep(0.01)
    os.unlink(file)
    if vacate == set_aside:
        os.rename(file + "~", file)
EOT
  eventually 5 test -e contact/4.json
  assert_requests PUT 2
  assert_no_delete
  assert_file_equals_server contact/4
}

# What is cut, written and not saved is nobody's business, however it is opened.
test_unsaved__is_seen_by_nobody_else() {
  given_mount
  python3 - contact/4.json <<'EOT'
import os, subprocess, sys
file = sys.argv[1]
old = open(file, "rb").read()
before = open(file, "rb", buffering=0)
assert before.read() == old
# Before Linux 6.6 a file that can be mapped for writing is everybody's.
can_map = tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 6)
for flags in (os.O_WRONLY, os.O_RDWR) if can_map else (os.O_WRONLY,):
    out = os.open(file, flags)
    between = open(file, "rb", buffering=0)
    for step in (lambda: os.ftruncate(out, 0), lambda: os.pwrite(out, b'{"city": "', 0)):
        step()
        before.seek(0)
        between.seek(0)
        assert before.read() == old and between.read() == old
        for command in (["stat", "-c", "%s", file], ["stat", "-c", "%s", "-"]):
            size = subprocess.run(command, stdin=before, stdout=subprocess.PIPE).stdout
            assert int(size) == len(old), size
        assert subprocess.run(["cat", file], stdout=subprocess.PIPE).stdout == old
    os.pwrite(out, b'Rome %d"}' % flags, 10)
    os.close(out)
    between.close()
    old = open(file, "rb").read()
    before.seek(0)
    assert b"Rome" in old and before.read() == old
EOT
  assert_requests PUT 2
  assert_file_equals_server contact/4
}

# A draft is the only copy: it goes when its text is saved, or written anew, or by who wrote it.
test_draft__stays_when_another_saves_something_else() {
  given_mount
  server_fault status times=1 method=PUT status=400
  assert_fails save contact/4.json '{"city": "Rome"}'
  assert_draft contact/4.json Rome
  save contact/4.json '{"title": "Dr."}'
  assert_draft contact/4.json Rome
  save contact/4.json '{"city": "Oslo"}'
  assert_no_drafts
}

test_draft__goes_when_its_writer_saves() {
  given_mount
  server_fault status times=1 method=PUT status=400
  python3 - contact/4.json <<'EOT'
import sys
for text in ('{"city": "Rome"}', '{"title": "Dr."}'):
    try:
        with open(sys.argv[1], "w") as out:
            out.write(text)
    except OSError:
        pass
EOT
  assert_no_drafts
}

# The lookup of a new name must not fail before the file is created or renamed to it.
test_new_name__can_be_tried_while_the_server_fails() {
  given_mount -o ttl=1
  ls contact >/dev/null
  echo '{"fn": "Ada"}' >contact/.ada.tmp
  sleep 1.1
  server_fault status times=-1 status=500
  assert_fails mv contact/.ada.tmp contact/ada.json
  assert_draft contact/ada.json Ada
  assert_exists contact/.ada.tmp
}

# Whoever maps it for reading while another one writes it.
test_mapping__of_a_record_that_is_written_works() {
  given_mount
  python3 - contact/4.json <<'EOT'
import errno, mmap, subprocess, sys
file = sys.argv[1]
old = open(file, "rb").read()
writes = """
import os, sys
out = os.open(sys.argv[1], os.O_RDWR)
os.pwrite(out, b"{", 0)
os.ftruncate(out, 1)
print(flush=True)
sys.stdin.read()
os.ftruncate(out, 0)
"""
writer = subprocess.Popen(
    [sys.executable, "-c", writes, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
assert writer.stdout.readline()
with open(file, "rb") as reader:
    try:
        with mmap.mmap(reader.fileno(), 0, mmap.MAP_SHARED, mmap.PROT_READ) as shared:
            assert shared[:] == old
    except OSError as error:
        # Before Linux 6.6 it cannot.
        assert error.errno == errno.ENODEV
writer.communicate()
assert writer.returncode == 0
EOT
  assert_no_writes
}

# The size of what he has written is his alone, and his end of the file is there.
test_writer__sees_the_size_of_what_he_has_written() {
  given_mount
  python3 - contact/4.json <<'EOT'
import json, os, subprocess, sys
file = sys.argv[1]
old = os.stat(file).st_size
# No child that is begun later: that would close, and so save, what it inherits.
others = subprocess.Popen(["sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def size_to_others():
    os.write(others.stdin.fileno(), b"stat -c %%s %s\n" % file.encode())
    return int(others.stdout.readline())
# Before Linux 6.6 it is everybody's.
can_map = tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 6)
with open(file, "r+") as out:
    json.load(out)
    out.seek(0)
    out.truncate()
    assert os.fstat(out.fileno()).st_size == os.stat(file).st_size == 0
    out.write('{"city":\n')
    out.flush()
    assert not can_map or size_to_others() == old
    assert os.fstat(out.fileno()).st_size == 9
    assert out.seek(0, 2) == 9
    out.write('"Rome"}\n')
with open(file, "w") as out:
    assert out.seek(0, 2) == 0
    out.write('{"title":\n')
    out.flush()
    assert size_to_others() > 10
    assert out.seek(0, 2) == 10
    out.write('"Dr."}\n')
EOT
  assert_put_body contact/4 '{"title": "Dr."}'
  assert_requests PUT 2
  assert_server_has contact/4 city '"Rome"'
  assert_file_equals_server contact/4
}

# Others are told the record's size, and the kernel has one for all.
test_mapping__of_what_was_made_shorter_ends_there() {
  given_mount
  python3 - contact/4.json <<'EOT'
import mmap, os, subprocess, sys
file = sys.argv[1]
others = subprocess.Popen(["sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
fd = os.open(file, os.O_RDWR)
new = b'{"title": "Dr."}\n'
os.ftruncate(fd, len(new))
with mmap.mmap(fd, 0) as shared:
    shared[:] = new
    os.write(others.stdin.fileno(), b"stat %s | wc -l\n" % file.encode())
    assert int(others.stdout.readline()) > 1
os.close(fd)
EOT
  assert_requests PUT 1
  assert_server_has contact/4 title '"Dr."'
  assert_file_equals_server contact/4
}

# The kernel lets nobody touch a page beyond the size, whoever asks for it meanwhile.
test_mapping__of_what_was_made_longer_reaches_its_end() {
  given_mount
  python3 - contact/4.json <<'EOT'
import mmap, os, subprocess, sys
file = sys.argv[1]
others = subprocess.Popen(["sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
fd = os.open(file, os.O_RDWR)
new = b'{"title": "%s"}\n' % (b"x" * 9000)
os.ftruncate(fd, len(new))
with mmap.mmap(fd, len(new)) as shared:
    os.write(others.stdin.fileno(), b"{ stat %s; ls -l contact; } | wc -l\n" % file.encode())
    assert int(others.stdout.readline()) > 1
    shared[:] = new
os.close(fd)
EOT
  assert_requests PUT 1
  assert_server_has contact/4 title "\"$(printf 'x%.0s' {1..9000})\""
  assert_file_equals_server contact/4
}

# Who reads it in pieces to write it: the version that he has begun with, and the next from the start.
test_reads__of_who_may_write_are_of_one_version() {
  # Before Linux 6.6 they are of the page cache.
  case $(uname -r) in [1-5].* | 6.[0-5].*) return 0 ;; esac
  given_mount
  python3 - contact/4.json <<'EOT'
import errno, os, subprocess, sys
file = sys.argv[1]
old = open(file, "rb").read()
def save(city):
    subprocess.run(["dd", "status=none", "of=" + file], input=b'{"city": "%s"}' % city, check=True)
fd = os.open(file, os.O_RDWR)
text = os.read(fd, 20)
save(b"a city with a longer name than any has")
text += os.read(fd, 1 << 20)
assert text == old, text
new = os.pread(fd, 1 << 20, 0)
assert b"longer" in new
# His change is one of what he has read.
save(b"Rome")
at = new.index(b"longer")
os.pwrite(fd, b"LONGER", at)
assert os.pread(fd, 1 << 20, 0) == new.replace(b"longer", b"LONGER")
try:
    os.close(fd)
    sys.exit("saved over another one's change")
except OSError as error:
    assert error.errno == errno.EBUSY, error
EOT
  assert_server_has contact/4 city '"Rome"'
  assert_requests PUT 2
}
