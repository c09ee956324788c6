/*
 * slurm_follow.c - what becomes of what was handed to Slurm.
 *
 * Bodies that come to their end leave a record and a note: one folder is looked at for all of them, at
 * once where the file system tells of it (inotify), else every tenth of a second to every two. The queue
 * is asked, for all jobs in one question, only for those that can leave no record any more: seldom, and
 * at once when somebody waits for its word. An answer that has a line which is none is not believed.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/slurm.h"

static const int64_t MS = 1000000;
static const int64_t SECOND = 1000000000;

enum {
    ASK = 10,          /* s between two questions, where nobody says */
    SELDOM = 6,        /* times that, when nothing happens */
    SOON = 200,        /* ms, when somebody waits */
    LOOK = 100,        /* ms between looks at the notes … */
    LOOK_SELDOM = 2000 /* … growing up to that */
};

/* ---------------------------------------------------------------- the end of a job */

static void finish(Slurm *slurm, SlurmJob *job) {
    Attempt *attempt = job->attempt;
    attempt_guard(attempt, slurm_conclude, job);
    slurm_leave(slurm, job);
    slurm->look_step = 0;
    slurm_give_back(slurm, attempt);
}

/* Nothing has become of what an earlier process had handed out: it is done anew. */
static void begin_anew(Slurm *slurm, SlurmJob *job) {
    Attempt *attempt = job->attempt;
    bool asked = job->asked;
    slurm_leave(slurm, job);
    attempt->private = NULL;
    attempt->dir = attempt->work = attempt->outcome.dir = NULL;
    attempt_number_anew(attempt);
    if (asked) {
        attempt->outcome.state = DAG_CANCELLED;
    } else {
        attempt_guard(attempt, slurm_prepare, slurm);
    }
    if (!attempt->private) {
        slurm_give_back(slurm, attempt);
    }
}

/* An end that somebody else has made before we came counts for nothing. */
static bool is_void(const SlurmJob *job) {
    bool silent = job->state == SLURM_ENDED && !job->recorded;
    return job->attempt->adopted &&
           (silent || job->state == SLURM_UNKNOWN || job->state == SLURM_CANCELLED);
}

static void settle(Slurm *slurm, SlurmJob *job) {
    if (is_void(job)) {
        begin_anew(slurm, job);
    } else {
        finish(slurm, job);
    }
}

bool slurm_look_at(Slurm *slurm, SlurmJob *job) {
    if (!job->recorded && !away_read_record(job->attempt->dir, &job->record)) {
        return false;
    }
    job->recorded = true;
    if (slurm_is_clear(job)) {
        finish(slurm, job);
    } else {
        slurm_press(slurm, job, true);
    }
    return true;
}

/* ---------------------------------------------------------------- notes */

static SlurmJob *job_of_note(const Slurm *slurm, const char *name, bool *ours) {
    unsigned number, index;
    char more;
    *ours = sscanf(name, "%u.%u%c", &number, &index, &more) == 2;
    SlurmBatch *batch = *ours ? slurm->batches : NULL;
    while (batch && batch->number != number) {
        batch = batch->next;
    }
    return batch && index < batch->n ? batch->jobs[index] : NULL;
}

/* The note goes when its record was read; one that nobody waits for (any more) goes, too. */
static bool heed_note(Slurm *slurm, int folder, const char *name) {
    bool ours;
    SlurmJob *job = job_of_note(slurm, name, &ours);
    if (!ours || (job && job->batch->place == SLURM_SENDING)) {
        return false; /* sbatch has not said yet that it was accepted */
    }
    if (job && !slurm_look_at(slurm, job)) {
        return false;
    }
    unlinkat(folder, name, 0);
    return job != NULL;
}

