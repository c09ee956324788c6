/*
 * expr.c - the evaluator on tables written by hand: operands, fields, conditions, limits, damaged
 * code, and memory that runs out at each allocation.
 */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "literal.h"
#include "pure/pipe.h"
#include "suites.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---------------------------------------------------------------- a program under construction */

static const char strings[] = "\0int\0float\0size\0name\0kind\0path\0ext\0dir\0stem\0mime\0width";

typedef struct Builder {
    Arena arena;
    dag_const consts[64];
    uint32_t nconsts;
    char text[sizeof strings + 2048];
    uint32_t ntext;
    uint32_t code[64];
    uint32_t ncode;
    dag_type types[3];
    dag_expr expr;
    dag_program program;
} Builder;

static dag_name name(const char *text) {
    const char *p = strings;
    while (strcmp(p, text) != 0) {
        p += strlen(p) + 1;
    }
    return (dag_name)(p - strings);
}

static Builder *builder_new(void) {
    Builder *b = calloc(1, sizeof *b);
    memcpy(b->text, strings, sizeof strings);
    b->ntext = sizeof strings;
    b->types[0] = (dag_type){ .kind = DAG_INT, .name = name("int") };
    b->types[1] = (dag_type){ .kind = DAG_FLOAT, .name = name("float") };
    b->types[2] = (dag_type){ .kind = DAG_FILE, .name = name("name") };
    return b;
}

static void builder_free(Builder *b) {
    arena_free(&b->arena);
    free(b);
}

static void fill_const(Builder *b, uint32_t at, dag_value v);

/* The parts of a list or map as constants in a row; returns the first. */
static uint32_t add_parts(Builder *b, dag_value v) {
    uint32_t n = v.kind == DAG_MAP ? 2 * v.len : v.len, first = b->nconsts;
    b->nconsts += n;
    for (uint32_t i = 0; i < n; i++) {
        const dag_entry *entry = v.kind == DAG_MAP ? &v.u.entries[i / 2] : NULL;
        fill_const(b, first + i, !entry ? v.u.items[i] : i % 2 ? entry->value : entry->name);
    }
    return first;
}

static void fill_const(Builder *b, uint32_t at, dag_value v) {
    dag_const *c = &b->consts[at];
    *c = (dag_const){ .kind = v.kind, .len = v.len };
    if (value_has_text(v)) {
        c->u.text = b->ntext;
        memcpy(b->text + b->ntext, v.u.text, v.len + 1);
        b->ntext += v.len + 1;
    } else if (v.kind == DAG_LIST || v.kind == DAG_MAP) {
        c->u.first = add_parts(b, v);
    } else if (v.kind == DAG_FLOAT) {
        c->u.f = v.u.f;
    } else if (v.kind != DAG_NULL) {
        c->u.i = v.kind == DAG_BOOL ? v.u.b : v.u.i;
    }
}

static void op(Builder *b, dag_op operation, uint32_t a) {
    b->code[b->ncode++] = DAG_CODE(operation, a);
}

static void constant(Builder *b, const char *text) {
    uint32_t at = b->nconsts++;
    fill_const(b, at, literal(&b->arena, text));
    op(b, DAG_OP_CONST, at);
}

static void pipe_op(Builder *b, const char *pipe, uint32_t nargs) {
    const PipeRow *row = pipe_find(pipe, strlen(pipe));
    b->code[b->ncode++] = DAG_PIPE_CODE(pipe_number(row), nargs);
}

static const dag_program *finish(Builder *b) {
    b->expr = (dag_expr){ .n = b->ncode };
    b->program = (dag_program){ .strings = b->text,
                                .types = b->types,
                                .ntypes = COUNT(b->types),
                                .consts = b->consts,
                                .nconsts = b->nconsts,
                                .code = b->code,
                                .ncode = b->ncode,
                                .exprs = &b->expr,
                                .nexprs = 1 };
    return &b->program;
}

