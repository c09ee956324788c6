/*
 * hover.c - what is said about a thing when somebody points at it: how it is declared, its type,
 * its axis, its documentation, as Markdown.
 */
#include "tools/look.h"
#include "model/words_of.h"
#include "pure/pipe.h"

#include <string.h>

typedef struct Hover {
    Arena *arena;
    const Model *model;
} Hover;

static const char *type_of(const Hover *h, const Type *type) {
    return type ? type_text(h->model->types, type) : "?";
}

static const char *block(const Hover *h, const char *code) {
    return arena_printf(h->arena, "```dag\n%s\n```\n", code);
}

/* A paragraph behind what is there; NULL and "" add nothing. */
static const char * and (const Hover *h, const char *text, const char *more) {
    return more && *more ? arena_printf(h->arena, "%s\n%s\n", text, more) : text;
}

/* "scan.item, split.part"; NULL where the axis is empty or unknown. */
static const char *axis_names(const Hover *h, const Axis *axis) {
    if (!axis || axis->depth == 0) {
        return NULL;
    }
    const Port *port = axis->position;
    const char *last = arena_printf(h->arena, "`%s.%s`", port->stage->slug.text, port->name.text);
    const char *before = axis_names(h, axis->parent);
    return before ? arena_printf(h->arena, "%s, %s", before, last) : last;
}

static const char *axis_sentence(const Hover *h, const Axis *axis, const char *one,
                                 const char *many) {
    const char *names = axis_names(h, axis);
    return !axis ? NULL : names ? arena_printf(h->arena, "%s %s", many, names) : one;
}

/* ---------------------------------------------------------------- */

static const char *lowered(const Hover *h, const char *text) {
    char *copy = arena_text(h->arena, text, strlen(text));
    for (char *p = copy; *p; p++) {
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
    }
    return copy;
}

static const char *stage_hover(const Hover *h, const Stage *stage) {
    const QName *plugin = &stage->item->u.stage.plugin;
    const char *made =
        plugin->name.text
            ? arena_printf(h->arena, " = %s%s%s(…)", plugin->module.text ? plugin->module.text : "",
                           plugin->module.text ? "." : "", plugin->name.text)
            : "";
    const char *text = block(h, arena_printf(h->arena, "stage %s%s", stage->slug.text, made));
    text =
        and(h, text, axis_sentence(h, stage->axis, "one task per run", "one task per artifact of"));
    text = and(h, text,
               arena_printf(h->arena, "fan %s; %s", lowered(h, word_of_fan(stage->fan) + WORD),
                            stage->flags & DAG_STAGE_CACHEABLE ? "cacheable"
                            : stage->body                      ? "uncacheable"
                                          : "an expression, computed every time"));
    return and(h, text, stage->item->doc);
}

static const char *port_hover(const Hover *h, const Port *port) {
    const char *type = type_of(h, port->type);
    const char *declared =
        port->out && port->stream
            ? arena_printf(h->arena, "out %s: stream<%s>", port->name.text, type)
            : arena_printf(h->arena, "%s %s: %s", port->out ? "out" : "in", port->name.text, type);
    const char *text = block(h, port->stage ? arena_printf(h->arena, "%s  # of stage %s", declared,
                                                           port->stage->slug.text)
                                            : declared);
    if (port->gathers) {
        text = and(h, text, axis_sentence(h, port->axis, NULL, "gathers the artifacts of"));
    } else {
        text =
            and(h, text, axis_sentence(h, port->axis, "axis: none, one artifact per run", "axis:"));
    }
    return and(h, text, port->item ? port->item->doc : NULL);
}

static const char *input_hover(const Hover *h, const Item *item, const Type *type) {
    static const char *const words[] = {
        [PORT_INPUT] = "input", [PORT_CONFIG] = "config", [PORT_OUTPUT] = "output",
        [PORT_IN] = "in",       [PORT_OUT] = "out",       [PORT_PARAM] = "parameter"
    };
    const char *text = arena_printf(h->arena, "%s %s: %s", words[item->u.port.kind],
                                    item->name.text, type_of(h, type));
    return and(h, block(h, text), item->doc);
}

static const char *pipe_hover(const Hover *h, const Expr *expr) {
    const PipeRow *row = expr->u.pipe.row;
    const char *text = block(h, arena_printf(h->arena, "%s: %s", row->name, row->signature));
    return and(h, and(h, text, row->doc),
               arena_printf(h->arena, "here: %s", type_of(h, expr->type)));
}

static const char *declared_hover(const Hover *h, const Item *item) {
    const char *word = item->kind == ITEM_PLUGIN ? "plugin" : "pipeline";
    return and(h, block(h, arena_printf(h->arena, "%s %s", word, item->name.text)), item->doc);
}

static const char *keyword_hover(const Hover *h, const Item *item) {
    static const struct {
        const char *word, *doc;
    } rows[] = {
#define ATTR(kind, word, form, scope, doc) [kind] = { word, doc },
#include "syntax/attributes.def"
#undef ATTR
    };
    return and(h, block(h, rows[item->u.attr.kind].word), rows[item->u.attr.kind].doc);
}

const char *thing_hover(Arena *arena, const Model *model, const Thing *thing) {
    Hover h = { arena, model };
    switch (thing->kind) {
    case THING_STAGE: return stage_hover(&h, thing->stage);
    case THING_PORT: return port_hover(&h, thing->port);
    case THING_INPUT: return input_hover(&h, thing->item, thing->type);
    case THING_PIPE: return pipe_hover(&h, thing->expr);
    case THING_VALUE: return block(&h, type_of(&h, thing->type));
    case THING_DECLARED: return declared_hover(&h, thing->item);
    case THING_TYPE:
        return and(&h, block(&h, type_of(&h, thing->type)), thing->item ? thing->item->doc : NULL);
    case THING_KEYWORD: return keyword_hover(&h, thing->item);
    }
    return "";
}
