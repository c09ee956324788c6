/* Expressions made code: what is folded, and what is left to run. */
#include <CUnit/Basic.h>
#include <string.h>

#include "compiled.h"
#include "model/code.h"
#include "model/fold.h"
#include "pure/pipe.h"
#include "suites.h"

/* The code of `expr` as the value of an output of `type`, as --emit=ir prints it. */
static void expect(const char *type, const char *expr, const char *code) {
    char text[4000];
    snprintf(
        text, sizeof text,
        "type P = { a: int, b: string }\n"
        "pipeline t {\n"
        "  config mode: enum(low, high) = high  config k: int = 1\n"
        "  input n: int = 1  input s: string = \"x\"  input o: string?  input f: float = 1\n"
        "  input xs: list<int> = [1]  input yy: list<list<string>> = [[]]  input b: bool = true\n"
        "  input p: P = { a: 1, b: \"x\" }\n"
        "  stage a { out y: %s = %s  out path: string = <input.s> run \"true\" }\n"
        "  output y: %s = <a.y>\n"
        "}\n",
        type, expr, type);
    Compiled c = compiled_new(text);
    const char *ir = compiled_print(&c, emit_ir);
    const char *stage = strstr(ir, "stage a");
    const char *value = stage ? compiled_line(&c, stage, "value") : "";
    const char *colon = strstr(value, ": ");
    CU_ASSERT_STRING_EQUAL(colon ? colon + 2 : "", code);
    if (colon && strcmp(colon + 2, code) != 0) {
        printf("\n%s gives\n  %s, not\n  %s\n", expr, colon + 2, code);
    }
    compiled_free(&c);
}

static void pushes_operands(void) {
    expect("int", "<input.n>", "run n");
    expect("int", "5", "const 5");
    expect("string", "<stdout>", "special stdout");
    expect("int", "<exit>", "special exit");
    expect("string", "<run.id>", "special run_id");
    expect("int", "<input.p.a>", "run p; field a");
    expect("int?", "null", "const null");
    expect("list<int>", "[]", "const []");
    expect("duration", "1h30m", "const 5400000000000ns");
    expect("size", "2KiB", "const 2048B");
}

static void builds_texts(void) {
    expect("string", "\"plain\"", "const \"plain\"");
    expect("string", "\"\"", "const \"\"");
    expect("string", "\"<input.s>\"", "run s");
    expect("string", "\"<input.n>\"", "run n; text");
    expect("string", "\"a<input.n>b\"", "const \"a\"; run n; text; const \"b\"; concat 3");
    expect("string", "\"<input.s><input.s>\"", "run s; run s; concat 2");
    expect("string", "\"<config.mode>-<input.s>-<config.k | add(1)>x\"",
           "const \"high-\"; run s; const \"-2x\"; concat 3");
    expect("string", "\"<config.mode>-<config.k>\"", "const \"high-1\"");
}

static void applies_pipes(void) {
    expect("int", "<input.n | add(2)>", "run n; const 2; add/1");
    expect("string", "<input.s | trim | upper>", "run s; trim; upper");
    expect("string", "<input.o | default(\"x\")>", "run o; default 1; const \"x\"");
    expect("string", "<input.s | replace(\"a\", \"b\")>",
           "run s; const \"a\"; const \"b\"; replace/2");
    expect("list<int>", "<input.xs | add(1)>", "run xs; const 1; add/1 over 1");
    expect("list<list<string>>", "<input.yy | upper>", "run yy; upper over 2");
    expect("int", "<input.xs | length>", "run xs; length");
    expect("list<int>", "<[input.n, 2]>", "run n; const 2; list 2");
    expect("P", "<stdout | json | as(P)>", "special stdout; json; fit P");
    expect("float", "<input.n>", "run n; fit float");
    expect("bool", "<input.n | in(1, 2)>", "run n; const 1; const 2; in/2");
}

static void takes_many_arguments(void) {
    char expr[1000] = "<input.n | in(0", code[1000] = "run n; const [0";
    for (int i = 1; i < 80; i++) {
        sprintf(expr + strlen(expr), ", %d", i);
        sprintf(code + strlen(code), ", %d", i);
    }
    strcat(expr, ")>");
    strcat(code, "]; in/1");
    expect("bool", expr, code);
}

