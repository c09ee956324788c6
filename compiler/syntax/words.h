/*
 * words.h - the keywords: which token a word is where it is no name, and where its item may stand.
 */
#ifndef DAGCC_WORDS_H
#define DAGCC_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Where an item may stand. */
enum { PLACE_TOP = 1, PLACE_PIPELINE = 2, PLACE_STAGE = 4 };

typedef enum WordKind {
    WORD_ITEM,     /* begins an item */
    WORD_PART,     /* belongs to an item */
    WORD_SUFFIX,   /* ends a part of an item: may stand before an arrow that begins a hop */
    WORD_CONDITION /* in conditions, behind an operand (`not`: before) */
} WordKind;

typedef struct Word {
    const char *text;
    int token;
    WordKind kind;
    unsigned places; /* of items */
    int number;      /* AttrKind, dag_compare */
} Word;

/* The keywords by number; NULL behind the last. */
const Word *word_row(unsigned number);

/* Numbers of rows + 1, by hash. Each lexer fills one: there are no mutable globals. */
#define WORD_SLOTS 512u
typedef struct WordTable {
    uint8_t slots[WORD_SLOTS];
    uint32_t lengths[256]; /* by first byte: a bit for each length. Most names are told by that */
} WordTable;

void word_table_fill(WordTable *table);

/* The row of a word, or NULL. */
const Word *word_find(const WordTable *table, const char *text, size_t n);

#endif
