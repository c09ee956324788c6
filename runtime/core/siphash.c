/*
 * siphash.c - see siphash.h.
 */
#include "core/siphash.h"

typedef struct State {
    uint64_t v0, v1, v2, v3;
} State;

static uint64_t turn(uint64_t x, int bits) {
    return x << bits | x >> (64 - bits);
}

static void rounds(State *s, int n) {
    for (int i = 0; i < n; i++) {
        s->v0 += s->v1;
        s->v1 = turn(s->v1, 13) ^ s->v0;
        s->v0 = turn(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = turn(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = turn(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = turn(s->v1, 17) ^ s->v2;
        s->v2 = turn(s->v2, 32);
    }
}

static uint64_t read_word(const unsigned char *bytes, size_t n) {
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static void absorb(State *s, uint64_t word) {
    s->v3 ^= word;
    rounds(s, 2);
    s->v0 ^= word;
}

static void write_word(unsigned char *bytes, uint64_t word) {
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(word >> (8 * i));
}

static uint64_t finish(State *s) {
    rounds(s, 4);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

Digest siphash(const unsigned char key[SIPHASH_KEY], const void *bytes, size_t n) {
    const unsigned char *in = bytes;
    uint64_t k0 = read_word(key, 8), k1 = read_word(key + 8, 8);
    State s = { k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
                k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573) };
    size_t whole = n - n % 8;
    Digest digest;
    for (size_t i = 0; i < whole; i += 8)
        absorb(&s, read_word(in + i, 8));
    absorb(&s, read_word(in + whole, n % 8) | (uint64_t)n << 56);
    s.v2 ^= 0xee;
    write_word(digest.bytes, finish(&s));
    s.v1 ^= 0xdd;
    write_word(digest.bytes + 8, finish(&s));
    return digest;
}
