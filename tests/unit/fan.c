/*
 * fan.c - axes of stages and inputs, as SEMANTICS has them, for small pipelines.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "base/front.h"
#include "check/front_check.h"
#include "suites.h"
#include "syntax/front_parse.h"

static Front *front;
static const Pipeline *pipeline;

/* Checks a pipeline; `body` are its items. What is refused only because it cannot run yet is fine. */
static void check(const char *body) {
    front = front_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    const char *text = arena_printf(&front->arena, "pipeline p {\n%s\n}\n", body);
    Source *source = source_from_text(&front->arena, &front->sources, "p.dag", text, strlen(text));
    const Model *model = front_check(front, front_parse(front, source));
    pipeline = model->pipelines[0];
}

static void done(void) {
    front_free(front);
}

/* The codes reported: "E0601 E0603 ". */
static const char *codes(void) {
    const char *all = "";
    for (const Diag *diag = front->diags->first; diag; diag = diag->next) {
        if (diag->severity == SEVERITY_ERROR) {
            all = arena_printf(&front->arena, "%s%s ", all, code_name(diag->code));
        }
    }
    return all;
}

static const Stage *stage(const char *slug) {
    for (uint32_t i = 0; i < pipeline->nstages; i++) {
        if (strcmp(pipeline->stages[i]->slug.text, slug) == 0) {
            return pipeline->stages[i];
        }
    }
    CU_FAIL_FATAL("no such stage");
    return NULL;
}

static const char *axis_of(const Axis *axis) {
    if (axis->depth == 0) {
        return "";
    }
    const char *last = arena_printf(&front->arena, "%s.%s", axis->position->stage->slug.text,
                                    axis->position->name.text);
    return axis->depth == 1 ? last
                            : arena_printf(&front->arena, "%s %s", axis_of(axis->parent), last);
}

static const char *axis(const char *slug) {
    return axis_of(stage(slug)->axis);
}

static const Port *input(const char *slug, uint32_t i) {
    const Stage *s = stage(slug);
    CU_ASSERT_FATAL(i < s->nins);
    return s->ins[i];
}

#define SOURCES                                                   \
    "  stage a { out v: stream<int> = [1, 2]  out k: int = 3 }\n" \
    "  stage b { out v: stream<int> = [3, 4] }\n"                 \
    "  stage deep { in v: int = <a.v>  out w: stream<int> = <[v, v]>  out x: int = <v> }\n"

static void single_takes_the_longest(void) {
    check(SOURCES "  stage s { in k: int = <a.k>  in v: int = <a.v>  in w: int = <deep.w>\n"
                  "    out t: stream<int> = <[k, v, w, deep.x]> }\n"
                  "  stage t { in t: int = <s.t>  run \"echo <t>\" }\n"
                  "  stage u { run \"true\" }");
    CU_ASSERT_STRING_EQUAL(codes(), "");
    CU_ASSERT_STRING_EQUAL(axis("a"), "");
    CU_ASSERT_STRING_EQUAL(axis("deep"), "a.v");
    CU_ASSERT_STRING_EQUAL(axis("s"), "a.v deep.w");
    CU_ASSERT_STRING_EQUAL(axis("t"), "a.v deep.w s.t");
    CU_ASSERT_STRING_EQUAL(axis("u"), "");
    CU_ASSERT_STRING_EQUAL(axis_of(input("s", 1)->axis), "a.v");
    CU_ASSERT(input("s", 3)->hidden);
    CU_ASSERT_STRING_EQUAL(axis_of(input("s", 3)->axis), "a.v");
    CU_ASSERT_PTR_EQUAL(stage("deep")->axis, stage("a")->outs[0]->axis);
    CU_ASSERT_EQUAL(pipeline->axes[0]->depth, 0);
    done();
}

static void single_pairs_prefixes_only(void) {
    check(SOURCES "  stage s { in v: int = <a.v>  in w: int = <b.v>  run \"echo <v> <w>\" }\n"
                  "  stage t { in v: int = <a.v>  run \"echo <v> <b.v>\" }");
    CU_ASSERT_STRING_EQUAL(codes(), "E0601 E0601 ");
    done();
}

static void aggregate_gathers(void) {
    check(SOURCES "  stage s { fan aggregate  in v: list<int>  in k: int = <a.k>\n"
                  "    run \"echo <v> <k> <b.v>\" }\n"
                  "  a.v -> s.v\n  deep.w -> s.v");
    CU_ASSERT_STRING_EQUAL(codes(), "");
    CU_ASSERT_STRING_EQUAL(axis("s"), "");
    CU_ASSERT(input("s", 0)->gathers);
    CU_ASSERT_FALSE(input("s", 1)->gathers);
    CU_ASSERT(input("s", 2)->hidden && input("s", 2)->gathers);
    CU_ASSERT_EQUAL(input("s", 2)->type->kind, DAG_LIST);
    done();
}

static void aggregate_needs_lists_of_streams(void) {
    check(SOURCES "  stage s { fan aggregate  in v: int  in k: list<int>  run \"echo <v> <k>\" }\n"
                  "  a.v -> s.v\n  a.k -> s.k");
    CU_ASSERT_STRING_EQUAL(codes(), "E0603 E0602 ");
    done();
}

