/* Breaks one thing at a time in pipelines that are right, and looks at what the front end says:
 *
 *   mutate [--every N] [--floor PERCENT] [--show N] FILE.dag...
 *
 * Files with errors of their own are passed over. A mutant that has errors should have one, on the
 * line that was broken; see `judge`. Prints a table by kind of mistake and one closing line; exit
 * status 1 when the rate is below the floor, or something crashed or hung. --every N tries each Nth
 * mutant only; --show N prints every Nth of those that were not reported well. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/front.h"
#include "check/front_check.h"
#include "mutants.h"
#include "syntax/front_parse.h"

typedef enum Verdict {
    VALID,
    HERE,      /* one error, on the line of the mistake */
    NOTED,     /* one error, which shows that line too */
    NEXT,      /* one error, where the next item begins: something is not closed */
    ELSEWHERE, /* one error, elsewhere */
    MANY,
    NVERDICTS
} Verdict;

typedef struct Options {
    unsigned long every, show;
    double floor;
} Options;

typedef struct Session {
    Options options;
    const char *path;
    const Text *text;
    unsigned long seen, bad;
    unsigned long counts[NKINDS][NVERDICTS];
} Session;

/* What is being tried, for the handler of signals. */
static struct {
    const char *path;
    size_t at, end;
    char with[256];
} trying;

static void died(int signal_number) {
    char text[1024];
    int n =
        snprintf(text, sizeof text, "mutate: signal %d at %s, bytes %zu to %zu replaced by `%s`\n",
                 signal_number, trying.path, trying.at, trying.end, trying.with);
    ssize_t written = write(STDERR_FILENO, text, (size_t)n);
    _exit(written < 0 ? 2 : 1);
}

/* ---------------------------------------------------------------- judging */

static uint32_t line_of(Front *front, Span span) {
    Source *source = front->sources.items[span.file];
    return source_position(&front->arena, source, span.start).line;
}

static uint32_t last_line_of(Front *front, Span span) {
    Source *source = front->sources.items[span.file];
    return source_position(&front->arena, source, span.end).line;
}

/* Do the lines of the span touch those from `first` to `last`? */
static bool touches(Front *front, Span span, uint32_t first, uint32_t last) {
    return span.file == 0 && line_of(front, span) <= last && last_line_of(front, span) >= first;
}

/* Is there no more than blanks and comments between the break and the line of the error? */
static bool is_next_item(const Front *front, uint32_t from, Span span) {
    const Source *source = front->sources.items[0];
    const char *p = source->text + from, *end = source->text + span.start;
    p += strcspn(p, "\n");
    int words = 0;
    while (span.file == 0 && p < end) {
        p += strspn(p, " \t\r\n}");
        if (*p == '#') {
            p += strcspn(p, "\n");
        } else if (p < end) {
            words++;
            p += strcspn(p, "\n");
        }
    }
    return words == 0;
}

static const Diag *only_error(const Diags *diags) {
    const Diag *only = NULL;
    for (const Diag *diag = diags->first; diag; diag = diag->next) {
        if (diag->severity == SEVERITY_ERROR) {
            only = diag;
        }
    }
    return diags->nerrors == 1 ? only : NULL;
}

static Verdict judge(Front *front, const Mutant *mutant) {
    if (front->diags->nerrors == 0) {
        return VALID;
    }
    const Diag *diag = only_error(front->diags);
    if (!diag) {
        return MANY;
    }
    uint32_t end = (uint32_t)(mutant->at + strlen(mutant->with));
    Span broken = { 0, (uint32_t)mutant->at, end };
    uint32_t first = line_of(front, broken), last = last_line_of(front, broken);
    if (SPAN_IS_NONE(diag->span)) {
        return ELSEWHERE;
    }
    if (touches(front, diag->span, first, last)) {
        return HERE;
    }
    for (const Note *note = diag->notes; note; note = note->next) {
        if (note->has_span && touches(front, note->span, first, last)) {
            return NOTED;
        }
    }
    return is_next_item(front, end, diag->span) ? NEXT : ELSEWHERE;
}

/* ---------------------------------------------------------------- trying */

static void show(Front *front, const Session *s, const Mutant *mutant, Verdict verdict) {
    uint32_t line = line_of(front, (Span){ 0, (uint32_t)mutant->at, (uint32_t)mutant->at });
    size_t n;
    const char *text = source_line(&front->arena, front->sources.items[0], line, &n);
    printf("--- %s:%u: %s: %s\n    %.*s\n", s->path, (unsigned)line, kind_names[mutant->kind],
           verdict == MANY ? "several errors" : "one error elsewhere", (int)n, text);
    diags_print(front->diags, DIAG_TEXT, false, stdout);
}

static Front *check(const char *path, const char *text, size_t n) {
    Front *front = front_new();
    if (!front) {
        abort();
    }
    Source *source = source_from_text(&front->arena, &front->sources, path, text, n);
    diags_option(front->diags, "no-all");
    front_check(front, front_parse(front, source));
    return front;
}

