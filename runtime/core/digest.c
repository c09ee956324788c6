/*
 * digest.c - fingerprints by XXH3-128.
 */
#include "core/digest.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* A Digester is an XXH3 state, which must not show in the header. */
Digester *digester_new(void) {
    XXH3_state_t *state = XXH3_createState();
    if (state != NULL)
        XXH3_128bits_reset(state);
    return (Digester *)state;
}

static XXH3_state_t *state_of(Digester *digester) {
    return (XXH3_state_t *)digester;
}

void digester_free(Digester *digester) {
    XXH3_freeState(state_of(digester));
}

void digester_reset(Digester *digester) {
    XXH3_128bits_reset(state_of(digester));
}

static Digest canonical(XXH128_hash_t hash) {
    XXH128_canonical_t form;
    XXH128_canonicalFromHash(&form, hash);
    Digest digest;
    memcpy(digest.bytes, form.digest, sizeof digest.bytes);
    return digest;
}

Digest digester_result(const Digester *digester) {
    return canonical(XXH3_128bits_digest((const XXH3_state_t *)digester));
}

uint64_t digest_chain(uint64_t before, const void *bytes, size_t n) {
    return XXH3_64bits_withSeed(bytes, n, before);
}

Digest digest_of(const void *bytes, size_t n) {
    return canonical(XXH3_128bits(bytes, n));
}

void digest_bytes(Digester *digester, const void *bytes, size_t n) {
    XXH3_128bits_update(state_of(digester), bytes, n);
}

void digest_number(Digester *digester, uint64_t number) {
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
    digest_bytes(digester, bytes, sizeof bytes);
}

void digest_text(Digester *digester, const char *text, size_t n) {
    digest_number(digester, n);
    digest_bytes(digester, text, n);
}

static void digest_list(Digester *digester, dag_value list) {
    for (uint32_t i = 0; i < list.len; i++)
        digest_value(digester, list.u.items[i]);
}

static void digest_map(Digester *digester, dag_value map) {
    for (uint32_t i = 0; i < map.len; i++) {
        digest_value(digester, map.u.entries[i].name);
        digest_value(digester, map.u.entries[i].value);
    }
}

void digest_value(Digester *digester, dag_value value) {
    digest_number(digester, (uint64_t)value.kind << 32 | value.len);
    switch ((dag_kind)value.kind) {
    case DAG_BOOL: digest_number(digester, value.u.b); break;
    case DAG_INT:
    case DAG_DURATION:
    case DAG_SIZE: digest_number(digester, (uint64_t)value.u.i); break;
    case DAG_FLOAT: digest_bytes(digester, &value.u.f, sizeof value.u.f); break;
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET: digest_bytes(digester, value.u.text, value.len); break;
    case DAG_LIST: digest_list(digester, value); break;
    case DAG_MAP: digest_map(digester, value); break;
    case DAG_NULL:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: break;
    }
}

void digest_hex(Digest digest, char text[DIGEST_TEXT]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof digest.bytes; i++) {
        text[2 * i] = digits[digest.bytes[i] >> 4];
        text[2 * i + 1] = digits[digest.bytes[i] & 15];
    }
    text[DIGEST_TEXT - 1] = '\0';
}

bool digest_equal(Digest a, Digest b) {
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}
