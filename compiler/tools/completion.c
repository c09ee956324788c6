/*
 * completion.c - `dagcc completion SHELL`: the script that sets up a shell, and behind `--` the words of
 * a command line so far: what may stand for the last one (pure/complete.h).
 *
 * A placeholder of options.def is a row of the table and a function here.
 */
#include <string.h>

#include "base/source.h"
#include "syntax/front_parse.h"
#include "tools/commands.h"
#include "tools/completion.h"

/* ---------------------------------------------------------------- messages */

/* ERROR and WARNING rows alike: their codes, and the names of warnings. */
static void offer_codes(Completion *c) {
    for (int i = 0; i < NCODES; i++) {
        complete_offer(c, code_name((Code)i), NULL);
        if (code_warning((Code)i)) {
            complete_offer(c, code_warning((Code)i), NULL);
        }
    }
}

static void offer_warning_names(Completion *c, const char *before) {
    for (int i = 0; i < NCODES; i++) {
        if (code_warning((Code)i)) {
            complete_offer(c, arena_printf(c->arena, "%s%s", before, code_warning((Code)i)), NULL);
        }
    }
}

static void offer_warnings(Completion *c) {
    complete_offer(c, "error", "every warning is an error");
    offer_warning_names(c, "");
    offer_warning_names(c, "no-");
    offer_warning_names(c, "error=");
}

/* ---------------------------------------------------------------- of the file that is named */

/* Calls `see` with the tree of the first .dag file on the command line, if there is one. */
static void with_file(Completion *c, void (*see)(Completion *c, const File *file)) {
    const char *path = NULL, *message;
    for (size_t i = 0; i < c->nwords && !path; i++) {
        size_t n = strlen(c->words[i]);
        path = n > 4 && strcmp(c->words[i] + n - 4, ".dag") == 0 ? c->words[i] : NULL;
    }
    Front *front = path ? front_new() : NULL;
    Source *source = front ? source_read(&front->arena, &front->sources, path, &message) : NULL;
    if (source) {
        see(c, front_parse(front, source));
    }
    if (front) {
        front_free(front);
    }
}

static void see_pipelines(Completion *c, const File *file) {
    for (const Item *item = file->items; item; item = item->next) {
        if (item->kind == ITEM_PIPELINE && item->name.text) {
            complete_offer(c, item->name.text, item->doc);
        }
    }
}

/* The cases of an enum, or of what the file calls by this name. */
static void offer_cases(Completion *c, const File *file, const TypeExpr *type) {
    bool named = type && type->form == TYPE_NAMED && type->name.name.text;
    if (named && strcmp(type->name.name.text, "bool") == 0) {
        complete_placeholder(c, "true|false");
    }
    for (const Item *item = file->items; named && item; item = item->next) {
        if (item->kind == ITEM_TYPE && item->name.text == type->name.name.text) {
            type = item->u.type;
            break;
        }
    }
    for (const FieldExpr *f = type && type->form == TYPE_ENUM ? type->fields : NULL; f;
         f = f->next) {
        complete_offer(c, f->name.text, NULL);
    }
}

/* True: it is the one whose value is being written. */
static bool see_config(Completion *c, const File *file, const Item *config) {
    const char *name = config->name.text;
    size_t n = strcspn(c->typed, "=");
    if (!c->typed[n]) {
        complete_offer(c, arena_printf(c->arena, "%s=", name), config->doc);
        return false;
    }
    if (strlen(name) != n || memcmp(name, c->typed, n) != 0) {
        return false;
    }
    complete_behind(c, n + 1);
    offer_cases(c, file, config->u.port.type);
    return true;
}

static void see_configs(Completion *c, const File *file) {
    for (const Item *p = file->items; p; p = p->next) {
        const Item *item = p->kind == ITEM_PIPELINE ? p->u.pipeline.items : NULL;
        for (; item; item = item->next) {
            bool config = item->kind == ITEM_PORT && item->u.port.kind == PORT_CONFIG;
            if (config && item->name.text && see_config(c, file, item)) {
                return;
            }
        }
    }
}

static void offer_pipelines(Completion *c) {
    with_file(c, see_pipelines);
}

static void offer_configs(Completion *c) {
    with_file(c, see_configs);
}

/* ---------------------------------------------------------------- the rest */

static void offer_emits(Completion *c) {
    for (size_t i = 0; options_emit_word(i); i++) {
        complete_offer(c, options_emit_word(i), NULL);
    }
}

static void offer_levels(Completion *c) {
    complete_placeholder(c, "0|1|2|3");
}

/* What cannot be foreseen. */
static void offer_nothing(Completion *c) {
    (void)c;
}

static const struct {
    const char *placeholder;
    void (*offer)(Completion *c);
} rows[] = {
    { "KIND", offer_emits },  { "NAME=VALUE", offer_configs }, { "PIPELINE", offer_pipelines },
    { "0..3", offer_levels }, { "[no-]NAME", offer_warnings }, { "CODE", offer_codes },
    { "N", offer_nothing },   { "", offer_nothing },
};

static bool offer(Completion *c, const char *placeholder) {
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (strcmp(rows[i].placeholder, placeholder) == 0) {
            rows[i].offer(c);
            return true;
        }
    }
    return false;
}

CompleteTables completion_tables(Arena *arena) {
    CompleteTables tables = options_tables(arena);
    tables.offer = offer;
    return tables;
}

int command_complete(const Options *options, const char *self) {
    Arena arena = { 0 };
    const char *shell = options->files[0], *text = complete_script(&arena, shell, self);
    if (text && options->nfiles > 1) {
        CompleteTables tables = completion_tables(&arena);
        text = complete_words(&arena, &tables, options->files + 1, options->nfiles - 1);
    }
    if (text) {
        fputs(text, stdout);
    } else {
        fprintf(stderr, "dagcc: error: completion takes %s, not `%s`\n", COMPLETE_SHELLS, shell);
    }
    arena_free(&arena);
    return text ? EXIT_OK : EXIT_USAGE;
}
