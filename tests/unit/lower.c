/* The tables of compiled pipelines: whatever the pipeline, they hold together. */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

#include "compiled.h"
#include "suites.h"

/* ---------------------------------------------------------------- what must always hold */

static bool is_expr(const dag_program *p, uint32_t expr) {
    return expr == DAG_NONE || expr < p->nexprs;
}

/* Inputs, then outputs, stage after stage; then the hidden inputs of the pipeline's outputs. */
static void check_port_order(const dag_program *p) {
    uint32_t next = 0;
    for (uint32_t i = 0; i < p->nstages; i++) {
        const dag_stage *s = &p->stages[i];
        CU_ASSERT_EQUAL(s->in, next);
        CU_ASSERT_EQUAL(s->out, s->in + s->nin);
        next = s->out + s->nout;
        for (uint32_t k = s->in; k < next; k++) {
            CU_ASSERT_EQUAL(p->ports[k].stage, i);
        }
        for (uint32_t k = s->in + 1; k < s->out; k++) { /* named before hidden */
            CU_ASSERT_TRUE((p->ports[k - 1].flags & DAG_PORT_HIDDEN) <=
                           (p->ports[k].flags & DAG_PORT_HIDDEN));
        }
    }
    for (uint32_t i = 0; i < p->noutputs; i++) {
        CU_ASSERT_EQUAL(p->outputs[i].in, next);
        for (uint32_t k = next; k < next + p->outputs[i].nin; k++) {
            CU_ASSERT_EQUAL(p->ports[k].stage, DAG_NONE);
        }
        next += p->outputs[i].nin;
    }
    CU_ASSERT_EQUAL(next, p->nports);
}

static bool is_out(const dag_program *p, uint32_t port) {
    uint32_t stage = p->ports[port].stage;
    return stage != DAG_NONE && port >= p->stages[stage].out;
}

/* Every edge is in the range of its in port, and once in that of its out port. */
static void check_edges(const dag_program *p) {
    uint32_t *seen = calloc(p->nedges + 1, sizeof *seen);
    uint32_t in_edges = 0, out_edges = 0;
    for (uint32_t i = 0; i < p->nports; i++) {
        const dag_port *port = &p->ports[i];
        for (uint32_t k = port->edge; k < port->edge + port->nedges; k++) {
            uint32_t edge = is_out(p, i) ? p->out_edges[k] : k;
            CU_ASSERT_EQUAL(is_out(p, i) ? p->edges[edge].from : p->edges[edge].to, i);
            seen[edge] += is_out(p, i);
        }
        *(is_out(p, i) ? &out_edges : &in_edges) += port->nedges;
    }
    CU_ASSERT_EQUAL(in_edges, p->nedges);
    CU_ASSERT_EQUAL(out_edges, p->nedges);
    for (uint32_t i = 0; i < p->nedges; i++) {
        CU_ASSERT_EQUAL(seen[i], 1);
        CU_ASSERT_TRUE(i == 0 || p->edges[i - 1].to <= p->edges[i].to);
        CU_ASSERT_TRUE(is_out(p, p->edges[i].from) && !is_out(p, p->edges[i].to));
        CU_ASSERT_TRUE(is_expr(p, p->edges[i].where) && is_expr(p, p->edges[i].order_by));
    }
    free(seen);
}

static void check_orders(const dag_program *p) {
    uint32_t in = 0, out = 0;
    for (uint32_t i = 0; i < p->nstages; i++) {
        const dag_stage *s = &p->stages[i];
        for (uint32_t k = s->order; k < s->order + s->norder; k++) {
            CU_ASSERT_EQUAL(p->orders[k].to, i);
        }
        for (uint32_t k = s->after; k < s->after + s->nafter; k++) {
            CU_ASSERT_EQUAL(p->orders[p->out_orders[k]].from, i);
        }
        in += s->norder;
        out += s->nafter;
    }
    CU_ASSERT_EQUAL(in, p->norders);
    CU_ASSERT_EQUAL(out, p->norders);
}

static void check_topo(const dag_program *p) {
    uint32_t *place = calloc(p->nstages + 1, sizeof *place);
    for (uint32_t i = 0; i < p->nstages; i++) {
        place[p->topo[i]] += i + 1;
    }
    for (uint32_t i = 0; i < p->nstages; i++) {
        CU_ASSERT_TRUE(place[i] > 0);
    }
    for (uint32_t i = 0; i < p->nedges; i++) {
        uint32_t from = p->ports[p->edges[i].from].stage, to = p->ports[p->edges[i].to].stage;
        CU_ASSERT_TRUE(to == DAG_NONE || place[from] < place[to]);
    }
    for (uint32_t i = 0; i < p->norders; i++) {
        CU_ASSERT_TRUE(place[p->orders[i].from] < place[p->orders[i].to]);
    }
    free(place);
}

