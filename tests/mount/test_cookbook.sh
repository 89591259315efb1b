# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# The cookbook: recipes that look, and the document itself.

source "$here/cookbook.sh"

# ---- the document ----

test_cookbook__has_a_test_for_each_recipe_and_no_other() {
  local tested
  tested=$(sed -n "s/.*\(cook\|serve\) '\([A-Z][^']*\)'.*/\2/p" "$here"/test_cookbook*.sh | sort -u)
  assert_equal "$(headings_of_cookbook | sort)" "$tested" "what is tested"
}

test_cookbook__has_one_block_of_shell_a_recipe() {
  local heading
  assert_equal "$(headings_of_cookbook | wc -l)" "$(grep -c '^```sh$' "$cookbook")" "the number of blocks"
  while IFS= read -r heading; do
    [ -n "$(recipe "$heading")" ] || fail "'$heading' has no block"
  done < <(headings_of_cookbook)
}

# ---- find ----

test_cookbook__finds_customers_in_a_city_without_a_phone() {
  given_server
  server_set_record contact/101 '{"id":101,"fn":"Jörg \"Joe\"","ln":"O’Neill","city":"Berlin","ctype":"C","phones":null}'
  server_set_record contact/102 '{"id":102,"ln":"de la Cruz","city":"Berlin","ctype":"C","phones":[],"email":["a@example.com","b@example.com"]}'
  server_set_record contact/103 '{"id":103,"fn":"Łucja","ln":null,"city":"Berlin","ctype":"C","phones":[{"type":"Work","no":" "},{"type":"Fax"}],"email":null}'
  server_set_record contact/104 '{"id":104,"ln":"Has one","city":"Berlin","ctype":"C","phones":[{"type":"Work","no":"030 1"}]}'
  server_set_record contact/105 '{"id":105,"ln":"No customer","city":"Berlin","ctype":"P","phones":null}'
  server_set_record contact/106 '{"id":106,"ln":"Elsewhere","city":"Bern","ctype":"C"}'
  server_set_record contact/107 '{"id":107,"ln":"Nowhere","city":null,"ctype":null}'
  server_set_record company/108 '{"id":108,"cn":"Bäcker & Söhne \"Ost\"","city":"Berlin","ctype":"C"}'
  given_kitchen
  cook 'Customers in Berlin without a phone number'
  assert_equal "$(lines '101\tJörg "Joe" O’Neill\t' '102\tde la Cruz\ta@example.com' '103\tŁucja\t' \
    '108\tBäcker & Söhne "Ost"\t')" "$(sort <<<"$output")"
  assert_requests GET 2
  assert_only_asks_for contact company
}

test_cookbook__finds_whose_phone_number_it_is() {
  given_server
  server_set contact/4 phones '[{"type":"Fax","no":"1"},{"type":"Work","no":"+49 (221) 555 64 00"}]'
  server_set contact/5 phones 'null'
  server_set contact/6 phones '[{"type":"Mobile","no":"0221 5556401"}]'
  server_set company/3 phones '[{"no":"0221-5556400"}]'
  given_kitchen
  cook 'Whose phone number is this'
  assert_equal "$(lines 'company/3.json Müller & Söhne Großhandel GmbH' 'contact/4.json Zoë Müller')" "$(sort <<<"$output")"
  assert_requests GET 2
}

test_cookbook__finds_customers_by_a_custom_field() {
  given_server
  server_set_all contact cf '{"2":"Silver"}'
  server_set_all company cf '[]'
  server_set contact/4 cf '{"2":"Gold"}'
  server_set contact/5 cf 'null'
  server_set contact/6 cf '{"3":"Gold"}'
  server_set company/3 cf '{"2":["Silver","Gold"]}'
  given_kitchen
  cook 'Customers by a custom field'
  assert_equal "$(lines '3\tMüller & Söhne Großhandel GmbH' '4\tZoë Müller')" "$(sort <<<"$output")"
  assert_requests GET 3
}

