#!/usr/bin/env bash
# Fuzzes the served API with Schemathesis against its own description: all checks, stateful sequences too, then `verify`.
#   FUZZ_EXAMPLES   test cases an operation and phase; 20 if not set
#   FUZZ_SEED       repeats a run; chosen and said if not set
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=4.32.5
examples="${FUZZ_EXAMPLES:-20}"
seed="${FUZZ_SEED:-$RANDOM}"

swift build --product purchase
purchase="$(swift build --show-bin-path)/purchase"

tool=".build/fuzz-$version"
if [ ! -x "$tool/bin/schemathesis" ]; then
    printf 'fuzz: installing schemathesis %s into %s\n' "$version" "$tool"
    python3 -m venv "$tool"
    "$tool/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi

uuid() { python3 -c 'import uuid; print(uuid.uuid4())'; }

work="$(mktemp -d)"
server=""
finish() {
    if [ -n "$server" ] && kill -0 "$server" 2>/dev/null; then
        kill "$server"
        wait "$server" || true
    fi
    rm -rf "$work"
}
trap finish EXIT

export JWT_SECRET="$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')"
export LOG_LEVEL=error METRICS_PORT=off RATE_LIMIT_ENABLED=false TEST_USER_BALANCE=1000000000 TEST_ITEM_STOCK=1000000
"$purchase" serve --port 0 --env test --database "$work/fuzz.sqlite" >"$work/out" 2>"$work/err" &
server=$!
until url="$(grep -om1 'http://127.0.0.1:[0-9]*' "$work/out")"; do
    kill -0 "$server" 2>/dev/null || { cat "$work/err" >&2; exit 1; }
    read -rt 0.1 <> <(:) || true
done
data="$(curl -fsS -X POST "$url/setup-test-data")"
token="$(printf %s "$data" | sed -E 's/.*"admin":"(eyJ[^"]*)".*/\1/')"

printf 'fuzz: %s examples an operation, seed %s\n' "$examples" "$seed"
root="$PWD"
# Token, then which operations. In a folder of its own, where it keeps its notes.
fuzz() {
    (cd "$work" && "$root/$tool/bin/schemathesis" --config-file "$root/Tests/APIFuzz/schemathesis.toml" run \
        "$url/openapi.json" --checks all --max-examples "$examples" --seed "$seed" --header "Authorization: Bearer $1" --request-timeout 20 \
        --continue-on-failure "${@:2}")
}
# What ends the token it is called with would leave nothing but 401 for all others: it gets a token of its own, afterwards.
ending='^/auth/(logout|session)$'
# And a stream has no end.
fuzz "$token" --exclude-path-regex "$ending|^/admin/(audit/)?stream\$"
own="$("$purchase" token --env test --database "$work/fuzz.sqlite" --user "$(uuid)" --role admin)"
fuzz "$own" --include-path-regex "$ending"

if [ -s "$work/err" ]; then
    printf 'fuzz: the server complained:\n' >&2
    cat "$work/err" >&2
    exit 1
fi
"$purchase" verify --env test --database "$work/fuzz.sqlite" --wait 60
