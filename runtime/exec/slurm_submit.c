/*
 * slurm_submit.c - from attempts to arrays: what asks for the same of the same stage is gathered while
 * sbatch is busy with others, and goes as one.
 *
 * A submission is not repeated before the queue was asked for its name: sbatch may fail after Slurm has
 * accepted (`Socket timed out`). Nothing is in a script or among arguments but names of folders.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/secrets.h"
#include "exec/slurm.h"
#include "pure/text.h"

static const int64_t SECOND = 1000000000;
static const int64_t PATIENCE = (int64_t)600 * 1000000000; /* ns that sbatch may refuse for */

enum { LONGEST_PAUSE = 60 /* s */ };

/* A file of ours in a folder. False: errno. */
static bool write_text(const char *dir, const char *name, const char *text, size_t n, mode_t mode) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    bool good = fd >= 0 && write(fd, text, n) == (ssize_t)n;
    return fd >= 0 && close(fd) == 0 && good;
}

/* ---------------------------------------------------------------- batches */

bool slurm_enter(SlurmBatch *batch, SlurmJob *job, uint32_t index) {
    if (index >= batch->size) {
        uint32_t size = batch->size ? batch->size * 2 : 8;
        size = size > index ? size : index + 1;
        SlurmJob **jobs = realloc(batch->jobs, size * sizeof(SlurmJob *));
        if (!jobs) {
            return false;
        }
        memset(jobs + batch->size, 0, (size - batch->size) * sizeof(SlurmJob *));
        batch->jobs = jobs;
        batch->size = size;
    }
    batch->jobs[index] = job;
    batch->n = index < batch->n ? batch->n : index + 1;
    batch->live++;
    job->batch = batch;
    job->index = index;
    return true;
}

static SlurmBatch *batch_new(Slurm *slurm) {
    SlurmBatch *batch = calloc(1, sizeof *batch);
    SlurmBatch **last = &slurm->batches;
    while (*last) {
        last = &(*last)->next;
    }
    if (batch) {
        *last = batch;
    }
    return batch;
}

static void batch_free(Slurm *slurm, SlurmBatch *batch) {
    SlurmBatch **at = &slurm->batches;
    while (*at != batch) {
        at = &(*at)->next;
    }
    *at = batch->next;
    free(batch->jobs);
    free(batch->dir);
    free(batch->name);
    free(batch);
}

static bool is_out(const SlurmBatch *batch) {
    return batch->place == SLURM_SENT || batch->place == SLURM_LOOKED_FOR;
}

/* The sbatch that runs keeps its batch. */
void slurm_leave(Slurm *slurm, SlurmJob *job) {
    SlurmBatch *batch = job->batch;
    slurm_press(slurm, job, false);
    slurm->live -= is_out(batch);
    batch->jobs[job->index] = NULL;
    batch->live--;
    job->batch = NULL;
    if (batch->live == 0 && batch->place != SLURM_SENDING) {
        slurm->pressing -= batch->place == SLURM_LOOKED_FOR;
        batch_free(slurm, batch);
    }
}

static bool same_ask(SlurmAsk a, SlurmAsk b) {
    return a.cpu == b.cpu && a.memory == b.memory && a.gpu == b.gpu && a.time == b.time;
}

static bool join(Slurm *slurm, SlurmJob *job, SlurmAsk ask) {
    const dag_stage *stage = job->attempt->stage;
    SlurmBatch *batch = slurm->batches;
    while (batch &&
           (batch->place != SLURM_GATHERS || batch->first_try != 0 || batch->stage != stage ||
            !same_ask(batch->ask, ask) || batch->n >= slurm->most)) {
        batch = batch->next;
    }
    bool fresh = !batch;
    if (fresh && (batch = batch_new(slurm)) != NULL) {
        batch->stage = stage;
        batch->ask = ask;
    }
    if (batch && slurm_enter(batch, job, batch->n)) {
        return true;
    }
    if (fresh && batch) {
        batch_free(slurm, batch);
    }
    attempt_fail(job->attempt, DAG_CRASHED, "oom", "out of memory");
    return false;
}

/* ---------------------------------------------------------------- attempts */

/* What a system takes in arguments and environment together is known when it has refused them: that is
 * too late here, so a quarter is left free. */