test_cookbook__finds_birthdays() {
  given_server
  server_set_record customfield/70 '{"id":70,"elemType":"date","name":"Birthday","modelType":["customers"],"multiple":false,"values":[]}'
  server_set contact/4 cf "{\"70\":\"$(date -d '3 days 12:00' +1980-%m-%d)\"}"
  server_set contact/5 cf "{\"70\":\"$(date -d '20 days 12:00' +1980-%m-%d)\"}"
  server_set contact/6 cf "{\"70\":\"\",\"2\":\"$(date -d '3 days 12:00' +1980-%m-%d)\"}"
  server_set contact/7 cf 'null'
  given_kitchen
  cook 'Birthdays in the next two weeks'
  assert_equal "$(date -d '3 days 12:00' +%m-%d)"$'\tZoë Müller' "$output"
  assert_requests GET 2
}

test_cookbook__finds_who_was_not_talked_to() {
  given_server
  server_set_all contact lc "\"$(date -u +%FT%TZ)\""
  server_set_all contact ctype '"C"'
  server_set contact/4 lc '"2020-02-29T10:00:00Z"'
  server_set_record contact/102 '{"id":102,"fn":"Ann","lc":null,"ctype":"C"}'
  server_set_record contact/103 "{\"id\":103,\"ln\":\"D'Arcy\",\"lc\":\"$(date -u -d '91 days ago' +%FT%TZ)\",\"ctype\":\"C\"}"
  server_set_record contact/104 "{\"id\":104,\"ln\":\"Recent\",\"lc\":\"$(date -u -d '89 days ago' +%FT%TZ)\",\"ctype\":\"C\"}"
  server_set_record contact/105 '{"id":105,"ln":"Supplier","ctype":"S"}'
  given_kitchen
  cook 'Customers nobody has talked to for 90 days'
  assert_equal "$(lines '2020-02-29\t4\tZoë Müller\tzoe.mueller4@example.net' \
    "$(date -u -d '91 days ago' +%F)\t103\tD'Arcy\t" 'never\t102\tAnn\t')" "$output"
  assert_requests GET 1
}

test_cookbook__finds_contacts_that_share_an_address() {
  given_server
  server_set contact/4 email '["zoe@example.com","z.m@example.com"]'
  server_set contact/5 email '["ZOE@Example.com","ZOE@example.com"]'
  server_set contact/6 email '["z.m@example.com"]'
  server_set contact/7 email 'null'
  server_set contact/8 email '["twice@example.com","twice@example.com"]'
  given_kitchen
  cook 'Contacts that share an e-mail address'
  assert_equal "$(lines 'z.m@example.com: 4 6' 'zoe@example.com: 4 5')" "$output"
  assert_requests GET 1
}

test_cookbook__searches_all_notes() {
  given_server
  server_set_all note desc '"A list of prices"'
  server_set_record note/71 '{"id":71,"desc":"Second half\nof the Price List,\nby e-mail,\nno price list","cust":[4,3],"ao":"2026-03-02T09:00:00Z"}'
  server_set_record note/72 '{"id":72,"desc":"No \"price list\" for him","cust":5}'
  server_set_record note/73 '{"id":73,"desc":"Nothing","cust":null}'
  given_kitchen
  cook 'Search all notes'
  assert_requests GET 1
  assert_only_asks_for note
  assert_equal "$(lines '\t5\tNo "price list" for him' '2026-03-02\t[4,3]\tof the Price List,\tno price list')" "$output"
}

# ---- tasks ----

given_no_tasks() {
  local id
  given_server
  for id in $(server_ids task); do
    server_delete_record "task/$id"
  done
}

# given_task ID PROPERTY: of Anna's, open unless the properties say otherwise.
given_task() {
  server_set_record "task/$1" "{\"id\":$1,\"name\":\"Task $1, \\\"q\\\"\",\"aUserId\":1,$2}"
}

