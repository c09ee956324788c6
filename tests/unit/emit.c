/* The generated C, the header and the graph's JSON. That the C compiles is for tests/driver/golden.sh
 * to see, which gives the C of every pipeline that we have to gcc and clang. */
#include <CUnit/Basic.h>
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "back/cnames.h"
#include "back/cwriter.h"
#include "compiled.h"
#include "suites.h"

enum { LARGE = 4000 }; /* stages of a pipeline whose tables are dense */

/* ---------------------------------------------------------------- the writer */

typedef void Writes(CWriter *w, const char *text);

/* What a writer's function prints of a text. Lives until the next call. */
static const char *written(Writes *writes, const char *text) {
    static char result[4096];
    CWriter *w = malloc(sizeof *w);
    FILE *out = fmemopen(result, sizeof result, "w");
    cw_init(w, out, "");
    writes(w, text);
    cw_flush(w);
    fclose(out);
    free(w);
    return result;
}

static void literal(CWriter *w, const char *text) {
    cw_literal(w, text, strlen(text), "\\0");
}

static void writes_literals(void) {
    CU_ASSERT_STRING_EQUAL(written(literal, ""), "\"\\0\"");
    CU_ASSERT_STRING_EQUAL(written(literal, "a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\\0\"");
    CU_ASSERT_STRING_EQUAL(written(literal, "what\?\?/"), "\"what\\?\\?/\\0\"");
    CU_ASSERT_STRING_EQUAL(written(literal, "a\nb\n"), "\"a\\n\"\n\"b\\n\\0\"");
    CU_ASSERT_STRING_EQUAL(written(literal, "\t\x01\x37\x7f"), "\"\\t\\0017\\177\\0\"");
    CU_ASSERT_STRING_EQUAL(written(literal, "grün…"), "\"grün…\\0\"");
    CU_ASSERT_STRING_EQUAL(written(literal, "\u202Ex"), "\"\\342\\200\\256x\\0\"");
}

static void writes_remarks(void) {
    CU_ASSERT_STRING_EQUAL(written(cw_remark, "a */ b /* c"), "a * / b / * c");
    CU_ASSERT_STRING_EQUAL(written(cw_remark, "a\nb\t\"c\" \\"), "a b \"c\" \\");
    CU_ASSERT_STRING_EQUAL(written(cw_remark, "a\u202Eb"), "a?b");
    const char *cut = written(cw_remark, "0123456789012345678901234567890123456789x");
    CU_ASSERT_STRING_EQUAL(cut, "0123456789012345678901234567890123456789…");
    cut = written(cw_remark, "012345678901234567890123456789012345678äx"); /* not half an ä */
    CU_ASSERT_STRING_EQUAL(cut, "012345678901234567890123456789012345678…");
}

static void numbers(CWriter *w, const char *text) {
    (void)text;
    cw_integer(w, INT64_MIN);
    cw_text(w, " ");
    cw_integer(w, -5);
    cw_text(w, " ");
    cw_integer(w, INT64_MAX);
    cw_text(w, " ");
    cw_float(w, 2);
    cw_text(w, " ");
    cw_float(w, 0.1);
    cw_text(w, " ");
    cw_float(w, 1e300);
    cw_text(w, " ");
    cw_float(w, 1.0 / 3);
}

static void writes_numbers(void) {
    CU_ASSERT_STRING_EQUAL(written(numbers, ""), "INT64_MIN -5 9223372036854775807 2.0 0.1 1e+300 "
                                                 "0.3333333333333333");
}

static void counts_lines(void) {
    CWriter *w = malloc(sizeof *w);
    FILE *out = fopen("/dev/null", "w");
    cw_init(w, out, "");
    for (int i = 0; i < 5000; i++) {
        cw_text(w, "ab\ncd");
    }
    cw_format(w, "%0300d\n", 5); /* longer than the writer's own space for a format */
    CU_ASSERT_EQUAL(w->line, 5002);
    CU_ASSERT_EQUAL(w->column, 0);
    fclose(out);
    free(w);
}

/* ---------------------------------------------------------------- names */

static void keeps_members_apart(void) {
    Arena arena = { 0 };
    CU_ASSERT_STRING_EQUAL(cname_member(&arena, "width"), "width");
    CU_ASSERT_STRING_EQUAL(cname_member(&arena, "int"), "int_");
    CU_ASSERT_STRING_EQUAL(cname_member(&arena, "int_"), "int__");
    CU_ASSERT_STRING_EQUAL(cname_member(&arena, "int__"), "int___");
    CU_ASSERT_STRING_EQUAL(cname_member(&arena, "interval_"), "interval_");
    CU_ASSERT_STRING_EQUAL(cname_member(&arena, "linux"), "linux_");
    arena_free(&arena);
}

static const char natives[] =
    "type Probe = { width: int, lang: string?, switch: bool, mode: enum(fast, slow) }\n"
    "type FILE = { name: string }\n"
    "plugin scale(factor: int = 2) {\n"
    "  in v: int  in f: int = <factor>  out w: int  c ''' out->w = in->v * in->f; '''\n}\n"
    "pipeline t {\n"
    "  stage make {\n"
    "    out p: Probe  out grid: list<list<Probe>>  out int: int?  out f: FILE\n"
    "    out ps: stream<Probe>  out k: enum(a, b)  out text: string = \"x\"\n"
    "    c '''\n      #include <math.h>\n      dag_emit_ps(ctx, out->p);\n    '''\n  }\n"
    "  stage one = scale(factor: 3)\n  stage two = scale()\n"
    "  stage a { out b_c: stream<int>  c '' }\n  stage a_b { out c: stream<int>  c '' }\n"
    "  stage v { out v: int = 1 }\n  v.v -> one.v, two.v\n"
    "  output w: list<int> = <[one.w, two.w]>\n"
    "  output x: list<int> = <a.b_c>\n  output y: list<int> = <a_b.c>\n"
    "  output z: string = <make.text>\n}\n";

static void defines_types(void) {
    Compiled c = compiled_new(natives);
    const char *text = compiled_print(&c, emit_c);
    CU_ASSERT_TRUE(text_has(text, "enum { Probe_mode_fast, Probe_mode_slow };"));
    CU_ASSERT_TRUE(text_has(text, "    int64_t width; /* int */\n"
                                  "    const char *lang; /* string? */\n"
                                  "    bool switch_; /* bool */\n"
                                  "    int mode; /* enum(fast, slow) */\n} Probe;\n"));
    CU_ASSERT_TRUE(text_has(text, "    const list_Probe *items;\n    size_t len;\n"
                                  "} list_list_Probe;\n"));
    CU_ASSERT_TRUE(text_has(text, "} FILE_2;\n")); /* C has a FILE of its own */
    CU_ASSERT_TRUE(text_has(text, "    const int64_t *int_; /* int? */\n"));
    CU_ASSERT_TRUE(text_has(text, "enum { make_k_a, make_k_b };"));
    CU_ASSERT_TRUE(text_has(text, "offsetof(make_out, int_)"));
    CU_ASSERT_TRUE(text_has(text, "offsetof(Probe, switch_)"));
    const char *make_out = strstr(text, "typedef struct make_out");
    const char *end = make_out ? strstr(make_out, "} make_out") : NULL;
    const char *member = make_out ? strstr(make_out, " text;") : NULL;
    CU_ASSERT_TRUE(end && (!member || member > end)); /* it has a value of its own */
    compiled_free(&c);
}

static void shares_what_instances_have_in_common(void) {
    Compiled c = compiled_new(natives);
    const char *text = compiled_print(&c, emit_c);
    const char *body = strstr(text, "static int scale_body(");
    CU_ASSERT_PTR_NOT_NULL(body);
    CU_ASSERT_TRUE(body && !strstr(body + 1, "static int scale_body("));
    CU_ASSERT_TRUE(text_has(text, "typedef scale_in one_in;"));
    CU_ASSERT_TRUE(text_has(text, "typedef scale_out two_out;"));
    compiled_free(&c);
}

static void keeps_helpers_apart(void) {
    Compiled c = compiled_new(natives);
    const char *text = compiled_print(&c, emit_c);
    CU_ASSERT_TRUE(text_has(text, "void dag_emit_a_b_c(dag_ctx *ctx, int64_t value)"));
    CU_ASSERT_TRUE(text_has(text, "void dag_emit_a_b_c_(dag_ctx *ctx, int64_t value)"));
    CU_ASSERT_TRUE(text_has(text, "#define dag_emit_c dag_emit_a_b_c_\n"));
    compiled_free(&c);
}

/* Lines of the body are those of the .dag file; includes stand where they can. */
static void points_into_the_source(void) {
    Compiled c = compiled_new(natives);
    const char *text = compiled_print(&c, emit_c);
    const char *include = strstr(text, "#line 11 \"t.dag\"\n      #include <math.h>\n#line ");
    const char *body =
        strstr(text, "#line 10 \"t.dag\"\n         \n\n      dag_emit_ps(ctx, out->p);\n");
    CU_ASSERT_PTR_NOT_NULL(include);
    CU_ASSERT_PTR_NOT_NULL(body);
    CU_ASSERT_TRUE(include < body);
    const char *back = body ? strstr(body, "\"t.dag.c\"\n    return 0;\n") : NULL;
    CU_ASSERT_PTR_NOT_NULL(back);
    uint32_t line = 1; /* of the text behind the directive */
    for (const char *p = text; back && p < strstr(back, "    return 0;"); p++) {
        line += *p == '\n';
    }
    while (back && back > text && back[-1] != '\n') {
        back--;
    }
    CU_ASSERT_EQUAL(back ? (uint32_t)atoi(back + strlen("#line ")) : 0, line);
    compiled_free(&c);
}

static void prints_a_header(void) {
    Compiled c = compiled_new(natives);
    const char *text = compiled_print(&c, emit_header);
    CU_ASSERT_TRUE(text_has(text, "#ifndef DAG_t_H\n#define DAG_t_H\n"));
    CU_ASSERT_TRUE(text_has(text, "} make_out;"));
    CU_ASSERT_TRUE(text_has(text, "dag_emit_make_ps(dag_ctx *ctx, Probe value)"));
    CU_ASSERT_FALSE(text_has(text, "scale_body"));
    CU_ASSERT_FALSE(text_has(text, "strings[]"));
    compiled_free(&c);
}

/* ---------------------------------------------------------------- the whole */

static void prints_the_same_each_time(void) {
    Compiled one = compiled_new(natives), two = compiled_new(natives);
    CU_ASSERT_STRING_EQUAL(compiled_print(&one, emit_c), compiled_print(&two, emit_c));
    CU_ASSERT_STRING_EQUAL(compiled_print(&one, emit_c), compiled_print(&one, emit_c));
    CU_ASSERT_STRING_EQUAL(compiled_print(&one, emit_ir), compiled_print(&two, emit_ir));
    compiled_free(&one);
    compiled_free(&two);
}

static void prints_the_empty_pipeline(void) {
    Compiled c = compiled_new("pipeline p { }");
    const char *text = compiled_print(&c, emit_c);
    CU_ASSERT_TRUE(text_has(text, "int main(int argc, char **argv)\n{\n"
                                  "    return dag_main(&p_program, argc, argv);\n}\n"));
    CU_ASSERT_FALSE(text_has(text, "[] = {\n};"));
    compiled_free(&c);
}

static const cJSON *at(const cJSON *list, int i, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(list, i), name);
}

