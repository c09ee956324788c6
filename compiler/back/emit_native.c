/*
 * emit_native.c - the typed side of native stages (RUNTIME §7): definitions of types, structs of
 * inputs and outputs, inline bodies with #line, and for each function a caller without types.
 */
#include "back/emit.h"

#include <string.h>

#include "model/native.h"
#include "pure/hash.h"
#include "pure/value.h"

/* ---------------------------------------------------------------- types */

void emit_member(Emit *e, const Type *type, const char *before, const char *behind,
                 const char *name) {
    CWriter *w = &e->w;
    const char *spelled =
        arena_printf(&e->front->arena, "%s%s%s", before, cnames_type(e->names, type), behind);
    cw_text(w, "    ");
    cw_text(w, spelled);
    cw_text(w, spelled[strlen(spelled) - 1] == '*' ? "" : " ");
    cw_text(w, name);
    cw_text(w, "; /* ");
    cw_remark(w, type_text(e->graph->types, type));
    cw_text(w, " */\n");
}

static void member(Emit *e, const Type *type, const char *name) {
    emit_member(e, type, "", "", name);
}

static void no_members(Emit *e) {
    cw_text(&e->w, "    char dag_empty; /* C has no struct without members */\n");
}

/* A number for what the members of a record, or the constants of an enum, look like. */
static uint64_t shape_of(const Emit *e, const CType *type) {
    const char *text = "";
    for (uint32_t i = 0; i < type->type->nfields; i++) {
        bool record = type->type->kind == DAG_RECORD;
        text = arena_printf(&e->front->arena, "%s%s %s;", text,
                            record ? cnames_type(e->names, type->type->fields[i].type) : "",
                            type->names[i]);
    }
    return value_hash(value_text(DAG_STRING, text, strlen(text)));
}

/* A program may include the headers of several pipelines, which may have types in common, of one module
 * perhaps: they are defined once. Another type of the same name is for the C compiler to refuse. */
static void guard(Emit *e, const CType *type) {
    bool named = type->type->kind == DAG_RECORD || type->type->kind == DAG_ENUM;
    const char *name = type->name;
    if (named) {
        name = arena_printf(&e->front->arena, "%s_%016llx", type->name,
                            (unsigned long long)shape_of(e, type));
    }
    if (e->guarded) {
        cw_format(&e->w, "\n#ifndef DAG_HAS_%s\n#define DAG_HAS_%s", name, name);
    }
}

static void guard_end(Emit *e) {
    cw_text(&e->w, e->guarded ? "#endif\n" : "");
}

static void record(Emit *e, const CType *type) {
    guard(e, type);
    cw_format(&e->w, "\ntypedef struct %s {\n", type->name);
    for (uint32_t i = 0; i < type->type->nfields; i++) {
        member(e, type->type->fields[i].type, type->names[i]);
    }
    if (type->type->nfields == 0) {
        no_members(e);
    }
    cw_format(&e->w, "} %s;\n", type->name);
    guard_end(e);
}

static void constants(Emit *e, const CType *type) {
    guard(e, type);
    cw_text(&e->w, "\nenum {");
    for (uint32_t i = 0; i < type->type->nfields; i++) {
        bool wrap = e->w.column + strlen(type->names[i]) > CW_WIDTH - 4;
        cw_text(&e->w, i == 0 ? " " : wrap ? ",\n    " : ", ");
        cw_text(&e->w, type->names[i]);
    }
    cw_text(&e->w, " };\n");
    guard_end(e);
}

static void list(Emit *e, const CType *type) {
    const char *elem = cnames_type(e->names, type->type->elem);
    bool pointer = elem[strlen(elem) - 1] == '*';
    guard(e, type);
    cw_format(&e->w, "\ntypedef struct %s {\n", type->name);
    if (type->type->kind == DAG_MAP) {
        cw_text(&e->w, "    const char *const *keys;\n");
    }
    cw_format(&e->w, pointer ? "    %sconst *" : "    const %s *", elem);
    cw_text(&e->w, type->type->kind == DAG_MAP ? "values;\n" : "items;\n");
    cw_format(&e->w, "    size_t len;\n} %s;\n", type->name);
    guard_end(e);
}

void emit_types(Emit *e) {
    for (uint32_t i = 0; i < e->names->types.n; i++) {
        const CType *type = &e->names->types.items[i];
        if (type->type->kind == DAG_RECORD) {
            record(e, type);
        } else if (type->type->kind == DAG_ENUM) {
            if (type->type->nfields > 0) {
                constants(e, type);
            }
        } else {
            list(e, type);
        }
    }
}

