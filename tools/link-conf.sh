#!/bin/sh
# Writes the link configuration that dagcc reads when it links a pipeline: tools/link-conf.sh FILE
#
# In:  CC, BUILD, STATIC=auto|yes|no, SANFLAGS, LIBS (the libraries libdag.a needs, dynamic names)
# Out: FILE with key=value lines. dagcc puts `-ldag` before the libraries; @LIB@ is the folder of FILE.
#   static=yes|no|off   whether a fully static link works here; off: STATIC=no
#   static_libs=    what follows -ldag in a static link       dynamic_libs=  in a dynamic one
# The answer comes from trying: a small program that uses each library is linked and run.
set -u
conf=$1
lib=$(dirname "$conf")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-link.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$tmp/try.c" <<'C'
#include <cjson/cJSON.h>
#include <pthread.h>
#include <sqlite3.h>
#include <tre/tre.h>
#include <utf8proc.h>
#include <xxhash.h>
static void *nothing(void *p) { return p; }
int main(void) {
    sqlite3 *db = 0;
    regex_t re;
    pthread_t t;
    cJSON *j = cJSON_Parse("1");
    if (!j || sqlite3_open(":memory:", &db) || tre_regcomp(&re, "a+", 0)) return 1;
    if (!utf8proc_version() || XXH64("a", 1, 0) == 0) return 1;
    if (pthread_create(&t, 0, nothing, 0) || pthread_join(t, 0)) return 1;
    cJSON_Delete(j);
    tre_regfree(&re);
    return sqlite3_close(db);
}
C

# try FLAG LIBS...: links and runs the program; its messages are kept for the caller to show.
try() {
    flag=$1
    shift
    # shellcheck disable=SC2086 # the lists are meant to be split
    $CC -pthread $flag $SANFLAGS -o "$tmp/try" "$tmp/try.c" "$@" >"$tmp/log" 2>&1 &&
        "$tmp/try" >>"$tmp/log" 2>&1
}

# no_dlopen: builds libdagdl.a and prints what leaves glibc's dlopen, and the linker's warning about
# it, out of a static link; see tools/static-dl.c. (The linker's own --no-warnings is no way: with it
# binutils 2.40 also passes over libraries that are missing.)
no_dlopen() {
    $CC -O2 -fPIC -c -o "$tmp/dl.o" tools/static-dl.c && rm -f "$lib/libdagdl.a" &&
        ${AR:-ar} rcsD "$lib/libdagdl.a" "$tmp/dl.o" &&
        echo "$lib/libdagdl.a -Wl,--wrap=dlopen,--wrap=dlsym,--wrap=dlclose,--wrap=dlerror"
}

# static_works LIBS: sets static_libs when a static link with these works.
static_works() {
    # A linker without --wrap is left to warn; the program is the same.
    for more in "$(no_dlopen)" ''; do
        # shellcheck disable=SC2086
        if try -static $1 $more; then
            static_libs=$(echo "$1 $more" | sed "s|$lib/|@LIB@/|g; s| *\$||")
            return 0
        fi
    done
    return 1
}

rm -f "$lib/libcjson.a"
static=no # off: nobody wants any
static_libs=
own_cjson=$(echo "$LIBS" | sed "s|-lcjson|$lib/libcjson.a|")
if [ "$STATIC" != no ]; then
    if static_works "$LIBS"; then
        static=yes
    elif tools/cjson-static.sh "$lib/libcjson.a" && static_works "$own_cjson"; then
        static=yes
    else
        sed 's/^/    /' "$tmp/log" >&2
        echo "link: no fully static link on this machine; pipelines are linked dynamically" >&2
        echo "link: remove $conf to have make try again" >&2
        if [ "$STATIC" = yes ]; then
            exit 1
        fi
    fi
else
    static=off
fi
if ! try '' $LIBS; then
    sed 's/^/    /' "$tmp/log" >&2
    echo "link: a program with the runtime's libraries does not link; \`make deps\` lists them" >&2
    exit 1
fi

cat >"$conf.new" <<CONF
# Written by make (tools/link-conf.sh), read by dagcc. @LIB@ is the folder of this file.
static=$static
static_libs=$static_libs -pthread
dynamic_libs=$(echo "$SANFLAGS $LIBS" | sed 's/^ *//') -pthread
CONF
mv "$conf.new" "$conf"
