/*
 * many.c - see many.h.
 *
 * The first thread waits for signals and hands them on; a handler does no more than count and write to
 * a descriptor. A signal that names a run (runlock.h) concerns that run alone.
 */
#include "cli/many.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/share.h"
#include "store/runlock.h"

/* What a run of ours may need at a time, beside its processes: the store twice, lock, folders, timers. */
enum { DESCRIPTORS_EACH = 24, DESCRIPTORS_LEFT = 64 };

typedef struct ManyState {
    dag_share *share;
    const char *root; /* the state folder, or NULL */
    pthread_t *threads;
    uint32_t nthreads;
    pthread_mutex_t taking; /* who asks the kind for the next one */
    pthread_mutex_t mutex;  /* kind->ended, and what follows */
    One *active;            /* lock: mutex */
    uint32_t working;       /* lock: mutex; threads */
    int cancels;            /* lock: mutex; how often all were asked to end */
    EventLog *log;          /* lock: logging; or NULL */
    pthread_mutex_t logging;
} ManyState;

/* ---------------------------------------------------------------- signals */

static atomic_int signal_fd = -1, ends, asked; /* ends: SIGINT, SIGTERM; asked: by name */

static void wake(int fd) {
    const uint64_t one = 1;
    int before = errno;
    if (write(fd, &one, sizeof one) < 0) {
        /* it is full: who waits wakes up anyway */
    }
    errno = before;
}

static void handle(int number, siginfo_t *info, void *context) {
    (void)context;
    if (info->si_code == SI_QUEUE)
        atomic_fetch_add(&asked, 1);
    else if (number != SIGUSR1)
        atomic_fetch_add(&ends, 1);
    wake(atomic_load(&signal_fd));
}

static bool listen_to_signals(void) {
    struct sigaction action = { .sa_flags = SA_SIGINFO | SA_RESTART };
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return false;
    atomic_store(&signal_fd, fd);
    action.sa_sigaction = handle;
    sigemptyset(&action.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGPIPE, &ignore, NULL); /* an error of write, not the end of all runs */
    return true;
}

/* ---------------------------------------------------------------- those that run */

/* Looks for what was asked of a run by its name. */
static void heed_requests(const ManyState *state, One *one) {
    bool pause;
    unsigned cancels = runlock_requests(state->root, one->job.id, &pause);
    for (; one->cancels < cancels; one->cancels++)
        dag_run_cancel(one->job.run);
    if (pause)
        dag_run_pause(one->job.run);
}

static void heed_all(ManyState *state) {
    pthread_mutex_lock(&state->mutex);
    for (One *one = state->active; one != NULL && state->root != NULL; one = one->next)
        heed_requests(state, one);
    pthread_mutex_unlock(&state->mutex);
}

/* From here on it is found; what was asked of it before is seen now. */
static void link_active(ManyState *state, One *one) {
    pthread_mutex_lock(&state->mutex);
    one->next = state->active;
    state->active = one;
    for (int i = 0; i < state->cancels; i++)
        dag_run_cancel(one->job.run);
    if (state->root != NULL)
        heed_requests(state, one);
    pthread_mutex_unlock(&state->mutex);
}

static void unlink_active(ManyState *state, One *one) {
    pthread_mutex_lock(&state->mutex);
    One **at = &state->active;
    while (*at != one)
        at = &(*at)->next;
    *at = one->next;
    pthread_mutex_unlock(&state->mutex);
}

static void cancel_all(ManyState *state) {
    pthread_mutex_lock(&state->mutex);
    state->cancels++;
    for (One *one = state->active; one != NULL; one = one->next)
        dag_run_cancel(one->job.run);
    pthread_mutex_unlock(&state->mutex);
}

/* ---------------------------------------------------------------- one run */

static void log_event(void *self, const dag_event *event) {
    ManyState *state = self;
    pthread_mutex_lock(&state->logging);
    event_log_event(state->log, event);
    pthread_mutex_unlock(&state->logging);
}

/* A warning is told at once, of whatever run it is. */
static void warn(void *self, const dag_event *event) {
    (void)self;
    if (event->scope == DAG_SCOPE_LOG && event->reason != NULL)
        fprintf(stderr, "run %s: %s\n", event->run, event->reason);
}

