/*
 * code.c - expressions to words. A constant is not written when it is met but kept pending: when the
 * operation on it turns out to be pure and all its operands are pending, it is computed instead; any
 * other operation first writes what is pending. So the order on the stack is always the order of
 * the source, and whatever can be folded is, in one pass (the peephole of Lua's lcode.c).
 */
#include "model/code.h"
#include "model/model.h"

#include <string.h>

#include "pure/expr.h"
#include "pure/pipe.h"

Coder *coder_new(Front *front, Types *types, Strings *strings) {
    Coder *code = ARENA_NEW(&front->arena, Coder);
    code->front = front;
    code->types = types;
    code->strings = strings;
    return code;
}

static Arena *arena_of(Coder *code) {
    return &code->front->arena;
}

/* ---------------------------------------------------------------- types */

/* KIND_STREAM, KIND_VAR and KIND_ANY are no types of values: what is left of them is json. */
static uint32_t row_kind(const Type *type) {
    return !type || type->kind > DAG_OPTIONAL ? DAG_JSON : (uint32_t)type->kind;
}

static uint32_t *row_slot(Coder *code, const Type *type) {
    while (code->row_of.n <= type->id) {
        POOL_ADD(arena_of(code), &code->row_of, 0);
    }
    return &code->row_of.items[type->id];
}

/* The fields of a record or cases of an enum, in one block; their types are rows already. */
static uint32_t add_fields(Coder *code, const Type *type) {
    uint32_t first = code->fields.n;
    for (uint32_t i = 0; i < type->nfields; i++) {
        const Field *field = &type->fields[i];
        dag_field row = { .name = strings_name(code->strings, field->name), .type = DAG_NONE };
        if (field->type) {
            row.type = coder_type(code, field->type);
        }
        POOL_ADD(arena_of(code), &code->fields, row);
    }
    return first;
}

static uint32_t add_row(Coder *code, const Type *type) {
    dag_type row = { .kind = row_kind(type), .elem = DAG_NONE };
    if (type && row.kind != DAG_JSON) {
        if (type->elem) {
            row.elem = coder_type(code, type->elem);
        }
        for (uint32_t i = 0; i < type->nfields; i++) { /* so that the block stays in one piece */
            if (type->fields[i].type) {
                coder_type(code, type->fields[i].type);
            }
        }
        row.first = add_fields(code, type);
        row.n = type->nfields;
    }
    row.name = strings_name(code->strings, type ? type_text(code->types, type) : "json");
    POOL_ADD(arena_of(code), &code->rows, row);
    POOL_ADD(arena_of(code), &code->table, type);
    return code->rows.n - 1;
}

uint32_t coder_type(Coder *code, const Type *type) {
    if (!type) {
        return add_row(code, NULL);
    }
    uint32_t known = *row_slot(code, type);
    if (known) {
        return known - 1;
    }
    uint32_t row = add_row(code, type);
    *row_slot(code, type) = row + 1;
    return row;
}

const Type *coder_result(const Expr *expr) {
    return expr->fit ? expr->fit : expr->type;
}

/* ---------------------------------------------------------------- constants */

/* Writes a constant to pool->items[at]; what a list or map holds, in one block behind the last.
 * remembered: its texts are entered into the string pool, not only appended. */
static void const_put(Coder *code, ConstPool *pool, uint32_t at, dag_value value, bool remembered) {
    dag_const c = { .kind = value.kind, .len = value.len };
    uint32_t n = value.kind == DAG_LIST ? value.len : value.kind == DAG_MAP ? 2 * value.len : 0;
    if (value.kind == DAG_FLOAT) {
        c.u.f = value.u.f;
    } else if (value.kind == DAG_BOOL) {
        c.u.i = value.u.b;
    } else if (value_has_text(value)) {
        c.u.text = remembered ? strings_add(code->strings, value.u.text, value.len)
                              : strings_push(code->strings, value.u.text, value.len);
    } else if (value.kind == DAG_LIST || value.kind == DAG_MAP) {
        (void)POOL_ROOM(arena_of(code), pool, n);
        c.u.first = pool->n;
        pool->n += n;
    } else if (value.kind != DAG_NULL) {
        c.u.i = value.u.i;
    }
    pool->items[at] = c;
    for (uint32_t i = 0; i < n; i++) {
        dag_value part = value.kind == DAG_LIST ? value.u.items[i]
                         : i % 2 == 0           ? value.u.entries[i / 2].name
                                                : value.u.entries[i / 2].value;
        const_put(code, pool, c.u.first + i, part, remembered);
    }
}

