# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# What programs take for granted of any file system, on scratch files, drafts and records.

posix() {
  given_mount
  mkdir "$work/local"
  python3 -B "$here/posix.py" "$1" "$mnt/contact" "$work/local" || fail "$1: see above"
  assert_no_writes
}

test_posix__two_thousand_random_operations_are_as_on_a_local_disk() {
  posix exercise
}

test_posix__open_and_its_flags() {
  posix opening
}

test_posix__long_names() {
  posix names
}

test_posix__symbolic_links() {
  posix links
}

test_posix__a_file_without_a_name() {
  posix unlinking
}

test_posix__renames_of_scratch_files() {
  posix renaming
}

test_posix__what_stat_says() {
  posix attributes
}

test_posix__a_directory_that_is_read_again() {
  posix seeking
}
