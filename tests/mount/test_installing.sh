# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Installing: every file in its place, for everyone to read.

# given_installation: all that meson installs, below $installed, which stands for the prefix.
given_installation() {
  local prefix
  need meson
  prefix=$(meson introspect --buildoptions "$build" | jq -r '.[] | select(.name == "prefix") | .value')
  meson install -C "$build" --no-rebuild --destdir "$work/root" >"$work/install.log" ||
    fail "$(cat "$work/install.log")"
  installed=$work/root$prefix
}

test_installing__every_file_has_its_place() {
  given_installation
  assert_equal 'bin/clevertimctl
bin/clevertimfs
lib/systemd/user/clevertimfs@.service
sbin/mount.clevertimfs
share/bash-completion/completions/clevertimctl
share/bash-completion/completions/clevertimfs
share/doc/clevertimfs/HABITS.md
share/doc/clevertimfs/LICENSE
share/doc/clevertimfs/PEERS.md
share/doc/clevertimfs/README.md
share/doc/clevertimfs/RESULTS.md
share/doc/clevertimfs/cookbook.md
share/doc/clevertimfs/picture.svg
share/fish/vendor_completions.d/clevertimctl.fish
share/fish/vendor_completions.d/clevertimfs.fish
share/man/man1/clevertimctl.1
share/man/man1/clevertimfs.1
share/man/man8/mount.clevertimfs.8
share/zsh/site-functions/_clevertimctl
share/zsh/site-functions/_clevertimfs' "$(cd "$installed" && find . ! -type d -printf '%P\n' | sort)" "what is installed"
  assert_equal "$(find "$work/root" ! -type d | sort)" "$(find "$installed" ! -type d | sort)" "what is below the prefix"
}

test_installing__everyone_can_read_it_and_nobody_else_write() {
  given_installation
  assert_equal '' "$(find "$work/root" ! -type l -perm /022)" "what others can write"
  assert_equal '' "$(find "$work/root" -type f ! -perm -444)" "what others cannot read"
  assert_equal '' "$(find "$installed/bin" -type f ! -perm -111)" "what others cannot run"
}

test_installing__the_readme_points_at_what_is_there() {
  local doc links link
  given_installation
  doc=$installed/share/doc/clevertimfs
  links=$(grep -o ']([^)]*)' "$doc/README.md" | tr -d '[]()' | grep -v '://')
  [ -n "$links" ] || fail "it has no links"
  for link in $links; do
    assert_exists "$doc/$link"
  done
}

test_installing__the_parts_find_each_other() {
  given_installation
  assert_contains "$("$installed/sbin/mount.clevertimfs" --version)" clevertimfs
  assert_contains "$(cat "$installed/lib/systemd/user/clevertimfs@.service")" "
ExecStart=${installed#"$work/root"}/bin/clevertimfs -f "
}
