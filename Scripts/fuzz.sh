#!/usr/bin/env bash
# Fuzzes the served API with Schemathesis against its own description, on each pair of store and bus: all checks, stateful sequences too,
# then `verify`. PostgreSQL and Redis are servers of its own, on free ports of 127.0.0.1, gone afterwards.
#   ENGINES         one of  sqlite,embedded  postgres,embedded  postgres,redis, or several with spaces between; if not set, all that
#                   this machine has the servers for, and what is left out is said (PURCHASE_REQUIRE_SERVERS=1: is an error)
#   FUZZ_EXAMPLES   test cases an operation and phase; 20 if not set
#   FUZZ_SEED       repeats a run; chosen and said if not set
#   SKIP_BUILD=1    what is built is current
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=4.32.5
examples="${FUZZ_EXAMPLES:-20}"
seed="${FUZZ_SEED:-$RANDOM}"
say() { printf 'fuzz: %s\n' "$*"; }
die() { printf 'fuzz: %s\n' "$*" >&2; exit "${status:-1}"; }

has() {
    case "$1" in
        sqlite,embedded) ;;
        postgres,*)
            { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 && command -v psql >/dev/null || return 1
            [ "$1" != postgres,redis ] || { command -v redis-server && command -v redis-cli; } >/dev/null ;;
    esac
}
chosen=()
for engines in ${ENGINES:-sqlite,embedded postgres,embedded postgres,redis}; do
    case "$engines" in
        sqlite,embedded | postgres,embedded | postgres,redis) ;;
        *) status=78 die "ENGINES has '$engines'; known are sqlite,embedded  postgres,embedded  postgres,redis" ;;
    esac
    if has "$engines"; then
        chosen+=("$engines")
    elif [ -n "${ENGINES:-}" ] || [ "${PURCHASE_REQUIRE_SERVERS:-}" = 1 ]; then
        die "$engines needs servers that are missing (Debian: postgresql redis-server)"
    else
        printf '\nSKIPPED: fuzzing on %s: PostgreSQL or redis-server is not installed (Debian: postgresql redis-server)\n\n' "$engines" >&2
    fi
done

[ -n "${SKIP_BUILD:-}" ] || swift build --product purchase
purchase="$(swift build --show-bin-path)/purchase"

tool=".build/fuzz-$version"
if [ ! -x "$tool/bin/schemathesis" ]; then
    say "installing schemathesis $version into $tool"
    python3 -m venv "$tool"
    "$tool/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi
root="$PWD"

work="$(mktemp -d)"
export SERVERS_FOLDER="$work/servers"
# PostgreSQL's own user has to get through.
chmod 711 "$work"
server=""
stop() {
    if [ -n "$server" ] && kill -0 "$server" 2>/dev/null; then
        kill "$server"
        wait "$server" || true
    fi
    server=""
}
finish() {
    stop
    if [ -d "$SERVERS_FOLDER" ]; then bash Scripts/servers.sh down >&2; fi
    rm -rf "$work"
}
trap finish EXIT

uuid() { python3 -c 'import uuid; print(uuid.uuid4())'; }

# The settings of a server on these engines, with nothing stored: of the environment only what is said here counts.
settings() {
    unset DATABASE_URL REDIS_URL
    export APP_ENV=test DATABASE_TYPE="${1%,*}" EVENT_BUS="${1#*,}"
    if [ "$DATABASE_TYPE" = sqlite ]; then
        export DATABASE_NAME="$folder/fuzz.sqlite"
        return
    fi
    local names=(postgres) database="fuzz_${1#*,}"
    [ "$EVENT_BUS" != redis ] || names+=(redis)
    # What is thrown away is not worth an fsync.
    POSTGRES_SETTINGS="fsync=off full_page_writes=off" bash Scripts/servers.sh start "${names[@]}"
    # shellcheck disable=SC1091
    . "$SERVERS_FOLDER/env"
    [ "$EVENT_BUS" = redis ] || unset REDIS_URL
    psql --quiet "$DATABASE_URL" -c "CREATE DATABASE $database"
    DATABASE_URL="${DATABASE_URL%/purchase[?]*}/$database?sslmode=disable"
}

# Token, then which operations. In a folder of its own, where it keeps its notes.
fuzz() {
    (cd "$folder" && "$root/$tool/bin/schemathesis" --config-file "$root/Tests/APIFuzz/schemathesis.toml" run \
        "$url/openapi.json" --max-examples "$examples" --seed "$seed" --header "Authorization: Bearer $1" --request-timeout 20 \
        --continue-on-failure "${@:2}")
}

fuzz_on() {
    local engines="$1" began="$SECONDS" folder="$work/${1/,/-}" data token own url
    printf '\n'
    say "on $engines: $examples examples an operation, seed $seed"
    mkdir "$folder"
    settings "$engines"
    export JWT_SECRET; JWT_SECRET="$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')"
    export LOG_LEVEL=error METRICS_PORT=off RATE_LIMIT_ENABLED=false TEST_USER_BALANCE=1000000000 TEST_ITEM_STOCK=1000000
    "$purchase" serve --port 0 >"$folder/out" 2>"$folder/err" &
    server=$!
    until url="$(grep -om1 'http://127.0.0.1:[0-9]*' "$folder/out")"; do
        kill -0 "$server" 2>/dev/null || { cat "$folder/err" >&2; die "the server on $engines did not start"; }
        read -rt 0.1 <> <(:) || true
    done
    data="$(curl -fsS -X POST "$url/setup-test-data")"
    token="$(printf %s "$data" | sed -E 's/.*"admin":"(eyJ[^"]*)".*/\1/')"

    # What ends the token it is called with would leave nothing but 401 for all others: it gets a token of its own, afterwards.
    local ending='^/auth/(logout|session)$'
    # And a stream has no end.
    fuzz "$token" --exclude-path-regex "$ending|^/admin/(audit/)?stream\$"
    own="$("$purchase" token --user "$(uuid)" --role admin)"
    fuzz "$own" --include-path-regex "$ending"

    if [ -s "$folder/err" ]; then
        cat "$folder/err" >&2
        die "the server on $engines complained (FUZZ_SEED=$seed FUZZ_EXAMPLES=$examples)"
    fi
    "$purchase" verify --wait 60
    stop
    say "on $engines: $((SECONDS - began)) s"
}

for engines in "${chosen[@]}"; do fuzz_on "$engines"; done
