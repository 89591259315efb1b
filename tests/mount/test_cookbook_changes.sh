# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# The cookbook: recipes that change something, and those that keep a copy.

source "$here/cookbook.sh"

# ---- add ----

test_cookbook__adds_a_note_each_time() {
  given_kitchen
  remember_ids note
  cook 'Add a note to a contact'
  assert_post_body note '{"cust": 4, "desc": "Called. Wants the offer in writing: \"net 30 days\"."}'
  cook 'Add a note to a contact'
  assert_requests POST 2
  assert_requests PUT 0
  assert_requests GET 1 note
  assert_lines 2 "$(new_ids note)"
}

test_cookbook__adds_a_contact_at_a_company() {
  given_kitchen
  remember_ids contact
  cook 'Add a contact at a company'
  assert_equal "$(new_ids contact)" "$output" "the number that it said"
  assert_server_has "contact/$output" companyId 3
  assert_server_has "contact/$output" ln '"Ó Briain"'
  assert_server_has "contact/$output" phones '[{"type":"Mobile","no":"+49 171 5550100"}]'
  assert_requests POST 1
}

test_cookbook__imports_a_csv_file_and_reports_what_is_refused() {
  given_kitchen
  remember_ids contact
  server_fault status method=POST times=1 skip=1 status=400 'body={"status": "ERROR", "error": "City is no city"}'
  printf '\xef\xbb\xbf%s\r\n' 'Last name,First name,City,E-mail,Phone' >"$HOME/people.csv"
  printf '%s\r\n' '"O""Hara, jr.",Zoë,Köln,zoe@example.com,0221 1' 'Second,,"X
Y",,' ',,Nowhere,,' 'Šimić,Ana,Split,,' >>"$HOME/people.csv"
  cook 'Import contacts from a CSV file'
  assert_equal '2 imported, 2 refused' "$output"
  assert_requests POST 4
  assert_equal "$(lines 'O"Hara, jr.' 'Šimić')" "$(list_of contact |
    jq -r --arg old "${seeded_ids[contact]}" '.[] | select(.id | tostring | IN($old | split("\n")[]) | not).ln')"
  python3 - "$HOME/refused.csv" >"$work/report" <<'END'
import csv, sys
for row in csv.reader(open(sys.argv[1], newline="", encoding="utf-8")):
    print(row)
END
  assert_equal "['Last name', 'First name', 'City', 'E-mail', 'Phone', 'Reason']" "$(head -n 1 "$work/report")"
  assert_contains "$(sed -n 2p "$work/report")" "['Second', '', 'X\\nY', '', '', "
  assert_contains "$(sed -n 2p "$work/report")" 'City is no city'
  assert_contains "$(sed -n 3p "$work/report")" "'Nowhere'"
  assert_lines 3 "$(cat "$work/report")"
  rm .clevertimfs/drafts/contact/import-*.json
  assert_no_drafts

  # What was refused is the next import.
  python3 - "$HOME" <<'END'
import os, sys
text = open(sys.argv[1] + "/refused.csv", newline="", encoding="utf-8").read()
open(sys.argv[1] + "/people.csv", "w", newline="", encoding="utf-8").write(text.replace(",,Nowhere", "Found,,Nowhere"))
END
  cook 'Import contacts from a CSV file'
  assert_equal '2 imported, 0 refused' "$output"
}

# ---- change ----

test_cookbook__opens_someone_by_name_in_ed() {
  need ed
  given_server
  server_set contact/4 city '"Paris"'
  given_kitchen
  printf '%s\n' '#!/bin/sh' 'printf "%s\n" "/Paris/s//Rome/" w q | ed -s "$1"' >"$work/editor"
  chmod +x "$work/editor"
  EDITOR=$work/editor cook 'Open someone by name in your editor'
  assert_put_body contact/4 '{"city": "Rome"}'
  assert_requests PUT 1
}

test_cookbook__opens_someone_by_name_in_vim() {
  need vim
  given_server
  server_set contact/4 city '"Paris"'
  given_kitchen
  EDITOR='vim -u NONE -es +s/Paris/Rome/e +%s/Paris/Rome/e +wq' cook 'Open someone by name in your editor'
  assert_put_body contact/4 '{"city": "Rome"}'
  assert_requests PUT 1
  assert_requests POST 0
  assert_no_delete
}

test_cookbook__renames_a_tag() {
  given_server
  server_set_all contact tags '[]'
  server_set contact/4 tags '["A","prospect"]'
  server_set contact/5 tags '["prospect","B"]'
  server_set contact/6 tags '["prospective","no prospect"]'
  server_set contact/7 title '"prospect"'
  server_set contact/8 tags null
  given_kitchen
  cook 'Rename a tag'
  assert_server_has contact/4 tags '["A","customer"]'
  assert_server_has contact/5 tags '["customer","B"]'
  assert_requests PUT 1 contact/4
  assert_requests PUT 1 contact/5
  assert_requests PUT 2
  assert_server_has contact/6 tags '["prospective","no prospect"]'
  assert_server_has contact/7 title '"prospect"'
}