static bool is_long(const Command *command) {
    size_t bytes = 0, most = (size_t)sysconf(_SC_ARG_MAX);
    for (int i = 0; i < 2; i++) {
        for (char *const *p = i == 0 ? command->argv : command->envp; *p; p++) {
            bytes += strlen(*p) + 1 + sizeof *p;
        }
    }
    return bytes > most - most / 4;
}

static bool make_files(Slurm *slurm, Attempt *attempt, SlurmJob *job, SlurmAsk ask) {
    Command command;
    if (!attempt_make_dir(attempt) || !command_make(attempt, &slurm->inherited, false, &command) ||
        (is_long(&command) && !command_make(attempt, &slurm->inherited, true, &command))) {
        return false;
    }
    AwayJob away = { .timeout = attempt->stage->timeout,
                     .grace = slurm->config.kill_grace,
                     .memory = ask.memory,
                     .programs = (char **)(uintptr_t)command.programs,
                     .argv = command.argv,
                     .envp = command.envp };
    job->program = command.name;
    return away_write_job(attempt, &away);
}

void slurm_prepare(Attempt *attempt, void *arg) {
    Slurm *slurm = arg;
    SlurmJob *job = ARENA_NEW(&attempt->arena, SlurmJob);
    SlurmAsk ask = slurm_ask(attempt, slurm->config.kill_grace);
    *job = (SlurmJob){ .attempt = attempt, .handed = slurm_now(slurm) };
    if (make_files(slurm, attempt, job, ask) && join(slurm, job, ask)) {
        attempt->private = job;
    }
}

/* ---------------------------------------------------------------- adopting */

/* What it is made of: its own inputs and those of the run. False: no memory. */
static bool digest_inputs(const Attempt *attempt, char text[DIGEST_TEXT]) {
    Digester *digester = digester_new();
    if (!digester) {
        return false;
    }
    for (uint32_t i = 0; i < attempt->stage->nin; i++) {
        digest_value(digester, attempt->inputs[i]);
    }
    for (uint32_t i = 0; i < attempt->program->ninputs; i++) {
        digest_value(digester, attempt->env.run[i]);
    }
    digest_hex(digester_result(digester), text);
    digester_free(digester);
    return true;
}

/* "slurm NUMBER INDEX DIGEST" in DIR/queue. */
static bool read_place(Attempt *attempt, const char *dir, unsigned *number, unsigned *index,
                       char digest[DIGEST_TEXT]) {
    char *text;
    const char *path = arena_printf(&attempt->arena, "%s/queue", dir);
    return away_read_file(&attempt->arena, path, &text, NULL) &&
           sscanf(text, "slurm %u %u %32s", number, index, digest) == 3;
}

/* False: errno, or memory. */
static bool write_place(const SlurmJob *job) {
    char digest[DIGEST_TEXT], text[96];
    int n = -1;
    if (digest_inputs(job->attempt, digest)) {
        n = snprintf(text, sizeof text, "slurm %u %u %s\n", job->batch->number, job->index, digest);
    }
    return n > 0 && write_text(job->attempt->dir, "queue", text, (size_t)n, 0600);
}

bool slurm_adopts(void *self, Attempt *attempt, const char *dir) {
    unsigned number, index;
    char then[DIGEST_TEXT], now[DIGEST_TEXT];
    (void)self;
    return read_place(attempt, dir, &number, &index, then) && digest_inputs(attempt, now) &&
           strcmp(then, now) == 0;
}

static char *batch_name(const Slurm *slurm, const SlurmBatch *batch, const dag_program *program) {
    char *name = NULL;
    return asprintf(&name, "%s.%s.%u", program->strings + batch->stage->slug, slurm->config.run_id,
                    batch->number) < 0
               ? NULL
               : name;
}

