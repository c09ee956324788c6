/* A libFuzzer target: lexer, parser, checker, the printers of messages, and, where the text is a
 * pipeline, lowering and the layout. Built and run by tests/fuzz/run.sh.
 *
 * Nothing of it writes. Imports are read: run.sh runs it in an empty folder. */
#include <stdint.h>
#include <stdlib.h>

#include "back/emit.h"
#include "check/front_check.h"
#include "syntax/front_parse.h"
#include "tools/fmt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere(void) {
    static FILE *out;
    if (!out) {
        out = fopen("/dev/null", "w");
    }
    return out ? out : stderr;
}

static void print_messages(const Front *front) {
    diags_print(front->diags, DIAG_TEXT, true, nowhere());
    diags_print(front->diags, DIAG_JSON, false, nowhere());
}

/* What comes behind the checker, of a text without errors. */
static void go_on(Front *front, const Model *model) {
    if (model->main) {
        Graph *graph = lower_model(front, model);
        emit_c(front, graph, nowhere());
    }
}

static void compile(const uint8_t *data, size_t size) {
    Front *front = front_new();
    if (!front) {
        return;
    }
    Source *source =
        source_from_text(&front->arena, &front->sources, "fuzz.dag", (const char *)data, size);
    File *file = front_parse(front, source);
    if (front->diags->nerrors == 0) {
        fmt_print(front, file, nowhere());
    }
    Model *model = front_check(front, file);
    print_messages(front);
    if (front->diags->nerrors == 0) {
        go_on(front, model);
    }
    front_free(front);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    compile(data, size);
    return 0;
}
