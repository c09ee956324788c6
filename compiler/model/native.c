/*
 * native.c - reads the bodies of native stages.
 */
#include "model/native.h"

#include <string.h>

const char *body_literal(Arena *arena, const Expr *e) {
    const char *text = "";
    for (const Piece *p = e->kind == EXPR_TEXT ? e->u.text.pieces : NULL; p; p = p->next) {
        text = p->text ? arena_printf(arena, "%s%.*s", text, (int)p->len, p->text) : text;
    }
    return text;
}

const char *body_folder(Front *front, Span span) {
    const char *path = front->sources.items[span.file]->path;
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return ".";
    }
    return slash == path ? "/" : arena_text(&front->arena, path, (size_t)(slash - path));
}

const char *body_path(Front *front, const Expr *file) {
    const char *path = body_literal(&front->arena, file);
    const char *folder = body_folder(front, file->span);
    if (path[0] == '/' || strcmp(folder, ".") == 0) {
        return path;
    }
    return arena_printf(&front->arena, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, path);
}

/* Hidden inputs are for expressions; outputs with a value, streams and a gate's are not the
 * function's to set. */
bool native_has_member(const Stage *stage, const Port *port) {
    if (!port->out) {
        return !port->hidden;
    }
    return !port->value && !port->stream && !(stage->flags & DAG_STAGE_GATE);
}

static bool same_ports(Port **a, uint32_t na, Port **b, uint32_t nb) {
    uint32_t i = 0;
    for (; i < na && i < nb && !a[i]->hidden && !b[i]->hidden; i++) {
        if (a[i]->type != b[i]->type || a[i]->name.text != b[i]->name.text) {
            return false;
        }
    }
    return (i == na || a[i]->hidden) && (i == nb || b[i]->hidden);
}

bool native_shares(const Stage *a, const Stage *b) {
    return same_ports(a->ins, a->nins, b->ins, b->nins) &&
           same_ports(a->outs, a->nouts, b->outs, b->nouts);
}
