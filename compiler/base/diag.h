/*
 * diag.h - every message about the user's text: errors, warnings, notes, fixes; one module, one
 * table of codes (errors.def), printed as text, JSON or SARIF.
 *
 * A phase reports and goes on. One mistake gives one error: the caller poisons what it could not
 * make sense of; this module only drops an error whose primary span was reported before.
 */
#ifndef DAGCC_DIAG_H
#define DAGCC_DIAG_H

#include <stdio.h>

#include "base/source.h"
#include "pure/nearest.h"

/* Codes, from errors.def: ERROR(E0301, …) gives E0301; WARNING(W0101, "unused-input", …) W0101. */
typedef enum Code {
#define ERROR(code, title, explanation, bad, good) code,
#define WARNING(code, name, default_on, title, explanation, bad, good) code,
#include "base/errors.def"
#undef ERROR
#undef WARNING
    NCODES
} Code;

typedef enum Severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE } Severity;

typedef struct Edit {
    Span span; /* replaced by `text`; empty span: inserted */
    const char *text;
    struct Edit *next;
} Edit;

typedef struct Fix {
    const char *message;
    bool certain; /* `dagcc fix` may apply it unasked */
    Edit *edits;
    struct Fix *next;
} Fix;

typedef struct Note {
    const char *message;
    Span span;
    bool has_span; /* else a help line without a place */
    struct Note *next;
} Note;

typedef struct Diag {
    Severity severity;
    Code code;
    Span span;
    const char *message;
    const char *label; /* short text at the carets, or NULL */
    Note *notes;
    Fix *fixes;
    bool promoted;   /* a warning made an error by -W */
    uint32_t number; /* in the order of reporting */
    struct Diag *next;
} Diag;

/* What the -W options said about a warning: yes, no, or nothing. */
typedef enum Choice { CHOICE_NONE, CHOICE_YES, CHOICE_NO } Choice;
typedef struct WarningState {
    Choice on, error;
} WarningState;

typedef struct Diags {
    Arena *arena;
    Sources *sources;
    Diag *first, **last;
    uint32_t nerrors, nwarnings;
    uint32_t npromoted;   /* of the errors: warnings made errors by -W */
    uint32_t error_limit; /* 0: none */
    bool werror;          /* -Werror */
    bool quiet;           /* -q: warnings and the closing line are not printed */
    WarningState *states; /* by Code, NCODES of them */
    struct Seen *seen;    /* what was reported: a hash table */
    size_t nseen, seen_room;
} Diags;

Diags *diags_new(Arena *arena, Sources *sources);

/* Reports; the message is formatted at once. Returns the entry to hang notes and fixes on; never
 * NULL (a dropped one is a scratch entry that is not printed). A warning that is off likewise.
 * Dropped is an error at a span that has an error, and a warning reported there before. SPAN_NONE
 * is no such place. */
Diag *diag_report(Diags *diags, Code code, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diag_label(Diags *diags, Diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_note(Diags *diags, Diag *diag, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diag_help(Diags *diags, Diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A fix of one edit. */
void diag_fix(Diags *diags, Diag *diag, bool certain, Span span, const char *text,
              const char *format, ...) __attribute__((format(printf, 6, 7)));

/* "-W" options: name, no-name, all, no-all, error, no-error, error=name, no-error=name. False: no
 * such warning. The last word about a warning counts. */
bool diags_option(Diags *diags, const char *option);

/* How many errors there are but for promoted warnings: after such a one nothing is in doubt. */
uint32_t diags_mistakes(const Diags *diags);

/* Would a warning be reported? To save the search for it. */
bool diags_enabled(const Diags *diags, Code code);

typedef enum DiagFormat { DIAG_TEXT, DIAG_JSON, DIAG_SARIF } DiagFormat;

/* Prints all, sorted by file and place; text ends with a line that counts them. */
void diags_print(const Diags *diags, DiagFormat format, bool color, FILE *out);

/* The explanation of a code with its examples ("E0301" or a warning's name); false: unknown. */
bool diag_explain(const char *code, FILE *out);

/* "E0301", "W0101"; a warning's name ("unused-input") or NULL. Static. */
const char *code_name(Code code);
const char *code_warning(Code code);

/* A row of errors.def. */
typedef struct CodeRow {
    const char *code;
    const char *warning; /* name for -W; NULL: an error */
    bool on;             /* a warning that is on by default */
    const char *title, *explanation;
    const char *bad, *good; /* NULL: none can be shown */
} CodeRow;
const CodeRow *code_row(Code code);

#endif
