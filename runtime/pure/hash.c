/*
 * hash.c - a hash of values that agrees with value_equal.
 */
#include "pure/hash.h"
#include "pure/number.h"

#include <string.h>

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t h) {
    h ^= h >> 30;
    h *= 0xBF58476D1CE4E5B9u;
    h ^= h >> 27;
    h *= 0x94D049BB133111EBu;
    return h ^ h >> 31;
}

static uint64_t hash_text(const char *text, size_t n) {
    uint64_t h = n, word = 0;
    for (; n >= sizeof word; n -= sizeof word, text += sizeof word) {
        memcpy(&word, text, sizeof word);
        h = mix(h ^ word);
    }
    word = 0;
    memcpy(&word, text, n);
    return mix(h ^ word);
}

static uint64_t hash_float(double f) {
    int64_t i;
    uint64_t bits;
    if (float_to_int(f, &i) && (double)i == f) {
        return mix((uint64_t)i);
    }
    memcpy(&bits, &f, sizeof bits);
    return mix(~bits);
}

static uint64_t hash_list(dag_value v) {
    uint64_t h = v.len;
    for (uint32_t i = 0; i < v.len; i++) {
        h = mix(h ^ value_hash(v.u.items[i]));
    }
    return h;
}

/* Entries may stand in any order. */
static uint64_t hash_map(dag_value v) {
    uint64_t sum = v.len;
    for (uint32_t i = 0; i < v.len; i++) {
        sum += mix(value_hash(v.u.entries[i].name) ^ mix(value_hash(v.u.entries[i].value)));
    }
    return sum;
}

uint64_t value_hash(dag_value v) {
    switch ((dag_kind)v.kind) {
    case DAG_BOOL: return mix(v.u.b ? 3 : 5);
    case DAG_INT:
    case DAG_DURATION:
    case DAG_SIZE: return mix((uint64_t)v.u.i);
    case DAG_FLOAT: return hash_float(v.u.f);
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET: return hash_text(v.u.text, v.len);
    case DAG_LIST: return hash_list(v);
    case DAG_MAP: return hash_map(v);
    case DAG_NULL:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: return 0;
    }
    return 0;
}