/* ---------------------------------------------------------------- stages */

static const char *pipeline_name(const CNative *native) {
    return native->graph->pipeline->name.text;
}

static void port_struct(Emit *e, const Stage *stage, Port **ports, uint32_t n, const char *name) {
    bool empty = true;
    cw_format(&e->w, "\ntypedef struct %s {\n", name);
    for (uint32_t i = 0; i < n; i++) {
        if (native_has_member(stage, ports[i])) {
            member(e, ports[i]->type, cname_member(e->names->arena, ports[i]->name.text));
            empty = false;
        }
    }
    if (empty) {
        no_members(e);
    }
    cw_format(&e->w, "} %s;\n", name);
}

static void helper(Emit *e, const Port *port, uint32_t index, const char *name) {
    const char *type = cnames_type(e->names, port->type);
    const char *space = type[strlen(type) - 1] == '*' ? "" : " ";
    cw_format(&e->w, "\nstatic inline __attribute__((unused)) void %s(dag_ctx *ctx, %s%svalue)\n",
              name, type, space);
    cw_format(&e->w, "{\n    dag_emit(ctx, %u, &value);\n}\n", (unsigned)index);
}

static void aliases(Emit *e, const CNative *native) {
    if (!native->alias_in) {
        return;
    }
    cw_format(&e->w, "\ntypedef %s %s;\n", native->in, native->alias_in);
    cw_format(&e->w, "typedef %s %s;\n", native->out, native->alias_out);
    for (uint32_t i = 0; i < native->code->stage->nouts; i++) {
        if (native->emits[i]) {
            cw_format(&e->w, "#define %s %s\n", native->alias_emits[i], native->emits[i]);
        }
    }
}

static void stage_structs(Emit *e, const CNative *native) {
    const Stage *stage = native->code->stage;
    if (!native->like) {
        cw_text(&e->w, "\n/* stage ");
        cw_remark(&e->w, stage->slug.text);
        cw_text(&e->w, " of ");
        cw_remark(&e->w, pipeline_name(native));
        cw_text(&e->w, " */");
        port_struct(e, stage, stage->ins, stage->nins, native->in);
        port_struct(e, stage, stage->outs, stage->nouts, native->out);
        for (uint32_t i = 0; i < stage->nouts; i++) {
            if (native->emits[i]) {
                helper(e, stage->outs[i], i, native->emits[i]);
            }
        }
    }
    aliases(e, native);
}

typedef void NativeVisit(Emit *e, const CNative *native);

static void each_native(Emit *e, NativeVisit *visit) {
    for (uint32_t i = 0; i < e->names->graphs.n; i++) {
        const CGraph *graph = &e->names->graphs.items[i];
        for (uint32_t k = 0; k < graph->graph->nnatives; k++) {
            visit(e, &graph->natives[k]);
        }
    }
}

void emit_structs(Emit *e) {
    each_native(e, stage_structs);
}

static void prototype(Emit *e, const CNative *native) {
    if (!native->like && native->code->function) {
        cw_format(&e->w, "\nint %s(dag_ctx *ctx, const %s *in, %s *out);\n", native->function,
                  native->in, native->out);
    }
}

void emit_prototypes(Emit *e) {
    each_native(e, prototype);
}

/* ---------------------------------------------------------------- inline bodies */

/* The text of a body. Where it stands in the source as it is (no escapes), the source itself, so
 * that columns in messages are right: indentation and all. */
typedef struct BodyText {
    const char *text;
    size_t n;
    const char *path; /* NULL: a place is not known */
    uint32_t line;
    uint32_t column; /* bytes before it on its first line */
} BodyText;

static bool is_raw(const Expr *expr) {
    return expr->u.text.quote == QUOTE_SINGLE || expr->u.text.quote == QUOTE_TRIPLE_SINGLE;
}

static BodyText body_text(Emit *e, const Expr *expr) {
    const Piece *piece = expr->u.text.pieces;
    BodyText body = { .text = "" };
    if (piece && piece->text) {
        body.text = piece->text;
        body.n = piece->len;
    }
    if (expr->span.file >= e->front->sources.n) {
        return body;
    }
    Source *source = e->front->sources.items[expr->span.file];
    uint32_t start = piece ? piece->span.start : expr->span.start;
    if (is_raw(expr)) {
        uint32_t quotes = expr->u.text.quote == QUOTE_TRIPLE_SINGLE ? 3 : 1;
        start = expr->span.start + quotes;
        body.text = source->text + start;
        body.n = expr->span.end - quotes - start;
    }
    body.path = source->path;
    body.line = source_position(&e->front->arena, source, start).line;
    while (start > 0 && source->text[start - 1] != '\n') {
        start--;
        body.column++;
    }
    return body;
}

