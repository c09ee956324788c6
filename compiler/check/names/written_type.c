/*
 * written_type.c - types as written, resolved to semantic types.
 */
#include "check/names/names.h"

#include <string.h>

static const Type *declared_type(Check *c, TypeDecl *decl);

typedef struct TypeWord {
    const char *word;
    int kind;
    bool applied; /* takes <T> */
} TypeWord;

static const TypeWord words[] = {
#define TYPE_WORD(text, kind, applied) { text, kind, applied },
#include "syntax/types.def"
#undef TYPE_WORD
};

static const TypeWord *type_word(const char *name) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, name) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

static const Type *named_type(Check *c, Module *module, Node *node, TypeExpr *written) {
    QName name = written->name;
    if (!name.name.text) {
        return c->any;
    }
    const TypeWord *word = name.module.text ? NULL : type_word(name.name.text);
    if (word && word->applied) {
        Diag *diag =
            diag_report(c->diags, E0310, written->span, "`%s` needs a type in `< >`", word->word);
        diag_help(c->diags, diag, "for example `%s<string>`", word->word);
        return c->any;
    }
    if (word) {
        return type_basic(c->types, word->kind);
    }
    const Type *var =
        !name.module.text && node ? table_get(c->table, &node->vars, name.name.text) : NULL;
    if (var) {
        return var;
    }
    TypeDecl *decl = module_find_type(c, module, name);
    return decl ? declared_type(c, decl) : c->any;
}

/* `string<a.b>`: most likely a `=` is missing before a reference. */
static void report_no_arguments(Check *c, Module *module, Node *node, TypeExpr *written,
                                const TypeWord *word) {
    if (!word) {
        named_type(c, module, node, written); /* reports what is unknown */
        return;
    }
    Diag *diag =
        diag_report(c->diags, E0310, written->span, "`%s` takes no type in `< >`", word->word);
    if (written->args && written->args->name.module.text) {
        Span after = { written->span.file, written->name.name.span.end,
                       written->name.name.span.end };
        diag_fix(c->diags, diag, false, after, " =", "if a value is meant, insert `=`");
    }
}

static const Type *applied_type(Check *c, Module *module, Node *node, TypeExpr *written,
                                bool stream) {
    const TypeWord *word = written->name.module.text || !written->name.name.text
                               ? NULL
                               : type_word(written->name.name.text);
    if (!word || !word->applied) {
        report_no_arguments(c, module, node, written, word);
        return c->any;
    }
    const Type *elem = NULL;
    for (TypeExpr *arg = written->args; arg; arg = arg->next) {
        const Type *type = type_resolve(c, module, node, arg, false);
        elem = elem ? elem : type;
    }
    if (!elem || written->args->next) {
        diag_report(c->diags, E0310, written->span, "`%s` takes one type in `< >`%s", word->word,
                    word->kind == DAG_MAP ? ", that of its values: keys are strings" : "");
        return c->any;
    }
    if (word->kind == KIND_STREAM && !stream) {
        Diag *diag =
            diag_report(c->diags, E0310, written->span,
                        "`stream` is no type of values: only an output of a stage streams");
        diag_help(c->diags, diag,
                  "`%s` gets one element for each task; a `list<%s>` gathers all of them, under "
                  "`fan aggregate`",
                  type_name(c, elem), type_name(c, elem));
        return c->any;
    }
    return type_of_elem(c->types, word->kind, elem);
}

/* Fields of a record or cases of an enum, without those named twice. */
static const Type *fields_type(Check *c, Module *module, Node *node, const TypeExpr *written) {
    uint32_t n = 0;
    for (const FieldExpr *field = written->fields; field; field = field->next) {
        n++;
    }
    Field *fields = ARENA_ARRAY(c->arena, n, Field);
    uint32_t made = 0;
    uint64_t weight = 1;
    for (const FieldExpr *field = written->fields; field; field = field->next) {
        const Type *type = field->type ? type_resolve(c, module, node, field->type, false) : NULL;
        if (!field->name.text) {
            continue;
        }
        FieldExpr *first = table_add(c->table, written, field->name.text, (void *)(uintptr_t)field);
        if (first) {
            report_duplicate(c, written->form == TYPE_ENUM ? "case" : "field", field->name,
                             first->name.span);
            continue;
        }
        weight += type ? type->weight : 1;
        fields[made++] = (Field){ field->name.text, type };
    }
    if (weight >= TYPE_MAX_WEIGHT) {
        diag_report(c->diags, E0310, written->span, "this type is too large");
        return c->any;
    }
    return written->form == TYPE_ENUM ? type_enum(c->types, fields, made)
                                      : type_record(c->types, fields, made);
}

const Type *type_resolve(Check *c, Module *module, Node *node, TypeExpr *written, bool stream) {
    if (written->type) {
        return written->type;
    }
    const Type *type = c->any;
    bool before = damage_mute(c, damage_near(c, written->span));
    switch (written->form) {
    case TYPE_NAMED: type = named_type(c, module, node, written); break;
    case TYPE_APPLIED: type = applied_type(c, module, node, written, stream); break;
    case TYPE_OPTIONAL:
        type = type_of_elem(c->types, DAG_OPTIONAL,
                            type_resolve(c, module, node, written->args, false));
        break;
    case TYPE_RECORD:
    case TYPE_ENUM: type = fields_type(c, module, node, written); break;
    case TYPE_SAME: /* the port's type comes from elsewhere */
    case TYPE_BROKEN: break;
    }
    damage_restore(c, before);
    written->type = type;
    return type;
}

static const Type *declared_type(Check *c, TypeDecl *decl) {
    if (decl->type) {
        return decl->type;
    }
    if (decl->open) {
        Diag *diag = diag_report(c->diags, E0216, decl->item->name.span,
                                 "type `%s` contains itself", decl->item->name.text);
        diag_help(c->diags, diag, "what has no bound can be a field of type `json`");
        decl->type = c->any;
        return c->any;
    }
    decl->open = true;
    const Type *type = type_resolve(c, decl->module, NULL, decl->item->u.type, false);
    decl->open = false;
    if (!decl->type) {
        decl->type =
            decl->item->name.text ? type_named(c->types, type, decl->item->name.text) : type;
    }
    return decl->type;
}

void types_resolve(Check *c) {
    for (Module *module = c->modules; module; module = module->next) {
        for (TypeDecl *decl = module->types; decl; decl = decl->next) {
            if (decl->item->u.type) {
                declared_type(c, decl);
            }
        }
    }
}