test_cookbook__renames_a_tag_where_nobody_has_it() {
  given_server
  server_set_all contact tags '[]'
  given_kitchen
  serve 'Rename a tag'
  bash -eu "$work/recipe"
  assert_requests GET 1
  assert_no_writes
}

test_cookbook__tags_everyone_in_a_city() {
  given_server
  server_set_all contact city '"Bonn"'
  server_set contact/4 city '"Köln"'
  server_set contact/4 tags '["say \"hi\"\t","重要"]'
  server_set_record contact/101 '{"id":101,"ln":"O’Neill","city":"Köln","tags":null,"much":12345678901234567890123}'
  server_set_record contact/102 '{"id":102,"ln":"Has it","city":"Köln","tags":["visit"]}'
  given_kitchen
  cook 'Tag everyone in a city'
  assert_put_body contact/4 '{"tags": ["say \"hi\"\t", "重要", "visit"]}'
  assert_put_body contact/101 '{"tags": ["visit"]}'
  assert_server_has contact/101 much 12345678901234567890123
  assert_requests PUT 2
  assert_requests GET 1 contact
  assert_requests GET 3
}

test_cookbook__moves_everyone_at_a_company() {
  local people
  given_server
  server_set_all contact city '"Bonn"'
  server_set contact/5 city '"Köln"'
  server_set contact/5 address '"Hohe Straße 7"'
  server_set contact/5 postcode '"50667"'
  given_kitchen
  people=$(list_of contact | jq '[.[] | select(.companyId == 3)] | length')
  forget_requests
  cook 'A new address for everyone at a company'
  assert_requests PUT "$people" # the company, and all but one who has it
  assert_requests PUT 1 company/3
  assert_requests PUT 1 contact/4
  assert_requests PUT 0 contact/5
  assert_equal "$(list_of contact | jq -c '[.[] | select(.companyId == 3).id]')" \
    "$(list_of contact | jq -c '[.[] | select(.address == "Hohe Straße 7" and .postcode == "50667" and .city == "Köln").id]')" \
    "who has moved"
  assert_server_has company/3 address '"Hohe Straße 7"'
}

# pointing_at 12: the tasks, notes, cases and deals of that contact.
pointing_at() {
  local kind
  for kind in task note case opportunity; do
    list_of "$kind" | jq -r --arg kind "$kind" --argjson id "$1" \
      '.[] | select([.cust] | flatten | index($id)) | "\($kind)/\(.id)"'
  done
}

given_two_that_are_one() {
  given_server
  server_set_record contact/4 '{"id":4,"fn":"Zoë","ln":"Müller","title":null,"email":["z@example.com"],"phones":null,"city":"Köln","cf":{"2":"Gold"},"tags":["vip"],"companyId":3,"notes":[],"tasks":[],"much":12345678901234567890123}'
  server_set_record contact/12 '{"id":12,"fn":"Zoe","ln":"Mueller","title":"CEO, \"acting\"","email":["z@example.com","zoe@example.org"],"phones":[{"type":"Work","no":"1"}],"city":"Bonn","cf":{"2":"Silver","6":"IT"},"tags":null,"region":"","notes":[71],"tasks":[7],"userId":2,"lm":"2024-01-01T00:00:00Z"}'
  server_set_record task/71 '{"id":71,"name":"Call","cust":12}'
  server_set_record note/71 '{"id":71,"desc":"Both","cust":[3,12]}'
  server_set_record note/72 '{"id":72,"desc":"Already","cust":[12,4]}'
  server_set_record note/73 '{"id":73,"desc":"Not at all","cust":5}'
  server_set_record case/71 '{"id":71,"name":"Case","cust":12}'
  server_set_record opportunity/71 '{"id":71,"name":"Deal","cust":12}'
}

test_cookbook__merges_two_contacts() {
  local kind
  given_two_that_are_one
  given_kitchen
  cook 'Merge two contacts'
  assert_put_body contact/4 '{"title": "CEO, \"acting\"", "email": ["z@example.com", "zoe@example.org"],
    "phones": [{"type": "Work", "no": "1"}], "cf": {"2": "Gold", "6": "IT"}}'
  for kind in task case opportunity; do
    assert_put_body "$kind/71" '{"cust": 4}'
  done
  assert_put_body note/71 '{"cust": [3, 4]}'
  assert_put_body note/72 '{"cust": [4]}'
  assert_requests PUT 0 note/73
  assert_requests PUT 6
  assert_requests DELETE 1
  assert_requests DELETE 1 contact/12
  assert_equal '' "$(pointing_at 12)" "what still points at contact 12"
}

test_cookbook__merges_a_contact_at_which_nothing_points() {
  local path
  given_server
  server_set_record contact/12 '{"id":12,"ln":"Twin"}'
  for path in $(pointing_at 12); do
    server_delete_record "$path"
  done
  given_kitchen
  cook 'Merge two contacts'
  assert_requests PUT 0
  assert_requests DELETE 1 contact/12
}

