/*
 * literal.c - values written as text, for tables of tests.
 */
#include "literal.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *word;
    dag_kind kind;
} words[] = {
    { "file ", DAG_FILE },         { "dir ", DAG_DIR },   { "secret ", DAG_SECRET },
    { "duration ", DAG_DURATION }, { "size ", DAG_SIZE },
};

void expect_text(const char *what, const char *got, const char *expected) {
    char message[1024];
    bool same = strcmp(got, expected) == 0;
    snprintf(message, sizeof message, "%s: got %s, expected %s", what, got, expected);
    CU_assertImplementation(same, __LINE__, message, __FILE__, "", CU_FALSE);
}

static dag_value worded(Arena *arena, dag_kind kind, const char *text) {
    int64_t i = 0;
    if (kind == DAG_DURATION || kind == DAG_SIZE) {
        bool ok = kind == DAG_SIZE ? size_parse(text, strlen(text), &i)
                                   : duration_parse(text, strlen(text), &i);
        CU_ASSERT_TRUE(ok);
        return value_int(kind, i);
    }
    return value_text(kind, arena_text(arena, text, strlen(text)), strlen(text));
}

dag_value literal(Arena *arena, const char *text) {
    dag_value v = value_null();
    dag_error error = { NULL, NULL };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = strlen(words[i].word);
        if (strncmp(text, words[i].word, n) == 0) {
            return worded(arena, words[i].kind, text + n);
        }
    }
    if (!value_from_json(arena, text, strlen(text), &v, &error)) {
        expect_text(text, error.message, "JSON");
    }
    return v;
}

const char *literal_of(Arena *arena, dag_value v) {
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words[i].kind == v.kind) {
            bool amount = v.kind == DAG_DURATION || v.kind == DAG_SIZE;
            return arena_printf(arena, "%s%s", words[i].word,
                                amount ? value_show(arena, v) : v.u.text);
        }
    }
    return value_to_json(arena, v);
}
