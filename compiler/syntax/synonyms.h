/*
 * synonyms.h - the words of other tools and languages, and what they are called here
 * (synonyms.def). In goes a word that means nothing here, out comes ours.
 */
#ifndef DAGCC_SYNONYMS_H
#define DAGCC_SYNONYMS_H

typedef enum SynonymKind { SYNONYM_TYPE, SYNONYM_PIPE, SYNONYM_ITEM } SynonymKind;

/* Our name number `which` (from 0) for a word that another language has, or NULL. Static. */
const char *synonym_of(SynonymKind kind, const char *theirs, unsigned which);

/* A sentence for a word in whose place no single word can stand, or NULL. Static. */
const char *synonym_advice(SynonymKind kind, const char *theirs);

#endif
