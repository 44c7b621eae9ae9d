#!/usr/bin/env bash
# Checks the documents: both languages, links, and that the diagram of docs/saga.md is what the types give.
#   --graph-only   the diagram alone
#   --write        writes the diagram into both documents instead of comparing it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode="${1:-all}"
documents=(docs/saga.md docs/saga.ko.md)
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

between_markers() {
    awk '/<!-- graph:end -->/ { inside = 0 } inside && !/^```/ && NF { print } /<!-- graph:begin -->/ { inside = 1 }' "$1"
}

write_graph() {
    awk -v graph="$scratch/graph" '
        /<!-- graph:begin -->/ {
            print; print ""; print "```mermaid"
            while ((getline line < graph) > 0) print line
            close(graph)
            print "```"; print ""
            inside = 1
        }
        /<!-- graph:end -->/ { inside = 0 }
        !inside { print }' "$1" >"$scratch/document"
    cat "$scratch/document" >"$1"
    printf 'docs: wrote the graph into %s\n' "$1"
}

swift build --product purchase
"$(swift build --show-bin-path)/purchase" graph | awk '!/^```/ && NF' >"$scratch/graph"

failed=0
for document in "${documents[@]}"; do
    if [ "$mode" = "--write" ]; then
        write_graph "$document"
    elif between_markers "$document" | diff -u --label "$document" --label "purchase graph" - "$scratch/graph"; then
        printf 'docs: the graph of %s is current\n' "$document"
    else
        failed=1
    fi
done
if [ "$failed" -ne 0 ]; then
    printf "docs: the choreography changed; look at the difference, then run 'bash Scripts/check-docs.sh --write'\n" >&2
    exit 1
fi
if [ "$mode" = "all" ]; then swift test --filter '^ArchitectureTests\..*documents'; fi