static uint32_t const_add(Coder *code, ConstPool *pool, dag_value value, bool remembered) {
    uint32_t at = pool->n;
    POOL_ADD(arena_of(code), pool, (dag_const){ .kind = DAG_NULL });
    const_put(code, pool, at, value, remembered);
    return at;
}

static uint32_t *const_slot(const Coder *code, const dag_const *c) {
    uint64_t bits = (uint64_t)c->u.i ^ (uint64_t)c->kind << 56 ^ (uint64_t)c->len << 32;
    uint64_t hash = bits * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t i = (uint32_t)(hash >> 32) & (code->nconst_slots - 1);
    while (code->const_slots[i]) {
        const dag_const *known = &code->consts.items[code->const_slots[i] - 1];
        if (known->kind == c->kind && known->len == c->len && known->u.i == c->u.i) {
            break;
        }
        i = (i + 1) & (code->nconst_slots - 1);
    }
    return &code->const_slots[i];
}

static void const_slots_grow(Coder *code) {
    uint32_t *old = code->const_slots;
    uint32_t n = code->nconst_slots;
    code->nconst_slots = n ? 2 * n : 32;
    code->const_slots = ARENA_ARRAY(arena_of(code), code->nconst_slots, uint32_t);
    for (uint32_t i = 0; i < n; i++) {
        if (old[i]) {
            *const_slot(code, &code->consts.items[old[i] - 1]) = old[i];
        }
    }
}

uint32_t coder_const(Coder *code, dag_value value) {
    uint32_t at = const_add(code, &code->consts, value, true);
    if (value.kind == DAG_LIST || value.kind == DAG_MAP) {
        return at;
    }
    if (2 * code->nscalars >= code->nconst_slots) {
        const_slots_grow(code);
    }
    uint32_t *slot = const_slot(code, &code->consts.items[at]);
    if (*slot) {
        code->consts.n = at; /* it was there already */
        return *slot - 1;
    }
    *slot = at + 1;
    code->nscalars++;
    return at;
}

/* ---------------------------------------------------------------- words */

/* An operation with its argument, which has 24 bits: a program with more constants, or more text
 * before the name of a field, than that is as if there were no memory for it. */
static uint32_t word_of(Coder *code, dag_op op, uint32_t argument) {
    if (argument >= 1u << 24) {
        arena_array(arena_of(code), SIZE_MAX, 2);
    }
    return DAG_CODE(op, argument);
}

static void word_add(Coder *code, uint32_t word) {
    POOL_ADD(arena_of(code), &code->words, word);
}

/* Writes what is pending. */
static void flush(Coder *code) {
    for (uint32_t i = 0; i < code->pending.n; i++) {
        word_add(code, word_of(code, DAG_OP_CONST, coder_const(code, code->pending.items[i])));
    }
    code->pending.n = 0;
}

static void push_const(Coder *code, dag_value value) {
    POOL_ADD(arena_of(code), &code->pending, value);
}

static void push(Coder *code, dag_op op, uint32_t argument) {
    flush(code);
    word_add(code, word_of(code, op, argument));
}

/* Computes one operation on the n constants that are pending last. */
static bool compute(Coder *code, uint32_t word, uint32_t n, dag_value *value) {
    const dag_value *operands = code->pending.items + (code->pending.n - n);
    uint32_t mark = code->strings->bytes.n;
    code->fold_consts.n = code->fold_words.n = 0;
    for (uint32_t i = 0; i < n; i++) { /* the operands first, what they hold behind them */
        POOL_ADD(arena_of(code), &code->fold_consts, (dag_const){ .kind = DAG_NULL });
        POOL_ADD(arena_of(code), &code->fold_words, word_of(code, DAG_OP_CONST, i));
    }
    for (uint32_t i = 0; i < n; i++) {
        const_put(code, &code->fold_consts, i, operands[i], false);
    }
    POOL_ADD(arena_of(code), &code->fold_words, word);
    dag_expr expr = { .n = code->fold_words.n, .type = DAG_NONE };
    dag_program program = { .abi = DAG_ABI };
    coder_tables(code, &program);
    program.consts = code->fold_consts.items;
    program.nconsts = code->fold_consts.n;
    program.code = code->fold_words.items;
    program.ncode = code->fold_words.n;
    program.exprs = &expr;
    program.nexprs = 1;
    dag_error error = { NULL, NULL };
    ExprEnv env = { .arena = arena_of(code) };
    ExprProgram *loaded = expr_program_new(&program, &error);
    bool ok = loaded && expr_eval(loaded, 0, &env, value, &error);
    if (ok) {
        *value = value_copy(arena_of(code), *value); /* it may point into the string pool */
    }
    expr_program_free(loaded);
    strings_cut(code->strings, mark);
    return ok;
}

