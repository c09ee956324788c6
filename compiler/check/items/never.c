/*
 * never.c - conditions that contradict themselves, or what is known of the values they look at.
 *
 * A condition is taken apart into what must hold all at once; of an `or` each side is tried. For each
 * value that is compared (an input, a port, an artifact, or a field of one) its bounds, the values
 * allowed, those left out, and whether it may be null are kept. What is no comparison with a constant
 * says nothing: only what is certain counts. Known beforehand are an input's own `where`, and that of
 * the edge by which a port is fed. (A tableau for a conjunction of bounds, see e.g. Kroening and
 * Strichman, Decision Procedures, 2016, chapters 2 and 5.)
 */
#include "check/items/items.h"
#include "model/fold.h"
#include "pure/value.h"

#include <string.h>

enum { MAX_TRIES = 200, MAX_KNOWN = 16, MAX_EXCLUDED = 16 };

/* A value: where it comes from, and the fields behind that. */
typedef struct Subject {
    const void *base;      /* RunInput or Port */
    const char *fields;    /* ".a.b" */
    const RunInput *input; /* `base`, if it is one that is referred to */
} Subject;

typedef struct Domain {
    Subject subject;
    const Type *type;       /* without `?` */
    bool nullable;          /* may be null, by its type */
    bool no_null, no_value; /* by the conditions */
    bool above, below;      /* `low`, `high` themselves are left out */
    bool listed;            /* only one of `allowed` */
    dag_value low, high;    /* DAG_NULL: unbounded */
    dag_value allowed;      /* a list */
    dag_value excluded[MAX_EXCLUDED];
    uint32_t nexcluded;
    struct Domain *next;
} Domain;

/* A condition that must be `truth`. `it`: what the word stands for there. */
typedef struct Claim {
    const Expr *cond;
    bool truth;
    Subject it;
    struct Claim *next;
} Claim;

/* What is known beforehand of a value that a condition looks at. */
typedef struct Known {
    const Expr *cond;
    Subject it;
    const char *input; /* whose condition it is; NULL: an edge's */
    bool off;          /* not looked at, to see whether it matters */
} Known;

typedef struct Tableau {
    Scope *scope;
    uint32_t tries;
    Known known[MAX_KNOWN];
    uint32_t nknown;
} Tableau;

/* ---------------------------------------------------------------- which value is meant */

static bool same_subject(Subject a, Subject b) {
    return a.base == b.base && strcmp(a.fields, b.fields) == 0;
}

static Subject behind(Check *c, Subject subject, const NameList *fields) {
    for (; fields; fields = fields->next) {
        subject.fields = arena_printf(c->arena, "%s.%s", subject.fields,
                                      fields->name.text ? fields->name.text : "");
    }
    return subject;
}

/* The edge by which all values of the port come, or NULL. */
static const Edge *only_edge(const Port *in) {
    bool plain = in->nedges == 1 && !in->any && !in->merge && !in->gathers && !in->broken;
    return plain && (in->hidden || !(in->optional || in->value)) ? in->edges[0] : NULL;
}

static bool find_subject(Tableau *t, const Expr *expr, Subject it, Subject *found);

static bool port_subject(Tableau *t, const Port *in, Subject *found) {
    const Edge *edge = only_edge(in);
    if (in->value && in->nedges == 0 && !in->broken) {
        return find_subject(t, in->value, (Subject){ 0 }, found);
    }
    *found = (Subject){ edge ? edge->from : in, "", NULL };
    return true;
}

static bool find_base(Tableau *t, const Expr *expr, Subject it, Subject *found) {
    if (expr->ref == REF_RUN_INPUT) {
        const RunInput *input = t->scope->unit->pipeline->inputs[expr->index];
        *found = (Subject){ input, "", input };
        return true;
    }
    if (expr->ref == REF_INPUT || expr->ref == REF_STAGE) {
        return port_subject(t, expr->u.ref.port, found);
    }
    if (expr->ref == REF_BOUND) {
        return expr->u.ref.bound && find_subject(t, expr->u.ref.bound, it, found);
    }
    *found = it;
    return expr->ref == REF_SPECIAL && expr->index == DAG_IT && it.base;
}

