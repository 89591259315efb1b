# shellcheck shell=bash
# How many requests the kernel sends for a file. Libfuse tells of each when it debugs; that takes
# time, so nothing is timed here.

fuse_log=$plain/fuse.log

# count_requests SERVER WORK: what stands in the log since the last time.
count_requests() {
  print "| $1 | $2 | $(awk -v files="$records" '
    function per_file(name) {
      return sprintf(count[name] / files < 0.01 ? "%s %.4f" : "%s %.2f", name, count[name] / files)
    }
    match($0, /opcode: [A-Z_]+/) { count[substr($0, RSTART + 8, RLENGTH - 8)]++; total++ }
    END {
      text = sprintf("%.2f | ", total / files)
      names = split("LOOKUP READDIRPLUS READDIR GETATTR OPEN READ FLUSH RELEASE", name, " ")
      for (i = 1; i <= names; i++)
        if (count[name[i]])
          text = text per_file(name[i]) ", "
      sub(/, $/, "", text)
      print text
    }' "$fuse_log") |"
  : >"$fuse_log"
}

# count_reads SERVER DIRECTORY
count_reads() {
  grep_all "$2"
  count_requests "$1" 'cold: `grep -r`'
  grep_all "$2"
  count_requests "$1" 'warm: `grep -r`, first'
  grep_all "$2"
  count_requests "$1" 'warm: `grep -r`, second'
  list_long "$2"
  count_requests "$1" 'warm: `ls -l`'
}

# debug_crm OPTIONS
debug_crm() {
  CLEVERTIM_TOKEN=$token "$build/fs/clevertimfs" -f -d -o "state_dir=$work/state,ttl=86400,$1" \
    "$url/api" "$crm" 2>>"$fuse_log" &
  until mountpoint -q "$crm"; do
    kill -0 $! 2>/dev/null || fail 'clevertimfs did not mount'
    sleep 0.02
  done
}

debug_floor() {
  mount_floor --debug "$@"
}

count_floor() {
  local name=$1
  shift
  ln -sf fuse.log "$plain/floor.log"
  debug_floor "$@"
  count_reads "$name" "$floor"
  unmount_floor
  rm "$plain/floor.log"
}

count_read_again() {
  : >"$fuse_log"
  grep_all "$crm/contact"
  grep -c 'opcode: READ (' "$fuse_log" || true
}

# What a refresh drops from the kernel's caches, and what has to be read again. Under memory pressure,
# and on some machines at any time, the kernel drops pages by itself: a pass before tells how many.
count_refresh() {
  local ttl told reads reclaimed
  set_ttl
  debug_crm "ttl=$ttl"
  grep_all "$crm/contact"
  sleep "$ttl.1"
  reclaimed=$(count_read_again)
  somebody_changes 'Counted city'
  sleep "$ttl.1"
  : >"$fuse_log"
  MAPFILE=()
  catch_up 'Counted city'
  told=$(grep -c '^NOTIFY: code=[23]' "$fuse_log") || true
  reads=$(($(count_read_again) + 1)) # the shell has read one of them already
  unmount_crm
  # The directory's own times change as well.
  row "refresh, $changed changed: invalidations" "$told" 'records changed, and the directory' \
    $((changed + 1)) "$(awk "BEGIN { print $told / ($changed + 1) }")" 1
  row "refresh, $changed changed: files read again" "$reads" \
    "records changed, and $reclaimed that the kernel dropped in a pass before" \
    $((changed + reclaimed)) "$(awk "BEGIN { print $reads / ($changed + $reclaimed) }")" 1
}

print_counting_head() {
  print
  print 'Requests that the kernel sends to the mount, by file:'
  print
  print '| server | work | all | |'
  print '| --- | --- | ---: | --- |'
}

counting() {
  : >"$fuse_log"
  debug_crm rw
  count_reads clevertimfs "$crm/contact"
  unmount_crm
  debug_crm ro
  count_reads 'clevertimfs, `-o ro`' "$crm/contact"
  unmount_crm
  is_huge || count_floor 'the floor'
  count_floor 'the fastest floor' "${best[@]}"
  is_huge || count_floor 'the floor, read-only, texts pushed' --ro --store
  rm -f "$fuse_log"
}
