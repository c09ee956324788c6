# Stages in several C files: a shared function, include folders, libraries, packages; every kind of
# value comes through; the digest of the code changes with what it includes.
. "$CASE/cmdline.inc"
mkdir inc
cat >n.dag <<'DAG'
plugin dbl { in x: int  out y: int  native "f.c" dbl }
pipeline n {
  input text: string = "hello"
  stage q { out v: int = 4 }
  stage a = dbl
  stage b = dbl
  stage z {
    in text: string = <input.text>
    in row: { a: int, b: list<string> } = { a: 1, b: ["x", "y"] }
    in j: json = { k: 8 }
    in none: string?
    out each: stream<string>
    out same: string
    out root: float
    out f: file
    out upper: string = <text | upper>
    native "z.c", "more.c" zz link "m" include "inc"
  }
  q.v -> a.x
  a.y -> b.x
  output y: int = <b.y>
  output each: list<string> = <z.each>
  output same: string = <z.same>
  output root: float = <z.root>
  output f: string = <z.f.name>
  output upper: string = <z.upper>
}
DAG
cat >f.c <<'C'
#include "n.dag.h"
int dbl(dag_ctx *ctx, const dbl_in *in, dbl_out *out) { (void)ctx; out->y = 2 * in->x; return 0; }
C
cat >more.c <<'C'
#include <more.h>
double more(double x) { return sqrt(x); }
C
cat >inc/more.h <<'C'
#include <math.h>
#include "less.h"
double more(double x);
C
echo '/* nothing */' >inc/less.h
cat >z.c <<'C'
#include <more.h>
#include <stdio.h>
#include <string.h>
#include "n.dag.h"
int zz(dag_ctx *ctx, const z_in *in, z_out *out)
{
    if (strcmp(in->text, "fail") == 0) return dag_fail(ctx, "odd", "it is %d", 7);
    if (in->none) return 3;
    for (size_t i = 0; i < in->row.b.len; i++) dag_emit_z_each(ctx, in->row.b.items[i]);
    out->same = in->text;
    out->root = more(in->row.a + cJSON_GetObjectItem(in->j, "k")->valueint);
    FILE *o = fopen(dag_printf(ctx, "%s/q.txt", dag_workdir(ctx)), "w");
    fputs(in->text, o);
    fclose(o);
    out->f = "q.txt";
    dag_log(ctx, "done with %s", in->text);
    return 0;
}
C
expect 0 "$DAGCC" n.dag
expect 0 ./n --json
says out '"y":16,"each":["x","y"],"same":"hello","root":3.0,"f":"q.txt","upper":"HELLO"'
expect 1 ./n --input text=fail
says err 'error in z (odd): it is 7'

# Hostile and large values are not changed by their way through C.
v='a'\''"$(touch pwned)`touch pwned`\ -n
%s<b>;&ä'
expect 0 ./n --json --input "text=$v"
says out '"same":"a'\''\"$(touch pwned)`touch pwned`\\ -n\n%s<b>;&ä"'
head -c 200000 /dev/zero | tr '\0' x >large
expect 0 ./n --json --input text=@large
[ "$(wc -c <out)" -gt 400000 ] || fail "a large value is cut"
cmp .dag/work/*/z/-/1/out/q.txt large || cmp "$(ls -td .dag/work/*/z/-/1/out/q.txt | head -n 1)" large ||
    fail "a large value has changed"

# The digest stands in the program: it follows includes and flags, and nothing else.
digest() { "$DAGCC" --emit=c n.dag | grep -oE 'flags [0-9a-f]{16}|\([0-9]+ bytes, [0-9a-f]{16}\)' | sort -u; }
one=$(digest)
[ "$(echo "$one" | grep -c flags)" -eq 2 ] || fail "two functions, two digests: $one"
sed -i 's/^pipeline/\n## Other layout\npipeline/' n.dag
[ "$(digest)" = "$one" ] || fail "the layout of the .dag file is in the digest"
touch z.c inc/less.h
[ "$(digest)" = "$one" ] || fail "the time of a file is in the digest"
echo '/* something */' >inc/less.h
two=$(digest)
[ "$two" != "$one" ] || fail "an included file is not in the digest"
sed -i 's/link "m"/link "m" link "dl"/' n.dag
[ "$(digest)" != "$two" ] || fail "a library is not in the digest"
sed -i 's/ link "dl"//' n.dag
[ "$(digest)" = "$two" ] || fail "the same code has another digest"

# Two stages with ports of their own cannot share a function.
sed 's/stage b = dbl/stage b { in x: int  out y: int  native "f.c" dbl }/' n.dag >two.dag
expect 1 "$DAGCC" two.dag
says err 'stage `b` calls the C function `dbl` with other types than stage `a`'

# The header stands alone, in C and in C++; what a function prints is not among the results.
expect 0 "$DAGCC" --emit=header n.dag -o n.dag.h
home=$(dirname "$DAGCC")
echo '#include "n.dag.h"' >h.c
expect 0 "${CC:-cc}" -std=c11 -Wall -Wextra -pedantic -Werror -fsyntax-only -I. -I"$home/include" h.c
silent err
if command -v c++ >/dev/null; then
    expect 0 c++ -x c++ -Wall -Wextra -pedantic -Werror -fsyntax-only -I. -I"$home/include" h.c
fi
cat >print.dag <<'DAG'
pipeline print {
  stage a {
    out n: int
    c '''
      #include <more.h>
      printf("from a function\n");
      out->n = (int64_t)sqrt((double)dag_attempt_number(ctx));
    ''' link "m" include "inc"
  }
  output n: int = <a.n>
}
DAG
expect 0 "$DAGCC" print.dag
expect 0 ./print -q
[ "$(cat out)" = 'n: 1' ] || fail "$(cat out)"
[ "$(cat err)" = 'from a function' ] || fail "$(cat err)"

# Names that are keywords of C or C++.
cat >words.dag <<'DAG'
pipeline words {
  input class: int = 1
  stage words {
    in class: int = <input.class>
    in new: { this: int, default: int } = { this: 2, default: 3 }
    out delete: int
    c "out->delete_ = in->class_ + in->new_.this_ + in->new_.default_;"
  }
  output delete: int = <words.delete>
}
DAG
expect 0 "$DAGCC" words.dag
expect 0 ./words -q
[ "$(cat out)" = 'delete: 6' ] || fail "$(cat out)"
expect 0 "$DAGCC" --emit=header words.dag -o words.dag.h
expect 0 "$DAGCC" --archive words.dag
printf '#include "words.dag.h"\n#include "words.h"\n' >w.c
expect 0 "${CC:-cc}" -std=c11 -Wall -Wextra -pedantic -Werror -fsyntax-only -I. w.c
if command -v c++ >/dev/null; then
    expect 0 c++ -x c++ -Wall -Wextra -pedantic -Werror -fsyntax-only -I. w.c
fi