/* Evaluates what was built and says the result as a literal, or "TYPE: message". */
static const char *evaluate(Builder *b, ExprEnv env) {
    dag_error error = { NULL, NULL };
    dag_value result;
    ExprProgram *p = expr_program_new(finish(b), &error);
    if (!p) {
        return arena_printf(&b->arena, "%s: %s", error.type, error.message);
    }
    env.arena = &b->arena;
    bool ok = expr_eval(p, 0, &env, &result, &error);
    const char *text = ok ? literal_of(&b->arena, result)
                          : arena_printf(&b->arena, "%s: %s", error.type, error.message);
    expr_program_free(p);
    return text;
}

static void expect(const char *what, Builder *b, ExprEnv env, const char *expected) {
    expect_text(what, evaluate(b, env), expected);
    builder_free(b);
}

static const ExprEnv no_env = { .arena = NULL };

/* ---------------------------------------------------------------- constants, operands */

static void pushes_constants(void) {
    static const char *const rows[] = {
        "null",
        "true",
        "false",
        "-5",
        "2.5",
        "\"é\"",
        "[]",
        "{}",
        "[1,[2,[]],{\"a\":[null]}]",
        "{\"a\":{\"b\":{\"c\":1}},\"d\":\"\"}",
        "duration 1h30m",
        "size 4000B",
        "file /a",
        "secret x",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        Builder *b = builder_new();
        constant(b, rows[i]);
        expect(rows[i], b, no_env, rows[i]);
    }
}

static void pushes_operands(void) {
    dag_value inputs[] = { value_int(DAG_INT, 1), value_int(DAG_INT, 2) };
    dag_value outs[] = { value_text(DAG_FILE, "o", 1) };
    dag_value run[] = { value_bool(true) };
    dag_value specials[DAG_NSPECIAL] = { [DAG_EXIT] = { .kind = DAG_INT, .u.i = 7 } };
    ExprEnv env = { .inputs = inputs, .outs = outs, .run = run, .specials = specials };
    Builder *b = builder_new();
    op(b, DAG_OP_INPUT, 1);
    op(b, DAG_OP_OUT, 0);
    op(b, DAG_OP_RUN, 0);
    op(b, DAG_OP_SPECIAL, DAG_EXIT);
    op(b, DAG_OP_SPECIAL, DAG_IT);
    op(b, DAG_OP_LIST, 5);
    expect("operands", b, env, "[2,\"o\",true,7,null]");
    b = builder_new();
    op(b, DAG_OP_SPECIAL, DAG_STDOUT);
    expect("none given", b, no_env, "null");
}

static void makes_templates(void) {
    Builder *b = builder_new();
    constant(b, "\"n=\"");
    constant(b, "2.0");
    op(b, DAG_OP_TEXT, 0);
    constant(b, "duration 90m");
    op(b, DAG_OP_TEXT, 0);
    op(b, DAG_OP_CONCAT, 3);
    expect("template", b, no_env, "\"n=2.01h30m\"");
    b = builder_new();
    op(b, DAG_OP_CONCAT, 0);
    expect("empty template", b, no_env, "\"\"");
    b = builder_new();
    constant(b, "[1]");
    op(b, DAG_OP_TEXT, 0);
    expect("list", b, no_env, "expression: [1] has no text form");
    b = builder_new();
    constant(b, "secret hush");
    op(b, DAG_OP_TEXT, 0);
    expect("secret", b, no_env, "expression: \"***\" has no text form");
    b = builder_new();
    constant(b, "secret hush");
    op(b, DAG_OP_CONCAT, 1);
    expect("secret", b, no_env, "expression: \"***\" is not a text");
}

