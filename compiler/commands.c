/*
 * commands.c - dagcc fmt, dagcc pipes.
 */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "outfile.h"
#include "pure/pipe.h"

/* ---------------------------------------------------------------- dagcc fmt */

/* The file in the standard layout, malloc'ed; NULL when it has syntax errors. */
static char *laid_out(Front *front, Source *source, size_t *n) {
    char *text = NULL;
    FILE *out = open_memstream(&text, n);
    if (!out) {
        return NULL;
    }
    File *file = front_parse(front, source);
    bool ok = front->diags->nerrors == 0 && fmt_print(front, file, out);
    if (fclose(out) != 0 || !ok) {
        free(text);
        return NULL;
    }
    return text;
}

static int complain(const char *message) {
    fprintf(stderr, "dagcc: error: %s\n", message);
    return EXIT_IO;
}

/* Puts the new text in place: a file atomically, standard input on standard output. */
static int replace(Front *front, const char *path, const char *text, size_t n) {
    if (strcmp(path, "-") == 0) {
        fwrite(text, 1, n, stdout);
        return EXIT_OK;
    }
    OutFile file;
    const char *message;
    if (!outfile_open(&file, &front->arena, path, 0666, &message)) {
        return complain(message);
    }
    fwrite(text, 1, n, file.out);
    return outfile_commit(&file, &message) ? EXIT_OK : complain(message);
}

static int format_text(Front *front, Source *source, const char *path, const Options *options) {
    size_t n;
    char *text = laid_out(front, source, &n);
    if (!text) {
        return EXIT_ERRORS;
    }
    bool same = n == source->size && memcmp(text, source->text, n) == 0;
    int status = EXIT_OK;
    if (options->check) {
        status = same ? EXIT_OK : EXIT_ERRORS;
        fputs(same ? "" : source->path, stdout);
        fputs(same ? "" : "\n", stdout);
    } else if (!same || strcmp(path, "-") == 0) {
        status = replace(front, path, text, n);
    }
    free(text);
    return status;
}

static int format_one(const char *path, const Options *options, bool color) {
    Front *front = front_new();
    if (!front) {
        return complain("out of memory");
    }
    const char *message;
    Source *source = source_read(&front->arena, &front->sources, path, &message);
    int status = source ? format_text(front, source, path, options) : complain(message);
    front->diags->quiet = true; /* of a syntax tree without a model only errors matter */
    front->diags->error_limit = (uint32_t)options->error_limit;
    diags_print(front->diags, options->format, color, stderr);
    front_free(front);
    return status;
}

int command_fmt(const Options *options, bool color) {
    int worst = EXIT_OK;
    for (size_t i = 0; i < options->nfiles; i++) {
        int status = format_one(options->files[i], options, color);
        worst = status > worst ? status : worst;
    }
    return worst;
}

/* ---------------------------------------------------------------- dagcc pipes */

/* The table has the groups in the order of the rows, each under its name. */
int command_pipes(void) {
    const char *group = "";
    for (size_t i = 0; i < pipe_count; i++) {
        const PipeRow *row = &pipe_rows[i];
        if (strcmp(group, row->group) != 0) {
            printf("%s%s\n", i ? "\n" : "", row->group);
            group = row->group;
        }
        printf("  %-12s %s\n%15s%s\n", row->name, row->signature, "", row->doc);
    }
    return EXIT_OK;
}