void slurm_look(Slurm *slurm) {
    char path[4096];
    bool any = false;
    snprintf(path, sizeof path, "%s/done", slurm->root ? slurm->root : "");
    DIR *dir = slurm->root ? opendir(path) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        any = heed_note(slurm, dirfd(dir), entry->d_name) || any;
    }
    if (dir) {
        closedir(dir);
    }
    int64_t step = any ? LOOK * MS : slurm->look_step + slurm->look_step / 2;
    step = step < LOOK * MS ? LOOK * MS : step;
    slurm->look_step = step > LOOK_SELDOM * MS ? LOOK_SELDOM * MS : step;
    slurm->look_at = slurm_now(slurm) + slurm->look_step;
}

/* ---------------------------------------------------------------- asking */

static int64_t base(const Slurm *slurm) {
    return slurm->config.queue_poll > 0 ? slurm->config.queue_poll : ASK * SECOND;
}

int64_t slurm_ask_at(const Slurm *slurm) {
    int64_t soon = SOON * MS < base(slurm) ? SOON * MS : base(slurm);
    if (slurm->live == 0 || slurm->ask.pid != 0) {
        return INT64_MAX;
    }
    if (slurm->pressing > 0) {
        return slurm->asked_at + (slurm->press_step > soon ? slurm->press_step : soon);
    }
    return slurm->asked_at + (slurm->ask_step > base(slurm) ? slurm->ask_step : base(slurm));
}

/* The next question comes later than this one did. */
static void slow_down(Slurm *slurm) {
    int64_t most = SELDOM * base(slurm);
    if (slurm->pressing > 0) {
        int64_t step = slurm->press_step > 0 ? slurm->press_step * 2 : SOON * MS;
        slurm->press_step = step < base(slurm) ? step : base(slurm);
        return;
    }
    int64_t step = slurm->ask_step > 0 ? slurm->ask_step + slurm->ask_step / 2 : base(slurm);
    slurm->press_step = 0;
    slurm->ask_step = step < most ? step : most;
}

void slurm_ask_queue(Slurm *slurm) {
    char user[32];
    const char *argv[] = {
        "squeue", "-h", "-r", "-t", "all", "-u", user, "-o", SLURM_FORMAT, NULL
    };
    snprintf(user, sizeof user, "%lu", (unsigned long)geteuid());
    slurm->asked++;
    slurm->asked_at = slurm_now(slurm);
    slow_down(slurm);
    slurm_run(slurm, &slurm->ask, argv);
}

/* ---------------------------------------------------------------- the answer */

static void note_line(const Slurm *slurm, SlurmJob *job, const SlurmLine *line) {
    job->seen = slurm->asked;
    job->state = line->state;
    snprintf(job->word, sizeof job->word, "%s", line->word);
    snprintf(job->node, sizeof job->node, "%s", line->node);
}

/* By its number or, where that is not known, by its name. */
static SlurmBatch *batch_of_line(Slurm *slurm, const SlurmLine *line) {
    for (SlurmBatch *batch = slurm->batches; batch; batch = batch->next) {
        bool out = batch->place == SLURM_SENT || batch->place == SLURM_LOOKED_FOR;
        if (out && batch->id == line->id) {
            return batch;
        }
        if (out && batch->id == 0 && strcmp(batch->name, line->name) == 0) {
            slurm_accept(slurm, batch, line->id);
            return batch;
        }
    }
    return NULL;
}

static void heed_line(Slurm *slurm, const SlurmLine *line) {
    SlurmBatch *batch = batch_of_line(slurm, line);
    if (!batch) {
        return;
    }
    if (!line->many && line->index < batch->n && batch->jobs[line->index]) {
        note_line(slurm, batch->jobs[line->index], line);
    }
    for (uint32_t i = 0; line->many && i < batch->n; i++) {
        if (batch->jobs[i] && batch->jobs[i]->seen != slurm->asked) {
            note_line(slurm, batch->jobs[i], line);
        }
    }
}

/* Cuts the text at `at` off behind its line. NULL: it was the last. */
static char *cut_line(char *at) {
    char *end = strchr(at, '\n');
    if (end) {
        *end = '\0';
    }
    return end ? end + 1 : NULL;
}