static void prints_the_graph(void) {
    Compiled c = compiled_new("pipeline p {\n"
                              "  stage a { out x: stream<int> = <[1]>  tags u, v  kind k }\n"
                              "  stage b { in x: int  run \"echo <x>\" }\n"
                              "  stage d { run \"echo <a.x>\" }\n"
                              "  a.x -> b.x where it > 1\n  b => d on failure\n}\n");
    cJSON *json = cJSON_Parse(compiled_print(&c, emit_graph));
    const cJSON *stages = cJSON_GetObjectItem(json, "stages");
    const cJSON *edges = cJSON_GetObjectItem(json, "edges");
    CU_ASSERT_EQUAL(cJSON_GetArraySize(stages), 3);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(edges), 3);
    if (json && cJSON_GetArraySize(edges) == 3) {
        CU_ASSERT_STRING_EQUAL(at(stages, 0, "slug")->valuestring, "a");
        CU_ASSERT_STRING_EQUAL(at(stages, 0, "kind")->valuestring, "k");
        CU_ASSERT_EQUAL(cJSON_GetArraySize(at(stages, 0, "tags")), 2);
        CU_ASSERT_STRING_EQUAL(cJSON_GetArrayItem(at(stages, 1, "axis"), 0)->valuestring, "a.x");
        CU_ASSERT_TRUE(cJSON_IsNull(at(stages, 1, "kind")));
        CU_ASSERT_EQUAL(cJSON_GetArraySize(at(stages, 2, "in")), 0); /* hidden ones do not show */
        CU_ASSERT_STRING_EQUAL(at(edges, 0, "from")->valuestring, "a.x");
        CU_ASSERT_STRING_EQUAL(at(edges, 0, "to")->valuestring, "b.x");
        CU_ASSERT_STRING_EQUAL(at(edges, 0, "where")->valuestring, "it > 1");
        CU_ASSERT_STRING_EQUAL(at(edges, 1, "to")->valuestring, "d");
        CU_ASSERT_STRING_EQUAL(at(edges, 2, "kind")->valuestring, "order");
        CU_ASSERT_STRING_EQUAL(at(edges, 2, "on")->valuestring, "failure");
    }
    cJSON_Delete(json);
    compiled_free(&c);
}

