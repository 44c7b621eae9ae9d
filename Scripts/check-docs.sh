#!/usr/bin/env bash
# Checks the documents: both languages, links, and that what is made from the code is current: the diagram of docs/saga.md,
# the paths of docs/api.md, the commands of docs/command-line.md, the events of docs/events.md, and their published contracts in
# docs/events.json. A change of an event that would break whoever relies on those contracts is refused, with --write, too.
#   --made-only    what is made from the code alone
#   --write        writes it into the documents instead of comparing it
#   SKIP_BUILD=1   what is built is current
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode="${1:-all}"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

[ -n "${SKIP_BUILD:-}" ] || swift build --product purchase
purchase="$(swift build --show-bin-path)/purchase"

# Document, name of its markers, what belongs between them.
failed=0
compare() {
    local document="$1" name="$2" made="$3"
    awk -v name="$name" -v made="$made" '
        $0 == "<!-- " name ":begin -->" {
            print; print ""
            while ((getline line < made) > 0) print line
            close(made)
            print ""
            inside = 1
        }
        $0 == "<!-- " name ":end -->" { inside = 0 }
        !inside { print }' "$document" >"$scratch/document"
    if [ "$mode" = "--write" ]; then
        cat "$scratch/document" >"$document"
        printf 'docs: wrote the %s into %s\n' "$name" "$document"
    elif diff -u --label "$document" --label "made from the code" "$document" "$scratch/document"; then
        printf 'docs: the %s of %s are current\n' "$name" "$document"
    else
        failed=1
    fi
}

# First: what breaks a published contract is written nowhere.
"$purchase" events --format schema --published docs/events.json >"$scratch/events.json"

{ printf '```mermaid\n'; "$purchase" graph | awk '!/^```/ && NF'; printf '```\n'; } >"$scratch/graph"
compare docs/saga.md graph "$scratch/graph"
compare docs/saga.ko.md graph "$scratch/graph"
"$purchase" api --format table --language en >"$scratch/routes.en"
"$purchase" api --format table --language ko >"$scratch/routes.ko"
compare docs/api.md routes "$scratch/routes.en"
compare docs/api.ko.md routes "$scratch/routes.ko"
"$purchase" reference >"$scratch/commands"
compare docs/command-line.md commands "$scratch/commands"
compare docs/command-line.ko.md commands "$scratch/commands"

"$purchase" events --format guide --language en >"$scratch/events.en"
"$purchase" events --format guide --language ko >"$scratch/events.ko"
compare docs/events.md events "$scratch/events.en"
compare docs/events.ko.md events "$scratch/events.ko"

if [ "$mode" = "--write" ]; then
    cat "$scratch/events.json" >docs/events.json
    printf 'docs: wrote the contracts of the events into docs/events.json\n'
elif diff -u --label docs/events.json --label "made from the code" docs/events.json "$scratch/events.json"; then
    printf 'docs: the contracts of docs/events.json are current\n'
else
    failed=1
fi

if [ "$failed" -ne 0 ]; then
    printf "docs: the code changed; look at the difference, then run 'bash Scripts/check-docs.sh --write'\n" >&2
    exit 1
fi
if [ "$mode" = "all" ]; then swift test --filter '^ArchitectureTests\..*documents'; fi
