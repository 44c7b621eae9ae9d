#!/usr/bin/env bash
# PostgreSQL and Redis of the project's own: servers.sh up | start [postgres] [redis] | down | env. They listen on free ports of
# 127.0.0.1, keep their data in .servers/, and stay until they are ended. What connects to them is in .servers/env. 'up' installs what
# is missing and starts both, 'start' installs nothing.
#   SERVERS_FOLDER      another folder than .servers: servers of somebody's own beside them
#   POSTGRES_SETTINGS   of PostgreSQL, such as "fsync=off shared_buffers=1GB"
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder="${SERVERS_FOLDER:-$PWD/.servers}"
say() { printf 'servers: %s\n' "$*"; }
die() { printf 'servers: %s\n' "$*" >&2; exit 1; }

is_up() { [ -s "$folder/$1.pid" ] && kill -0 "$(cat "$folder/$1.pid")" 2>/dev/null; }

# A port that nobody listens on now.
free_port() {
    local port
    for port in $(shuf -i 20000-39999 -n 50 2>/dev/null || jot -r 50 20000 39999); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { printf '%s' "$port"; return; }
    done
    die "no free port was found"
}

secret() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

# in_background NAME COMMAND…: a process of its own session, whose end is not ours.
in_background() {
    local name="$1"; shift
    setsid nohup "$@" >>"$folder/$name.log" 2>&1 </dev/null &
    printf '%s' "$!" >"$folder/$name.pid"
}

wait_for() {
    local what="$1" name="$2"; shift 2
    for _ in $(seq 1 300); do
        if "$@" >/dev/null 2>&1; then return; fi
        is_up "$name" || die "$what ended: $(tail -n 3 "$folder/$name.log")"
        sleep 0.1
    done
    die "$what does not answer; see $folder/$name.log"
}

start_postgres() {
    command -v psql >/dev/null || die "psql is missing (Debian: postgresql-client)"
    [ -s "$folder/postgres.port" ] || free_port >"$folder/postgres.port"
    local port; port="$(cat "$folder/postgres.port")"
    # shellcheck disable=SC2086
    is_up postgres || in_background postgres bash Scripts/postgres.sh "$folder/postgres" "$port" ${POSTGRES_SETTINGS:-}
    wait_for PostgreSQL postgres test -s "$folder/postgres/password"
    local password; password="$(cat "$folder/postgres/password")"
    ask() { PGPASSWORD="$password" psql -h 127.0.0.1 -p "$port" -U purchase -tAc "$1" "${2:-postgres}"; }
    wait_for PostgreSQL postgres ask "SELECT 1"
    [ "$(ask "SELECT 1 FROM pg_database WHERE datname = 'purchase'")" = 1 ] || ask "CREATE DATABASE purchase" >/dev/null
    say "PostgreSQL is on 127.0.0.1:$port"
}

start_redis() {
    command -v redis-server >/dev/null || die "redis-server is missing (Debian: redis-server)"
    [ -s "$folder/redis.port" ] || free_port >"$folder/redis.port"
    [ -s "$folder/redis.password" ] || (umask 077 && secret >"$folder/redis.password")
    local port; port="$(cat "$folder/redis.port")"
    is_up redis || in_background redis redis-server --bind 127.0.0.1 --port "$port" --dir "$folder" \
        --appendonly yes --appendfsync everysec --save "" --maxmemory-policy noeviction \
        --requirepass "$(cat "$folder/redis.password")"
    wait_for Redis redis env REDISCLI_AUTH="$(cat "$folder/redis.password")" redis-cli -p "$port" ping
    say "Redis is on 127.0.0.1:$port"
}

# start NAME…: those servers, and the file with what connects to all that were ever started here.
start() {
    mkdir -p "$folder"
    # Readable by the user that PostgreSQL's server runs as.
    chmod 711 "$folder"
    local name
    for name in "$@"; do
        case "$name" in
            postgres) start_postgres ;;
            redis) start_redis ;;
            *) die "'$name' is no server of ours; known are postgres and redis" ;;
        esac
    done
    (
        umask 077
        if [ -s "$folder/postgres/password" ]; then
            printf 'export DATABASE_URL=postgres://purchase:%s@127.0.0.1:%s/purchase?sslmode=disable\n' \
                "$(cat "$folder/postgres/password")" "$(cat "$folder/postgres.port")"
        fi >"$folder/env"
        if [ -s "$folder/redis.password" ]; then
            printf 'export REDIS_URL=redis://:%s@127.0.0.1:%s/0\n' "$(cat "$folder/redis.password")" "$(cat "$folder/redis.port")"
        fi >>"$folder/env"
    )
}

up() {
    bash Scripts/setup.sh --tests
    start redis postgres
    say "data and logs are in .servers/"
    say "to use them: make run ENGINES=postgres,redis   or:  . .servers/env"
    say "to end them: make down"
}

end() {
    if ! is_up "$1"; then say "$1 is not running"; rm -f "$folder/$1.pid"; return; fi
    local pid; pid="$(cat "$folder/$1.pid")"
    kill -TERM "$pid"
    for _ in $(seq 1 100); do
        kill -0 "$pid" 2>/dev/null || { rm -f "$folder/$1.pid"; say "$1 has ended"; return; }
        sleep 0.1
    done
    die "$1 (process $pid) does not end"
}

case "${1:-}" in
    up) up ;;
    start) shift; [ $# -gt 0 ] || set -- redis postgres; start "$@" ;;
    down) end redis; end postgres ;;
    env) [ -s "$folder/env" ] || die "nothing is up; run: make up"; cat "$folder/env" ;;
    *) die "say what to do: up, start, down or env" ;;
esac
