#!/bin/sh
# Checks the rules about who may depend on what. One `rule` row each, at the end of this file.
#
# In: BUILD (a normal build, its objects are read with nm and objdump). Prints what breaks a rule and
# one closing line; exit status 1 when one is broken. To allow something, say so and why in its row.
set -u
obj=${BUILD:-build}/obj
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-lint.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
passed=0
failed=0

# rule WHAT COMMAND...: the rule holds when the command prints nothing.
rule() {
    what=$1
    shift
    "$@" >"$tmp/out" 2>&1
    if [ -s "$tmp/out" ]; then
        failed=$((failed + 1))
        echo "lint: broken: $what"
        sort -u "$tmp/out" | sed 's/^/    /'
    else
        passed=$((passed + 1))
    fi
}

# sources GLOB...: our files that match; find takes `runtime/core/sched*` as a path pattern.
sources() {
    for glob; do
        find compiler runtime tests examples tools bench docs grammar editors -type f -path "$glob"
    done 2>/dev/null | sort
}

# lines REGEX ALLOWED GLOB...: prints file:line:text where the regex occurs in code. Files whose path
# matches ALLOWED (a regex, - for none) are left out, and so are comment lines.
lines() {
    regex=$1 allowed=$2
    shift 2
    sources "$@" | grep -Ev -e "$allowed" | xargs -r grep -nE -e "$regex" /dev/null |
        grep -Ev '^[^:]*:[0-9]+:[[:space:]]*(/?\*|//)'
}

# anywhere REGEX: the same for any line of any file that is not built or ignored.
anywhere() {
    find . -type f ! -path './.git/*' ! -path './build*' ! -path '*/.dag/*' -print0 |
        xargs -0 -r grep -InE -e "$1" /dev/null
}

# calls REGEX ALLOWED GLOB...: prints the symbols matching the whole regex that an object needs from
# elsewhere; the globs are those of its sources, without .c.
calls() {
    regex=$1 allowed=$2
    shift 2
    sources "$@" | grep '\.c$' | grep -Ev -e "$allowed" | while read -r f; do
        [ -f "$obj/${f%.c}.o" ] || continue
        nm -u "$obj/${f%.c}.o" | awk '{ print $NF }' | grep -Ex -e "(__)?($regex)(64)?(_chk)?" | sed "s|^|$f needs |"
    done
}

# globals ALLOWED GLOB...: prints the variables that can change: objects in .data, .bss, .tdata, .tbss.
# (nm's letters do not do: constant tables of pointers are in .data.rel.ro, which nm also calls d.)
globals() {
    allowed=$1
    shift
    sources "$@" | grep '\.c$' | grep -Ev -e "$allowed" | while read -r f; do
        [ -f "$obj/${f%.c}.o" ] || continue
        objdump -t "$obj/${f%.c}.o" |
            awk -v f="$f" '$0 ~ /[ \t]O[ \t]/ && $0 ~ /[ \t](\.(data|bss|tdata|tbss)(\.[^ \t]*)?|\*COM\*)[ \t]/ &&
                $0 !~ /\.data\.rel\.ro/ { print f " changes " $NF }'
    done
}

# foreign DIR ALLOWED: prints the "..." includes of DIR's files that are found neither beside the
# file nor below DIR, except those that match ALLOWED.
foreign() {
    dir=$1 allowed=$2
    sources "$dir/*.[ch]" | while read -r f; do
        sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$f" | while read -r i; do
            [ -f "$dir/$i" ] || [ -f "$(dirname "$f")/$i" ] && continue
            echo "$i" | grep -Eqx -e "$allowed" || echo "$f includes $i"
        done
    done
}

