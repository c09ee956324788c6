/*
 * attr_words.c - what attributes.def says of each attribute.
 */
#include "check/names/names.h"

enum { STAGE = ATTR_OF_STAGE, PIPELINE = ATTR_OF_PIPELINE, BOTH = ATTR_OF_BOTH };

typedef struct AttrRow {
    const char *word;
    AttrScope scope;
} AttrRow;

static const AttrRow rows[NATTRS] = {
#define ATTR(kind, word, form, scope, doc) [kind] = { word, (AttrScope)scope },
#include "syntax/attributes.def"
#undef ATTR
};

AttrScope attr_scope(AttrKind kind) {
    return rows[kind].scope;
}

const char *attr_word(AttrKind kind) {
    return rows[kind].word;
}