/* An operation on the n topmost values: computed now, if that can be done. */
static void operate(Coder *code, dag_op op, uint32_t argument, uint32_t n, bool pure) {
    dag_value value;
    uint32_t word = word_of(code, op, argument);
    if (pure && code->pending.n >= n && compute(code, word, n, &value)) {
        code->pending.n -= n;
        push_const(code, value);
        return;
    }
    flush(code);
    word_add(code, word);
}

/* ---------------------------------------------------------------- expressions */

static void gen(Coder *code, const Expr *expr);

static bool is_text(const Type *type) {
    return type && (type->kind == DAG_STRING || type->kind == DAG_ENUM ||
                    type_required(type)->kind == DAG_SECRET);
}

/* A value as text. What is text by its type needs no operation, and a secret (alone in an `env`)
 * must stay one. */
static void gen_text(Coder *code, const Expr *expr) {
    gen(code, expr);
    if (!is_text(coder_result(expr))) {
        operate(code, DAG_OP_TEXT, 0, 1, true);
    }
}

/* Joins the two texts that are pending last. */
static void join_pending(Coder *code) {
    dag_value *left = &code->pending.items[code->pending.n - 2];
    dag_value right = left[1];
    size_t n = (size_t)left->len + right.len;
    char *text = arena_raw(arena_of(code), n + 1);
    memcpy(text, left->u.text, left->len);
    memcpy(text + left->len, right.u.text, (size_t)right.len + 1);
    *left = value_text(DAG_STRING, text, n);
    code->pending.n--;
}

/* A string with expressions in it. Constant pieces that stand together become one. */
static void gen_pieces(Coder *code, const Piece *piece) {
    uint32_t n = 0, constants = 0; /* pieces so far; of them at the end: pending */
    for (; piece; piece = piece->next, n++) {
        if (piece->expr) {
            gen_text(code, piece->expr);
        } else {
            push_const(code, value_text(DAG_STRING, piece->text, piece->len));
        }
        constants = code->pending.n == 0 ? 0 : constants + 1;
        if (constants == 2) {
            join_pending(code);
            constants = 1;
            n--;
        }
    }
    if (n == 0) {
        push_const(code, value_text(DAG_STRING, "", 0));
    } else if (n > 1) {
        push(code, DAG_OP_CONCAT, n);
    }
}

/* The n topmost values as one list. */
static void list_of(Coder *code, uint32_t n) {
    if (code->pending.n < n) {
        push(code, DAG_OP_LIST, n);
        return;
    }
    dag_value *copy = ARENA_ARRAY(arena_of(code), n, dag_value);
    if (n > 0) {
        memcpy(copy, code->pending.items + (code->pending.n - n), n * sizeof *copy);
    }
    code->pending.n -= n;
    push_const(code, value_list(copy, n));
}

static void gen_list(Coder *code, const Expr *items) {
    uint32_t n = 0;
    for (const Expr *item = items; item; item = item->next, n++) {
        gen(code, item);
    }
    list_of(code, n);
}

static void gen_record(Coder *code, const EntryExpr *entries) {
    uint32_t n = 0;
    for (const EntryExpr *entry = entries; entry; entry = entry->next, n++) {
        const char *name = entry->name.text ? entry->name.text : "";
        push_const(code, value_text(DAG_STRING, name, strlen(name)));
        gen(code, entry->value);
    }
    if (code->pending.n < 2 * n) {
        push(code, DAG_OP_RECORD, n);
        return;
    }
    const dag_value *pairs = code->pending.items + (code->pending.n - 2 * n);
    dag_entry *copy = ARENA_ARRAY(arena_of(code), n, dag_entry);
    for (uint32_t i = 0; i < n; i++) {
        copy[i] = (dag_entry){ pairs[2 * i], pairs[2 * i + 1] };
    }
    code->pending.n -= 2 * n;
    push_const(code, value_map(copy, n));
}

static void gen_special(Coder *code, const Expr *expr) {
    if (code->it && expr->index == DAG_IT) {
        push_const(code, *code->it);
    } else {
        push(code, DAG_OP_SPECIAL, expr->index);
    }
}

