/*
 * siphash.h - a keyed digest: who does not have the key cannot find a text by trying texts.
 */
#ifndef DAG_CORE_SIPHASH_H
#define DAG_CORE_SIPHASH_H

#include "core/digest.h"

enum { SIPHASH_KEY = 16 }; /* bytes */

/* SipHash-2-4 with 128 bits of n bytes (J.-P. Aumasson, D. J. Bernstein: SipHash: a fast short-input
 * PRF, 2012, and the authors' reference code). */
Digest siphash(const unsigned char key[SIPHASH_KEY], const void *bytes, size_t n);

#endif
