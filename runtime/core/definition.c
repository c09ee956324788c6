/*
 * definition.c - what a stage is, as a digest. Tables are walked by meaning: an expression is its
 * operations with names and constants, so moving a stage in the file changes nothing.
 */
#include "core/definition.h"

#include <string.h>

#include "pure/expr_program.h"
#include "pure/pipe.h"

/* Raised when the meaning of tables or pipes changes: results of older binaries are not reused. */
enum { DEFINITION_VERSION = 2 };

void digest_name(Digester *digester, const dag_program *program, dag_name name) {
    const char *text = program->strings + name;
    digest_text(digester, text, strlen(text));
}

void digest_type(Digester *digester, const dag_program *program, uint32_t index) {
    const dag_type *type = &program->types[index];
    digest_number(digester, type->kind);
    switch ((dag_kind)type->kind) {
    case DAG_LIST:
    case DAG_MAP:
    case DAG_OPTIONAL: digest_type(digester, program, type->elem); break;
    case DAG_RECORD:
    case DAG_ENUM:
        digest_number(digester, type->n);
        for (uint32_t i = type->first; i < type->first + type->n; i++) {
            digest_name(digester, program, program->fields[i].name);
            if (type->kind == DAG_RECORD)
                digest_type(digester, program, program->fields[i].type);
        }
        break;
    case DAG_NULL:
    case DAG_BOOL:
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_STRING:
    case DAG_DURATION:
    case DAG_SIZE:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET:
    case DAG_JSON: break;
    }
}

static void put_const(Digester *digester, const dag_program *program, uint32_t index) {
    const dag_const *constant = &program->consts[index];
    digest_number(digester, constant->kind);
    switch ((dag_kind)constant->kind) {
    case DAG_BOOL:
    case DAG_INT:
    case DAG_DURATION:
    case DAG_SIZE: digest_number(digester, (uint64_t)constant->u.i); break;
    case DAG_FLOAT: digest_bytes(digester, &constant->u.f, sizeof constant->u.f); break;
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET:
        digest_text(digester, program->strings + constant->u.text, constant->len);
        break;
    case DAG_LIST:
    case DAG_MAP: {
        uint32_t n = constant->kind == DAG_MAP ? 2 * constant->len : constant->len;
        digest_number(digester, n);
        for (uint32_t i = 0; i < n; i++)
            put_const(digester, program, constant->u.first + i);
        break;
    }
    case DAG_NULL:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: break;
    }
}

/* The operand of one word of code, by meaning. */
static void put_operand(Digester *digester, const dag_program *program, const dag_stage *stage,
                        uint32_t word) {
    uint32_t operand = word >> 8;
    switch ((dag_op)(word & 0xff)) {
    case DAG_OP_CONST: put_const(digester, program, operand); break;
    case DAG_OP_INPUT:
        digest_name(digester, program, program->ports[stage->in + operand].name);
        break;
    case DAG_OP_OUT:
        digest_name(digester, program, program->ports[stage->out + operand].name);
        break;
    case DAG_OP_RUN: digest_name(digester, program, program->inputs[operand].name); break;
    case DAG_OP_FIELD: digest_name(digester, program, operand); break;
    case DAG_OP_FIT: digest_type(digester, program, operand); break;
    case DAG_OP_PIPE: {
        const char *name = pipe_rows[CODE_ROW(word)].name;
        digest_text(digester, name, strlen(name));
        digest_number(digester, CODE_DEPTH(word));
        digest_number(digester, CODE_NARGS(word));
        break;
    }
    case DAG_OP_SPECIAL:
    case DAG_OP_TEXT:
    case DAG_OP_CONCAT:
    case DAG_OP_LIST:
    case DAG_OP_RECORD:
    case DAG_OP_COMPARE:
    case DAG_OP_NOT:
    case DAG_OP_EXISTS:
    case DAG_OP_AND:
    case DAG_OP_OR:
    case DAG_OP_DEFAULT: digest_number(digester, operand); break;
    }
}

void digest_expr(Digester *digester, const dag_program *program, const dag_stage *stage,
                 uint32_t expr) {
    if (expr == DAG_NONE) {
        digest_number(digester, 0);
        return;
    }
    const dag_expr *row = &program->exprs[expr];
    digest_number(digester, 1 + (uint64_t)row->n);
    for (uint32_t i = row->first; i < row->first + row->n; i++) {
        digest_number(digester, program->code[i] & 0xff);
        put_operand(digester, program, stage, program->code[i]);
    }
}

/* Hidden inputs count too: their values are what the references in expressions give. An input's
 * edges and axis do not: its value is part of the task's key. */
