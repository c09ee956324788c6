#!/bin/sh
# Formats all our C files, or with --check only says which ones differ: tools/format.sh [--check]
# Other versions of clang-format lay code out differently: anything but version 14 is left aside.
set -u
cf=
for c in clang-format-14 clang-format; do
    if command -v $c >/dev/null && $c --version | grep -q 'version 14\.'; then
        cf=$c
        break
    fi
done
files=$(find compiler runtime tests tools bench -name '*.[ch]' ! -path '*/fixtures/*' ! -path '*/golden/*' | sort)
if [ -z "$cf" ]; then
    echo "format: clang-format 14 not found, nothing looked at"
    [ "${1:-}" = --check ] && echo "format: 0 passed, 0 failed, 1 skipped"
    exit 0
fi
if [ "${1:-}" != --check ]; then
    # shellcheck disable=SC2086
    exec $cf -i $files
fi
bad=0
for f in $files; do
    if ! $cf "$f" | cmp -s - "$f"; then
        bad=$((bad + 1))
        echo "format: $f: run \`make format\`; first difference:"
        $cf "$f" | diff "$f" - | head -n 6 | sed 's/^/    /'
    fi
done
# One check, however many files there are.
if [ "$bad" -eq 0 ]; then
    echo "format: 1 passed, 0 failed"
else
    echo "format: $bad files are laid out otherwise"
    echo "format: 0 passed, 1 failed"
    exit 1
fi
