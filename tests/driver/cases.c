/* Checks the cases: .dag files whose comments say what must come out.
 *
 *   cases DAGCC [FILE.dag...]        without files: every .dag of tests/cases and examples
 *
 *   #~ error RE, #~ warning RE       behind a line: what `dagcc --check` must say about that line
 *   #: run ARGS                      compile, run in an empty folder; $CASE is the case's folder
 *   #: exit N                        then what must hold for that run: its exit status,
 *   #: output NAME JSON              a result of its --json document,
 *   #: stage SLUG STATE [N tasks]    a stage, and how many of its tasks are completed or cached
 *
 * Prints a line or more per failure and one closing line; exit status 1 when anything failed.
 * In: DAGCC_FLAGS (added when a pipeline is compiled), JOBS (cases at a time), CASE_TIMEOUT (seconds
 * for one command). A count is one file with `#~` marks, or one `#: run`. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <math.h>
#include <regex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct Counts {
    int passed, failed;
} Counts;

/* One expectation: a `#~` mark or a `#:` line. */
typedef struct Mark {
    int line;   /* from 1 */
    char *word; /* error, warning; run, exit, output, stage */
    char *rest; /* what follows the word, trimmed */
    bool met;
} Mark;

typedef struct Case {
    const char *path; /* as it was given, for messages */
    const char *name; /* its last component */
    char *folder;     /* absolute */
    char *tmp;        /* a folder of our own, removed at the end */
    Mark *marks;
    int nmarks;
    Counts counts;
    bool said; /* the check at hand has failed */
} Case;

/* What a command left behind. */
typedef struct Ran {
    int status; /* exit status; 128 + signal; -1: timed out */
    char *out, *err;
} Ran;

static const char *dagcc; /* absolute path */

/* ------------------------------------------------------------------------------ small helpers */

static _Noreturn void die(const char *what) {
    fprintf(stderr, "cases: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void *need(void *p) {
    if (!p) {
        die("memory");
    }
    return p;
}

__attribute__((format(printf, 1, 2))) static char *text(const char *format, ...) {
    char *s = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&s, format, args);
    va_end(args);
    return need(n < 0 ? NULL : s);
}

/* The whole file as a string; NULL when it cannot be opened. */
static char *read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) {
        return NULL;
    }
    char *s = NULL;
    size_t len = 0, room = 0;
    do {
        room = room ? 2 * room : 4096;
        s = need(realloc(s, room + 1));
        len += fread(s + len, 1, room - len, f);
    } while (len == room);
    s[len] = '\0';
    fclose(f);
    return s;
}

/* Prints one failure of a case; the first line of a check names the file and line. */
__attribute__((format(printf, 3, 4))) static void fail(Case *c, int line, const char *format, ...) {
    va_list args;
    printf("%s:%d: ", c->path, line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    c->said = true;
}

/* Prints the end of a command's text, indented. */
static void show(const char *title, const char *s) {
    enum { MOST = 6000 };
    size_t len = strlen(s);
    if (len == 0) {
        return;
    }
    printf("    %s:\n        ", title);
    for (const char *p = len > MOST ? s + len - MOST : s; *p; p++) {
        putchar(*p);
        if (*p == '\n' && p[1]) {
            printf("        ");
        }
    }
    printf("%s", s[len - 1] == '\n' ? "" : "\n");
}

static void count(Case *c) {
    if (c->said) {
        c->counts.failed++;
    } else {
        c->counts.passed++;
    }
    c->said = false;
}

/* ------------------------------------------------------------------------------- running things */

static int to_file(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0) {
        die(path);
    }
    return fd;
}

/* Waits for the child, for as long as a command may take; then its process group is killed. */
static int wait_for(pid_t pid) {
    const char *limit = getenv("CASE_TIMEOUT");
    time_t end = time(NULL) + (limit ? atoi(limit) : 120);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    for (;;) {
        int status;
        if (waitpid(pid, &status, WNOHANG) == pid) {
            kill(-pid, SIGKILL); /* what it may have left behind */
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        }
        if (time(NULL) >= end) {
            kill(-pid, SIGKILL);
            waitpid(pid, &status, 0);
            return -1;
        }
        sigtimedwait(&child, NULL, &(struct timespec){ .tv_sec = 1 });
    }
}

