# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Names: what a server sends is only ever a plain name; what a program makes beside records stays here.

# The hostile ids, one a line, as JSON.
hostile_ids='"../../etc/passwd"
"a/b"
"/"
""
"new\nline"
"tab\there"
"nul\u0000byte"
"."
".."
".hidden"
"tmp1"
"temp2"
"x.tmp"
"%41"
"#4"
"~4"
"$4"
"4.json"
"Zoë"
"a b"
"\u001b[31m"
"-rf"
"%"
"a?b=c"
"a\\b"
"con*"'

given_hostile_records() {
  local id
  given_server
  {
    while read -r id; do
      printf '{"id": %s, "fn": "Mallory"}\n' "$id"
    done <<<"$hostile_ids"
    python3 -c 'for size in 128, 129, 5000:
      print("{\"id\": \"%s\", \"fn\": \"Mallory\"}" % (chr(size % 26 + 97) * size))'
    printf '{"fn": "no id"}\n{"id": null, "fn": "null id"}\n{"id": [1], "fn": "list"}\n'
    printf '{"id": {"a": 1}, "fn": "object"}\n{"id": true, "fn": "bool"}\n"no object"\n'
    printf '{"id": 77, "fn": "twin"}\n{"id": 77, "fn": "twin"}\n{"id": "77", "fn": "twin"}\n'
    printf '{"id": 78, "fn": "fine"}\n'
  } >"$work/records"
  {
    printf '{"status": "OK", "content": ['
    paste -sd , "$work/records"
    printf ']}'
  } >"$work/list"
  stop_server
  given_server --collection contact "$work/list"
  given_mount
}

test_names__hostile_ids_do_no_harm() {
  given_hostile_records
  ls -la contact >"$work/listing"
  assert_equal "$(tr ' ' '\n' <<<"$in_the_root" | sort)" "$(ls)" "the root"
  find contact -mindepth 1 -printf '%y\n' | sort -u >"$work/types"
  assert_equal f "$(cat "$work/types")" "the types in contact"
  assert_equal '' "$(find contact -name '*[[:cntrl:]]*' -o -mindepth 1 -name '.*')" "bad names"
  [ "$(find contact -printf '%f\n' | awk '{ print length }' | sort -n | tail -n 1)" -le 255 ]
  assert_equal '"fine"' "$(jq .fn contact/78.json)"
  grep -r Mallory contact >/dev/null
}

test_names__hostile_ids_are_readable() {
  local id file
  given_hostile_records
  for file in contact/*.json; do
    jq -c .id "$file" 2>/dev/null || true
  done >"$work/readable"
  for id in '"../../etc/passwd"' '"a/b"' '"new\nline"' '"tab\there"' '"."' '".."' '".hidden"' \
    '"tmp1"' '"%41"' '"#4"' '"~4"' '"$4"' '"4.json"' '"Zoë"' '"a b"' '"-rf"' '78'; do
    grep -qxF -- "$id" "$work/readable" || fail "no file for the id $id: $(ls contact)"
  done
}

test_names__an_id_that_comes_twice_is_one_file() {
  given_hostile_records
  assert_lines 1 "$(find contact -name '*77*.json')"
}

test_names__encoded_names_lead_back_to_the_id() {
  given_server
  curl -sS --data-binary '{"id": "a/b #1", "fn": "Mallory", "city": "Oslo"}' "$url/_sandbox/record/contact"
  given_mount
  ls contact >/dev/null
  assert_equal 'a/b #1' "$(id_of contact/a%2Fb*1.json)"
}

test_names__scratch_never_reaches_the_server() {
  local name
  given_mount
  ls contact >/dev/null
  forget_requests
  for name in .4.json.swp 4.json~ 4913 '#4.json#' .#4.json ._4.json sedXXXX 4.json.bak tmp.json \
    tmpabc.json temp1.json x.tmp.json notes.txt '~4.json' '$4.json' .goutputstream-ABC; do
    echo '{"fn": "Scratch"}' >"contact/$name"
    assert_equal '{"fn": "Scratch"}' "$(cat "contact/$name")" "$name"
  done
  ln -s user@host:1 'contact/.#5.json'
  assert_equal user@host:1 "$(readlink 'contact/.#5.json')"
  mv contact/notes.txt contact/other.txt
  ln contact/other.txt contact/linked.txt || true
  rm contact/other.txt contact/.4.json.swp
  assert_no_requests
}

test_names__scratch_is_gone_at_unmount() {
  given_mount
  echo x >contact/notes.txt
  remount
  assert_absent contact/notes.txt
}

test_names__scratch_has_a_limit() {
  given_mount
  assert_errno ENOSPC dd status=none if=/dev/zero of=contact/big.bin bs=1M count=260
  rm contact/big.bin
  dd status=none if=/dev/zero of=contact/big.bin bs=1M count=100
  assert_equal 104857600 "$(stat -c %s contact/big.bin)"
}

test_names__a_record_set_aside_comes_back() {
  given_mount
  mv contact/4.json contact/4.json.bak
  eventually 4 test -e contact/4.json
  assert_file_equals_server contact/4
  assert_equal '"Zoë"' "$(jq .fn contact/4.json.bak)"
  rm contact/4.json.bak
  assert_no_writes
}

test_names__a_record_set_aside_is_out_of_the_way() {
  given_mount
  python3 - <<'EOT'
import os
os.rename("contact/4.json", "contact/4.json~")
assert not os.path.exists("contact/4.json")
with open("contact/4.json", "x") as file:
    file.write('{"city": "Rome"}')
assert "Rome" in open("contact/4.json").read()
os.unlink("contact/4.json~")
EOT
  assert_requests PUT 1 contact/4
  assert_requests POST 0
  assert_no_delete
  assert_file_equals_server contact/4
}

test_names__a_record_does_not_become_another() {
  given_mount
  assert_errno EPERM mv contact/4.json contact/5.json
  assert_errno EPERM mv -f contact/4.json company/3.json
  assert_errno EPERM mv contact/4.json contact/new.json
  assert_errno EPERM mv contact/4.json company/
  assert_errno EPERM ln contact/4.json contact/9999.json
  assert_errno EPERM ln contact/4.json contact/4.json.bak
  assert_no_writes
  assert_file_equals_server contact/4
}

test_names__nothing_else_can_be_made() {
  given_mount
  assert_errno EPERM mkdir contact/new
  assert_errno EPERM mkdir new
  assert_errno EPERM mkdir .Trash-0
  assert_errno EPERM rmdir contact
  assert_errno EPERM mkfifo contact/fifo
  assert_errno EPERM touch new.json
  assert_errno EPERM mv contact contacts
  assert_no_requests
}

test_names__moving_out_of_the_mount_deletes_like_rm() {
  given_mount
  mv contact/4.json "$work/4.json"
  eventually 4 deleted 4
  assert_requests DELETE 1
  assert_equal '"Zoë"' "$(jq .fn "$work/4.json")"
}

deleted() {
  [ "$(requests DELETE "/api/contact/$1")" -eq 1 ]
}
