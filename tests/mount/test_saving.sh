# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Saving: one PUT that holds only what changed.

# Changes Zoë's city to Rome by the command, which gets the file's name; then holds the one PUT.
assert_saves_the_city() {
  given_mount
  "$@" contact/4.json
  assert_requests PUT 1 contact/4
  assert_requests PUT 1
  assert_requests POST 0
  assert_no_delete
  assert_put_body contact/4 '{"city": "Rome"}'
  assert_file_equals_server contact/4
  assert_server_has contact/4 city '"Rome"'
}

with_echo() { echo '{"city": "Rome"}' >"$1"; }
test_saving__by_echo() { assert_saves_the_city with_echo; }

with_sed() { sed -i 's/Köln/Rome/' "$1"; }
test_saving__by_sed() { assert_saves_the_city with_sed; }

with_tee() { sed 's/Köln/Rome/' "$1" >"$work/new" && tee "$1" <"$work/new" >/dev/null; }
test_saving__by_tee() { assert_saves_the_city with_tee; }

with_cp() { sed 's/Köln/Rome/' "$1" >"$work/new" && cp "$work/new" "$1"; }
test_saving__by_cp() { assert_saves_the_city with_cp; }

with_dd() { sed 's/Köln/Rome/' "$1" >"$work/new" && dd status=none bs=100 if="$work/new" of="$1"; }
test_saving__by_dd() { assert_saves_the_city with_dd; }

with_jq() { jq '.city = "Rome"' "$1" >contact/tmp.json && mv contact/tmp.json "$1"; }
test_saving__by_jq_and_mv() { assert_saves_the_city with_jq; }

with_python() {
  python3 - "$1" <<'EOT'
import json, sys
with open(sys.argv[1]) as file:
    record = json.load(file)
record["city"] = "Rome"
with open(sys.argv[1], "w") as file:
    json.dump(record, file, indent=4)
EOT
}
test_saving__by_python() { assert_saves_the_city with_python; }

with_here_document() {
  cat >"$1" <<'EOT'
{"city": "Rome"}
EOT
}
test_saving__by_a_here_document() { assert_saves_the_city with_here_document; }

test_saving__a_property_left_out_is_left_alone() {
  local before
  given_mount
  before=$(server_get contact/4 email)
  save contact/4.json '{"city": "Rome", "fn": "Zoë"}'
  assert_put_body contact/4 '{"city": "Rome"}'
  assert_server_has contact/4 email "$before"
}

test_saving__null_clears() {
  given_mount
  save contact/4.json '{"city": null}'
  assert_put_body contact/4 '{"city": null}'
  assert_server_has contact/4 city null
  assert_file_equals_server contact/4
}

test_saving__a_new_property_is_sent() {
  given_mount
  save contact/4.json '{"shoe size": 38.50}'
  assert_put_body contact/4 '{"shoe size": 38.50}'
  assert_file_equals_server contact/4
}

test_saving__a_list_is_sent_whole() {
  given_mount
  save contact/4.json '{"tags": ["a", "b"]}'
  assert_put_body contact/4 '{"tags": ["a", "b"]}'
  assert_file_equals_server contact/4
}

test_saving__without_a_difference_sends_nothing() {
  local mtime
  given_mount
  mtime=$(mtime_of contact/4.json)
  cp contact/4.json "$work/same"
  jq -c . "$work/same" >"$work/same-compact"
  forget_requests
  cp "$work/same" contact/4.json
  cp "$work/same-compact" contact/4.json
  sed -i 's/nobody has this/Rome/' contact/4.json
  assert_no_writes
  assert_equal "$mtime" "$(mtime_of contact/4.json)" "the mtime"
  cmp "$work/same" contact/4.json
}

test_saving__an_emptied_file_waits_for_its_text() {
  given_mount
  cp contact/4.json "$work/before"
  : >contact/4.json
  truncate -s 0 contact/4.json
  assert_no_writes
  cmp "$work/before" contact/4.json
}

