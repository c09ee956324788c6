/*
 * damage.c - what syntax errors may have swallowed.
 *
 * The parser recovers, but names, types or edges near a syntax error may be missing from the tree.
 * What could follow from that is not reported: items on the line of a syntax error are checked
 * muted, and a name that stands near one may have been declared there.
 */
#include "check/common/check.h"

#include <stdlib.h>
#include <string.h>

static int span_order(const void *a, const void *b) {
    const Span *x = a, *y = b;
    if (x->file != y->file) {
        return x->file < y->file ? -1 : 1;
    }
    return x->start < y->start ? -1 : x->start > y->start;
}

/* The number of the first error at or behind a place. */
static uint32_t damage_from(const Check *c, Span at) {
    uint32_t low = 0, high = c->ndamage;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (span_order(&c->damage[middle], &at) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool damage_inside(const Check *c, Span span) {
    uint32_t i = damage_from(c, span);
    return i < c->ndamage && c->damage[i].file == span.file && c->damage[i].start < span.end;
}

/* Inside, or behind it on its last line. */
bool damage_near(const Check *c, Span span) {
    if (c->ndamage == 0) {
        return false;
    }
    uint32_t i = damage_from(c, span);
    if (i == c->ndamage || c->damage[i].file != span.file) {
        return false;
    }
    uint32_t start = c->damage[i].start;
    if (start <= span.end) {
        return true;
    }
    const char *text = c->front->sources.items[span.file]->text;
    return !memchr(text + span.end, '\n', start - span.end);
}

bool damage_on_line(const Check *c, Span span) {
    if (SPAN_IS_NONE(span) || c->ndamage == 0) {
        return false;
    }
    const char *text = c->front->sources.items[span.file]->text;
    while (span.start > 0 && text[span.start - 1] != '\n') {
        span.start--;
    }
    span.end += (uint32_t)strcspn(text + span.end, "\n");
    return damage_inside(c, span);
}

/* Is there a syntax error outside of pipelines and plugins? */
static bool damage_outside(const Check *c, const Module *module) {
    const Source *source = module->file->source;
    Span whole = { source->file, 0, 0 }, end = { source->file, source->size + 1, 0 };
    uint32_t n = damage_from(c, end) - damage_from(c, whole);
    for (const Item *item = module->file->items; item && n > 0; item = item->next) {
        if (item->kind == ITEM_PIPELINE || item->kind == ITEM_PLUGIN) {
            Span behind = { item->span.file, item->span.end, 0 };
            uint32_t inside = damage_from(c, behind) - damage_from(c, item->span);
            n -= inside < n ? inside : n;
        }
    }
    return n > 0;
}

/* What an import that could not be read would have declared is not known. */
static void break_modules(Check *c) {
    for (Module *module = c->modules; module; module = module->next) {
        module->broken |= damage_outside(c, module);
        for (const ImportDecl *decl = module->imports; decl; decl = decl->next) {
            module->broken |= damage_near(c, decl->item->span);
        }
    }
}

void damage_collect(Check *c) {
    uint32_t n = 0;
    c->ndamage = 0;
    for (const Diag *diag = c->diags->first; diag; diag = diag->next) {
        n += diag->severity == SEVERITY_ERROR;
    }
    c->damage = ARENA_ARRAY(c->arena, n, Span);
    for (const Diag *diag = c->diags->first; diag; diag = diag->next) {
        if (diag->severity == SEVERITY_ERROR && diag->code < E0201) {
            c->damage[c->ndamage++] = diag->span;
        }
    }
    if (c->ndamage) {
        qsort(c->damage, c->ndamage, sizeof(Span), span_order);
    }
    break_modules(c);
}

/* ---------------------------------------------------------------- muted checks */

bool damage_mute(Check *c, bool mute) {
    bool before = c->diags == c->unheard;
    c->diags = mute || before ? c->unheard : c->front->diags;
    return before;
}

void damage_restore(Check *c, bool before) {
    c->diags = before ? c->unheard : c->front->diags;
}

/* ---------------------------------------------------------------- pipelines and stages */

/* Where the line before the one that `at` lies in begins; blank lines do not count. */
static uint32_t line_before(const char *text, uint32_t at) {
    while (at > 0 && text[at - 1] != '\n') {
        at--;
    }
    while (at > 0 && strchr(" \t\r\n", text[at - 1])) {
        at--;
    }
    while (at > 0 && text[at - 1] != '\n') {
        at--;
    }
    return at;
}

/* The line of the error with those before and behind it. */
static Span lines_around(const Check *c, Span error) {
    const Source *source = c->front->sources.items[error.file];
    Span region = error;
    region.start = line_before(source->text, error.start);
    for (int newlines = 0; region.end < source->size && newlines < 2; region.end++) {
        newlines += source->text[region.end] == '\n';
    }
    return region;
}

/* Does it stand in a stage that has kept its name? */
static bool in_stage(const Unit *unit, Span error) {
    uint32_t low = 0, high = unit->nnodes;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        Span span = unit->nodes[middle].item->span;
        if (span.start <= error.start && error.start < span.end) {
            return unit->nodes[middle].item->name.text != NULL;
        }
        if (span.start < error.start) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

/* MANY: with so many syntax errors an edge may be lost anywhere; to look would take long. */
enum { MOST_REGIONS = 64, MANY = 256 };

/* Has the pipeline ended too early? Then edges may stand behind it. */
static bool damage_behind(const Check *c, const Unit *unit, uint32_t i) {
    if (i == c->ndamage || c->damage[i].file != unit->item->span.file) {
        return false;
    }
    for (const Item *item = unit->module->file->items; item; item = item->next) {
        if (item->kind != ITEM_BROKEN && item->span.start <= c->damage[i].start &&
            c->damage[i].start < item->span.end) {
            return false;
        }
    }
    return true;
}

void damage_unit(Check *c, Unit *unit) {
    Span span = unit->item->span;
    unit->regions = ARENA_ARRAY(c->arena, MOST_REGIONS, Span);
    uint32_t i = damage_from(c, span);
    for (; i < c->ndamage && unit->nregions < MOST_REGIONS; i++) {
        if (c->damage[i].file != span.file || c->damage[i].start >= span.end) {
            unit->lost_edge |= c->ndamage > MANY || damage_behind(c, unit, i);
            break;
        }
        if (!in_stage(unit, c->damage[i])) {
            unit->regions[unit->nregions++] = lines_around(c, c->damage[i]);
        }
    }
    /* An item ends where the next one begins: a mistake there may have cost one that is complete. */
    const Item *item = c->ndamage ? unit->item->u.pipeline.items : NULL;
    for (; item && unit->nregions < MOST_REGIONS; item = item->next) {
        if (item->kind == ITEM_BROKEN || (item->kind == ITEM_EDGE && item->broken)) {
            unit->regions[unit->nregions++] = item->span;
        }
    }
}

static bool is_name_char(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
           ch == '_';
}

/* Does a declaring word stand there without a name behind it? */
static bool nameless(const Check *c, Span span, const char *word) {
    const char *text = c->front->sources.items[span.file]->text;
    size_t n = strlen(word);
    for (size_t i = span.start; i + n < span.end; i++) {
        if (memcmp(text + i, word, n) != 0 || is_name_char(text[i + n]) ||
            (i > span.start && is_name_char(text[i - 1]))) {
            continue;
        }
        size_t next = i + n;
        while (text[next] == ' ' || text[next] == '\t') {
            next++;
        }
        if (!is_name_char(text[next])) {
            return true;
        }
    }
    return false;
}

bool unit_mentions(Check *c, const Unit *unit, const char *name, const char *word) {
    for (uint32_t i = 0; i < unit->nregions; i++) {
        if (span_mentions(c, unit->regions[i], name) || nameless(c, unit->regions[i], word)) {
            return true;
        }
    }
    return false;
}

bool unit_feeds(Check *c, const Unit *unit, const char *slug, const char *port) {
    for (uint32_t i = 0; i < unit->nregions; i++) {
        if ((slug && span_mentions(c, unit->regions[i], slug)) ||
            span_mentions(c, unit->regions[i], port)) {
            return true;
        }
    }
    return unit->lost_edge;
}

bool node_mentions(Check *c, const Node *node, const char *name) {
    if (!node->broken) {
        return false;
    }
    Span span = node->plugin ? node->plugin->item->span : node->item->span;
    return node->no_ports || span_mentions(c, node->item->span, name) ||
           span_mentions(c, span, name) || nameless(c, span, "in") || nameless(c, span, "out");
}
