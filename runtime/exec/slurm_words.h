/*
 * slurm_words.h - what the commands of Slurm say, and what is said to them: texts in, meaning out.
 * Nothing here runs a command or knows of files.
 *
 * sbatch(1), squeue(1), scancel(1), scontrol(1) of Slurm 20.02 and later.
 */
#ifndef DAG_EXEC_SLURM_WORDS_H
#define DAG_EXEC_SLURM_WORDS_H

#include "core/executor.h"

/* ---------------------------------------------------------------- the queue */

/* What the queue says of a job. */
typedef enum SlurmState {
    SLURM_UNKNOWN, /* it has said nothing */
    SLURM_LIVES,   /* it waits, runs, or is about to have ended */
    SLURM_ENDED,   /* by itself: completed, or failed */
    SLURM_OOM,
    SLURM_TIMEOUT,
    SLURM_CANCELLED,
    SLURM_NODE_FAIL,
    SLURM_PREEMPTED
} SlurmState;

/* The format that squeue is asked for. */
#define SLURM_FORMAT "%F|%K|%T|%N|%r|%j"

/* One line of its answer. Texts are parts of the line. */
typedef struct SlurmLine {
    uint64_t id;      /* of the job, or of its array */
    uint32_t index;   /* in the array; 0: it is none */
    bool many;        /* it stands for several elements of an array, none of them in particular */
    SlurmState state; /* LIVES also for a word that is not known */
    char *word, *node, *name;
} SlurmLine;

/* Cuts the line up in place. False: it is none. */
bool slurm_line(char *line, SlurmLine *parsed);

/* ---------------------------------------------------------------- submissions */

/* The id in the answer of sbatch --parsable, among other lines; 0: there is none. */
uint64_t slurm_id(const char *answer);

/* Why sbatch said no, and so what is to be done. */
typedef enum SlurmRefusal {
    SLURM_REFUSED, /* it will never do */
    SLURM_FULL,    /* too many jobs for now */
    SLURM_LONG,    /* too many in one array */
    SLURM_UNSURE   /* it could not be asked, or did not answer: it may have been accepted */
} SlurmRefusal;
SlurmRefusal slurm_refusal(const char *message);

/* MaxArraySize in what `scontrol show config` prints; 0: it is not there. */
uint32_t slurm_array_size(const char *config);

/* What a stage asks for on the attempt, as grown: amounts of cpu, memory (bytes), gpu; 0: not asked. */
typedef struct SlurmAsk {
    int64_t cpu, memory, gpu;
    int64_t time; /* ns; 0: the partition's limit holds */
} SlurmAsk;
SlurmAsk slurm_ask(const Attempt *attempt, int64_t grace);

/* Whole numbers as Slurm wants them: MiB and minutes, rounded up. */
int64_t slurm_megabytes(int64_t bytes);
int64_t slurm_minutes(int64_t ns);

/* A path for --output, in which % means something. */
const char *slurm_pattern(Arena *arena, const char *path);

/* A text as one word of a shell script. */
const char *slurm_quoted(Arena *arena, const char *text);

/* Entries of an environment that sbatch and the others get: enough to find the cluster and what the
 * user has set for sbatch, nothing that would change what squeue answers. */
bool slurm_passes_on(const char *entry);

#endif
