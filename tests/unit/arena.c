/*
 * arena.c - alignment, zeroing, growth, adoption, reset, and what happens without memory.
 */
#include <CUnit/CUnit.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pure/arena.h"
#include "pure/text.h"
#include "suites.h"

static void gives_aligned_zeroed_memory(void) {
    Arena arena = { 0 };
    for (size_t n = 0; n < 3000; n += 7) {
        unsigned char *p = arena_alloc(&arena, n);
        CU_ASSERT_EQUAL((uintptr_t)p % 8, 0);
        for (size_t i = 0; i < n; i++) {
            CU_ASSERT_EQUAL_FATAL(p[i], 0);
        }
        memset(p, 0xFF, n);
    }
    arena_reset(&arena);
    unsigned char *again = arena_alloc(&arena, 100);
    CU_ASSERT_EQUAL(again[0] | again[99], 0);
    arena_free(&arena);
}

static size_t told, ntold; /* by tell */

static void *tell(void *maker, size_t *n) {
    CU_ASSERT_PTR_NULL(maker);
    *n += 8; /* may be more */
    told += *n;
    ntold++;
    return calloc(1, *n);
}

static void tells_of_large_chunks(void) {
    Arena arena = { .chunk = 1024 * 1024, .large = tell };
    for (int i = 0; i < 100000; i++) {
        unsigned char *p = arena_alloc(&arena, 100);
        CU_ASSERT_FATAL(p[0] == 0 && p[99] == 0);
    }
    CU_ASSERT(told > arena.held / 2 && told <= arena.held);
    CU_ASSERT(ntold > 8 && ntold < 40);
    CU_ASSERT(arena.held - arena.used < arena.used / 4);
    arena_free(&arena);
    CU_ASSERT_PTR_EQUAL(arena.large, tell);
}

static void takes_what_is_expected_at_once(void) {
    Arena arena = { .chunk = 1024 * 1024, .large = tell };
    told = ntold = 0;
    arena_alloc(&arena, 10);
    arena_expect(&arena, 3 * 1024 * 1024);
    CU_ASSERT_EQUAL(ntold, 0); /* nothing is taken before it is asked for */
    for (int i = 0; i < 30000; i++) {
        arena_alloc(&arena, 100);
    }
    CU_ASSERT(ntold <= 5);
    CU_ASSERT(arena.held <= 4 * 1024 * 1024);
    arena_free(&arena);
    CU_ASSERT_EQUAL(arena.expected, 0);
}

static void blocks_are_apart(void) {
    Arena arena = { 0 };
    char *blocks[200];
    for (int i = 0; i < 200; i++) {
        blocks[i] = arena_raw(&arena, (size_t)i * 5 + 1);
        memset(blocks[i], i, (size_t)i * 5 + 1);
    }
    for (int i = 0; i < 200; i++) {
        CU_ASSERT_EQUAL(blocks[i][0], (char)i);
        CU_ASSERT_EQUAL(blocks[i][i * 5], (char)i);
    }
    arena_free(&arena);
}

static void is_small_when_little_is_asked(void) {
    Arena arena = { 0 };
    arena_alloc(&arena, 10);
    CU_ASSERT(arena.held <= 1024);
    CU_ASSERT_EQUAL(arena.used, 16);
    arena_alloc(&arena, 1 << 20);
    CU_ASSERT(arena.held < (1 << 20) + 2048);
    void *small = arena_alloc(&arena, 10); /* the large one has not taken the first chunk's place */
    CU_ASSERT(arena.held < (1 << 20) + 2048);
    CU_ASSERT_PTR_NOT_NULL(small);
    arena_free(&arena);
    CU_ASSERT_EQUAL(arena.held, 0);
}

static void reset_keeps_the_first_chunk(void) {
    Arena arena = { 0 };
    void *first = arena_alloc(&arena, 10);
    for (int i = 0; i < 1000; i++) {
        arena_alloc(&arena, 500);
    }
    arena_reset(&arena);
    CU_ASSERT(arena.held <= 1024);
    CU_ASSERT_EQUAL(arena.used, 0);
    CU_ASSERT_PTR_EQUAL(arena_alloc(&arena, 10), first);
    arena_free(&arena);
    arena_alloc(&arena, 1 << 20);
    arena_reset(&arena); /* a large first one is not kept */
    CU_ASSERT_EQUAL(arena.held, 0);
    arena_free(&arena);
}

static void grows_blocks(void) {
    Arena arena = { 0 };
    TextBuffer text = { .arena = &arena };
    for (int i = 0; i < 10000; i++) {
        buffer_char(&text, (char)('a' + i % 26));
        if (i % 1000 == 0) {
            arena_alloc(&arena, 1); /* now it must move */
        }
    }
    for (int i = 0; i < 10000; i++) {
        CU_ASSERT_EQUAL_FATAL(text.text[i], (char)('a' + i % 26));
    }
    arena_free(&arena);
}

