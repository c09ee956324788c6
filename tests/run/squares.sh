# examples/embed: a pipeline in a C program, as an archive and as a shared library: two runs at the
# same time, events by callback, one run cancelled, one refused. Nothing is leaked, printed or left
# running, and no signal handler comes with it.
. "$CASE/cmdline.inc"
cp "$CASE"/../../examples/embed/* .
CC=${CC:-cc}
command -v pkg-config >/dev/null || { echo "no pkg-config"; exit 77; }

ran() {
    expect 0 "$@"
    says out 'completed: sum 14, total 14, largest 9, 2 words, 6 tasks'
    says out 'completed: sum 338350, total 338350, largest 10000, 2 words, 103 tasks'
    says out 'failed: type: input words: [0]: not valid UTF-8'
    grep -qx cancelled out || fail "no run was cancelled"
    [ "$(wc -l <out)" -eq 4 ] || fail "something else is printed"
    [ -n "${quiet-}" ] || silent err
}

expect 0 "$DAGCC" --archive squares.dag
silent err
[ -f libsquares.a ] && [ -f squares.h ] && [ -f squares.pc ] && [ -f dag.h ] || fail "a file is missing"
# shellcheck disable=SC2046
expect 0 "$CC" -Wall -Wextra -Werror embed.c $(PKG_CONFIG_PATH=. pkg-config --cflags --libs squares) -o embed
ran ./embed
! nm embed | grep -wE 'dag_main|sigaction|signal@.*|signal' || fail "the command line or a signal handler came with it"
# (Not what a sanitizer watches already.)
if command -v valgrind >/dev/null && ! valgrind --version | grep -q '^valgrind-3\.[0-9]\.' &&
    ! nm embed | grep -qE '__(tsan|asan)_'; then
    quiet=1 ran valgrind -q --leak-check=full --error-exitcode=9 ./embed
    ! grep -E '(definitely|indirectly|possibly) lost|Invalid|uninitialised' err || fail "valgrind"
fi

# The header is C++ too, and two runs of dagcc give the same bytes.
if command -v c++ >/dev/null; then
    echo '#include "squares.h"
    int main() { squares_outputs o; squares_inputs i = {}; (void)i; return sizeof o == 0; }' >x.cc
    expect 0 c++ -Wall -Wextra -fsyntax-only -I. x.cc
fi
cp squares.h first.h
expect 0 "$DAGCC" --archive squares.dag -o sub.a
cmp sub.a libsquares.a || fail "the same input gives other bytes"
cmp first.h squares.h

mkdir so
expect 0 "$DAGCC" --shared squares.dag -o so/libsquares.so
silent err
first= # the library of a sanitizer must come first
case $(nm -D --undefined-only so/libsquares.so) in
*__asan_*) first=-fsanitize=address ;;
*__tsan_*) first=-fsanitize=thread ;;
esac
# shellcheck disable=SC2046,SC2086
expect 0 "$CC" $first embed.c $(PKG_CONFIG_PATH=so pkg-config --cflags --libs squares) -o embed2
ran ./embed2
nm -D --defined-only so/libsquares.so | awk '{ print $NF }' | grep -vE '^(dag_|squares_(run|free)$)' >more
silent more
