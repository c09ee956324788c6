/*
 * pattern_parse.c - from the syntax of pattern.h to the one that TRE is given.
 *
 * Grammar:  choice = branch { "|" branch }     branch = { piece }
 *           piece = atom [ "*" | "+" | "?" | "{" n [ "," [ m ] ] "}" ]
 *           atom = "(" choice ")" | "[" set "]" | "." | "^" | "$" | "\" escape | character
 *
 * Two things are kept from TRE 0.8: repetitions that would blow up its automaton, and empty
 * matches that hang on an assertion: of several ways to match nothing, `(^|$)` or `(^a*)?`, it only
 * tries the first.
 */
#include "pure/pattern_parse.h"
#include "pure/pattern.h"
#include "pure/pattern_set.h"
#include "pure/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_NESTING = 64,
    MAX_REPEAT = 255,     /* RE_DUP_MAX */
    MAX_POSITIONS = 1000, /* characters and sets, with repetitions written out */
};

typedef struct Parser {
    const char *start, *p, *end;
    PatternText *out;
    unsigned nesting;
    bool failed;
    char *message;
    size_t size;
} Parser;

/* What the translator must know about a part. */
typedef struct Part {
    size_t positions;
    bool empty;   /* may match nothing */
    bool asserts; /* has ^ $ \b in it */
} Part;

static Part choice(Parser *s);

/* ---------------------------------------------------------------- errors and output */

__attribute__((format(printf, 3, 4))) static Part fail(Parser *s, const char *place,
                                                       const char *format, ...) {
    if (!s->failed) {
        va_list args;
        va_start(args, format);
        int n = vsnprintf(s->message, s->size, format, args);
        va_end(args);
        size_t column = text_length(s->start, (size_t)(place - s->start)) + 1;
        if (n > 0 && (size_t)n < s->size) {
            snprintf(s->message + n, s->size - (size_t)n, " (character %zu)", column);
        }
    }
    s->failed = true;
    s->p = s->end;
    return (Part){ .empty = true };
}

static void emit(Parser *s, uint32_t c) {
    PatternText *out = s->out;
    if (out->n == out->size) {
        size_t size = out->size == 0 ? 64 : out->size * 2;
        wchar_t *text = realloc(out->text, size * sizeof *text);
        if (!text) {
            fail(s, s->p, "out of memory");
            return;
        }
        out->text = text;
        out->size = size;
    }
    out->text[out->n++] = (wchar_t)c;
}

static void emit_text(Parser *s, const char *text) {
    for (; *text; text++) {
        emit(s, (unsigned char)*text);
    }
}

static Part emit_literal(Parser *s, uint32_t c) {
    if (c < 0x80 && strchr(".[]()*+?{}|^$\\", (int)c)) {
        emit(s, '\\');
    }
    emit(s, c);
    return (Part){ .positions = 1 };
}

static void emit_range(Parser *s, uint32_t low, uint32_t high) {
    if (low <= high) {
        emit(s, low);
        emit(s, '-');
        emit(s, high);
    }
}

/* A set as a bracket. "]" can only stand first, "^" must not, and "-" is itself only at the end:
 * all three are taken out of the ranges. Everything else can be an end of a range. */
static Part emit_set(Parser *s, CharSet *set) {
    bool bracket = false, caret = false, dash = false;
    set_normalize(set);
    if (set->n == 1 && set->ranges[0].low == set->ranges[0].high) {
        return emit_literal(s, set->ranges[0].low);
    }
    for (size_t i = 0; i < set->n; i++) {
        CharRange *r = &set->ranges[i];
        bracket |= r->low <= ']' && ']' <= r->high;
        caret |= r->low <= '^' && '^' <= r->high;
        dash |= r->low == '-';
        r->low += r->low == '-';
    }
    emit_text(s, bracket ? "[]" : "[");
    size_t start = s->out->n;
    for (size_t i = 0; i < set->n; i++) {
        CharRange r = set->ranges[i];
        emit_range(s, r.low, r.high < ']' ? r.high : ']' - 1);
        emit_range(s, r.low > '^' ? r.low : '^' + 1, r.high);
    }
    bool only_both = caret && dash && !bracket && s->out->n == start;
    emit_text(s, only_both ? "-^" : caret && dash ? "^-^-" : caret ? "^-^" : dash ? "-" : "");
    emit(s, ']');
    return (Part){ .positions = 1 + set->n / 8 };
}

/* ---------------------------------------------------------------- escapes */

static bool at(const Parser *s, char c) {
    return s->p < s->end && *s->p == c;
}

static bool take(Parser *s, char c) {
    bool there = at(s, c);
    s->p += there;
    return there;
}

/* Reads hexadecimal digits: exactly two, or those in braces. 0: no character. */
static uint32_t hex_character(Parser *s, bool braces) {
    uint32_t c = 0;
    size_t digits = 0;
    for (; s->p < s->end && (braces ? digits < 6 : digits < 2); digits++, s->p++) {
        char folded = (char)(*s->p | 32);
        bool letter = folded >= 'a' && folded <= 'f';
        if (!letter && !(*s->p >= '0' && *s->p <= '9')) {
            break;
        }
        c = c * 16 + (uint32_t)(letter ? folded - 'a' + 10 : *s->p - '0');
    }
    bool closed = braces ? take(s, '}') : digits == 2;
    bool good = closed && c <= LAST_CHARACTER && (c < 0xD800 || c > 0xDFFF);
    return good ? c : 0;
}