/* False: there is a line that is none. Nothing was done then. */
static bool check_lines(const char *text) {
    while (*text) {
        size_t n = strcspn(text, "\n");
        char line[1024];
        SlurmLine parsed;
        snprintf(line, sizeof line, "%.*s", (int)(n < sizeof line ? n : sizeof line - 1), text);
        if (!slurm_line(line, &parsed)) {
            return false;
        }
        text += n + (text[n] == '\n');
    }
    return true;
}

/* Is it gone for good? One answer that has left it out may be an odd one. */
static bool is_lost(const Slurm *slurm, uint32_t missed, int64_t missed_at) {
    return missed >= 2 && slurm_now(slurm) - missed_at >= base(slurm);
}

static void note_missing(const Slurm *slurm, uint32_t *missed, int64_t *missed_at) {
    if ((*missed)++ == 0) {
        *missed_at = slurm_now(slurm);
    }
}

/* It is there no more, or has ended and nobody has written down how: the record may be on its way. */
static void miss(Slurm *slurm, SlurmJob *job) {
    note_missing(slurm, &job->missed, &job->missed_at);
    slurm_press(slurm, job, true);
    if ((job->asked && job->told) || is_lost(slurm, job->missed, job->missed_at)) {
        settle(slurm, job);
    }
}

/* Killed as far as Slurm can: a machine that is gone may keep it in the queue for long. */
static bool is_as_good_as_ended(const SlurmJob *job) {
    return job->forced_so && strcmp(job->word, "COMPLETING") == 0;
}

/* What the answer means for one job. */
static void weigh(Slurm *slurm, SlurmJob *job) {
    bool there = job->seen == slurm->asked;
    bool lives = there && job->state == SLURM_LIVES && !is_as_good_as_ended(job);
    if (job->since > slurm->asked) {
        return;
    }
    if (lives) {
        job->missed = 0;
        slurm_press(slurm, job, job->asked || job->recorded);
        return;
    }
    if (!job->recorded) {
        slurm_look_at(slurm, job);
    }
    if (!job->batch) {
        return; /* the record has settled it */
    }
    if (there && slurm_is_clear(job)) {
        settle(slurm, job);
    } else {
        miss(slurm, job);
    }
}

static void weigh_batch(Slurm *slurm, SlurmBatch *batch) {
    if (batch->place == SLURM_LOOKED_FOR && batch->since <= slurm->asked) {
        note_missing(slurm, &batch->missed, &batch->missed_at);
        if (is_lost(slurm, batch->missed, batch->missed_at)) {
            slurm_send_again(slurm, batch, "Slurm did not answer");
        }
        return;
    }
    bool sent = batch->place == SLURM_SENT;
    for (uint32_t i = 0, n = batch->n, left = sent ? batch->live : 0; i < n && left > 0; i++) {
        SlurmJob *job = batch->jobs[i];
        if (job) {
            left--; /* with the last one the batch may go */
            weigh(slurm, job);
        }
    }
}

void slurm_answered(Slurm *slurm) {
    if (!errand_good(&slurm->ask) || !check_lines(errand_out(&slurm->ask))) {
        return; /* who is alive is seen by its record; the rest waits for the next answer */
    }
    for (char *line = slurm->ask.out.n > 0 ? slurm->ask.out.text : NULL, *next; line && *line;
         line = next) {
        SlurmLine parsed;
        next = cut_line(line);
        if (slurm_line(line, &parsed)) {
            heed_line(slurm, &parsed);
        }
        if (!next) {
            break;
        }
    }
    for (SlurmBatch *batch = slurm->batches, *next; batch; batch = next) {
        next = batch->next;
        weigh_batch(slurm, batch);
    }
}

/* ---------------------------------------------------------------- scancel */

enum { MOST_WORDS = 500, GIVE_UP = 3 };

