/*
 * handmade.h - programs put together by hand, call by call, for tests of what runs them.
 *
 * Ports of a stage are added right after it, inputs first. Nothing is checked: what the compiler
 * would refuse is the test's own fault. Everything lives until hand_free.
 */
#ifndef DAG_TESTS_HANDMADE_H
#define DAG_TESTS_HANDMADE_H

#include "core/executor.h"

enum { HAND_MOST = 256, HAND_TEXT = 1 << 20 };

typedef struct Hand {
    Arena arena;
    const char *base; /* where the folders of attempts are made; /tmp */
    dag_program program;
    char text[HAND_TEXT];
    uint32_t ntext;
    dag_type types[HAND_MOST];
    dag_field fields[HAND_MOST];
    uint32_t nfields;
    dag_const consts[HAND_MOST];
    uint32_t code[4 * HAND_MOST];
    dag_expr exprs[HAND_MOST];
    dag_axis axes[HAND_MOST];
    dag_stage stages[HAND_MOST];
    uint32_t topo[HAND_MOST];
    dag_port ports[HAND_MOST];
    dag_edge edges[HAND_MOST];
    uint32_t out_edges[HAND_MOST];
    dag_order orders[HAND_MOST];
    uint32_t out_orders[HAND_MOST];
    dag_piece pieces[HAND_MOST];
    uint32_t npieces;
    dag_env_row env[HAND_MOST];
    uint32_t nenv;
    dag_resource resources[HAND_MOST];
    uint32_t nresources;
    dag_native natives[HAND_MOST];
    uint32_t nnatives;
    dag_input inputs[HAND_MOST];
    dag_output outputs[HAND_MOST];
} Hand;

Hand *hand_new(void);
void hand_free(Hand *h);

dag_name hand_name(Hand *h, const char *text);

/* ---------------------------------------------------------------- types */

/* A type without parts, or one of `elem`. Equal ones are the same. */
uint32_t hand_type(Hand *h, dag_kind kind);
uint32_t hand_type_of(Hand *h, dag_kind kind, uint32_t elem);
/* A record or enum: fields are added next, one after the other. */
uint32_t hand_record(Hand *h, dag_kind kind, const char *name, uint32_t size, uint32_t align);
void hand_field(Hand *h, uint32_t record, const char *name, uint32_t type, uint32_t offset);

/* ---------------------------------------------------------------- expressions */

#define HAND_STOP UINT32_MAX
/* An expression of the given type out of code words up to HAND_STOP. */
uint32_t hand_expr(Hand *h, uint32_t type, const uint32_t *code);
#define HAND_EXPR(h, type, ...) hand_expr(h, type, (const uint32_t[]){ __VA_ARGS__, HAND_STOP })

/* Words of code. */
uint32_t hand_const(Hand *h, const char *literal); /* literal.h */
uint32_t hand_pipe(const char *name, uint32_t nargs);
#define HAND_INPUT(i) DAG_CODE(DAG_OP_INPUT, i)
#define HAND_SPECIAL(s) DAG_CODE(DAG_OP_SPECIAL, s)
#define HAND_OUT(i) DAG_CODE(DAG_OP_OUT, i)
#define HAND_RUN(i) DAG_CODE(DAG_OP_RUN, i)

/* A constant text. */
uint32_t hand_text(Hand *h, const char *text);

/* ---------------------------------------------------------------- the graph */

uint32_t hand_stage(Hand *h, const char *slug, dag_body body);
/* The last stage. */
dag_stage *hand_last(Hand *h);
uint32_t hand_in(Hand *h, const char *name, uint32_t type, uint32_t value);
uint32_t hand_out(Hand *h, const char *name, uint32_t type, uint32_t flags, uint32_t value);
void hand_edge(Hand *h, uint32_t from, uint32_t to);
void hand_order(Hand *h, uint32_t from, uint32_t to, dag_on on);
void hand_piece(Hand *h, dag_piece_kind kind, uint32_t expr);
void hand_script(Hand *h, const char *text); /* a piece of text */
void hand_env(Hand *h, const char *name, uint32_t expr);
void hand_native(Hand *h, dag_native_fn call, size_t in_size, size_t out_size);
uint32_t hand_input(Hand *h, const char *name, uint32_t type, uint32_t value);
/* An output of the pipeline: the value of an output port as it is. */
uint32_t hand_output(Hand *h, const char *name, uint32_t type, uint32_t from);

/* Puts edges and tables in order: the program is complete. */
const dag_program *hand_finish(Hand *h);

/* ---------------------------------------------------------------- attempts without a run */

typedef struct HandAttempt {
    Attempt attempt;
    Folder folder;
    ExprProgram *exprs;
    char root[64]; /* of its folders: a new one below the program's base */
} HandAttempt;

/* The first attempt at key "-" of a stage; inputs as literals, NULL-terminated, or NULL. */
HandAttempt *hand_attempt(Hand *h, uint32_t stage, const char *const *inputs);
void hand_attempt_free(HandAttempt *a);

/* Starts it and waits until it is given back, at most 20 s. */
void hand_carry_out(dag_executor *executor, HandAttempt *a);

/* Waits at most so many ms until it is given back. */
bool hand_await(dag_executor *executor, HandAttempt *a, int ms);

/* "completed 1 "a"": the state and the outputs as literals, or "failed TYPE: MESSAGE". */
const char *hand_outcome(HandAttempt *a);

/* Is the part in the text? Fails the test with both if not. */
void expect_part(const char *text, const char *part);

#endif