test_saving__shows_what_the_server_made_of_it_at_once() {
  local before
  given_mount
  before=$(mtime_of contact/4.json)
  exec 5<contact/4.json
  save contact/4.json '{"city": "Rome"}'
  assert_equal '"Rome"' "$(jq .city contact/4.json)"
  assert_equal '"Rome"' "$(jq .city /dev/fd/5)"
  [ "$before" != "$(mtime_of contact/4.json)" ] || fail "the mtime is the old one"
  assert_equal "$(server_get contact/4 lm | xargs date +%s -d)" "$(stat -c %Y contact/4.json)"
  assert_size_agrees contact/4.json
}

test_saving__a_partial_answer_is_laid_over() {
  given_server --partial-put
  given_mount
  save contact/4.json '{"city": "Rome", "ctype": null}'
  assert_requests PUT 1
  assert_file_equals_server contact/4
}

test_saving__incomplete_text_is_einval_and_a_draft() {
  local mtime
  given_mount
  mtime=$(mtime_of contact/4.json)
  assert_errno EINVAL save contact/4.json '{"city": "Rome"'
  assert_no_writes
  assert_file_equals_server contact/4
  assert_equal "$mtime" "$(mtime_of contact/4.json)" "the mtime"
  assert_draft contact/4.json '{"city": "Rome"'
  assert_last_error contact/4.json EINVAL
}

# python_saves FILE FLAGS: in one program that opens it so.
python_saves() {
  python3 - "$1" "$2" <<'EOT'
import os, sys
fd = os.open(sys.argv[1], os.O_TRUNC | getattr(os, sys.argv[2]))
os.write(fd, b'{"city": "Rome"}')
os.close(fd)
EOT
}

test_saving__a_refused_text_is_not_shown() {
  given_mount
  server_refuses PUT 400
  assert_errno EINVAL python_saves contact/4.json O_WRONLY
  assert_file_equals_server contact/4
}

test_saving__a_refused_text_of_one_who_also_reads_is_not_shown() {
  given_mount
  server_refuses PUT 400
  assert_errno EINVAL python_saves contact/4.json O_RDWR
  assert_file_equals_server contact/4
}

test_saving__what_changes_nothing_leaves_an_older_draft() {
  given_mount
  cp contact/4.json "$work/before"
  server_refuses PUT 400
  assert_errno EINVAL save contact/4.json '{"city": "Rome"}'
  server_heals
  cp "$work/before" contact/4.json
  assert_draft contact/4.json Rome
}

test_saving__refuses_what_is_no_record() {
  given_mount
  assert_errno EINVAL save contact/4.json '[1]'
  assert_errno EINVAL save contact/4.json '"Rome"'
  assert_errno EINVAL save contact/4.json '{"city": "Rome", "city": "Oslo"}'
  assert_errno EINVAL save contact/4.json '{"id": 5, "city": "Rome"}'
  assert_errno EINVAL save contact/4.json '{"city": NaN}'
  assert_errno EINVAL save contact/4.json '{"notes": [1, 2, 3]}'
  assert_errno EINVAL save contact/4.json '{"userId": 77}'
  assert_no_writes
  assert_file_equals_server contact/4
}

test_saving__text_in_pieces_is_saved_once_it_is_whole() {
  given_mount
  # The shell's children close their copies meanwhile.
  (printf '{"city": '; /bin/true; printf '"Rome"}') >contact/4.json
  assert_requests PUT 1
  assert_file_equals_server contact/4
  assert_server_has contact/4 city '"Rome"'
  assert_no_drafts
}

test_saving__echo_tells_of_a_refusal() {
  given_mount
  server_refuses PUT 400
  assert_fails bash -c 'echo "{\"city\": \"Rome\"}" >contact/4.json'
  assert_requests PUT 1
}

test_saving__fsync_keeps_the_text_and_sends_nothing() {
  given_mount
  python3 - "$url/_sandbox/count" "$state" <<'EOT'
import glob, json, os, sys, urllib.request
fd = os.open("contact/4.json", os.O_WRONLY | os.O_TRUNC)
os.write(fd, b'{"city": "Rome"}\n')
os.fsync(fd)
assert any("Rome" in open(kept).read() for kept in glob.glob(sys.argv[2] + "/*/*/contact/*"))
assert json.load(urllib.request.urlopen(sys.argv[1]))["PUT"] == 0
os.close(fd)
EOT
  assert_requests PUT 1
  assert_no_drafts
}

