/*
 * diag_explain.c - dagcc --explain CODE: a row of errors.def for reading.
 */
#include <string.h>

#include "base/diag.h"

/* A code is also found in small letters. */
static bool is_code(const char *code, const char *word) {
    for (; *code && *word; code++, word++) {
        char c = *word >= 'a' && *word <= 'z' ? (char)(*word - 'a' + 'A') : *word;
        if (c != *code) {
            return false;
        }
    }
    return *code == *word;
}

/* A code in any case, a warning's name, or either as it stands in an option (-Wraw). */
static const CodeRow *find_row(const char *code) {
    code += strncmp(code, "-W", 2) == 0 ? 2 : 0;
    for (int i = 0; i < NCODES; i++) {
        const CodeRow *row = code_row((Code)i);
        if (is_code(row->code, code) || (row->warning && strcmp(row->warning, code) == 0)) {
            return row;
        }
    }
    return NULL;
}

/* Breaks lines at spaces; a line that begins with a space stays as it is. */
static void print_wrapped(const char *text, FILE *out) {
    enum { WIDTH = 80 };
    while (*text) {
        size_t n = strcspn(text, "\n");
        size_t room = n;
        if (n > WIDTH && text[0] != ' ') {
            for (room = WIDTH; room > 0 && text[room] != ' '; room--) {
            }
            room = room ? room : strcspn(text, " \n"); /* one long word */
        }
        fprintf(out, "%.*s\n", (int)room, text);
        text += room + (text[room] != '\0');
    }
}

static void print_example(const char *title, const char *text, FILE *out) {
    if (!text) {
        return;
    }
    fprintf(out, "\n%s\n\n", title);
    while (*text) {
        size_t n = strcspn(text, "\n");
        fprintf(out, "%s%.*s\n", n ? "    " : "", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

bool diag_explain(const char *code, FILE *out) {
    const CodeRow *row = find_row(code);
    if (!row) {
        return false;
    }
    fprintf(out, "%s: %s\n", row->code, row->title);
    if (row->warning) {
        fprintf(out, "Warning -W%s, %s by default.\n", row->warning, row->on ? "on" : "off");
    }
    fputc('\n', out);
    print_wrapped(row->explanation, out);
    print_example("This is refused:", row->warning ? NULL : row->bad, out);
    print_example("This is warned about:", row->warning ? row->bad : NULL, out);
    print_example("This is fine:", row->good, out);
    return true;
}
