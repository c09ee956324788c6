/*
 * cmd_gc.c - `./run gc --keep N`: forgets all but the N newest runs, and removes the folders of
 * attempts that neither a run that stays nor the cache refers to.
 *
 * Folders go first, then the record: what a crash in between leaves is a run without its files, which
 * the next gc forgets.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/records.h"
#include "core/folder.h"
#include "store/runlock.h"

typedef struct Sweep {
    Records *records;
    Arena *arena;
    StoreRunInfo *runs;
    size_t n;
    bool *stays;       /* by run */
    const char **refs; /* "RUN/STAGE/KEY/ATTEMPT", sorted */
    size_t nrefs, room;
    unsigned dropped, removed, kept;
} Sweep;

/* ---------------------------------------------------------------- what is referred to */

static bool stays(void *self, int64_t run) {
    const Sweep *sweep = self;
    for (size_t i = 0; i < sweep->n; i++) {
        if (sweep->runs[i].number == run)
            return sweep->stays[i];
    }
    return true;
}

/* The newest runs stay, those that wait to be begun, those that somebody works on, and what these replay. */
static void choose(Sweep *sweep) {
    sweep->stays = ARENA_ARRAY(sweep->arena, sweep->n, bool);
    for (size_t i = 0; i < sweep->n; i++) {
        bool held = runlock_held(sweep->records->root, sweep->runs[i].id);
        bool waits = sweep->runs[i].state == DAG_QUEUED;
        sweep->stays[i] |= held || waits || i < sweep->records->cli->keep;
        for (size_t k = 0; held && sweep->runs[i].origin != NULL && k < sweep->n; k++)
            sweep->stays[k] |= strcmp(sweep->runs[k].id, sweep->runs[i].origin) == 0;
    }
}

static void add_ref(Sweep *sweep, const char *text, size_t n) {
    if (sweep->nrefs == sweep->room) {
        size_t room = sweep->room * 2 + 64;
        sweep->refs = arena_grow(sweep->arena, sweep->refs, sweep->nrefs * sizeof *sweep->refs,
                                 room * sizeof *sweep->refs);
        sweep->room = room;
    }
    sweep->refs[sweep->nrefs++] = arena_text(sweep->arena, text, n);
}

/* Every path below the folder of work that the text holds. */
static void see_text(void *self, const char *text) {
    static const char work[] = "/work/";
    for (const char *at = text; (at = strstr(at, work)) != NULL;) {
        at += sizeof work - 1;
        size_t n = 0;
        for (int part = 0; part < 4; part++) {
            n += strcspn(at + n, "/\"");
            if (part < 3 && at[n] == '/')
                n++;
        }
        add_ref(self, at, n);
    }
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_referred_to(const Sweep *sweep, const char *path) {
    return sweep->nrefs > 0 &&
           bsearch(&path, sweep->refs, sweep->nrefs, sizeof *sweep->refs, by_text) != NULL;
}

/* ---------------------------------------------------------------- removing */

/* Removes what is not referred to below root/work/PATH, which is `depth` folders above attempts, and
 * the folder itself once it is empty. */
static void remove_below(Sweep *sweep, const char *path, int depth) {
    const char *full = arena_printf(sweep->arena, "%s/work/%s", sweep->records->root, path);
    if (depth == 0) {
        bool kept = is_referred_to(sweep, path);
        sweep->kept += kept;
        if (kept)
            return;
        sweep->removed++;
        if (!folder_remove(full))
            fprintf(stderr, "warning: %s: %s\n", full, strerror(errno));
        return;
    }
    int fd = open(full, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        unlink(full); /* a link that a body has put there: what it leads to is not ours */
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        remove_below(sweep, arena_printf(sweep->arena, "%s/%s", path, name), depth - 1);
    }
    closedir(dir);
    rmdir(full); /* not empty: something stays */
}

/* A run that another process works on is left alone. */
static bool drop(Sweep *sweep, const StoreRunInfo *run, dag_error *error) {
    char reason[512];
    RunLock *lock = runlock_take(sweep->records->root, run->id, reason, sizeof reason);
    if (lock == NULL) {
        fprintf(stderr, "warning: %s; it stays\n", reason);
        return true;
    }
    remove_below(sweep, run->id, 3);
    bool good = store_drop_run(sweep->records->reader, run, sweep->arena, error);
    sweep->dropped += good;
    runlock_free(lock);
    return good;
}

/* ---------------------------------------------------------------- */

static bool sweep_all(Sweep *sweep, dag_error *error) {
    StoreReader *reader = sweep->records->reader;
    if (!store_read_runs(reader, sweep->arena, &sweep->runs, &sweep->n, error))
        return false;
    choose(sweep);
    if (!store_each_text(reader, sweep->arena, stays, see_text, sweep, error))
        return false;
    if (sweep->nrefs > 0)
        qsort(sweep->refs, sweep->nrefs, sizeof *sweep->refs, by_text);
    for (size_t i = sweep->records->cli->keep; i < sweep->n; i++) {
        if (!sweep->stays[i] && !drop(sweep, &sweep->runs[i], error))
            return false;
    }
    return store_drop_reclaimed(reader, sweep->arena, error) &&
           store_compact(reader, sweep->arena, error);
}

int command_gc(Cli *cli) {
    Records records;
    dag_error error = { 0 };
    if (cli->keep == 0) {
        cli_complain(cli, "`gc` needs --keep N: how many of the newest runs stay");
        return EXIT_USAGE;
    }
    int code = records_open(&records, cli);
    Sweep sweep = { .records = &records, .arena = &cli->arena };
    if (code == EXIT_COMPLETED && records.reader != NULL && !sweep_all(&sweep, &error)) {
        code = records_refuse(&error);
    }
    if (code == EXIT_COMPLETED && !cli->quiet) {
        fprintf(stderr, "%u runs forgotten, %u folders removed, %u still referred to\n",
                sweep.dropped, sweep.removed, sweep.kept);
    }
    records_close(&records);
    return code;
}
