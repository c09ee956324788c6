/* Programs put together by hand. */
#include "handmade.h"

#include <CUnit/CUnit.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/world.h"
#include "literal.h"
#include "pure/pipe.h"

Hand *hand_new(void) {
    Hand *h = calloc(1, sizeof *h);
    h->base = "/tmp";
    h->ntext = 1;
    h->axes[0] = (dag_axis){ .parent = DAG_NONE, .position = DAG_NONE };
    h->program = (dag_program){ .abi = DAG_ABI, .naxes = 1, .strings = h->text };
    h->program.name = hand_name(h, "test");
    h->program.source = hand_name(h, "test.dag");
    return h;
}

void hand_free(Hand *h) {
    arena_free(&h->arena);
    free(h);
}

dag_name hand_name(Hand *h, const char *text) {
    for (uint32_t at = 1; at < h->ntext; at += (uint32_t)strlen(h->text + at) + 1) {
        if (strcmp(h->text + at, text) == 0) {
            return at;
        }
    }
    dag_name name = h->ntext;
    strcpy(h->text + h->ntext, text);
    h->ntext += (uint32_t)strlen(text) + 1;
    return name;
}

/* ---------------------------------------------------------------- types */

static const struct {
    const char *name;
    uint32_t size, align;
} forms[] = {
    [DAG_NULL] = { "null", 0, 1 },     [DAG_BOOL] = { "bool", 1, 1 },
    [DAG_INT] = { "int", 8, 8 },       [DAG_FLOAT] = { "float", 8, 8 },
    [DAG_STRING] = { "string", 8, 8 }, [DAG_DURATION] = { "duration", 8, 8 },
    [DAG_SIZE] = { "size", 8, 8 },     [DAG_FILE] = { "file", 8, 8 },
    [DAG_DIR] = { "dir", 8, 8 },       [DAG_SECRET] = { "secret", 8, 8 },
    [DAG_LIST] = { "list", 16, 8 },    [DAG_MAP] = { "map", 24, 8 },
    [DAG_RECORD] = { "record", 0, 1 }, [DAG_ENUM] = { "enum", 4, 4 },
    [DAG_JSON] = { "json", 8, 8 },     [DAG_OPTIONAL] = { "optional", 8, 8 },
};

uint32_t hand_type_of(Hand *h, dag_kind kind, uint32_t elem) {
    for (uint32_t i = 0; i < h->program.ntypes; i++) {
        if (h->types[i].kind == (uint32_t)kind && h->types[i].elem == elem) {
            return i;
        }
    }
    h->types[h->program.ntypes] = (dag_type){ .kind = kind,
                                              .elem = elem,
                                              .size = forms[kind].size,
                                              .align = forms[kind].align,
                                              .name = hand_name(h, forms[kind].name) };
    return h->program.ntypes++;
}

uint32_t hand_type(Hand *h, dag_kind kind) {
    return hand_type_of(h, kind, DAG_NONE);
}

uint32_t hand_record(Hand *h, dag_kind kind, const char *name, uint32_t size, uint32_t align) {
    h->types[h->program.ntypes] = (dag_type){ .kind = kind,
                                              .elem = DAG_NONE - 1,
                                              .first = h->nfields,
                                              .size = size,
                                              .align = align,
                                              .name = hand_name(h, name) };
    return h->program.ntypes++;
}

void hand_field(Hand *h, uint32_t record, const char *name, uint32_t type, uint32_t offset) {
    h->fields[h->nfields++] = (dag_field){ hand_name(h, name), type, offset };
    h->types[record].n++;
}

/* ---------------------------------------------------------------- expressions */

uint32_t hand_expr(Hand *h, uint32_t type, const uint32_t *code) {
    dag_expr *expr = &h->exprs[h->program.nexprs];
    *expr =
        (dag_expr){ .first = h->program.ncode, .type = type, .source = hand_name(h, "<value>") };
    for (; *code != HAND_STOP; code++) {
        h->code[h->program.ncode++] = *code;
        expr->n++;
    }
    return h->program.nexprs++;
}