static uint64_t read_id(const SlurmBatch *batch) {
    char path[4096], text[64] = "";
    snprintf(path, sizeof path, "%s/id", batch->dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    return strtoull(text, NULL, 10);
}

static SlurmBatch *batch_of_number(Slurm *slurm, const Attempt *attempt, unsigned number) {
    SlurmBatch *batch = slurm->batches;
    while (batch && batch->number != number) {
        batch = batch->next;
    }
    if (batch || (batch = batch_new(slurm)) == NULL) {
        return batch;
    }
    batch->place = SLURM_SENT;
    batch->stage = attempt->stage;
    batch->ask = slurm_ask(attempt, slurm->config.kill_grace);
    batch->number = number;
    batch->name = batch_name(slurm, batch, attempt->program);
    if (!batch->name || asprintf(&batch->dir, "%s/%u", slurm->root, number) < 0) {
        batch->dir = NULL;
        batch_free(slurm, batch);
        return NULL;
    }
    batch->id = read_id(batch);
    return batch;
}

/* ---------------------------------------------------------------- folders */

static bool copy_bytes(const char *from, const char *to) {
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0777);
    char *block = malloc(1 << 16);
    ssize_t n = in >= 0 && out >= 0 && block ? 1 : -1;
    while (n > 0 && (n = read(in, block, 1 << 16)) > 0) {
        n = write(out, block, (size_t)n) == n ? n : -1;
    }
    free(block);
    if (in >= 0) {
        close(in);
    }
    return out >= 0 && close(out) == 0 && n == 0;
}

/* `runner` is this executable under a name of its own: one that is compiled anew does not change what
 * waits in the queue. */
static bool copy_self(const char *to) {
    if (linkat(AT_FDCWD, "/proc/self/exe", AT_FDCWD, to, AT_SYMLINK_FOLLOW) == 0 ||
        errno == EEXIST) {
        return true;
    }
    char *aside;
    if (asprintf(&aside, "%s.%ld", to, (long)getpid()) < 0) {
        return false;
    }
    bool good = copy_bytes("/proc/self/exe", aside) && rename(aside, to) == 0;
    if (!good) {
        unlink(aside);
    }
    free(aside);
    return good;
}

static bool make_below(const char *root, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

/* Numbers of an earlier process are passed over. */
static void find_number(Slurm *slurm) {
    DIR *dir = opendir(slurm->root);
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        unsigned long n = strtoul(entry->d_name, NULL, 10);
        slurm->number = n > slurm->number && n < UINT32_MAX ? (uint32_t)n : slurm->number;
    }
    if (dir) {
        closedir(dir);
    }
}

/* RUN/slurm-jobs with what all submissions need. False: errno. */
static bool make_root(Slurm *slurm) {
    const char *folder = folder_path(slurm->config.folder);
    char path[4096];
    if (slurm->root || !folder) {
        return slurm->root != NULL;
    }
    snprintf(path, sizeof path, "%s/slurm-jobs", folder);
    if (!folder_make(path) && errno != EEXIST) {
        return false;
    }
    slurm->root = strdup(path);
    strncat(path, "/runner", sizeof path - strlen(path) - 1);
    bool good = slurm->root && make_below(slurm->root, "done") && copy_self(path);
    if (!good) {
        free(slurm->root);
        slurm->root = NULL;
        return false;
    }
    find_number(slurm);
    return true;
}

void slurm_adopt(Attempt *attempt, void *arg) {
    Slurm *slurm = arg;
    unsigned number, index;
    char digest[DIGEST_TEXT];
    if (!attempt_take_dir(attempt) || !make_root(slurm) ||
        !read_place(attempt, attempt->dir, &number, &index, digest)) {
        attempt_fail(attempt, DAG_CRASHED, "store", "cannot go on in %s: %s",
                     attempt->dir ? attempt->dir : "its folder", strerror(errno));
        return;
    }
    SlurmJob *job = ARENA_NEW(&attempt->arena, SlurmJob);
    SlurmBatch *batch = batch_of_number(slurm, attempt, number);
    *job = (SlurmJob){ .attempt = attempt, .handed = slurm_now(slurm), .since = slurm->asked + 1 };
    if (!batch || !slurm_enter(batch, job, index)) {
        attempt_fail(attempt, DAG_CRASHED, "oom", "out of memory");
        return;
    }
    attempt->private = job;
    slurm->live++;
    slurm_press(slurm, job, true);
}

static bool write_tasks(Slurm *slurm, const SlurmBatch *batch) {
    TextBuffer out = { .arena = &slurm->scratch };
    for (uint32_t i = 0; i < batch->n; i++) {
        const char *dir = batch->jobs[i]->attempt->dir;
        buffer_add(&out, dir, strlen(dir) + 1);
    }
    return write_text(batch->dir, "tasks", out.text, out.n, 0666);
}