test_cookbook__lists_my_open_tasks_of_this_week() {
  local today
  today=$(day_as_json today)
  given_no_tasks
  given_task 1 "\"startDate\":${today%\}},\"h\":9,\"mi\":5},\"endDate\":null,\"atype\":\"Call\",\"is_completed\":false"
  given_task 2 "\"endDate\":$today"
  given_task 3 "\"startDate\":$(day_as_json today 2),\"is_completed\":null"
  given_task 4 "\"startDate\":$(day_as_json '-20 days'),\"endDate\":$(day_as_json '20 days')"
  given_task 11 "\"startDate\":$(day_as_json '-8 days'),\"endDate\":$(day_as_json '-7 days')"
  given_task 12 "\"startDate\":$(day_as_json '8 days')"
  given_task 13 "\"startDate\":$today,\"is_completed\":true"
  given_task 14 "\"startDate\":$today,\"is_deleted\":true"
  given_task 15 '"startDate":null,"endDate":{"h":9}'
  given_task 16 '"startDate":{"y":2019}'
  server_set_record task/17 "{\"id\":17,\"name\":\"Of others\",\"aUserId\":2,\"startDate\":$today}"
  server_set_record task/18 "{\"id\":18,\"name\":\"Of nobody\",\"aUserId\":null,\"startDate\":$today}"
  given_kitchen
  cook 'My open tasks of this week'
  assert_equal "$(lines \
    "$(date +%F)\t09:05\tCall\tTask 1, \"q\"" \
    "$(date +%F)\t\t\tTask 2, \"q\"" \
    "$(date +%Y-%m-01)\t\t\tTask 3, \"q\"" \
    "$(date -d '-20 days 12:00' +%F)\t\t\tTask 4, \"q\"" | sort)" "$output"
  assert_requests GET 2
}

test_cookbook__lists_overdue_tasks_by_colleague() {
  given_no_tasks
  given_task 1 "\"endDate\":$(day_as_json yesterday)"
  given_task 2 "\"startDate\":{\"y\":2024,\"mo\":2}"
  given_task 3 "\"startDate\":{\"y\":2020,\"mo\":2,\"d\":3},\"endDate\":$(day_as_json today)"
  given_task 4 "\"endDate\":$(day_as_json yesterday),\"is_completed\":true"
  given_task 5 '"endDate":null'
  server_set_record task/6 "{\"id\":6,\"name\":\"Großes\",\"aUserId\":2,\"endDate\":{\"y\":2023}}"
  server_set_record task/7 "{\"id\":7,\"name\":\"Left\",\"aUserId\":99,\"endDate\":{\"y\":2023,\"mo\":1,\"d\":1}}"
  given_kitchen
  cook 'Overdue tasks by colleague'
  assert_equal "$(lines \
    'Anna Kowalska 2024-02-31 2 Task 2, "q"' \
    "Anna Kowalska $(date -d 'yesterday 12:00' +%F) 1 Task 1, \"q\"" \
    'Søren Ågård 2023-12-31 6 Großes' \
    'nobody 2023-01-01 7 Left')" "$(tr -s ' ' <<<"$output")"
  assert_requests GET 2
}

test_cookbook__completes_a_task() {
  given_server
  server_set_record task/7 '{"id":7,"name":"Call","is_completed":false,"value":4500.00}'
  given_kitchen
  cook 'Complete a task'
  assert_put_body task/7 '{"is_completed": true}'
  assert_requests PUT 1
  assert_requests GET 2
}

# ---- deals ----

given_no_deals() {
  local id
  given_server
  for id in $(server_ids opportunity); do
    server_delete_record "opportunity/$id"
  done
}

test_cookbook__draws_deals_by_stage() {
  local n
  given_no_deals
  for n in {1..6}; do
    server_set_record "opportunity/$n" "{\"id\":$n,\"name\":\"Deal\",\"status\":\"In Prüfung\"}"
  done
  for n in {7..9}; do
    server_set_record "opportunity/$n" "{\"id\":$n,\"name\":\"Deal\",\"status\":\"Won\"}"
  done
  server_set_record opportunity/10 '{"id":10,"name":"Deal","status":null}'
  given_kitchen
  cook 'Deals by stage as a bar chart'
  bar() { printf "%$1s" '' | tr ' ' '#'; }
  assert_equal "$(lines "In Prüfung  6  $(bar 50)" "Won         3  $(bar 25)" "none        1  $(bar 8)")" "$output"
  assert_requests GET 1
}