static void makes_lists_and_records(void) {
    Builder *b = builder_new();
    constant(b, "\"a\"");
    constant(b, "1");
    constant(b, "\"b\"");
    constant(b, "[2]");
    op(b, DAG_OP_RECORD, 2);
    op(b, DAG_OP_LIST, 1);
    op(b, DAG_OP_LIST, 0);
    op(b, DAG_OP_LIST, 2);
    expect("record", b, no_env, "[[{\"a\":1,\"b\":[2]}],[]]");
}

static void applies_pipes(void) {
    Builder *b = builder_new();
    dag_value input = value_text(DAG_FILE, "/x/banana.txt", 13);
    op(b, DAG_OP_INPUT, 0);
    pipe_op(b, "basename", 0);
    pipe_op(b, "upper", 0);
    constant(b, "\"A\"");
    constant(b, "\"BB\"");
    pipe_op(b, "replace", 2);
    constant(b, "9");
    pipe_op(b, "truncate", 1);
    expect("chain", b, (ExprEnv){ .inputs = &input }, "\"BBBNBBNBB\"");
    b = builder_new();
    constant(b, "\"x\"");
    pipe_op(b, "int", 0);
    expect("failure", b, no_env, "expression: int: \"x\" is not a number");
    b = builder_new();
    constant(b, "\"xyz12\"");
    constant(b, "\"z(\\\\d+)\"");
    pipe_op(b, "match", 1);
    expect("match", b, no_env, "\"12\"");
}

static void lifts_by_depth(void) {
    Builder *b = builder_new();
    constant(b, "{\"a\":1}");
    op(b, DAG_OP_LIST, 1);
    constant(b, "\"a\"");
    b->code[b->ncode++] = DAG_PIPE_CODE(pipe_number(pipe_find("json_get", 8)) | PIPE_DEPTH(0), 1);
    expect("json that holds a list", b, no_env, "null");
    b = builder_new();
    constant(b, "[{\"a\":1},[{\"a\":2}]]");
    constant(b, "\"a\"");
    b->code[b->ncode++] = DAG_PIPE_CODE(pipe_number(pipe_find("json_get", 8)) | PIPE_DEPTH(1), 1);
    expect("list<json>", b, no_env, "[1,null]");
}

/* ---------------------------------------------------------------- fields */

static bool file_size(void *self, Arena *arena, const char *path, int64_t *bytes,
                      dag_error *error) {
    (void)self;
    *bytes = 42;
    error->type = "expression";
    error->message = arena_printf(arena, "%s: no such file", path);
    return strcmp(path, "gone") != 0;
}

static const char *absolute(void *self, Arena *arena, const char *path) {
    return arena_printf(arena, "%s/%s", (const char *)self, path);
}

static char root[] = "/root";
static const ExprWorld world = { root, file_size, absolute };

static void files_have_fields(void) {
    static const struct {
        const char *file, *field, *expected, *without_world; /* NULL: the same */
    } rows[] = {
        { "file a/b.tar.GZ", "name", "\"b.tar.GZ\"", NULL },
        { "file a/b.tar.GZ", "stem", "\"b.tar\"", NULL },
        { "file a/b.tar.GZ", "ext", "\".gz\"", NULL },
        { "file a/b.tar.GZ", "kind", "\"archive\"", NULL },
        { "file a/b.tar.GZ", "mime", "\"application/gzip\"", NULL },
        { "file a/b", "path", "\"/root/a/b\"", "expression: \"a/b\" cannot be looked up here" },
        { "file a/b", "dir", "\"/root/a\"", "expression: \"a/b\" cannot be looked up here" },
        { "file a/b", "size", "size 42B", "expression: \"a/b\" cannot be looked up here" },
        { "file gone", "size", "expression: gone: no such file",
          "expression: \"gone\" cannot be looked up here" },
        { "dir a/b", "name", "\"b\"", NULL },
        { "file a/b", "width", "null", NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int bare = 0; bare < 2; bare++) {
            Builder *b = builder_new();
            constant(b, rows[i].file);
            op(b, DAG_OP_FIELD, name(rows[i].field));
            const char *expected =
                bare && rows[i].without_world ? rows[i].without_world : rows[i].expected;
            expect(rows[i].field, b, (ExprEnv){ .world = bare ? NULL : &world }, expected);
        }
    }
}