static bool write_script(Slurm *slurm, const SlurmBatch *batch) {
    Arena *arena = &slurm->scratch;
    const char *runner = arena_printf(arena, "%s/runner", slurm->root);
    const char *text =
        arena_printf(arena,
                     "#!/bin/sh\nexec %s " AWAY_COMMAND " %s \"${SLURM_ARRAY_TASK_ID:-0}\"\n",
                     slurm_quoted(arena, runner), slurm_quoted(arena, batch->dir));
    return write_text(batch->dir, "script", text, strlen(text), 0666);
}

/* A folder of the batch's own, with a number that no other has. False: errno. */
static bool make_batch_dir(Slurm *slurm, SlurmBatch *batch) {
    bool made = batch->dir != NULL;
    while (!made) {
        free(batch->dir);
        batch->dir = NULL;
        if (asprintf(&batch->dir, "%s/%u", slurm->root, slurm->number + 1) < 0) {
            batch->dir = NULL;
            return false;
        }
        made = mkdir(batch->dir, 0777) == 0;
        if (!made && errno != EEXIST) {
            return false;
        }
        batch->number = ++slurm->number;
    }
    free(batch->name);
    batch->name = batch_name(slurm, batch, batch->jobs[0]->attempt->program);
    return batch->name != NULL;
}

/* ---------------------------------------------------------------- sending */

/* Indexes without gaps: some may have been cancelled before they were sent. */
static void close_gaps(SlurmBatch *batch) {
    uint32_t to = 0;
    for (uint32_t i = 0; i < batch->n; i++) {
        if (batch->jobs[i]) {
            batch->jobs[i]->index = to;
            batch->jobs[to++] = batch->jobs[i];
        }
    }
    memset(batch->jobs + to, 0, (batch->n - to) * sizeof(SlurmJob *));
    batch->n = to;
}

static void fail_job(Slurm *slurm, SlurmJob *job, const char *type, const char *what) {
    Attempt *attempt = job->attempt;
    slurm_leave(slurm, job);
    if (job->asked) {
        attempt->outcome.state = DAG_CANCELLED;
    } else {
        attempt_fail(attempt, DAG_CRASHED, type, "%s", what);
    }
    slurm_give_back(slurm, attempt);
}

/* The batch is gone with the last of its jobs. */
static void fail_batch(Slurm *slurm, SlurmBatch *batch, const char *type, const char *what) {
    batch->place = SLURM_GATHERS;
    for (uint32_t i = 0, n = batch->n, left = batch->live; i < n && left > 0; i++) {
        if (batch->jobs[i]) {
            left--;
            fail_job(slurm, batch->jobs[i], type, what);
        }
    }
}

/* All that the other side and a later process need stands there before sbatch runs. */
static bool make_batch(Slurm *slurm, SlurmBatch *batch) {
    close_gaps(batch);
    bool good = make_root(slurm) && make_batch_dir(slurm, batch);
    for (uint32_t i = 0; good && i < batch->n; i++) {
        good = write_place(batch->jobs[i]);
    }
    return good && write_tasks(slurm, batch) && write_script(slurm, batch);
}

static void run_sbatch(Slurm *slurm, SlurmBatch *batch) {
    enum { PLACES = 24 };
    Arena *arena = &slurm->scratch;
    const SlurmAsk *ask = &batch->ask;
    const char *argv[PLACES] = { "sbatch",    "--parsable", "--no-requeue",      "--export=ALL",
                                 "--nodes=1", "--ntasks=1", "--open-mode=append" };
    int n = 7;
    argv[n++] = arena_printf(arena, "--job-name=%s", batch->name);
    argv[n++] = arena_printf(arena, "--chdir=%s", batch->dir);
    argv[n++] = arena_printf(arena, "--output=%s/log", slurm_pattern(arena, batch->dir));
    if (ask->cpu > 0) {
        argv[n++] = arena_printf(arena, "--cpus-per-task=%lld", (long long)ask->cpu);
    }
    if (ask->memory > 0) {
        argv[n++] = arena_printf(arena, "--mem=%lldM", (long long)slurm_megabytes(ask->memory));
    }
    if (ask->gpu > 0) {
        argv[n++] = arena_printf(arena, "--gres=gpu:%lld", (long long)ask->gpu);
    }
    if (ask->time > 0) {
        argv[n++] = arena_printf(arena, "--time=%lld", (long long)slurm_minutes(ask->time));
    }
    if (batch->n > 1) {
        argv[n++] = arena_printf(arena, "--array=0-%u", batch->n - 1);
    }
    argv[n++] = arena_printf(arena, "%s/script", batch->dir);
    slurm->sends = SLURM_SBATCH;
    slurm->sent = batch;
    batch->place = SLURM_SENDING;
    batch->first_try = batch->first_try ? batch->first_try : slurm_now(slurm);
    slurm_run(slurm, &slurm->send, argv);
}

