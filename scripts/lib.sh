# shellcheck shell=bash
# What the scripts share: packages and the build. Sourced by bash, with set -euo pipefail.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What builds everything, the tests included, and what the demo runs besides.
# shellcheck disable=SC2034
build_packages=(gcc libc6-dev meson ninja-build pkg-config fuse3 libfuse3-dev libcurl4-openssl-dev
  libjson-c-dev libcmocka-dev libmicrohttpd-dev zlib1g-dev)
# shellcheck disable=SC2034
demo_packages=(curl jq util-linux)

# Runs a command and shows what it said only if it fails.
quietly() {
  local said status=0
  said=$("$@" 2>&1) || status=$?
  if [ "$status" -ne 0 ]; then
    printf '%s\n' "$said" >&2
  fi
  return "$status"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends -y "$@" \
    </dev/null
}

# need_packages PACKAGE...: installs those that are missing. The lists of a fresh machine may be
# empty or old; they are fetched only when the first try fails.
need_packages() {
  local package missing=()
  if ! command -v dpkg-query apt-get >/dev/null; then
    echo "no apt-get here: these must be there already: $*" >&2
    return 0
  fi
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  if [ "${#missing[@]}" -eq 0 ]; then
    return 0
  fi
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "these packages are missing; root can install them: apt-get install ${missing[*]}" >&2
    return 1
  fi
  echo "installing ${missing[*]}" >&2
  if ! apt_install "${missing[@]}" >/dev/null 2>&1; then
    quietly as_root apt-get update -qq
    quietly apt_install "${missing[@]}"
  fi
}

# What the mount tests need, one a line.
mount_test_packages() (
  # shellcheck source=/dev/null
  . "$root/tests/mount/lib.sh"
  # shellcheck disable=SC2154
  printf '%s\n' "${mount_test_packages[@]}"
)

# build: builds all into ./build, tests included; a warning is an error. One at a time: ninja does not
# mind another one in its directory.
build() (
  options=(-Dtests=enabled -Dwerror=true)
  exec 9<"$root/meson.build"
  flock 9
  if [ -f "$root/build/build.ninja" ]; then
    quietly meson configure "${options[@]}" "$root/build"
  else
    quietly meson setup "${options[@]}" "$root/build" "$root"
  fi
  quietly ninja -C "$root/build"
)