static void fill_const(Hand *h, uint32_t at, dag_value v);

static uint32_t add_parts(Hand *h, dag_value v) {
    uint32_t n = v.kind == DAG_MAP ? 2 * v.len : v.len, first = h->program.nconsts;
    h->program.nconsts += n;
    for (uint32_t i = 0; i < n; i++) {
        const dag_entry *entry = v.kind == DAG_MAP ? &v.u.entries[i / 2] : NULL;
        fill_const(h, first + i, !entry ? v.u.items[i] : i % 2 ? entry->value : entry->name);
    }
    return first;
}

static void fill_const(Hand *h, uint32_t at, dag_value v) {
    dag_const *c = &h->consts[at];
    *c = (dag_const){ .kind = v.kind, .len = v.len };
    if (value_has_text(v)) {
        c->u.text = hand_name(h, v.u.text);
    } else if (v.kind == DAG_LIST || v.kind == DAG_MAP) {
        c->u.first = add_parts(h, v);
    } else if (v.kind == DAG_FLOAT) {
        c->u.f = v.u.f;
    } else if (v.kind != DAG_NULL) {
        c->u.i = v.kind == DAG_BOOL ? v.u.b : v.u.i;
    }
}

uint32_t hand_const(Hand *h, const char *text) {
    uint32_t at = h->program.nconsts++;
    fill_const(h, at, literal(&h->arena, text));
    return DAG_CODE(DAG_OP_CONST, at);
}

uint32_t hand_pipe(const char *name, uint32_t nargs) {
    const PipeRow *row = pipe_find(name, strlen(name));
    CU_ASSERT_PTR_NOT_NULL_FATAL(row);
    return DAG_PIPE_CODE(pipe_number(row), nargs);
}

uint32_t hand_text(Hand *h, const char *text) {
    uint32_t at = h->program.nconsts++;
    fill_const(h, at, value_text(DAG_STRING, text, strlen(text)));
    return HAND_EXPR(h, hand_type(h, DAG_STRING), DAG_CODE(DAG_OP_CONST, at));
}

/* ---------------------------------------------------------------- the graph */

uint32_t hand_stage(Hand *h, const char *slug, dag_body body) {
    h->stages[h->program.nstages] = (dag_stage){ .slug = hand_name(h, slug),
                                                 .body = body,
                                                 .in = h->program.nports,
                                                 .out = h->program.nports,
                                                 .when = DAG_NONE,
                                                 .piece = h->npieces,
                                                 .native = DAG_NONE,
                                                 .sub = DAG_NONE,
                                                 .map_over = DAG_NONE,
                                                 .env = h->nenv,
                                                 .resource = h->nresources };
    return h->program.nstages++;
}

dag_stage *hand_last(Hand *h) {
    return &h->stages[h->program.nstages - 1];
}

static uint32_t add_port(Hand *h, const char *name, uint32_t stage, uint32_t type, uint32_t flags,
                         uint32_t value) {
    h->ports[h->program.nports] = (dag_port){ .name = hand_name(h, name),
                                              .stage = stage,
                                              .type = type,
                                              .flags = flags,
                                              .value = value,
                                              .offset = DAG_NONE };
    return h->program.nports++;
}

uint32_t hand_in(Hand *h, const char *name, uint32_t type, uint32_t value) {
    hand_last(h)->nin++;
    hand_last(h)->out++;
    return add_port(h, name, h->program.nstages - 1, type, 0, value);
}

uint32_t hand_out(Hand *h, const char *name, uint32_t type, uint32_t flags, uint32_t value) {
    hand_last(h)->nout++;
    return add_port(h, name, h->program.nstages - 1, type, flags, value);
}

void hand_edge(Hand *h, uint32_t from, uint32_t to) {
    h->edges[h->program.nedges++] = (dag_edge){
        .from = from, .to = to, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE
    };
}

