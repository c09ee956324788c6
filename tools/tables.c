/*
 * tables.c - what rows of the code are the source of: the tables of the documentation as Markdown (tables
 * NAME, where NAME is pipes, attributes, warnings or errors), and the words that editors highlight (tables
 * words GROUP, separated by bars). tools/tables.sh puts them in place.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A cell: a bar would end it. In code `<` stands for itself, elsewhere it could begin a tag. */
static void cell(const char *text) {
    bool code = false;
    for (; *text; text++) {
        code ^= *text == '`';
        fputs(*text == '|' ? "\\" : *text == '<' && !code ? "\\" : "", stdout);
        putchar(*text);
    }
}

static void row(const char *code, const char *second, bool second_is_code, const char *text) {
    printf("| `%s` | %s", code, second_is_code ? "`" : "");
    cell(second);
    printf("%s | ", second_is_code ? "`" : "");
    cell(text);
    puts(" |");
}

static const char *pipe_row(const char *group, const char *name, const char *signature,
                            const char *said, const char *doc) {
    if (strcmp(group, said) != 0) {
        printf("%s**%s**\n\n| pipe | types | |\n|---|---|---|\n", *said ? "\n" : "", group);
    }
    row(name, signature, true, doc);
    return group;
}

static void pipes(void) {
    const char *said = "";
#define PIPE(name, signature, group, flags, function, doc) \
    said = pipe_row(group, name, signature, said, doc);
#include "pure/pipes.def"
#undef PIPE
}

static void attributes(void) {
    puts("| attribute | of | |\n|---|---|---|");
#define STAGE "stages"
#define PIPELINE "pipelines"
#define BOTH "both"
#define ATTR(kind, word, form, scope, doc) row(word, scope, false, doc);
#include "syntax/attributes.def"
#undef ATTR
}

static void warnings(void) {
    puts("| `-W` | unsaid | |\n|---|---|---|");
#define ERROR(code, title, explanation, bad, good)
#define WARNING(code, name, on, title, explanation, bad, good) \
    row(name, on ? "on" : "off", false, title);
#include "base/errors.def"
#undef ERROR
#undef WARNING
}

static void errors(void) {
    puts("| code | |\n|---|---|");
#define ERROR(code, title, explanation, bad, good) \
    printf("| `%s` | ", #code);                    \
    cell(title);                                   \
    puts(" |");
#define WARNING(code, name, on, title, explanation, bad, good)
#include "base/errors.def"
#undef ERROR
#undef WARNING
}

/* ---------------------------------------------------------------- words */

/* Prints the word when its group is asked for; a bar before all but the first. */
static void word(const char *wanted, const char *group, const char *text, bool *any) {
    if (strcmp(wanted, group) == 0) {
        printf("%s%s", *any ? "|" : "", text);
        *any = true;
    }
}

static bool keywords(const char *wanted) {
    bool any = false;
#define WORD_ITEM "items"
#define WORD_PART "parts"
#define WORD_SUFFIX "suffixes"
#define WORD_CONDITION "conditions"
#define WORD(text, token, kind, places, number) word(wanted, kind, text, &any);
#include "syntax/words.def"
#undef WORD
    return any;
}

/* Attributes by the form of what follows: attributes (all), attributes-FLAG, … */
static bool attribute_words(const char *wanted) {
    bool any = false;
#define ATTR(kind, text, form, scope, doc)  \
    word(wanted, "attributes", text, &any); \
    word(wanted, "attributes-" #form, text, &any);
#include "syntax/attributes.def"
#undef ATTR
    return any;
}

static bool other_words(const char *wanted) {
    bool any = false;
#define TYPE_WORD(text, kind, applied) word(wanted, "types", text, &any);
#include "syntax/types.def"
#undef TYPE_WORD
#define HEAD(text, resolve) word(wanted, "heads", text, &any);
#include "syntax/heads.def"
#undef HEAD
#define PIPE(name, signature, group, flags, function, doc) word(wanted, "pipes", name, &any);
#include "pure/pipes.def"
#undef PIPE
    return any;
}

static int print_words(const char *wanted) {
    if (keywords(wanted) || attribute_words(wanted) || other_words(wanted)) {
        return 0;
    }
    fprintf(stderr, "tables: there are no words `%s`\n", wanted);
    return 2;
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*print)(void);
    } tables[] = { { "pipes", pipes },
                   { "attributes", attributes },
                   { "warnings", warnings },
                   { "errors", errors } };
    if (argc == 3 && strcmp(argv[1], "words") == 0) {
        return print_words(argv[2]);
    }
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (argc == 2 && strcmp(argv[1], tables[i].name) == 0) {
            tables[i].print();
            return 0;
        }
    }
    fprintf(stderr, "tables: there are pipes, attributes, warnings and errors\n");
    return 2;
}
