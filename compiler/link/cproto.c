/*
 * cproto.c - are the functions in C files of the type that their stages expect? The generated
 * header declares them, so the C compiler says so, where a file includes it. Where it does not, the
 * file is looked at once more with the header in front.
 */
#include "link/cproto.h"

#include <string.h>

#include "back/cnames.h"

const char *cproto_text(Front *front, const Graph *graph, const char *function) {
    CNames *names = cnames_new(front, graph);
    for (uint32_t i = 0; i < names->graphs.n; i++) {
        const CGraph *g = &names->graphs.items[i];
        for (uint32_t k = 0; k < g->graph->nnatives; k++) {
            const CNative *native = &g->natives[k];
            if (native->code->function && strcmp(native->code->function, function) == 0) {
                return arena_printf(&front->arena, "int %s(dag_ctx *ctx, const %s *in, %s *out)",
                                    function, native->in, native->out);
            }
        }
    }
    return NULL;
}

const char *cproto_conflict(Arena *arena, const char *message) {
    static const char *const starts[] = { "conflicting types for '", "static declaration of '" };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t n = strlen(starts[i]);
        if (strncmp(message, starts[i], n) == 0) {
            return arena_text(arena, message + n, strcspn(message + n, "'"));
        }
    }
    return NULL;
}

/* Did the unit read a file of that name? */
static bool has_read(const CUnits *units, const CUnit *unit, const char *header) {
    Sources none = { 0 };
    const char *message;
    const char *path = arena_printf(&units->front->arena, "%s.d", unit->object);
    Source *rule = source_read(&units->front->arena, &none, path, &message);
    const char *slash = strrchr(header, '/');
    return !rule || strstr(rule->text, slash ? slash : header);
}

const char *cproto_check(const CUnits *units, const CUnit *unit, const Argv *base,
                         const char *header) {
    if (!unit->file || has_read(units, unit, header)) {
        return "";
    }
    Argv argv = { .arena = &units->front->arena };
    Process process;
    argv_add_all(&argv, base);
    argv_add_all(&argv, &unit->flags);
    argv_add(&argv, "-fsyntax-only");
    argv_add(&argv, "-include");
    argv_add(&argv, header);
    argv_add(&argv, unit->path);
    process_start(units->shop, &process, &argv);
    return process_wait(units->shop, &process) ? "" : process.err;
}