/* What was asked to end before Slurm has got it. False: nothing else is in the batch, which is gone. */
static bool drop_asked(Slurm *slurm, SlurmBatch *batch) {
    bool any = false;
    for (uint32_t i = 0, n = batch->n, left = batch->live; i < n && left > 0; i++) {
        SlurmJob *job = batch->jobs[i];
        left -= job != NULL;
        any = any || (job && !job->asked);
        if (job && job->asked) {
            fail_job(slurm, job, "spawn", "");
        }
    }
    return any;
}

static void send_batch(Slurm *slurm, SlurmBatch *batch) {
    if (!drop_asked(slurm, batch)) {
        return;
    }
    if (make_batch(slurm, batch)) {
        run_sbatch(slurm, batch);
        return;
    }
    const char *where = batch->dir ? batch->dir : "its folder";
    fail_batch(slurm, batch, "store",
               arena_printf(&slurm->scratch, "cannot prepare a job in %s: %s", where,
                            strerror(errno)));
}

/* One call tells how long arrays may be. */
static void ask_config(Slurm *slurm) {
    const char *argv[] = { "scontrol", "show", "config", NULL };
    slurm->configured = true;
    slurm->sends = SLURM_CONFIG;
    slurm_run(slurm, &slurm->send, argv);
}

static SlurmBatch *next_batch(const Slurm *slurm, int64_t now) {
    SlurmBatch *batch = slurm->batches;
    while (batch && (batch->place != SLURM_GATHERS || batch->not_before > now)) {
        batch = batch->next;
    }
    return batch;
}

void slurm_send(Slurm *slurm) {
    int64_t now = slurm_now(slurm);
    while (slurm->send.pid == 0 && !slurm_cancel(slurm)) {
        SlurmBatch *batch = next_batch(slurm, now);
        if (!batch) {
            return;
        }
        if (!slurm->configured) {
            ask_config(slurm);
        } else {
            send_batch(slurm, batch);
        }
    }
}

int64_t slurm_send_at(const Slurm *slurm) {
    int64_t at = slurm->cancel_due ? slurm->cancel_at : INT64_MAX;
    for (const SlurmBatch *batch = slurm->batches; batch; batch = batch->next) {
        if (batch->place == SLURM_GATHERS && batch->not_before < at) {
            at = batch->not_before;
        }
    }
    return at;
}

/* ---------------------------------------------------------------- sbatch has answered */

void slurm_accept(Slurm *slurm, SlurmBatch *batch, uint64_t id) {
    char text[32];
    int n = snprintf(text, sizeof text, "%llu\n", (unsigned long long)id);
    bool looked_for = batch->place == SLURM_LOOKED_FOR;
    slurm->live += looked_for ? 0 : batch->live;
    slurm->pressing -= looked_for;
    batch->place = SLURM_SENT;
    batch->id = id;
    batch->refusals = 0;
    write_text(batch->dir, "id", text, (size_t)n, 0666); /* else it is found by its name */
    for (uint32_t i = 0; i < batch->n; i++) {
        if (batch->jobs[i]) {
            batch->jobs[i]->since = slurm->asked + 1;
            slurm->cancel_due = slurm->cancel_due || batch->jobs[i]->asked;
        }
    }
    slurm->look_step = 0;
}

