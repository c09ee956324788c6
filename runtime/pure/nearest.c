/*
 * nearest.c - "did you mean": the name that is nearest to a misspelt one.
 */
#include <stdbool.h>
#include <string.h>

#include "pure/nearest.h"

enum { MAX_WORD = 64 }; /* longer words are not compared */

static size_t min3(size_t a, size_t b, size_t c) {
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
 * (G. Navarro, A guided tour to approximate string matching, 2001, §3.1.) Case is ignored. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb) {
    size_t rows[3][MAX_WORD + 1];
    for (size_t j = 0; j <= nb; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= na; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]) && above2[j - 2] + 1 < row[j]) {
                row[j] = above2[j - 2] + 1;
            }
        }
    }
    return rows[na % 3][nb];
}

Nearest nearest_to(const char *word) {
    size_t n = strlen(word);
    size_t limit = n < 3 ? 1 : n / 3;
    return (Nearest){ .word = word, .distance = limit + 1 };
}

void nearest_offer(Nearest *nearest, const char *candidate) {
    size_t n = strlen(nearest->word), m = strlen(candidate);
    size_t apart = n > m ? n - m : m - n;
    if (n > MAX_WORD || m > MAX_WORD || apart >= nearest->distance ||
        strcmp(nearest->word, candidate) == 0) {
        return;
    }
    size_t d = distance(nearest->word, n, candidate, m);
    if (d == 0) {
        d = 1; /* case alone */
    }
    /* They must have something in common: `x` is not near `y`. */
    if (d < nearest->distance && d < n && d < m) {
        nearest->distance = d;
        nearest->best = candidate;
    }
}
