# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Lossless: whatever the server sends comes through a read and a save as it was.

strange_record() {
  python3 - <<'EOT'
nested = '{"a":[' * 30 + '"deep"' + ']}' * 30
print('{"id": 4, "fn": "Zo\\u00eb", "long": 123456789012345678901234567890, "money": 4500.00, '
      '"power": 1E+2, "minus": -0, "tiny": 1e-400, "huge": 1E400, "precise": 0.1000000000000000055511151231257827, '
      '"lone": "a\\ud800b", "low": "\\udc00", "pair": "\\ud83d\\ude00", "nul": "a\\u0000b", '
      '"slash": "a\\/b", "controls": "\\b\\f\\n\\r\\t\\u0001\\u007f", "empty": {}, "list": [], '
      '"": "no name", "a b": 1, "\\u0061c": 2, "city": "Oslo", "nested": %s}' % nested)
EOT
}

given_strange_mount() {
  given_server
  server_set_record contact/4 "$(strange_record)"
  given_mount "$@"
}

test_lossless__a_read_keeps_every_digit() {
  given_strange_mount
  assert_file_equals_server contact/4
  grep -q '"long": 123456789012345678901234567890,' contact/4.json
  grep -q '"money": 4500.00,' contact/4.json
  grep -q '"power": 1E+2,' contact/4.json
  grep -q '"minus": -0,' contact/4.json
  grep -qF '"lone": "a\ud800b",' contact/4.json
  grep -q '"pair": "😀"' contact/4.json
  grep -qF '"slash": "a/b"' contact/4.json
}

test_lossless__an_untouched_save_sends_nothing() {
  given_strange_mount
  cp contact/4.json "$work/same"
  cp "$work/same" contact/4.json
  assert_no_writes
}

test_lossless__a_save_sends_only_the_change() {
  given_strange_mount
  sed -i 's/Oslo/Rome/' contact/4.json
  assert_put_body contact/4 '{"city": "Rome"}'
  assert_file_equals_server contact/4
}

test_lossless__new_numbers_are_sent_as_they_were_written() {
  given_strange_mount
  save contact/4.json '{"long": 98765432109876543210987654321098765432.10, "money": 4500.10, "lone": "\udbff"}'
  body_of_last PUT contact/4
  assert_contains "$body" 98765432109876543210987654321098765432.10
  assert_contains "$body" 4500.10
  assert_contains "$body" '\udbff'
  assert_file_equals_server contact/4
}

test_lossless__the_order_stays() {
  given_strange_mount
  save contact/4.json '{"city": "Rome", "fn": "Zoe"}'
  assert_equal "$(server_record contact/4 | keys)" "$(keys <contact/4.json)"
  assert_file_equals_server contact/4
}

keys() {
  python3 "$here/json_text.py" keys
}

test_lossless__in_a_listing_too() {
  given_strange_mount
  grep -r -l Oslo contact >/dev/null
  assert_requests GET 1 contact
  assert_file_equals_server contact/4
}

test_lossless__a_new_record_keeps_its_digits() {
  given_mount
  save contact/ada.json '{"fn": "Ada", "x": 123456789012345678901234567890, "y": 1E+2, "z": -0, "s": "\ud800"}'
  body_of_last POST contact
  assert_equal '{"fn":"Ada","x":123456789012345678901234567890,"y":1E+2,"z":-0,"s":"\ud800"}' "$body"
  assert_file_equals_server "contact/$(id_of contact/ada.json)" contact/ada.json
}