static void folds_constants(void) {
    expect("int", "<1 | add(2) | mul(3)>", "const 9");
    expect("string", "<\"a b\" | title | append(\"!\")>", "const \"A B!\"");
    expect("list<string>", "<\"a,b\" | split(\",\")>", "const [\"a\", \"b\"]");
    expect("int", "<[1, 2, 3] | length>", "const 3");
    expect("P", "<'{\"a\": 1, \"b\": \"x\", \"c\": 2}' | json | as(P)>",
           "const {\"a\": 1, \"b\": \"x\"}");
    expect("int", "<input.n | add(1) | add(2)>", "run n; const 1; add/1; const 2; add/1");
    expect("string", "<input.s | append(\"<config.k | add(1)>\")>", "run s; const \"2\"; append/1");
    expect("float", "2", "const 2");
    expect("string?", "<\"a1b\" | match('[0-9]')>", "const \"1\"");
    expect("string", "<config.mode>", "const \"high\"");
}

/* Conditions: the `when` of a stage. */
static void expect_when(const char *when, const char *code) {
    char text[4000];
    snprintf(text, sizeof text,
             "pipeline t {\n"
             "  config on: bool = true\n"
             "  input n: int  input s: string?\n"
             "  stage a { run \"true\" when %s }\n"
             "  stage b { run \"<input.n><input.s | default('')><config.on>\" }\n"
             "}\n",
             when);
    Compiled c = compiled_new(text);
    CU_ASSERT_STRING_EQUAL(compiled_line(&c, compiled_print(&c, emit_ir), "when (bool): "), code);
    compiled_free(&c);
}

static void jumps_in_conditions(void) {
    expect_when("input.n > 1", "run n; const 1; compare gt");
    expect_when("input.n > 1 and input.n < 5",
                "run n; const 1; compare gt; and 3; run n; const 5; compare lt");
    expect_when("input.n == 1 or input.n == 2 or input.n == 3",
                "run n; const 1; compare eq; or 3; run n; const 2; compare eq; or 3; run n; "
                "const 3; compare eq");
    expect_when("input.s exists and input.s starts_with \"a\"",
                "run s; exists; and 3; run s; const \"a\"; compare starts_with");
    expect_when("not (input.n in [1, 2])", "run n; const [1, 2]; compare in; not");
    expect_when("input.n not in [1, 2]", "run n; const [1, 2]; compare not_in");
    expect_when("config.on and input.n > 1", "run n; const 1; compare gt");
    expect_when("input.n > 1 or not config.on", "run n; const 1; compare gt; or 1; const false");
}

/* ---------------------------------------------------------------- pools */

static void shares_constants_and_types(void) {
    Front *front = front_new();
    Types *types = types_new(&front->arena, front->names);
    Coder *code = coder_new(front, types, strings_new(&front->arena));
    uint32_t a = coder_const(code, value_text(DAG_STRING, "abc", 3));
    uint32_t one = coder_const(code, value_int(DAG_INT, 1));
    CU_ASSERT_EQUAL(coder_const(code, value_text(DAG_STRING, "abc", 3)), a);
    CU_ASSERT_EQUAL(coder_const(code, value_int(DAG_INT, 1)), one);
    CU_ASSERT_NOT_EQUAL(coder_const(code, value_int(DAG_SIZE, 1)), one);
    CU_ASSERT_NOT_EQUAL(coder_const(code, value_float(1)), one);
    for (int i = 0; i < 1000; i++) {
        coder_const(code, value_int(DAG_INT, i));
    }
    CU_ASSERT_EQUAL(code->consts.n, 1003); /* the 1 was there; text, size and float beside */
    const Type *list = type_of_elem(types, DAG_LIST, type_basic(types, DAG_INT));
    uint32_t row = coder_type(code, list);
    CU_ASSERT_EQUAL(coder_type(code, list), row);
    CU_ASSERT_EQUAL(code->rows.items[row].elem, coder_type(code, type_basic(types, DAG_INT)));
    CU_ASSERT_STRING_EQUAL(code->strings->bytes.items + code->rows.items[row].name, "list<int>");
    front_free(front);
}

