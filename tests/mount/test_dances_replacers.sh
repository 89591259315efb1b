# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Programs that unlink the old file and create a new one of the name: the pair is one save.

new_text_of() {
  sed "s/$2/$3/" "$1" >"$work/new"
}

# The move takes the file; so each has its own.
elsewhere() {
  mkdir -p "$work/elsewhere"
  sed "s/$2/$3/" "$1" >"$work/elsewhere/4.json"
}

save_with_mv_from_elsewhere() { elsewhere "$@" && mv "$work/elsewhere/4.json" "$1"; }
dance mv_from_elsewhere tells

save_with_install() { new_text_of "$@" && install -m 600 "$work/new" "$1"; }
dance install tells

save_with_install_b() { new_text_of "$@" && install -b -m 600 "$work/new" "$1"; }
dance install_b tells

save_with_cp_remove_destination() { new_text_of "$@" && cp --remove-destination "$work/new" "$1"; }
dance cp_remove_destination tells

save_with_cp_force_after_refusal() { new_text_of "$@" && cp -f "$work/new" "$1"; }
dance cp_force_after_refusal tells

save_with_tar() {
  elsewhere "$@"
  tar -C "$work/elsewhere" -cf "$work/new.tar" 4.json
  tar -C contact -xf "$work/new.tar"
}
dance tar tells

save_with_unzip() {
  need zip unzip
  elsewhere "$@"
  rm -f "$work/new.zip"
  (cd "$work/elsewhere" && zip -q "$work/new.zip" 4.json)
  unzip -qo "$work/new.zip" -d contact
}
dance unzip hides

save_with_busybox_mv() {
  need busybox
  elsewhere "$@" && busybox mv -f "$work/elsewhere/4.json" "$1"
}
dance busybox_mv tells

save_with_shutil_move() {
  elsewhere "$@"
  python3 -c 'import shutil, sys; shutil.move(sys.argv[1], sys.argv[2])' "$work/elsewhere/4.json" "$1" \
    2>/dev/null
}
dance shutil_move tells

save_with_rsync_temporary_elsewhere() {
  need rsync
  new_text_of "$@"
  rsync -a -I -T "$TMPDIR" "$work/new" "$1" 2>/dev/null
}
dance rsync_temporary_elsewhere tells

save_with_git() {
  need git
  elsewhere "$@"
  git_elsewhere init -q 2>/dev/null
  git_elsewhere add 4.json
  git_elsewhere -c user.name=x -c user.email=x commit -qm text
  git_elsewhere --work-tree="$PWD/contact" checkout -q -f HEAD -- 4.json
}

git_elsewhere() {
  git --git-dir="$work/elsewhere/.git" --work-tree="$work/elsewhere" "$@"
}
dance git hides