static void check_axes(const dag_program *p) {
    CU_ASSERT_TRUE(p->naxes > 0);
    CU_ASSERT_EQUAL(p->axes[0].parent, DAG_NONE);
    CU_ASSERT_EQUAL(p->axes[0].position, DAG_NONE);
    CU_ASSERT_EQUAL(p->axes[0].depth, 0);
    for (uint32_t i = 1; i < p->naxes; i++) {
        const dag_axis *axis = &p->axes[i];
        CU_ASSERT_TRUE(axis->parent < i);
        CU_ASSERT_EQUAL(axis->depth, p->axes[axis->parent].depth + 1);
        CU_ASSERT_TRUE(p->ports[axis->position].flags & (DAG_PORT_STREAM | DAG_PORT_MERGE));
    }
    for (uint32_t i = 0; i < p->nports; i++) {
        CU_ASSERT_TRUE(p->ports[i].axis < p->naxes);
        CU_ASSERT_TRUE(p->ports[i].type < p->ntypes);
        CU_ASSERT_TRUE(is_expr(p, p->ports[i].value));
    }
}

static void check_exprs(const dag_program *p) {
    for (uint32_t i = 0; i < p->nexprs; i++) {
        CU_ASSERT_TRUE(p->exprs[i].n > 0 && p->exprs[i].first + p->exprs[i].n <= p->ncode);
        CU_ASSERT_TRUE(p->exprs[i].type < p->ntypes);
        CU_ASSERT_TRUE(p->exprs[i].line > 0 && p->exprs[i].column > 0);
    }
}

static void check_tables(const dag_program *p) {
    CU_ASSERT_EQUAL(p->abi, DAG_ABI);
    check_port_order(p);
    check_edges(p);
    check_orders(p);
    check_topo(p);
    check_axes(p);
    check_exprs(p);
}

static Compiled compile(const char *text) {
    Compiled c = compiled_new(text);
    if (c.program) {
        check_tables(c.program);
    }
    return c;
}

static const char *text_of(const Compiled *c, dag_name name) {
    return c->program->strings + name;
}

/* ---------------------------------------------------------------- pipelines */

static void lowers_the_empty_pipeline(void) {
    Compiled c = compile("## What it does.\npipeline p { }");
    CU_ASSERT_EQUAL(c.program->nstages, 0);
    CU_ASSERT_STRING_EQUAL(text_of(&c, c.program->name), "p");
    CU_ASSERT_STRING_EQUAL(text_of(&c, c.program->source), "t.dag");
    CU_ASSERT_STRING_EQUAL(text_of(&c, c.program->doc), "What it does.");
    CU_ASSERT_EQUAL(c.program->stall_grace, INT64_C(30000000000));
    compiled_free(&c);
}

static void lowers_edges_of_many_shapes(void) {
    Compiled c =
        compile("pipeline p {\n"
                "  stage a { out x: stream<int> = <[1, 2]>  out y: int = 1 }\n"
                "  stage b { in x: int  in y: int  out z: int = <x | add(y)> }\n"
                "  stage c { fan aggregate  in z: list<int>  out n: int = <z | length> }\n"
                "  stage d { in n: int  run \"echo <n> <b.z | join> <a.y>\"  fan aggregate }\n"
                "  stage e { run \"true\" }\n"
                "  a.x -> b.x where it > 1 and it < 5\n"
                "  a.y -> b.y\n  b.z -> c.z\n  c.n -> d.n\n"
                "  c => e => d on always\n  a => e\n"
                "  output z: list<int> = <b.z>\n  output n: int = <c.n | add(a.y)>\n}\n");
    const dag_program *p = c.program;
    if (p) {
        CU_ASSERT_EQUAL(p->nedges, 9); /* four drawn, two in the body, three in the outputs */
        CU_ASSERT_EQUAL(p->norders, 3);
        CU_ASSERT_EQUAL(p->stages[3].nin, 3);
        CU_ASSERT_EQUAL(p->naxes, 2);
        CU_ASSERT_TRUE(p->ports[p->stages[1].in].axis == p->stages[1].axis);
    }
    compiled_free(&c);
}

static void lowers_bodies(void) {
    Compiled c = compile(
        "pipeline p {\n"
        "  input xs: list<string> = [\"a\"]  input s: string = \"b\"\n"
        "  stage a { run \"echo <input.s> '<input.s>' $(cat \\\"<input.s>\\\") <input.xs>\" }\n"
        "  stage b { exec \"prog\", \"-<input.s>\", <input.xs>, <input.s> }\n"
        "  stage c { run '''echo \"$DAG_x\" | cat''' }\n"
        "}\n");
    const char *ir = compiled_print(&c, emit_ir);
    CU_ASSERT_TRUE(text_has(ir, "      text \"echo \"\n      word (string): run s\n"
                                "      text \" '\"\n      single (string): run s\n"
                                "      text \"' $(cat \\\"\"\n      double (string): run s\n"
                                "      text \"\\\") \"\n      word (list<string>): run xs\n"));
    CU_ASSERT_TRUE(text_has(ir, "      arg (string): const \"prog\"\n"
                                "      arg (string): const \"-\"; run s; concat 2\n"
                                "      splice (list<string>): run xs\n"
                                "      arg (string): run s\n"));
    CU_ASSERT_TRUE(text_has(ir, "      text \"echo \\\"$DAG_x\\\" | cat\"\n"));
    compiled_free(&c);
}

