/*
 * words.c - the table of keywords. Attributes come from attributes.def: the form is the token.
 */
#include "syntax/words.h"

#include <string.h>

#include "parser.h"
#include "syntax/lexer.h"

#define STAGE PLACE_STAGE
#define PIPELINE PLACE_PIPELINE
#define BOTH (PLACE_STAGE | PLACE_PIPELINE)

static const Word words[] = {
#define WORD(text, token, kind, places, number) { text, token, kind, places, number },
#include "syntax/words.def"
#undef WORD
#define ATTR(attr, word, form, scope, doc) { word, TOK_A_##form, WORD_ITEM, scope, attr },
#include "syntax/attributes.def"
#undef ATTR
    { NULL, 0, WORD_PART, 0, 0 },
};

const Word *word_row(unsigned number) {
    return words[number].text ? &words[number] : NULL;
}

/* FNV-1a */
static uint32_t hash(const char *text, size_t n) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ (unsigned char)text[i]) * 16777619u;
    }
    return h;
}

void word_table_fill(WordTable *table) {
    memset(table, 0, sizeof(*table));
    for (unsigned i = 0; words[i].text; i++) {
        size_t n = strlen(words[i].text);
        uint32_t slot = hash(words[i].text, n);
        table->lengths[(unsigned char)words[i].text[0]] |= 1u << n;
        while (table->slots[slot % WORD_SLOTS]) {
            slot++;
        }
        table->slots[slot % WORD_SLOTS] = (uint8_t)(i + 1);
    }
}

const Word *word_find(const WordTable *table, const char *text, size_t n) {
    if (n > 31 || !(table->lengths[(unsigned char)text[0]] >> n & 1)) {
        return NULL;
    }
    for (uint32_t slot = hash(text, n); table->slots[slot % WORD_SLOTS]; slot++) {
        const Word *word = &words[table->slots[slot % WORD_SLOTS] - 1];
        if (strncmp(word->text, text, n) == 0 && word->text[n] == '\0') {
            return word;
        }
    }
    return NULL;
}
