/*
 * ast_print.c - the tree as s-expressions, without positions: equal trees print equal text.
 */
#include <inttypes.h>
#include <string.h>

#include "pure/number.h"
#include "syntax/ast.h"

typedef struct Print {
    FILE *out;
    int depth;
} Print;

static void line(Print *p) {
    fprintf(p->out, "\n%*s", 2 * p->depth, "");
}

static void open(Print *p, const char *word) {
    if (p->depth > 0) {
        line(p);
    }
    fprintf(p->out, "(%s", word);
    p->depth++;
}

static void close(Print *p) {
    fputc(')', p->out);
    p->depth--;
}

static void word(Print *p, const char *text) {
    fprintf(p->out, " %s", text ? text : "?");
}

static void flag(Print *p, bool on, const char *text) {
    if (on) {
        word(p, text);
    }
}

static void quoted(Print *p, const char *text, size_t n) {
    fputc('"', p->out);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            fprintf(p->out, "\\%c", c);
        } else if (c == '\n') {
            fputs("\\n", p->out);
        } else if (c < 0x20) {
            fprintf(p->out, "\\x%02x", c);
        } else {
            fputc(c, p->out);
        }
    }
    fputc('"', p->out);
}

static void name(Print *p, const char *label, Name n) {
    if (n.text) {
        open(p, label);
        word(p, n.text);
        close(p);
    }
}

static void names(Print *p, const char *label, const NameList *list) {
    if (!list) {
        return;
    }
    open(p, label);
    for (; list; list = list->next) {
        word(p, list->name.text);
    }
    close(p);
}

static void qname(Print *p, QName q) {
    fputc(' ', p->out);
    if (q.module.text) {
        fprintf(p->out, "%s.", q.module.text);
    }
    fputs(q.name.text ? q.name.text : "?", p->out);
}

/* ---------------------------------------------------------------- types */

static void type(Print *p, const TypeExpr *t);

static void fields(Print *p, const FieldExpr *f) {
    for (; f; f = f->next) {
        if (f->type) {
            open(p, "field");
            word(p, f->name.text);
            type(p, f->type);
            close(p);
        } else {
            word(p, f->name.text);
        }
    }
}

static void type(Print *p, const TypeExpr *t) {
    static const char *const forms[] = { "type", "apply",     "optional",   "record",
                                         "enum", "same-type", "broken-type" };
    open(p, forms[t->form]);
    if (t->form == TYPE_NAMED || t->form == TYPE_APPLIED) {
        qname(p, t->name);
    }
    if (type_has_fields(t)) {
        fields(p, t->fields);
    } else {
        for (const TypeExpr *arg = t->args; arg; arg = arg->next) {
            type(p, arg);
        }
    }
    close(p);
}

/* ---------------------------------------------------------------- expressions */

static void expr(Print *p, const Expr *e);

static void exprs(Print *p, const char *label, const Expr *list) {
    if (!list) {
        return;
    }
    open(p, label);
    for (; list; list = list->next) {
        expr(p, list);
    }
    close(p);
}

static void labelled(Print *p, const char *label, const Expr *e) {
    if (e) {
        open(p, label);
        expr(p, e);
        close(p);
    }
}

static void text(Print *p, const Expr *e) {
    static const char *const quotes[] = { "\"", "'", "\"\"\"", "'''" };
    open(p, "text");
    word(p, quotes[e->u.text.quote]);
    for (const Piece *piece = e->u.text.pieces; piece; piece = piece->next) {
        if (piece->expr) {
            expr(p, piece->expr);
        } else {
            line(p);
            quoted(p, piece->text, piece->len);
        }
    }
    close(p);
}

static void reference(Print *p, const Expr *e) {
    open(p, "ref");
    fputc(' ', p->out);
    for (const NameList *n = e->u.ref.parts; n; n = n->next) {
        fprintf(p->out, "%s%s", n->name.text, n->next ? "." : "");
    }
    close(p);
}

static void record(Print *p, const Expr *e) {
    open(p, "record");
    for (const EntryExpr *entry = e->u.entries; entry; entry = entry->next) {
        open(p, entry->name.text);
        expr(p, entry->value);
        close(p);
    }
    close(p);
}

