/*
 * diag_print.c - what to print, in which order, and the helpers of the three printers.
 */
#include "base/diag_print.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

/* What has no place comes first. */
static uint32_t file_order(Span span) {
    return SPAN_IS_NONE(span) ? 0 : span.file + 1u;
}

static int diag_order(const void *a, const void *b) {
    const Diag *x = *(const Diag *const *)a, *y = *(const Diag *const *)b;
    if (x->span.file != y->span.file) {
        return file_order(x->span) < file_order(y->span) ? -1 : 1;
    }
    if (x->span.start != y->span.start) {
        return x->span.start < y->span.start ? -1 : 1;
    }
    return x->number < y->number ? -1 : 1;
}

Listing diags_listing(const Diags *diags) {
    uint32_t n = 0, nerrors = 0;
    const Diag **items = ARENA_ARRAY(diags->arena, diags->nerrors + diags->nwarnings, const Diag *);
    for (const Diag *d = diags->first; d; d = d->next) {
        if (d->severity == SEVERITY_ERROR || !diags->quiet) {
            items[n++] = d;
        }
    }
    qsort(items, n, sizeof *items, diag_order);
    Listing list = { .items = items };
    for (uint32_t i = 0; i < n; i++) {
        nerrors += items[i]->severity == SEVERITY_ERROR;
        if (diags->error_limit == 0 || nerrors <= diags->error_limit) {
            items[list.n++] = items[i];
        } else {
            list.nhidden += items[i]->severity == SEVERITY_ERROR;
        }
    }
    return list;
}

Region diag_region(const Diags *diags, Span span) {
    Source *source = diags->sources->items[span.file];
    return (Region){ .path = source->path,
                     .start = source_position(diags->arena, source, span.start),
                     .end = source_position(diags->arena, source, span.end) };
}

const char *severity_name(Severity severity) {
    switch (severity) {
    case SEVERITY_ERROR: return "error";
    case SEVERITY_WARNING: return "warning";
    case SEVERITY_NOTE: return "note";
    }
    return "note";
}

static void json_print_char(FILE *out, const char *text, size_t n) {
    unsigned char c = (unsigned char)text[0];
    if (c == '"' || c == '\\') {
        fprintf(out, "\\%c", c);
    } else if (c == '\n') {
        fputs("\\n", out);
    } else if (c == '\t') {
        fputs("\\t", out);
    } else if (c < 0x20) {
        fprintf(out, "\\u%04x", c);
    } else {
        fwrite(text, 1, n, out);
    }
}

void json_print_string(FILE *out, const char *text) {
    if (!text) {
        fputs("null", out);
        return;
    }
    size_t n = strlen(text);
    fputc('"', out);
    for (size_t i = 0; i < n;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t bytes =
            utf8proc_iterate((const utf8proc_uint8_t *)text + i, (utf8proc_ssize_t)(n - i), &c);
        if (bytes <= 0) {
            fputs("\xEF\xBF\xBD", out);
            bytes = 1;
        } else {
            json_print_char(out, text + i, (size_t)bytes);
        }
        i += (size_t)bytes;
    }
    fputc('"', out);
}

void diags_print(const Diags *diags, DiagFormat format, bool color, FILE *out) {
    switch (format) {
    case DIAG_TEXT: diags_print_text(diags, color, out); return;
    case DIAG_JSON: diags_print_json(diags, out); return;
    case DIAG_SARIF: diags_print_sarif(diags, out); return;
    }
}