static void groups_have_an_origin(void) {
    check(SOURCES "  stage s { fan grouped  in v: int = <a.v>  in w: list<int>  in k: int = <a.k>\n"
                  "    run \"echo <v> <w> <k> <deep.x>\" }\n"
                  "  stage t { fan grouped by deep.w  in w: int = <deep.w>  in x: int = <deep.x>\n"
                  "    run \"echo <w> <x>\" }\n"
                  "  deep.w -> s.w");
    CU_ASSERT_STRING_EQUAL(codes(), "");
    CU_ASSERT_STRING_EQUAL(axis("s"), "a.v");
    CU_ASSERT_FALSE(input("s", 0)->gathers);
    CU_ASSERT(input("s", 1)->gathers);
    CU_ASSERT_EQUAL(input("s", 3)->type->kind, DAG_INT); /* hidden, at the group itself */
    CU_ASSERT_STRING_EQUAL(axis("t"), "a.v deep.w");
    done();
    check(SOURCES "  stage s { fan grouped  in v: list<int>  in w: list<int>  run \"echo <v>\" }\n"
                  "  a.v -> s.v\n  b.v -> s.w");
    CU_ASSERT_STRING_EQUAL(codes(), "E0604 ");
    done();
}

static void cross_multiplies(void) {
    check(SOURCES
          "  stage s { fan cross  in w: int = <b.v>  in v: int = <deep.w>  in u: int = <a.v>\n"
          "    run \"echo <w> <v> <u>\" }\n"
          "  stage t { fan cross  in x: int = <deep.w>  in y: int = <c.z>  run \"echo <x> <y>\" }\n"
          "  stage c { in v: int = <a.v>  out z: stream<int> = <[v]> }");
    CU_ASSERT_STRING_EQUAL(codes(), "");
    CU_ASSERT_STRING_EQUAL(axis("s"), "b.v a.v deep.w");
    CU_ASSERT_STRING_EQUAL(axis("t"), "a.v deep.w c.z"); /* what they share pairs */
    done();
}

static void merge_has_a_position(void) {
    check(SOURCES "  stage s { in v: int merge  out t: stream<int> = <[v]> }\n"
                  "  stage t { in t: list<int>  fan grouped by s.v  run \"echo <t>\" }\n"
                  "  stage u { in v: int any  run \"echo <v>\" }\n"
                  "  deep.x -> s.v\n  deep.w -> s.v\n  s.t -> t.t\n  a.v -> u.v\n  deep.x -> u.v");
    CU_ASSERT_STRING_EQUAL(codes(), "");
    CU_ASSERT_STRING_EQUAL(axis("s"), "a.v s.v");
    CU_ASSERT_STRING_EQUAL(axis("t"), "a.v s.v");
    CU_ASSERT_STRING_EQUAL(axis("u"), "a.v");
    done();
    check(SOURCES "  stage u { in v: int any  run \"echo <v>\" }\n"
                  "  a.v -> u.v\n  deep.w -> u.v");
    CU_ASSERT_STRING_EQUAL(codes(), "E0606 ");
    done();
}

static void gates_hand_on(void) {
    check(SOURCES "  stage g { gate  in v: int  when v > 1 }\n  deep.w -> g.v\n"
                  "  stage s { in v: int = <g.v>  run \"echo <v>\" }");
    CU_ASSERT_STRING_EQUAL(codes(), "");
    CU_ASSERT_STRING_EQUAL(axis("s"), "a.v deep.w");
    done();
}

static void broken_axes_are_not_reported_again(void) {
    check(SOURCES "  stage s { in v: int = <a.v>  in w: int = <b.v>  out t: int = <add> }\n"
                  "  stage t { in t: int = <s.t>  in w: int = <b.v>  run \"echo <t> <w>\" }\n"
                  "  stage u { fan aggregate  in t: list<int>  run \"echo <t>\" }\n"
                  "  s.t -> u.t\n  output t: list<int> = <s.t>");
    CU_ASSERT_STRING_EQUAL(codes(), "E0601 E0207 ");
    done();
}

static void topological_order(void) {
    check("  stage c { in x: int  out y: int = <x> }\n  stage a { out y: int = 1 }\n"
          "  stage b { in x: int  out y: int = <x> }\n  a -> b -> c\n  stage d { run \"true\" }\n"
          "  d => a\n  output y: int = <c.y>");
    CU_ASSERT_STRING_EQUAL(codes(), "");
    CU_ASSERT_STRING_EQUAL(pipeline->topo[0]->slug.text, "d");
    CU_ASSERT_STRING_EQUAL(pipeline->topo[1]->slug.text, "a");
    CU_ASSERT_STRING_EQUAL(pipeline->topo[2]->slug.text, "b");
    CU_ASSERT_STRING_EQUAL(pipeline->topo[3]->slug.text, "c");
    CU_ASSERT_EQUAL(pipeline->topo[0]->norders, 0);
    CU_ASSERT_EQUAL(pipeline->topo[1]->norders, 1);
    CU_ASSERT_EQUAL(pipeline->topo[2]->ins[0]->nedges, 1);
    CU_ASSERT_EQUAL(pipeline->outputs[0]->ins[0]->nedges, 1);
    done();
}

void suite_fan(void) {
    CU_pSuite suite = CU_add_suite("fan", NULL, NULL);
    CU_add_test(suite, "single takes the longest axis", single_takes_the_longest);
    CU_add_test(suite, "single pairs prefixes only", single_pairs_prefixes_only);
    CU_add_test(suite, "aggregate gathers", aggregate_gathers);
    CU_add_test(suite, "aggregate needs lists of streams", aggregate_needs_lists_of_streams);
    CU_add_test(suite, "groups have an origin", groups_have_an_origin);
    CU_add_test(suite, "cross multiplies", cross_multiplies);
    CU_add_test(suite, "merge has a position of its own", merge_has_a_position);
    CU_add_test(suite, "gates hand on", gates_hand_on);
    CU_add_test(suite, "broken axes are not reported again", broken_axes_are_not_reported_again);
    CU_add_test(suite, "topological order", topological_order);
}