/* False: it is not a reference to something that stays the same within the condition. */
static bool find_subject(Tableau *t, const Expr *expr, Subject it, Subject *found) {
    if (expr->kind != EXPR_REF || !find_base(t, expr, it, found)) {
        return false;
    }
    *found = behind(t->scope->c, *found, expr->u.ref.fields);
    return true;
}

/* ---------------------------------------------------------------- domains */

static bool is_number(int kind) {
    return kind == DAG_INT || kind == DAG_FLOAT || kind == DAG_DURATION || kind == DAG_SIZE;
}

static bool is_followed(const Type *type) {
    return is_number(type->kind) || type->kind == DAG_BOOL || type->kind == DAG_STRING ||
           type->kind == DAG_ENUM;
}

/* All values of a type that has few; false: it has not. */
static bool list_cases(Check *c, const Type *type, dag_value *all) {
    uint32_t n = type->kind == DAG_BOOL ? 2 : type->nfields;
    if (type->kind != DAG_BOOL && type->kind != DAG_ENUM) {
        return false;
    }
    dag_value *cases = ARENA_ARRAY(c->arena, n + 1, dag_value);
    for (uint32_t i = 0; i < n; i++) {
        const char *name = type->kind == DAG_ENUM ? type->fields[i].name : "";
        cases[i] = type->kind == DAG_ENUM ? value_text(DAG_STRING, name, strlen(name))
                                          : value_bool(i == 1);
    }
    *all = value_list(cases, n);
    return true;
}

/* The domain of what an operand names; NULL: it is not followed. */
static Domain *domain_of(Tableau *t, Domain **domains, const Expr *expr, Subject it) {
    Subject subject;
    if (!expr->type || !is_followed(type_required(expr->type)) ||
        !find_subject(t, expr, it, &subject)) {
        return NULL;
    }
    const Type *type = type_required(expr->type);
    Domain *domain = *domains;
    while (domain && !same_subject(domain->subject, subject)) {
        domain = domain->next;
    }
    if (!domain) {
        domain = ARENA_NEW(t->scope->c->arena, Domain);
        *domain = (Domain){ .subject = subject, .type = type, .next = *domains };
        domain->low = domain->high = value_null();
        domain->listed = list_cases(t->scope->c, type, &domain->allowed);
        *domains = domain;
    }
    /* A generic plugin may ask for null whatever its type is in this instance. */
    domain->nullable |= type_is_optional(expr->type) || t->scope->in_plugin;
    return domain;
}

static Domain *domains_copy(Check *c, const Domain *domains) {
    Domain *copy = NULL;
    for (; domains; domains = domains->next) {
        Domain *one = ARENA_NEW(c->arena, Domain);
        *one = *domains;
        one->next = copy;
        copy = one;
    }
    return copy;
}

static bool in_list(dag_value list, dag_value v) {
    for (uint32_t i = 0; i < list.len; i++) {
        if (value_equal(list.u.items[i], v)) {
            return true;
        }
    }
    return false;
}

static bool is_excluded(const Domain *d, dag_value v) {
    return in_list(value_list(d->excluded, d->nexcluded), v);
}

static bool is_within(const Domain *d, dag_value v) {
    int low = d->low.kind == DAG_NULL ? 1 : value_order(v, d->low);
    int high = d->high.kind == DAG_NULL ? -1 : value_order(v, d->high);
    return low >= (d->above ? 1 : 0) && high <= (d->below ? -1 : 0) && !is_excluded(d, v);
}

/* Whole numbers between the bounds: none but a few that are excluded? */
static bool no_whole_number(const Domain *d) {
    dag_value v = d->low;
    if (d->type->kind == DAG_FLOAT || v.kind == DAG_FLOAT || d->high.kind == DAG_FLOAT) {
        return false;
    }
    for (uint32_t i = 0; i <= d->nexcluded + 2; i++) {
        if (value_order(v, d->high) > 0) {
            return true;
        }
        if (is_within(d, v) || v.u.i == INT64_MAX) {
            return false;
        }
        v.u.i++;
    }
    return false;
}

