# shellcheck shell=bash disable=SC1003,SC2002,SC2012,SC2016,SC2034,SC2119,SC2120,SC2154,SC2164,SC2317
# Tools that save in place, or by a temporary file and a rename.

save_with_echo() {
  bash -c "echo '{\"city\": \"$3\"}' >'$1'"
}
dance echo tells

save_with_dash() {
  dash -c "echo '{\"city\": \"$3\"}' >'$1'"
}
dance dash hides

save_with_cat() {
  printf '{"city": "%s"}\n' "$3" >"$work/new"
  bash -c "cat '$work/new' >'$1'"
}
dance cat tells

new_text_of() {
  sed "s/$2/$3/" "$1" >"$work/new"
}

save_with_cp() { new_text_of "$@" && cp "$work/new" "$1"; }
dance cp tells

save_with_cp_a() { new_text_of "$@" && cp -a "$work/new" "$1"; }
dance cp_a tells

save_with_cp_b() { new_text_of "$@" && cp -b "$work/new" "$1"; }
dance cp_b tells

save_with_tee() { new_text_of "$@" && tee "$1" <"$work/new" >/dev/null; }
dance tee tells

save_with_dd() { new_text_of "$@" && dd status=none if="$work/new" of="$1"; }
dance dd tells

save_with_dd_sync() { new_text_of "$@" && dd status=none bs=64 oflag=sync if="$work/new" of="$1"; }
dance dd_sync tells

save_with_sponge() {
  need sponge
  sed "s/$2/$3/" "$1" | sponge "$1"
}
dance sponge tells

save_with_sed() { sed -i "s/$2/$3/" "$1"; }
dance sed tells

save_with_sed_bak() { sed -i.bak "s/$2/$3/" "$1"; }
dance sed_bak tells

save_with_busybox_sed() {
  need busybox
  busybox sed -i "s/$2/$3/" "$1"
}
dance busybox_sed tells

save_with_perl() {
  need perl
  perl -i -pe "s/$2/$3/" "$1"
}
dance perl tells

save_with_perl_bak() {
  need perl
  perl -i.bak -pe "s/$2/$3/" "$1"
}
dance perl_bak tells

save_with_patch() {
  need patch
  new_text_of "$@"
  diff -u "$1" "$work/new" >"$work/patch" || true
  patch -s "$1" "$work/patch"
}
dance patch tells

save_with_jq_and_mv() { jq ".city = \"$3\"" "$1" >contact/tmp.json && mv contact/tmp.json "$1"; }
dance jq_and_mv tells

save_with_rsync() {
  need rsync
  new_text_of "$@" && rsync -a -I "$work/new" "$1"
}
dance rsync tells

save_with_rsync_inplace() {
  need rsync
  new_text_of "$@" && rsync -I --inplace "$work/new" "$1"
}
dance rsync_inplace tells

save_with_gio() {
  need gio
  new_text_of "$@" && gio save "$1" <"$work/new"
}
dance gio tells

save_with_curl() { new_text_of "$@" && curl -sS -o "$1" "file://$work/new"; }
dance curl tells

save_with_sort() { new_text_of "$@" && sort -s -k 99 -o "$1" "$work/new"; }
dance sort tells

save_with_node() {
  need node
  node -e '
    const fs = require("fs"), [file, from, to] = process.argv.slice(1);
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(from, to));' "$@" 2>/dev/null
}
dance node tells

save_with_node_stream() {
  need node
  node -e '
    const fs = require("fs"), [file, from, to] = process.argv.slice(1);
    const out = fs.createWriteStream(file), text = fs.readFileSync(file, "utf8");
    out.on("error", () => process.exit(1));
    out.end(text.replace(from, to));' "$@" 2>/dev/null
}
dance node_stream tells

# python FILE OLD NEW: the program is on standard input, and knows file and text.
python() {
  python3 -c '
import mmap, os, shutil, sys, tempfile
file, old, new = sys.argv[1:]
text = open(file).read().replace(old, new)
exec(sys.stdin.read())' "$@" 2>/dev/null
}

save_with_python() {
  python "$@" <<'EOT'
with open(file, "w") as out:
    out.write(text)
EOT
}
dance python tells

save_with_python_replace() {
  python "$@" <<'EOT'
with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(file), delete=False) as out:
    out.write(text)
    out.flush()
    os.fsync(out.fileno())
os.replace(out.name, file)
EOT
}
dance python_replace tells

save_with_python_mmap() {
  python "$@" <<'EOT'
with open(file, "r+b") as out, mmap.mmap(out.fileno(), 0) as shared:
    at = shared.find(old.encode())
    shared[at:at + len(old) + 3] = (new + '",').ljust(len(old) + 3).encode()
    shared.flush()
EOT
  eventually_quiet
}

# The pages of a mapping are saved after its program has ended.
eventually_quiet() {
  sleep 0.3
}
dance python_mmap hides
