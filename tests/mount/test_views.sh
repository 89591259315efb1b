# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# What stands beside the records: names for people, who points at whom, one file for a resource.

# name_of_contact ID FN LN: somebody calls a contact so.
name_of_contact() {
  server_set "contact/$1" fn "\"$2\""
  server_set "contact/$1" ln "\"$3\""
}

# ---- by-name ----

test_by_name__leads_to_the_record() {
  given_mount
  assert_equal ../../contact/4.json "$(readlink 'by-name/contact/Zoë Müller.json')"
  cmp 'by-name/contact/Zoë Müller.json' contact/4.json
  assert_equal "$(ls contact | sort -n)" "$(cd by-name/contact && readlink -- * | sed 's|.*/||' | sort -n)"
  assert_requests GET 1
}

test_by_name__has_every_record_of_every_resource() {
  local resource
  given_mount
  assert_equal "$(tr ' ' '\n' <<<"$resources" | sort)" "$(ls by-name)"
  for resource in $resources; do
    assert_equal "$(server_ids "$resource" | sort)" "$(cd "by-name/$resource" && readlink -- * |
      sed 's|^../../'"$resource"'/||; s|\.json$||' | sort)" "$resource"
    find "by-name/$resource/" -xtype l | assert_silent
  done
}

test_by_name__costs_no_request_until_somebody_looks() {
  given_mount
  ls by-name >/dev/null
  stat by-name by-name/contact >/dev/null
  assert_no_requests
}

test_by_name__puts_the_id_behind_a_name_that_two_share() {
  given_server
  name_of_contact 5 Zoë Müller
  given_mount
  assert_absent 'by-name/contact/Zoë Müller.json'
  assert_equal ../../contact/4.json "$(readlink 'by-name/contact/Zoë Müller (4).json')"
  assert_equal ../../contact/5.json "$(readlink 'by-name/contact/Zoë Müller (5).json')"
}

test_by_name__makes_every_name_safe() {
  given_server
  name_of_contact 4 '../../../etc' 'passwd'
  name_of_contact 5 '.' '.'
  name_of_contact 6 'a\nb\u0007c' 'd/e'
  name_of_contact 7 '' ''
  name_of_contact 8 "$(printf 'Ü%.0s' {1..300})" ''
  given_mount
  ls by-name/contact >/dev/null
  assert_equal "$(server_ids contact | wc -l)" "$(find by-name/contact/ -type l | wc -l)"
  find by-name/contact/ -mindepth 2 | assert_silent
  find by-name/contact/ -xtype l | assert_silent
  assert_lacks "$(ls -A by-name/contact | LC_ALL=C grep '^\.' || true)" .
  assert_equal '' "$(find by-name/contact/ -printf '%f\0' | LC_ALL=C tr -dc '\001-\037\177')" 'control characters'
  assert_exists by-name/contact/7.json
}

test_by_name__follows_saves_creates_and_deletes_at_once() {
  given_mount
  ls by-name/contact >/dev/null
  save contact/4.json '{"fn": "Zora"}'
  assert_absent 'by-name/contact/Zoë Müller.json'
  assert_equal ../../contact/4.json "$(readlink 'by-name/contact/Zora Müller.json')"
  assert_contains "$(ls by-name/contact)" 'Zora Müller.json'

  save contact/new.json '{"fn": "Ada", "ln": "Lovelace"}'
  assert_equal "../../contact/$(id_of contact/new.json).json" "$(readlink 'by-name/contact/Ada Lovelace.json')"
  rm contact/new.json
  assert_absent 'by-name/contact/Ada Lovelace.json'
  assert_lacks "$(ls by-name/contact)" Ada
}

test_by_name__follows_the_server() {
  given_mount
  ls by-name/contact >/dev/null
  name_of_contact 4 Zora Neale
  server_delete_record contact/5
  refresh
  assert_equal ../../contact/4.json "$(readlink 'by-name/contact/Zora Neale.json')"
  assert_lacks "$(cd by-name/contact && readlink -- *)" ../../contact/5.json
}

# A record that is away until its delete has gone out must not be led to.
test_by_name__hides_what_was_unlinked() {
  given_mount
  ls by-name/contact >/dev/null
  perl -e 'unlink "contact/4.json" or die; -l "by-name/contact/Zoë Müller.json" and die "still there"'
  assert_lacks "$(ls by-name/contact)" 'Zoë Müller.json'
}