static bool is_empty(const Domain *d) {
    for (uint32_t i = 0; d->listed && i < d->allowed.len; i++) {
        if (is_within(d, d->allowed.u.items[i])) {
            return false;
        }
    }
    if (d->listed || d->low.kind == DAG_NULL || d->high.kind == DAG_NULL) {
        return d->listed;
    }
    int order = value_order(d->low, d->high);
    return order > 0 || (order == 0 && !is_within(d, d->low)) || no_whole_number(d);
}

static bool is_impossible(const Domain *d) {
    bool null = d->nullable && !d->no_null;
    return !null && (d->no_value || is_empty(d));
}

/* ---------------------------------------------------------------- what a comparison says */

static void bound_low(Domain *d, dag_value v, bool open) {
    int order = d->low.kind == DAG_NULL ? 1 : value_order(v, d->low);
    if (order > 0 || (order == 0 && open)) {
        d->low = v;
        d->above = open;
    }
}

static void bound_high(Domain *d, dag_value v, bool open) {
    int order = d->high.kind == DAG_NULL ? -1 : value_order(v, d->high);
    if (order < 0 || (order == 0 && open)) {
        d->high = v;
        d->below = open;
    }
}

static void allow(Check *c, Domain *d, dag_value list) {
    d->no_null = true;
    if (!d->listed) {
        d->allowed = list;
        d->listed = true;
        return;
    }
    dag_value *both = ARENA_ARRAY(c->arena, list.len + 1, dag_value);
    uint32_t n = 0;
    for (uint32_t i = 0; i < list.len; i++) {
        if (in_list(d->allowed, list.u.items[i])) {
            both[n++] = list.u.items[i];
        }
    }
    d->allowed = value_list(both, n);
}

static void exclude(Domain *d, dag_value list) {
    for (uint32_t i = 0; i < list.len && d->nexcluded < MAX_EXCLUDED; i++) {
        d->excluded[d->nexcluded++] = list.u.items[i];
    }
}

static void say_one(Check *c, Domain *d, dag_compare op, dag_value v) {
    dag_value *one = ARENA_NEW(c->arena, dag_value);
    *one = v;
    bool null = v.kind == DAG_NULL;
    if (op == DAG_EQ && null) {
        d->no_value = true;
    } else if (op == DAG_NE && null) {
        d->no_null = true;
    } else if (op == DAG_EQ) {
        allow(c, d, value_list(one, 1));
    } else if (op == DAG_NE) {
        exclude(d, value_list(one, 1));
    }
}

static void say_order(Domain *d, dag_compare op, dag_value v) {
    if (!is_number(d->type->kind) || v.kind == DAG_NULL) {
        return;
    }
    d->no_null = true;
    if (op == DAG_LT || op == DAG_LE) {
        bound_high(d, v, op == DAG_LT);
    } else {
        bound_low(d, v, op == DAG_GT);
    }
}

static void say_list(Check *c, Domain *d, dag_compare op, dag_value list) {
    if (list.kind != DAG_LIST || in_list(list, value_null())) {
        return;
    }
    if (op == DAG_IN) {
        allow(c, d, list);
    } else {
        exclude(d, list);
    }
}

/* Of a negated order nothing is said for floats: neither holds for what is no number. */
static bool negate(dag_compare *op, const Expr *left, const Expr *right) {
    static const dag_compare negated[] = {
        [DAG_EQ] = DAG_NE, [DAG_NE] = DAG_EQ, [DAG_LT] = DAG_GE,     [DAG_LE] = DAG_GT,
        [DAG_GT] = DAG_LE, [DAG_GE] = DAG_LT, [DAG_IN] = DAG_NOT_IN, [DAG_NOT_IN] = DAG_IN
    };
    bool order = *op == DAG_LT || *op == DAG_LE || *op == DAG_GT || *op == DAG_GE;
    bool floats = type_required(left->type)->kind == DAG_FLOAT ||
                  type_required(right->type)->kind == DAG_FLOAT;
    if (*op > DAG_NOT_IN || (order && floats)) {
        return false;
    }
    *op = negated[*op];
    return true;
}

