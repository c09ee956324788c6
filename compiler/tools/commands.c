/*
 * commands.c - dagcc fmt, dagcc fix, dagcc pipes.
 */
#include "tools/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "pure/pipe.h"
#include "tools/fmt.h"
#include "tools/repair.h"

/* ---------------------------------------------------------------- dagcc fmt */

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
    char *text = fmt_text(front, source, &n);
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

/* ---------------------------------------------------------------- dagcc fix */

/* The text in place, unless nothing was fixed or --check only asks. */
static int put_back(Front *front, const Repair *repair, const char *path, const Options *options) {
    bool standard = strcmp(path, "-") == 0;
    if (options->check) {
        return repair->nfixes ? EXIT_ERRORS : EXIT_OK;
    }
    return repair->nfixes || standard ? replace(front, path, repair->text, repair->size) : EXIT_OK;
}

/* Fixes a text; what is left to be mended by hand is printed as dagcc would print it. */
static int fix_text(Front *front, const Source *source, const char *path, const Options *options,
                    bool color) {
    FILE *log = options->quiet ? NULL : strcmp(path, "-") == 0 ? stderr : stdout;
    Repair *repair = repair_text(&front->arena, source, options, log);
    if (!repair) {
        return complain("out of memory");
    }
    int status = put_back(front, repair, path, options);
    if (!options->check) {
        bool left = repair->rest->diags->nerrors > 0;
        status = status == EXIT_OK && left ? EXIT_ERRORS : status;
        diags_print(repair->rest->diags, options->format, color, stderr);
    }
    front_free(repair->rest);
    return status;
}

static int fix_one(const char *path, const Options *options, bool color) {
    Front *front = front_new();
    if (!front) {
        return complain("out of memory");
    }
    const char *message;
    Source *source = source_read(&front->arena, &front->sources, path, &message);
    int status = source ? fix_text(front, source, path, options, color) : complain(message);
    front_free(front);
    return status;
}

int command_fix(const Options *options, bool color) {
    int worst = EXIT_OK;
    for (size_t i = 0; i < options->nfiles; i++) {
        int status = fix_one(options->files[i], options, color);
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
