/*
 * csv.c - CSV (RFC 4180) to JSON lines, for csv.dag. One row is held at a time.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include DAG_HEADER /* of whichever pipeline uses the plugin */

typedef struct Row {
    char *text; /* all fields, each with a NUL behind */
    size_t n, size;
    size_t nfields;
} Row;

typedef struct Csv {
    FILE *in, *out;
    int separator;
    long line; /* that is being read */
    long begun; /* on which the row begins */
    Row head, row;
    const char *why; /* what is wrong */
} Csv;

static int put(Csv *csv, Row *row, char c) {
    if (row->n == row->size) {
        size_t size = row->size ? row->size * 2 : 256;
        char *text = realloc(row->text, size);
        if (!text) {
            csv->why = "out of memory";
            return 0;
        }
        row->text = text;
        row->size = size;
    }
    row->text[row->n++] = c;
    return 1;
}

/* Inside quotes, up to and with the closing one. */
static int quoted(Csv *csv, Row *row) {
    for (int c; (c = getc(csv->in)) != EOF;) {
        csv->line += c == '\n';
        if (c == '"') {
            c = getc(csv->in);
            if (c != '"') {
                ungetc(c, csv->in);
                return 1;
            }
        }
        if (c == '\0' || !put(csv, row, (char)c)) {
            csv->why = csv->why ? csv->why : "a NUL byte";
            return 0;
        }
    }
    csv->why = "a quote is not closed";
    return 0;
}

/* A field and what ends it: the separator, '\n' or EOF; -2: failed. */
static int field(Csv *csv, Row *row) {
    int c = getc(csv->in);
    if (c == '"') {
        if (!quoted(csv, row)) {
            return -2;
        }
        c = getc(csv->in);
        if (c != EOF && c != '\n' && c != '\r' && c != csv->separator) {
            csv->why = "text behind a closing quote";
            return -2;
        }
    }
    for (; c != EOF && c != '\n' && c != csv->separator; c = getc(csv->in)) {
        if (c == '\0' || (c != '\r' && !put(csv, row, (char)c))) {
            csv->why = csv->why ? csv->why : "a NUL byte";
            return -2;
        }
    }
    row->nfields++;
    return put(csv, row, '\0') ? c : -2;
}

/* False: there is no further row, or csv->why. */
static int read_row(Csv *csv, Row *row) {
    int c = getc(csv->in);
    row->n = row->nfields = 0;
    csv->begun = ++csv->line;
    if (c == EOF) {
        return 0;
    }
    ungetc(c, csv->in);
    do {
        c = field(csv, row);
    } while (c == csv->separator);
    return c != -2;
}

static size_t utf8_length(const unsigned char *s) {
    size_t n = *s < 0x80 ? 1 : *s >= 0xc2 && *s < 0xe0 ? 2 : *s >= 0xe0 && *s < 0xf0 ? 3
             : *s >= 0xf0 && *s < 0xf5 ? 4 : 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    int bad = (*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) ||
              (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f);
    return bad ? 0 : n;
}

static int put_json(Csv *csv, const char *text) {
    putc('"', csv->out);
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        size_t n = utf8_length(s);
        if (n == 0) {
            csv->why = "text that is not UTF-8";
            return 0;
        }
        if (*s == '"' || *s == '\\') {
            putc('\\', csv->out);
        }
        if (*s < 0x20) {
            fprintf(csv->out, "\\u%04x", *s);
        } else {
            fwrite(s, 1, n, csv->out);
        }
        s += n;
    }
    putc('"', csv->out);
    return 1;
}

static int put_row(Csv *csv) {
    const char *name = csv->head.text, *value = csv->row.text;
    if (csv->row.nfields != csv->head.nfields) {
        csv->why = "the number of fields is not that of the first row";
        return 0;
    }
    for (size_t i = 0; i < csv->head.nfields; i++) {
        putc(i == 0 ? '{' : ',', csv->out);
        if (!put_json(csv, name) || (putc(':', csv->out), !put_json(csv, value))) {
            return 0;
        }
        name += strlen(name) + 1;
        value += strlen(value) + 1;
    }
    fputs("}\n", csv->out);
    return 1;
}

static int64_t convert(Csv *csv) {
    int64_t rows = 0;
    if (getc(csv->in) != 0xef || getc(csv->in) != 0xbb || getc(csv->in) != 0xbf) {
        rewind(csv->in); /* no byte order mark */
    }
    if (!read_row(csv, &csv->head)) {
        return 0;
    }
    while (!csv->why && read_row(csv, &csv->row)) {
        int empty = csv->row.nfields == 1 && csv->row.text[0] == '\0' && csv->head.nfields > 1;
        rows += !empty && put_row(csv);
    }
    return rows;
}

static int fail(dag_ctx *ctx, const char *path) {
    return dag_fail(ctx, "output", "cannot write %s: %s", path, strerror(errno));
}

int std_csv_to_jsonl(dag_ctx *ctx, const to_jsonl_in *in, to_jsonl_out *out) {
    const char *path = dag_printf(ctx, "%s/table.jsonl", dag_workdir(ctx));
    Csv csv = { .separator = (unsigned char)in->by[0] };
    if (strlen(in->by) != 1 || strchr("\"\r\n", in->by[0])) {
        return dag_fail(ctx, "csv", "the separator must be one character: \"%s\"", in->by);
    }
    csv.in = fopen(in->csv, "r");
    csv.out = csv.in ? fopen(path, "w") : NULL;
    if (!csv.out) {
        int status = csv.in ? fail(ctx, path)
                            : dag_fail(ctx, "input", "cannot read %s: %s", in->csv, strerror(errno));
        if (csv.in) {
            fclose(csv.in);
        }
        return status;
    }
    out->rows = convert(&csv);
    out->jsonl = "table.jsonl";
    free(csv.head.text);
    free(csv.row.text);
    int unread = ferror(csv.in), bad = ferror(csv.out);
    fclose(csv.in);
    bad = fclose(csv.out) != 0 || bad;
    if (csv.why || unread) {
        return dag_fail(ctx, "csv", "%s, line %ld: %s", in->csv, csv.begun,
                        csv.why ? csv.why : "cannot be read");
    }
    return bad ? fail(ctx, path) : 0;
}
