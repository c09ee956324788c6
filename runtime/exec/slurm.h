/*
 * slurm.h - the inside of the Slurm executor, for its files:
 *
 *   exec_slurm.c      the executor: what comes and goes, what is due when
 *   slurm_submit.c    attempts that wait, gathered into arrays; sbatch
 *   slurm_follow.c    what has ended, by the notes that bodies leave; squeue, for those that leave none;
 *                     scancel
 *   slurm_conclude.c  what an end says of its attempt
 *   slurm_words.c     the texts of Slurm's commands
 */
#ifndef DAG_EXEC_SLURM_H
#define DAG_EXEC_SLURM_H

#include "exec/away.h"
#include "exec/command.h"
#include "exec/errand.h"
#include "exec/slurm_words.h"

typedef struct SlurmBatch SlurmBatch;

/* One attempt in the hands of Slurm: in its attempt's arena. */
typedef struct SlurmJob {
    Attempt *attempt;
    SlurmBatch *batch;
    uint32_t index;       /* in the batch */
    const char *program;  /* that it starts, for messages; NULL: adopted */
    bool asked, forced;   /* to end */
    bool told, forced_so; /* Slurm was told; and to end it at once */
    bool telling;         /* scancel runs for it */
    bool recorded;        /* `record` is there */
    bool pressing;        /* the queue's word is waited for */
    AwayRecord record;
    SlurmState state; /* in the last answer that had it */
    char word[24], node[64];
    uint64_t since;    /* answers from this number on may be believed to know it */
    uint32_t missed;   /* such answers in a row that did not have it */
    int64_t missed_at; /* the first of them */
    uint64_t seen;     /* number of the last answer that had it */
    int64_t handed;    /* ns since 1970 */
} SlurmJob;

typedef enum SlurmPlace {
    SLURM_GATHERS,    /* more may come; not sent */
    SLURM_SENDING,    /* sbatch runs */
    SLURM_LOOKED_FOR, /* it may have been accepted: the queue is asked for its name */
    SLURM_SENT
} SlurmPlace;

/* One submission: a job, or an array of jobs of the same stage that ask for the same. */
struct SlurmBatch {
    SlurmBatch *next;
    SlurmPlace place;
    const dag_stage *stage;
    SlurmAsk ask;
    SlurmJob **jobs; /* by index; NULL: has ended, or is not ours */
    uint32_t n, size, live;
    uint32_t number; /* of its folder; 0: none yet */
    uint64_t id;     /* Slurm's; 0: not known */
    char *dir, *name;
    uint32_t refusals;  /* in a row */
    int64_t not_before; /* ns: when it may be sent; */
    int64_t first_try;  /* 0: none yet */
    uint64_t since;     /* as a job's, for its name */
    uint32_t missed;
    int64_t missed_at;
};

typedef enum SlurmErrand { SLURM_SBATCH, SLURM_SCANCEL, SLURM_CONFIG } SlurmErrand;

typedef struct Slurm {
    dag_executor executor;
    ExecutorConfig config;
    Clock clock;
    Inherited inherited;
    char **envp; /* for Slurm's commands; entries are those of the inherited */
    int epoll, timer, notices;
    Arena scratch; /* for the arguments of one command */

    SlurmBatch *batches; /* the latest last */
    Attempt *done, **last_done;
    uint32_t live;     /* jobs in batches that were sent, or are looked for */
    uint32_t pressing; /* jobs and batches that wait for the queue's word */

    char *root;      /* RUN/slurm-jobs; NULL: not made yet */
    uint32_t number; /* of the last folder made */
    uint32_t most;   /* jobs in an array */
    bool configured; /* that was asked for */
    bool watched;    /* the kernel was asked to tell of notes */

    Errand send;
    SlurmErrand sends;
    SlurmBatch *sent; /* by the sbatch that runs */
    uint32_t cancel_failures;
    int64_t cancel_at;
    bool cancel_due;

    Errand ask;
    uint64_t asked; /* number of the last question; answers have the same */
    int64_t asked_at, ask_step, press_step;
    int64_t look_at, look_step; /* at the notes */
} Slurm;

/* ---------------------------------------------------------------- exec_slurm.c */

int64_t slurm_now(const Slurm *slurm);

/* Gives the attempt back; its outcome is filled in. */
void slurm_give_back(Slurm *slurm, Attempt *attempt);

/* The job waits for the queue's word, or does not any more. */
void slurm_press(Slurm *slurm, SlurmJob *job, bool on);

/* ---------------------------------------------------------------- slurm_submit.c */

/* Makes the attempt's files and puts it into a batch: for attempt_guard, with the Slurm. Fills the
 * outcome if that fails; else attempt->private is its job. */
void slurm_prepare(Attempt *attempt, void *slurm);

/* Was the attempt, whose folder is `dir`, handed to Slurm by another process, with the same inputs? */
bool slurm_adopts(void *slurm, Attempt *attempt, const char *dir);

/* Follows what another process has handed to Slurm: for attempt_guard; as slurm_prepare. */
void slurm_adopt(Attempt *attempt, void *slurm);

/* Puts a job into a batch at an index, or takes it out; a batch without jobs is freed. */
bool slurm_enter(SlurmBatch *batch, SlurmJob *job, uint32_t index);
void slurm_leave(Slurm *slurm, SlurmJob *job);

/* Sends what is next, if the errand is free. */
void slurm_send(Slurm *slurm);

/* The errand has come back. */
void slurm_sent(Slurm *slurm);

/* It was found in the queue, or was accepted. */
void slurm_accept(Slurm *slurm, SlurmBatch *batch, uint64_t id);

/* It was looked for and is not in the queue: it is sent again, or given up. */
void slurm_send_again(Slurm *slurm, SlurmBatch *batch, const char *why);

/* When the next batch may be sent; INT64_MAX: none waits. */
int64_t slurm_send_at(const Slurm *slurm);

/* ---------------------------------------------------------------- slurm_follow.c */

/* Looks at the notes of what has ended. */
void slurm_look(Slurm *slurm);

/* Reads the record, and finishes the job if that settles it. False: there is none. */
bool slurm_look_at(Slurm *slurm, SlurmJob *job);

/* When the queue is asked next; INT64_MAX: there is nothing to ask. */
int64_t slurm_ask_at(const Slurm *slurm);
void slurm_ask_queue(Slurm *slurm);
void slurm_answered(Slurm *slurm);

/* Is there anything for scancel, and is it time? Starts it. */
bool slurm_cancel(Slurm *slurm);
void slurm_cancelled(Slurm *slurm);

/* Runs a command of Slurm's; what keeps it from starting is what it has said when it comes back. */
void slurm_run(Slurm *slurm, Errand *errand, const char *const *argv);

/* ---------------------------------------------------------------- slurm_conclude.c */

/* Fills the outcome from the record and from what the queue said: for attempt_guard, with the job. */
void slurm_conclude(Attempt *attempt, void *job);

/* Do its record and the queue's word together say how it ended? */
bool slurm_is_clear(const SlurmJob *job);

#endif
