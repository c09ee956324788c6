/*
 * digest.h - 128-bit fingerprints of what decides a result: definitions, values, files.
 *
 * XXH3-128 (libxxhash), over a canonical, length-prefixed stream of bytes: the same meaning gives
 * the same digest, whatever the layout of the source was. Not meant against an attacker.
 */
#ifndef DAG_CORE_DIGEST_H
#define DAG_CORE_DIGEST_H

#include "dag.h"

typedef struct Digest {
    unsigned char bytes[16];
} Digest;

enum { DIGEST_TEXT = 33 }; /* hexadecimal, with the NUL */

/* A digest in the making. One owner. */
typedef struct Digester Digester;
Digester *digester_new(void); /* NULL without memory */
void digester_free(Digester *digester);
void digester_reset(Digester *digester);
Digest digester_result(const Digester *digester);

void digest_bytes(Digester *digester, const void *bytes, size_t n); /* as they are */
void digest_number(Digester *digester, uint64_t number);
void digest_text(Digester *digester, const char *text, size_t n); /* with its length */
void digest_value(Digester *digester, dag_value value);           /* paths by their text */

/* A short digest of some bytes and of what came before them: `before` is 0, or the last answer. */
uint64_t digest_chain(uint64_t before, const void *bytes, size_t n);

/* As of a digester that was given these bytes. */
Digest digest_of(const void *bytes, size_t n);

void digest_hex(Digest digest, char text[DIGEST_TEXT]);
bool digest_equal(Digest a, Digest b);

#endif
