/*
 * emit_dense.c - the tables of a large pipeline for the assembler. C compilers take a microsecond
 * and a kilobyte for each initialiser, so that ten thousand stages take seconds; the assembler reads
 * the same numbers in a tenth of that, and where a file may stand beside the C text, it takes them
 * from there as bytes in no time. Nobody reads so many rows: `--emit=ir` is for that.
 */
#include "back/emit.h"

#include <string.h>

/* Rows of tables from which on they are dense: some 300 stages. */
enum { DENSE_ROWS = 10000, NUMBERS_PER_LINE = 16 };

bool emit_is_dense(const Graph *graph) {
    const dag_program *p = &graph->program;
    uint64_t rows =
        (uint64_t)p->nstages + p->nports + p->nedges + p->nexprs + p->ncode + graph->npieces;
    return rows >= DENSE_ROWS;
}

static bool is_quad(const EmitDense *table, size_t at) {
    for (size_t i = 0; i < table->nquads; i++) {
        if (table->quads[i] == at) {
            return true;
        }
    }
    return false;
}

/* The 32-bit words from one place of a row on, up to the next 64-bit member; how many bytes. */
static size_t words(CWriter *w, const EmitDense *table, const unsigned char *row, size_t from) {
    size_t at = from;
    const char *before = "\".long ";
    for (; at < table->size && !is_quad(table, at); at += sizeof(uint32_t)) {
        uint32_t word;
        memcpy(&word, row + at, sizeof word);
        cw_text(w, before);
        cw_number(w, word);
        before = ",";
    }
    cw_text(w, at > from ? "\\n\"" : "");
    return at;
}

static void dense_row(CWriter *w, const EmitDense *table, const unsigned char *row) {
    cw_text(w, "    ");
    for (size_t at = 0; at < table->size;) {
        at = words(w, table, row, at);
        if (at < table->size) {
            int64_t quad;
            memcpy(&quad, row + at, sizeof quad);
            cw_text(w, " \".quad ");
            cw_number(w, (uint64_t)quad);
            cw_text(w, "\\n\" ");
            at += sizeof quad;
        }
    }
    cw_text(w, "\n");
}

void emit_included(Emit *e, const char *name, const void *bytes, size_t n) {
    if (e->image_size == 0) {
        cw_format(&e->w,
                  "_Static_assert(__BYTE_ORDER__ == %d, \"made for another order of bytes\");\n",
                  __BYTE_ORDER__);
    }
    cw_format(&e->w,
              "__asm__(\".section .rodata\\n.balign 8\\n%s:\\n\"\n"
              "    \".incbin \\\"%s\\\",%llu,%zu\\n.previous\\n\");\n",
              name, e->image_path, (unsigned long long)e->image_size, n);
    fwrite(bytes, 1, n, e->image);
    e->image_size += n;
}

void emit_dense(Emit *e, const CGraph *graph, const EmitDense *table) {
    CWriter *w = &e->w;
    const char *prefix = graph->prefix;
    if (table->n == 0) {
        return;
    }
    cw_format(w, "\n_Static_assert(sizeof(%s) == %zu, \"made for another layout of %s\");\n",
              table->type, table->size, table->type);
    cw_format(w, "extern const %s %s_%s[] __attribute__((visibility(\"hidden\")));\n", table->type,
              prefix, table->name);
    if (e->image) {
        const char *name = arena_printf(&e->front->arena, "%s_%s", prefix, table->name);
        emit_included(e, name, table->rows, table->n * table->size);
        return;
    }
    cw_format(w, "__asm__(\".section .rodata\\n.balign 8\\n%s_%s:\\n\"\n", prefix, table->name);
    EmitDense rows = *table;
    size_t bytes = table->n * table->size;
    if (table->size == sizeof(uint32_t)) { /* plain numbers: many to a line */
        rows.size = NUMBERS_PER_LINE * sizeof(uint32_t);
    }
    for (size_t at = 0; at < bytes; at += rows.size) {
        rows.size = bytes - at < rows.size ? bytes - at : rows.size;
        dense_row(w, &rows, (const unsigned char *)table->rows + at);
    }
    cw_text(w, "    \".previous\\n\");\n");
}