# given_noted_mount [OPTION...]: each inode that it makes durable is a line of $work/synced.
given_noted_mount() {
  local LD_PRELOAD=$build/tests/note_syncs.so SYNCED=$work/synced
  local ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0
  given_server
  export LD_PRELOAD SYNCED ASAN_OPTIONS
  given_mount "$@"
  export -n LD_PRELOAD SYNCED
}

test_saving__what_the_server_takes_waits_for_no_disk() {
  local with
  given_noted_mount
  # The first makes directories, for good.
  save contact/5.json '{"city": "Rome"}'
  : >"$work/synced"
  for with in with_echo with_sed with_cp with_jq with_python; do
    server_set contact/4 city '"Köln"'
    refresh
    "$with" contact/4.json
    assert_server_has contact/4 city '"Rome"'
  done
  save contact/new.json '{"fn": "Ada"}'
  assert_requests POST 1
  assert_equal '' "$(cat "$work/synced")" 'what was synced'
}

# assert_keeps_durably COMMAND...: it fails, and by then the draft and the name of it are on disk.
assert_keeps_durably() {
  local synced draft
  : >"$work/synced"
  assert_fails "$@"
  synced=$(cat "$work/synced")
  draft=$(echo "$state"/*/drafts/contact/4.json)
  assert_matches "^$(stat -c %i "$draft")\$" "$synced"
  assert_matches "^$(stat -c %i "$(dirname "$draft")")\$" "$synced"
  rm .clevertimfs/drafts/contact/4.json
}

test_saving__what_the_server_refuses_is_on_disk_before_it_fails() {
  given_noted_mount -o timeout=1
  server_refuses PUT 500
  assert_keeps_durably bash -c 'echo "{\"city\": \"Rome\"}" >contact/4.json'
  assert_keeps_durably with_cp contact/4.json
  assert_keeps_durably with_jq contact/4.json
  assert_keeps_durably save contact/4.json '{"city": "Rome", "city": "Oslo"}'
}

test_saving__a_mapping_is_saved_when_it_ends() {
  given_mount
  python3 - <<'EOT'
import mmap, os
fd = os.open("contact/4.json", os.O_RDWR)
text = mmap.mmap(fd, 0)
os.close(fd)
at = text.find("Köln".encode())
text[at:at + 5] = b"Rome "
text.flush()
text.close()
EOT
  eventually 5 grep -q '"Rome "' contact/4.json
  assert_requests PUT 1
  assert_put_body contact/4 '{"city": "Rome "}'
  assert_file_equals_server contact/4
}

test_saving__an_open_file_may_be_saved_twice() {
  given_mount
  exec 5<>contact/4.json
  printf '{"city": "Rome"}\n' | dd of=/dev/fd/5 status=none
  printf '{"city": "Oslo"}\n' | dd of=/dev/fd/5 status=none
  exec 5>&-
  assert_server_has contact/4 city '"Oslo"'
  assert_requests PUT 2
  assert_file_equals_server contact/4
}

test_saving__appending_makes_no_second_object() {
  given_mount
  assert_fails bash -c 'echo "{\"city\": \"Rome\"}" | dd status=none oflag=append conv=notrunc of=contact/4.json'
  assert_no_writes
  assert_file_equals_server contact/4
}

test_saving__more_than_16_mib_is_efbig() {
  given_mount
  { printf '{"description": "'; head -c 17M /dev/zero | tr '\0' x; printf '"}\n'; } >"$work/big"
  assert_errno EFBIG cp "$work/big" contact/4.json
  assert_no_writes
  assert_file_equals_server contact/4
}

test_saving__a_large_record_comes_through() {
  given_mount
  { printf '{"description": "'; head -c 1M /dev/zero | tr '\0' x; printf '"}\n'; } >"$work/big"
  cp "$work/big" contact/4.json
  assert_requests PUT 1
  assert_file_equals_server contact/4
}

test_saving__times_and_modes_change_nothing_on_the_server() {
  given_mount
  chmod 644 contact/4.json
  chown "$(id -u)" contact/4.json
  touch -d 2001-01-01 contact/4.json
  assert_no_writes
}

test_saving__every_kind_of_record() {
  local resource
  given_mount
  for resource in company case opportunity task note customfield file folder linkedfile; do
    local file
    file=$(find "$resource" -name '*.json' | sort | head -n 1)
    save "$file" '{"extra": "saved"}'
    assert_requests PUT 1 "${file%.json}"
    assert_file_equals_server "${file%.json}"
  done
}

test_saving__drafts_go_once_the_save_went_well() {
  given_mount
  server_refuses PUT 400
  assert_errno EINVAL save contact/4.json '{"city": "Rome"}'
  assert_draft contact/4.json Rome
  server_heals
  cp .clevertimfs/drafts/contact/4.json contact/4.json
  assert_server_has contact/4 city '"Rome"'
  assert_no_drafts
}

test_saving__drafts_have_one_name_however_the_file_is_called() {
  given_mount
  save contact/ada.json '{"fn": "Ada"}'
  echo '{"userId": 77}' >contact/ada.tmp
  assert_errno EINVAL python3 -c "import os; os.rename('contact/ada.tmp', 'contact/ada.json')"
  assert_draft "contact/$(id_of contact/ada.json).json" 77
  save contact/ada.json '{"city": "Rome"}'
  assert_no_drafts
}

test_saving__a_draft_may_be_dropped() {
  given_mount
  assert_errno EINVAL save contact/4.json '{"city": "Rome"'
  rm .clevertimfs/drafts/contact/4.json
  assert_no_drafts
}

test_saving__an_xattr_has_the_last_refusal() {
  given_mount
  server_refuses PUT 400 'There is no such city'
  assert_errno EINVAL save contact/4.json '{"city": "Rome"}'
  assert_contains "$(getfattr -n user.clevertim.error --only-values contact/4.json)" \
    'There is no such city'
  server_heals
  save contact/4.json '{"city": "Rome"}'
  assert_fails getfattr -n user.clevertim.error contact/4.json
}

# ---- lost updates ----

test_saving__different_properties_of_two_writers_both_live() {
  given_mount
  cat contact/4.json >/dev/null
  sed 's/Köln/Rome/' contact/4.json >"$work/new"
  server_set contact/4 title '"Boss"'
  cp "$work/new" contact/4.json
  assert_requests PUT 1
  assert_put_body contact/4 '{"city": "Rome"}'
  assert_server_has contact/4 title '"Boss"'
  assert_server_has contact/4 city '"Rome"'
  assert_file_equals_server contact/4
}

test_saving__the_same_property_changed_there_is_ebusy() {
  given_mount
  cat contact/4.json >/dev/null
  sed 's/Köln/Rome/' contact/4.json >"$work/new"
  server_set contact/4 city '"Oslo"'
  assert_errno EBUSY cp "$work/new" contact/4.json
  assert_requests PUT 0
  assert_server_has contact/4 city '"Oslo"'
  assert_file_equals_server contact/4
  assert_draft contact/4.json Rome
  assert_last_error EBUSY city
}

test_saving__the_same_change_made_there_is_no_conflict() {
  given_mount
  cat contact/4.json >/dev/null
  server_set contact/4 city '"Rome"'
  save contact/4.json '{"city": "Rome"}'
  assert_requests PUT 0
  assert_file_equals_server contact/4
}

test_saving__conflicts_can_be_ignored() {
  given_mount -o conflicts=ignore
  cat contact/4.json >/dev/null
  server_set contact/4 city '"Oslo"'
  save contact/4.json '{"city": "Rome"}'
  assert_requests PUT 1
  assert_server_has contact/4 city '"Rome"'
}

test_saving__a_record_deleted_there_is_eio() {
  given_mount
  cat contact/4.json >/dev/null
  exec 5<>contact/4.json
  server_delete_record contact/4
  assert_errno EIO dd status=none of=/dev/fd/5 <<<'{"city": "Rome"}'
  exec 5>&- || true
  assert_no_writes
  assert_draft contact/4.json Rome
}

test_saving__an_emptied_file_can_be_appended_to() {
  given_mount
  : >contact/4.json
  echo '{"city": "Rome"}' >>contact/4.json
  assert_requests PUT 1
  assert_put_body contact/4 '{"city": "Rome"}'
  truncate -s 0 contact/4.json
  assert_file_equals_server contact/4
  echo '{"city": "Oslo"}' >>contact/4.json
  assert_requests PUT 2
  assert_no_drafts
}
