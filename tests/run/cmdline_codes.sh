#!/bin/sh
# The messages that no file has by itself: full texts of E0901 to E0905 and of a warning that is off.
. "$CASE/cmdline.inc"
cat >p.dag <<'DAG'
pipeline one {
  config n: int = 1
  config mode: enum(fast, careful) = fast
  stage a { exec "no-such-program-here", "<config.n>", "<config.mode>" }
}
DAG
printf 'type T = { a: int }\nplugin q(t: T) { run "echo <t.a>" }\n' >lib.dag

# The text that is expected stands on standard input.
prints() {
    cat >wanted
    "$DAGCC" "$@" >out 2>err
    diff wanted err || fail "another message: $*"
}

prints --check -D m=1 p.dag <<'TEXT'
error[E0901]: -D m: the pipeline `one` has no such config

1 error
TEXT
prints --check -D n=x p.dag <<'TEXT'
error[E0902]: -D n=x does not fit `n`, which is int
  --> p.dag:2:10
   |
 2 |   config n: int = 1
   |          ^
   |
   = help: $: expected int, found string "x"

1 error
TEXT
prints --check -D mode=fsat p.dag <<'TEXT'
error[E0902]: -D mode=fsat does not fit `mode`, which is enum(fast, careful)
  --> p.dag:3:10
   |
 3 |   config mode: enum(fast, careful) = fast
   |          ^^^^
   |
   = help: $: expected one of fast, careful, found string "fsat"

1 error
TEXT
prints --check --pipeline two p.dag <<'TEXT'
error[E0903]: p.dag has no pipeline `two`

1 error
TEXT
prints --check -Wprogram p.dag <<'TEXT'
warning[W0203]: there is no program `no-such-program-here` on this machine [-Wprogram]
  --> p.dag:4:18
   |
 4 |   stage a { exec "no-such-program-here", "<config.n>", "<config.mode>" }
   |                  ^^^^^^^^^^^^^^^^^^^^^^

1 warning
TEXT
prints -o x lib.dag <<'TEXT'
error[E0904]: lib.dag has no pipeline to build

1 error
TEXT
prints --check nowhere.dag <<'TEXT'
error[E0905]: cannot read nowhere.dag: No such file or directory

1 error
TEXT
