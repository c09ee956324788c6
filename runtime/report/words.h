/*
 * words.h - durations, times and sizes for people.
 */
#ifndef DAG_REPORT_WORDS_H
#define DAG_REPORT_WORDS_H

#include <stdint.h>

#include "pure/arena.h"

/* "1.2s", "3m05s", "2h10m" of ns. */
const char *duration_text(Arena *arena, int64_t ns);

/* "2026-01-02 03:04:05", local time, of ns since 1970; "-" for 0. */
const char *time_text(Arena *arena, int64_t ns);

/* "312B", "4.1MB", decimal. */
const char *bytes_text(Arena *arena, int64_t bytes);

#endif
