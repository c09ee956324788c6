/* Where in a shell script an expression stands. */
#include <CUnit/Basic.h>
#include <string.h>

#include "model/shell.h"
#include "model/types.h"
#include "suites.h"

/* The expressions of a script: @s a string, @l a list, @n an int, @r a string | raw. */
static Expr *expression(Arena *arena, char kind) {
    static const Type string = { .kind = DAG_STRING }, integer = { .kind = DAG_INT };
    static const Type list = { .kind = DAG_LIST, .elem = &string };
    Expr *expr = ARENA_NEW(arena, Expr);
    expr->kind = kind == 'r' ? EXPR_PIPE : EXPR_REF;
    expr->type = kind == 'l' ? &list : kind == 'n' ? &integer : &string;
    if (kind == 'r') {
        expr->u.pipe.pipe.text = "raw";
    }
    return expr;
}

static Piece *pieces_of(Arena *arena, const char *script) {
    Piece *first = NULL, **last = &first;
    while (*script) {
        Piece *piece = ARENA_NEW(arena, Piece);
        size_t n = strcspn(script, "@");
        if (n == 0) {
            piece->expr = expression(arena, script[1]);
            script += 2;
        } else {
            piece->text = arena_text(arena, script, n);
            piece->len = n;
            script += n;
        }
        *last = piece;
        last = &piece->next;
    }
    return first;
}

/* W, D, S, R for each expression, then the messages of the errors. Lives until the next call. */
static const char *scan(const char *script) {
    static char result[1000];
    Arena arena = { 0 };
    ShellScan scan;
    bool ok = shell_scan(&arena, pieces_of(&arena, script), &scan);
    size_t n = 0;
    for (uint32_t i = 0; i < scan.n; i++) {
        if (scan.kinds[i] != DAG_PIECE_TEXT) {
            result[n++] = "TWDSR"[scan.kinds[i]];
        }
    }
    result[n] = '\0';
    for (const ShellError *error = scan.errors; error; error = error->next) {
        n += (size_t)snprintf(result + n, sizeof result - n, "!%s", error->message);
    }
    CU_ASSERT_EQUAL(ok, scan.errors == NULL);
    arena_free(&arena);
    return result;
}

#define SCAN(script, expected) CU_ASSERT_STRING_EQUAL(scan(script), expected)
#define FAILS(script, part) CU_ASSERT_PTR_NOT_NULL(strstr(scan(script), part))

static void knows_quotes(void) {
    SCAN("", "");
    SCAN("echo hello", "");
    SCAN("echo @s", "W");
    SCAN("echo \"@s\" '@s' @s", "DSW");
    SCAN("echo \"a 'b' @s\" 'a \"b\" @s'", "DS");
    SCAN("echo \"a\\\"@s\" a\\\"@s", "DW");
    SCAN("echo 'a\\'@s", "W"); /* no escapes in single quotes */
    SCAN("echo it\\'s @s", "W");
    SCAN("x=@s; y=\"@s\"", "WD");
    SCAN("@s@s", "WW");
    SCAN("tool --in=@s > @s", "WW");
    SCAN("find @s -type f | sort", "W");
}

static void knows_substitutions(void) {
    SCAN("echo $(cat @s)", "W");
    SCAN("echo \"$(cat @s) @s\"", "WD");
    SCAN("echo \"$(cat \"@s\" '@s' $(ls @s)) @s\"", "DSWD");
    SCAN("echo `cat @s` \"`cat @s` @s\"", "WWD");
    SCAN("echo ${x:-@s} \"${x:-@s}\" '${x:-@s}'", "WDS");
    SCAN("echo ${x:-'@s'} \"${x:-'@s'}\"", "SD");
    SCAN("echo $((1 + @n)) @s", "DW");
    SCAN("echo $(( (1 + @n) * 2 )) @s", "DW");
    SCAN("echo $((echo a); (echo @s)) @s", "WW");
    SCAN("echo $(case @s in a) echo @s;; (b) echo;; esac) \"@s\"", "WWD");
    SCAN("echo $(echo case) \"@s\"", "D");
    SCAN("echo $# $$@s $? \"$$@s\" ${#x} ${#} \"@s\"", "WDD");
}