/* Runs a shell command in a folder, with empty input. Its word splitting is off: "$CASE" needs no
 * quotes. The texts are read back from the case's own folder. */
static Ran run(Case *c, const char *folder, const char *command) {
    char *out = text("%s/stdout", c->tmp);
    char *err = text("%s/stderr", c->tmp);
    char *script = text("IFS=; set -f; exec %s", command);
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        die("fork");
    }
    if (pid == 0) {
        setpgid(0, 0);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(to_file(out), 1);
        dup2(to_file(err), 2);
        setenv("CASE", c->folder, 1);
        setenv("DAGCC", dagcc, 1);
        if (chdir(folder) != 0) {
            die(folder);
        }
        execl("/bin/sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    setpgid(pid, pid);
    Ran r = { .status = wait_for(pid) };
    r.out = need(read_file(out));
    r.err = need(read_file(err));
    free(out);
    free(err);
    free(script);
    return r;
}

static void ran_free(Ran *r) {
    free(r->out);
    free(r->err);
}

/* -------------------------------------------------------------------------------- reading marks */

static char *trimmed(const char *s) {
    while (*s == ' ' || *s == '\t') {
        s++;
    }
    size_t len = strlen(s);
    while (len && strchr(" \t\r", s[len - 1])) {
        len--;
    }
    return need(strndup(s, len));
}

static void mark_add(Case *c, int line, const char *s) {
    char *all = trimmed(s);
    size_t n = strcspn(all, " \t");
    c->marks = need(realloc(c->marks, (size_t)(c->nmarks + 1) * sizeof *c->marks));
    c->marks[c->nmarks++] = (Mark){ line, need(strndup(all, n)), trimmed(all + n), false };
    free(all);
}

/* `#:` counts only at the beginning of a line, `#~` anywhere. False when the file is unreadable. */
static bool marks_read(Case *c) {
    char *source = read_file(c->path);
    if (!source) {
        return false;
    }
    int line = 1;
    for (char *p = source, *end; *p; p = end, line++) {
        end = p + strcspn(p, "\n");
        if (*end) {
            *end++ = '\0';
        }
        char *tilde = strstr(p, "#~");
        if (strncmp(p, "#:", 2) == 0) {
            mark_add(c, line, p + 2);
        } else if (tilde) {
            mark_add(c, line, tilde + 2);
        }
    }
    free(source);
    return true;
}

static bool is_diagnostic(const Mark *m) {
    return strcmp(m->word, "error") == 0 || strcmp(m->word, "warning") == 0;
}

/* The numbers of the marks from `first` up to the next `#: run` (excluded). */
static int block_end(const Case *c, int first) {
    int i = first + 1;
    while (i < c->nmarks && strcmp(c->marks[i].word, "run") != 0) {
        i++;
    }
    return i;
}

/* ---------------------------------------------------------------------------------- diagnostics */

static const char *member(const cJSON *object, const char *name) {
    const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return s ? s : "";
}

static int line_of(const cJSON *diagnostic) {
    return (int)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(diagnostic, "line"));
}