/* Far beyond the size of chunks, between other blocks, within a limit. */
static void moves_large_blocks(void) {
    enum { NUMBERS = 1 << 18 };
    Arena arena = { .limit = (size_t)8 << 20 };
    TextBuffer text = { .arena = &arena };
    for (int i = 0; i < NUMBERS; i++) {
        buffer_add(&text, (const char *)&i, sizeof i);
        if (i % 50000 == 0) {
            CU_ASSERT_EQUAL(*(char *)arena_alloc(&arena, 100), 0);
        }
    }
    for (int i = 0; i < NUMBERS; i++) {
        CU_ASSERT_EQUAL_FATAL(memcmp(text.text + (size_t)i * sizeof i, &i, sizeof i), 0);
    }
    CU_ASSERT_TRUE(arena.held >= NUMBERS * sizeof(int) && arena.held <= arena.limit);
    arena_free(&arena);
    CU_ASSERT_EQUAL(arena.held, 0);
}

static void copies_and_prints(void) {
    Arena arena = { 0 };
    CU_ASSERT_STRING_EQUAL(arena_text(&arena, "abcdef", 3), "abc");
    CU_ASSERT_STRING_EQUAL(arena_text(&arena, NULL, 0), "");
    CU_ASSERT_STRING_EQUAL(arena_printf(&arena, "%s-%d", "x", 42), "x-42");
    CU_ASSERT_EQUAL(strlen(arena_printf(&arena, "%5000d", 1)), 5000);
    arena_free(&arena);
}

static void adopts_another(void) {
    Arena a = { 0 }, b = { 0 }, empty = { 0 };
    char *in_a = arena_text(&a, "a", 1), *in_b = arena_text(&b, "b", 1);
    char *large = arena_text(&b, "large", 5);
    arena_alloc(&b, 100000);
    arena_adopt(&a, &b);
    CU_ASSERT_EQUAL(b.held, 0);
    arena_adopt(&a, &empty);
    arena_adopt(&empty, &a);
    CU_ASSERT_STRING_EQUAL(in_a, "a");
    CU_ASSERT_STRING_EQUAL(in_b, "b");
    CU_ASSERT_STRING_EQUAL(large, "large");
    CU_ASSERT_EQUAL(a.held, 0);
    arena_text(&empty, "more", 4);
    arena_free(&empty);
    arena_free(&a);
    arena_free(&b);
}

/* Allocates until the limit; returns what was handed out by then. */
static size_t fill(Arena *arena) {
    jmp_buf oom;
    arena->oom = &oom;
    if (setjmp(oom) == 0) {
        for (;;) {
            arena_alloc(arena, 100);
        }
    }
    arena->oom = NULL;
    return arena->used;
}

static bool refuses(size_t count, size_t size) {
    Arena arena = { 0 };
    jmp_buf oom;
    arena.oom = &oom;
    if (setjmp(oom) != 0) {
        arena_free(&arena);
        return true;
    }
    arena_array(&arena, count, size);
    arena_free(&arena);
    return false;
}

static void jumps_without_memory(void) {
    Arena arena = { .limit = 10000 };
    size_t used = fill(&arena);
    CU_ASSERT(used > 1000);
    CU_ASSERT(arena.held <= 10000);
    arena_reset(&arena);
    CU_ASSERT_EQUAL(fill(&arena), used);
    arena_free(&arena);
    CU_ASSERT_TRUE(refuses(SIZE_MAX / 2, 3));
    CU_ASSERT_TRUE(refuses(SIZE_MAX, 1));
    CU_ASSERT_FALSE(refuses(0, 8));
}

void suite_arena(void) {
    CU_pSuite suite = CU_add_suite("arena", NULL, NULL);
    CU_add_test(suite, "gives aligned, zeroed memory", gives_aligned_zeroed_memory);
    CU_add_test(suite, "tells of large chunks", tells_of_large_chunks);
    CU_add_test(suite, "takes what is expected at once", takes_what_is_expected_at_once);
    CU_add_test(suite, "blocks are apart", blocks_are_apart);
    CU_add_test(suite, "is small when little is asked", is_small_when_little_is_asked);
    CU_add_test(suite, "reset keeps the first chunk", reset_keeps_the_first_chunk);
    CU_add_test(suite, "grows blocks", grows_blocks);
    CU_add_test(suite, "moves large blocks", moves_large_blocks);
    CU_add_test(suite, "copies and prints", copies_and_prints);
    CU_add_test(suite, "adopts another", adopts_another);
    CU_add_test(suite, "jumps without memory", jumps_without_memory);
}
