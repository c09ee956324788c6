/*
 * check_ref.c - the types of references: what they name, then field by field; null narrowing.
 */
#include "check/expr/expr.h"

#include <string.h>

/* ---------------------------------------------------------------- facts: what is not null */

/* Do the first n parts of `ref` say the same as all of `fact`? */
static bool same_parts(const Expr *fact, const Expr *ref, uint32_t n) {
    const NameList *a = fact->u.ref.parts;
    const NameList *b = ref->u.ref.parts;
    for (; n > 0 && a && b; n--, a = a->next, b = b->next) {
        if (a->name.text != b->name.text) {
            return false;
        }
    }
    return n == 0 && !a;
}

static bool facts_say(const Fact *facts, const Expr *ref, uint32_t nparts) {
    for (; facts; facts = facts->next) {
        if (same_parts(facts->ref, ref, nparts)) {
            return true;
        }
    }
    return false;
}

static uint32_t count_parts(const NameList *parts) {
    uint32_t n = 0;
    for (; parts; parts = parts->next) {
        n++;
    }
    return n;
}

static const Fact *fact_add(Check *c, const Expr *ref, const Fact *facts) {
    if (ref->kind != EXPR_REF) {
        return facts;
    }
    Fact *fact = ARENA_NEW(c->arena, Fact);
    *fact = (Fact){ ref, facts };
    return fact;
}

static bool never_null(const Expr *expr) {
    return expr->type && expr->type->kind != KIND_ANY && expr->type->kind != DAG_JSON &&
           !type_is_optional(expr->type);
}

/* What equals something that is never null, or differs from null, is not null. */
static const Fact *compare_facts(Check *c, const Expr *cond, bool truth, const Fact *facts) {
    const Expr *left = cond->u.compare.left;
    const Expr *right = cond->u.compare.right;
    bool equal =
        (cond->u.compare.op == DAG_EQ && truth) || (cond->u.compare.op == DAG_NE && !truth);
    bool differs =
        (cond->u.compare.op == DAG_NE && truth) || (cond->u.compare.op == DAG_EQ && !truth);
    if ((differs && right->kind == EXPR_NULL) || (equal && never_null(right))) {
        facts = fact_add(c, left, facts);
    }
    if ((differs && left->kind == EXPR_NULL) || (equal && never_null(left))) {
        facts = fact_add(c, right, facts);
    }
    return facts;
}

const Fact *condition_facts(Check *c, const Expr *cond, bool truth, const Fact *facts) {
    switch (cond->kind) {
    case EXPR_NOT: return condition_facts(c, cond->u.logic.left, !truth, facts);
    case EXPR_EXISTS: return truth ? fact_add(c, cond->u.logic.left, facts) : facts;
    case EXPR_AND:
    case EXPR_OR:
        if ((cond->kind == EXPR_AND) == truth) { /* then both sides are `truth` */
            facts = condition_facts(c, cond->u.logic.left, truth, facts);
            facts = condition_facts(c, cond->u.logic.right, truth, facts);
        }
        return facts;
    case EXPR_COMPARE: return compare_facts(c, cond, truth, facts);
    case EXPR_NULL:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_DURATION:
    case EXPR_SIZE:
    case EXPR_TEXT:
    case EXPR_REF:
    case EXPR_LIST:
    case EXPR_RECORD:
    case EXPR_PIPE:
    case EXPR_BROKEN: return facts;
    }
    return facts;
}

/* ---------------------------------------------------------------- fields */

typedef struct FileField {
    const char *name;
    int kind; /* DAG_ENUM: that of file kinds */
} FileField;

static const FileField file_fields[] = {
    { "path", DAG_STRING }, { "name", DAG_STRING }, { "stem", DAG_STRING }, { "ext", DAG_STRING },
    { "dir", DAG_STRING },  { "size", DAG_SIZE },   { "kind", DAG_ENUM },   { "mime", DAG_STRING },
};

static const Type *file_field(Check *c, const char *name, Nearest *near) {
    for (size_t i = 0; i < sizeof file_fields / sizeof *file_fields; i++) {
        nearest_offer(near, file_fields[i].name);
        if (strcmp(file_fields[i].name, name) == 0) {
            return file_fields[i].kind == DAG_ENUM ? c->file_kind
                                                   : type_basic(c->types, file_fields[i].kind);
        }
    }
    return NULL;
}

static const Type *record_field(const Type *type, const char *name, Nearest *near) {
    for (uint32_t i = 0; i < type->nfields; i++) {
        nearest_offer(near, type->fields[i].name);
    }
    const Field *field = type_field(type, name);
    return field ? field->type : NULL;
}

/* The type of a field; NULL: there is none (near: what might be meant). */
static const Type *field_type(Check *c, const Type *type, const char *name, Nearest *near) {
    switch (type->kind) {
    case KIND_ANY:
    case KIND_VAR: return c->any;
    case DAG_JSON: return type_of_elem(c->types, DAG_OPTIONAL, type);
    case DAG_RECORD: return record_field(type, name, near);
    case DAG_FILE: return file_field(c, name, near);
    case DAG_DIR:
        return strcmp(name, "size") != 0 && strcmp(name, "kind") != 0 && strcmp(name, "mime") != 0
                   ? file_field(c, name, near)
                   : NULL;
    default: return NULL;
    }
}

