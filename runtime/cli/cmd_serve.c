/*
 * cmd_serve.c - `./run serve --max-runs N`: begins queued runs, the oldest first, until SIGTERM.
 *
 * Several processes may serve one store. Who has the lock of a run, and finds it queued still, begins it.
 */
#include <errno.h>
#include <string.h>

#include "cli/command.h"
#include "cli/many.h"
#include "cli/notice.h"
#include "cli/records.h"
#include "report/metrics.h"
#include "store/queue.h"
#include "store/runlock.h"

enum {
    HELD = 1000
}; /* ms until a run that another process holds and has not begun is looked at again */

typedef struct Serve {
    Many many;
    Cli *cli;
    Records records; /* used under the lock of those who take */
    Notice notice;
    int64_t from; /* no run with a lower number is queued */
    FILE *results;
    Records metrics; /* the first thread's, for --metrics */
    bool unmeasured; /* the file cannot be written, which was said */
    bool broken;     /* the store is: nothing more is begun */
} Serve;

static void break_off(Serve *serve, const char *why) {
    if (!serve->broken)
        cli_say(serve->cli, "%s", why != NULL ? why : "out of memory");
    serve->broken = true;
    many_stop(&serve->many);
}

/* ---------------------------------------------------------------- taking */

static void drop_store(Job *job) {
    if (job->store != NULL)
        job->store->close(job->store->self);
    job->store = NULL;
}

/* Takes the lock, then looks whether it is queued still. */
static bool claim(Serve *serve, One *one, const StoreQueued *queued, Arena *arena) {
    Job *job = &one->job;
    dag_error error = { 0 };
    bool still = false;
    if (!job_state(job)) {
        break_off(serve, one->cli.said);
        return false;
    }
    if (store_sqlite_hold(job->store, queued->id, &error) &&
        !store_is_queued(serve->records.reader, arena, queued->id, &still, &error)) {
        break_off(serve, error.message);
    }
    if (!still)
        drop_store(job);
    return still;
}

/* The first of the page that nobody has. *held: somebody has one, and has not begun it. */
static bool take_from(Serve *serve, One *one, const StoreQueued *page, size_t n, Arena *arena,
                      bool *held) {
    for (size_t i = 0; i < n && !serve->broken; i++) {
        bool free = !runlock_held(serve->records.root, page[i].id);
        if (free && claim(serve, one, &page[i], arena)) {
            one->job.id = arena_text(&one->cli.arena, page[i].id, strlen(page[i].id));
            one->inputs = arena_text(&one->cli.arena, page[i].inputs, strlen(page[i].inputs));
            return true;
        }
        *held = true;
    }
    return false;
}

/* The oldest one that nobody has. Queues are long and looked at often: page by page, and from where the
 * oldest one stood. */
static bool take_oldest(Serve *serve, One *one, bool *held) {
    Arena arena = { .oom = one->cli.arena.oom };
    int64_t from = serve->from;
    bool taken = false, more = true;
    while (more && !taken && !serve->broken) {
        StoreQueued *page;
        size_t n;
        dag_error error = { 0 };
        if (!store_queue_read(serve->records.reader, &arena, from, &page, &n, &from, &error)) {
            break_off(serve, error.message);
            break;
        }
        if (!*held) /* all before are begun */
            serve->from = n > 0 ? page[0].number : from;
        more = n == STORE_QUEUE_PAGE;
        taken = take_from(serve, one, page, n, &arena, held);
    }
    arena_free(&arena);
    return taken;
}

/* Those who queue runs do so in another file: nobody would begin them. */
static void look_for_store(Serve *serve) {
    if (!store_has_moved(serve->records.reader))
        return;
    break_off(serve, arena_printf(&serve->cli->arena,
                                  "the state store in %s was moved, deleted or replaced; start the "
                                  "server again",
                                  serve->records.root));
}

static bool next(void *self, One *one) {
    Serve *serve = self;
    while (!many_stopped(&serve->many)) {
        bool held = false;
        look_for_store(serve);
        if (serve->broken)
            break;
        if (take_oldest(serve, one, &held))
            return true;
        if (!serve->broken)
            notice_wait(&serve->notice, serve->many.stop, held ? HELD : -1);
    }
    return false;
}

/* ---------------------------------------------------------------- one run */

static bool open_one(void *self, One *one) {
    Cli *cli = &one->cli;
    Job *job = &one->job;
    (void)self;
    job->queued = true;
    if (cli->out_dir != NULL)
        cli->out_dir = arena_printf(&cli->arena, "%s/%s", cli->out_dir, job->id);
    const char *wrong = cli_known_inputs(cli, one->inputs);
    if (wrong != NULL)
        return job_complain(cli, wrong);
    return job_tally(job) && job_inputs(job) && job_cache(job);
}