static void put_ports(Digester *digester, const dag_program *program, const dag_stage *stage) {
    static const uint32_t meaning = DAG_PORT_STREAM | DAG_PORT_GLOB | DAG_PORT_PATH;
    digest_number(digester, stage->nin);
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        digest_name(digester, program, program->ports[i].name);
        digest_type(digester, program, program->ports[i].type);
    }
    digest_number(digester, stage->nout);
    for (uint32_t i = stage->out; i < stage->out + stage->nout; i++) {
        const dag_port *port = &program->ports[i];
        digest_name(digester, program, port->name);
        digest_type(digester, program, port->type);
        digest_number(digester, port->flags & meaning);
        digest_expr(digester, program, stage, port->value);
    }
}

static void put_body(Digester *digester, const dag_program *program, const dag_stage *stage) {
    digest_number(digester, stage->body);
    digest_number(digester, stage->npiece);
    for (uint32_t i = stage->piece; i < stage->piece + stage->npiece; i++) {
        const dag_piece *piece = &program->pieces[i];
        digest_number(digester, piece->kind);
        if (piece->kind == DAG_PIECE_TEXT)
            digest_name(digester, program, piece->value);
        else
            digest_expr(digester, program, stage, piece->value);
    }
    digest_name(digester, program, stage->program);
    if (stage->native != DAG_NONE) {
        digest_name(digester, program, program->natives[stage->native].digest);
    }
}

void digest_stage(Digester *digester, const dag_program *program, uint32_t index) {
    const dag_stage *stage = &program->stages[index];
    digest_number(digester, DEFINITION_VERSION);
    digest_name(digester, program, stage->slug);
    put_ports(digester, program, stage);
    put_body(digester, program, stage);
    digest_number(digester, stage->nenv);
    for (uint32_t i = stage->env; i < stage->env + stage->nenv; i++) {
        digest_name(digester, program, program->env[i].name);
        digest_expr(digester, program, stage, program->env[i].value);
    }
    if (stage->sub != DAG_NONE)
        digest_sub(digester, program->subs[stage->sub]);
}

/* ---------------------------------------------------------------- uses */

static void sub_uses(const dag_program *sub, StageUses *uses);

void expr_run_inputs(const dag_program *program, uint32_t expr, bool *inputs) {
    if (expr == DAG_NONE)
        return;
    const dag_expr *row = &program->exprs[expr];
    for (uint32_t i = row->first; i < row->first + row->n; i++) {
        if ((program->code[i] & 0xff) == DAG_OP_RUN)
            inputs[program->code[i] >> 8] = true;
    }
}

static void expr_uses(const dag_program *program, uint32_t expr, StageUses *uses) {
    if (expr == DAG_NONE)
        return;
    expr_run_inputs(program, expr, uses->run_inputs);
    const dag_expr *row = &program->exprs[expr];
    for (uint32_t i = row->first; i < row->first + row->n; i++) {
        uint32_t operand = program->code[i] >> 8;
        dag_op op = (dag_op)(program->code[i] & 0xff);
        if (op != DAG_OP_SPECIAL)
            continue;
        uses->task_key |= operand == DAG_TASK_KEY;
        uses->run_id |= operand == DAG_RUN_ID;
        uses->attempt |= operand == DAG_TASK_ATTEMPT;
    }
}

/* Bindings of inputs do not count: their values are in the task's key. */
void stage_uses(const dag_program *program, uint32_t index, StageUses *uses) {
    const dag_stage *stage = &program->stages[index];
    for (uint32_t i = stage->out; i < stage->out + stage->nout; i++) {
        expr_uses(program, program->ports[i].value, uses);
    }
    for (uint32_t i = stage->piece; i < stage->piece + stage->npiece; i++) {
        const dag_piece *piece = &program->pieces[i];
        if (piece->kind != DAG_PIECE_TEXT)
            expr_uses(program, piece->value, uses);
    }
    for (uint32_t i = stage->env; i < stage->env + stage->nenv; i++) {
        expr_uses(program, program->env[i].value, uses);
    }
    if (stage->sub != DAG_NONE)
        sub_uses(program->subs[stage->sub], uses);
}

/* Of a pipeline that is called: any expression counts, wherever it stands. */
static void sub_uses(const dag_program *sub, StageUses *uses) {
    for (uint32_t i = 0; i < sub->ncode; i++) {
        uses->run_id |= sub->code[i] == DAG_CODE(DAG_OP_SPECIAL, DAG_RUN_ID);
        uses->attempt |= sub->code[i] == DAG_CODE(DAG_OP_SPECIAL, DAG_TASK_ATTEMPT);
    }
    for (uint32_t i = 0; i < sub->nstages; i++) {
        const dag_stage *stage = &sub->stages[i];
        uses->calls_uncacheable |=
            stage->body != DAG_BODY_NONE && (stage->flags & DAG_STAGE_CACHEABLE) == 0;
    }
    for (uint32_t i = 0; i < sub->nsubs; i++)
        sub_uses(sub->subs[i], uses);
}