static BodyText body_of(Emit *e, const CNative *native) {
    const Expr *words = native->code->body->u.body.words;
    return words && words->kind == EXPR_TEXT ? body_text(e, words) : (BodyText){ .text = "" };
}

/* `# include …`: it must not stand inside a function. */
static bool is_include(const char *line, size_t n) {
    size_t i = 0;
    while (i < n && (line[i] == ' ' || line[i] == '\t')) {
        i++;
    }
    if (i == n || line[i++] != '#') {
        return false;
    }
    while (i < n && (line[i] == ' ' || line[i] == '\t')) {
        i++;
    }
    return n - i > 7 && memcmp(line + i, "include", 7) == 0;
}

static size_t line_length(const char *text, size_t n) {
    const char *end = memchr(text, '\n', n);
    return end ? (size_t)(end - text) + 1 : n;
}

static void line_directive(Emit *e, uint32_t line, const char *path) {
    cw_format(&e->w, "#line %u ", (unsigned)line);
    cw_literal(&e->w, path, strlen(path), "");
    cw_text(&e->w, "\n");
}

static void line_back(Emit *e) {
    line_directive(e, e->w.line + 1, e->names->file);
}

static void body_includes(Emit *e, const CNative *native) {
    if (native->like || native->code->function) {
        return;
    }
    BodyText body = body_of(e, native);
    uint32_t line = body.line;
    bool any = false;
    for (size_t i = 0; i < body.n; line++) {
        size_t n = line_length(body.text + i, body.n - i);
        if (is_include(body.text + i, n)) {
            if (body.path) {
                line_directive(e, line, body.path);
            }
            cw_bytes(&e->w, body.text + i, n);
            any = true;
        }
        i += n;
    }
    if (any) {
        line_back(e);
    }
}

void emit_includes(Emit *e) {
    if (e->names->inlines) {
        cw_text(&e->w, "#include <inttypes.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
                       "#include <string.h>\n");
        each_native(e, body_includes);
    }
}

/* The body as it is, includes left out. */
static void print_body(Emit *e, const BodyText *body) {
    if (body->path) {
        line_directive(e, body->line, body->path);
    }
    cw_format(&e->w, "%*s", (int)body->column, "");
    for (size_t i = 0; i < body->n;) {
        size_t n = line_length(body->text + i, body->n - i);
        if (is_include(body->text + i, n)) {
            cw_text(&e->w, "\n");
        } else {
            cw_bytes(&e->w, body->text + i, n);
        }
        i += n;
    }
    bool spliced = body->n > 0 && body->text[body->n - 1] == '\\';
    cw_text(&e->w, spliced ? "\n\n" : "\n");
}

/* dag_emit_PORT for dag_emit_STAGE_PORT, inside the body. */
static void short_helpers(Emit *e, const CNative *native, bool define) {
    const Stage *stage = native->code->stage;
    for (uint32_t i = 0; i < stage->nouts; i++) {
        if (native->emits[i]) {
            const char *port = stage->outs[i]->name.text; /* behind dag_emit_ no keyword */
            cw_format(&e->w, define ? "#define dag_emit_%s %s\n" : "#undef dag_emit_%s\n", port,
                      native->emits[i]);
        }
    }
}

static void inline_body(Emit *e, const CNative *native) {
    BodyText body = body_of(e, native);
    cw_text(&e->w, "\n");
    short_helpers(e, native, true);
    cw_format(&e->w, "static int %s(dag_ctx *ctx, const %s *in, %s *out)\n{\n", native->function,
              native->in, native->out);
    cw_text(&e->w, "    (void)ctx, (void)in, (void)out;\n");
    print_body(e, &body);
    line_back(e);
    cw_text(&e->w, "    return 0;\n}\n");
    short_helpers(e, native, false);
}

static void native_function(Emit *e, const CNative *native) {
    if (native->like) {
        return;
    }
    if (!native->code->function) {
        inline_body(e, native);
    }
    cw_format(&e->w, "\nstatic int %s(dag_ctx *ctx, const void *in, void *out)\n{\n", native->call);
    cw_format(&e->w, "    return %s(ctx, in, out);\n}\n", native->function);
}

void emit_bodies(Emit *e) {
    each_native(e, native_function);
}