# room_arrows: prints "ROOM OTHER WHAT" for everything that a room of the compiler takes from another:
# headers that it includes, symbols that its objects need.
room_arrows() {
    sources 'compiler/*/*.[ch]' | xargs grep -Ho '^ *# *include *"[^"]*"' | sed 's/: *# *include *"/ /; s/"$//' |
        while read -r f i; do
            room=${f#compiler/}
            if [ -f "compiler/$i" ]; then
                echo "${room%/*} ${i%/*} $f includes $i"
            elif [ -f "${f%/*}/$i" ]; then
                echo "${room%/*} ? $f includes $i without its room"
            fi
        done
    { sources 'compiler/*/*.c' | sed 's|^compiler/\(.*\)/\(.*\)\.c$|\1 compiler/\1/\2.o|'
        echo syntax gen/parser.o; echo syntax gen/quick.o; echo syntax gen/lexer.o; } | while read -r room o; do
        nm "$obj/$o" | sed -n -e "s|^ *U |$room U |p" -e "s|^[0-9a-f]* [TDRBC] |$room D |p"
    done | awk '$2 == "D" { at[$3] = $1 } $2 == "U" { room[n] = $1; what[n++] = $3 }
        END { for (i = 0; i < n; i++) if (what[i] in at && at[what[i]] != room[i])
            print room[i], at[what[i]], room[i] " calls " what[i] " of " at[what[i]] }'
}

# crossed_rooms: prints what crosses the compiler's rooms against the table in docs/internals.md: a room
# may use those in the last column of its row, and what these may use.
crossed_rooms() {
    sed -n 's/^| `compiler\/\([a-z\/]*\)\/` | .* | \([^|]*\) |$/ROW \1 \2/p' docs/internals.md | tr -d '`,' >"$tmp/rooms"
    room_arrows | cat "$tmp/rooms" - | awk '
        $1 == "ROW" { known[$2] = 1; may[$2, $2] = 1
            for (i = 3; i <= NF; i++) for (r in known) if (may[$i, r]) may[$2, r] = 1
            next }
        !($1 in known) { print "compiler/" $1 "/ has no row in docs/internals.md"; next }
        !may[$1, $2] { print substr($0, length($1 $2) + 3) }'
}

# unlisted_suites: prints the suites of the unit tests that no row of suites.def names.
unlisted_suites() {
    sed -n 's/^void \(suite_[a-z0-9_]*\)(void) *{.*/\1/p' tests/unit/*.c | while read -r s; do
        grep -q "^SUITE(${s#suite_})" tests/unit/suites.def || echo "$s is not in tests/unit/suites.def"
    done
}

# long_files MOST GLOB...
long_files() {
    most=$1
    shift
    sources "$@" | xargs -r wc -l | awk -v most="$most" '$2 != "total" && $1 > most { print $2 " has " $1 " lines" }'
}

# idle_examples: prints the examples that nothing runs: no `#: run` mark, and no test of that name.
idle_examples() {
    sources 'examples/*.dag' | while read -r f; do
        grep -q '^#: run' "$f" || [ -f "tests/run/$(basename "$f" .dag).sh" ] ||
            echo "$f has neither a '#: run' mark nor a tests/run/NAME.sh"
    done
}

# unshown_messages: prints the messages of the compiler that no golden test shows.
unshown_messages() {
    command -v python3 >/dev/null || return 0
    python3 tools/messages.py
}

# untold_plugins: prints the plugins of the standard library that the language's reference does not name.
untold_plugins() {
    sed -n 's/^plugin \([a-z0-9_]*\).*/\1/p' std/*.dag | while read -r name; do
        grep -q "\`$name\`" docs/language.md || echo "docs/language.md does not name std's plugin $name"
    done
}

# untold_words: prints the keywords that the language's reference does not have.
untold_words() {
    sed -n -e 's/^WORD("\([a-z_]*\)".*/\1/p' -e 's/^ATTR([A-Z_]*, "\([a-z_]*\)".*/\1/p' compiler/syntax/words.def compiler/syntax/attributes.def | while read -r word; do
        grep -qw "$word" docs/language.md || echo "docs/language.md does not tell \`$word\`"
    done
}

# unparsed_words: prints the keywords and attributes that the tree-sitter grammar does not have.
unparsed_words() {
    for group in items attributes parts suffixes conditions; do
        "${BUILD:-build}/tools/tables" words $group | tr '|' '\n' | while read -r word; do
            grep -q "['|]$word['|]" editors/tree-sitter-dag/grammar.js || echo "grammar.js does not know \`$word\`"
        done
    done
}

# silent_examples: prints the examples whose first line is no comment.
silent_examples() {
    sources 'examples/*.dag' | while read -r f; do
        head -n 1 "$f" | grep -q '^#' || echo "$f does not say what it shows"
    done
}

world='pthread_.*|thrd_.*|mtx_.*|sem_.*|open|openat|creat|fopen|fdopen|freopen|read|pread|write|pwrite
close|dup2?|pipe2?|poll|select|mmap|stat|lstat|fstat|fstatat|access|unlink|rename|mkdir|rmdir|opendir
readdir|realpath|getcwd|chdir|clock_gettime|gettimeofday|time|clock|localtime(_r)?|gmtime(_r)?
nanosleep|usleep|sleep|getenv|secure_getenv|setenv|putenv|environ|setlocale|sqlite3_.*|fork|vfork
posix_spawn.*|exec[lv].*|system|popen|wait.*|kill|signal|sigaction|sigprocmask|rand|random|getrandom
printf|vprintf|puts|putchar|putc|stdin|stdout|stderr|perror|exit|_exit|_Exit|quick_exit|abort'
world=$(echo "$world" | tr '\n' '|' | sed 's/|$//')
clock='clock_gettime|gettimeofday|time|clock|nanosleep|usleep|sleep|clock_nanosleep'
spawn='fork|vfork|clone|posix_spawn.*|exec[lv].*|system|popen|kill|waitpid|waitid'
print='printf|vprintf|puts|putchar|putc|perror|stdout|stderr'
headers_of_world='pthread|threads|semaphore|fcntl|unistd|time|sys/.*|sqlite3|signal|spawn|poll|dirent'

# ------------------------------------------------------------------------------------- the rules

rule "the runtime includes only its own headers" \
    foreign runtime -
rule "the compiler uses of the runtime only dag.h and the pure half" \
    foreign compiler 'dag\.h|pure/.*|parser\.h|lexer\.h'
rule "the rooms of the compiler use each other as the table in docs/internals.md says" \
    crossed_rooms
rule "the pure half touches nothing of the world (symbols)" \
    calls "$world" '/bug\.c$|/arena\.c$' 'runtime/pure/*'
rule "the pure half touches nothing of the world (headers)" \
    lines "^ *# *include *<($headers_of_world)\.h>" - 'runtime/pure/*'
rule "the pure half includes only the pure half and dag.h" \
    lines '^ *# *include *"(core|exec|store|cli|report)/' - 'runtime/pure/*'
rule "scheduler, gates and tasks read no clock" \
    calls "$clock" - 'runtime/core/sched*' 'runtime/core/gate*' 'runtime/core/task*'
rule "scheduler, gates and tasks start no process" \
    calls "$spawn" - 'runtime/core/sched*' 'runtime/core/gate*' 'runtime/core/task*'
rule "only the SQLite store includes sqlite3.h" \
    lines '^ *# *include *[<"]sqlite3\.h' 'runtime/store/store_sqlite[a-z_]*\.[ch]$' 'runtime/*' 'compiler/*'
rule "reports know neither the command line nor executors" \
    lines '^ *# *include *"(cli|exec)/' - 'runtime/report/*'
rule "executors do not write the store" \
    lines '^ *# *include *"store/' - 'runtime/exec/*'
rule "the library never ends the process (exec: a child after fork may)" \
    calls 'exit|_Exit|quick_exit' '^runtime/cli/' 'runtime/*'
rule "the library never ends the process by _exit outside exec" \
    calls '_exit' '^runtime/(cli|exec)/' 'runtime/*'
# arena.c: memory ran out and the owner of the arena has set no place to go.
rule "abort is called by BUG and the arena alone" \
    calls 'abort' '/bug\.c$|/pure/arena\.c$' 'runtime/*' 'compiler/*'
# isolate.c: in the child that calls a function, whose standard streams are the task's logs.
rule "the library prints nothing" \
    calls "$print" '^runtime/cli/|/bug\.c$|/exec/isolate\.c$' 'runtime/*'
rule "the library installs no signal handlers" \
    calls 'signal|sigaction|sigset|bsd_signal|sysv_signal' '^runtime/cli/' 'runtime/*'
rule "the library keeps no mutable global" \
    globals '^runtime/cli/' 'runtime/*'
rule "the compiler keeps no mutable global" \
    globals - 'compiler/*'
rule "compiler files apart from main.c do not end the process" \
    calls 'exit|_exit|_Exit|quick_exit' '^compiler/main\.c$' 'compiler/*'
rule "no path of a developer's machine" \
    anywhere '/work/(main|shared|[.])[a-z/]'
rule "every unit test suite has its row in suites.def" \
    unlisted_suites
rule "every message is in a golden test with its full text" \
    unshown_messages
rule "no file is longer than 800 lines" \
    long_files 800 'compiler/*.[ch]' 'runtime/*.[ch]' 'grammar/*'
rule "examples begin by saying what they show" \
    silent_examples
rule "the tables of the documentation are as the rows of the code say" \
    tools/tables.sh --check "${BUILD:-build}/tools/tables"
rule "the tree-sitter grammar has every keyword" \
    unparsed_words
rule "the reference names every plugin of the standard library" \
    untold_plugins
rule "the reference has every keyword" \
    untold_words
rule "links between the pages of the documentation lead somewhere" \
    awk -f tools/links.awk README.md docs/*.md
rule "examples are run by a test" \
    idle_examples

echo "lint: $passed passed, $failed failed"
[ $failed -eq 0 ]