static void gen_ref(Coder *code, const Expr *expr) {
    switch (expr->ref) {
    case REF_INPUT:
    case REF_STAGE: push(code, DAG_OP_INPUT, expr->u.ref.port->index); break;
    case REF_OUT: push(code, DAG_OP_OUT, expr->u.ref.port->index); break;
    case REF_RUN_INPUT: push(code, DAG_OP_RUN, expr->index); break;
    case REF_CONST: push_const(code, *expr->constant); break;
    case REF_SPECIAL: gen_special(code, expr); break;
    case REF_BOUND: gen(code, expr->u.ref.bound); break;
    case REF_NONE:
    case REF_BROKEN: push_const(code, value_null()); break;
    }
    for (const NameList *field = expr->u.ref.fields; field; field = field->next) {
        operate(code, DAG_OP_FIELD, strings_name(code->strings, field->name.text), 1, true);
    }
}

/* How many levels of lists a scalar pipe goes down to its elements. */
static uint32_t list_depth(const Type *type) {
    uint32_t depth = 0;
    while (type && (type->kind == DAG_LIST || type->kind == DAG_OPTIONAL)) {
        depth += type->kind == DAG_LIST;
        type = type->elem;
    }
    return depth;
}

static uint32_t pipe_argument(const PipeRow *row, const Expr *subject, uint32_t nargs) {
    uint32_t number = pipe_number(row);
    if (row->flags & PIPE_SCALAR) {
        uint32_t depth = list_depth(coder_result(subject));
        number |= depth < PIPE_ANY_DEPTH ? PIPE_DEPTH(depth) : 0;
    }
    return number | nargs << 16;
}

/* `json` of what is json already, or the case of an enum: a string at run time, which would be
 * parsed, but not by its type. */
static bool is_json_already(const PipeRow *row, const Expr *subject) {
    const Type *type = coder_result(subject);
    type = type && type->kind == DAG_OPTIONAL ? type->elem : type;
    return type && (type->kind == DAG_JSON || type->kind == DAG_ENUM) &&
           strcmp(row->name, "json") == 0;
}

/* Words that `op` jumps over, or not: the value of `expr`. The value before them is on the stack. */
static void gen_jumped(Coder *code, dag_op op, const Expr *expr) {
    uint32_t at = code->words.n;
    word_add(code, 0);
    gen(code, expr);
    flush(code);
    code->words.items[at] = word_of(code, op, code->words.n - at - 1);
}

/* `default`: its argument is computed only where it is needed. */
static void gen_default(Coder *code, const Expr *argument) {
    if (code->pending.n == 0) {
        gen_jumped(code, DAG_OP_DEFAULT, argument);
    } else if (code->pending.items[code->pending.n - 1].kind == DAG_NULL) { /* it is the subject */
        code->pending.n--;
        gen(code, argument);
    }
}

static void gen_pipe(Coder *code, const Expr *expr) {
    const PipeRow *row = expr->u.pipe.row;
    gen(code, expr->u.pipe.subject);
    if (!row || is_json_already(row, expr->u.pipe.subject)) {
        return; /* reported, or nothing to do */
    }
    if (strcmp(row->name, "as") == 0) {
        const TypeExpr *as = expr->u.pipe.as;
        uint32_t type = coder_type(code, as && as->type ? as->type : expr->type);
        operate(code, DAG_OP_FIT, type, 1, true);
        return;
    }
    if (strcmp(row->name, "default") == 0 && expr->u.pipe.args) {
        gen_default(code, expr->u.pipe.args);
        return;
    }
    uint32_t n = 0;
    for (const Expr *arg = expr->u.pipe.args; arg; arg = arg->next, n++) {
        gen(code, arg);
    }
    if (n >= PIPE_MAX_ARGS) { /* only `in(a, b, …)` takes so many, and a list of them as well */
        list_of(code, n);
        n = 1;
    }
    operate(code, DAG_OP_PIPE, pipe_argument(row, expr->u.pipe.subject, n), n + 1,
            row->flags & PIPE_PURE);
}

/* `and` and `or`: the right side is jumped over where the left one decides. */
static void gen_logic(Coder *code, const Expr *expr) {
    bool is_and = expr->kind == EXPR_AND;
    gen(code, expr->u.logic.left);
    if (code->pending.n > 0) { /* then it is the left side's: known */
        if (code->pending.items[code->pending.n - 1].u.b == is_and) {
            code->pending.n--;
            gen(code, expr->u.logic.right);
        }
        return;
    }
    gen_jumped(code, is_and ? DAG_OP_AND : DAG_OP_OR, expr->u.logic.right);
}

