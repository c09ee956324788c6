/* The mistakes that are made in a text: one character or word at a time. */
#ifndef DAG_TESTS_MUTANTS_H
#define DAG_TESTS_MUTANTS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum Kind {
    DELETE_CHARACTER,
    DOUBLE_CHARACTER,
    SWAP_CHARACTERS,
    REPLACE_LETTER,
    DELETE_TWO, /* neighbours that are letters, digits or _ */
    REPLACE_TWO,
    DELETE_SIGN, /* one of {}()[]<>:"'=,.|?- */
    DOUBLE_SIGN,
    DELETE_WORD,
    DOUBLE_WORD,
    SWAP_WORDS,
    CHANGE_TYPE,
    RENAME_ENDPOINT, /* one letter of the end of an edge */
    DUPLICATE_EDGE,
    NKINDS
} Kind;

/* [at, end) of the text is replaced by `with`. */
typedef struct Mutant {
    Kind kind;
    size_t at, end;
    char with[256];
} Mutant;

extern const char *const kind_names[NKINDS];

/* A text whose characters are `code` or not: comments are left alone. */
typedef struct Text {
    const char *bytes;
    size_t n;
    const bool *comment; /* by byte */
} Text;

/* Calls `try` for every mutant of the text, in order. */
typedef void TryMutant(void *self, const Mutant *mutant);
void mutants_each(const Text *text, TryMutant *try, void *self);

#endif