/* Is it to be told, and was not: that it must end at once, or that it should end? */
static bool is_due(const SlurmJob *job, bool now) {
    return job && (now ? job->forced && !job->forced_so : job->asked && !job->told && !job->forced);
}

static uint32_t count_due(const SlurmBatch *batch, bool now) {
    uint32_t due = 0;
    for (uint32_t i = 0; batch->place == SLURM_SENT && i < batch->n; i++) {
        due += is_due(batch->jobs[i], now);
    }
    return due;
}

static void mark_telling(SlurmJob *job, bool now) {
    job->telling = job->told = true;
    job->forced_so = job->forced_so || now;
}

/* Adds "12", or "12_3", "12_5" where others of the array go on. */
static int add_batch(Slurm *slurm, const SlurmBatch *batch, bool now, const char **argv, int n) {
    uint32_t due = batch->id == 0 ? 0 : count_due(batch, now);
    unsigned long long id = (unsigned long long)batch->id;
    bool all = due > 0 && due == batch->live;
    if (all && n < MOST_WORDS) {
        argv[n++] = arena_printf(&slurm->scratch, "%llu", id);
    }
    for (uint32_t i = 0; due > 0 && i < batch->n && (all || n < MOST_WORDS); i++) {
        SlurmJob *job = batch->jobs[i];
        if (is_due(job, now)) {
            mark_telling(job, now);
            if (!all) {
                argv[n++] = arena_printf(&slurm->scratch, "%llu_%u", id, i);
            }
        }
    }
    return n;
}

static bool start_scancel(Slurm *slurm, bool now) {
    const char **argv = ARENA_ARRAY(&slurm->scratch, MOST_WORDS + 1, const char *);
    int n = 0;
    argv[n++] = "scancel";
    if (now) {
        argv[n++] = "--signal=KILL";
    }
    int first = n;
    for (const SlurmBatch *batch = slurm->batches; batch && n < MOST_WORDS; batch = batch->next) {
        n = add_batch(slurm, batch, now, argv, n);
    }
    if (n == first) {
        return false;
    }
    slurm->sends = SLURM_SCANCEL;
    slurm_run(slurm, &slurm->send, argv);
    return true;
}

bool slurm_cancel(Slurm *slurm) {
    if (!slurm->cancel_due || slurm_now(slurm) < slurm->cancel_at) {
        return false;
    }
    slurm->cancel_due = start_scancel(slurm, true) || start_scancel(slurm, false);
    return slurm->cancel_due;
}

/* Slurm cannot be reached, and the user will not wait: the jobs stay where they are. */
static void give_up(Slurm *slurm, SlurmJob *job) {
    if (job->forced && slurm->cancel_failures >= GIVE_UP) {
        finish(slurm, job);
    }
}

static void was_told(Slurm *slurm, SlurmJob *job, bool good) {
    job->telling = false;
    if (good) {
        job->since = slurm->asked + 1;
        slurm_press(slurm, job, true);
        return;
    }
    job->told = job->forced_so = false;
    give_up(slurm, job);
}

/* What it says of jobs that have ended meanwhile is no failure. */
void slurm_cancelled(Slurm *slurm) {
    const Errand *errand = &slurm->send;
    bool good = errand_good(errand) ||
                (!errand->late && WIFEXITED(errand->status) && WEXITSTATUS(errand->status) != 127 &&
                 slurm_refusal(errand_err(errand)) != SLURM_UNSURE);
    slurm->cancel_failures = good ? 0 : slurm->cancel_failures + 1;
    slurm->cancel_at = good ? 0 : slurm_now(slurm) + SECOND;
    slurm->press_step = good ? 0 : slurm->press_step;
    for (SlurmBatch *batch = slurm->batches, *next; batch; batch = next) {
        next = batch->next;
        for (uint32_t i = 0, n = batch->n, left = batch->live; i < n && left > 0; i++) {
            SlurmJob *job = batch->jobs[i];
            left -= job != NULL;
            if (job && job->telling) {
                was_told(slurm, job, good);
            }
        }
    }
}