static dag_compare mirrored(dag_compare op) {
    switch (op) {
    case DAG_LT: return DAG_GT;
    case DAG_LE: return DAG_GE;
    case DAG_GT: return DAG_LT;
    case DAG_GE: return DAG_LE;
    default: return op;
    }
}

/* The value of an operand that is the same in every run and every build, or NULL. */
static const dag_value *constant_of(Tableau *t, const Expr *expr) {
    Check *c = t->scope->c;
    dag_error error = { 0 };
    if (!expr->type || expr->type->kind == KIND_ANY || expr_any(expr, expr_varies, NULL) ||
        !fold_possible(expr)) {
        return NULL;
    }
    return fold_expr(c->front, c->types, expr, NULL, &error);
}

static void say_compare(Tableau *t, Domain **domains, const Claim *claim) {
    Check *c = t->scope->c;
    const Expr *left = claim->cond->u.compare.left, *right = claim->cond->u.compare.right;
    dag_compare op = claim->cond->u.compare.op;
    if (!left->type || !right->type || op > DAG_NOT_IN ||
        (!claim->truth && !negate(&op, left, right))) {
        return;
    }
    const dag_value *value = constant_of(t, right);
    Domain *domain = value ? domain_of(t, domains, left, claim->it) : NULL;
    if (!domain && op < DAG_IN && (value = constant_of(t, left))) {
        domain = domain_of(t, domains, right, claim->it);
        op = mirrored(op);
    }
    if (!domain) {
        return;
    }
    if (op == DAG_EQ || op == DAG_NE) {
        say_one(c, domain, op, *value);
    } else if (op < DAG_IN) {
        say_order(domain, op, *value);
    } else {
        say_list(c, domain, op, *value);
    }
}

static void say_exists(Tableau *t, Domain **domains, const Claim *claim) {
    Domain *domain = domain_of(t, domains, claim->cond->u.logic.left, claim->it);
    if (domain && claim->truth) {
        domain->no_null = true;
    } else if (domain) {
        domain->no_value = true;
    }
}

static void say_flag(Tableau *t, Domain **domains, const Claim *claim) {
    Domain *domain = domain_of(t, domains, claim->cond, claim->it);
    if (domain && domain->type->kind == DAG_BOOL) {
        say_one(t->scope->c, domain, DAG_EQ, value_bool(claim->truth));
    }
}

/* ---------------------------------------------------------------- the search */

static Claim *claim_new(Tableau *t, const Expr *cond, const Claim *like, bool truth, Claim *next) {
    Claim *claim = ARENA_NEW(t->scope->c->arena, Claim);
    *claim = (Claim){ cond, truth, like->it, next };
    return claim;
}

/* One claim less: what it says goes into the domains, its parts to the claims, what has two ways to
 * the forks. */
static void take_apart(Tableau *t, Domain **domains, Claim **claims, Claim **forks) {
    Claim *claim = *claims;
    const Expr *cond = claim->cond;
    *claims = claim->next;
    switch (cond->kind) {
    case EXPR_NOT: *claims = claim_new(t, cond->u.logic.left, claim, !claim->truth, *claims); break;
    case EXPR_AND:
    case EXPR_OR:
        if ((cond->kind == EXPR_AND) == claim->truth) {
            *claims = claim_new(t, cond->u.logic.left, claim, claim->truth, *claims);
            *claims = claim_new(t, cond->u.logic.right, claim, claim->truth, *claims);
        } else {
            *forks = claim_new(t, cond, claim, claim->truth, *forks);
        }
        break;
    case EXPR_COMPARE: say_compare(t, domains, claim); break;
    case EXPR_EXISTS: say_exists(t, domains, claim); break;
    case EXPR_REF: say_flag(t, domains, claim); break;
    default: break;
    }
}

