/*
 * process.c - runs other programs without a shell, with a private folder for their files.
 *
 * While the folder exists, the signals that would end us are blocked: a wait takes them, tells the
 * child, and the folder is removed before they are let through.
 */
#include "link/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---------------------------------------------------------------- the folder */

/* What our parent has us ignore (nohup) stays ignored. */
static void signals_waited_for(sigset_t *set) {
    static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
    sigemptyset(set);
    sigaddset(set, SIGCHLD);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct sigaction action;
        if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
            sigaddset(set, ends[i]);
        }
    }
}

bool workshop_open(Workshop *shop, Arena *arena, bool verbose, const char **message) {
    *shop = (Workshop){ .arena = arena, .verbose = verbose };
    const char *tmp = getenv("TMPDIR");
    char *root = realpath(tmp && *tmp ? tmp : "/tmp", NULL);
    const char *shown = root ? root : tmp && *tmp ? tmp : "/tmp";
    shop->dir = arena_printf(arena, "%s/dagcc-XXXXXX", strcmp(shown, "/") == 0 ? "" : shown);
    sigset_t set;
    signals_waited_for(&set);
    sigprocmask(SIG_BLOCK, &set, &shop->held);
    bool ok = root && mkdtemp(shop->dir);
    if (!ok) {
        *message =
            arena_printf(arena, "cannot make a temporary folder in %s: %s", shown, strerror(errno));
        sigprocmask(SIG_SETMASK, &shop->held, NULL);
    }
    free(root);
    return ok;
}

char *workshop_path(const Workshop *shop, const char *name) {
    return arena_printf(shop->arena, "%s/%s", shop->dir, name);
}

static void remove_files(const Workshop *shop) {
    DIR *dir = opendir(shop->dir);
    if (!dir) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        unlinkat(dirfd(dir), entry->d_name, 0); /* . and .. are refused */
    }
    closedir(dir);
    rmdir(shop->dir);
}

void workshop_close(Workshop *shop, bool keep) {
    if (!keep) {
        remove_files(shop);
    }
    sigprocmask(SIG_SETMASK, &shop->held, NULL);
}

/* ---------------------------------------------------------------- starting */

extern char **environ;

/* Ours, but in English (messages are read by cerrors.c) and with our folder for temporary files. */
static char **environment(const Workshop *shop) {
    Argv env = { .arena = shop->arena };
    for (char **e = environ; *e; e++) {
        if (strncmp(*e, "LC_ALL=", 7) != 0 && strncmp(*e, "TMPDIR=", 7) != 0) {
            argv_add(&env, *e);
        }
    }
    argv_add(&env, "LC_ALL=C");
    argv_addf(&env, "TMPDIR=%s", shop->dir);
    return env.items;
}

static char *file_of(const Workshop *shop, const char *what, unsigned number) {
    return arena_printf(shop->arena, "%s/%s.%u", shop->dir, what, number);
}

static int spawn(Workshop *shop, Process *process, const Argv *argv) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t defaults;
    int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, file_of(shop, "out", process->number), flags, 0600);
    posix_spawn_file_actions_addopen(&files, 2, file_of(shop, "err", process->number), flags, 0600);
    posix_spawnattr_init(&attr);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGCHLD);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    posix_spawnattr_setsigmask(&attr, &shop->held);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int error =
        posix_spawnp(&process->pid, argv->items[0], &files, &attr, argv->items, environment(shop));
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

void process_start(Workshop *shop, Process *process, const Argv *argv) {
    *process =
        (Process){ .number = shop->nstarted++, .name = argv->items[0], .out = "", .err = "" };
    if (shop->verbose) {
        fprintf(stderr, "+ %s\n", argv_quoted(argv));
    }
    process->error = spawn(shop, process, argv);
    if (process->error) {
        process->pid = 0;
        process->status = 127;
    }
}

/* ---------------------------------------------------------------- waiting */

/* The text of a file in the workshop; the file is removed. */
static char *take_file(const Workshop *shop, const char *path) {
    FILE *in = fopen(path, "rb");
    if (!in) {
        return arena_text(shop->arena, "", 0);
    }
    char *text = NULL;
    size_t n = 0, room = 0;
    do {
        size_t more = room ? 2 * room : 4096;
        char *larger = ARENA_ARRAY(shop->arena, more + 1, char);
        if (n) {
            memcpy(larger, text, n);
        }
        text = larger;
        room = more;
        n += fread(text + n, 1, room - n, in);
    } while (n == room);
    text[n] = '\0';
    fclose(in);
    unlink(path);
    return text;
}

/* Waits for any of our signals; one that is not about a child is remembered and passed on. */
static void wait_for_signal(Workshop *shop, pid_t pid) {
    sigset_t set;
    signals_waited_for(&set);
    int signal_number = sigwaitinfo(&set, NULL);
    if (signal_number > 0 && signal_number != SIGCHLD) {
        shop->caught = signal_number;
        kill(pid, SIGTERM);
    }
}

bool process_wait(Workshop *shop, Process *process) {
    if (!process->pid) {
        return false;
    }
    int status = 0;
    pid_t got;
    while ((got = waitpid(process->pid, &status, WNOHANG)) == 0) {
        wait_for_signal(shop, process->pid);
    }
    if (got < 0) { /* our parent has us ignore children: their status is lost */
        process->status = 127;
    } else {
        process->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    process->out = take_file(shop, file_of(shop, "out", process->number));
    process->err = take_file(shop, file_of(shop, "err", process->number));
    if (shop->verbose && process->err[0]) {
        fputs(process->err, stderr);
    }
    return process->status == 0 && !shop->caught;
}