/* What lists and maps hold stands in one block, at every level. */
static void lays_out_nested_constants(void) {
    Front *front = front_new();
    Coder *code =
        coder_new(front, types_new(&front->arena, front->names), strings_new(&front->arena));
    dag_value items[2] = { value_int(DAG_INT, 1), value_int(DAG_INT, 2) };
    dag_value lists[2] = { value_list(items, 2), value_list(items, 1) };
    uint32_t at = coder_const(code, value_list(lists, 2));
    const dag_const *outer = &code->consts.items[at];
    CU_ASSERT_EQUAL(outer->kind, DAG_LIST);
    CU_ASSERT_EQUAL(outer->len, 2);
    const dag_const *inner = &code->consts.items[outer->u.first];
    CU_ASSERT_EQUAL(inner[0].len, 2);
    CU_ASSERT_EQUAL(inner[1].len, 1);
    CU_ASSERT_EQUAL(code->consts.items[inner[0].u.first + 1].u.i, 2);
    front_free(front);
}

static void finds_strings_again(void) {
    Arena arena = { 0 };
    Strings *strings = strings_new(&arena);
    dag_name names[1000];
    char text[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "text%d", i);
        names[i] = strings_name(strings, text);
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "text%d", i);
        CU_ASSERT_EQUAL(strings_name(strings, text), names[i]);
        CU_ASSERT_STRING_EQUAL(strings->bytes.items + names[i], text);
    }
    CU_ASSERT_EQUAL(strings_name(strings, NULL), 0);
    CU_ASSERT_EQUAL(strings_name(strings, ""), 0);
    CU_ASSERT_EQUAL(strings_add(strings, "text1x", 5), names[1]); /* n bytes, not the whole */
    uint32_t mark = strings->bytes.n;
    dag_name pushed = strings_push(strings, "text1", 5);
    CU_ASSERT_NOT_EQUAL(pushed, names[1]);
    strings_cut(strings, mark);
    CU_ASSERT_EQUAL(strings_name(strings, "other"), mark);
    arena_free(&arena);
}

/* ---------------------------------------------------------------- folding on request */

static Expr *it(Front *front) {
    Expr *expr = ARENA_NEW(&front->arena, Expr);
    expr->kind = EXPR_REF;
    expr->ref = REF_SPECIAL;
    expr->index = DAG_IT;
    return expr;
}

static Expr *number(Front *front, int64_t n) {
    Expr *expr = ARENA_NEW(&front->arena, Expr);
    expr->kind = EXPR_INT;
    expr->u.i = n;
    return expr;
}

static Expr *compare(Front *front, Expr *left, dag_compare op, Expr *right) {
    Expr *expr = ARENA_NEW(&front->arena, Expr);
    expr->kind = EXPR_COMPARE;
    expr->u.compare.op = op;
    expr->u.compare.left = left;
    expr->u.compare.right = right;
    return expr;
}

static void folds_conditions_over_it(void) {
    Front *front = front_new();
    Types *types = types_new(&front->arena, front->names);
    dag_error error = { NULL, NULL };
    Expr *cond = compare(front, it(front), DAG_GE, number(front, 16));
    dag_value twenty = value_int(DAG_INT, 20), two = value_int(DAG_INT, 2);
    CU_ASSERT_FALSE(fold_possible(cond));
    CU_ASSERT_TRUE(fold_possible_with_it(cond));
    const dag_value *value = fold_expr(front, types, cond, &twenty, &error);
    CU_ASSERT_TRUE(value && value->kind == DAG_BOOL && value->u.b);
    value = fold_expr(front, types, cond, &two, &error);
    CU_ASSERT_TRUE(value && value->kind == DAG_BOOL && !value->u.b);
    CU_ASSERT_PTR_NULL(fold_expr(front, types, cond, NULL, &error));
    CU_ASSERT_STRING_EQUAL(error.type, FOLD_UNKNOWN);
    front_free(front);
}

static Expr *field(Front *front, const char *name) {
    Expr *expr = it(front);
    expr->u.ref.fields = ARENA_NEW(&front->arena, NameList);
    expr->u.ref.fields->name.text = name;
    return expr;
}