static void gen_value(Coder *code, const Expr *expr) {
    switch (expr->kind) {
    case EXPR_NULL:
    case EXPR_BROKEN: push_const(code, value_null()); break;
    case EXPR_BOOL: push_const(code, value_bool(expr->u.b)); break;
    case EXPR_INT: push_const(code, value_int(DAG_INT, expr->u.i)); break;
    case EXPR_FLOAT: push_const(code, value_float(expr->u.f)); break;
    case EXPR_DURATION: push_const(code, value_int(DAG_DURATION, expr->u.i)); break;
    case EXPR_SIZE: push_const(code, value_int(DAG_SIZE, expr->u.i)); break;
    case EXPR_TEXT: gen_pieces(code, expr->u.text.pieces); break;
    case EXPR_REF: gen_ref(code, expr); break;
    case EXPR_LIST: gen_list(code, expr->u.list.items); break;
    case EXPR_RECORD: gen_record(code, expr->u.entries); break;
    case EXPR_PIPE: gen_pipe(code, expr); break;
    case EXPR_COMPARE:
        gen(code, expr->u.compare.left);
        gen(code, expr->u.compare.right);
        operate(code, DAG_OP_COMPARE, expr->u.compare.op, 2, true);
        break;
    case EXPR_NOT:
        gen(code, expr->u.logic.left);
        operate(code, DAG_OP_NOT, 0, 1, true);
        break;
    case EXPR_EXISTS:
        gen(code, expr->u.logic.left);
        operate(code, DAG_OP_EXISTS, 0, 1, true);
        break;
    case EXPR_AND:
    case EXPR_OR: gen_logic(code, expr); break;
    }
}

/* Leaves the value of an expression on the stack: one constant pending, or code. */
static void gen(Coder *code, const Expr *expr) {
    if (expr->constant && expr->kind != EXPR_REF) {
        push_const(code, *expr->constant); /* folded by the checker */
    } else {
        gen_value(code, expr);
    }
    if (expr->fit) {
        operate(code, DAG_OP_FIT, coder_type(code, expr->fit), 1, true);
    }
}

/* ---------------------------------------------------------------- whole expressions */

enum { SOURCE_TEXT = 120 }; /* bytes of an expression's text that are kept for messages */

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The text of a span on one line: white space is one space, what is long is cut. */
static dag_name span_text(Coder *code, const Source *source, Span span) {
    char text[SOURCE_TEXT + 4];
    size_t n = 0;
    uint32_t at = span.start;
    for (; at < span.end && n < SOURCE_TEXT; at++) {
        bool space = is_space(source->text[at]);
        if (!space || (n > 0 && text[n - 1] != ' ')) {
            text[n++] = space ? ' ' : source->text[at];
        }
    }
    if (at < span.end) {
        while (n > 0 && (text[n - 1] & 0xC0) == 0x80) { /* never half a character */
            n--;
        }
        n -= n > 0;
        memcpy(text + n, "…", 3);
        n += 3;
    }
    return strings_add(code->strings, text, n);
}

uint32_t coder_expr(Coder *code, const Expr *expr) {
    if (!expr) {
        return DAG_NONE;
    }
    dag_expr row = { .first = code->words.n };
    gen(code, expr);
    flush(code);
    row.n = code->words.n - row.first;
    row.type = coder_type(code, coder_result(expr));
    if (expr->span.file < code->front->sources.n) {
        Source *source = code->front->sources.items[expr->span.file];
        Position at = source_position(arena_of(code), source, expr->span.start);
        row.line = at.line;
        row.column = at.column;
        row.source = span_text(code, source, expr->span);
    }
    POOL_ADD(arena_of(code), &code->exprs, row);
    return code->exprs.n - 1;
}

bool coder_value(Coder *code, const Expr *expr, dag_value *value) {
    uint32_t mark = code->words.n;
    gen(code, expr);
    bool known = code->words.n == mark && code->pending.n == 1;
    if (known) {
        *value = code->pending.items[0];
    }
    code->pending.n = 0;
    code->words.n = mark;
    return known;
}

void coder_tables(const Coder *code, dag_program *program) {
    program->strings = code->strings->bytes.items;
    program->types = code->rows.items;
    program->ntypes = code->rows.n;
    program->fields = code->fields.items;
    program->consts = code->consts.items;
    program->nconsts = code->consts.n;
    program->code = code->words.items;
    program->ncode = code->words.n;
    program->exprs = code->exprs.items;
    program->nexprs = code->exprs.n;
}
