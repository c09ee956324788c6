/*
 * tables.c - the tables of the documentation that rows of the code are the source of, as Markdown:
 * tables NAME, where NAME is pipes, attributes, warnings or errors. tools/tables.sh puts them in place.
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

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*print)(void);
    } tables[] = { { "pipes", pipes },
                   { "attributes", attributes },
                   { "warnings", warnings },
                   { "errors", errors } };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (argc == 2 && strcmp(argv[1], tables[i].name) == 0) {
            tables[i].print();
            return 0;
        }
    }
    fprintf(stderr, "tables: there are pipes, attributes, warnings and errors\n");
    return 2;
}
