#!/usr/bin/env bash
# PostgreSQL and Redis of the project's own: servers.sh up | down | env. Both listen on free ports of 127.0.0.1, keep their data in
# .servers/, and stay until they are ended. What connects to them is in .servers/env.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder="$PWD/.servers"
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

up() {
    bash Scripts/setup.sh --tests
    command -v psql >/dev/null || die "psql is missing (Debian: postgresql-client)"
    command -v redis-server >/dev/null || die "redis-server is missing (Debian: redis-server)"
    mkdir -p "$folder"
    # Readable by the user that PostgreSQL's server runs as.
    chmod 711 "$folder"
    [ -s "$folder/postgres.port" ] || free_port >"$folder/postgres.port"
    [ -s "$folder/redis.port" ] || free_port >"$folder/redis.port"
    [ -s "$folder/redis.password" ] || (umask 077 && secret >"$folder/redis.password")
    local pg_port redis_port
    pg_port="$(cat "$folder/postgres.port")"; redis_port="$(cat "$folder/redis.port")"
    is_up postgres || in_background postgres bash Scripts/postgres.sh "$folder/postgres" "$pg_port"
    is_up redis || in_background redis redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$folder" \
        --appendonly yes --appendfsync everysec --save "" --maxmemory-policy noeviction \
        --requirepass "$(cat "$folder/redis.password")"
    wait_for Redis redis env REDISCLI_AUTH="$(cat "$folder/redis.password")" redis-cli -p "$redis_port" ping
    wait_for PostgreSQL postgres test -s "$folder/postgres/password"
    local password; password="$(cat "$folder/postgres/password")"
    ask() { PGPASSWORD="$password" psql -h 127.0.0.1 -p "$pg_port" -U purchase -tAc "$1" "${2:-postgres}"; }
    wait_for PostgreSQL postgres ask "SELECT 1"
    [ "$(ask "SELECT 1 FROM pg_database WHERE datname = 'purchase'")" = 1 ] || ask "CREATE DATABASE purchase" >/dev/null
    (umask 077 && cat >"$folder/env" <<TEXT
export DATABASE_URL=postgres://purchase:$password@127.0.0.1:$pg_port/purchase?sslmode=disable
export REDIS_URL=redis://:$(cat "$folder/redis.password")@127.0.0.1:$redis_port/0
TEXT
    )
    say "PostgreSQL is on 127.0.0.1:$pg_port, Redis on 127.0.0.1:$redis_port; data and logs are in .servers/"
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
    down) end redis; end postgres ;;
    env) [ -s "$folder/env" ] || die "nothing is up; run: make up"; cat "$folder/env" ;;
    *) die "say what to do: up, down or env" ;;
esac
