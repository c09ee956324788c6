/*
 * signature.c - reads the signatures of pipes.
 */
#include "pure/signature.h"

#include <string.h>

#define K(kind) SIG_KIND(DAG_##kind)
#define NUMBERS (K(INT) | K(FLOAT))
#define AMOUNTS (NUMBERS | K(DURATION) | K(SIZE))
#define PATHS (K(STRING) | K(FILE) | K(DIR))
#define ALL_KINDS (SIG_KIND(DAG_OPTIONAL) - 1)

typedef struct Word {
    const char *name;
    uint32_t kinds;
} Word;

static const Word words[] = {
    { "bool", K(BOOL) },         { "int", K(INT) },
    { "float", K(FLOAT) },       { "string", K(STRING) },
    { "duration", K(DURATION) }, { "size", K(SIZE) },
    { "file", K(FILE) },         { "dir", K(DIR) },
    { "map", K(MAP) },           { "number", NUMBERS },
    { "amount", AMOUNTS },       { "ordered", AMOUNTS | K(STRING) },
    { "path", PATHS },           { "text", AMOUNTS | PATHS | K(BOOL) },
    { "json", ALL_KINDS },       { "any", ALL_KINDS },
    { "pattern", SIG_PATTERN },  { "type", SIG_TYPE },
};

typedef struct Reader {
    const char *p;
    bool ok;
} Reader;

static void skip_space(Reader *r) {
    while (*r->p == ' ') {
        r->p++;
    }
}

/* Takes the text if it comes next. */
static bool take(Reader *r, const char *text) {
    size_t n = strlen(text);
    skip_space(r);
    bool there = strncmp(r->p, text, n) == 0;
    r->p += there ? n : 0;
    return there;
}

static void expect(Reader *r, const char *text) {
    r->ok &= take(r, text);
}

/* The letters, digits and underscores that come next. */
static size_t read_name(Reader *r, const char **name) {
    skip_space(r);
    *name = r->p;
    r->p += strspn(r->p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    r->ok &= r->p > *name;
    return (size_t)(r->p - *name);
}

static uint32_t read_word(Reader *r) {
    const char *name;
    size_t n = read_name(r, &name);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].name) == n && memcmp(words[i].name, name, n) == 0) {
            return words[i].kinds;
        }
    }
    r->ok = false;
    return 0;
}

static SigType read_type(Reader *r) {
    SigType type = { .kinds = 0 };
    unsigned levels = 0;
    while (take(r, "list<")) {
        levels++;
    }
    skip_space(r);
    if (*r->p >= 'A' && *r->p <= 'Z') {
        type.var = *r->p++;
    } else {
        do {
            type.kinds |= read_word(r);
        } while (take(r, "|"));
    }
    for (type.lists = 0;; type.lists++) {
        type.nulls |= (uint8_t)(take(r, "?") << type.lists);
        if (type.lists == levels) {
            return type;
        }
        expect(r, ">");
    }
}

/* A literal: a string in quotes, with its escapes, or a word or number. */
static void read_default(Reader *r, SigArg *arg) {
    skip_space(r);
    arg->value = r->p;
    if (*r->p == '"') {
        do {
            r->p += *r->p == '\\' ? 2 : 1;
        } while (*r->p && *r->p != '"');
        expect(r, "\"");
    } else {
        r->p += strcspn(r->p, ",)");
    }
    arg->nvalue = (size_t)(r->p - arg->value);
}

static void read_args(Reader *r, PipeSig *sig) {
    do {
        if (sig->nargs == SIG_MAX_ARGS) {
            r->ok = false;
            return;
        }
        SigArg *arg = &sig->args[sig->nargs++];
        arg->nname = read_name(r, &arg->name);
        expect(r, ":");
        arg->type = read_type(r);
        if (take(r, "=")) {
            read_default(r, arg);
        } else {
            sig->required++;
        }
        sig->variadic = take(r, "...");
    } while (take(r, ",") && r->ok);
    expect(r, ")");
}

bool signature_parse(const char *signature, uint32_t i, PipeSig *sig) {
    Reader r = { signature, true };
    uint32_t n = 0;
    do {
        *sig = (PipeSig){ .nargs = 0 };
        sig->subject = read_type(&r);
        if (take(&r, "(")) {
            read_args(&r, sig);
        }
        expect(&r, "->");
        sig->result = read_type(&r);
    } while (r.ok && n++ < i && take(&r, ";"));
    skip_space(&r);
    return r.ok && n > i && (*r.p == '\0' || *r.p == ';');
}

/* The kind of the values that a kind of types has. */
static dag_kind value_kind(dag_kind kind) {
    return kind == DAG_ENUM ? DAG_STRING : kind == DAG_RECORD ? DAG_MAP : kind;
}

bool signature_takes(SigType type, dag_kind kind) {
    return type.kinds == 0 || (type.kinds & (SIG_KIND(kind) | SIG_KIND(value_kind(kind)))) != 0;
}
