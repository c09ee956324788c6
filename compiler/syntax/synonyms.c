/*
 * synonyms.c - looks words up in synonyms.def; only ever called for a mistake.
 */
#include "syntax/synonyms.h"

#include <stddef.h>
#include <string.h>

static const struct {
    SynonymKind kind;
    const char *theirs, *ours;
} synonyms[] = {
#define SYNONYM(kind, theirs, ours) { SYNONYM_##kind, theirs, ours },
#define ADVICE(kind, theirs, sentence)
#include "syntax/synonyms.def"
#undef ADVICE
#undef SYNONYM
};

static const struct {
    SynonymKind kind;
    const char *theirs, *sentence;
} advices[] = {
#define SYNONYM(kind, theirs, ours)
#define ADVICE(kind, theirs, sentence) { SYNONYM_##kind, theirs, sentence },
#include "syntax/synonyms.def"
#undef ADVICE
#undef SYNONYM
};

const char *synonym_of(SynonymKind kind, const char *theirs, unsigned which) {
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
        if (synonyms[i].kind == kind && strcmp(synonyms[i].theirs, theirs) == 0 && which-- == 0) {
            return synonyms[i].ours;
        }
    }
    return NULL;
}

const char *synonym_advice(SynonymKind kind, const char *theirs) {
    for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
        if (advices[i].kind == kind && strcmp(advices[i].theirs, theirs) == 0) {
            return advices[i].sentence;
        }
    }
    return NULL;
}
