/*
 * types.h - semantic types: interned, so that equal types are the same pointer.
 */
#ifndef DAGCC_TYPES_H
#define DAGCC_TYPES_H

#include "syntax/ast.h"

/* A type. kind: a dag_kind, or one of the two below. */
enum { KIND_STREAM = 100, KIND_VAR, KIND_ANY /* broken: compatible with everything */ };

typedef struct Field {
    const char *name; /* interned */
    const Type *type; /* NULL: an enum case */
} Field;

struct Type {
    int kind;
    const Type *elem;    /* list, map, optional, stream */
    const Field *fields; /* record fields, enum cases */
    uint32_t nfields;
    const char *name; /* a declared name ("Probe"), type parameter; or NULL */
    uint32_t id;      /* 0, 1, 2 … in the order of making */
    uint32_t weight;  /* number of types inside, itself too; bounded by TYPE_MAX_WEIGHT */
};

#define TYPE_MAX_WEIGHT 100000u

typedef struct Types Types;

Types *types_new(Arena *arena, Interner *names);
const Type *type_basic(Types *types, int kind); /* kinds without parts, KIND_ANY too */
const Type *type_of_elem(Types *types, int kind, const Type *elem); /* T?? is T? */
const Type *type_record(Types *types, const Field *fields, uint32_t n);
const Type *type_enum(Types *types, const Field *cases, uint32_t n);
/* The same type under a declared name: a type of its own for records and enums (assignable both
 * ways), the type itself for all others. A type parameter: kind KIND_VAR. */
const Type *type_named(Types *types, const Type *type, const char *name);
const Type *type_var(Types *types, const char *name);

/* The type as a user would write it; named types by their name. In the types' arena. */
const char *type_text(Types *types, const Type *type);

/* May a `from` stand where a `to` is wanted (LANGUAGE §3)? *fit: a conversion is needed at run
 * time (int to float somewhere inside). */
bool type_assignable(const Type *from, const Type *to, bool *fit);

/* Why `from` is not assignable to `to`, where more can be said than their names ("it has no field
 * `lang`", "its field `n` is string, not int"); NULL else. In the types' arena. */
const char *type_why_not(Types *types, const Type *from, const Type *to);

/* The narrowest type that both are assignable to; NULL: there is none. */
const Type *type_join(Types *types, const Type *a, const Type *b);

/* `type` with the type parameters replaced by what `lookup` gives (NULL: stays). */
const Type *type_replace(Types *types, const Type *type,
                         const Type *(*lookup)(void *self, const Type *var), void *self);

const Field *type_field(const Type *type, const char *name); /* of a record or enum, or NULL */
bool type_has_text(const Type *type);           /* has it a text form (DETAILS "Text forms")? */
bool type_mentions(const Type *type, int kind); /* is that kind somewhere inside? */

/* May a value be null? Its type without that. */
bool type_is_optional(const Type *type);
const Type *type_required(const Type *type);

#endif