/* May all claims hold? True when that is not certain. */
static bool may_hold(Tableau *t, Domain *domains, Claim *claims, Claim *forks) {
    if (t->tries++ >= MAX_TRIES) {
        return true;
    }
    while (claims) {
        take_apart(t, &domains, &claims, &forks);
    }
    for (const Domain *d = domains; d; d = d->next) {
        if (is_impossible(d)) {
            return false;
        }
    }
    if (!forks) {
        return true;
    }
    Check *c = t->scope->c;
    const Expr *cond = forks->cond;
    Claim *left = claim_new(t, cond->u.logic.left, forks, forks->truth, NULL);
    Claim *right = claim_new(t, cond->u.logic.right, forks, forks->truth, NULL);
    return may_hold(t, domains_copy(c, domains), left, forks->next) ||
           may_hold(t, domains_copy(c, domains), right, forks->next);
}

/* ---------------------------------------------------------------- what is known beforehand */

typedef struct Looking {
    Tableau *t;
    Subject it;
} Looking;

static void add_known(Tableau *t, const Expr *cond, Subject it, const char *input) {
    for (uint32_t i = 0; i < t->nknown; i++) {
        if (t->known[i].cond == cond) {
            return;
        }
    }
    if (t->nknown < MAX_KNOWN) {
        t->known[t->nknown++] = (Known){ cond, it, input, false };
    }
}

/* What is known of a value that is mentioned; for expr_any. */
static bool look_up(const Expr *expr, void *self) {
    Looking *looking = self;
    Tableau *t = looking->t;
    Subject subject;
    if (expr->kind != EXPR_REF || !find_base(t, expr, looking->it, &subject)) {
        return false;
    }
    const RunInput *input = subject.input;
    if (input && input->where && !type_is_optional(input->type)) {
        add_known(t, input->where, (Subject){ input, "", NULL }, input->name.text);
    }
    const Edge *edge = expr->ref == REF_INPUT ? only_edge(expr->u.ref.port) : NULL;
    if (edge && edge->where) {
        add_known(t, edge->where, (Subject){ edge->from, "", NULL }, NULL);
    }
    return false;
}

static void collect_known(Tableau *t, const Expr *cond, Subject it) {
    Looking looking = { t, it };
    expr_any(cond, look_up, &looking);
    for (uint32_t i = 0; i < t->nknown; i++) {
        looking.it = t->known[i].it;
        expr_any(t->known[i].cond, look_up, &looking);
    }
}

/* With everything known but one, or (`with` false) without all of it. */
static bool may_hold_with(Tableau *t, const Expr *cond, Subject it, bool with) {
    Claim first = { .cond = cond, .truth = true, .it = it };
    Claim *claims = &first;
    for (uint32_t i = 0; with && i < t->nknown; i++) {
        if (!t->known[i].off && t->known[i].cond != cond) {
            Claim like = { .it = t->known[i].it };
            claims = claim_new(t, t->known[i].cond, &like, true, claims);
        }
    }
    t->tries = 0;
    return may_hold(t, NULL, claims, NULL);
}

/* Names what the condition contradicts, where it is not itself. */
static void note_known(Tableau *t, Diag *diag, const Expr *cond, Subject it) {
    for (uint32_t i = 0; i < t->nknown; i++) {
        Known *known = &t->known[i];
        known->off = true;
        if (known->cond != cond && may_hold_with(t, cond, it, true)) {
            if (known->input) {
                diag_note(t->scope->c->diags, diag, known->cond->span,
                          "the input `%s` always meets this", known->input);
            } else {
                diag_note(t->scope->c->diags, diag, known->cond->span,
                          "what comes over this edge always meets this");
            }
        }
        known->off = false;
    }
}

bool condition_never(Scope *scope, Expr *cond, const void *it, const char *false_means,
                     Diag **diag) {
    Tableau t = { .scope = scope };
    Subject subject = { it, "", NULL };
    if (!cond->type || cond->type->kind == KIND_ANY) {
        return false;
    }
    collect_known(&t, cond, subject);
    if (may_hold_with(&t, cond, subject, true)) {
        return false;
    }
    *diag = diag_report(scope->c->diags, E0504, cond->span, "this condition is always false: %s",
                        false_means);
    if (may_hold_with(&t, cond, subject, false)) {
        note_known(&t, *diag, cond, subject);
    } else {
        diag_help(scope->c->diags, *diag, "no value can meet it");
    }
    return true;
}