Diag *report_no_field(Check *c, const Type *type, Name name, const Nearest *near) {
    const void *fields = (const char *)type + 1; /* a scope of its own */
    if (said_before(c, fields, name.text, name.span)) {
        return NULL;
    }
    Diag *diag = diag_report(c->diags, E0203, name.span, "%s has no field `%s`%s",
                             type_name(c, type), name.text, did_you_mean(c, near));
    suggest(c, diag, name.span, near);
    said(c, fields, name.text, diag);
    return diag;
}

static const Type *report_field(Scope *scope, Expr *expr, const Type *type, Name name,
                                const Nearest *near) {
    Check *c = scope->c;
    Diag *diag = report_no_field(c, type, name, near);
    if (diag && type->kind == DAG_LIST) {
        diag_help(c->diags, diag,
                  "its elements may have one: `| first`, `| nth(i)` take one of them");
    } else if (diag && !near->best && type->kind == DAG_RECORD) {
        diag_help(c->diags, diag, "it is %s",
                  type_text(c->types, type_record(c->types, type->fields, type->nfields)));
    }
    expr->ref = REF_BROKEN;
    return c->any;
}

static const Type *report_null_field(Scope *scope, Expr *expr, const Type *type, Name name) {
    Check *c = scope->c;
    Span before = { expr->span.file, expr->span.start, name.span.start - 1 };
    Diag *diag =
        diag_report(c->diags, E0307, before, "this may be null (%s), and null has no field `%s`",
                    type_name(c, type), name.text);
    diag_help(c->diags, diag,
              "use it where `… exists`, or say what stands in its place with "
              "`| default(…)`");
    expr->ref = REF_BROKEN;
    return c->any;
}

/* ---------------------------------------------------------------- references */

static const Type *special_type(Scope *scope, uint32_t special) {
    Types *types = scope->c->types;
    switch ((dag_special)special) {
    case DAG_IT: return scope->it ? scope->it : scope->c->any;
    case DAG_EXIT:
    case DAG_TASK_ATTEMPT: return type_basic(types, DAG_INT);
    case DAG_RUN_ERROR: return type_of_elem(types, DAG_OPTIONAL, type_basic(types, DAG_STRING));
    case DAG_STDOUT:
    case DAG_STDERR:
    case DAG_RUN_ID:
    case DAG_TASK_KEY:
    case DAG_RUN_STATUS: return type_basic(types, DAG_STRING);
    case DAG_NSPECIAL: break;
    }
    return scope->c->any;
}

/* What the reference names, without its fields. */
static const Type *base_type(Scope *scope, const Expr *expr) {
    switch (expr->ref) {
    case REF_INPUT:
    case REF_STAGE: return expr->u.ref.port->type;
    case REF_OUT: return type_required(expr->u.ref.port->type);
    case REF_RUN_INPUT: return scope->unit->pipeline->inputs[expr->index]->type;
    case REF_CONST: return expr->constant ? scope->unit->configs[expr->index].type : scope->c->any;
    case REF_SPECIAL: return special_type(scope, expr->index);
    case REF_BOUND: return scope->node->params[expr->index].type;
    case REF_NONE:
    case REF_BROKEN: return scope->c->any;
    }
    return scope->c->any;
}

/* With what a condition around it has made sure of. */
static const Type *narrowed(const Scope *scope, const Expr *expr, const Type *type,
                            uint32_t nparts) {
    return type->kind == DAG_OPTIONAL && facts_say(scope->facts, expr, nparts) ? type->elem : type;
}

const Type *ref_type(Scope *scope, Expr *expr, const Type *want) {
    Check *c = scope->c;
    if (expr->ref == REF_NONE && expr->u.ref.parts && expr->u.ref.parts->name.text) {
        return word_type(scope, expr, want);
    }
    if (expr->ref == REF_CONST && expr->type) {
        return expr->type; /* a word that was typed before */
    }
    const Type *type = base_type(scope, expr);
    uint32_t nparts = count_parts(expr->u.ref.parts) - count_parts(expr->u.ref.fields);
    type = narrowed(scope, expr, type, nparts);
    for (const NameList *part = expr->u.ref.fields; part; part = part->next) {
        if (!part->name.text || type->kind == KIND_ANY) {
            return c->any;
        }
        bool json = type_required(type)->kind == DAG_JSON;
        if (type_is_optional(type) && !json) {
            return report_null_field(scope, expr, type, part->name);
        }
        Nearest near = nearest_to(part->name.text);
        const Type *field = field_type(c, type_required(type), part->name.text, &near);
        if (!field) {
            return report_field(scope, expr, type, part->name, &near);
        }
        type = narrowed(scope, expr, field, ++nparts);
    }
    return type;
}