static void prints_the_schema(void) {
    Compiled c = compiled_new("## Makes thumbnails.\n"
                              "pipeline p {\n"
                              "  input root: dir  ## where they are\n"
                              "  input width: int = 320 where it >= 16 and it <= 4096\n"
                              "  input title: string?\n"
                              "  input mode: enum(low, high) = high\n"
                              "  input pause: duration = 1s\n"
                              "  input ps: list<{ a: int, b: float? }> = [{ a: 1, b: null }]\n"
                              "  input any: json = null\n"
                              "  input odd: int = 1 where it >= 1 or it == -1\n"
                              "  stage s { run \"<input.root><input.width><input.mode><input.pause>"
                              "<input.title | default('')><input.odd>\" }\n"
                              "  output ps: list<{ a: int, b: float? }> = <input.ps>\n"
                              "  output any: json = <input.any>\n}\n");
    cJSON *json = cJSON_Parse(compiled_print(&c, emit_schema));
    const cJSON *properties = cJSON_GetObjectItem(json, "properties");
    const cJSON *width = cJSON_GetObjectItem(properties, "width");
    const cJSON *mode = cJSON_GetObjectItem(properties, "mode");
    const cJSON *ps = cJSON_GetObjectItem(properties, "ps");
    CU_ASSERT_EQUAL(cJSON_GetArraySize(properties), 8);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(json, "required")), 1);
    if (ps && mode && width) {
        char *record = cJSON_PrintUnformatted(cJSON_GetObjectItem(ps, "items"));
        CU_ASSERT_STRING_EQUAL(record, "{\"type\":\"object\",\"properties\":{"
                                       "\"a\":{\"type\":\"integer\"},\"b\":{\"anyOf\":["
                                       "{\"type\":\"number\"},{\"type\":\"null\"}]}},"
                                       "\"required\":[\"a\"]}");
        cJSON_free(record);
        CU_ASSERT_EQUAL(cJSON_GetObjectItem(width, "minimum")->valueint, 16);
        CU_ASSERT_EQUAL(cJSON_GetObjectItem(width, "maximum")->valueint, 4096);
        CU_ASSERT_EQUAL(cJSON_GetObjectItem(width, "default")->valueint, 320);
        CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(mode, "enum")), 2);
        const cJSON *odd = cJSON_GetObjectItem(properties, "odd");
        CU_ASSERT_PTR_NULL(cJSON_GetObjectItem(odd, "minimum"));
        const cJSON *root = cJSON_GetObjectItem(properties, "root");
        CU_ASSERT_STRING_EQUAL(cJSON_GetObjectItem(root, "description")->valuestring,
                               "where they are");
    }
    cJSON_Delete(json);
    compiled_free(&c);
}

