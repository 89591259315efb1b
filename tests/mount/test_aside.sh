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
        assert os.stat(file).st_size == os.fstat(before.fileno()).st_size == len(old)
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
import errno, mmap, os, sys
file = sys.argv[1]
old = open(file, "rb").read()
out = os.open(file, os.O_RDWR)
os.pwrite(out, b"{", 0)
os.ftruncate(out, 1)
with open(file, "rb") as reader:
    try:
        with mmap.mmap(reader.fileno(), 0, mmap.MAP_SHARED, mmap.PROT_READ) as shared:
            assert shared[:] == old
    except OSError as error:
        # Before Linux 6.6 it cannot.
        assert error.errno == errno.ENODEV
os.ftruncate(out, 0)
os.close(out)
EOT
  assert_no_writes
}
