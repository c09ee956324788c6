/*
 * words.c - see words.h.
 */
#include "report/words.h"

#include <string.h>
#include <time.h>

const char *duration_text(Arena *arena, int64_t ns) {
    double seconds = (double)ns / 1e9;
    if (seconds < 0.9995)
        return arena_printf(arena, "%.0fms", seconds * 1e3);
    if (seconds < 59.95)
        return arena_printf(arena, "%.1fs", seconds);
    long whole = (long)(seconds + 0.5);
    if (whole < 3600)
        return arena_printf(arena, "%ldm%02lds", whole / 60, whole % 60);
    return arena_printf(arena, "%ldh%02ldm", whole / 3600, whole / 60 % 60);
}

const char *time_text(Arena *arena, int64_t ns) {
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm parts;
    char text[32];
    if (ns == 0 || localtime_r(&seconds, &parts) == NULL)
        return "-";
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    return arena_text(arena, text, strlen(text));
}

const char *bytes_text(Arena *arena, int64_t bytes) {
    static const char *const units[] = { "B", "KB", "MB", "GB", "TB", "PB" };
    double amount = (double)bytes;
    size_t unit = 0;
    for (; amount >= 999.5 && unit + 1 < sizeof units / sizeof *units; unit++)
        amount /= 1000;
    return arena_printf(arena, "%.3g%s", amount, units[unit]);
}
