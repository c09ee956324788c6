/*
 * diag_sarif.c - messages as a SARIF 2.1.0 log (OASIS standard, 27 March 2020), one document with
 * one run, as code scanning services read it.
 */
#include <string.h>

#include "base/diag_print.h"
#include "base/version.h"

/* A path as a URI reference: bytes other than unreserved ones and `/` are escaped (RFC 3986). */
static void print_uri(const char *path, FILE *out) {
    fputs(path[0] == '/' ? "\"file://" : "\"", out);
    const char *colon = strchr(path, ':'), *slash = strchr(path, '/');
    if (colon && (!slash || colon < slash)) { /* not a scheme */
        fputs("./", out);
    }
    for (const char *p = path; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~/", c);
        fprintf(out, plain ? "%c" : "%%%02X", c);
    }
    fputc('"', out);
}

static void print_region(const char *name, Region region, FILE *out) {
    fprintf(out, "\"%s\":{\"startLine\":%u,\"startColumn\":%u,\"endLine\":%u,\"endColumn\":%u}",
            name, (unsigned)region.start.line, (unsigned)region.start.column,
            (unsigned)region.end.line, (unsigned)region.end.column);
}

static void print_location(const Diags *diags, Span span, FILE *out) {
    Region region = diag_region(diags, span);
    fputs("\"physicalLocation\":{\"artifactLocation\":{\"uri\":", out);
    print_uri(region.path, out);
    fputs("},", out);
    print_region("region", region, out);
    fputc('}', out);
}

static void print_text(const char *name, const char *text, FILE *out) {
    fprintf(out, "\"%s\":{\"text\":", name);
    json_print_string(out, text);
    fputc('}', out);
}

static void print_rules(FILE *out) {
    for (int i = 0; i < NCODES; i++) {
        const CodeRow *row = code_row((Code)i);
        const char *level = !row->warning ? "error" : "warning";
        fprintf(out, "%s\n    {\"id\":\"%s\",", i ? "," : "", row->code);
        if (row->warning) {
            fputs("\"name\":", out);
            json_print_string(out, row->warning);
            fputc(',', out);
        }
        print_text("shortDescription", row->title, out);
        fputc(',', out);
        print_text("fullDescription", row->explanation, out);
        fprintf(out, ",\"defaultConfiguration\":{\"enabled\":%s,\"level\":\"%s\"}}",
                row->on ? "true" : "false", level);
    }
}

static void print_related(const Diags *diags, const Diag *d, FILE *out) {
    const char *before = ",\"relatedLocations\":[{";
    for (const Note *note = d->notes; note; note = note->next) {
        if (note->has_span) {
            fputs(before, out);
            print_text("message", note->message, out);
            fputc(',', out);
            print_location(diags, note->span, out);
            before = "},{";
        }
    }
    fputs(before[0] == '}' ? "}]" : "", out);
}

/* All edits of one file form one change; the edits of a fix are in one file but for odd cases. */
static void print_changes(const Diags *diags, const Fix *fix, FILE *out) {
    for (const Edit *e = fix->edits; e; e = e->next) {
        Region region = diag_region(diags, e->span);
        fputs("{\"artifactLocation\":{\"uri\":", out);
        print_uri(region.path, out);
        fputs("},\"replacements\":[{", out);
        print_region("deletedRegion", region, out);
        fputc(',', out);
        print_text("insertedContent", e->text, out);
        fputs(e->next ? "}]}," : "}]}", out);
    }
}

static void print_fixes(const Diags *diags, const Diag *d, FILE *out) {
    const char *before = ",\"fixes\":[{";
    for (const Fix *fix = d->fixes; fix; fix = fix->next) {
        if (fix->edits) {
            fputs(before, out);
            print_text("description", fix->message, out);
            fputs(",\"artifactChanges\":[", out);
            print_changes(diags, fix, out);
            fputc(']', out);
            before = "},{";
        }
    }
    fputs(before[0] == '}' ? "}]" : "", out);
}

/* The message with its help lines: a viewer shows nothing else. */
static void print_message(const Diags *diags, const Diag *d, FILE *out) {
    const char *text = d->message;
    for (const Note *note = d->notes; note; note = note->next) {
        if (!note->has_span) {
            text = arena_printf(diags->arena, "%s\n%s", text, note->message);
        }
    }
    print_text("message", text, out);
}

static void print_result(const Diags *diags, const Diag *d, FILE *out) {
    fprintf(out, "{\"ruleId\":\"%s\",\"ruleIndex\":%d,\"level\":\"%s\",", code_name(d->code),
            (int)d->code, severity_name(d->severity));
    print_message(diags, d, out);
    fputs(",\"locations\":[", out);
    if (!SPAN_IS_NONE(d->span)) {
        fputc('{', out);
        print_location(diags, d->span, out);
        fputc('}', out);
    }
    fputc(']', out);
    print_related(diags, d, out);
    print_fixes(diags, d, out);
    fputc('}', out);
}

void diags_print_sarif(const Diags *diags, FILE *out) {
    fputs("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
          "\"runs\":[\n  {\"tool\":{\"driver\":{\"name\":\"dagcc\",\"version\":\"" DAGCC_VERSION
          "\",\"rules\":[",
          out);
    print_rules(out);
    fputs("]}},\n  \"columnKind\":\"unicodeCodePoints\",\"results\":[", out);
    Listing list = diags_listing(diags);
    for (uint32_t i = 0; i < list.n; i++) {
        fputs(i ? ",\n    " : "\n    ", out);
        print_result(diags, list.items[i], out);
    }
    fputs("]}]}\n", out);
}