static void knows_comments(void) {
    SCAN("echo a # it's @s\necho @s", "WW");
    SCAN("# don't\necho '@s'", "S");
    SCAN("echo a#'@s", "S!a single quote in the script is not closed");
    SCAN("echo ${x#'@s'} $(echo # don't )\n) @s", "SW");
}

static void knows_here_documents(void) {
    SCAN("cat <<END\nit's @s\nEND\necho @s '@s'", "DWS");
    SCAN("cat <<-END\n\t@s\n\tEND\necho @s", "DW");
    SCAN("cat <<END\n\tEND\n@s\nEND\n@s", "DW");
    SCAN("cat <<A <<B @s\n@s\nA\n\"@s\nB\n@s", "WDDW");
    SCAN("cat <<END\n$(cat @s '@s') @s\nEND\n", "WSD");
    SCAN("cat <<END\n@s END\n@s", "DD"); /* not on a line of its own, and may end with the script */
    SCAN("cat <<'END'\nit's $(\nEND\necho @s", "W");
    SCAN("cat <<END # don't\n@s\nEND\n# don't\n@s", "DW");
    SCAN("cat <<< @s", "W");
    SCAN("echo $((1 << @n)) @s", "DW");
    FAILS("cat <<'END'\n@s\nEND", "is quoted");
    FAILS("cat <<\\END\n@s\nEND", "is quoted");
    FAILS("cat <<@s\nx\n", "cannot be a value");
}

static void refuses_what_cannot_work(void) {
    FAILS("echo \\@s", "backslash");
    FAILS("echo \"\\@s\"", "backslash");
    SCAN("echo '\\@s'", "S");
    SCAN("echo \\\\@s", "W");
    FAILS("echo $@s", "name of a shell variable");
    FAILS("echo \"$@s\"", "name of a shell variable");
    FAILS("echo ${@s}", "name of a shell variable");
    FAILS("echo $((@s))", "arithmetic");
    FAILS("echo 'a", "single quote");
    FAILS("echo \"a", "double quote");
    FAILS("echo \"$(a\"", "double quote"); /* the innermost one */
    FAILS("echo `a", "back quote");
    FAILS("echo ${a", "`${`");
}

static void knows_lists(void) {
    SCAN("echo @l", "W");
    SCAN("for x in @l; do echo \"$x\"; done", "W");
    FAILS("echo \"@l\"", "list in quotes");
    FAILS("echo '@l'", "list in quotes");
    FAILS("x=@l", "one word");
    FAILS("if a=1 b=@l; then :; fi", "one word");
    SCAN("tool x=@l", "W");
}

static void leaves_raw_alone(void) {
    SCAN("echo @r \"@r\" '@r' $@r \\@r", "RRRRR");
    SCAN("cat <<'X'\n@r\nX\n", "R");
}

static void nests_without_limit(void) {
    enum { DEPTH = 20000 };
    static char script[5 * DEPTH + 3];
    for (int i = 0; i < DEPTH; i++) {
        memcpy(script + 3 * i, "\"$(", 3);
        memcpy(script + 3 * DEPTH + 2 + 2 * i, ")\"", 2);
    }
    memcpy(script + 3 * DEPTH, "@s", 2);
    SCAN(script, "W");
}

void suite_shell(void) {
    CU_pSuite suite = CU_add_suite("shell", NULL, NULL);
    CU_add_test(suite, "knows quotes", knows_quotes);
    CU_add_test(suite, "knows substitutions", knows_substitutions);
    CU_add_test(suite, "knows comments", knows_comments);
    CU_add_test(suite, "knows here-documents", knows_here_documents);
    CU_add_test(suite, "refuses what cannot work", refuses_what_cannot_work);
    CU_add_test(suite, "knows lists", knows_lists);
    CU_add_test(suite, "leaves raw alone", leaves_raw_alone);
    CU_add_test(suite, "nests without limit", nests_without_limit);
}