static void records_have_fields(void) {
    static const char *const rows[][2] = {
        { "{\"width\":5}", "5" }, { "{\"x\":5}", "null" }, { "null", "null" },
        { "[1]", "null" },        { "\"text\"", "null" },  { "7", "null" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        Builder *b = builder_new();
        constant(b, rows[i][0]);
        op(b, DAG_OP_FIELD, name("width"));
        expect(rows[i][0], b, no_env, rows[i][1]);
    }
}

static void fits_types(void) {
    Builder *b = builder_new();
    constant(b, "3");
    op(b, DAG_OP_FIT, 1);
    expect("int to float", b, no_env, "3.0");
    b = builder_new();
    constant(b, "\"x\"");
    op(b, DAG_OP_FIT, 0);
    expect("as(int)", b, no_env, "type: $: expected int, found string \"x\"");
}

/* ---------------------------------------------------------------- conditions */

static void compares(void) {
    static const struct {
        const char *a;
        dag_compare op;
        const char *b, *expected;
    } rows[] = {
        { "1", DAG_EQ, "1.0", "true" },
        { "null", DAG_EQ, "null", "true" },
        { "null", DAG_EQ, "0", "false" },
        { "null", DAG_NE, "\"\"", "true" },
        { "[1]", DAG_EQ, "[1]", "true" },
        { "\"a\"", DAG_NE, "\"a\"", "false" },
        { "1", DAG_LT, "1.5", "true" },
        { "2", DAG_LE, "2", "true" },
        { "\"b\"", DAG_GT, "\"a\"", "true" },
        { "duration 1m", DAG_GE, "duration 60s", "true" },
        { "size 2MB", DAG_GT, "size 1MB", "true" },
        { "1", DAG_LT, "\"2\"", "expression: 1 < \"2\" cannot be compared" },
        { "null", DAG_GE, "2", "expression: null >= 2 cannot be compared" },
        { "2", DAG_IN, "[1,2.0]", "true" },
        { "null", DAG_IN, "[1,null]", "true" },
        { "3", DAG_NOT_IN, "[1,2]", "true" },
        { "3", DAG_IN, "4", "expression: 3 in 4 cannot be compared" },
        { "[1,2]", DAG_CONTAINS, "2", "true" },
        { "\"héllo\"", DAG_CONTAINS, "\"éll\"", "true" },
        { "{\"k\":1}", DAG_CONTAINS, "\"k\"", "true" },
        { "\"abc\"", DAG_STARTS_WITH, "\"ab\"", "true" },
        { "\"abc\"", DAG_ENDS_WITH, "\"ab\"", "false" },
        { "null", DAG_STARTS_WITH, "\"a\"",
          "expression: null starts_with \"a\" cannot be compared" },
        { "\"a1\"", DAG_MATCHES, "\"^[a-z][0-9]$\"", "true" },
        { "\"a\"", DAG_MATCHES, "\"[0-9]\"", "false" },
        { "file /x/a.mkv", DAG_MATCHES, "\"mkv$\"", "true" },
        { "null", DAG_MATCHES, "\"a\"", "expression: null cannot be matched" },
        { "\"a\"", DAG_MATCHES, "\"(\"", "expression: a regular expression does not compile" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        Builder *b = builder_new();
        constant(b, rows[i].a);
        constant(b, rows[i].b);
        op(b, DAG_OP_COMPARE, rows[i].op);
        expect(rows[i].a, b, no_env, rows[i].expected);
    }
}

static void joins_conditions(void) {
    static const struct {
        const char *a;
        dag_op op;
        const char *b, *expected; /* b is an error when it is evaluated: -1 | not */
    } rows[] = {
        { "true", DAG_OP_AND, "true", "true" },
        { "true", DAG_OP_AND, "false", "false" },
        { "false", DAG_OP_AND, "-1", "false" },
        { "false", DAG_OP_OR, "true", "true" },
        { "false", DAG_OP_OR, "false", "false" },
        { "true", DAG_OP_OR, "-1", "true" },
        { "null", DAG_OP_AND, "true", "expression: null is not true or false" },
        { "true", DAG_OP_AND, "-1", "expression: -1 is not true or false" },
        { "null", DAG_OP_DEFAULT, "true", "true" },
        { "null", DAG_OP_DEFAULT, "-1", "expression: -1 is not true or false" },
        { "7", DAG_OP_DEFAULT, "-1", "7" },
        { "false", DAG_OP_DEFAULT, "-1", "false" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        Builder *b = builder_new();
        constant(b, rows[i].a);
        op(b, rows[i].op, 3);
        constant(b, rows[i].b);
        op(b, DAG_OP_NOT, 0);
        op(b, DAG_OP_NOT, 0);
        expect(rows[i].a, b, no_env, rows[i].expected);
    }
}

static void knows_what_exists(void) {
    static const char *const rows[][2] = { { "null", "false" },
                                           { "false", "true" },
                                           { "\"\"", "true" } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        Builder *b = builder_new();
        constant(b, rows[i][0]);
        op(b, DAG_OP_EXISTS, 0);
        expect(rows[i][0], b, no_env, rows[i][1]);
    }
}

/* ---------------------------------------------------------------- bounds, damage, memory */

static void values_are_bounded(void) {
    Builder *b = builder_new();
    constant(b, "\"12345\"");
    constant(b, "\"12345\"");
    op(b, DAG_OP_CONCAT, 2);
    expect("text", b, (ExprEnv){ .max_value = 9 },
           "limit: a value is larger than 9 bytes (--max-value)");
    b = builder_new();
    constant(b, "\"12345\"");
    constant(b, "\"12345\"");
    op(b, DAG_OP_LIST, 2);
    expect("list", b, (ExprEnv){ .max_value = 19 },
           "limit: a value is larger than 19 bytes (--max-value)");
}

static dag_value nested(Arena *arena, unsigned depth) {
    dag_value v = value_list(NULL, 0);
    for (unsigned i = 1; i < depth; i++) {
        dag_value *item = ARENA_NEW(arena, dag_value);
        *item = v;
        v = value_list(item, 1);
    }
    return v;
}

static void depth_is_bounded(void) {
    for (unsigned depth = VALUE_MAX_DEPTH - 1; depth <= VALUE_MAX_DEPTH; depth++) {
        Builder *b = builder_new();
        dag_value input = nested(&b->arena, depth);
        op(b, DAG_OP_INPUT, 0);
        op(b, DAG_OP_LIST, 1);
        pipe_op(b, "length", 0);
        expect("nested", b, (ExprEnv){ .inputs = &input },
               depth < VALUE_MAX_DEPTH ? "1" : "limit: a value is nested deeper than 512 levels");
    }
}

static void deep_stacks_work(void) {
    Builder *b = builder_new();
    for (int i = 0; i < 40; i++) {
        constant(b, "1");
    }
    op(b, DAG_OP_LIST, 40);
    pipe_op(b, "length", 0);
    expect("40 operands", b, no_env, "40");
}

static void damaged_code_is_refused(void) {
    static const uint32_t rows[][3] = {
        { DAG_CODE(DAG_OP_NOT, 0), 0, 1 },
        { DAG_CODE(DAG_OP_CONST, 99), 0, 1 },
        { DAG_CODE(DAG_OP_SPECIAL, DAG_NSPECIAL), 0, 1 },
        { DAG_CODE(250, 0), 0, 1 },
        { DAG_CODE(DAG_OP_INPUT, 0), DAG_CODE(DAG_OP_INPUT, 0), 2 },
        { DAG_CODE(DAG_OP_INPUT, 0), DAG_CODE(DAG_OP_FIT, 77), 2 },
        { DAG_CODE(DAG_OP_INPUT, 0), DAG_CODE(DAG_OP_LIST, 2), 2 },
        { DAG_CODE(DAG_OP_INPUT, 0), DAG_CODE(DAG_OP_AND, 1), 2 },
        { DAG_CODE(DAG_OP_INPUT, 0), DAG_PIPE_CODE(4000, 0), 2 },
        { DAG_CODE(DAG_OP_INPUT, 0), DAG_CODE(DAG_OP_COMPARE, 0), 2 },
        { 0, 0, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        Builder *b = builder_new();
        memcpy(b->code, rows[i], sizeof rows[i][0] * 2);
        b->ncode = rows[i][2];
        expect("damaged", b, no_env, "expression: the program's expressions are damaged");
    }
}

/* Evaluates in an arena of at most `limit` bytes. False: memory ran out on the way. */
static bool evaluate_within(const ExprProgram *p, const dag_value *input, size_t limit) {
    jmp_buf oom;
    Arena arena = { .oom = &oom, .limit = limit };
    ExprEnv env = { .inputs = input, .arena = &arena };
    dag_value result;
    dag_error error;
    if (setjmp(oom) != 0) {
        arena_free(&arena);
        return false;
    }
    CU_ASSERT_TRUE(expr_eval(p, 0, &env, &result, &error));
    CU_ASSERT_EQUAL(result.len, 300);
    arena_free(&arena);
    return true;
}

static void memory_may_run_out(void) {
    Builder *b = builder_new();
    char text[4096] = "";
    for (int i = 0; i < 300; i++) {
        strcat(text, "[1,\"é\"]\n");
    }
    dag_value input = value_text(DAG_STRING, text, strlen(text));
    dag_error error;
    op(b, DAG_OP_INPUT, 0);
    pipe_op(b, "lines", 0);
    pipe_op(b, "upper", 0);
    constant(b, "\"1\"");
    constant(b, "\"11\"");
    pipe_op(b, "replace", 2);
    constant(b, "\"(.)\"");
    pipe_op(b, "match", 1);
    pipe_op(b, "reverse", 0);
    pipe_op(b, "sort", 0);
    ExprProgram *p = expr_program_new(finish(b), &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    size_t limit = 1;
    while (!evaluate_within(p, &input, limit)) {
        limit += 700;
    }
    CU_ASSERT(limit > 10000);
    expr_program_free(p);
    builder_free(b);
}

void suite_expr(void) {
    CU_pSuite suite = CU_add_suite("expr", NULL, NULL);
    CU_add_test(suite, "pushes constants", pushes_constants);
    CU_add_test(suite, "pushes operands", pushes_operands);
    CU_add_test(suite, "makes templates", makes_templates);
    CU_add_test(suite, "makes lists and records", makes_lists_and_records);
    CU_add_test(suite, "applies pipes", applies_pipes);
    CU_add_test(suite, "lifts by depth", lifts_by_depth);
    CU_add_test(suite, "files have fields", files_have_fields);
    CU_add_test(suite, "records have fields", records_have_fields);
    CU_add_test(suite, "fits types", fits_types);
    CU_add_test(suite, "compares", compares);
    CU_add_test(suite, "joins conditions", joins_conditions);
    CU_add_test(suite, "knows what exists", knows_what_exists);
    CU_add_test(suite, "values are bounded", values_are_bounded);
    CU_add_test(suite, "depth is bounded", depth_is_bounded);
    CU_add_test(suite, "deep stacks work", deep_stacks_work);
    CU_add_test(suite, "damaged code is refused", damaged_code_is_refused);
    CU_add_test(suite, "memory may run out", memory_may_run_out);
}