void hand_order(Hand *h, uint32_t from, uint32_t to, dag_on on) {
    h->orders[h->program.norders++] = (dag_order){ .from = from, .to = to, .on = on };
}

void hand_piece(Hand *h, dag_piece_kind kind, uint32_t expr) {
    h->pieces[h->npieces++] = (dag_piece){ kind, expr };
    hand_last(h)->npiece++;
}

void hand_script(Hand *h, const char *text) {
    hand_piece(h, DAG_PIECE_TEXT, hand_name(h, text));
}

void hand_env(Hand *h, const char *name, uint32_t expr) {
    h->env[h->nenv++] = (dag_env_row){ hand_name(h, name), expr };
    hand_last(h)->nenv++;
}

void hand_native(Hand *h, dag_native_fn call, size_t in_size, size_t out_size) {
    hand_last(h)->native = h->nnatives;
    h->natives[h->nnatives++] =
        (dag_native){ .call = call, .in_size = (uint32_t)in_size, .out_size = (uint32_t)out_size };
}

uint32_t hand_input(Hand *h, const char *name, uint32_t type, uint32_t value) {
    h->inputs[h->program.ninputs] =
        (dag_input){ .name = hand_name(h, name), .type = type, .value = value, .where = DAG_NONE };
    return h->program.ninputs++;
}

uint32_t hand_output(Hand *h, const char *name, uint32_t type, uint32_t from) {
    uint32_t port = add_port(h, name, DAG_NONE, type, DAG_PORT_HIDDEN, DAG_NONE);
    hand_edge(h, from, port);
    h->outputs[h->program.noutputs] = (dag_output){ .name = hand_name(h, name),
                                                    .type = type,
                                                    .value = HAND_EXPR(h, type, HAND_INPUT(0)),
                                                    .in = port,
                                                    .nin = 1 };
    return h->program.noutputs++;
}

/* ---------------------------------------------------------------- putting in order */

static int by_target(const void *a, const void *b) {
    const dag_edge *x = a, *y = b;
    return (x->to > y->to) - (x->to < y->to);
}

static void order_edges(Hand *h) {
    dag_program *p = &h->program;
    uint32_t n = 0;
    qsort(h->edges, p->nedges, sizeof *h->edges, by_target);
    for (uint32_t port = 0; port < p->nports; port++) {
        h->ports[port].nedges = 0;
        for (uint32_t e = 0; e < p->nedges; e++) {
            if (h->edges[e].to == port) {
                h->ports[port].edge = h->ports[port].nedges++ == 0 ? e : h->ports[port].edge;
            }
        }
    }
    for (uint32_t port = 0; port < p->nports; port++) {
        for (uint32_t e = 0; e < p->nedges; e++) {
            if (h->edges[e].from == port) {
                h->ports[port].edge = h->ports[port].nedges++ == 0 ? n : h->ports[port].edge;
                h->out_edges[n++] = e;
            }
        }
    }
}

static void order_orders(Hand *h) {
    uint32_t n = 0;
    for (uint32_t s = 0; s < h->program.nstages; s++) {
        dag_stage *stage = &h->stages[s];
        stage->order = stage->after = 0;
        stage->norder = stage->nafter = 0;
        for (uint32_t o = 0; o < h->program.norders; o++) {
            if (h->orders[o].to == s) {
                stage->order = stage->norder++ == 0 ? o : stage->order;
            }
        }
    }
    for (uint32_t s = 0; s < h->program.nstages; s++) {
        for (uint32_t o = 0; o < h->program.norders; o++) {
            if (h->orders[o].from == s) {
                h->stages[s].after = h->stages[s].nafter++ == 0 ? n : h->stages[s].after;
                h->out_orders[n++] = o;
            }
        }
    }
}