/* The class that \d \w \s \D \W \S stand for, or NULL. */
static const char *escape_class(char c) {
    switch (c | 32) {
    case 'd': return "digit";
    case 'w': return "word";
    case 's': return "space";
    default: return NULL;
    }
}

static bool is_letter_or_digit(char c) {
    char letter = (char)(c | 32);
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9');
}

/* The character that an escape stands for; `escape` is its backslash, and s->p behind that. */
static uint32_t escaped_character(Parser *s, const char *escape) {
    static const char letters[] = "tnrfv", controls[] = "\t\n\r\f\v";
    if (s->p == s->end) {
        fail(s, escape, "a single \\ at the end");
        return 1;
    }
    const char *place = strchr(letters, *s->p);
    if (*s->p >= '1' && *s->p <= '9') {
        fail(s, escape, "back references such as \\%c are not supported", *s->p);
        return 1;
    }
    if (!is_letter_or_digit(*s->p)) {
        return text_decode(&s->p);
    }
    char letter = *s->p++;
    if (place) {
        return (unsigned char)controls[place - letters];
    }
    bool braces = (letter == 'x' || letter == 'u') && take(s, '{');
    uint32_t c = letter == 'x' || braces ? hex_character(s, braces) : 0;
    if (c == 0) {
        bool number = letter == 'x' || letter == 'u';
        fail(s, escape, number ? "\\%c is written \\x41 or \\x{1F600}" : "unknown escape \\%c",
             letter);
    }
    return c;
}

static Part escape(Parser *s) {
    const char *start = s->p++;
    const char *class = s->p < s->end ? escape_class(*s->p) : NULL;
    if (class) {
        CharSet set = { .n = 0 };
        bool inverted = *s->p < 'a';
        s->p++;
        set_add_class(&set, class, strlen(class), inverted);
        return emit_set(s, &set);
    }
    if (take(s, 'b')) {
        emit_text(s, "\\b");
        s->out->has_boundaries = true;
        return (Part){ .empty = true, .asserts = true };
    }
    return emit_literal(s, escaped_character(s, start));
}

/* ---------------------------------------------------------------- sets */

/* [:alpha:] inside a set; s->p is at its bracket. */
static bool named_class(Parser *s, CharSet *set) {
    const char *name = s->p + 2, *p = name;
    while (p < s->end && *p != ':' && *p != ']') {
        p++;
    }
    if (s->end - p < 2 || p[0] != ':' || p[1] != ']') {
        fail(s, s->p, "[: without :]");
        return false;
    }
    if (!set_add_class(set, name, (size_t)(p - name), false)) {
        size_t shown = text_offset(name, (size_t)(p - name), 20); /* characters */
        fail(s, s->p, "unknown class [:%.*s:]", (int)shown, name);
        return false;
    }
    s->p = p + 2;
    return true;
}

/* One character of a set, escapes resolved. */
static uint32_t set_character(Parser *s) {
    const char *start = s->p;
    if (take(s, '\\')) {
        return escaped_character(s, start);
    }
    return text_decode(&s->p);
}

/* A character, a range, or a class, into the set. */
static bool set_item(Parser *s, CharSet *set) {
    const char *start = s->p;
    bool two = s->end - s->p >= 2;
    if (two && s->p[0] == '[' && s->p[1] == ':') {
        return named_class(s, set);
    }
    if (two && s->p[0] == '[' && (s->p[1] == '.' || s->p[1] == '=')) {
        fail(s, start, "[%c…%c] is not supported", s->p[1], s->p[1]);
        return false;
    }
    const char *class = two && s->p[0] == '\\' ? escape_class(s->p[1]) : NULL;
    if (class) {
        s->p += 2;
        return set_add_class(set, class, strlen(class), start[1] < 'a');
    }
    uint32_t low = set_character(s), high = low;
    if (s->end - s->p >= 2 && s->p[0] == '-' && s->p[1] != ']') {
        s->p++;
        high = set_character(s);
    }
    if (low > high) {
        fail(s, start, "a range whose end comes before its start");
    }
    return !s->failed && set_add(set, low, high);
}

static Part bracket(Parser *s) {
    const char *start = s->p++;
    CharSet set = { .n = 0 };
    bool inverted = take(s, '^'), first = true;
    while (s->p < s->end && (first || !at(s, ']'))) {
        first = false;
        if (!set_item(s, &set)) {
            return fail(s, start, "too many ranges between [ and ]");
        }
    }
    if (!take(s, ']')) {
        return fail(s, start, "[ without ]");
    }
    if (inverted && !set_invert(&set)) {
        return fail(s, start, "too many ranges between [ and ]");
    }
    return set.n == 0 ? fail(s, start, "a set without a character") : emit_set(s, &set);
}

