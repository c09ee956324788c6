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
#include <time.h>
#include <unistd.h>

#include "cli/children.h"
#include "cli/command.h"
#include "cli/records.h"
#include "core/plain.h"

/* ---------------------------------------------------------------- copying */

/* Copies what stands behind *at; false when it cannot be written. A file that is not there has
 * nothing in it. */
static bool copy_from(const char *path, off_t *at, int out) {
    char buffer[1 << 16];
    int fd = plain_open(path, O_RDONLY | O_NOFOLLOW);
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
    int error = errno;
    close(fd);
    errno = error;
    return good;
}

typedef struct Log {
    const char *dir; /* of the attempt */
    off_t out, err;  /* bytes copied */
} Log;

/* False: it has said why. */
static bool copy_log(Cli *cli, Log *log) {
    Arena *arena = &cli->arena;
    bool out = copy_from(arena_printf(arena, "%s/stdout", log->dir), &log->out, STDOUT_FILENO);
    if (out && copy_from(arena_printf(arena, "%s/stderr", log->dir), &log->err, STDERR_FILENO))
        return true;
    cli_say(cli, "%s: %s", out ? "stderr" : "stdout", strerror(errno));
    return false;
}

/* ---------------------------------------------------------------- tasks */

/* Where an attempt's folder is, recorded or not. */
static const char *dir_of(Records *records, const StoreRecord *record, const StoreTask *task,
                          const StoreAttempt *attempt) {
    if (attempt->dir != NULL)
        return attempt->dir;
    Arena *arena = &records->cli->arena;
    return arena_printf(arena, "%s/work/%s/%s/%s/%u", records->root,
                        child_folder(arena, records->cli->program, record->run.id),
                        record->stages[task->stage].slug, task->key, attempt->number);
}

