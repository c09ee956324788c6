/* A pipeline compiled from its text. */
#include "check/front_check.h"
#include "compiled.h"
#include "syntax/front_parse.h"

#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

Compiled compiled_new(const char *text) {
    Compiled c = { .front = front_new() };
    Source *source =
        source_from_text(&c.front->arena, &c.front->sources, "t.dag", text, strlen(text));
    Model *model = front_check(c.front, front_parse(c.front, source));
    if (c.front->diags->nerrors > 0) {
        diags_print(c.front->diags, DIAG_TEXT, false, stdout);
        CU_FAIL("the pipeline has errors");
        return c;
    }
    c.graph = lower_model(c.front, model);
    c.program = &c.graph->program;
    return c;
}

void compiled_free(Compiled *compiled) {
    front_free(compiled->front);
    *compiled = (Compiled){ 0 };
}

const char *compiled_print(const Compiled *compiled, Emitter *emit) {
    char *text = NULL;
    size_t n = 0;
    FILE *out = compiled->graph ? open_memstream(&text, &n) : NULL;
    if (!out) {
        return "";
    }
    emit(compiled->front, compiled->graph, out);
    fclose(out);
    const char *copy = arena_text(&compiled->front->arena, text, n);
    free(text);
    return copy;
}

const char *compiled_line(const Compiled *compiled, const char *text, const char *start) {
    size_t n = strlen(start);
    for (const char *line = text; line && *line;) {
        const char *end = strchrnul(line, '\n');
        const char *word = line + strspn(line, " ");
        if (strncmp(word, start, n) == 0 && word + n <= end) {
            return arena_text(&compiled->front->arena, word + n, (size_t)(end - word) - n);
        }
        line = *end ? end + 1 : NULL;
    }
    return "";
}

bool text_has(const char *text, const char *part) {
    return strstr(text, part) != NULL;
}
