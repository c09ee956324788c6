/* Random pipelines of expression stages that are well typed by construction. */
#ifndef DAG_TESTS_TYPED_GEN_H
#define DAG_TESTS_TYPED_GEN_H

#include <stdbool.h>
#include <stdint.h>

#include "pure/arena.h"

typedef enum GenKind {
    BOOL,
    INT,
    FLOAT,
    STRING,
    DURATION,
    SIZE,
    FILE_,
    ENUM,
    SECRET,
    JSON,
    RECORD,
    LIST,
    MAP,
    OPTIONAL
} GenKind;

enum { MOST_FIELDS = 3, MOST_REFS = 96 };
#define LAST_BASIC SIZE

/* Types are compared by `text`, which is interned by spelling alike: named ones by their name. */
typedef struct GenType {
    GenKind kind;
    const struct GenType *elem;
    const char *text;
    uint32_t nfields;
    struct {
        const char *name;
        const struct GenType *type;
    } fields[MOST_FIELDS];
} GenType;

/* What an expression may mention. */
typedef struct GenRef {
    const char *text;
    const GenType *type;
} GenRef;

typedef struct Gen {
    Arena *arena;
    uint64_t state;
    bool declaring; /* the default of an input: of literals only, a file is its path */
    GenRef refs[MOST_REFS];
    uint32_t nrefs;
} Gen;

/* In [0, n). */
uint32_t pick(Gen *g, uint32_t n);

/* types.c */
const GenType *gen_basic(GenKind kind);
const GenType *gen_of(Gen *g, GenKind kind, const GenType *elem); /* LIST, MAP, OPTIONAL */
const GenType *gen_type(Gen *g);
bool gen_same(const GenType *a, const GenType *b);
bool has_text_form(const GenType *type);
bool gen_mentions(const GenType *type, GenKind kind); /* is that kind somewhere inside? */
/* The declarations of the named types. */
extern const char gen_declarations[];
extern const GenType gen_color, gen_point, gen_wide, gen_photo, gen_named;

/* What each pipeline has: a file that exists everywhere, and a secret that nothing may show. */
#define GEN_FILE "/proc/version"
#define GEN_SECRET "hush-4f1d"

/* exprs.c: all give text in the arena, to stand inside of < >. */
/* A literal where a value of the type is wanted. */
const char *gen_literal(Gen *g, const GenType *type);
/* A value of exactly this type, whatever is wanted there; NULL: none was found. */
const char *gen_exact(Gen *g, const GenType *type, int depth);
/* A value that fits the type where it is wanted. Never NULL. */
const char *gen_value(Gen *g, const GenType *type, int depth);
/* A condition about a record `it` that holds only where its field `name` is not null. */
const char *gen_narrowing(Gen *g, const char *it);
/* A condition about a value `it` of the type. */
const char *gen_condition(Gen *g, const char *it, const GenType *type);

/* pipeline.c: the whole text. */
const char *gen_pipeline(Arena *arena, uint64_t seed);

#endif