/* The name of a file tells its kind, but not its size. */
static void folds_nothing_that_asks_the_world(void) {
    Front *front = front_new();
    Types *types = types_new(&front->arena, front->names);
    dag_error error = { NULL, NULL };
    dag_value file = value_text(DAG_FILE, "a/b.mkv", 7);
    const dag_value *value = fold_expr(front, types, field(front, "kind"), &file, &error);
    CU_ASSERT_TRUE(value && strcmp(value->u.text, "video") == 0);
    CU_ASSERT_PTR_NULL(fold_expr(front, types, field(front, "size"), &file, &error));
    CU_ASSERT_STRING_EQUAL(error.type, FOLD_UNKNOWN);
    CU_ASSERT_PTR_NULL(fold_expr(front, types, field(front, "path"), &file, &error));
    CU_ASSERT_STRING_EQUAL(error.type, FOLD_UNKNOWN);
    front_free(front);
}

static void fits_defines(void) {
    Front *front = front_new();
    Types *types = types_new(&front->arena, front->names);
    dag_error error = { NULL, NULL };
    dag_value value = value_text(DAG_STRING, "1h30m", 5);
    CU_ASSERT_TRUE(fold_fit(front, types, type_basic(types, DAG_DURATION), &value, &error));
    CU_ASSERT_EQUAL(value.u.i, INT64_C(5400000000000));
    value = value_text(DAG_STRING, "x", 1);
    CU_ASSERT_FALSE(fold_fit(front, types, type_basic(types, DAG_INT), &value, &error));
    CU_ASSERT_PTR_NOT_NULL(error.message);
    front_free(front);
}

/* A value as a pipe's row of pipes.def shows it: `text`, `[list]`, or a bare number. Gives the literal
 * of the language for it. */
static void shown_literal(const char *shown, char *literal) {
    size_t n = *shown == '`' ? strcspn(shown + 1, "`") : strcspn(shown, ";, ");
    bool text = *shown == '`' && shown[1] != '[';
    const char *p = shown + (*shown == '`');
    *literal = '"';
    literal += text;
    for (const char *end = p + n; p < end; p++) {
        if (text && strchr("\"\\<", *p)) {
            *literal++ = '\\';
        }
        *literal++ = *p;
    }
    *literal = '"';
    literal[text] = '\0';
}

/* "`<2 | add(3)>` is 5" in the description of a pipe is so. */
static void examples_of_pipes_are_true(void) {
    unsigned n = 0;
    for (size_t i = 0; i < pipe_count; i++) {
        const char *doc = pipe_rows[i].doc;
        for (const char *is; (is = strstr(doc, ">` is ")); doc = is + 1) {
            const char *open = is;
            while (open > pipe_rows[i].doc && strncmp(open, "`<", 2) != 0) {
                open--;
            }
            char literal[200], expr[500];
            shown_literal(is + strlen(">` is "), literal);
            int length = (int)(is - open - 2);
            if (*literal == '[') { /* `eq` would look at each element */
                char code[220];
                snprintf(expr, sizeof expr, "<%.*s>", length, open + 2);
                snprintf(code, sizeof code, "const %s", literal);
                expect("list<string>", expr, code);
            } else {
                snprintf(expr, sizeof expr, "<%.*s | eq(%s)>", length, open + 2, literal);
                expect("bool", expr, "const true");
            }
            n++;
        }
    }
    CU_ASSERT(n > 15);
}

void suite_code(void) {
    CU_pSuite suite = CU_add_suite("code", NULL, NULL);
    CU_add_test(suite, "pushes operands", pushes_operands);
    CU_add_test(suite, "builds texts", builds_texts);
    CU_add_test(suite, "applies pipes", applies_pipes);
    CU_add_test(suite, "takes many arguments", takes_many_arguments);
    CU_add_test(suite, "folds constants", folds_constants);
    CU_add_test(suite, "jumps in conditions", jumps_in_conditions);
    CU_add_test(suite, "shares constants and types", shares_constants_and_types);
    CU_add_test(suite, "lays out nested constants", lays_out_nested_constants);
    CU_add_test(suite, "finds strings again", finds_strings_again);
    CU_add_test(suite, "folds conditions over it", folds_conditions_over_it);
    CU_add_test(suite, "folds nothing that asks the world", folds_nothing_that_asks_the_world);
    CU_add_test(suite, "fits defines", fits_defines);
    CU_add_test(suite, "examples of pipes are true", examples_of_pipes_are_true);
}
