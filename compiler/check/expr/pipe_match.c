/*
 * pipe_match.c - types against signatures: kinds, variables, null, lifting over lists.
 */
#include "check/expr/pipe_match.h"

bool sig_is_any(SigType sig) {
    return (sig.kinds & SIG_KIND(DAG_JSON)) != 0;
}

bool sig_is_multi(SigType sig) {
    return (sig.kinds & (sig.kinds - 1)) != 0;
}

static bool bind(Match *m, char var, const Type *type) {
    const Type **slot = &m->vars[var - 'A'];
    const Type *join = *slot ? type_join(m->c->types, *slot, type) : type;
    if (!join) {
        return false;
    }
    *slot = join;
    return true;
}

/* A variable stands for the elements of a list as they are: they may be null. */
bool sig_match(Match *m, SigType sig, const Type *type, const Type **inner) {
    for (int level = sig.lists; level >= 0; level--) {
        bool element = level == 0 && sig.lists > 0 && !sig.kinds && !(sig.nulls & 1);
        bool null_ok = (sig.nulls >> level & 1) || (level == 0 && sig_is_any(sig)) || element;
        if (type->kind == KIND_ANY || type->kind == KIND_VAR) {
            *inner = m->c->any;
            return sig.kinds || bind(m, sig.var, m->c->any);
        }
        if (type_is_optional(type) && !null_ok) {
            m->null = true;
            return false;
        }
        if (type->kind == DAG_NULL) {
            *inner = type;
            return true;
        }
        if (!(level == 0 && sig_is_any(sig)) && !element) {
            type = type_required(type);
        }
        if (level > 0) {
            if (type->kind != DAG_LIST) {
                return false;
            }
            type = type->elem;
        }
    }
    *inner = type;
    if (!sig.kinds) {
        return bind(m, sig.var, type);
    }
    return sig_is_any(sig) || signature_takes(sig, (dag_kind)type->kind);
}

const Type *sig_type(const Match *m, SigType sig) {
    Types *types = m->c->types;
    const Type *type = NULL;
    if (!sig.kinds) {
        type = m->vars[sig.var - 'A'];
    } else if (sig_is_any(sig)) {
        type = type_basic(types, DAG_JSON);
    } else if (!sig_is_multi(sig)) {
        for (int kind = 0; kind <= DAG_OPTIONAL; kind++) {
            if (sig.kinds == SIG_KIND(kind)) {
                type = type_basic(types, kind);
            }
        }
    }
    if (type && type->kind == DAG_LIST && !type->elem) {
        return NULL;
    }
    for (int level = 0; type && level <= sig.lists; level++) {
        type = level ? type_of_elem(types, DAG_LIST, type) : type;
        type = sig.nulls >> level & 1 ? type_of_elem(types, DAG_OPTIONAL, type) : type;
    }
    return type;
}

/* ---------------------------------------------------------------- lifting over lists */

const Type *lift_off(const Type *type, Lift *lift) {
    while (type->kind == DAG_LIST && lift->depth < 60) {
        type = type->elem;
        lift->depth++;
        if (type->kind == DAG_OPTIONAL) {
            lift->nulls |= UINT64_C(1) << lift->depth;
            type = type->elem;
        }
    }
    return type;
}

const Type *lift_back(Check *c, const Type *type, Lift lift) {
    for (; lift.depth > 0; lift.depth--) {
        if (lift.nulls >> lift.depth & 1) {
            type = type_of_elem(c->types, DAG_OPTIONAL, type);
        }
        type = type_of_elem(c->types, DAG_LIST, type);
    }
    return type;
}

/* ---------------------------------------------------------------- results */

/* Of more than one kind: the subject's type, but float where an int meets a float. */
static const Type *multi_result(const Match *m, const Expr *expr, SigType sig) {
    const Type *type = m->inner;
    for (const Expr *arg = expr->u.pipe.args; arg; arg = arg->next) {
        if (type->kind == DAG_INT && arg->type->kind == DAG_FLOAT) {
            type = arg->type;
        }
    }
    for (int level = 0; level <= sig.lists; level++) {
        type = level ? type_of_elem(m->c->types, DAG_LIST, type) : type;
        type = sig.nulls >> level & 1 ? type_of_elem(m->c->types, DAG_OPTIONAL, type) : type;
    }
    return type;
}

const Type *sig_result(const Match *m, const Expr *expr, SigType sig) {
    const Type *type = !sig_is_multi(sig) || sig_is_any(sig) ? sig_type(m, sig) : NULL;
    if (!type && sig.kinds) {
        type = multi_result(m, expr, sig);
    }
    return type ? type : m->c->any;
}