static void listen_all(ManyState *state, Job *job) {
    dag_sink *sink = job_listen(job, &job->tally, tally_event);
    sink->children = true;
    job_listen(job, NULL, warn);
    if (state->log != NULL) {
        sink = job_listen(job, state, log_event);
        sink->children = sink->progress = true;
    }
}

static void perform(One *one) {
    Many *many = one->many;
    ManyState *state = many->state;
    if (!many->kind->open(many->self, one))
        return;
    listen_all(state, &one->job);
    if (!job_open(&one->job))
        return;
    link_active(state, one);
    dag_run_wait(one->job.run);
    unlink_active(state, one);
}

static void tell(One *one) {
    one->many->kind->ended(one->many->self, one);
}

/* A record that cannot be written cannot for any of them: no further one is begun. */
static void look_at_store(Many *many) {
    dag_store *store = many->first.store;
    dag_error error = { 0 };
    if (many->broken || store == NULL || store->check(store->self, &error))
        return;
    many->broken = true;
    cli_say(many->cli, "%s", error.message);
    many_stop(many);
}

/* Without memory for the command line's part the step is given up, not the process. */
static void guard(One *one, void (*step)(One *one)) {
    jmp_buf oom;
    one->cli.arena.oom = &oom;
    if (setjmp(oom) == 0)
        step(one);
    else
        one->cli.said = "out of memory";
    one->cli.arena.oom = NULL;
}

static void make_one(Many *many, One *one) {
    *one = (One){ .many = many, .cli = *many->cli };
    one->cli.arena = (Arena){ 0 };
    one->cli.gathers = true;
    one->cli.given = NULL;
    one->cli.last_given = &one->cli.given;
    one->job = (Job){ .cli = &one->cli, .share = many->state->share, .shared = many->first.store };
}

static void take_one(One *one) {
    Many *many = one->many;
    one->taken = !many_stopped(many) && many->kind->next(many->self, one);
    if (one->taken)
        job_name(&one->job); /* here, where no other thread makes one */
}

static bool work_once(Many *many) {
    ManyState *state = many->state;
    One one;
    make_one(many, &one);
    pthread_mutex_lock(&state->taking);
    guard(&one, take_one);
    pthread_mutex_unlock(&state->taking);
    if (one.taken) {
        guard(&one, perform);
        pthread_mutex_lock(&state->mutex);
        guard(&one, tell);
        look_at_store(many);
        pthread_mutex_unlock(&state->mutex);
    }
    job_free(&one.job);
    arena_free(&one.cli.arena);
    return one.taken;
}

static void *work(void *arg) {
    Many *many = arg;
    ManyState *state = many->state;
    while (work_once(many)) {
    }
    pthread_mutex_lock(&state->mutex);
    state->working--;
    pthread_mutex_unlock(&state->mutex);
    wake(atomic_load(&signal_fd));
    return NULL;
}

/* ---------------------------------------------------------------- all of them */

void many_stop(Many *many) {
    wake(many->stop);
}

bool many_stopped(const Many *many) {
    struct pollfd stop = { .fd = many->stop, .events = POLLIN };
    return poll(&stop, 1, 0) > 0;
}

FILE *many_results(Cli *cli) {
    int fd = job_stdout_aside();
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (out == NULL)
        job_complain(cli, strerror(errno));
    return out;
}

static bool enough_descriptors(Cli *cli) {
    struct rlimit limit;
    uint64_t needed = DESCRIPTORS_LEFT + (uint64_t)DESCRIPTORS_EACH * cli->max_runs;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
        return true;
    cli_complain(
        cli,
        "--max-runs %u may need %llu open files, and this process may have %llu; raise the "
        "limit (ulimit -n) or run fewer at the same time",
        cli->max_runs, (unsigned long long)needed, (unsigned long long)limit.rlim_cur);
    return false;
}