test_cookbook__sums_the_open_deals_exactly() {
  given_no_deals
  deal() { server_set_record "opportunity/$1" "{\"id\":$1,\"name\":\"Deal\",\"status\":\"Open\",$2}"; }
  deal 1 '"value":"0.10","currency":"EUR"'
  deal 2 '"value":"0.20","currency":"EUR"'
  deal 3 '"value":"9007199254740993.00","currency":"EUR"'
  deal 4 '"value":"-5","currency":"USD"'
  deal 5 '"value":"12.345","currency":"USD"'
  deal 6 '"value":"4,500.00","currency":"USD"'
  deal 7 '"value":null,"currency":"GBP"'
  deal 8 '"value":"7.50","currency":null'
  deal 9 '"value":"x; print 1","currency":"USD"'
  server_set_record opportunity/10 '{"id":10,"name":"Deal","status":"Won","value":"1000000","currency":"EUR"}'
  given_kitchen
  cook 'Sum of the open deals by currency'
  assert_equal "$(lines '??? 7.50' 'EUR 9007199254740993.30' 'GBP 0' 'USD 7.345')" "$(sort <<<"$output")"
  assert_equal "$(lines 'not counted: USD 4,500.00' 'not counted: USD x; print 1')" "$(sort <<<"$said")"
  assert_requests GET 1
}

test_cookbook__lists_open_deals_with_names() {
  given_no_deals
  server_set_record opportunity/1 '{"id":1,"name":"200 \"chairs\"","status":"Open","value":"9.50","currency":"EUR","cust":4}'
  server_set_record opportunity/2 '{"id":2,"name":"Desks","status":"Open","value":null,"currency":"EUR","cust":[3,4]}'
  server_set_record opportunity/3 '{"id":3,"name":"Lamps","status":"Open","value":"1","currency":"EUR","cust":null}'
  server_set_record opportunity/4 '{"id":4,"name":"Gone","status":"Lost","cust":4}'
  given_kitchen
  cook 'Open deals with the names of their customers'
  assert_equal "$(lines ' 1 EUR Lamps' 'Müller & Söhne Großhandel GmbH, Zoë Müller EUR Desks' 'Zoë Müller 9.50 EUR 200 "chairs"')" \
    "$(tr -s ' ' <<<"$output")"
  assert_requests GET 3
}

# ---- look ----

test_cookbook__shows_everything_about_a_company() {
  given_server
  server_set_record opportunity/71 '{"id":71,"name":"200 \"chairs\"","status":"Open","value":"9.50","currency":"EUR","cust":3}'
  server_set_record note/71 '{"id":71,"desc":"First line\nsecond","cust":[3,5],"ao":"2026-03-02T09:00:00Z"}'
  server_set_record task/71 '{"id":71,"name":"For Zoë","cust":4}'
  server_set_record note/72 '{"id":72,"desc":"Of another","cust":35}'
  given_kitchen
  cook 'Everything about one company'
  assert_equal "$(lines 'company Müller & Söhne Großhandel GmbH')" "$(head -n 1 <<<"$output" | tr -s ' ' | cut -d ' ' -f 1-6)"
  assert_equal 'opportunity 200 "chairs" Open 9.50 EUR' "$(grep '"chairs"' <<<"$output" | tr -s ' ')"
  assert_equal 'note First line 2026-03-02' "$(grep 'First line' <<<"$output" | tr -s ' ' | sort -u)"
  assert_contains "$output" 'For Zoë'
  assert_contains "$output" 'Zoë Müller'
  assert_lacks "$output" 'Of another'
  assert_no_writes
  assert_reads_each_once
}

test_cookbook__picks_someone_while_one_types() {
  need fzf
  given_kitchen
  FZF_DEFAULT_OPTS='--filter ZoëMüll' cook 'Pick someone while you type'
  assert_equal "$(cat contact/4.json)" "$output"
  assert_requests GET 1
}

