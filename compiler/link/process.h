/*
 * process.h - runs other programs without a shell, with a private folder for their files, and cleans
 * up behind them also when the user interrupts.
 */
#ifndef DAGCC_PROCESS_H
#define DAGCC_PROCESS_H

#include <signal.h>
#include <sys/types.h>

#include "base/argv.h"

/* A private folder, and the signals that are held back while it exists. */
typedef struct Workshop {
    Arena *arena;
    char *dir;     /* absolute */
    bool verbose;  /* print the commands on stderr */
    int caught;    /* the signal that should have ended us; 0: none */
    sigset_t held; /* the mask to restore */
    unsigned nstarted;
} Workshop;

/* Makes the folder in $TMPDIR or /tmp. False with *message. */
bool workshop_open(Workshop *shop, Arena *arena, bool verbose, const char **message);
/* Removes it with the files in it, unless `keep`; lets signals through again. The caller then owes
 * the world shop->caught. */
void workshop_close(Workshop *shop, bool keep);
/* The path of a file in it. */
char *workshop_path(const Workshop *shop, const char *name);

/* A program at work, or what it left. */
typedef struct Process {
    pid_t pid;       /* 0: not started */
    int error;       /* errno of the start */
    int status;      /* exit status; 128 + signal */
    unsigned number; /* its files in the workshop are out.N and err.N */
    const char *name;
    const char *out, *err; /* what it wrote, after process_wait */
} Process;

/* Starts argv in the folder that we run in, so that relative paths of the user's flags hold; found by
 * PATH, speaking English, without input. */
void process_start(Workshop *shop, Process *process, const Argv *argv);
/* Waits for it. True: it ran and ended with status 0. An interrupt is passed on to it. */
bool process_wait(Workshop *shop, Process *process);

#endif
