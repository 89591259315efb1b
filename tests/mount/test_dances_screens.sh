# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Editors on a screen, as a person uses them. They tell that a save failed on the screen alone.

save_with_nano() {
  need nano
  in_terminal nano -I ${nano_options:-} "$1"
  see "$2"
  press C-'\'
  see 'Search (to replace)'
  press "$2" Enter
  see 'Replace with'
  press "$3" Enter
  see 'Replace this instance'
  press A
  see 'Replaced 1'
  press C-s
  see_one_of Wrote Error
  press C-x
  leave_unsaved n
}

# The program ends, or asks whether to save once more: no.
leave_unsaved() {
  local i
  for i in 1 2 3; do
    sleep 0.3
    [ -s "$work/terminal.status" ] && break
    press "$@"
  done
  terminal_ends
}

see_one_of() {
  local i text
  for ((i = 0; i < 250; i++)); do
    for text in "$@"; do
      screen_has "$text" && return 0
    done
    sleep 0.04
  done
  fail "none of '$*' stood on the screen:
$(screen)"
}
dance nano hides

save_with_nano_and_a_backup() { nano_options=-B save_with_nano "$@"; }
dance nano_and_a_backup hides

save_with_vim_on_a_screen() {
  need vim
  in_terminal vim -u NONE -i NONE "$1"
  see "$2"
  press ":%s/$2/$3/" Enter
  see "$3"
  press ':w' Enter
  see_one_of written E5 E6
  press ':q!' Enter
  leave_unsaved Enter
}
dance vim_on_a_screen hides

save_with_busybox_vi() {
  need busybox
  in_terminal busybox vi "$1"
  see "$2"
  press ":%s/$2/$3/" Enter
  see "$3"
  press ':w' Enter
  sleep 0.5
  press ':q!' Enter
  terminal_ends
}
dance busybox_vi hides

save_with_joe() {
  need joe
  in_terminal joe "$1"
  see "$2"
  press C-k f
  see 'Find'
  press "$2" Enter
  see 'gnore'
  press r Enter
  see 'Replace with'
  press "$3" Enter
  see '(Y)es'
  press r
  sleep 0.2
  press C-k x
  leave_unsaved C-c y
}
dance joe hides

save_with_micro() {
  need micro
  in_terminal micro -backup false "$1"
  see "$2"
  press C-e
  press "replaceall $2 $3" Enter
  see "$3"
  press C-s
  sleep 0.5
  press C-q
  leave_unsaved n
}
dance micro hides

save_with_mcedit() {
  need mcedit
  in_terminal mcedit "$1"
  see "$2"
  press F4
  see 'Enter search string'
  press "$2" Tab "$3" Enter
  see 'Confirm replace'
  press Enter
  sees_no_more 'Confirm replace'
  press F2
  see 'Save file'
  press Enter
  # Saved, or it asks for another name.
  see_one_of '[----]' 'Save As'
  if screen_has 'Save As'; then
    press F10
    sees_no_more 'Save As'
  fi
  press F10
  leave_unsaved n
}
dance mcedit hides

save_with_vis() {
  need vis
  in_terminal vis "$1"
  see "$2"
  press ":,x/$2/ c/$3/" Enter
  see "$3"
  press ':w' Enter
  sleep 0.5
  press ':q!' Enter
  leave_unsaved Enter
}
dance vis hides

save_with_ne() {
  need ne
  in_terminal ne "$1"
  see "$2"
  ne_does "Find $2"
  ne_does "ReplaceAll $3"
  see "$3"
  ne_does Save
  sleep 0.3
  ne_does Quit
  leave_unsaved y Enter
}

ne_does() {
  press C-k
  see Command
  press "$1" Enter
  sees_no_more Command
}
dance ne hides

save_with_mg() {
  need mg
  in_terminal mg "$1"
  see "$2"
  press M-x query-replace Enter
  see 'Query replace'
  press "$2" Enter
  see 'with'
  press "$3" Enter
  see 'Query replacing'
  press '!'
  see "$3"
  press C-x C-s
  sleep 0.5
  press C-x C-c
  sleep 0.3
  [ -s "$work/terminal.status" ] || press n
  leave_unsaved yes Enter
}
dance mg hides
