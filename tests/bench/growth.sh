# shellcheck shell=bash
# How time and memory grow from one size to the next.

declare -A medians # of each "SIZE NAME" that was measured

# Of the size that has just been measured, before the next one empties the samples.
keep_medians() {
  local name
  for name in "${!samples[@]}"; do
    medians[$records $name]=$(median_of "$name")
  done
}

us_a_record() {
  awk -v us="$1" -v records="$2" 'BEGIN { printf "%.3g µs", us / records }'
}

bytes_a_record() {
  awk -v bytes="$1" -v records="$2" 'BEGIN { printf "%.0f bytes", bytes / records }'
}

# growth WORK NAME AS: at each size where it was measured. AS is told the median and the size.
growth() {
  local size median line="| $1 |"
  for size in "${sizes[@]}"; do
    median=${medians[$size $2]-}
    line+=" ${median:+$("$3" "$median" "$size")} |"
  done
  print "$line"
}

# growth_head WORK
growth_head() {
  local size sizes_line="| $1 |" line='| --- |'
  for size in "${sizes[@]}"; do
    sizes_line+=" $(with_commas "$size") |"
    line+=' ---: |'
  done
  print
  print "$sizes_line"
  print "$line"
}

growth_by_record() {
  growth_head 'by record'
  growth "cold: \`ls -f\`, less the mount's own start" 'ls alone' us_a_record
  growth '`curl` of the collection' 'curl' us_a_record
  growth '`ls -f` of the floor' 'floor ls' us_a_record
  growth 'cold: mount, `grep -r`' 'crm, fastest' us_a_record
  growth '`curl`, and `grep -r` of the fastest floor' 'both, fastest' us_a_record
  growth 'warm: `grep -r`' 'grep-best crm' us_a_record
  growth 'warm: `grep -r` of the fastest floor' 'grep-best other' us_a_record
  growth 'warm: `ls -l`' 'ls crm' us_a_record
  growth 'warm: `find -size`' 'find crm' us_a_record
  growth 'warm: `grep -r`, `-o ro`' 'read-only crm' us_a_record
  growth "refresh, $changed changed" 'refresh' us_a_record
  growth 'memory (RSS) after all was read, less that of an empty mount' 'memory' bytes_a_record
}

growth_of_the_rest() {
  print
  print 'What concerns a few records alone:'
  growth_head 'on the whole'
  growth 'cold: the first name of `ls -f`, mounted before' 'first name' as_time
  growth 'cold: read one record' 'cold record' as_time
  growth 'one save: compare, PUT' 'save near' as_time
  growth "$creates creates in a listed directory" 'creates near' as_time
}

tell_the_growth() {
  print
  print '## Growth'
  print
  print 'In a straight line each record costs the same: the figures of a row are equal.'
  growth_by_record
  growth_of_the_rest
}
