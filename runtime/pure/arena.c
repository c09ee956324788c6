/*
 * arena.c - a list of chunks, the newest first; memory is cut from the one that `next` is in.
 *
 * The first chunk is small, so that an arena per tiny task is cheap; each further one is twice as
 * large, up to a bound (arena.h). What does not fit well gets a chunk of its own.
 */
#include "pure/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 8, FIRST_CHUNK = 1024, LARGEST_CHUNK = 64 * 1024 };
enum { MALLOC_HEAD = 32 }; /* at most; with it a large chunk is a power of two of pages */

struct ArenaChunk {
    ArenaChunk *older;
    size_t size; /* of data */
    _Alignas(ALIGN) char data[];
};

/* Under AddressSanitizer what is not handed out is poisoned, with a gap behind each block. */
#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifdef WATCHED
#include <sanitizer/asan_interface.h>
enum { GAP = ALIGN };
#define POISON(p, n) __asan_poison_memory_region(p, n)
#define UNPOISON(p, n) __asan_unpoison_memory_region(p, n)
#else
enum { GAP = 0 };
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
#endif

static _Noreturn void out_of_memory(Arena *arena) {
    if (arena->oom) {
        longjmp(*arena->oom, 1);
    }
    abort();
}

/* Does a chunk of that size begin as zeros? The system has zeroed the pages of large ones: what is
 * cut from them needs no zeroing. */
static bool is_clean(size_t size) {
    return size > LARGEST_CHUNK;
}

static ArenaChunk *chunk_new(Arena *arena, size_t size) {
    size_t bytes = sizeof(ArenaChunk) + size;
    bool allowed =
        arena->limit == 0 || (arena->held <= arena->limit && bytes <= arena->limit - arena->held);
    ArenaChunk *chunk = !allowed          ? NULL
                        : !is_clean(size) ? malloc(bytes)
                        : arena->large    ? arena->large(arena->maker, &bytes)
                                          : calloc(1, bytes);
    if (!chunk) {
        out_of_memory(arena);
    }
    chunk->older = NULL;
    chunk->size = bytes - sizeof(ArenaChunk);
    arena->held += bytes;
    return chunk;
}

static void chunk_free(Arena *arena, ArenaChunk *chunk) {
    UNPOISON(chunk->data, chunk->size);
    arena->held -= sizeof(ArenaChunk) + chunk->size;
    free(chunk);
}

/* Makes `chunk` the one to cut from. */
static void chunk_open(Arena *arena, ArenaChunk *chunk) {
    POISON(chunk->data, chunk->size);
    arena->next = chunk->data;
    arena->end = chunk->data + chunk->size;
    arena->clean = is_clean(chunk->size);
}

/* A block of n bytes (a multiple of ALIGN) in a chunk of its own. */
static void *own_chunk(Arena *arena, size_t n) {
    ArenaChunk *chunk = chunk_new(arena, n);
    chunk->older = arena->chunks;
    arena->chunks = chunk;
    return chunk->data;
}

/* Of the data of the next chunk. */
static size_t chunk_size(const Arena *arena) {
    size_t size = FIRST_CHUNK;
    while (size < arena->held && size * 2 <= LARGEST_CHUNK) {
        size *= 2;
    }
    size_t expected = arena->expected > arena->held ? arena->expected - arena->held : 0;
    while ((size < arena->held / 8 || size < expected) && size * 2 <= arena->chunk) {
        size *= 2;
    }
    return size - sizeof(ArenaChunk) - (is_clean(size) ? MALLOC_HEAD : 0);
}

static void *alloc_slow(Arena *arena, size_t n) {
    size_t size = chunk_size(arena);
    if (n + GAP > size || (arena->chunks && n > size / 4)) {
        return own_chunk(arena, n);
    }
    ArenaChunk *chunk = chunk_new(arena, size);
    chunk->older = arena->chunks;
    arena->chunks = chunk;
    chunk_open(arena, chunk);
    arena->next += n + GAP;
    return chunk->data;
}

void arena_expect(Arena *arena, size_t n) {
    arena->expected = arena->held + n;
}

size_t arena_room(size_t n) {
    return ((n + (n == 0) + ALIGN - 1) & ~(size_t)(ALIGN - 1)) + GAP;
}

