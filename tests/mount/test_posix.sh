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

test_posix__emptied_while_it_is_open() {
  posix emptying
}

test_posix__what_cannot_be_made() {
  posix refusing
}

test_posix__names_long_and_odd() {
  posix names
}

test_posix__symbolic_links() {
  posix links
}

test_posix__long_symbolic_links() {
  posix long_links
}

test_posix__a_symbolic_link_to_nothing() {
  posix dangling
}

test_posix__a_file_without_a_name() {
  posix unlinking
}

test_posix__renames_of_scratch_files() {
  posix renaming
}

test_posix__a_script_that_is_run() {
  posix running
}

test_posix__a_directory_that_is_read_again() {
  posix seeking
}

test_posix__a_directory_that_is_emptied_while_it_is_read() {
  posix emptying_a_directory
}

test_posix__listed_numbers_are_those_of_stat() {
  posix numbers
}

test_posix__what_stat_says() {
  posix attributes
}

test_posix__the_mode_of_a_new_file() {
  posix new_mode
}

test_posix__times_that_are_set() {
  posix times
}

test_posix__what_counts_as_a_change() {
  posix changes
}

test_posix__access_says_what_open_does() {
  posix access
}

test_posix__free_space() {
  posix space
}

test_posix__sizes_gaps_and_ends() {
  posix sizes
}

test_posix__past_the_page_cache() {
  posix direct
}

test_posix__copies_in_the_kernel() {
  posix copying
}

test_posix__four_who_append() {
  posix appending
}

test_posix__maps_and_writes_are_one() {
  posix mapping
}

test_posix__locks() {
  posix locking
}

test_posix__what_syncs() {
  posix syncing
}