/* A pipeline of so many stages that its tables are dense. */
static Compiled large_pipeline(void) {
    char *text = malloc(LARGE * 80 + 100);
    size_t n = (size_t)sprintf(text, "pipeline t {\n");
    for (int i = 0; i < LARGE; i++) {
        n += (size_t)sprintf(text + n,
                             "  stage s%d { out x: int = <exit | add(%d)> run \"true\" }\n", i, i);
    }
    sprintf(text + n, "}\n");
    Compiled c = compiled_new(text);
    free(text);
    return c;
}

/* A pipeline with too many rows for a C compiler is for the assembler. */
static void prints_large_pipelines_densely(void) {
    Compiled c = large_pipeline();
    const char *code = compiled_print(&c, emit_c);
    CU_ASSERT_TRUE(text_has(code, "extern const dag_stage t_stages[]"));
    CU_ASSERT_TRUE(text_has(code, "__asm__(\".section .rodata\\n.balign 8\\nt_stages:\\n\"\n"));
    CU_ASSERT_TRUE(text_has(code, ".stages = t_stages, .nstages = 4000"));
    CU_ASSERT_TRUE(strlen(code) < LARGE * 1000);
    compiled_free(&c);
}

/* Where the bytes of a table are said to stand in the image. */
static size_t offset_in_image(const char *code, const char *table) {
    const char *label = strstr(code, table), *path = label ? strstr(label, "/image\\\",") : NULL;
    CU_ASSERT_PTR_NOT_NULL_FATAL(path);
    return strtoull(path + strlen("/image\\\","), NULL, 10);
}

