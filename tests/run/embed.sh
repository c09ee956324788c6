# Two pipelines in one program, with types of the same names, and functions of the program that are named
# like ours: each keeps its own. A large pipeline as a library. Errors are returned, nothing is printed.
. "$CASE/cmdline.inc"
CC=${CC:-cc}
command -v pkg-config >/dev/null || { echo "no pkg-config"; exit 77; }
for p in alpha beta; do
    cat >$p.dag <<DAG
type Point = { x: int, y: int }
type Color = enum(red, green)
pipeline sub {
  input n: int
  stage k { in n: int = <input.n>  out v: int  c ''' out->v = in->n * 2; ''' }
  output v: int = <k.v>
}
pipeline $p {
  input xs: list<int>
  input p: Point = { x: 1, y: 2 }
  input c: Color = red
  stage work {
    in p: Point = <input.p>
    in c: Color = <input.c>
    out v: int
    c ''' out->v = in->p.x + (in->c == Color_green); '''
  }
  stage all = map sub over n { in n: list<int> = <input.xs> }
  stage file { out z: int  native "$p.c" number }
  output v: int = <work.v>
  output w: list<int> = <all.v>
  output z: int = <file.z>
}
DAG
    cat >$p.c <<C
#include DAG_HEADER
int number(dag_ctx *ctx, const file_in *in, file_out *out) { (void)ctx; (void)in; out->z = '${p%"${p#?}"}'; return 0; }
C
done
cat >main.c <<'C'
#include <stdio.h>
#include "alpha.h"
#include "beta.h"
/* The program's own, in the way of the runtime's if it could see them. */
int arena_alloc = 1, tally_init = 2, spawn = 3, run_loop = 4, number = 5;
void value_copy(void) { puts("the program's own function was called"); }
int main(void) {
    int64_t xs[] = { 1, 2, 3 };
    int green = Color_green;
    alpha_inputs a = { .xs = { xs, 3 } };
    beta_inputs b = { .xs = { xs, 2 }, .c = &green };
    alpha_outputs x;
    beta_outputs y;
    alpha_run(&a, &x, NULL);
    beta_run(&b, &y, NULL);
    printf("%s %d %zu %c, %s %d %zu %c\n", dag_state_name(x.dag_info.state), (int)x.v, x.w.len, (char)x.z,
           dag_state_name(y.dag_info.state), (int)y.v, y.w.len, (char)y.z);
    alpha_free(&x);
    beta_free(&y);
    int wrong = 7;
    b.c = &wrong;
    b.xs.len = 1000000000000;
    b.xs.items = NULL;
    if (beta_run(&b, &y, NULL) == DAG_FAILED && y.dag_info.error.type && y.dag_info.error.message) puts("refused");
    beta_free(&y);
    return 0;
}
C
program() { # program FOLDER: what is there, linked and run
    # shellcheck disable=SC2046,SC2086
    expect 0 "$CC" $first -Wall -Wextra -Werror main.c $(PKG_CONFIG_PATH=$1 pkg-config --cflags --libs alpha beta) -o "main$1"
    expect 0 "./main$1"
    printf 'completed 1 3 a, completed 2 2 b\nrefused\n' | cmp - out || fail "$(cat out)"
    silent err
}
mkdir ar so
for p in alpha beta; do
    expect 0 "$DAGCC" --archive $p.dag -o ar/lib$p.a
    nm -g --defined-only ar/lib$p.a | awk 'NF == 3 { print $3 }' | grep -vE "^(dag_[a-z_]*|${p}_(run|free))$" >more
    silent more
    expect 0 "$DAGCC" --shared $p.dag -o so/lib$p.so
done
first= # the library of a sanitizer must come first
case $(nm -D --undefined-only so/libalpha.so) in
*__asan_*) first=-fsanitize=address,undefined ;;
*__tsan_*) first=-fsanitize=thread ;;
esac
program ar
program so

# A function that no file defines is told when the library is made.
sed "s|\"alpha.c\" number|\"alpha.c\" nowhere|" alpha.dag >gone.dag
for kind in archive shared; do
    expect 1 "$DAGCC" --$kind gone.dag -o ar/libgone.x
    says err E0881
done

# Ten thousand stages, position independent.
{
    echo 'pipeline large { input n: int  stage s0 { in n: int = <input.n>  out n: int = <n> }'
    for i in $(seq 9999); do echo "stage s$i { in n: int = <s$((i - 1)).n>  out n: int = <n | add(1)> }"; done
    echo 'output n: int = <s9999.n> }'
} >large.dag
cat >large.c <<'C'
#include <stdio.h>
#include "large.h"
int main(void) {
    large_inputs in = { .n = 1 };
    large_outputs out;
    large_run(&in, &out, NULL);
    printf("%d\n", (int)out.n);
    large_free(&out);
    return 0;
}
C
expect 0 "$DAGCC" --shared large.dag -o liblarge.so
# shellcheck disable=SC2046,SC2086
expect 0 "$CC" $first large.c $(PKG_CONFIG_PATH=. pkg-config --cflags --libs large) -o large
expect 0 ./large
[ "$(cat out)" = 10000 ] || fail "$(cat out)"