/* It was refused, now that it was to begin: a file is gone, say. It does not stay in the queue. */
static void refuse(Serve *serve, One *one) {
    Tally *tally = &one->job.tally;
    dag_error error = { 0 };
    if (tally->error.type == NULL)
        tally->error =
            (dag_error){ .type = "type",
                         .message = one->cli.said != NULL ? one->cli.said : "out of memory" };
    tally->state = DAG_FAILED;
    tally->refused = true;
    if (!store_queue_end(one->job.store, one->job.id, DAG_FAILED, NULL, &tally->error, &error))
        break_off(serve, error.message);
}

static void report(const Serve *serve, const One *one) {
    Style style = style_for(serve->cli->color_choice, stderr);
    const Tally *tally = &one->job.tally;
    Arena arena = { 0 };
    fprintf(stderr, "run %s %s%s%s in %s", one->job.id, style_state(&style, tally->state),
            dag_state_name(tally->state), style.off,
            duration_text(&arena, tally->ended - tally->started));
    if (tally->error.type != NULL)
        fprintf(stderr, ": %s", tally->error.message);
    fprintf(stderr, "%s%s\n", one->cli.said != NULL && one->job.run != NULL ? ": " : "",
            one->cli.said != NULL && one->job.run != NULL ? one->cli.said : "");
    arena_free(&arena);
}

static void ended(void *self, One *one) {
    Serve *serve = self;
    const Tally *tally = &one->job.tally;
    if (one->job.run == NULL || tally->refused)
        refuse(serve, one);
    else if (one->cli.out_dir != NULL)
        outputs_copy(&one->cli, one->job.run);
    if (!serve->cli->quiet)
        report(serve, one);
    if (serve->cli->json && tally->stages != NULL) {
        document_print(tally, one->job.run, 0, serve->results);
        fflush(serve->results);
    }
}

/* ---------------------------------------------------------------- metrics */

/* Who reads the file sees the old text or the new one. */
static bool replace_file(Arena *arena, const char *path, const char *text) {
    const char *fresh = arena_printf(arena, "%s.new", path);
    FILE *file = fopen(fresh, "we");
    bool good = file != NULL && fputs(text, file) >= 0;
    if (file != NULL && fclose(file) != 0)
        good = false;
    return good && rename(fresh, path) == 0;
}

static void write_metrics(void *self) {
    Serve *serve = self;
    Cli *cli = serve->cli;
    Arena arena = { .oom = cli->arena.oom };
    StoreMetrics metrics = { 0 };
    dag_error error = { 0 };
    const char *name = cli->program->strings + cli->program->name;
    bool read = store_read_metrics(serve->metrics.reader, &arena, &metrics, &error);
    bool good =
        read && replace_file(&arena, cli->metrics_file, metrics_text(&arena, name, &metrics));
    if (!good && !serve->unmeasured)
        cli_say(cli, "--metrics %s: %s", cli->metrics_file, read ? strerror(errno) : error.message);
    serve->unmeasured = !good;
    arena_free(&arena);
}

/* ---------------------------------------------------------------- all of them */

static const ManyKind kind = { .next = next, .open = open_one, .ended = ended, .drains = true };

static int open_serve(Serve *serve) {
    Cli *cli = serve->cli;
    int code = many_store(&serve->many);
    if (code == EXIT_COMPLETED)
        code = records_open(&serve->records, cli);
    if (code != EXIT_COMPLETED)
        return code;
    if (cli->metrics_file != NULL) {
        code = records_open(&serve->metrics, cli);
        serve->many.tick = write_metrics;
    }
    if (code != EXIT_COMPLETED)
        return code;
    notice_open(&serve->notice, serve->records.root, store_is_shared(serve->records.root));
    serve->results = many_results(cli);
    return serve->results != NULL ? EXIT_COMPLETED : EXIT_CRASHED;
}

static int serve_all(Serve *serve) {
    int code = open_serve(serve);
    if (code == EXIT_COMPLETED && !serve->cli->quiet)
        fprintf(stderr, "serving %s, %u runs at a time\n", serve->cli->state_dir,
                serve->cli->max_runs);
    if (code == EXIT_COMPLETED)
        code = many_work(&serve->many);
    if (serve->metrics.reader != NULL)
        write_metrics(serve);
    records_close(&serve->metrics);
    if (serve->results != NULL && fclose(serve->results) != 0)
        serve->broken = true;
    notice_close(&serve->notice);
    records_close(&serve->records);
    return code == EXIT_COMPLETED && serve->broken ? EXIT_CRASHED : code;
}

int command_serve(Cli *cli) {
    Serve serve = { .cli = cli, .notice = { .fd = -1 } };
    if (job_root(cli) == NULL) {
        cli_complain(cli, "--state :memory: keeps no runs");
        return EXIT_USAGE;
    }
    serve.many = (Many){ .cli = cli, .kind = &kind, .self = &serve };
    int code = many_open(&serve.many);
    if (code == EXIT_COMPLETED)
        code = serve_all(&serve);
    many_close(&serve.many);
    return code;
}