/* Whether the text matches; a bad expression is the case's own mistake and matches nothing. */
static bool matches(const char *pattern, const char *s) {
    regex_t re;
    if (regcomp(&re, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0) {
        return false;
    }
    bool yes = regexec(&re, s, 0, NULL, 0) == 0;
    regfree(&re);
    return yes;
}

/* The first mark that this diagnostic meets and that is still open; NULL: none. */
static Mark *mark_for(Case *c, const cJSON *diagnostic) {
    for (int i = 0; i < c->nmarks; i++) {
        Mark *m = &c->marks[i];
        if (is_diagnostic(m) && !m->met && m->line == line_of(diagnostic) &&
            strcmp(m->word, member(diagnostic, "severity")) == 0 &&
            matches(m->rest, member(diagnostic, "message"))) {
            return m;
        }
    }
    return NULL;
}

/* Takes one line of --diagnostics=json. `strict`: an unmarked warning is a failure too. */
static void diagnostic_check(Case *c, const char *line, bool strict) {
    cJSON *d = cJSON_Parse(line);
    const char *severity = member(d, "severity");
    if (!cJSON_IsObject(d)) {
        fail(c, 0, "expected diagnostics in JSON, one object per line; got: %s", line);
    } else if (strcmp(severity, "error") == 0 || strcmp(severity, "warning") == 0) {
        Mark *m = mark_for(c, d);
        if (m) {
            m->met = true;
        } else if (strict || strcmp(severity, "error") == 0) {
            fail(c, line_of(d), "unexpected %s %s: %s", severity, member(d, "code"),
                 member(d, "message"));
        }
    }
    cJSON_Delete(d);
}

static bool has_marks(const Case *c, const char *word) {
    for (int i = 0; i < c->nmarks; i++) {
        if (strcmp(c->marks[i].word, word) == 0) {
            return true;
        }
    }
    return false;
}

/* A file with `#~` marks. Beside errors, warnings that no mark names are allowed. */
static void check_diagnostics(Case *c) {
    bool errors = has_marks(c, "error");
    bool strict = !errors || has_marks(c, "warning");
    char *command = text("\"$DAGCC\" --check --diagnostics=json '%s'", c->name);
    Ran r = run(c, c->folder, command);
    char *rest = NULL;
    char *lines = need(strdup(r.err));
    for (char *l = strtok_r(lines, "\n", &rest); l; l = strtok_r(NULL, "\n", &rest)) {
        diagnostic_check(c, l, strict);
    }
    for (int i = 0; i < c->nmarks; i++) {
        const Mark *m = &c->marks[i];
        if (is_diagnostic(m) && !m->met) {
            fail(c, m->line, "missing %s: %s", m->word, m->rest);
        }
    }
    if (r.status != (errors ? 1 : 0)) {
        fail(c, 0, "dagcc --check ended with status %d, expected %d", r.status, errors ? 1 : 0);
    }
    if (c->said) {
        show("dagcc said", r.err);
    }
    count(c);
    free(lines);
    free(command);
    ran_free(&r);
}

/* ----------------------------------------------------------------------------------------- runs */

/* Numbers by value, objects without regard to order. */
static bool same_json(const cJSON *a, const cJSON *b) {
    if (cJSON_IsNumber(a) && cJSON_IsNumber(b)) {
        double x = a->valuedouble, y = b->valuedouble;
        return x == y || fabs(x - y) <= 1e-12 * fmax(fabs(x), fabs(y));
    }
    if ((a->type & 0xff) != (b->type & 0xff)) {
        return false;
    }
    if (cJSON_IsString(a)) {
        return strcmp(a->valuestring, b->valuestring) == 0;
    }
    if (cJSON_IsArray(a)) {
        const cJSON *x = a->child, *y = b->child;
        for (; x && y; x = x->next, y = y->next) {
            if (!same_json(x, y)) {
                return false;
            }
        }
        return !x && !y;
    }
    if (cJSON_IsObject(a)) {
        if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b)) {
            return false;
        }
        for (const cJSON *x = a->child; x; x = x->next) {
            const cJSON *y = cJSON_GetObjectItemCaseSensitive(b, x->string);
            if (!y || !same_json(x, y)) {
                return false;
            }
        }
    }
    return true;
}

static void check_output(Case *c, const Mark *m, const cJSON *document) {
    size_t n = strcspn(m->rest, " \t");
    char *name = need(strndup(m->rest, n));
    cJSON *want = cJSON_Parse(m->rest + n);
    const cJSON *outputs = cJSON_GetObjectItemCaseSensitive(document, "outputs");
    const cJSON *got = cJSON_GetObjectItemCaseSensitive(outputs, name);
    if (!want) {
        fail(c, m->line, "the case's own value is no JSON: %s", m->rest + n);
    } else if (!got) {
        fail(c, m->line, "output %s: expected%s, there is none", name, m->rest + n);
    } else if (!same_json(want, got)) {
        char *s = need(cJSON_PrintUnformatted(got));
        fail(c, m->line, "output %s: expected%s, got %s", name, m->rest + n, s);
        free(s);
    }
    cJSON_Delete(want);
    free(name);
}

