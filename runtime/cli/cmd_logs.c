/*
 * cmd_logs.c - `./run logs RUN STAGE [KEY] [-f]`: what tasks printed, on stdout as they printed it to
 * stdout, on stderr as to stderr; -f goes on until the run has ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/records.h"

/* ---------------------------------------------------------------- copying */

/* Copies what stands behind *at; false when it cannot be written. A file that is not there has
 * nothing in it. */
static bool copy_from(const char *path, off_t *at, int out) {
    char buffer[1 << 16];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = true;
    if (fd < 0)
        return true;
    for (ssize_t n; good && (n = pread(fd, buffer, sizeof buffer, *at)) > 0; *at += n) {
        for (ssize_t done = 0; done < n && good;) {
            ssize_t written = write(out, buffer + done, (size_t)(n - done));
            good = written > 0;
            done += written;
        }
    }
    close(fd);
    return good;
}

typedef struct Log {
    const char *dir; /* of the attempt */
    off_t out, err;  /* bytes copied */
} Log;

static bool copy_log(Arena *arena, Log *log) {
    return copy_from(arena_printf(arena, "%s/stdout", log->dir), &log->out, STDOUT_FILENO) &&
           copy_from(arena_printf(arena, "%s/stderr", log->dir), &log->err, STDERR_FILENO);
}

/* ---------------------------------------------------------------- tasks */

/* Where an attempt's folder is, recorded or not. */
static const char *dir_of(Records *records, const StoreRecord *record, const StoreTask *task,
                          const StoreAttempt *attempt) {
    if (attempt->dir != NULL)
        return attempt->dir;
    return arena_printf(&records->cli->arena, "%s/work/%s/%s/%s/%u", records->root, record->run.id,
                        record->stages[task->stage].slug, task->key, attempt->number);
}

static bool print_task(Records *records, const StoreRecord *record, const StoreTask *task,
                       bool title) {
    Arena *arena = &records->cli->arena;
    bool good = true;
    for (const StoreAttempt *a = task->attempts; a != NULL && good; a = a->next) {
        Log log = { .dir = dir_of(records, record, task, a) };
        if (title || task->attempts->next != NULL) {
            fprintf(stderr, "--- %s [%s] attempt %u: %s\n", record->stages[task->stage].slug,
                    task->key, a->number, dag_state_name(a->state));
        }
        good = copy_log(arena, &log);
    }
    return good;
}

/* The tasks that are asked for: *first, and how many in all. */
static size_t chosen(const StoreRecord *record, uint32_t stage, const char *key,
                     const StoreTask **first) {
    size_t n = 0;
    for (size_t i = record->ntasks; i-- > 0;) {
        const StoreTask *task = &record->tasks[i];
        if (task->stage != stage || (key != NULL && strcmp(task->key, key) != 0))
            continue;
        *first = task;
        n++;
    }
    return n;
}

/* ---------------------------------------------------------------- following */

static bool runs_still(const StoreTask *task) {
    return task->finished == 0 && (task->state == DAG_RUNNING || task->state == DAG_PENDING);
}

/* Waits until something changes in the folder, or a second has passed: the end of a task shows in
 * the store alone. */
static void wait_for_change(int notify) {
    char events[4096];
    struct pollfd fd = { .fd = notify, .events = POLLIN };
    if (poll(&fd, 1, 1000) > 0 && read(notify, events, sizeof events) < 0)
        return;
}

static int follow(Records *records, const StoreTask *task, const StoreRecord *first) {
    Arena *arena = &records->cli->arena;
    const StoreAttempt *last = task->attempts;
    while (last != NULL && last->next != NULL)
        last = last->next;
    if (last == NULL)
        return EXIT_COMPLETED;
    Log log = { .dir = dir_of(records, first, task, last) };
    int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), code = EXIT_COMPLETED;
    if (notify >= 0)
        inotify_add_watch(notify, log.dir, IN_MODIFY | IN_CREATE | IN_DELETE_SELF);
    for (bool on = true; on && code == EXIT_COMPLETED;) {
        Arena scratch = { 0 };
        StoreRecord now;
        dag_error error = { 0 };
        const StoreTask *there = NULL;
        on = store_read_record(records->reader, &scratch, first->run.id, &now, &error) &&
             chosen(&now, task->stage, task->key, &there) > 0 && runs_still(there) &&
             there->attempt == last->number && now.run.state == DAG_RUNNING;
        if (!copy_log(arena, &log))
            code = EXIT_CRASHED;
        if (on)
            wait_for_change(notify);
        arena_free(&scratch);
    }
    if (notify >= 0)
        close(notify);
    return code;
}

/* ---------------------------------------------------------------- */

static int print_logs(Records *records, const StoreRecord *record) {
    Cli *cli = records->cli;
    const char *key = cli->nwords > 2 ? cli->words[2] : NULL;
    const StoreTask *first = NULL;
    uint32_t stage;
    int code = record_find_stage(cli, record, cli->words[1], &stage);
    if (code != EXIT_COMPLETED)
        return code;
    size_t n = chosen(record, stage, key, &first);
    if (n == 0 && key != NULL) {
        cli_complain(cli, "stage `%s` of run %s has no task with the key %s", cli->words[1],
                     record->run.id, key);
        return EXIT_USAGE;
    }
    if (cli->follow && n == 1)
        return follow(records, first, record);
    if (cli->follow && n > 1) {
        cli_complain(cli, "-f follows one task: give its key");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < record->ntasks; i++) {
        const StoreTask *task = &record->tasks[i];
        if (task->stage != stage || (key != NULL && strcmp(task->key, key) != 0))
            continue;
        if (!print_task(records, record, task, n > 1))
            return EXIT_CRASHED;
    }
    return EXIT_COMPLETED;
}

int command_logs(Cli *cli) {
    Records records;
    StoreRecord record;
    int code = records_open(&records, cli);
    if (code == EXIT_COMPLETED)
        code = records_load(&records, cli->words[0], &record);
    if (code == EXIT_COMPLETED)
        code = print_logs(&records, &record);
    records_close(&records);
    return code;
}