static bool print_task(Records *records, const StoreRecord *record, const StoreTask *task,
                       bool title) {
    bool good = true;
    if (task->attempts ==
        NULL) /* nothing of it ran here: it may have printed something where it did */
        fprintf(stderr, "--- %s [%s] %s%s%s%s\n", record->stages[task->stage].slug, task->key,
                dag_state_name(task->state), task->reason == NULL ? "" : " (",
                task->reason == NULL ? "" : task->reason, task->reason == NULL ? "" : ")");
    for (const StoreAttempt *a = task->attempts; a != NULL && good; a = a->next) {
        Log log = { .dir = dir_of(records, record, task, a) };
        if (title || task->attempts->next != NULL) {
            const char *child = strchr(record->run.id, '/');
            fprintf(stderr, "--- %s%s%s [%s] attempt %u: %s\n", child == NULL ? "" : child + 1,
                    child == NULL ? "" : ": ", record->stages[task->stage].slug, task->key,
                    a->number, dag_state_name(a->state));
        }
        good = copy_log(records->cli, &log);
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

enum {
    LOOK_AGAIN = 5000, /* ms: a run that was killed leaves no trace that can be waited for */
    NO_NOTICE = 1000,  /* ms: where nobody tells of changes (some network file systems) */
    AT_MOST = 100      /* ms between two looks into the store */
};

/* Who tells of changes: -1 where there is no such watch. */
typedef struct Notice {
    int fd, log, store, locks;
} Notice;

static int watch(int fd, const char *path, uint32_t mask) {
    return fd < 0 ? -1 : inotify_add_watch(fd, path, mask);
}

/* A commit is a write to the write-ahead log; the lock goes when the run has ended. */
static Notice notice_new(const Records *records, const char *dir) {
    Arena *arena = &records->cli->arena;
    const dag_program *program = records->cli->program;
    const char *wal =
        arena_printf(arena, "%s/%s.db-wal", records->root, program->strings + program->name);
    Notice n = { .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK) };
    n.log = watch(n.fd, dir, IN_MODIFY | IN_CREATE | IN_DELETE_SELF);
    n.store = watch(n.fd, wal, IN_MODIFY);
    n.locks = watch(n.fd, arena_printf(arena, "%s/lock", records->root), IN_DELETE);
    return n;
}

/* Takes what has been told; did something but the log change? */
static bool notice_take(const Notice *n) {
    _Alignas(struct inotify_event) char events[4096];
    ssize_t size = read(n->fd, events, sizeof events);
    bool store = false;
    for (ssize_t at = 0; at < size;) {
        const struct inotify_event *event = (const struct inotify_event *)(events + at);
        store |= event->wd != n->log;
        at += (ssize_t)(sizeof *event + event->len);
    }
    return store;
}

/* Waits until something changes; is the store to be looked at? */
static bool wait_for_change(const Notice *n) {
    bool told = n->log >= 0 && n->store >= 0;
    struct pollfd fd = { .fd = n->fd, .events = POLLIN };
    if (poll(&fd, 1, told ? LOOK_AGAIN : NO_NOTICE) <= 0)
        return true;
    return notice_take(n);
}

static const StoreAttempt *last_attempt(const StoreTask *task) {
    const StoreAttempt *last = task->attempts;
    while (last != NULL && last->next != NULL)
        last = last->next;
    return last;
}

/* Does the attempt go on, by the store? */
static bool goes_on(Records *records, const StoreTask *task, const StoreRecord *first,
                    uint32_t attempt) {
    Arena scratch = { 0 };
    StoreRecord now;
    dag_error error = { 0 };
    const StoreTask *there = NULL;
    bool on = store_read_record(records->reader, &scratch, first->run.id, &now, &error) &&
              chosen(&now, task->stage, task->key, &there) > 0 && runs_still(there) &&
              there->attempt == attempt && now.run.state == DAG_RUNNING;
    arena_free(&scratch);
    return on;
}

static int follow(Records *records, const StoreTask *task, const StoreRecord *first) {
    const StoreAttempt *last = last_attempt(task);
    const struct timespec pause = { .tv_nsec = AT_MOST * 1000 * 1000 };
    int code = EXIT_COMPLETED;
    if (last == NULL)
        return EXIT_COMPLETED;
    Log log = { .dir = dir_of(records, first, task, last) };
    Notice notice = notice_new(records, log.dir);
    for (bool on = true, look = true; on && code == EXIT_COMPLETED;) {
        /* The store first: what was printed before the end is in the log then. */
        on = !look || goes_on(records, task, first, last->number);
        if (!copy_log(records->cli, &log))
            code = EXIT_CRASHED;
        if (look && on)
            nanosleep(&pause, NULL);
        if (on && code == EXIT_COMPLETED)
            look = wait_for_change(&notice);
    }
    if (notice.fd >= 0)
        close(notice.fd);
    return code;
}

/* ---------------------------------------------------------------- */

static bool calls(Records *records, const StoreRecord *record, uint32_t stage) {
    const Cli *cli = records->cli;
    return child_stage_calls(&records->cli->arena, cli->program, record->run.id,
                             record->stages[stage].slug);
}

/* All that the tasks of a run of a called pipeline have printed; further runs have turns of their own. */
static bool print_child(Records *records, const char *id) {
    StoreRecord record;
    dag_error error = { 0 };
    if (!store_read_record(records->reader, &records->cli->arena, id, &record, &error))
        return false;
    bool good = true;
    for (size_t i = 0; i < record.ntasks && good; i++) {
        const StoreTask *task = &record.tasks[i];
        good = calls(records, &record, task->stage) || print_task(records, &record, task, true);
    }
    return good;
}

/* A stage that calls a pipeline prints nothing itself: the runs that it called do. */
static bool print_children(Records *records, const StoreRecord *record, const char *slug,
                           const char *key) {
    Arena *arena = &records->cli->arena;
    const char *below = arena_printf(arena, "%s/%s.%s", record->run.id, slug, key ? key : "");
    StoreChildRun *children;
    size_t n, length = strlen(below);
    dag_error error = { 0 };
    bool good = store_read_children(records->reader, arena, record->run.id, &children, &n, &error);
    for (size_t i = 0; i < n && good; i++) {
        const char *id = children[i].run.id;
        bool wanted =
            strncmp(id, below, length) == 0 && (key == NULL || strchr("./~", id[length]) != NULL);
        good = !wanted || print_child(records, id);
    }
    return good;
}

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
    if (calls(records, record, stage))
        return print_children(records, record, cli->words[1], key) ? EXIT_COMPLETED : EXIT_CRASHED;
    bool good = true;
    for (size_t i = 0; i < record->ntasks && good; i++) {
        const StoreTask *task = &record->tasks[i];
        bool wanted = task->stage == stage && (key == NULL || strcmp(task->key, key) == 0);
        good = !wanted || print_task(records, record, task, n > 1);
    }
    return good ? EXIT_COMPLETED : EXIT_CRASHED;
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