static void lowers_attributes(void) {
    Compiled c = compile(
        "pipeline p {\n"
        "  timeout 2h  max_parallel 8  on_error continue  stall_grace 5s\n"
        "  stage a {\n    run \"true\"\n    timeout 1m  retry 2 backoff 1s on crashed, exit 75\n"
        "    tags x, y  kind slow  env NAME = \"v<run.id>\"  max_parallel 2  may_fail\n  }\n"
        "  stage b { run \"true\"  retry 1 }\n}\n");
    const dag_program *p = c.program;
    if (p) {
        const dag_stage *a = &p->stages[0];
        CU_ASSERT_EQUAL(p->timeout, INT64_C(7200000000000));
        CU_ASSERT_EQUAL(p->stall_grace, INT64_C(5000000000));
        CU_ASSERT_EQUAL(p->max_parallel, 8);
        CU_ASSERT_TRUE(p->continue_on_error);
        CU_ASSERT_EQUAL(a->timeout, INT64_C(60000000000));
        CU_ASSERT_EQUAL(a->retry, 2);
        CU_ASSERT_EQUAL(a->retry_on, DAG_CAUSE_CRASHED);
        CU_ASSERT_EQUAL(a->nexit_code, 1);
        CU_ASSERT_EQUAL(p->exit_codes[a->exit_code], 75);
        CU_ASSERT_EQUAL(a->backoff, INT64_C(1000000000));
        CU_ASSERT_EQUAL(a->ntag, 2);
        CU_ASSERT_STRING_EQUAL(text_of(&c, p->tags[a->tag + 1]), "y");
        CU_ASSERT_STRING_EQUAL(text_of(&c, a->kind), "slow");
        CU_ASSERT_EQUAL(a->nenv, 1);
        CU_ASSERT_STRING_EQUAL(text_of(&c, p->env[a->env].name), "NAME");
        CU_ASSERT_EQUAL(a->max_parallel, 2);
        CU_ASSERT_TRUE(a->flags & DAG_STAGE_MAY_FAIL);
        CU_ASSERT_EQUAL(p->stages[1].retry_on, DAG_CAUSE_ANY);
        CU_ASSERT_EQUAL(a->line, 3);
    }
    compiled_free(&c);
}

/* A plugin's instances have rows of their own, with the parameters' values in their places. */
static void lowers_plugins(void) {
    Compiled c = compile("plugin p(n: int = 2) { in x: int  out y: int = <x | add(n)> }\n"
                         "pipeline t {\n  input k: int\n"
                         "  stage a = p(n: 5)\n  stage b = p(n: <input.k>)\n  stage c = p()\n"
                         "  stage s { out x: int = 1 }\n"
                         "  s.x -> a.x, b.x, c.x\n"
                         "  output o: list<int> = <[a.y, b.y, c.y]>\n}\n");
    const char *ir = compiled_print(&c, emit_ir);
    CU_ASSERT_TRUE(text_has(ir, "value (int): input x; const 5; add/1\n"));
    CU_ASSERT_TRUE(text_has(ir, "value (int): input x; run k; add/1\n"));
    CU_ASSERT_TRUE(text_has(ir, "value (int): input x; const 2; add/1\n"));
    compiled_free(&c);
}

/* ---------------------------------------------------------------- a large one */

/* n stages in a row, each with a body, an edge and a template. */
static char *chain(size_t n) {
    char *text = malloc(n * 120 + 100);
    size_t len = (size_t)sprintf(text, "pipeline t {\n  stage s0 { out x: string = \"a\" }\n");
    for (size_t i = 1; i < n; i++) {
        len += (size_t)sprintf(text + len,
                               "  stage s%zu { in x: string  out x: string = <stdout | trim>  "
                               "run \"echo <x>%zu\" }\n  s%zu.x -> s%zu.x\n",
                               i, i, i - 1, i);
    }
    sprintf(text + len, "}\n");
    return text;
}

static void lowers_many_stages(void) {
    char *text = chain(3000);
    Compiled c = compile(text);
    if (c.program) {
        CU_ASSERT_EQUAL(c.program->nstages, 3000);
        CU_ASSERT_EQUAL(c.program->nedges, 2999);
        CU_ASSERT_TRUE(c.front->arena.used < 64u << 20);
    }
    compiled_free(&c);
    free(text);
}

void suite_lower(void) {
    CU_pSuite suite = CU_add_suite("lower", NULL, NULL);
    CU_add_test(suite, "lowers the empty pipeline", lowers_the_empty_pipeline);
    CU_add_test(suite, "lowers edges of many shapes", lowers_edges_of_many_shapes);
    CU_add_test(suite, "lowers bodies", lowers_bodies);
    CU_add_test(suite, "lowers attributes", lowers_attributes);
    CU_add_test(suite, "lowers plugins", lowers_plugins);
    CU_add_test(suite, "lowers many stages", lowers_many_stages);
}
