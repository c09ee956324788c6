/*
 * fan_mode.c - the attribute `fan`: a word, and perhaps `by`.
 */
#include "check/names/names.h"

#include <string.h>

static const char *fan_word(dag_fan fan) {
    static const char *const words[] = { "single", "aggregate", "grouped", "cross" };
    return words[fan];
}

void fan_declare(Check *c, Node *node) {
    const Item *attr = node->attrs[ATTR_FAN];
    if (!attr || !attr->u.attr.words || !attr->u.attr.words->name.text) {
        node->no_axis |= node->broken; /* the word may be what could not be read */
        return;
    }
    Name word = attr->u.attr.words->name;
    Nearest near = nearest_to(word.text);
    for (int fan = DAG_SINGLE; fan <= DAG_CROSS; fan++) {
        nearest_offer(&near, fan_word((dag_fan)fan));
        if (strcmp(fan_word((dag_fan)fan), word.text) == 0) {
            node->stage->fan = (dag_fan)fan;
            node->no_axis |= damage_near(c, attr->span); /* a `by` may be lost */
            if (attr->u.attr.by.name.text && fan != DAG_GROUPED) {
                diag_report(c->diags, E0705, attr->u.attr.by.name.span,
                            "`by` belongs to `fan grouped`");
            }
            return;
        }
    }
    node->no_axis = true;
    if (node->broken) {
        return;
    }
    Diag *diag = diag_report(c->diags, E0705, word.span, "`%s` is no fan mode%s", word.text,
                             did_you_mean(c, &near));
    suggest(c, diag, word.span, &near);
    diag_help(c->diags, diag, "there are single, aggregate, grouped and cross");
}