void *arena_raw(Arena *arena, size_t n) {
    if (n > SIZE_MAX / 2) {
        out_of_memory(arena);
    }
    size_t rounded = (n + (n == 0) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    void *p = arena->next;
    if (rounded + GAP > (size_t)(arena->end - arena->next)) {
        p = alloc_slow(arena, rounded);
    } else {
        arena->next += rounded + GAP;
    }
    arena->used += rounded;
    UNPOISON(p, n);
    return p;
}

void *arena_alloc(Arena *arena, size_t n) {
    const ArenaChunk *before = arena->chunks;
    void *p = arena_raw(arena, n);
    bool clean = arena->chunks == before ? arena->clean : is_clean(arena->chunks->size);
    return clean ? p : memset(p, 0, n);
}

void *arena_array(Arena *arena, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) {
        out_of_memory(arena);
    }
    return arena_alloc(arena, count * size);
}

void *arena_grow(Arena *arena, void *p, size_t old, size_t n) {
    size_t rounded = (old + (old == 0) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    bool last = p && GAP == 0 && (char *)p + rounded == arena->next;
    if (last && n <= (size_t)(arena->end - (char *)p)) {
        size_t more = ((n + ALIGN - 1) & ~(size_t)(ALIGN - 1)) - rounded;
        arena->next += more;
        arena->used += more;
        return p;
    }
    void *copy = arena_raw(arena, n);
    if (old > 0) {
        memcpy(copy, p, old);
    }
    return copy;
}

/* A large block has a chunk of its own, which the system can make larger without copying it. */
void *arena_move(Arena *arena, void *p, size_t old, size_t n) {
    ArenaChunk *chunk = arena->chunks;
    bool own = chunk && p == chunk->data && arena->end != chunk->data + chunk->size;
    if (!own || GAP > 0 || !is_clean(chunk->size) || n < chunk->size || n > SIZE_MAX / 2) {
        return arena_grow(arena, p, old, n);
    }
    size_t size = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1), more = size - chunk->size;
    bool allowed =
        arena->limit == 0 || (arena->held <= arena->limit && more <= arena->limit - arena->held);
    chunk = allowed ? realloc(chunk, sizeof *chunk + size) : NULL;
    if (!chunk) {
        out_of_memory(arena);
    }
    chunk->size = size;
    arena->chunks = chunk;
    arena->held += more;
    arena->used += more;
    return chunk->data;
}

char *arena_text(Arena *arena, const char *text, size_t n) {
    char *copy = arena_raw(arena, n + 1);
    if (n > 0) {
        memcpy(copy, text, n);
    }
    copy[n] = '\0';
    return copy;
}

char *arena_vprintf(Arena *arena, const char *format, va_list args) {
    char brief[256]; /* as most are: formatted once */
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(brief, sizeof brief, format, again);
    va_end(again);
    if (n < 0) {
        out_of_memory(arena);
    }
    if ((size_t)n < sizeof brief) {
        return arena_text(arena, brief, (size_t)n);
    }
    char *text = arena_raw(arena, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, args);
    return text;
}

char *arena_printf(Arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

/* The same arena without memory. */
static Arena emptied(const Arena *arena) {
    return (Arena){ .oom = arena->oom,
                    .limit = arena->limit,
                    .chunk = arena->chunk,
                    .large = arena->large,
                    .maker = arena->maker };
}

void arena_adopt(Arena *to, Arena *from) {
    if (!to->chunks) {
        to->chunks = from->chunks;
        to->next = from->next;
        to->end = from->end;
        to->clean = from->clean;
    } else if (from->chunks) {
        ArenaChunk *oldest = from->chunks;
        while (oldest->older) {
            oldest = oldest->older;
        }
        oldest->older = to->chunks;
        to->chunks = from->chunks;
    }
    to->used += from->used;
    to->held += from->held;
    *from = emptied(from);
}

void arena_reset(Arena *arena) {
    ArenaChunk *chunk = arena->chunks;
    while (chunk && (chunk->older || chunk->size > LARGEST_CHUNK)) {
        ArenaChunk *older = chunk->older;
        chunk_free(arena, chunk);
        chunk = older;
    }
    arena->chunks = chunk;
    arena->next = arena->end = NULL;
    arena->used = arena->expected = 0;
    if (chunk) {
        chunk_open(arena, chunk);
    }
}

void arena_free(Arena *arena) {
    for (ArenaChunk *chunk = arena->chunks; chunk;) {
        ArenaChunk *older = chunk->older;
        chunk_free(arena, chunk);
        chunk = older;
    }
    *arena = emptied(arena);
}