/* `SLUG STATE [N tasks]`; the count is that of completed and cached tasks. */
static void check_stage(Case *c, const Mark *m, const cJSON *document) {
    char slug[256], state[32];
    int want = -1;
    if (sscanf(m->rest, "%255s %31s %d", slug, state, &want) < 2) {
        fail(c, m->line, "the case's own mark is not `stage SLUG STATE [N tasks]`");
        return;
    }
    const cJSON *stages = cJSON_GetObjectItemCaseSensitive(document, "stages");
    const cJSON *stage = cJSON_GetObjectItemCaseSensitive(stages, slug);
    if (!stage) {
        fail(c, m->line, "stage %s: expected %s, there is none", slug, state);
        return;
    }
    if (strcmp(member(stage, "state"), state) != 0) {
        fail(c, m->line, "stage %s: expected %s, got %s", slug, state, member(stage, "state"));
    }
    const cJSON *tasks = cJSON_GetObjectItemCaseSensitive(stage, "tasks");
    int got = 0;
    for (const cJSON *t = tasks ? tasks->child : NULL; t; t = t->next) {
        if (strcmp(t->string, "completed") == 0 || strcmp(t->string, "cached") == 0) {
            got += t->valueint;
        }
    }
    if (want >= 0 && (want != got || !tasks)) {
        fail(c, m->line, "stage %s: expected %d tasks completed or cached, got %d", slug, want,
             got);
    }
}

/* Checks the marks of one run against what it left. */
static void check_run(Case *c, int first, int end, const Ran *r) {
    const char *rest = NULL;
    cJSON *document = cJSON_ParseWithOpts(r->out, &rest, true);
    if (!document && strstr(c->marks[first].rest, "--json")) {
        fail(c, c->marks[first].line, "expected one JSON document on stdout");
    }
    if (r->status < 0) {
        fail(c, c->marks[first].line, "the run took too long and was killed");
    }
    for (int i = first + 1; i < end; i++) {
        const Mark *m = &c->marks[i];
        if (strcmp(m->word, "exit") == 0) {
            if (atoi(m->rest) != r->status) {
                fail(c, m->line, "expected exit status %s, got %d", m->rest, r->status);
            }
        } else if (strcmp(m->word, "output") == 0) {
            check_output(c, m, document);
        } else if (strcmp(m->word, "stage") == 0) {
            check_stage(c, m, document);
        } else if (!is_diagnostic(m)) {
            fail(c, m->line, "the case's own mark is unknown: %s", m->word);
        }
    }
    if (c->said) {
        show("stdout", r->out);
        show("stderr", r->err);
    }
    cJSON_Delete(document);
}

static bool compile(Case *c) {
    const char *flags = getenv("DAGCC_FLAGS");
    char *command =
        text("\"$DAGCC\" %s '%s' -o '%s/pipeline'", flags ? flags : "", c->name, c->tmp);
    Ran r = run(c, c->folder, command);
    bool ok = r.status == 0 && !strstr(r.err, "warning");
    if (!ok) {
        fail(c, 0, "expected to compile without a warning; status %d", r.status);
        show("dagcc said", r.err);
    }
    free(command);
    ran_free(&r);
    return ok;
}

/* ------------------------------------------------------------------------------------ one case */

static bool has_checks(const Case *c) {
    return has_marks(c, "error") || has_marks(c, "warning") || has_marks(c, "run");
}

/* The `#: run` blocks in turn, all in one folder. When compiling fails, all of them have failed. */
static void check_runs(Case *c) {
    if (!has_marks(c, "run")) {
        return;
    }
    bool compiled = compile(c);
    char *folder = text("%s/run", c->tmp);
    if (mkdir(folder, 0777) != 0) {
        die(folder);
    }
    for (int i = 0; i < c->nmarks; i++) {
        if (strcmp(c->marks[i].word, "run") != 0) {
            continue;
        }
        if (compiled) {
            char *command = text("'%s/pipeline' %s", c->tmp, c->marks[i].rest);
            Ran r = run(c, folder, command);
            check_run(c, i, block_end(c, i), &r);
            ran_free(&r);
            free(command);
        } else {
            c->said = true;
        }
        count(c);
    }
    free(folder);
}

static void remove_tree(const char *folder) {
    char *command = text("rm -rf '%s'", folder);
    if (system(command) != 0) {
        fprintf(stderr, "cases: %s could not be removed\n", folder);
    }
    free(command);
}

