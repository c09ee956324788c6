/*
 * bits.c - sets of small numbers beside an array of flags: few members and many, while they grow.
 */
#include <CUnit/CUnit.h>
#include <string.h>

#include "core/bits.h"
#include "suites.h"

enum { MOST = 9000, STEPS = 30000 };

typedef struct Both {
    Bits bits;
    bool flags[MOST];
    uint32_t room;
} Both;

static uint32_t next_flag(const Both *both, uint32_t from) {
    while (from < both->room && !both->flags[from]) {
        from++;
    }
    return from < both->room ? from : UINT32_MAX;
}

static void compare(const Both *both, uint32_t at) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < both->room; i++) {
        count += both->flags[i];
    }
    CU_ASSERT_EQUAL_FATAL(both->bits.count, count);
    CU_ASSERT_EQUAL_FATAL(bits_has(&both->bits, at), both->flags[at]);
    CU_ASSERT_EQUAL_FATAL(bits_first(&both->bits), next_flag(both, 0));
    CU_ASSERT_EQUAL_FATAL(bits_next(&both->bits, at), next_flag(both, at));
    CU_ASSERT_EQUAL_FATAL(bits_next(&both->bits, at + 1), next_flag(both, at + 1));
}

static void add(Both *both, uint32_t first, uint32_t n) {
    bits_add_range(&both->bits, first, n);
    memset(both->flags + first, 1, n);
}

static void take(Both *both, uint32_t i) {
    bits_remove(&both->bits, i);
    both->flags[i] = false;
}

/* `shrinks`: of ten steps, so many remove: the set is nearly empty, or full. */
static void play(uint32_t room, uint32_t shrinks) {
    static Both both;
    uint32_t seed = room + shrinks;
    memset(&both, 0, sizeof both);
    both.room = room;
    CU_ASSERT_TRUE_FATAL(bits_reserve(&both.bits, room));
    for (uint32_t i = 0; i < STEPS / (1 + room / 64); i++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t at = (seed >> 8) % both.room;
        uint32_t most = both.room - at;
        uint32_t first = bits_first(&both.bits);
        if ((seed >> 24) % 10 < shrinks) {
            take(&both, first == UINT32_MAX || seed >> 31 ? at : first);
        } else {
            add(&both, at, seed % 7 == 0 && most > 70 ? 70 : 1);
        }
        if (i % 100 == 0 && both.room < MOST / 2) {
            both.room += both.room / 20;
            CU_ASSERT_TRUE_FATAL(bits_reserve(&both.bits, both.room));
        }
        compare(&both, at);
    }
    bits_free(&both.bits);
}

static void test_as_flags(void) {
    const uint32_t rooms[] = { 1, 40, 64, 65, 700, 4200 };
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        play(rooms[i], 3);
        play(rooms[i], 5);
        play(rooms[i], 9);
    }
}

void suite_bits(void) {
    CU_pSuite suite = CU_add_suite("bits", NULL, NULL);
    CU_add_test(suite, "as an array of flags", test_as_flags);
}