static void puts_large_tables_beside(void) {
    Compiled c = large_pipeline();
    char *code = NULL, *image = NULL;
    size_t ncode, nimage;
    FILE *out = open_memstream(&code, &ncode), *beside = open_memstream(&image, &nimage);
    emit_c_beside(c.front, c.graph, out, beside, "/image");
    fclose(out);
    fclose(beside);
    const dag_program *p = &c.graph->program;
    size_t stages = offset_in_image(code, "t_stages:"), texts = offset_in_image(code, "strings:");
    CU_ASSERT_FATAL(stages + p->nstages * sizeof *p->stages <= nimage);
    CU_ASSERT_EQUAL(memcmp(image + stages, p->stages, p->nstages * sizeof *p->stages), 0);
    CU_ASSERT_EQUAL(memcmp(image + texts, p->strings, c.graph->strings_size), 0);
    CU_ASSERT_TRUE(ncode < 1000000 && !text_has(code, ".long"));
    free(code);
    free(image);
    compiled_free(&c);
}

void suite_emit(void) {
    CU_pSuite suite = CU_add_suite("emit", NULL, NULL);
    CU_add_test(suite, "writes literals", writes_literals);
    CU_add_test(suite, "writes remarks", writes_remarks);
    CU_add_test(suite, "writes numbers", writes_numbers);
    CU_add_test(suite, "counts lines", counts_lines);
    CU_add_test(suite, "keeps members apart", keeps_members_apart);
    CU_add_test(suite, "defines types", defines_types);
    CU_add_test(suite, "shares what instances have in common",
                shares_what_instances_have_in_common);
    CU_add_test(suite, "keeps helpers apart", keeps_helpers_apart);
    CU_add_test(suite, "points into the source", points_into_the_source);
    CU_add_test(suite, "prints a header", prints_a_header);
    CU_add_test(suite, "prints the same each time", prints_the_same_each_time);
    CU_add_test(suite, "prints the empty pipeline", prints_the_empty_pipeline);
    CU_add_test(suite, "prints the graph", prints_the_graph);
    CU_add_test(suite, "prints the schema", prints_the_schema);
    CU_add_test(suite, "prints large pipelines densely", prints_large_pipelines_densely);
    CU_add_test(suite, "puts large tables beside the text", puts_large_tables_beside);
}