static void pipe(Print *p, const Expr *e) {
    open(p, "pipe");
    word(p, e->u.pipe.pipe.text);
    flag(p, e->u.pipe.parens, "()");
    expr(p, e->u.pipe.subject);
    if (e->u.pipe.as) {
        type(p, e->u.pipe.as);
    }
    exprs(p, "args", e->u.pipe.args);
    close(p);
}

static void compare(Print *p, const Expr *e) {
    static const char *const ops[] = { "==",       "!=",      "<",           "<=",
                                       ">",        ">=",      "in",          "not-in",
                                       "contains", "matches", "starts_with", "ends_with" };
    open(p, ops[e->u.compare.op]);
    expr(p, e->u.compare.left);
    expr(p, e->u.compare.right);
    close(p);
}

static void logic(Print *p, const char *label, const Expr *e) {
    open(p, label);
    expr(p, e->u.logic.left);
    if (e->u.logic.right) {
        expr(p, e->u.logic.right);
    }
    close(p);
}

static void number(Print *p, const char *label, const Expr *e) {
    char digits[NUMBER_TEXT];
    if (e->kind == EXPR_FLOAT) {
        float_format(e->u.f, digits);
    } else {
        int_format(e->u.i, digits);
    }
    open(p, label);
    word(p, digits);
    close(p);
}

static void plain(Print *p, const char *label) {
    open(p, label);
    close(p);
}

static void expr_here(Print *p, const Expr *e) {
    switch (e->kind) {
    case EXPR_NULL: plain(p, "null"); break;
    case EXPR_BOOL: plain(p, e->u.b ? "true" : "false"); break;
    case EXPR_INT: number(p, "int", e); break;
    case EXPR_FLOAT: number(p, "float", e); break;
    case EXPR_DURATION: number(p, "duration", e); break;
    case EXPR_SIZE: number(p, "size", e); break;
    case EXPR_TEXT: text(p, e); break;
    case EXPR_REF: reference(p, e); break;
    case EXPR_LIST:
        open(p, e->u.list.call ? "list" : "[]");
        for (const Expr *item = e->u.list.items; item; item = item->next) {
            expr(p, item);
        }
        close(p);
        break;
    case EXPR_RECORD: record(p, e); break;
    case EXPR_PIPE: pipe(p, e); break;
    case EXPR_COMPARE: compare(p, e); break;
    case EXPR_NOT: logic(p, "not", e); break;
    case EXPR_AND: logic(p, "and", e); break;
    case EXPR_OR: logic(p, "or", e); break;
    case EXPR_EXISTS: logic(p, "exists", e); break;
    case EXPR_BROKEN: plain(p, "broken"); break;
    }
}

static void expr(Print *p, const Expr *e) {
    if (e->bare) {
        open(p, "<>");
    }
    if (e->parens) {
        open(p, "()");
    }
    expr_here(p, e);
    if (e->parens) {
        close(p);
    }
    if (e->bare) {
        close(p);
    }
}

/* ---------------------------------------------------------------- items */

static void items(Print *p, const Item *list);

static void port(Print *p, const Item *item) {
    static const char *const kinds[] = { "input", "config", "output", "in", "out", "param" };
    open(p, kinds[item->u.port.kind]);
    word(p, item->name.text);
    flag(p, item->u.port.merge, "merge");
    flag(p, item->u.port.any, "any");
    flag(p, item->u.port.temp, "temp");
    type(p, item->u.port.type);
    labelled(p, item->u.port.glob ? "glob" : "=", item->u.port.value);
    labelled(p, "where", item->u.port.where);
}

static void plugin(Print *p, const Item *item) {
    open(p, "plugin");
    word(p, item->name.text);
    flag(p, item->u.plugin.parens, "()");
    names(p, "types", item->u.plugin.type_params);
    items(p, item->u.plugin.params);
    items(p, item->u.plugin.items);
}

static void stage(Print *p, const Item *item) {
    open(p, "stage");
    word(p, item->name.text);
    flag(p, item->u.stage.block, "{}");
    if (item->u.stage.plugin.name.text) {
        open(p, "=");
        qname(p, item->u.stage.plugin);
        flag(p, item->u.stage.parens, "()");
        for (const Arg *arg = item->u.stage.args; arg; arg = arg->next) {
            labelled(p, arg->name.text ? arg->name.text : "-", arg->value);
        }
        close(p);
    }
    items(p, item->u.stage.body);
    items(p, item->u.stage.items);
}

