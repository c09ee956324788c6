/*
 * arena.h - memory that is given back all at once.
 *
 * One arena per compilation, per task attempt, per loaded program. Not thread-safe: one owner.
 */
#ifndef DAG_PURE_ARENA_H
#define DAG_PURE_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct ArenaChunk ArenaChunk;

/* All zero is an empty arena. Without memory, arena_alloc jumps to `oom` if it is set (the owner
 * then frees the arena and reports), else it aborts. */
typedef struct Arena {
    ArenaChunk *chunks;
    char *next, *end;
    jmp_buf *oom;
    size_t used;  /* bytes handed out */
    size_t held;  /* bytes of its chunks */
    size_t limit; /* of held: past it memory counts as missing; 0: no bound */
    bool clean;   /* what is still to be handed out of the chunk that `next` is in is zero */
    /* For an arena that may grow very large: chunks grow up to `chunk` bytes (0: 64 KiB), but to no
     * more than an eighth of what is held, or what it lacks of `expected`; those past 64 KiB
     * come from `large`, if it is set: at least *n zeroed bytes for free(), *n how many; or NULL. */
    size_t chunk, expected;
    void *(*large)(void *maker, size_t *n);
    void *maker;
} Arena;

/* n bytes, zeroed, aligned for any type of up to eight bytes and what is made of those (all but long
 * double and vectors); n may be 0. Never NULL. */
void *arena_alloc(Arena *arena, size_t n);

/* The same, not zeroed: for text that is written at once. */
void *arena_raw(Arena *arena, size_t n);

/* At least n further bytes will be asked for: an arena with `chunk` takes them in large chunks. */
void arena_expect(Arena *arena, size_t n);

/* The bytes that a block of n takes of an arena's memory. */
size_t arena_room(size_t n);

/* The block at `p`, of `old` bytes handed out by this arena, with room for n bytes: longer where it
 * stands, if it was handed out last, else a copy. The new bytes are not zeroed. */
void *arena_grow(Arena *arena, void *p, size_t old, size_t n);

/* The same for who does not look at `p` any more: a large block need not be copied. */
void *arena_move(Arena *arena, void *p, size_t old, size_t n);

/* count * size bytes as by arena_alloc; an overflow counts as out of memory. */
void *arena_array(Arena *arena, size_t count, size_t size);

/* A copy of n bytes of text with a NUL behind. */
char *arena_text(Arena *arena, const char *text, size_t n);
char *arena_printf(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(Arena *arena, const char *format, va_list args);

/* Moves all memory of `from` to `to`; `from` is empty then. */
void arena_adopt(Arena *to, Arena *from);

/* Gives back everything but the first chunk (and that too if it is a large one); what was handed
 * out is gone. */
void arena_reset(Arena *arena);
void arena_free(Arena *arena);

#define ARENA_NEW(arena, type) ((type *)arena_alloc(arena, sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array(arena, count, sizeof(type)))

#endif