const dag_program *hand_finish(Hand *h) {
    dag_program *p = &h->program;
    for (uint32_t i = 0; i < p->nstages; i++) {
        h->topo[i] = i;
    }
    order_edges(h);
    order_orders(h);
    p->types = h->types;
    p->fields = h->fields;
    p->consts = h->consts;
    p->code = h->code;
    p->exprs = h->exprs;
    p->axes = h->axes;
    p->stages = h->stages;
    p->topo = h->topo;
    p->ports = h->ports;
    p->edges = h->edges;
    p->out_edges = h->out_edges;
    p->orders = h->orders;
    p->out_orders = h->out_orders;
    p->pieces = h->pieces;
    p->env = h->env;
    p->resources = h->resources;
    p->natives = h->natives;
    p->inputs = h->inputs;
    p->outputs = h->outputs;
    return p;
}

/* ---------------------------------------------------------------- attempts without a run */

HandAttempt *hand_attempt(Hand *h, uint32_t stage, const char *const *inputs) {
    const dag_program *program = hand_finish(h);
    HandAttempt *a = calloc(1, sizeof *a);
    Attempt *attempt = &a->attempt;
    dag_error error;
    snprintf(a->root, sizeof a->root, "%s/dag-unit-XXXXXX", h->base);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(a->root));
    a->exprs = expr_program_new(program, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(a->exprs);
    CU_ASSERT_FATAL(folder_init(&a->folder, a->root));
    dag_value *values = ARENA_ARRAY(&h->arena, program->stages[stage].nin, dag_value);
    for (uint32_t i = 0; inputs && inputs[i]; i++) {
        values[i] = literal(&h->arena, inputs[i]);
    }
    attempt->program = program;
    attempt->exprs = a->exprs;
    attempt->stage = &program->stages[stage];
    attempt->launch = (Launch){ .stage = stage, .attempt = 1 };
    attempt->run_id = "20260102-030405-1a2b3c";
    attempt->key = "-";
    attempt->inputs = values;
    attempt->env = (ExprEnv){ .inputs = values,
                              .specials = attempt->specials,
                              .world = world_system(),
                              .arena = &attempt->arena };
    attempt->folder = &a->folder;
    attempt->deadline = INT64_MAX;
    attempt->outcome = (Outcome){ .exit_status = -1 };
    return a;
}

void hand_attempt_free(HandAttempt *a) {
    box_release(a->attempt.outcome.box);
    expr_program_free(a->exprs);
    folder_free(&a->folder);
    folder_remove(a->root);
    arena_free(&a->attempt.arena);
    free(a);
}

bool hand_await(dag_executor *executor, HandAttempt *a, int ms) {
    const Clock clock = clock_system();
    int64_t end = clock.now(clock.self) + (int64_t)ms * 1000000;
    for (;;) {
        Attempt *got = executor->reap(executor->self);
        int64_t left = (end - clock.now(clock.self)) / 1000000;
        struct pollfd fd = { .fd = executor->fd, .events = POLLIN };
        if (got || left <= 0) {
            CU_ASSERT(got == NULL || got == &a->attempt);
            return got != NULL;
        }
        poll(&fd, 1, (int)left);
    }
}

void hand_carry_out(dag_executor *executor, HandAttempt *a) {
    executor->start(executor->self, &a->attempt);
    CU_ASSERT_FATAL(hand_await(executor, a, 20000));
}

const char *hand_outcome(HandAttempt *a) {
    const Outcome *outcome = &a->attempt.outcome;
    Arena *arena = &a->attempt.arena;
    const char *text = dag_state_name(outcome->state);
    if (outcome->error.type) {
        return arena_printf(arena, "%s %s: %s", text, outcome->error.type, outcome->error.message);
    }
    for (uint32_t i = 0; outcome->outputs && i < a->attempt.stage->nout; i++) {
        text = arena_printf(arena, "%s %s", text, literal_of(arena, outcome->outputs[i]));
    }
    return text;
}

void expect_part(const char *text, const char *part) {
    bool found = strstr(text, part) != NULL;
    if (!found) {
        printf("\n  no \"%s\" in: %s\n", part, text);
    }
    CU_ASSERT(found);
}