static void endpoint(Print *p, const Endpoint *e) {
    fprintf(p->out, " %s", e->stage.text);
    if (e->port.text) {
        fprintf(p->out, ".%s", e->port.text);
    }
}

static void edge(Print *p, const Item *item) {
    open(p, "edge");
    endpoint(p, item->u.edge.from);
    for (const Hop *hop = item->u.edge.hops; hop; hop = hop->next) {
        open(p, hop->order ? "=>" : "->");
        for (const Endpoint *e = hop->targets; e; e = e->next) {
            endpoint(p, e);
        }
        labelled(p, "where", hop->where);
        labelled(p, hop->desc ? "order-desc" : "order", hop->order_by);
        labelled(p, "take", hop->take);
        name(p, "on", hop->on);
        close(p);
    }
}

static void body(Print *p, const Item *item) {
    static const char *const kinds[] = { "run", "exec", "script", "native", "c", "call", "map" };
    open(p, kinds[item->u.body.kind]);
    if (item->u.body.kind == BODY_CALL || item->u.body.kind == BODY_MAP) {
        qname(p, item->u.body.sub);
    }
    for (const Expr *e = item->u.body.words; e; e = e->next) {
        expr(p, e);
    }
    exprs(p, "files", item->u.body.files);
    name(p, "function", item->u.body.function);
    exprs(p, "link", item->u.body.links);
    exprs(p, "pkg", item->u.body.pkgs);
    exprs(p, "include", item->u.body.includes);
    name(p, "over", item->u.body.over);
}

static void resources(Print *p, const ResourceExpr *r) {
    for (; r; r = r->next) {
        open(p, r->name.text);
        expr(p, r->amount);
        labelled(p, "grow", r->grow);
        close(p);
    }
}

static void causes(Print *p, const CauseExpr *c) {
    for (; c; c = c->next) {
        open(p, "on");
        word(p, c->word.text);
        if (c->code) {
            expr(p, c->code);
        }
        close(p);
    }
}

static void attribute(Print *p, const Item *item) {
    static const char *const attr_words[] = {
#define ATTR(kind, attr, form, scope, doc) attr,
#include "syntax/attributes.def"
#undef ATTR
    };
    open(p, attr_words[item->u.attr.kind]);
    for (const NameList *n = item->u.attr.words; n; n = n->next) {
        word(p, n->name.text);
    }
    if (item->u.attr.by.name.text) {
        open(p, "by");
        qname(p, item->u.attr.by);
        close(p);
    }
    name(p, "name", item->u.attr.env);
    if (item->u.attr.value) {
        expr(p, item->u.attr.value);
    }
    labelled(p, "backoff", item->u.attr.backoff);
    causes(p, item->u.attr.causes);
    resources(p, item->u.attr.resources);
}

static void import(Print *p, const Item *item) {
    open(p, "import");
    expr(p, item->u.import.path);
    name(p, "as", item->u.import.as);
}

static void open_item(Print *p, const Item *item) {
    switch (item->kind) {
    case ITEM_IMPORT: import(p, item); break;
    case ITEM_TYPE:
        open(p, "type-name");
        word(p, item->name.text);
        type(p, item->u.type);
        break;
    case ITEM_PLUGIN: plugin(p, item); break;
    case ITEM_PIPELINE:
        open(p, "pipeline");
        word(p, item->name.text);
        items(p, item->u.pipeline.items);
        break;
    case ITEM_PORT: port(p, item); break;
    case ITEM_STAGE: stage(p, item); break;
    case ITEM_EDGE: edge(p, item); break;
    case ITEM_BODY: body(p, item); break;
    case ITEM_ATTR: attribute(p, item); break;
    case ITEM_BROKEN: open(p, "broken-item"); break;
    }
}

static void items(Print *p, const Item *list) {
    for (const Item *item = list; item; item = item->next) {
        open_item(p, item);
        if (item->doc) {
            open(p, "doc ");
            quoted(p, item->doc, strlen(item->doc));
            close(p);
        }
        flag(p, item->broken && item->kind != ITEM_BROKEN, "(broken)");
        close(p);
    }
}

void ast_print(const File *file, FILE *out) {
    Print p = { out, 0 };
    fputs("(file", out);
    p.depth = 1;
    items(&p, file->items);
    fputs(")\n", out);
}
