#!/bin/sh
# Compares what dagcc prints with the files beside each tests/golden/NAME.dag, what a script NAME.cmd
# prints with NAME.err, and checks what must hold for every .dag file: golden.sh [--bless] [TEXT]
#
# --bless writes the golden files anew; TEXT keeps to the files whose path contains it.
# In: BUILD, CC, JOBS. Prints each difference and one closing line; exit status 1 when one failed.
set -u
export NO_COLOR=1 LC_ALL=C.UTF-8
unset CFLAGS LDFLAGS # the digests of native code count them
dagcc=$PWD/${BUILD:-build}/dagcc
include=$PWD/${BUILD:-build}/include
bless=no
if [ "${1:-}" = --bless ]; then
    bless=yes
    shift
fi
only=${1:-}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-golden.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
passed=0
failed=0

# print KIND FILE: what dagcc prints of that kind. One row per kind; .err and .json are diagnostics. A
# script finds dagcc in $DAGCC and an empty folder in $TMP.
# shellcheck disable=SC2069 # stderr is what is wanted
print() {
    case $1:$2 in
    err:*.cmd) (rm -rf "$tmp/cmd" && mkdir "$tmp/cmd" && DAGCC=$dagcc TMP=$tmp/cmd sh "$2" 2>&1) || : ;;
    *) print_dag "$@" ;;
    esac
}
# shellcheck disable=SC2069
print_dag() {
    case $1 in
    err) "$dagcc" --check "$2" 2>&1 >/dev/null ;;
    json) "$dagcc" --check --diagnostics=json "$2" 2>&1 >/dev/null ;;
    sarif) "$dagcc" --check --diagnostics=sarif "$2" 2>&1 >/dev/null ;;
    fmt) "$dagcc" fmt - <"$2" ;;
    doc) "$dagcc" doc "$2" ;;
    tokens | ast | ir | graph | c | header | schema | deps) "$dagcc" --emit="$1" "$2" ;;
    *) return 99 ;;
    esac
}
kinds='err json sarif fmt doc tokens ast ir graph c header schema deps'

ok() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    echo "$1"
    [ -z "${2:-}" ] || [ ! -f "$2" ] || head -n 40 "$2" | sed 's/^/    /'
}

# --- golden files: run inside tests/golden, so that the paths in messages are short

golden() {
    name=${1%.*}
    for kind in $kinds; do
        [ -f "$name.$kind" ] || continue
        print "$kind" "$1" >"$tmp/got" 2>"$tmp/stderr"
        status=$?
        if [ $status -gt 1 ]; then # 0 and 1 are the answers about a pipeline, all else is trouble
            bad "tests/golden/$name.$kind: dagcc ended with status $status" "$tmp/stderr"
        elif [ $bless = yes ]; then
            cmp -s "$tmp/got" "$name.$kind" || echo "blessed tests/golden/$name.$kind"
            cp "$tmp/got" "$name.$kind"
            ok
        elif diff -u "$name.$kind" "$tmp/got" >"$tmp/diff"; then
            ok
        else
            bad "tests/golden/$name.$kind: differs (- expected, + printed)" "$tmp/diff"
        fi
    done
}

cd tests/golden || exit 1
for f in *.dag *.cmd; do
    [ -f "$f" ] || continue
    case tests/golden/$f in *"$only"*) golden "$f" ;; esac
done
cd ../..

# --- properties of every file

# A file that parses: formatting it twice changes nothing more, and never the meaning.
formats() {
    cp "$1" "$tmp/fmt0.dag"
    if ! "$dagcc" fmt - <"$1" >"$tmp/fmt1.dag" 2>"$tmp/stderr"; then
        bad "$1: dagcc fmt refuses a file that parses" "$tmp/stderr"
    elif ! "$dagcc" fmt - <"$tmp/fmt1.dag" >"$tmp/fmt2.dag" 2>"$tmp/stderr" ||
        ! diff -u "$tmp/fmt1.dag" "$tmp/fmt2.dag" >"$tmp/diff"; then
        bad "$1: dagcc fmt of its own result differs" "$tmp/diff"
    else
        # Under one name, in case the tree tells it.
        (cd "$tmp" && mv fmt1.dag x.dag && "$dagcc" --emit=ast x.dag >ast1 2>stderr)
        (cd "$tmp" && mv fmt0.dag x.dag && "$dagcc" --emit=ast x.dag >ast0 2>stderr)
        if diff -u "$tmp/ast0" "$tmp/ast1" >"$tmp/diff"; then
            ok
        else
            bad "$1: dagcc fmt changes the syntax tree" "$tmp/diff"
        fi
    fi
}

# A file without errors: its C is the same each time, and no compiler has anything to say about it.
emits() {
    "$dagcc" --emit=c "$1" >"$tmp/one.c" 2>"$tmp/stderr"
    status=$?
    "$dagcc" --emit=c "$1" >"$tmp/two.c" 2>/dev/null
    if [ $status -ne 0 ]; then
        bad "$1: dagcc --emit=c ended with status $status" "$tmp/stderr"
        return
    elif ! cmp -s "$tmp/one.c" "$tmp/two.c"; then
        bad "$1: dagcc --emit=c prints something else each time"
        return
    fi
    for cc in "${CC:-cc}" clang; do
        command -v "${cc%% *}" >/dev/null || continue
        if ! $cc -std=c11 -Wall -Wextra -Werror -fsyntax-only -I"$include" "$tmp/one.c" 2>"$tmp/stderr"; then
            bad "$1: $cc complains about its C" "$tmp/stderr"
            return
        fi
    done
    ok
}

# The examples of the documentation compile without a warning, in the standard layout; those that are said
# to be wrong have errors.
for f in README.md docs/*.md; do
    mkdir -p "$tmp/$f"
    awk -v out="$tmp/$f" -f tests/driver/blocks.awk "$f"
done
documented() {
    example=${1#"$tmp"/}
    if [ -f "$(dirname "$1")/wrong" ]; then
        [ "$2" -eq 1 ] && ok || bad "$example: an example that is wrong has no error"
    elif [ "$2" -ne 0 ] || [ -s "$tmp/stderr" ]; then
        bad "$example: an example of the documentation has errors or warnings" "$tmp/stderr"
    elif ! "$dagcc" fmt - <"$1" | diff -u "$1" - >"$tmp/diff"; then
        bad "$example: not in the standard layout (- as it is, + as dagcc fmt prints it)" "$tmp/diff"
    else
        ok
    fi
}

if [ $bless = no ]; then
    for f in tests/golden/*.dag tests/cases/*.dag examples/*.dag "$tmp"/*.md/*/*.dag "$tmp"/docs/*.md/*/*.dag; do
        [ -f "$f" ] || continue
        case $f in *"$only"*) ;; *) continue ;; esac
        if "$dagcc" --emit=ast "$f" >/dev/null 2>&1; then
            formats "$f"
        fi
        quiet=
        case $f in "$tmp"/*) quiet='-Wno-unused-plugin -Wno-unused-type' ;; esac # modules are for others
        # shellcheck disable=SC2086
        "$dagcc" --check $quiet "$f" >/dev/null 2>"$tmp/stderr"
        status=$?
        case $f in "$tmp"/*) documented "$f" $status ;; esac
        case $status in
        0) emits "$f" ;;
        1) ;;
        *) bad "$f: dagcc --check ended with status $status" "$tmp/stderr" ;;
        esac
    done
fi

echo "golden: $passed passed, $failed failed"
[ $failed -eq 0 ]