static Counts check_case(const char *path) {
    char absolute[PATH_MAX];
    Case c = { .path = path };
    const char *tmp = getenv("TMPDIR");
    c.tmp = text("%s/dagcc-case.XXXXXX", tmp ? tmp : "/tmp");
    if (!realpath(path, absolute) || !marks_read(&c)) {
        fail(&c, 0, "%s", strerror(errno));
        return (Counts){ .failed = 1 };
    }
    char *slash = strrchr(absolute, '/');
    c.name = slash + 1;
    c.folder = need(strndup(absolute, (size_t)(slash - absolute)));
    if (!mkdtemp(c.tmp)) {
        die(c.tmp);
    }
    if (!has_checks(&c) && strncmp(path, "examples/", 9) == 0) {
        c.counts = (Counts){ 0 }; /* an example without marks: a test of tests/run runs it */
    } else if (!has_checks(&c)) {
        fail(&c, 0, "the case says nothing about what must come out");
        count(&c);
    } else {
        if (has_marks(&c, "error") || has_marks(&c, "warning")) {
            check_diagnostics(&c);
        }
        check_runs(&c);
    }
    remove_tree(c.tmp);
    for (int i = 0; i < c.nmarks; i++) {
        free(c.marks[i].word);
        free(c.marks[i].rest);
    }
    free(c.marks);
    free(c.folder);
    free(c.tmp);
    return c.counts;
}

/* ----------------------------------------------------------------------------------- all cases */

/* A case in a process of its own: what it prints and counts comes back through temporary files. */
typedef struct Job {
    pid_t pid;
    FILE *said, *counts;
} Job;

static Job job_start(const char *path) {
    Job j = { .said = need(tmpfile()), .counts = need(tmpfile()) };
    fflush(stdout);
    j.pid = fork();
    if (j.pid < 0) {
        die("fork");
    }
    if (j.pid == 0) {
        dup2(fileno(j.said), 1);
        Counts n = check_case(path);
        fwrite(&n, sizeof n, 1, j.counts);
        fflush(NULL);
        _exit(0);
    }
    return j;
}

/* Waits, prints what the job said and adds its counts; one that died is a failure. */
static void job_finish(Job *j, const char *path, Counts *sum) {
    Counts n;
    waitpid(j->pid, NULL, 0);
    rewind(j->counts);
    if (fread(&n, sizeof n, 1, j->counts) != 1) {
        printf("%s: the check itself failed\n", path);
        n = (Counts){ .failed = 1 };
    }
    rewind(j->said);
    for (int ch; (ch = getc(j->said)) != EOF;) {
        putchar(ch);
    }
    fclose(j->said);
    fclose(j->counts);
    sum->passed += n.passed;
    sum->failed += n.failed;
}

/* Keeps `njobs` cases going and reports them in order. */
static Counts check_all(char **paths, size_t npaths, size_t njobs) {
    Counts sum = { 0 };
    Job *jobs = need(calloc(npaths + 1, sizeof *jobs));
    size_t started = 0;
    for (size_t i = 0; i < npaths; i++) {
        while (started < npaths && started < i + njobs) {
            jobs[started] = job_start(paths[started]);
            started++;
        }
        job_finish(&jobs[i], paths[i], &sum);
    }
    free(jobs);
    return sum;
}

int main(int argc, char **argv) {
    char absolute[PATH_MAX];
    if (argc < 2 || !realpath(argv[1], absolute)) {
        fprintf(stderr, "usage: cases DAGCC [FILE.dag...]\n");
        return 2;
    }
    dagcc = absolute;
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL); /* wait_for takes it from the queue */

    glob_t found = { 0 };
    if (argc == 2) {
        glob("tests/cases/*.dag", 0, NULL, &found);
        glob("examples/*.dag", GLOB_APPEND, NULL, &found);
    }
    char **paths = argc > 2 ? argv + 2 : found.gl_pathv;
    size_t npaths = argc > 2 ? (size_t)argc - 2 : found.gl_pathc;
    const char *jobs = getenv("JOBS");
    int njobs = jobs ? atoi(jobs) : 2;
    Counts sum = check_all(paths, npaths, njobs > 0 ? (size_t)njobs : 1);
    globfree(&found);
    printf("cases: %d passed, %d failed\n", sum.passed, sum.failed);
    return sum.failed ? 1 : 0;
}
