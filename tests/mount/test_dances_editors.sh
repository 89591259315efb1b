# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Editors without a screen of their own, or told to do without.

save_with_vim() {
  need vim
  vim -u NONE -i NONE -es -c "set backup& writebackup& backupcopy=${backupcopy:-auto} $vim_set" \
    -c "%s/$2/$3/" -c 'wq' -c 'cquit 1' "$1"
}
vim_set=''
save_with_vim_renaming() { backupcopy=no save_with_vim "$@"; }
save_with_vim_copying() { backupcopy=yes save_with_vim "$@"; }
save_with_vim_keeping_a_backup() { backupcopy=no vim_set=backup save_with_vim "$@"; }
dance vim tells
dance vim_renaming tells
dance vim_copying tells
dance vim_keeping_a_backup tells

save_with_nvim() {
  need nvim
  nvim -u NONE -i NONE -n --headless -c "%s/$2/$3/" -c 'wq' -c 'cquit 1' "$1" >/dev/null 2>&1
}
dance nvim tells

save_with_ex() {
  need ex
  printf '%%s/%s/%s/\nwq\ncquit 1\n' "$2" "$3" | ex -u NONE -s "$1"
}
dance ex tells

save_with_nvi() {
  need nvi
  printf '%%s/%s/%s/\nwq\n' "$2" "$3" | nvi -e -s "$1"
}
dance nvi hides

save_with_ed() {
  need ed
  printf ',s/%s/%s/\nw\nq\n' "$2" "$3" | ed -s "$1"
}
dance ed tells

save_with_emacs() {
  need emacs
  # It looks for s.4.json, of a version control: a name like a record's, known to be none by the list.
  ls contact >/dev/null
  emacs -Q -batch --eval "(setq $emacs_set)" "$1" --eval "(progn (goto-char (point-min))
    (search-forward \"$2\") (replace-match \"$3\" t t) (save-buffer))" 2>/dev/null
}
emacs_set='make-backup-files t'
save_with_emacs_copying() { emacs_set='backup-by-copying t' save_with_emacs "$@"; }
dance emacs tells
dance emacs_copying tells

save_with_kakoune() {
  need kak
  kak -n -ui dummy -e "try %{ exec '%s$2<ret>c$3<esc>'; write; quit 0 } catch %{ quit! 3 }" "$1"
}
dance kakoune hides

save_with_jed() {
  need jed
  jed -batch -n -f "() = find_file(\"$1\"); bob(); replace(\"$2\", \"$3\"); save_buffer(); exit_jed();" \
    >/dev/null 2>&1
}
dance jed hides
