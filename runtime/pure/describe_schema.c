/*
 * describe_schema.c - the JSON Schema of a program's inputs.
 */
#include <string.h>

#include "pure/describe.h"
#include "pure/expr.h"
#include "pure/json.h"

typedef struct Schema {
    const dag_program *p;
    const ExprProgram *exprs; /* for defaults; NULL: they are left out */
    TextBuffer out;
} Schema;

static void put(Schema *s, const char *text) {
    buffer_string(&s->out, text);
}

static void put_name(Schema *s, dag_name name) {
    const char *text = s->p->strings + name;
    json_put_text(&s->out, text, strlen(text));
}

/* ---------------------------------------------------------------- types */

static void put_type(Schema *s, uint32_t row);

static void put_cases(Schema *s, const dag_type *type) {
    put(s, "\"enum\":[");
    for (uint32_t i = 0; i < type->n; i++) {
        put(s, i ? "," : "");
        put_name(s, s->p->fields[type->first + i].name);
    }
    put(s, "]");
}

static bool is_optional(const Schema *s, uint32_t type) {
    return s->p->types[type].kind == DAG_OPTIONAL;
}

static void put_required(Schema *s, const dag_type *type) {
    const char *separator = ",\"required\":[", *end = "";
    for (uint32_t i = type->first; i < type->first + type->n; i++) {
        if (!is_optional(s, s->p->fields[i].type)) {
            put(s, separator);
            put_name(s, s->p->fields[i].name);
            separator = ",";
            end = "]";
        }
    }
    put(s, end);
}

static void put_record(Schema *s, const dag_type *type) {
    put(s, "\"type\":\"object\",\"properties\":{");
    for (uint32_t i = 0; i < type->n; i++) {
        put(s, i ? "," : "");
        put_name(s, s->p->fields[type->first + i].name);
        put(s, ":{");
        put_type(s, s->p->fields[type->first + i].type);
        put(s, "}");
    }
    put(s, "}");
    put_required(s, type);
}

static void put_optional(Schema *s, const dag_type *type) {
    put(s, "\"anyOf\":[{");
    put_type(s, type->elem);
    put(s, "},{\"type\":\"null\"}]");
}

/* The inside of a schema object. */
static void put_type(Schema *s, uint32_t row) {
    const dag_type *type = &s->p->types[row];
    switch ((dag_kind)type->kind) {
    case DAG_NULL: put(s, "\"type\":\"null\""); break;
    case DAG_BOOL: put(s, "\"type\":\"boolean\""); break;
    case DAG_INT: put(s, "\"type\":\"integer\""); break;
    case DAG_FLOAT: put(s, "\"type\":\"number\""); break;
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR: put(s, "\"type\":\"string\""); break;
    case DAG_SECRET: put(s, "\"type\":\"string\",\"writeOnly\":true"); break;
    case DAG_DURATION: put(s, "\"type\":[\"string\",\"number\"]"); break;
    case DAG_SIZE: put(s, "\"type\":[\"string\",\"integer\"]"); break;
    case DAG_LIST:
        put(s, "\"type\":\"array\",\"items\":{");
        put_type(s, type->elem);
        put(s, "}");
        break;
    case DAG_MAP:
        put(s, "\"type\":\"object\",\"additionalProperties\":{");
        put_type(s, type->elem);
        put(s, "}");
        break;
    case DAG_RECORD: put_record(s, type); break;
    case DAG_ENUM: put_cases(s, type); break;
    case DAG_JSON: break;
    case DAG_OPTIONAL: put_optional(s, type); break;
    }
}

/* ---------------------------------------------------------------- inputs */

static dag_op op_at(const Schema *s, uint32_t i) {
    return (dag_op)(s->p->code[i] & 0xff);
}

/* The keyword for a comparison of `it` with a number, or NULL. */
static const char *bound_keyword(uint32_t compare) {
    switch ((dag_compare)compare) {
    case DAG_GE: return "minimum";
    case DAG_GT: return "exclusiveMinimum";
    case DAG_LE: return "maximum";
    case DAG_LT: return "exclusiveMaximum";
    case DAG_EQ:
    case DAG_NE:
    case DAG_IN:
    case DAG_NOT_IN:
    case DAG_CONTAINS:
    case DAG_MATCHES:
    case DAG_STARTS_WITH:
    case DAG_ENDS_WITH: return NULL;
    }
    return NULL;
}

