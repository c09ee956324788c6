/*
 * natives.c - the C functions that the stages of a program name: a function has one type, so stages
 * that share one must be instances of one plugin with the same types.
 */
#include "check/items/items.h"
#include "model/native.h"

/* The stages with C files below the main pipeline, and what was seen of them. */
typedef struct Natives {
    Check *c;
    Table *first;   /* name of a function -> the first Stage that names it */
    Table *visited; /* Pipeline -> itself */
} Natives;

static bool same_body(const Stage *a, const Stage *b) {
    return a->body->span.file == b->body->span.file && a->body->span.start == b->body->span.start;
}

static void report(Natives *n, const Stage *first, const Stage *stage) {
    Check *c = n->c;
    const char *function = stage->body->u.body.function.text;
    bool plugin = same_body(first, stage);
    Diag *diag =
        diag_report(c->diags, E0886, plugin ? stage->slug.span : stage->body->u.body.function.span,
                    "stage `%s` calls the C function `%s` with other types than stage `%s`",
                    stage->slug.text, function, first->slug.text);
    diag_note(c->diags, diag, plugin ? first->slug.span : first->body->u.body.function.span,
              "`%s` here", first->slug.text);
    if (plugin) {
        diag_note(c->diags, diag, stage->body->u.body.function.span,
                  "both are instances of the plugin that names it");
        diag_help(c->diags, diag,
                  "a C function has one type: an inline `c` body is compiled once for each");
    } else {
        diag_help(c->diags, diag,
                  "make both stages instances of one plugin, or name a function of its own");
    }
}

static void stage_check(Natives *n, Stage *stage) {
    const char *function = stage->body->u.body.function.text;
    Stage *first = table_add(n->first, NULL, function, stage);
    if (first && !(same_body(first, stage) && native_shares(first, stage))) {
        report(n, first, stage);
    }
}

static void pipeline_check(Natives *n, Pipeline *pipeline) {
    if (table_add(n->visited, NULL, pipeline, pipeline)) {
        return;
    }
    for (uint32_t i = 0; i < pipeline->nstages; i++) {
        Stage *stage = pipeline->stages[i];
        if (stage->sub) {
            pipeline_check(n, stage->sub);
        } else if (stage->body && stage->body->u.body.kind == BODY_NATIVE) {
            stage_check(n, stage);
        }
    }
}

void natives_check(Check *c, const Unit *main) {
    Natives n = { .c = c, .first = table_new(c->arena), .visited = table_new(c->arena) };
    pipeline_check(&n, main->pipeline);
}