/* 1 s, 2 s, 4 s … */
static int64_t pause_of(const SlurmBatch *batch) {
    int64_t seconds = batch->refusals < 7 ? INT64_C(1) << batch->refusals : LONGEST_PAUSE;
    return (seconds < LONGEST_PAUSE ? seconds : LONGEST_PAUSE) * SECOND;
}

static void try_later(Slurm *slurm, SlurmBatch *batch, const char *why) {
    int64_t now = slurm_now(slurm);
    if (now - batch->first_try > PATIENCE) {
        fail_batch(slurm, batch, "spawn",
                   arena_printf(&slurm->scratch, "sbatch has refused it for %lld minutes: %s",
                                (long long)(PATIENCE / SECOND / 60), why));
        return;
    }
    batch->place = SLURM_GATHERS;
    batch->not_before = now + pause_of(batch);
    batch->refusals++;
}

/* The latter half goes on its own. */
static void split(Slurm *slurm, SlurmBatch *batch) {
    uint32_t keep = batch->n / 2;
    SlurmBatch *rest = batch_new(slurm);
    slurm->most = keep > 0 && keep < slurm->most ? keep : slurm->most;
    batch->place = SLURM_GATHERS;
    if (!rest) {
        return; /* it is tried again */
    }
    rest->stage = batch->stage;
    rest->ask = batch->ask;
    rest->first_try = batch->first_try;
    for (uint32_t i = keep; i < batch->n; i++) {
        SlurmJob *job = batch->jobs[i];
        if (job && slurm_enter(rest, job, rest->n)) {
            batch->jobs[i] = NULL;
            batch->live--;
        }
    }
}

/* May Slurm have taken it all the same? Its name tells. */
static void look_for(Slurm *slurm, SlurmBatch *batch) {
    batch->place = SLURM_LOOKED_FOR;
    batch->since = slurm->asked + 1;
    batch->missed = 0;
    slurm->live += batch->live;
    slurm->pressing++;
}

void slurm_send_again(Slurm *slurm, SlurmBatch *batch, const char *why) {
    slurm->live -= batch->live;
    slurm->pressing--;
    try_later(slurm, batch, why);
}

/* Other jobs of ours will end, and make room. */
static bool others_live(const Slurm *slurm) {
    return slurm->live > 0;
}

/* The last line that says something: sbatch repeats itself. */
static const char *reason_of(Slurm *slurm, const Errand *errand) {
    const char *text = errand_err(errand);
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == '\n') {
        n--;
    }
    size_t start = n;
    while (start > 0 && text[start - 1] != '\n') {
        start--;
    }
    if (errand->late) {
        return "it did not answer";
    }
    return n == 0 ? "it has failed without a word"
                  : text_printable(&slurm->scratch, text + start, n - start);
}

static void refused(Slurm *slurm, SlurmBatch *batch) {
    const Errand *errand = &slurm->send;
    SlurmRefusal refusal = slurm_refusal(errand_err(errand));
    const char *why = reason_of(slurm, errand);
    bool odd = errand->late || errand->lost || !WIFEXITED(errand->status) || errand_good(errand);
    if (odd || refusal == SLURM_UNSURE) {
        look_for(slurm, batch);
    } else if (batch->n > 1 &&
               (refusal == SLURM_LONG || (refusal == SLURM_FULL && !others_live(slurm)))) {
        split(slurm, batch);
    } else if (refusal == SLURM_FULL) {
        try_later(slurm, batch, why);
    } else {
        fail_batch(slurm, batch, "spawn", arena_printf(&slurm->scratch, "%s", why));
    }
}

void slurm_sent(Slurm *slurm) {
    SlurmBatch *batch = slurm->sent;
    if (slurm->sends == SLURM_SCANCEL) {
        slurm_cancelled(slurm);
        return;
    }
    if (slurm->sends == SLURM_CONFIG) {
        uint32_t most = slurm_array_size(errand_out(&slurm->send));
        slurm->most = most > 0 && most < slurm->most ? most : slurm->most;
        return;
    }
    uint64_t id = errand_good(&slurm->send) ? slurm_id(errand_out(&slurm->send)) : 0;
    slurm->sent = NULL;
    if (id > 0) {
        slurm_accept(slurm, batch, id);
        return;
    }
    refused(slurm, batch);
}