/* `it >= 16` at code i: its bound. */
static void put_bound(Schema *s, uint32_t i) {
    const char *keyword = bound_keyword(s->p->code[i + 2] >> 8);
    const dag_const *c = &s->p->consts[s->p->code[i + 1] >> 8];
    if (!keyword || (c->kind != DAG_INT && c->kind != DAG_FLOAT)) {
        return;
    }
    put(s, ",\"");
    put(s, keyword);
    put(s, "\":");
    json_put(&s->out, c->kind == DAG_INT ? value_int(DAG_INT, c->u.i) : value_float(c->u.f),
             SIZE_MAX);
}

/* Is it `it OP constant` at code i of an expression that ends at `end`? */
static bool is_comparison(const Schema *s, uint32_t i, uint32_t end) {
    return end - i >= 3 && s->p->code[i] == DAG_CODE(DAG_OP_SPECIAL, DAG_IT) &&
           op_at(s, i + 1) == DAG_OP_CONST && op_at(s, i + 2) == DAG_OP_COMPARE;
}

/* What of a condition a schema can say: comparisons with numbers, joined by `and`. */
static void put_where(Schema *s, uint32_t where) {
    if (where == DAG_NONE) {
        return;
    }
    const dag_expr *e = &s->p->exprs[where];
    uint32_t end = e->first + e->n, n = 0;
    for (uint32_t i = e->first; i < end; i += 4) { /* all of it must be of that form */
        if (!is_comparison(s, i, end) || (i + 3 < end && op_at(s, i + 3) != DAG_OP_AND)) {
            return;
        }
        n++;
    }
    for (uint32_t i = 0; i < n; i++) {
        put_bound(s, e->first + 4 * i);
    }
}

static void put_default(Schema *s, uint32_t expr) {
    if (expr == DAG_NONE || !s->exprs || s->p->exprs[expr].n != 1 ||
        op_at(s, s->p->exprs[expr].first) != DAG_OP_CONST) {
        return;
    }
    dag_value value;
    dag_error error;
    ExprEnv env = { .arena = s->out.arena };
    if (expr_eval(s->exprs, expr, &env, &value, &error)) {
        put(s, ",\"default\":");
        json_put(&s->out, value, SIZE_MAX);
    }
}

static void put_input(Schema *s, const dag_input *input) {
    put(s, "\n    ");
    put_name(s, input->name);
    put(s, ":{");
    size_t before = s->out.n;
    put_type(s, input->type);
    const char *separator = s->out.n > before ? "," : "";
    if (input->doc) {
        put(s, separator);
        put(s, "\"description\":");
        put_name(s, input->doc);
    } else if (s->out.n == before) { /* json: so that what follows can begin with a comma */
        put(s, "\"description\":\"\"");
    }
    put_where(s, input->where);
    put_default(s, input->value);
    put(s, "}");
}

static void put_document(Schema *s) {
    const char *separator = "";
    put(s, "{\n  \"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n  \"title\":");
    put_name(s, s->p->name);
    if (s->p->doc) {
        put(s, ",\n  \"description\":");
        put_name(s, s->p->doc);
    }
    put(s, ",\n  \"type\":\"object\",\n  \"properties\":{");
    for (uint32_t i = 0; i < s->p->ninputs; i++) {
        put(s, i ? "," : "");
        put_input(s, &s->p->inputs[i]);
    }
    put(s, "\n  },\n  \"required\":[");
    for (uint32_t i = 0; i < s->p->ninputs; i++) {
        if (s->p->inputs[i].value == DAG_NONE && !is_optional(s, s->p->inputs[i].type)) {
            put(s, separator);
            put_name(s, s->p->inputs[i].name);
            separator = ",";
        }
    }
    put(s, "],\n  \"additionalProperties\":false\n}\n");
}

const char *describe_schema(Arena *arena, const dag_program *program) {
    dag_error error;
    ExprProgram *exprs = expr_program_new(program, &error);
    Schema s = { .p = program, .exprs = exprs, .out = { .arena = arena } };
    put_document(&s);
    expr_program_free(exprs);
    return buffer_end(&s.out);
}