test_cookbook__prints_a_phone_list() {
  given_server
  server_set_record contact/101 '{"id":101,"fn":"Ann-Sophie","ln":"Ängström von der \"Au\"","phones":[{"type":"Work","no":"1"},{"no":"2"}]}'
  server_set_record contact/102 '{"id":102,"fn":"Only","phones":[{"type":"Home","no":"3"}]}'
  server_set_record contact/103 '{"id":103,"ln":"Silent","phones":null}'
  given_kitchen
  cook 'Phone list for printing'
  assert_equal 'Name Kind Number' "$(head -n 1 ~/phones.txt | tr -s ' ')"
  assert_equal "$(lines 'Ängström von der "Au", Ann-Sophie 2' 'Ängström von der "Au", Ann-Sophie Work 1')" \
    "$(grep Ängström <~/phones.txt | tr -s ' ' | sort)"
  assert_equal 'Only Home 3' "$(grep ^Only ~/phones.txt | tr -s ' ')"
  assert_contains "$(grep ^Müller ~/phones.txt | tr -s ' ')" 'Müller & Söhne Großhandel GmbH Work +49'
  assert_lacks "$(cat ~/phones.txt)" Silent
  assert_requests GET 2
}

test_cookbook__exports_contacts_as_a_spreadsheet() {
  given_server
  server_set_record contact/101 '{"id":101,"fn":"Zoë \"Z\"","ln":"Müller, jr.\nSecond","email":["z@example.com"],"postcode":"01067","much":4500.00}'
  given_kitchen
  cook 'Contacts as a spreadsheet'
  assert_requests GET 1
  python3 - "$HOME/contacts.csv" >"$work/rows" <<'END'
import csv, json, sys
for row in csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")):
    print(row["id"], [row[name] for name in ("fn", "ln", "email", "postcode", "much", "city")])
END
  assert_equal "$(server_ids contact | sort)" "$(cut -d ' ' -f 1 "$work/rows" | sort)" "who is in it"
  assert_equal "101 ['Zoë \"Z\"', 'Müller, jr.\\nSecond', '[\"z@example.com\"]', '01067', '4500.00', '']" "$(grep '^101 ' "$work/rows")"
}

test_cookbook__exports_addresses_for_a_mail_merge() {
  given_server
  server_set_all contact tags 'null'
  server_set_record contact/101 '{"id":101,"fn":"Zoë \"Z\"","ln":"Müller, jr.","email":["z@example.com","b@example.com"],"address":"Wall 1\nRear","postcode":"01067","city":null,"tags":["newsletter"]}'
  server_set_record contact/102 '{"id":102,"ln":"No address","email":null,"tags":["newsletter"]}'
  server_set_record contact/103 '{"id":103,"ln":"Empty","email":[""],"tags":["newsletter"]}'
  given_kitchen
  cook 'Addresses for a mail merge'
  assert_equal "[{'First name': 'Zoë \"Z\"', 'Last name': 'Müller, jr.', 'E-mail': 'z@example.com', 'Street': 'Wall 1\\nRear', 'Postcode': '01067', 'City': '', 'Country': ''}]" \
    "$(python3 -c 'import csv; print(list(csv.DictReader(open("'"$HOME"'/newsletter.csv", newline="", encoding="utf-8"))))')"
  assert_requests GET 1
}

test_cookbook__lists_what_changed_today() {
  given_server
  server_set contact/4 lm "\"$(date -u +%FT%TZ)\""
  server_set_record task/71 "{\"id\":71,\"name\":\"New\",\"ao\":\"$(date -u +%FT%TZ)\"}"
  server_set_record note/71 "{\"id\":71,\"desc\":\"Old\\nnote\",\"lm\":\"$(date -u -d '26 hours ago' +%FT%TZ)\"}"
  server_set_record note/72 "{\"id\":72,\"desc\":\"Young\\nnote\",\"lm\":null,\"ao\":\"$(date -u +%FT%TZ)\"}"
  given_kitchen
  cook 'What colleagues changed since this morning'
  assert_equal "$(lines 'contact 4 Zoë Müller' 'note 72 Young' 'task 71 New')" "$(cut -f 1,2,4 <<<"$output" | tr '\t' ' ' | sort)"
  assert_requests GET 5
}

# What README shows is cooked here, too.
test_cookbook__is_what_readme_shows() {
  python3 - "$here/../../README.md" "$cookbook" <<'EOT'
import re, sys
readme, cookbook = (open(path, encoding='utf-8').read() for path in sys.argv[1:])
recipes = re.findall(r'^```sh\n.*?^```$', readme, re.M | re.S)
assert len(recipes) == 5, len(recipes)
for recipe in recipes:
    assert recipe in cookbook, recipe
EOT
}