/* ---------------------------------------------------------------- pieces */

static Part group(Parser *s) {
    const char *start = s->p++;
    if (at(s, '?')) {
        return fail(s, start, "(?…) is not supported");
    }
    if (s->nesting == MAX_NESTING) {
        return fail(s, start, "groups nested too deep");
    }
    emit_text(s, s->out->has_groups ? "(?:" : "(");
    s->out->has_groups = true;
    s->nesting++;
    Part part = choice(s);
    s->nesting--;
    if (!take(s, ')')) {
        return fail(s, start, "( without )");
    }
    emit(s, ')');
    return part;
}

static Part assertion(Parser *s) {
    emit(s, (unsigned char)*s->p++);
    return (Part){ .empty = true, .asserts = true };
}

static Part atom(Parser *s) {
    switch (*s->p) {
    case '(': return group(s);
    case '[': return bracket(s);
    case '\\': return escape(s);
    case '^':
    case '$': return assertion(s);
    case '.':
        s->p++;
        emit(s, '.');
        return (Part){ .positions = 1 };
    case ')': return fail(s, s->p, ") without (");
    case '*':
    case '+':
    case '?':
    case '{': return fail(s, s->p, "nothing before %c that it could repeat", *s->p);
    default: return emit_literal(s, text_decode(&s->p));
    }
}

static int number(Parser *s) {
    int n = 0;
    const char *start = s->p;
    for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++) {
        n = n <= MAX_REPEAT ? n * 10 + (*s->p - '0') : n;
    }
    return s->p == start ? -1 : n;
}

/* Reads {n}, {n,}, {n,m}: max is -1 without an end. False with the error. */
static bool bounds(Parser *s, int *min, int *max) {
    const char *start = s->p++;
    *min = number(s);
    bool comma = take(s, ',');
    *max = comma ? number(s) : *min;
    if (!take(s, '}') || *min < 0) {
        fail(s, start, "a repetition is {2}, {2,} or {2,5}; the brace itself is \\{");
    } else if (*min > MAX_REPEAT || *max > MAX_REPEAT) {
        fail(s, start, "a repetition of more than %d", MAX_REPEAT);
    } else if (*max >= 0 && *min > *max) {
        fail(s, start, "a repetition whose end is less than its start");
    }
    return !s->failed;
}

/* What a part becomes when it is repeated: TRE writes bounded repetitions out. */
static Part repeated(Parser *s, const char *place, Part part, int min, int max) {
    size_t copies = (size_t)(max > min ? max : min < 1 ? 1 : min);
    if (part.empty && part.asserts) {
        return fail(s, place, "a repetition of ^, $ or \\b");
    }
    if (part.positions > MAX_POSITIONS / copies) {
        return fail(s, place, "the pattern is too large: %zu characters, %zu times", part.positions,
                    copies);
    }
    part.positions *= copies;
    part.empty |= min == 0;
    return part;
}

static bool at_repetition(const Parser *s) {
    return at(s, '*') || at(s, '+') || at(s, '?') || at(s, '{');
}

static Part piece(Parser *s) {
    Part part = atom(s);
    const char *place = s->p;
    int min = at(s, '+'), max = at(s, '?') ? 1 : -1;
    if (s->failed || !at_repetition(s)) {
        return part;
    }
    if (!at(s, '{')) {
        emit(s, (unsigned char)*s->p++);
    } else if (bounds(s, &min, &max)) {
        for (const char *p = place; p < s->p; p++) {
            emit(s, (unsigned char)*p);
        }
    }
    if (at_repetition(s)) {
        return fail(s, s->p, "a second repetition; lazy and possessive ones are not supported");
    }
    return s->failed ? part : repeated(s, place, part, min, max);
}

static Part branch(Parser *s) {
    Part all = { .empty = true };
    while (s->p < s->end && !at(s, '|') && !(at(s, ')') && s->nesting > 0)) {
        Part part = piece(s);
        all.positions += part.positions;
        all.empty &= part.empty;
        all.asserts |= part.asserts;
    }
    return all;
}

static Part choice(Parser *s) {
    Part all = { .positions = 0 };
    bool more = true;
    while (more) {
        const char *place = s->p;
        Part part = branch(s);
        if (all.empty && part.empty && (all.asserts || part.asserts)) {
            return fail(s, place, "^, $ or \\b in one of two alternatives that match nothing");
        }
        all.positions += part.positions;
        all.empty |= part.empty;
        all.asserts |= part.asserts;
        more = take(s, '|');
        if (more) {
            emit(s, '|');
        }
    }
    return all;
}

bool pattern_parse(const char *pattern, size_t n, PatternText *text, char *message, size_t size) {
    Parser s = { .start = pattern,
                 .p = pattern,
                 .end = pattern + n,
                 .out = text,
                 .message = message,
                 .size = size };
    *text = (PatternText){ .text = NULL };
    Part all = choice(&s);
    if (!s.failed && all.positions > MAX_POSITIONS) {
        fail(&s, s.start, "the pattern is too large: more than %d characters", MAX_POSITIONS);
    }
    return !s.failed;
}
