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
    { "import", TOK_IMPORT, WORD_ITEM, PLACE_TOP, 0 },
    { "type", TOK_TYPE, WORD_ITEM, PLACE_TOP, 0 },
    { "plugin", TOK_PLUGIN, WORD_ITEM, PLACE_TOP, 0 },
    { "pipeline", TOK_PIPELINE, WORD_ITEM, PLACE_TOP, 0 },
    { "stage", TOK_STAGE, WORD_ITEM, PIPELINE, 0 },
    { "input", TOK_INPUT, WORD_ITEM, PIPELINE, 0 },
    { "config", TOK_CONFIG, WORD_ITEM, PIPELINE, 0 },
    { "output", TOK_OUTPUT, WORD_ITEM, PIPELINE, 0 },
    { "in", TOK_IN, WORD_ITEM, STAGE, DAG_IN },
    { "out", TOK_OUT, WORD_ITEM, STAGE, 0 },
    { "run", TOK_RUN, WORD_ITEM, STAGE, 0 },
    { "exec", TOK_EXEC, WORD_ITEM, STAGE, 0 },
    { "script", TOK_SCRIPT, WORD_ITEM, STAGE, 0 },
    { "native", TOK_NATIVE, WORD_ITEM, STAGE, 0 },
    { "c", TOK_C, WORD_ITEM, STAGE, 0 },
    { "call", TOK_CALL, WORD_ITEM, STAGE, 0 },
    { "map", TOK_MAP, WORD_ITEM, STAGE, 0 },
#define ATTR(attr, word, form, scope, doc) { word, TOK_A_##form, WORD_ITEM, scope, attr },
#include "syntax/attributes.def"
#undef ATTR
    { "as", TOK_AS, WORD_PART, 0, 0 },
    { "link", TOK_LINK, WORD_PART, 0, 0 },
    { "pkg", TOK_PKG, WORD_PART, 0, 0 },
    { "include", TOK_INCLUDE, WORD_PART, 0, 0 },
    { "over", TOK_OVER, WORD_PART, 0, 0 },
    { "by", TOK_BY, WORD_PART, 0, 0 },
    { "on", TOK_ON, WORD_PART, 0, 0 },
    { "backoff", TOK_BACKOFF, WORD_PART, 0, 0 },
    { "grow", TOK_GROW, WORD_PART, 0, 0 },
    { "where", TOK_WHERE, WORD_PART, 0, 0 },
    { "order", TOK_ORDER, WORD_PART, 0, 0 },
    { "take", TOK_TAKE, WORD_PART, 0, 0 },
    { "desc", TOK_DESC, WORD_SUFFIX, 0, 0 },
    { "merge", TOK_MERGE, WORD_SUFFIX, 0, 0 },
    { "any", TOK_ANY, WORD_SUFFIX, 0, 0 },
    { "temp", TOK_TEMP, WORD_SUFFIX, 0, 0 },
    { "passthrough", TOK_PASSTHROUGH, WORD_SUFFIX, 0, 0 },
    { "and", TOK_AND, WORD_CONDITION, 0, 0 },
    { "or", TOK_OR, WORD_CONDITION, 0, 0 },
    { "not", TOK_NOT, WORD_CONDITION, 0, 0 },
    { "exists", TOK_EXISTS, WORD_CONDITION, 0, 0 },
    { "contains", TOK_COMPARE, WORD_CONDITION, 0, DAG_CONTAINS },
    { "matches", TOK_COMPARE, WORD_CONDITION, 0, DAG_MATCHES },
    { "starts_with", TOK_COMPARE, WORD_CONDITION, 0, DAG_STARTS_WITH },
    { "ends_with", TOK_COMPARE, WORD_CONDITION, 0, DAG_ENDS_WITH },
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