test_by_name__keeps_its_numbers() {
  local before
  given_mount
  before=$(stat -c %i 'by-name/contact/Zoë Müller.json' by-name/contact related/contact/4/)
  (echo 3 >/proc/sys/vm/drop_caches) 2>/dev/null || true
  ls -l by-name/contact related/contact/4/ >/dev/null
  assert_equal "$before" "$(stat -c %i 'by-name/contact/Zoë Müller.json' by-name/contact related/contact/4/)"
  assert_equal '' "$(find . -printf '%i\n' | sort | uniq -d)" 'numbers that two have'
}

test_by_name__is_edited_through() {
  given_mount
  vim -es -u NONE '+%s/Müller/Meier/' '+wq' 'by-name/contact/Zoë Müller.json'
  assert_requests PUT 1
  assert_equal Meier "$(server_get contact/4 ln | jq -r .)"
  echo '{"city": "Rome"}' >'by-name/contact/Zoë Meier.json'
  assert_requests PUT 2
  assert_equal Rome "$(server_get contact/4 city | jq -r .)"
}

# ---- nothing in there can be changed ----

test_views__cannot_be_changed() {
  local link='by-name/contact/Zoë Müller.json'
  given_mount
  ls by-name/contact related/ export >/dev/null
  assert_errno EACCES rm "$link"
  assert_errno EACCES touch by-name/contact/new.json
  assert_errno EACCES ln -s x by-name/contact/x
  assert_errno EACCES mv "$link" by-name/contact/x.json
  assert_errno EACCES mv contact/4.json by-name/contact/x.json
  assert_errno EACCES touch related/contact/4/task/x.json
  assert_errno EACCES rm export/contact.csv
  assert_errno EACCES bash -c 'echo x >export/contact.csv'
  assert_errno EACCES truncate -s 0 export/contact.csv
  assert_errno EPERM mkdir by-name/contact/x
  assert_errno EPERM rmdir by-name
  rm -rf by-name related/ 2>/dev/null && fail 'rm -rf says that it went well'
  assert_requests DELETE 0
  assert_requests PUT 0
  assert_requests POST 0
  assert_exists "$link"
}

# A tool that walks the whole mount meets every record once.
test_views__are_not_walked_from_the_root() {
  given_mount
  assert_equal "$(for resource in $resources; do server_ids "$resource"; done | wc -l)" \
    "$(find . -type f -name '*.json' | wc -l)"
  assert_equal '' "$(grep -rl . . | grep -E 'by-name|related|export' || true)"
  assert_equal "$(wc -w <<<"$in_the_root")" "$(find . -mindepth 1 -not -path './by-name/*' \( -type d -o -name related \) | wc -l)" \
    'the directories of a walk'
  assert_lacks "$(ls -A)" export
  assert_lacks "$(find . -name 4.json)" related
}

test_views__stand_in_a_read_only_mount() {
  given_mount -o ro
  cmp 'by-name/contact/Zoë Müller.json' contact/4.json
  assert_equal "$(ls contact | wc -l)" "$(wc -l <export/contact.ndjson)"
  assert_equal "$(stat -c %s export/contact.csv)" "$(cat export/contact.csv | wc -c)"
  jq -es 'length > 0' export/contact.ndjson >/dev/null
}

# ---- related ----

# The ids of the records of one resource that jq finds.
matching() {
  curl -sS -u "$token:X" "$url/api/$1" | jq -r --arg id "$2" ".content[] | select($3) | .id" | sort
}

listed() {
  (cd "$1" && ls | sed 's/\.json$//' | sort)
}

test_related__tells_who_points_at_a_company() {
  local id
  given_mount
  for id in $(server_ids company); do
    assert_equal "$(matching contact "$id" '(.companyId | tostring) == $id')" "$(listed "related/company/$id/contact")"
    assert_equal "$(matching opportunity "$id" '(.cust | tostring) == $id')" "$(listed "related/company/$id/opportunity")"
    assert_equal "$(matching note "$id" '[.cust] | flatten | map(tostring) | index($id)')" \
      "$(listed "related/company/$id/note")"
    find "related/company/$id/" -xtype l | assert_silent
  done
}

test_related__tells_who_points_at_anything() {
  local id
  given_mount
  for id in $(server_ids contact); do
    assert_equal "$(matching task "$id" '(.cust | tostring) == $id')" "$(listed "related/contact/$id/task")"
    assert_equal "$(matching case "$id" '(.cust | tostring) == $id')" "$(listed "related/contact/$id/case")"
  done
  for id in $(server_ids note); do
    assert_equal "$(matching comment "$id" '(.nid | tostring) == $id')" "$(listed "related/note/$id/comment")"
  done
  for id in $(server_ids user); do
    assert_equal "$(matching task "$id" '[.userId, .aUserId] | map(tostring) | index($id)')" \
      "$(listed "related/user/$id/task")"
  done
}

