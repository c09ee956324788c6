/*
 * docs.c - gives the `##` comments to the declarations that they stand before or behind.
 */
#include "syntax/syntax.h"

#include <string.h>

/* A declaration, and the block that it stands in. */
typedef struct Decl {
    Item *item;
    uint32_t outer; /* number + 1; 0: none */
} Decl;

typedef struct Decls {
    Arena *arena;
    Decl *items; /* by the place of their first word */
    uint32_t n, room;
} Decls;

static void add(Decls *decls, Item *item, uint32_t outer) {
    if (decls->n == decls->room) {
        uint32_t room = decls->room ? decls->room * 2 : 64;
        Decl *items = ARENA_ARRAY(decls->arena, room, Decl);
        if (decls->n) {
            memcpy(items, decls->items, decls->n * sizeof(Decl));
        }
        decls->items = items;
        decls->room = room;
    }
    decls->items[decls->n++] = (Decl){ item, outer };
}

static void collect(Decls *decls, Item *items, uint32_t outer) {
    for (Item *item = items; item; item = item->next) {
        switch (item->kind) {
        case ITEM_IMPORT:
        case ITEM_TYPE:
        case ITEM_PORT: add(decls, item, outer); break;
        case ITEM_PLUGIN:
            add(decls, item, outer);
            outer = decls->n;
            collect(decls, item->u.plugin.params, decls->n);
            collect(decls, item->u.plugin.items, outer);
            outer = decls->items[outer - 1].outer;
            break;
        case ITEM_PIPELINE:
            add(decls, item, outer);
            collect(decls, item->u.pipeline.items, decls->n);
            break;
        case ITEM_STAGE:
            add(decls, item, outer);
            collect(decls, item->u.stage.items, decls->n);
            break;
        case ITEM_EDGE:
        case ITEM_BODY:
        case ITEM_ATTR:
        case ITEM_BROKEN: break;
        }
    }
}

/* How many declarations begin before `offset`. */
static uint32_t decls_before(const Decls *decls, uint32_t offset) {
    uint32_t low = 0, high = decls->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (decls->items[middle].item->keyword.start < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_doc(const char *text, const Comment *comment) {
    const char *p = text + comment->span.start;
    return !comment->in_text && comment->span.end - comment->span.start >= 2 && p[1] == '#' &&
           p[2] != '#';
}

/* The text of a comment without its signs. */
static const char *doc_text(const char *text, const Comment *comment, size_t *n) {
    const char *p = text + comment->span.start + 2;
    const char *end = text + comment->span.end;
    p += p < end && *p == ' ';
    *n = (size_t)(end - p);
    return p;
}

/* Gives the doc comments from `first` to `last` to the declaration, one line each. */
static void give(Arena *arena, const char *text, Comment *first, const Comment *last, Item *item) {
    size_t n, total = item->doc ? strlen(item->doc) + 1 : 0;
    for (const Comment *c = first; c != last->next; c = c->next) {
        doc_text(text, c, &n);
        total += is_doc(text, c) ? n + 1 : 0;
    }
    char *out = ARENA_ARRAY(arena, total + 1, char);
    char *p = item->doc ? stpcpy(out, item->doc) : out;
    for (const Comment *c = first; c != last->next; c = c->next) {
        if (is_doc(text, c)) {
            const char *line = doc_text(text, c, &n);
            p = p > out ? stpcpy(p, "\n") : p;
            memcpy(p, line, n);
            p += n;
        }
    }
    item->doc = out;
}

/* The declaration that a comment behind something on its line is about: the block that ends just
 * before it, else the last that began on that line. */
static Item *decl_behind(const Decls *decls, const char *text, const Comment *comment) {
    const char *end = text + comment->span.start;
    while (end > text && strchr(" \t\r,", end[-1])) {
        end--;
    }
    uint32_t n = decls_before(decls, comment->span.start);
    if (n == 0) {
        return NULL;
    }
    Decl decl = decls->items[n - 1];
    uint32_t at = (uint32_t)(end - text);
    while (decl.item->span.end < at && decl.outer &&
           decls->items[decl.outer - 1].item->span.end <= at) {
        decl = decls->items[decl.outer - 1];
    }
    const char *from = text + decl.item->keyword.start;
    bool same_line = !memchr(from, '\n', (size_t)(end - from));
    return same_line || decl.item->span.end == at ? decl.item : NULL;
}

/* Comments with nothing between them, each on a line of its own: they are about the declaration
 * that follows directly. Gives the last of them. */
static Comment *give_block(const Decls *decls, const char *text, Comment *first) {
    Comment *last = first;
    const char *p;
    for (;;) {
        p = text + last->span.end;
        p += strspn(p, " \t\r\n");
        if (!last->next || p != text + last->next->span.start) {
            break;
        }
        last = last->next;
    }
    uint32_t n = decls_before(decls, last->span.end);
    if (n < decls->n && p == text + decls->items[n].item->keyword.start) {
        give(decls->arena, text, first, last, decls->items[n].item);
    }
    return last;
}

static bool has_docs(const File *file, const char *text) {
    const Comment *comment = file->comments;
    while (comment && !is_doc(text, comment)) {
        comment = comment->next;
    }
    return comment != NULL;
}

void docs_attach(Arena *arena, File *file, const char *text) {
    Decls decls = { .arena = arena };
    if (!has_docs(file, text)) {
        return;
    }
    collect(&decls, file->items, 0);
    for (Comment *comment = file->comments; comment; comment = comment->next) {
        if (!is_doc(text, comment)) {
            continue;
        }
        if (comment->own_line) {
            comment = give_block(&decls, text, comment);
            continue;
        }
        Item *item = decl_behind(&decls, text, comment);
        if (item) {
            give(arena, text, comment, comment, item);
        }
    }
}
