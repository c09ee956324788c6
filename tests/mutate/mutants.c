/* The mistakes, enumerated: every place of the text, every kind that it may have there. */
#include "mutants.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *const kind_names[NKINDS] = {
    "delete a character", "double a character",  "swap two characters", "replace a letter",
    "delete two letters", "replace two letters", "delete a sign",       "double a sign",
    "delete a word",      "double a word",       "swap two words",      "change a type",
    "rename an endpoint", "duplicate an edge",
};

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static bool is_sign(char c) {
    return c && strchr("{}()[]<>:\"'=,.|?-", c) != NULL;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A word, or a run of signs, that begins at `at`: its end. */
static size_t piece_end(const Text *t, size_t at) {
    size_t end = at + 1;
    while (end < t->n && is_word(t->bytes[at]) && is_word(t->bytes[end])) {
        end++;
    }
    return end;
}

static void emit(TryMutant *try, void *self, Kind kind, size_t at, size_t end, const char *with,
                 size_t n) {
    Mutant mutant = { .kind = kind, .at = at, .end = end };
    if (n < sizeof mutant.with) {
        memcpy(mutant.with, with, n);
        try(self, &mutant);
    }
}

/* ---------------------------------------------------------------- characters */

/* The next letter, digit or the other case's is no misspelling that a person makes: x and q are. */
static char other_letter(char c) {
    return c == 'x' ? 'q' : 'x';
}

static void at_character(const Text *t, size_t i, TryMutant *try, void *self) {
    const char *p = t->bytes + i;
    char twice[2] = { *p, *p }, swapped[2] = { i + 1 < t->n ? p[1] : '\0', *p };
    if (is_sign(*p)) {
        emit(try, self, DELETE_SIGN, i, i + 1, "", 0);
        emit(try, self, DOUBLE_SIGN, i, i + 1, twice, 2);
    } else {
        emit(try, self, DELETE_CHARACTER, i, i + 1, "", 0);
        emit(try, self, DOUBLE_CHARACTER, i, i + 1, twice, 2);
    }
    if (i + 1 < t->n && p[0] != p[1] && p[1] != '\n' && p[1] != '\r' && !(p[1] & 0x80)) {
        emit(try, self, SWAP_CHARACTERS, i, i + 2, swapped, 2);
    }
    if (isalpha((unsigned char)*p)) {
        char x = other_letter(*p);
        emit(try, self, REPLACE_LETTER, i, i + 1, &x, 1);
    }
    if (i + 1 < t->n && is_word(p[0]) && is_word(p[1])) {
        char two[2] = { other_letter(p[0]), other_letter(p[1]) };
        emit(try, self, DELETE_TWO, i, i + 2, "", 0);
        emit(try, self, REPLACE_TWO, i, i + 2, two, 2);
    }
}

/* ---------------------------------------------------------------- words */

static bool begins_word(const Text *t, size_t i) {
    return is_word(t->bytes[i]) && (i == 0 || !is_word(t->bytes[i - 1]));
}

static bool is_type(const Text *t, size_t at, size_t n) {
    static const char *const types[] = { "bool", "int",  "float",    "string",
                                         "size", "file", "duration", "json" };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strlen(types[i]) == n && memcmp(t->bytes + at, types[i], n) == 0) {
            return true;
        }
    }
    return false;
}

/* Behind a colon or `<` and blanks. */
static bool is_type_place(const Text *t, size_t at) {
    while (at > 0 && t->bytes[at - 1] == ' ') {
        at--;
    }
    return at > 0 && (t->bytes[at - 1] == ':' || t->bytes[at - 1] == '<');
}

static void at_word(const Text *t, size_t i, TryMutant *try, void *self) {
    size_t end = piece_end(t, i), n = end - i;
    char buffer[256];
    if (2 * n + 1 >= sizeof buffer) {
        return;
    }
    emit(try, self, DELETE_WORD, i, end, "", 0);
    int len =
        snprintf(buffer, sizeof buffer, "%.*s %.*s", (int)n, t->bytes + i, (int)n, t->bytes + i);
    emit(try, self, DOUBLE_WORD, i, end, buffer, (size_t)len);
    size_t next = end;
    while (next < t->n && t->bytes[next] == ' ') {
        next++;
    }
    if (next > end && next < t->n && is_word(t->bytes[next])) {
        size_t last = piece_end(t, next);
        len = snprintf(buffer, sizeof buffer, "%.*s%.*s%.*s", (int)(last - next), t->bytes + next,
                       (int)(next - end), t->bytes + end, (int)n, t->bytes + i);
        emit(try, self, SWAP_WORDS, i, last, buffer, (size_t)len);
    }
    if (is_type(t, i, n) && is_type_place(t, i)) {
        const char *other = n == 3 ? "string" : "int";
        emit(try, self, CHANGE_TYPE, i, end, other, strlen(other));
    }
}

/* ---------------------------------------------------------------- edges */

/* Does the line [at, end) look like an edge? */
static bool is_edge(const char *line, size_t n) {
    size_t i = 0;
    while (i < n && line[i] == ' ') {
        i++;
    }
    while (i < n && (is_word(line[i]) || line[i] == '.')) {
        i++;
    }
    while (i < n && line[i] == ' ') {
        i++;
    }
    return i + 1 < n && (line[i] == '-' || line[i] == '=') && line[i + 1] == '>';
}

static void at_line(const Text *t, size_t at, TryMutant *try, void *self) {
    const char *end = memchr(t->bytes + at, '\n', t->n - at);
    size_t n = end ? (size_t)(end - t->bytes) + 1 - at : 0;
    char buffer[256];
    if (n == 0 || 2 * n >= sizeof buffer || !is_edge(t->bytes + at, n)) {
        return;
    }
    memcpy(buffer, t->bytes + at, n);
    memcpy(buffer + n, t->bytes + at, n);
    emit(try, self, DUPLICATE_EDGE, at, at + n, buffer, 2 * n);
    for (size_t i = at; i < at + n && !t->comment[i]; i++) {
        if (begins_word(t, i) && isalpha((unsigned char)t->bytes[i])) {
            size_t last = piece_end(t, i) - 1;
            emit(try, self, RENAME_ENDPOINT, last + 1, last + 1, "z", 1);
        }
    }
}

void mutants_each(const Text *t, TryMutant *try, void *self) {
    for (size_t i = 0; i < t->n; i++) {
        if (i == 0 || t->bytes[i - 1] == '\n') {
            at_line(t, i, try, self);
        }
        if (t->comment[i] || is_blank(t->bytes[i]) || (t->bytes[i] & 0x80)) {
            continue;
        }
        at_character(t, i, try, self);
        if (begins_word(t, i)) {
            at_word(t, i, try, self);
        }
    }
}
