/*
 * doc.c - dagcc doc: the documentation of a file as Markdown, from its declarations and their `##`
 * comments: types, plugins and pipelines in the order of the source.
 */
#include "tools/commands.h"
#include "syntax/front_parse.h"

#include <string.h>

typedef struct Doc {
    const Source *source;
    FILE *out;
} Doc;

/* ---------------------------------------------------------------- pieces of text */

/* Text in a cell of a table: one line, and no sign that would end the cell. */
static void cell(const Doc *d, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '|') {
            fputc('\\', d->out);
        }
        fputc(text[i] == '\n' ? ' ' : text[i], d->out);
    }
}

static void cell_text(const Doc *d, const char *text) {
    cell(d, text ? text : "", text ? strlen(text) : 0);
}

/* As written in the source, in `code`; nothing for an empty span. */
static void cell_source(const Doc *d, Span span) {
    if (span.end > span.start) {
        fputc('`', d->out);
        cell(d, d->source->text + span.start, span.end - span.start);
        fputc('`', d->out);
    }
}

static void paragraph(const Doc *d, const char *text) {
    if (text) {
        fprintf(d->out, "%s\n\n", text);
    }
}

/* ---------------------------------------------------------------- tables of ports */

static bool is_port(const Item *item, PortKind kind) {
    return item->kind == ITEM_PORT && item->u.port.kind == kind;
}

static void port_row(const Doc *d, const Item *item) {
    const Expr *value = item->u.port.value, *where = item->u.port.where;
    fprintf(d->out, "| `%s` | ", item->name.text ? item->name.text : "?");
    cell_source(d, item->u.port.type->span);
    fputs(" | ", d->out);
    if (value) {
        cell_source(d, value->span);
    }
    if (where) {
        fputs(value ? " where " : "where ", d->out);
        cell_source(d, where->span);
    }
    fputs(" | ", d->out);
    cell_text(d, item->doc);
    fputs(" |\n", d->out);
}

/* Those of one kind; nothing where there are none. */
static void port_table(const Doc *d, const char *title, const Item *items, PortKind kind) {
    bool begun = false;
    for (const Item *item = items; item; item = item->next) {
        if (!is_port(item, kind)) {
            continue;
        }
        if (!begun) {
            fprintf(d->out, "| %s | type | value | |\n|---|---|---|---|\n", title);
        }
        begun = true;
        port_row(d, item);
    }
    fputs(begun ? "\n" : "", d->out);
}

/* ---------------------------------------------------------------- stages */

static void port_names(const Doc *d, const Item *items, PortKind kind) {
    const char *comma = "";
    for (const Item *item = items; item; item = item->next) {
        if (is_port(item, kind) && item->name.text) {
            fprintf(d->out, "%s`%s: ", comma, item->name.text);
            Span type = item->u.port.type->span;
            cell(d, d->source->text + type.start, type.end - type.start);
            fputs("`", d->out);
            comma = ", ";
        }
    }
}

static void stage_row(const Doc *d, const Item *item) {
    const QName *plugin = &item->u.stage.plugin;
    fprintf(d->out, "| `%s`", item->name.text ? item->name.text : "?");
    if (plugin->name.text) {
        fprintf(d->out, " = `%s%s%s`", plugin->module.text ? plugin->module.text : "",
                plugin->module.text ? "." : "", plugin->name.text);
    }
    fputs(" | ", d->out);
    port_names(d, item->u.stage.items, PORT_IN);
    fputs(" | ", d->out);
    port_names(d, item->u.stage.items, PORT_OUT);
    fputs(" | ", d->out);
    cell_text(d, item->doc);
    fputs(" |\n", d->out);
}

static void stage_table(const Doc *d, const Item *items) {
    bool begun = false;
    for (const Item *item = items; item; item = item->next) {
        if (item->kind != ITEM_STAGE) {
            continue;
        }
        fputs(begun ? "" : "| stage | in | out | |\n|---|---|---|---|\n", d->out);
        begun = true;
        stage_row(d, item);
    }
    fputs(begun ? "\n" : "", d->out);
}

/* ---------------------------------------------------------------- items */

static void doc_pipeline(const Doc *d, const Item *item) {
    fprintf(d->out, "## pipeline `%s`\n\n", item->name.text ? item->name.text : "?");
    paragraph(d, item->doc);
    port_table(d, "input", item->u.pipeline.items, PORT_INPUT);
    port_table(d, "config", item->u.pipeline.items, PORT_CONFIG);
    stage_table(d, item->u.pipeline.items);
    port_table(d, "output", item->u.pipeline.items, PORT_OUTPUT);
}

static void doc_plugin(const Doc *d, const Item *item) {
    const char *before = "<";
    fprintf(d->out, "## plugin `%s", item->name.text ? item->name.text : "?");
    for (const NameList *p = item->u.plugin.type_params; p; p = p->next) {
        fprintf(d->out, "%s%s", before, p->name.text ? p->name.text : "?");
        before = ", ";
    }
    fputs(*before == ',' ? ">`\n\n" : "`\n\n", d->out);
    paragraph(d, item->doc);
    port_table(d, "parameter", item->u.plugin.params, PORT_PARAM);
    port_table(d, "in", item->u.plugin.items, PORT_IN);
    port_table(d, "out", item->u.plugin.items, PORT_OUT);
}

static void doc_type(const Doc *d, const Item *item) {
    Span span = item->u.type->span;
    fprintf(d->out, "## type `%s`\n\n", item->name.text ? item->name.text : "?");
    paragraph(d, item->doc);
    fprintf(d->out, "```dag\ntype %s = %.*s\n```\n\n", item->name.text ? item->name.text : "?",
            (int)(span.end - span.start), d->source->text + span.start);
}

static void doc_file(const Doc *d, const File *file) {
    fprintf(d->out, "# %s\n\n", d->source->path);
    for (const Item *item = file->items; item; item = item->next) {
        switch (item->kind) {
        case ITEM_TYPE: doc_type(d, item); break;
        case ITEM_PLUGIN: doc_plugin(d, item); break;
        case ITEM_PIPELINE: doc_pipeline(d, item); break;
        case ITEM_IMPORT:
        case ITEM_PORT:
        case ITEM_STAGE:
        case ITEM_EDGE:
        case ITEM_BODY:
        case ITEM_ATTR:
        case ITEM_BROKEN: break;
        }
    }
}

/* ---------------------------------------------------------------- the command */

/* The tree is enough: what a file declares is documented even where imports are missing. */
static int doc_front(Front *front, const Options *options, bool color) {
    const char *message;
    Source *source = source_read(&front->arena, &front->sources, options->files[0], &message);
    if (!source) {
        fprintf(stderr, "dagcc: error: %s\n", message);
        return EXIT_IO;
    }
    File *file = front_parse(front, source);
    front->diags->quiet = true;
    diags_print(front->diags, options->format, color, stderr);
    if (front->diags->nerrors) {
        return EXIT_ERRORS;
    }
    Doc doc = { source, stdout };
    doc_file(&doc, file);
    return EXIT_OK;
}

int command_doc(const Options *options, bool color) {
    Front *front = front_new();
    if (!front) {
        fputs("dagcc: error: out of memory\n", stderr);
        return EXIT_IO;
    }
    int status = doc_front(front, options, color);
    front_free(front);
    return status;
}
