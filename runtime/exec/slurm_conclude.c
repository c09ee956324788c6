/*
 * slurm_conclude.c - what the end of a job says of its attempt.
 *
 * The record that the body's keeper has left is believed. Where there is none, or the body was killed
 * by somebody who does not stand in it, the queue's word counts.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "core/secrets.h"
#include "exec/process.h"
#include "exec/slurm.h"
#include "exec/usage.h"

/* Killed, and the record does not say why. */
static bool is_riddle(const AwayRecord *r) {
    bool killed = (WIFSIGNALED(r->status) && WTERMSIG(r->status) == SIGKILL) ||
                  (WIFEXITED(r->status) && WEXITSTATUS(r->status) == 128 + SIGKILL);
    return r->error == 0 && !r->timed_out && !r->oom && r->over == 0 && (killed || r->stopped);
}

static bool has_word(const SlurmJob *job) {
    return job->state != SLURM_UNKNOWN && job->state != SLURM_LIVES;
}

bool slurm_is_clear(const SlurmJob *job) {
    if (job->recorded) {
        return job->asked || !is_riddle(&job->record) || has_word(job);
    }
    return has_word(job) && (job->state != SLURM_ENDED || (job->asked && job->told));
}

static const char *job_name(const SlurmJob *job) {
    Arena *arena = &job->attempt->arena;
    unsigned long long id = (unsigned long long)job->batch->id;
    return id == 0              ? arena_printf(arena, "job %s", job->batch->name)
           : job->batch->n == 1 ? arena_printf(arena, "job %llu", id)
                                : arena_printf(arena, "job %llu_%u", id, job->index);
}

/* " on node3", as the record or the queue has it. */
static const char *on_node(const SlurmJob *job) {
    const char *node = job->node[0] ? job->node : job->recorded ? job->record.host : "";
    return node[0] ? arena_printf(&job->attempt->arena, " on %s", node) : "";
}

/* ---------------------------------------------------------------- by the queue's word */

static void fail_oom(SlurmJob *job) {
    Attempt *attempt = job->attempt;
    Arena *arena = &attempt->arena;
    int64_t asked = job->batch->ask.memory;
    const char *may = asked > 0 ? arena_printf(arena, "; it may have %lld MB (resources memory)",
                                               (long long)(asked / 1000000))
                                : "";
    attempt->outcome.oom = true;
    process_fail(attempt, DAG_CRASHED, "oom",
                 arena_printf(arena, "%s was killed%s for want of memory%s", job_name(job),
                              on_node(job), may));
}

static void fail_time(SlurmJob *job) {
    Attempt *attempt = job->attempt;
    attempt->outcome.timed_out = true;
    process_fail(attempt, DAG_FAILED, "timeout",
                 arena_printf(&attempt->arena, "%s was ended by Slurm's time limit%s",
                              job_name(job), on_node(job)));
}

static void fail_word(SlurmJob *job, const char *what) {
    attempt_fail(job->attempt, DAG_CRASHED, "signal", "%s%s: %s (%s)", job_name(job), on_node(job),
                 what, job->word);
}

/* It came to an end that nobody has written down. */
static void fail_silent(SlurmJob *job) {
    const char *word = job->state == SLURM_ENDED ? job->word : "it has left the queue";
    attempt_fail(job->attempt, DAG_CRASHED, "spawn",
                 "%s has ended%s and left no record (%s); what it said is in %s/log. Does that "
                 "machine see this folder?",
                 job_name(job), on_node(job), word, job->batch->dir);
}

/* False: the queue says nothing that would explain it. */
static bool conclude_word(SlurmJob *job) {
    switch (job->state) {
    case SLURM_OOM: fail_oom(job); return true;
    case SLURM_TIMEOUT: fail_time(job); return true;
    case SLURM_NODE_FAIL: fail_word(job, "its machine has failed"); return true;
    case SLURM_PREEMPTED: fail_word(job, "another job has taken its place"); return true;
    case SLURM_CANCELLED: fail_word(job, "somebody has cancelled it"); return true;
    case SLURM_UNKNOWN:
    case SLURM_LIVES:
    case SLURM_ENDED: break;
    }
    return false;
}

/* ---------------------------------------------------------------- by the record */

static void fail_start(SlurmJob *job) {
    attempt_fail(job->attempt, DAG_CRASHED, "spawn", "cannot start %s%s: %s",
                 job->program ? job->program : "the program", on_node(job),
                 strerror(job->record.error));
}

static void conclude_record(SlurmJob *job) {
    static const OomCounter none = { .path = "" };
    const AwayRecord *r = &job->record;
    OomCounter oom = none;
    Process process = { .attempt = job->attempt,
                        .status = r->status,
                        .usage = r->usage,
                        .memory = { .killed_at = r->over, .limit = job->batch->ask.memory },
                        .oom = &oom };
    if (r->timed_out) {
        job->attempt->timed_out = true;
        job->attempt->outcome.state = DAG_FAILED;
    } else if (r->oom) {
        fail_oom(job);
    } else if (r->error != 0) {
        fail_start(job);
    } else if (!is_riddle(r) || !conclude_word(job)) {
        process_conclude(job->attempt, &process);
    }
}

/* By the clock of this machine, as far as that can be. */
static void note_times(SlurmJob *job) {
    const AwayRecord *r = &job->record;
    Outcome *outcome = &job->attempt->outcome;
    bool killed = WIFSIGNALED(r->status);
    outcome->usage = usage_of_process(&r->usage);
    outcome->exit_status = killed ? 128 + WTERMSIG(r->status) : WEXITSTATUS(r->status);
    outcome->exit_status = r->error ? -1 : outcome->exit_status;
    outcome->started = r->started > job->handed || job->attempt->adopted ? r->started : job->handed;
    job->attempt->spent = r->ended > r->started ? r->ended - r->started : 1;
}

void slurm_conclude(Attempt *attempt, void *arg) {
    SlurmJob *job = arg;
    if (job->recorded) {
        note_times(job);
    }
    secrets_hide_file(attempt, "stdout");
    secrets_hide_file(attempt, "stderr");
    if (job->asked || job->forced) {
        attempt->outcome.state = DAG_CANCELLED;
    } else if (job->recorded) {
        conclude_record(job);
    } else if (!conclude_word(job)) {
        fail_silent(job);
    }
}
