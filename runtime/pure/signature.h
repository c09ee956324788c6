/*
 * signature.h - the typed signatures of pipes, read from their text in pipes.def.
 *
 * In: PipeRow.signature. Out: a PipeSig for the type checker. The notation:
 *
 *   signature = overload { ";" overload }           tried in this order
 *   overload  = type [ "(" arg { "," arg } ")" ] "->" type
 *   arg       = name ":" type [ "=" literal | "..." ]
 *   type      = ( word { "|" word } | VARIABLE | "list<" type ">" ) [ "?" ]
 *
 * The type before "(" is the subject's. `= literal` makes an argument optional: a string in double
 * quotes, an int, or null for "left out has a meaning of its own"; the pipe's function fills it in.
 * "..." after the last argument: one or more of it. VARIABLE is one capital letter and stands for
 * any type, the same wherever it stands (the checker unifies: int and float make float, T and T?
 * make T?). Words stand for sets of kinds:
 *
 *   bool int float string duration size file dir list map   themselves; string takes enums too
 *   number    int float
 *   amount    int float duration size
 *   ordered   int float duration size string
 *   path      string file dir
 *   text      what has a text form: bool int float string duration size file dir
 *   json any  everything (as a result, json is the type json)
 *   pattern   a string constant that is a regular expression (pattern.h)
 *   type      a type written out, as in as(Probe)
 *
 * Two operands that are `amount` or `ordered` are of one kind, or int and float. A result of more
 * than one kind is the subject's type, but float where int and float operands meet.
 */
#ifndef DAG_PURE_SIGNATURE_H
#define DAG_PURE_SIGNATURE_H

#include "pure/pipe.h"

#define SIG_MAX_ARGS 2

/* Bits of SigType.kinds: SIG_KIND(DAG_INT) …; two more that are no kinds of values. */
#define SIG_KIND(kind) (1u << (kind))
#define SIG_TYPE (1u << 30)
#define SIG_PATTERN (1u << 31)

/* list<…> is taken apart: `lists` counts the levels around the innermost type, bit d of `nulls`
 * says that null may stand for the type at d levels from the innermost. So list<T?> is
 * { .var = 'T', .lists = 1, .nulls = 1 }, and list<T>? has nulls = 2. */
typedef struct SigType {
    uint32_t kinds; /* of the innermost type; 0: it is a variable. json, any: all bits of kinds */
    char var;       /* the variable, or 0 */
    uint8_t lists;
    uint8_t nulls;
} SigType;

/* Texts point into the signature and are not NUL-terminated. */
typedef struct SigArg {
    const char *name;
    size_t nname;
    SigType type;
    const char *value; /* the literal behind `=`, or NULL: required */
    size_t nvalue;
} SigArg;

typedef struct PipeSig {
    SigType subject;
    SigArg args[SIG_MAX_ARGS];
    uint32_t nargs;    /* without the subject */
    uint32_t required; /* of them */
    bool variadic;     /* the last one may be repeated */
    SigType result;
} PipeSig;

/* Reads overload `i` of a signature, from 0. False when there is none (or the text is broken:
 * a test reads every row). */
bool signature_parse(const char *signature, uint32_t i, PipeSig *sig);

/* Does a type whose innermost kind is `kind` fit `type` there? Enums and records count as the
 * kind of their values, a variable takes all; lists and nulls are the caller's business. */
bool signature_takes(SigType type, dag_kind kind);

#endif
