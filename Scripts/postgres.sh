#!/usr/bin/env bash
# A PostgreSQL server of the project's own: postgres.sh FOLDER PORT [setting=value…]
# Makes the cluster in FOLDER if it is empty, listens on 127.0.0.1:PORT, role and password are in FOLDER/password (role: purchase).
# Runs until it is told to end (INT, TERM), or until its standard input ends if WATCH_INPUT=1, so that it never outlives its owner;
# with REMOVE_AFTER=1 the folder goes with it; with START_AGAIN=1 a server that ends otherwise is started again.
set -euo pipefail

folder="$1"; port="$2"; shift 2
# A command in the background has no standard input of its own.
exec 3<&0
die() { printf 'postgres: %s\n' "$*" >&2; exit 1; }

bin="$(for place in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    if [ -x "$place/initdb" ]; then printf '%s\n' "$place"; fi; done | sort -V | tail -n 1)"
[ -n "$bin" ] || { command -v initdb >/dev/null && bin="$(dirname "$(command -v initdb)")"; } \
    || die "PostgreSQL's server is not installed (Debian: postgresql)"

# PostgreSQL refuses to run as root.
as=()
if [ "$(id -u)" -eq 0 ]; then
    id postgres >/dev/null 2>&1 || die "to start PostgreSQL as root a user 'postgres' is needed"
    as=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi

data="$folder/data"
mkdir -p "$folder"
if [ ! -s "$data/PG_VERSION" ]; then
    (umask 077 && head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$folder/password")
    mkdir -p "$data"
    if [ ${#as[@]} -gt 0 ]; then
        chmod 711 "$folder"
        chown -R postgres "$data" "$folder/password"
    fi
    "${as[@]}" "$bin/initdb" -D "$data" -U purchase --pwfile="$folder/password" --auth=scram-sha-256 --no-locale -E UTF8 \
        >"$folder/initdb.log" 2>&1 || die "initdb failed: $(tail -n 3 "$folder/initdb.log")"
fi

settings=()
for setting in "$@"; do settings+=(-c "$setting"); done
start() {
    "${as[@]}" "$bin/postgres" -D "$data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
        -c max_connections=300 "${settings[@]}" >>"$folder/server.log" 2>&1 </dev/null 3<&- &
    server=$!
}
# What is thrown away need not be written down first.
end=INT; [ "${REMOVE_AFTER:-}" != 1 ] || end=QUIT
rm -f "$folder/over" "$folder/ended"
trap 'touch "$folder/over"; kill "-$end" "$server" 2>/dev/null || true' INT TERM
start
if [ "${WATCH_INPUT:-}" = 1 ]; then
    # Not by a signal to this script: who started it may have blocked that. As often as needed: a server may just be starting.
    (cat >/dev/null; touch "$folder/over"
        while [ -d "$folder" ] && [ ! -e "$folder/ended" ] && kill -0 $$ 2>/dev/null; do
            kill "-$end" "$(head -n 1 "$data/postmaster.pid" 2>/dev/null)" 2>/dev/null || true
            sleep 0.2
        done) <&3 &
fi
while :; do
    status=0
    wait "$server" || status=$?
    # A signal ends the wait, not the server.
    while kill -0 "$server" 2>/dev/null; do wait "$server" || status=$?; done
    # A server that somebody else ended is started again on what it left, with START_AGAIN=1.
    [ "${START_AGAIN:-}" = 1 ] && [ ! -e "$folder/over" ] || break
    start
done
touch "$folder/ended"
if [ "${REMOVE_AFTER:-}" = 1 ]; then rm -rf "$folder"; fi
exit "$status"
