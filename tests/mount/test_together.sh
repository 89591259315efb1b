# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Several programs at one record.

test_together__no_reader_sees_two_versions_as_one() {
  given_mount -o conflicts=ignore
  python3 "$here/together.py" contact/4.json 4
  assert_no_delete
  assert_requests POST 0
  assert_file_equals_server contact/4
}
