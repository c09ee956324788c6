/*
 * away.h - bodies that are carried out elsewhere, by a copy of this executable on another machine: what
 * any executor that hands work to a queue needs.
 *
 * Both sides see the same folders. In the folder of the executor, RUN/NAME-jobs, stand
 *
 *   runner        this executable
 *   done/         an empty file for each body that has ended: N.INDEX
 *   N/            one submission: `tasks` (folders of its attempts, each with a NUL behind), `log`
 *
 * and in the folder of each attempt, beside the logs and `work`,
 *
 *   job           how to carry it out: program, arguments, environment. It may hold secrets: mode 0600,
 *                 and the other side removes it before the body begins
 *   queue         where it was handed to: written before that is done (mode 0600)
 *   exit          how it has ended: written in one step. Only this is the truth about a body that came
 *                 to its end; what a queue says is asked when it is missing
 */
#ifndef DAG_EXEC_AWAY_H
#define DAG_EXEC_AWAY_H

#include <sys/resource.h>

#include "core/executor.h"

/* The hidden command of the executable: RUNNER AWAY_COMMAND FOLDER-OF-THE-SUBMISSION INDEX. */
#define AWAY_COMMAND "carry-out-task"

/* How a body is to be carried out. */
typedef struct AwayJob {
    int64_t timeout, grace; /* ns; timeout 0: none; grace: between SIGTERM and SIGKILL */
    int64_t memory;         /* bytes that it may have; 0: no limit of ours */
    char **programs;        /* to try in turn, NULL-terminated */
    char **argv;            /* argv[-2] and argv[-1] are free */
    char **envp;
} AwayJob;

/* How it has ended. */
typedef struct AwayRecord {
    int status; /* as of wait */
    int error;  /* errno of what kept it from starting, 0: it has started */
    struct rusage usage;
    int64_t started, ended; /* ns since 1970, by the clock over there */
    int64_t over;           /* bytes that it held when it was killed for that; 0: it was not */
    bool stopped;           /* somebody else has asked it to end (SIGTERM) */
    bool timed_out, oom;
    char host[64];
} AwayRecord;

/* Writes DIR/job. False: the attempt's outcome says why. */
bool away_write_job(Attempt *attempt, const AwayJob *job);

/* Reads it, in `arena`. False: errno, or 0: it is none. */
bool away_read_job(Arena *arena, const char *dir, AwayJob *job);

/* Writes DIR/exit in one step. False: errno. */
bool away_write_record(const char *dir, const AwayRecord *record);

/* False: there is none yet. Sees through what a network file system remembers of the folder. */
bool away_read_record(const char *dir, AwayRecord *record);

/* Reads a small file as a text; false: errno. In `arena`, *n bytes (or NULL) and a NUL. */
bool away_read_file(Arena *arena, const char *path, char **text, size_t *n);

/* The other side: carries out the index-th task of a submission. Returns the exit status of the process;
 * what keeps it from leaving a record is said on stderr. (away_node.c) */
int away_node(const char *folder, const char *index);

/* What of its own environment the other side hands on to bodies: what the queue says of the job. */
bool away_hands_on(const char *entry);

#endif