/* Also what the options say of jobs and resources is checked here, once for all runs. */
static int open_all(Many *many, ManyState *state) {
    Cli *cli = many->cli;
    if (cli->max_runs == 0) {
        cli_complain(cli, "`%s` needs --max-runs N: how many runs at the same time", cli->command);
        return EXIT_USAGE;
    }
    if (!enough_descriptors(cli))
        return EXIT_USAGE;
    dag_options options = { .jobs = cli->jobs,
                            .executor = cli->executor,
                            .resources = cli->resources,
                            .resource_names = cli->resource_names,
                            .nresources = cli->nresources };
    dag_error error = { 0 };
    char *reason = arena_alloc(&cli->arena, 2048);
    state->share = dag_share_new(cli->program, &options, reason, 2048, &error);
    if (state->share == NULL) {
        refusal_print(cli, error.message, stderr);
        return strcmp(error.type, "limit") == 0 ? EXIT_USAGE : EXIT_CRASHED;
    }
    if (cli->events_file != NULL)
        state->log = event_log_open(cli, cli->events_file);
    if (cli->events_file != NULL && state->log == NULL)
        return EXIT_USAGE;
    many->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (many->stop >= 0 && listen_to_signals())
        return EXIT_COMPLETED;
    job_complain(cli, strerror(errno));
    return EXIT_CRASHED;
}

static bool start_threads(Many *many, ManyState *state) {
    uint32_t most = many->cli->max_runs;
    state->threads = ARENA_ARRAY(&many->cli->arena, most, pthread_t);
    state->working = most; /* before any of them can end */
    while (state->nthreads < most &&
           pthread_create(&state->threads[state->nthreads], NULL, work, many) == 0)
        state->nthreads++;
    pthread_mutex_lock(&state->mutex);
    state->working -= most - state->nthreads;
    pthread_mutex_unlock(&state->mutex);
    return state->nthreads > 0 || job_complain(many->cli, "no thread can be started");
}

static bool all_done(ManyState *state) {
    pthread_mutex_lock(&state->mutex);
    bool done = state->working == 0;
    pthread_mutex_unlock(&state->mutex);
    return done;
}

/* Until all threads have ended. How often signals asked for it. */
static int attend(Many *many, ManyState *state) {
    int ended = 0, heard = 0;
    struct pollfd fd = { .fd = atomic_load(&signal_fd), .events = POLLIN };
    while (!all_done(state)) {
        uint64_t count;
        if (many->tick != NULL)
            many->tick(many->self);
        if (poll(&fd, 1, many->tick != NULL ? MANY_TICK : -1) > 0 &&
            read(fd.fd, &count, sizeof count) < 0)
            continue;
        for (; ended < atomic_load(&ends); ended++) {
            many_stop(many);
            if (ended == 0 && many->kind->drains && !many->cli->quiet)
                fputs("no further run is begun; those that run may finish (a second signal cancels "
                      "them)\n",
                      stderr);
            if (ended > 0 || !many->kind->drains)
                cancel_all(state);
        }
        int now = atomic_load(&asked);
        if (now != heard)
            heed_all(state);
        heard = now;
    }
    return ended;
}

int many_open(Many *many) {
    ManyState *state = ARENA_NEW(&many->cli->arena, ManyState);
    state->root = job_root(many->cli);
    pthread_mutex_init(&state->taking, NULL);
    pthread_mutex_init(&state->mutex, NULL);
    pthread_mutex_init(&state->logging, NULL);
    many->state = state;
    return open_all(many, state);
}

int many_store(Many *many) {
    many->first = (Job){ .cli = many->cli };
    return job_state(&many->first) ? EXIT_COMPLETED : EXIT_CRASHED;
}

int many_work(Many *many) {
    ManyState *state = many->state;
    Cli *cli = many->cli;
    if (!start_threads(many, state))
        return EXIT_CRASHED;
    int ended = attend(many, state);
    for (uint32_t i = 0; i < state->nthreads; i++)
        pthread_join(state->threads[i], NULL);
    bool logged = event_log_close(state->log);
    state->log = NULL;
    if (!logged)
        cli_say(cli, "--events %s: not everything could be written", cli->events_file);
    if (ended > (many->kind->drains ? 1 : 0))
        return EXIT_CANCELLED;
    return logged && !many->broken ? EXIT_COMPLETED : EXIT_CRASHED;
}

void many_close(Many *many) {
    job_stdout_forget();
    event_log_close(many->state->log);
    job_free(&many->first);
    dag_share_free(many->state->share);
}
