/*
 * pipe_match.h - how the types at hand meet the signature of a pipe (pure/signature.h).
 */
#ifndef DAGCC_PIPE_MATCH_H
#define DAGCC_PIPE_MATCH_H

#include "check/expr/expr.h"

#include "pure/signature.h"

/* How one overload meets the types at hand. */
typedef struct Match {
    Check *c;
    const Type *vars[26]; /* 'A' … 'Z' */
    bool null;            /* what failed is that it may be null */
    const Type *inner;    /* innermost type of the subject */
    const Expr *bad;      /* the argument that does not fit, */
    uint32_t nbad;        /* and its number */
} Match;

bool sig_is_any(SigType sig);   /* json, any: takes everything, null too */
bool sig_is_multi(SigType sig); /* of more than one kind */

/* Does `type` fit the signature there? Binds its variable. *inner: the innermost type. */
bool sig_match(Match *m, SigType sig, const Type *type, const Type **inner);

/* The type that a signature stands for, once its variables are bound. NULL: of more than one kind. */
const Type *sig_type(const Match *m, SigType sig);

/* The type of the result of a pipe whose operands are typed. */
const Type *sig_result(const Match *m, const Expr *expr, SigType sig);

/* The lists around the values that a scalar pipe works on. */
typedef struct Lift {
    uint32_t depth;
    uint64_t nulls; /* bit i: the elements at depth i (1: of the outermost list) may be null */
} Lift;

/* The type inside of the lists; the lists back around the result. */
const Type *lift_off(const Type *type, Lift *lift);
const Type *lift_back(Check *c, const Type *type, Lift lift);

#endif