static void try_mutant(void *self, const Mutant *mutant) {
    Session *s = self;
    const Text *t = s->text;
    if (s->seen++ % s->options.every != 0) {
        return;
    }
    size_t with = strlen(mutant->with), n = t->n - (mutant->end - mutant->at) + with;
    char *text = malloc(n + 1);
    if (!text) {
        abort();
    }
    memcpy(text, t->bytes, mutant->at);
    memcpy(text + mutant->at, mutant->with, with);
    memcpy(text + mutant->at + with, t->bytes + mutant->end, t->n - mutant->end);
    trying.at = mutant->at;
    trying.end = mutant->end;
    memcpy(trying.with, mutant->with, sizeof trying.with);
    alarm(20);
    Front *front = check(s->path, text, n);
    alarm(0);
    Verdict verdict = judge(front, mutant);
    s->counts[mutant->kind][verdict]++;
    if (verdict >= ELSEWHERE && s->options.show && s->bad++ % s->options.show == 0) {
        show(front, s, mutant, verdict);
    }
    front_free(front);
    free(text);
}

/* ---------------------------------------------------------------- files */

/* Which bytes are comments, by the parser; NULL: the file has errors. */
static bool *comments_of(const char *path, const char *text, size_t n) {
    Front *front = check(path, text, n);
    bool *comment = front->diags->nerrors ? NULL : calloc(n + 1, 1);
    File *file = front_parse(front, front->sources.items[0]);
    for (const Comment *c = file->comments; comment && c; c = c->next) {
        memset(comment + c->span.start, 1, c->span.end - c->span.start);
    }
    front_free(front);
    return comment;
}

static char *read_file(const char *path, size_t *n) {
    FILE *in = fopen(path, "rb");
    char *text = malloc(1 << 20);
    *n = in && text ? fread(text, 1, 1 << 20, in) : 0;
    if (in) {
        fclose(in);
    }
    return text;
}

static bool mutate_file(Session *s, const char *path) {
    size_t n;
    char *text = read_file(path, &n);
    s->path = trying.path = path;
    bool *comment = text ? comments_of(path, text, n) : NULL;
    if (comment) {
        Text t = { text, n, comment };
        s->text = &t;
        mutants_each(&t, try_mutant, s);
    }
    bool tried = comment != NULL;
    free(comment);
    free(text);
    return tried;
}

/* ---------------------------------------------------------------- the report */

/* The row; gives the rate in percent: of what had errors, what was reported well. */
static double print_row(const char *name, const unsigned long *n) {
    unsigned long good = n[HERE] + n[NOTED] + n[NEXT], bad = n[ELSEWHERE] + n[MANY];
    double rate = good + bad ? 100.0 * (double)good / (double)(good + bad) : 100.0;
    printf("%-20s %7lu %7lu %7lu %6lu %6lu %9lu %6lu %6.1f %%\n", name, good + bad + n[VALID],
           n[VALID], n[HERE], n[NOTED], n[NEXT], n[ELSEWHERE], n[MANY], rate);
    return rate;
}

static double print_table(const Session *s) {
    unsigned long all[NVERDICTS] = { 0 };
    printf("%-20s %7s %7s %7s %6s %6s %9s %6s %8s\n", "", "mutants", "valid", "line", "noted",
           "next", "elsewhere", "many", "rate");
    for (int kind = 0; kind < NKINDS; kind++) {
        for (int v = 0; v < NVERDICTS; v++) {
            all[v] += s->counts[kind][v];
        }
        print_row(kind_names[kind], s->counts[kind]);
    }
    return print_row("all", all);
}

int main(int argc, char **argv) {
    static Session s = { .options = { .every = 1 } };
    static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGALRM };
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        signal(signals[i], died);
    }
    int nfiles = 0, i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        char *end;
        double value = strtod(argv[i + 1], &end);
        if (strcmp(argv[i], "--every") == 0 && value >= 1) {
            s.options.every = (unsigned long)value;
        } else if (strcmp(argv[i], "--show") == 0 && value >= 0) {
            s.options.show = (unsigned long)value;
        } else if (strcmp(argv[i], "--floor") == 0) {
            s.options.floor = value;
        } else {
            fprintf(stderr, "mutate: %s is no option\n", argv[i]);
            return 2;
        }
    }
    for (; i < argc; i++) {
        nfiles += mutate_file(&s, argv[i]);
    }
    double rate = print_table(&s);
    bool good = rate >= s.options.floor && nfiles > 0;
    printf(
        "%d files; one error, at its place: %.1f %% of the mutants with errors (floor %.0f %%)\n",
        nfiles, rate, s.options.floor);
    printf("mutants: %d passed, %d failed\n", good, !good);
    return !good;
}
