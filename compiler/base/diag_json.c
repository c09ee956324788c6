/*
 * diag_json.c - messages for tools: one JSON object per line (--diagnostics=json).
 *
 * Lines and columns count from 1, columns in Unicode characters; an end is behind the last one.
 */
#include "base/diag_print.h"

static void print_start(FILE *out, Position at) {
    fprintf(out, "\"line\":%u,\"column\":%u", (unsigned)at.line, (unsigned)at.column);
}

static void print_end(FILE *out, Position at) {
    fprintf(out, ",\"end_line\":%u,\"end_column\":%u", (unsigned)at.line, (unsigned)at.column);
}

static void print_place(const Diags *diags, Span span, FILE *out) {
    if (SPAN_IS_NONE(span)) {
        fputs("\"file\":null,\"line\":null,\"column\":null,\"end_line\":null,\"end_column\":null",
              out);
        return;
    }
    Region region = diag_region(diags, span);
    fputs("\"file\":", out);
    json_print_string(out, region.path);
    fputc(',', out);
    print_start(out, region.start);
    print_end(out, region.end);
}

static void print_related(const Diags *diags, const Diag *d, FILE *out) {
    const char *comma = "";
    for (const Note *note = d->notes; note; note = note->next) {
        if (note->has_span) {
            fprintf(out, "%s{\"message\":", comma);
            json_print_string(out, note->message);
            fputc(',', out);
            print_place(diags, note->span, out);
            fputc('}', out);
            comma = ",";
        }
    }
}

/* Advice without a place: an addition to the fixed members. */
static void print_help(const Diag *d, FILE *out) {
    const char *before = ",\"help\":[";
    for (const Note *note = d->notes; note; note = note->next) {
        if (!note->has_span) {
            fputs(before, out);
            json_print_string(out, note->message);
            before = ",";
        }
    }
    fputs(before[1] ? "" : "]", out);
}

static void print_edits(const Diags *diags, const Diag *d, const Fix *fix, FILE *out) {
    for (const Edit *e = fix->edits; e; e = e->next) {
        Region region = diag_region(diags, e->span);
        fputc('{', out);
        if (e->span.file != d->span.file) { /* said only where it is not the message's own */
            fputs("\"file\":", out);
            json_print_string(out, region.path);
            fputc(',', out);
        }
        print_start(out, region.start);
        print_end(out, region.end);
        fputs(",\"text\":", out);
        json_print_string(out, e->text);
        fputs(e->next ? "}," : "}", out);
    }
}

static void print_fixes(const Diags *diags, const Diag *d, FILE *out) {
    for (const Fix *fix = d->fixes; fix; fix = fix->next) {
        fputs("{\"message\":", out);
        json_print_string(out, fix->message);
        fputs(",\"edits\":[", out);
        print_edits(diags, d, fix, out);
        fputs(fix->next ? "]}," : "]}", out);
    }
}

void diags_print_json(const Diags *diags, FILE *out) {
    Listing list = diags_listing(diags);
    for (uint32_t i = 0; i < list.n; i++) {
        const Diag *d = list.items[i];
        fprintf(out,
                "{\"severity\":\"%s\",\"code\":\"%s\",\"message\":", severity_name(d->severity),
                code_name(d->code));
        json_print_string(out, d->message);
        fputc(',', out);
        print_place(diags, d->span, out);
        fputs(",\"related\":[", out);
        print_related(diags, d, out);
        fputs("],\"fixes\":[", out);
        print_fixes(diags, d, out);
        fputc(']', out);
        print_help(d, out);
        fputs("}\n", out);
    }
}
