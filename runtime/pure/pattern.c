/*
 * pattern.c - regular expressions, matched by TRE: breadth first, in linear time.
 *
 * TRE reads the text through a source that decodes UTF-8 as it goes, and counts its positions in
 * bytes: nothing is copied, and what it finds are offsets.
 */
#include "pure/pattern.h"
#include "pure/pattern_parse.h"
#include "pure/text.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <tre/tre.h>

struct Pattern {
    regex_t regex;
    bool has_groups;
    locale_t c_locale; /* 0: not needed */
};

/* ---------------------------------------------------------------- compiling */

static bool compile(Pattern *pattern, const PatternText *text, char *message, size_t size) {
    static const wchar_t nothing[] = L"";
    int status =
        tre_regwncomp(&pattern->regex, text->n > 0 ? text->text : nothing, text->n, REG_EXTENDED);
    pattern->has_groups = text->has_groups;
    if (status != 0) {
        const char *what = status == REG_ESPACE ? "out of memory" : "not understood";
        snprintf(message, size, "%s", what);
        return false;
    }
    if (text->has_boundaries) {
        pattern->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    }
    return true;
}

Pattern *pattern_new(const char *source, size_t n, char *message, size_t size) {
    PatternText text;
    Pattern *pattern = NULL;
    if (pattern_parse(source, n, &text, message, size)) {
        pattern = calloc(1, sizeof *pattern);
        if (!pattern) {
            snprintf(message, size, "out of memory");
        } else if (!compile(pattern, &text, message, size)) {
            free(pattern);
            pattern = NULL;
        }
    }
    free(text.text);
    return pattern;
}

void pattern_free(Pattern *pattern) {
    if (!pattern) {
        return;
    }
    tre_regfree(&pattern->regex);
    if (pattern->c_locale) {
        freelocale(pattern->c_locale);
    }
    free(pattern);
}

bool pattern_check(const char *source, size_t n, char *message, size_t size) {
    Pattern *pattern = pattern_new(source, n, message, size);
    pattern_free(pattern);
    return pattern != NULL;
}

/* ---------------------------------------------------------------- matching */

typedef struct Source {
    const char *p, *end;
} Source;

static int next_character(tre_char_t *c, unsigned int *size, void *context) {
    Source *source = context;
    if (source->p >= source->end) {
        *c = 0;
        *size = 1;
        return 1;
    }
    const char *start = source->p;
    *c = (unsigned char)*start < 0x80 ? (tre_char_t)*source->p++
                                      : (tre_char_t)text_decode(&source->p);
    *size = (unsigned int)(source->p - start);
    return 0;
}

static int match(const Pattern *pattern, const tre_str_source *source, regmatch_t *spans) {
    size_t n = !spans ? 0 : pattern->has_groups ? 2 : 1;
    if (!pattern->c_locale) {
        return tre_reguexec(&pattern->regex, source, n, spans, 0);
    }
    locale_t before = uselocale(pattern->c_locale);
    int status = tre_reguexec(&pattern->regex, source, n, spans, 0);
    uselocale(before);
    return status;
}

PatternResult pattern_find(const Pattern *pattern, const char *text, size_t n, PatternSpan *span) {
    Source from = { text, text + n };
    tre_str_source source = { .get_next_char = next_character, .context = &from };
    regmatch_t spans[2];
    if (n > INT_MAX - 8) {
        return PATTERN_NO_MEMORY; /* its offsets are ints */
    }
    int status = match(pattern, &source, span ? spans : NULL);
    if (status == REG_NOMATCH) {
        return PATTERN_NONE;
    }
    if (status != 0) {
        return PATTERN_NO_MEMORY;
    }
    if (span) {
        regmatch_t found = spans[pattern->has_groups];
        bool took_part = found.rm_so >= 0;
        span->start = took_part ? (size_t)found.rm_so : SIZE_MAX;
        span->end = took_part ? (size_t)found.rm_eo : 0;
    }
    return PATTERN_FOUND;
}