test_related__leads_to_the_record() {
  local company link
  given_mount
  company=$(jq -r .companyId contact/4.json)
  link=related/company/$company/contact/4.json
  assert_equal ../../../../contact/4.json "$(readlink "$link")"
  cmp "$link" contact/4.json
}

test_related__asks_each_resource_once() {
  local resource
  given_mount
  ls related/company/* related/contact/* >/dev/null
  for resource in company contact opportunity note task case; do
    assert_requests GET 1 "$resource"
  done
  forget_requests
  ls related/company/* related/contact/* >/dev/null
  find related/company/ >/dev/null
  assert_no_requests
}

test_related__of_one_record_needs_no_more_than_it_shows() {
  given_mount
  cat related/company/"$(server_get contact/4 companyId)"/contact/4.json >/dev/null
  assert_requests GET 2
}

test_related__follows_a_save_at_once() {
  local company other
  given_mount
  company=$(jq -r .companyId contact/4.json)
  other=$(server_ids company | grep -vx "$company" | head -n 1)
  ls related/company/* >/dev/null
  save contact/4.json "{\"companyId\": $other}"
  assert_absent "related/company/$company/contact/4.json"
  assert_lacks "$(ls "related/company/$company/contact")" 4.json
  assert_exists "related/company/$other/contact/4.json"
  assert_contains "$(ls "related/company/$other/contact")" 4.json

  save task/new.json '{"name": "Call her", "cust": 4}'
  assert_contains "$(ls related/contact/4/task)" "$(id_of task/new.json).json"
  rm task/new.json
  assert_lacks "$(ls related/contact/4/task)" "$(tail -n 1 .clevertimfs/created | cut -d' ' -f4).json"
}

test_related__follows_the_server() {
  given_mount
  ls related/contact/* >/dev/null
  server_set_record task/1 '{"id": 1, "name": "Call", "cust": 4}'
  refresh
  assert_exists related/contact/4/task/1.json
  server_delete_record task/1
  refresh
  assert_absent related/contact/4/task/1.json
}

test_related__has_a_place_for_every_record_and_no_other() {
  given_mount
  ls related/contact/4/task related/contact/4/case >/dev/null
  assert_absent related/contact/99999
  assert_absent related/contact/4.json
  assert_absent related/contact/4/customfield
  assert_absent related/customfield
  assert_absent related/contact/4/task/99999.json
  assert_absent related/nothing
}

# Who may not read one resource still sees the others.
test_related__shows_what_can_be_read() {
  local company
  given_server
  company=$(server_get contact/4 companyId)
  server_fault status times=-1 path=/api/note status=403
  given_mount
  assert_contains "$(ls "related/company/$company")" contact
  assert_errno EACCES ls "related/company/$company/note"
  assert_contains "$(ls "related/company/$company/contact")" 4.json
}

test_related__is_an_error_when_nothing_can_be_read() {
  given_server
  given_mount
  cat contact/4.json >/dev/null
  server_fault status times=-1 status=403
  assert_errno EACCES ls related/contact/4
}

# ---- export ----

test_export__is_the_servers_own_records() {
  local resource
  given_mount
  for resource in $resources; do
    curl -sS -u "$token:X" "$url/api/$resource" | jq -c '.content[]' >"$work/expected"
    jq -c . "export/$resource.ndjson" | cmp "$work/expected" -
    assert_equal "$(wc -l <"$work/expected")" "$(wc -l <"export/$resource.ndjson")" "$resource"
    assert_equal "$(stat -c %s "export/$resource.ndjson")" "$(cat "export/$resource.ndjson" | wc -c)"
    assert_equal "$(stat -c %s "export/$resource.csv")" "$(cat "export/$resource.csv" | wc -c)"
  done
}

test_export__is_a_csv_that_others_read() {
  given_mount
  curl -sS -u "$token:X" "$url/api/contact" >"$work/answer"
  python3 - "$work/answer" export/contact.csv <<'EOT'
import csv, json, sys
records = json.load(open(sys.argv[1]), parse_float=str, parse_int=str)['content']
rows = list(csv.reader(open(sys.argv[2], newline='', encoding='utf-8')))
header = []
for record in records:
    header += [key for key in record if key not in header]
def cell(value):
    if value is None:
        return ''
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    return json.loads(json.dumps(value))
assert rows[0] == header, (rows[0], header)
assert len(rows) == len(records) + 1
for record, row in zip(records, rows[1:]):
    assert len(row) == len(header)
    for key, text in zip(header, row):
        value = cell(record.get(key))
        got = json.loads(text, parse_float=str, parse_int=str) if isinstance(value, (list, dict)) else text
        assert got == value, (key, got, value)
EOT
  assert_equal "$(head -n 1 export/contact.csv | tail -c 2 | od -An -c | tr -d ' ')" '\r\n'
}

test_export__is_looked_up_but_not_listed() {
  given_mount
  assert_lacks "$(ls -a)" export
  assert_contains "$(ls export)" contact.csv
  assert_no_requests
  assert_absent export/nothing.csv
  assert_absent export/contact
  assert_absent export/contact.xml
}

test_export__costs_one_get() {
  given_mount
  wc -l export/contact.ndjson export/contact.csv >/dev/null
  grep -c Müller export/contact.ndjson >/dev/null
  ls -l contact >/dev/null
  assert_requests GET 1
}

test_export__is_of_one_moment_for_who_has_it_open() {
  given_mount
  cat export/contact.ndjson >"$work/before"
  exec 7<export/contact.ndjson
  head -c 100 <&7 >"$work/seen"
  save contact/30.json '{"fn": "Somebody else", "description": "much longer than it was before"}'
  server_delete_record contact/5
  refresh
  ls contact >/dev/null
  cat <&7 >>"$work/seen"
  exec 7<&-
  cmp "$work/before" "$work/seen"
  cat export/contact.ndjson >"$work/after"
  assert_contains "$(cat "$work/after")" 'Somebody else'
  assert_equal 29 "$(wc -l <"$work/after")"
}

test_export__follows_a_save_at_once() {
  local before
  given_mount
  before=$(stat -c '%s %.9Y' export/contact.csv)
  save contact/4.json '{"city": "Llanfairpwllgwyngyll"}'
  assert_contains "$(cat export/contact.csv)" Llanfairpwllgwyngyll
  assert_contains "$(cat export/contact.ndjson)" Llanfairpwllgwyngyll
  [ "$before" != "$(stat -c '%s %.9Y' export/contact.csv)" ] || fail 'neither size nor time tells of the change'
}

test_export__can_be_read_from_anywhere() {
  given_mount
  cat export/contact.ndjson >"$work/whole"
  tail -c 1000 export/contact.ndjson | cmp - <(tail -c 1000 "$work/whole")
  dd if=export/contact.ndjson bs=37 skip=100 status=none | cmp - <(dd if="$work/whole" bs=37 skip=100 status=none)
  python3 -c '
import mmap, sys
file = open("export/contact.ndjson", "rb")
whole = open(sys.argv[1], "rb").read()
assert mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ)[:] == whole
' "$work/whole"
}

test_export__of_a_resource_that_is_not_offered_is_empty() {
  given_server --missing folder:404
  given_mount
  assert_equal 0 "$(wc -c <export/folder.ndjson)"
  assert_equal 0 "$(wc -c <export/folder.csv)"
}

test_export__says_why_it_cannot_be_read() {
  given_server
  given_mount
  server_fault status times=-1 path=/api/contact status=403
  assert_errno EACCES cat export/contact.csv
  assert_contains "$(last_error)" EACCES
}

# A table of all that a hostile server may think of would fill the disk of who reads it.
test_export__has_no_table_of_too_many_properties() {
  python3 -c '
import json
print(json.dumps({"status": "OK", "content": [{"id": i, f"p{i}": 1} for i in range(5000)]}))' >"$work/many"
  given_server --collection contact "$work/many"
  given_mount
  assert_errno EFBIG cat export/contact.csv
  assert_contains "$(last_error)" 'too many different properties'
  assert_equal 5000 "$(wc -l <export/contact.ndjson)"
}

# ---- programs and servers that make it hard ----

# emacs renames the record away and writes through the link.
test_by_name__leads_to_a_record_that_is_set_aside() {
  given_mount
  ls by-name/contact >/dev/null
  python3 - <<'EOT'
import os
text = open('contact/4.json').read()
os.rename('contact/4.json', 'contact/4.json~')
assert os.readlink('by-name/contact/Zoë Müller.json') == '../../contact/4.json'
with open('by-name/contact/Zoë Müller.json', 'w') as file:
    file.write(text.replace('"Zoë"', '"Zora"'))
EOT
  assert_put_body contact/4 '{"fn": "Zora"}'
  assert_no_delete
}

test_by_name__is_saved_through_by_emacs() {
  need emacs
  given_mount
  emacs --batch 'by-name/contact/Zoë Müller.json' \
    --eval '(progn (goto-char 1) (search-forward "Zoë") (replace-match "Zora") (save-buffer))' 2>/dev/null
  assert_put_body contact/4 '{"fn": "Zora"}'
  assert_no_delete
}

# What cannot be read is not taken for nothing.
test_related__does_not_hide_what_it_cannot_know() {
  local company
  given_server
  company=$(server_get contact/4 companyId)
  server_fault status times=-1 path=/api/contact status=500
  given_mount
  assert_equal "$(server_ids company | sort)" "$(ls related/company | sort)"
  assert_contains "$(ls "related/company/$company")" contact
  assert_errno EIO ls "related/company/$company/contact"
  assert_fails find related/company/
}

# Once for each five seconds that the walk takes.
test_related__does_not_wait_again_and_again_for_a_server_that_hangs() {
  given_server
  server_fault hang times=-1 path=/api/note
  given_mount -o timeout=1
  find related/company/ >/dev/null 2>&1 || true
  assert_equal "$(server_ids company | wc -l)" "$(ls related/company | wc -l)"
  [ "$(requests GET /api/note)" -le 4 ] || fail "note was asked for $(requests GET /api/note) times"
}

test_export__holds_up_nobody_while_it_waits() {
  given_mount -o timeout=20
  cat contact/4.json >/dev/null
  server_fault hang times=-1 path=/api/note
  cat export/note.csv >/dev/null 2>&1 &
  note_was_asked() { [ "$(requests GET /api/note)" -gt 0 ]; }
  eventually 5 note_was_asked
  within 5 ls export >/dev/null
  within 5 wc -l export/company.csv >/dev/null
  kill $!
  wait $! || true
}

test_views__have_the_numbers_that_they_list() {
  given_mount
  ls by-name/contact related/contact/4/* >/dev/null
  python3 - . by-name related/ related/contact related/contact/4 export by-name/contact <<'EOT'
import os, sys
for directory in sys.argv[1:]:
    for entry in os.scandir(directory):
        assert entry.inode() == entry.stat(follow_symlinks=False).st_ino, entry.path
EOT
}

test_views__date_a_directory_by_its_last_change() {
  local before company
  given_mount
  company=$(jq -r .companyId contact/4.json)
  ls by-name/contact "related/company/$company/contact" >/dev/null
  before=$(mtime_of by-name/contact) other=$(mtime_of "related/company/$company/contact")
  save contact/4.json '{"fn": "Zora", "companyId": null}'
  [ "$(mtime_of by-name/contact)" != "$before" ] || fail 'by-name/contact has its old time'
  [ "$(mtime_of "related/company/$company/contact")" != "$other" ] || fail 'related has its old time'
}

# Where the kernel opens without a word, too, and with its cache between.
test_export__is_of_one_moment_on_a_read_only_mount() {
  given_mount -o ro,ttl=1
  cat export/contact.ndjson >"$work/before"
  exec 7<export/contact.ndjson
  head -c 100 <&7 >"$work/seen"
  sleep 2.5
  server_set contact/30 fn '"Somebody whose name is much longer than it was before"'
  ls -l contact >/dev/null
  grep -q 'Somebody whose' export/contact.ndjson
  assert_equal "$(stat -c %s "$work/before")" "$(stat -Lc %s /dev/fd/7)"
  cat <&7 >>"$work/seen"
  exec 7<&-
  cmp "$work/before" "$work/seen"
}

# A change of the same length, of a record that is not the newest.
test_export__shows_a_change_that_has_no_new_date() {
  given_server
  server_set contact/9 lm '"2099-01-01T00:00:00Z"'
  server_set contact/4 fn '"AAAA"'
  given_mount -o ro,ttl=1
  grep -q AAAA export/contact.ndjson
  server_set contact/4 fn '"BBBB"'
  server_set contact/4 lm '"2017-04-23T12:23:22Z"'
  sleep 1.2
  grep -q BBBB export/contact.ndjson
  grep -q BBBB export/contact.csv
}

test_export__can_be_mapped() {
  given_mount
  python3 - <<'EOT'
import mmap
file = open('export/contact.ndjson', 'rb')
with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as shared:
    assert shared[:] == file.read()
EOT
}
