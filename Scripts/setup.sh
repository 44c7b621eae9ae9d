#!/usr/bin/env bash
# Installs what a build needs and is missing: make, pkg-config, the libraries of SQLite, zlib, PostgreSQL, Redis, MongoDB and curl. With
# --tests also the servers that tests start, if it may, and promtool; without them those tests are skipped. Says what it does before it
# does it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for_tests=no
[ "${1:-}" != --tests ] || for_tests=yes

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

if ! command -v swift >/dev/null; then
    die "Swift is missing. Install Swift 6.2 or newer (https://www.swift.org/install), open a new shell and try again."
fi
version="$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)"
case "$version" in
    "") die "'swift --version' names no version; is the toolchain complete?" ;;
    [0-5].* | 6.0 | 6.1) die "Swift $version is too old: 6.2 or newer is needed (https://www.swift.org/install)." ;;
esac

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "root is needed for: $*"
    fi
}

has_library() { command -v pkg-config >/dev/null && pkg-config --exists "$1"; }

on_linux() {
    local missing=()
    command -v make >/dev/null || missing+=(make)
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    has_library sqlite3 || missing+=(libsqlite3-dev)
    has_library zlib || missing+=(zlib1g-dev)
    has_library hiredis || missing+=(libhiredis-dev)
    has_library libpq || missing+=(libpq-dev)
    has_library jemalloc || missing+=(libjemalloc-dev)
    has_library libcurl || missing+=(libcurl4-openssl-dev)
    has_library libmongoc-1.0 || missing+=(libmongoc-dev)
    [ ${#missing[@]} -eq 0 ] || install "${missing[@]}"
    [ $for_tests = no ] || { servers_on_linux; promtool_on_linux; mongodb_for_tests; }
}

# The checker of Prometheus' rules, unpacked and not installed: the package would start a server on the port of our metrics.
promtool_on_linux() {
    if command -v promtool >/dev/null || [ -x .build/tools/usr/bin/promtool ]; then return; fi
    if ! command -v apt-get >/dev/null; then
        say "the test of the alert rules will be skipped: promtool (Debian: prometheus) is not installed"
        return
    fi
    say "unpacking promtool from Debian's package prometheus into .build/tools"
    mkdir -p .build/tools
    local fetch=(apt-get download -qq prometheus)
    (
        cd .build/tools
        { "${fetch[@]}" || { as_root apt-get update -qq && "${fetch[@]}"; }; } >/dev/null 2>&1 \
            && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool \
            && rm -f prometheus_*.deb
    ) || say "that failed: the test of the alert rules will be skipped"
}

# A server that speaks MongoDB's protocol: Debian has none. A process of its own in an environment of its own; nothing is linked with it.
mongodb_for_tests() {
    local version=0.7.0b3
    local folder=".build/secantusdb-$version"
    [ ! -x "$folder/bin/secantusd-py" ] || return 0
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        say "tests that need MongoDB will be skipped: Python's venv (Debian: python3-venv) is not installed"
        return
    fi
    say "installing secantusdb $version, with which the tests play MongoDB, into $folder"
    { python3 -m venv "$folder" \
        && "$folder/bin/pip" install --quiet --disable-pip-version-check "secantusdb==$version"; } \
        || say "that failed: tests that need MongoDB will be skipped"
}

servers_on_linux() {
    local missing=()
    { command -v redis-server && command -v redis-cli; } >/dev/null || missing+=(redis-server)
    { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 || missing+=(postgresql)
    command -v aiosmtpd >/dev/null || missing+=(python3-aiosmtpd)
    command -v openssl >/dev/null || missing+=(openssl)
    [ ${#missing[@]} -gt 0 ] || return 0
    if command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }; then
        say "Debian's packages start a service each; the tests need the programs alone, so stop it if you do not want it"
        install "${missing[@]}"
    else
        say "tests that need what Debian calls ${missing[*]} will be skipped: it is not installed"
    fi
}

install() {
    command -v apt-get >/dev/null || die "install with your package manager what Debian calls: $*"
    say "installing $* (apt-get)"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

on_macos() {
    xcode-select -p >/dev/null 2>&1 || die "the command line tools are missing: run 'xcode-select --install'."
    # SQLite, zlib and make come with them.
    has_library hiredis && has_library libpq && has_library libcurl && has_library libmongoc-1.0 \
        || die "the libraries of Redis, PostgreSQL, curl or MongoDB are missing: run 'brew install pkg-config hiredis libpq curl mongo-c-driver@1'."
}

case "$(uname -s)" in
    Linux) on_linux ;;
    Darwin) on_macos ;;
    *) die "this system is neither Linux nor macOS." ;;
esac
say "Swift $version, make, SQLite, zlib, libpq, hiredis, libmongoc and libcurl are there"