test_cookbook__merges_nothing_away_when_something_is_refused() {
  given_two_that_are_one
  given_kitchen
  server_fault status method=PUT path=/api/task/71 times=-1 status=400
  serve 'Merge two contacts'
  assert_fails bash "$work/recipe"
  assert_no_delete
}

test_cookbook__merges_nothing_away_when_something_cannot_be_read() {
  local kind
  for kind in task note case opportunity; do
    given_two_that_are_one
    given_kitchen -o timeout=1
    server_fault status method=GET path=/api/$kind times=-1 status=500
    serve 'Merge two contacts'
    assert_fails bash "$work/recipe"
    assert_no_delete
    end_mount TERM || fail "it did not end well"
    stop_server
    rm "$HOME/crm"
  done
}

test_cookbook__undoes_the_last_delete() {
  given_kitchen
  remember_ids contact
  rm contact/5.json
  rm contact/4.json
  cook 'Undo the last delete'
  assert_requests POST 1
  assert_server_has "contact/$(new_ids contact)" fn '"Zoë"'
}

# ---- keep ----

given_git() {
  need git rsync
  git config --global user.name Anna
  git config --global user.email anna@example.com
}

test_cookbook__backs_up_into_git() {
  given_git
  given_server
  server_set_record contact/4 '{"id":4,"fn":"Zoë","much":12345678901234567890123,"lm":"2024-01-01T00:00:00Z"}'
  given_kitchen
  echo scratch >contact/4.json.swp
  cook 'Back up into git every night'
  assert_reads_each_once
  assert_equal "$(cat contact/4.json)" "$(cat ~/crm-backup/contact/4.json)"
  assert_equal "$(for kind in $resources; do server_ids "$kind" | sed "s|.*|$kind/&.json|"; done | sort)" \
    "$(git -C ~/crm-backup ls-files | sort)" "what is in the backup"
  assert_equal 700 "$(stat -c %a ~/crm-backup)" "the backup's mode"
  assert_equal "CRM, $(date +%F)" "$(git -C ~/crm-backup log --format=%s)"

  # The next night.
  server_delete_record contact/5
  server_set contact/4 fn '"Zoé"'
  refresh
  cook 'Back up into git every night'
  assert_equal "$(lines 'M\tcontact/4.json' 'D\tcontact/5.json')" "$(git -C ~/crm-backup show --format= --name-status)"
  cook 'Back up into git every night'
  assert_equal 2 "$(git -C ~/crm-backup rev-list --count HEAD)" "the number of backups"
}

test_cookbook__backs_up_no_unmounted_crm() {
  given_git
  given_kitchen
  cook 'Back up into git every night'
  end_mount TERM || fail "it did not end well"
  assert_fails bash -eu "$work/recipe"
  assert_exists ~/crm-backup/contact/4.json
}

test_cookbook__keeps_the_backup_of_what_cannot_be_read() {
  given_git
  given_kitchen -o timeout=1
  cook 'Back up into git every night'
  end_mount TERM || fail "it did not end well"
  server_fault status method=GET path=/api/contact times=-1 status=500
  mount_it -o timeout=1
  assert_fails bash -eu "$work/recipe"
  assert_exists ~/crm-backup/contact/4.json
  assert_equal 1 "$(git -C ~/crm-backup rev-list --count HEAD)" "the number of backups"
}

given_backup() {
  given_git
  given_server
  given_kitchen
  cook 'Back up into git every night'
  forget_requests
}

test_cookbook__compares_with_the_backup() {
  given_backup
  server_set contact/4 city '"Rome"'
  server_delete_record task/1
  server_set_record note/71 '{"id":71,"desc":"New"}'
  refresh
  cook 'What has changed since the backup'
  assert_equal "$(lines ' D task/1.json' ' M contact/4.json' '?? note/71.json')" "$(grep -E '^.. [a-z]+/' <<<"$output" | sort)"
  assert_contains "$output" '+  "city": "Rome",'
  assert_contains "$output" '-  "city": "Köln",'
  assert_reads_each_once
}

test_cookbook__restores_from_the_backup() {
  given_backup
  server_set contact/4 city '"Rome"'
  server_set contact/4 title 'null'
  server_set contact/4 notes '[1, 2]'
  server_set contact/4 lm "\"$(date -u +%FT%TZ)\""
  refresh
  cook 'Restore one record from the backup'
  assert_contains "$output" "CRM, $(date +%F)"
  assert_put_body contact/4 '{"title": "Engineer", "city": "Köln"}'
  assert_requests PUT 1
}

test_cookbook__restores_what_is_deleted_from_the_backup() {
  given_backup
  remember_ids contact
  rm contact/4.json
  recipe 'Restore one record from the backup' | sed 's|> contact/4.json|> contact/again.json|' >"$work/recipe"
  bash -euo pipefail "$work/recipe" >/dev/null
  assert_requests POST 1
  assert_server_has "contact/$(new_ids contact)" fn '"Zoë"'
}
