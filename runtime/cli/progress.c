/*
 * progress.c - what a person sees while a run goes on.
 *
 * On a terminal: one live line per running stage and a total, redrawn a few times a second by a
 * thread of its own, so that the clock goes on when nothing happens. Elsewhere: one plain line per
 * stage that has ended and per task that failed, which a log can keep.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/children.h"
#include "cli/screen.h"

enum { REDRAW_MS = 120 };

struct Progress {
    const Tally *tally; /* written by the run's thread under `mutex` (see progress_event) */
    const dag_program *program;
    Style style;
    bool live, quiet, verbose;
    Screen screen;
    int64_t now;
    Arena arena;
    pthread_t thread;
    bool threaded, ending; /* ending: lock: mutex */
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    StageTally *copy; /* lock: mutex; what the thread draws */
};

static const char *slug(const Progress *progress, uint32_t stage) {
    return progress->program->strings + progress->program->stages[stage].slug;
}

static int64_t wall(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint32_t ended_tasks(const StageTally *stage) {
    uint32_t n = 0;
    for (int state = DAG_COMPLETED; state <= DAG_FILTERED; state++)
        n += stage->tasks[state];
    return n;
}

/* How far the only task of a stage has come: ", 37/100"; else "". */
static const char *share_text(Arena *arena, const StageTally *stage) {
    if (stage->due <= 0 || stage->total != 1)
        return "";
    return arena_printf(arena, ", %lld/%lld", (long long)stage->done, (long long)stage->due);
}

/* ---------------------------------------------------------------- live lines */

/* "  12.5/s  ETA 3.2s" */
static const char *rate_text(Arena *arena, int64_t done, int64_t total, int64_t elapsed) {
    double rate = elapsed > 0 ? (double)done * 1e9 / (double)elapsed : 0;
    if (done <= 0)
        return "";
    if (total <= done || rate <= 0)
        return arena_printf(arena, "  %.1f/s", rate);
    int64_t left = (int64_t)((double)(total - done) / rate * 1e9);
    return arena_printf(arena, "  %.1f/s  ETA %s", rate, duration_text(arena, left));
}

static void draw_stage(Progress *progress, uint32_t i, int64_t now) {
    Arena *arena = &progress->arena;
    const StageTally *stage = &progress->copy[i];
    uint32_t done = ended_tasks(stage);
    int64_t elapsed = now - stage->started;
    const char *rate = stage->total > 1 ? rate_text(arena, done, stage->total, elapsed)
                       : stage->due > 0 ? rate_text(arena, stage->done, stage->due, elapsed)
                                        : "";
    const char *tail =
        arena_printf(arena, "%u/%u tasks%s%s  %s%s", done, stage->total, share_text(arena, stage),
                     child_counts_text(arena, &stage->children), duration_text(arena, elapsed),
                     rate);
    screen_line(&progress->screen, slug(progress, i), tail, progress->style.bold,
                progress->style.off);
}

/* Somebody who has pressed Ctrl-C sees that it was heard. */
static const char *asked_text(void) {
    switch (signals_asked()) {
    case ASKED_NOTHING: return "";
    case ASKED_PAUSE: return ", pausing: what runs may end";
    case ASKED_CANCEL: return ", cancelling; Ctrl-C once more kills what still runs";
    }
    return "";
}

static void draw(Progress *progress) {
    int64_t now = wall();
    uint64_t done = 0, total = 0;
    screen_clear(&progress->screen);
    for (uint32_t i = 0; i < progress->program->nstages; i++) {
        const StageTally *stage = &progress->copy[i];
        done += ended_tasks(stage);
        total += stage->total;
        if (stage->state == DAG_RUNNING && screen_room(&progress->screen) > 1) {
            draw_stage(progress, i, now);
        }
    }
    const char *all = arena_printf(&progress->arena, "%llu/%llu tasks%s", (unsigned long long)done,
                                   (unsigned long long)total, asked_text());
    screen_line(&progress->screen, all, "", progress->style.dim, progress->style.off);
    arena_reset(&progress->arena);
}

static void *redraw_main(void *self) {
    Progress *progress = self;
    pthread_mutex_lock(&progress->mutex);
    while (!progress->ending) {
        draw(progress);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += REDRAW_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&progress->wake, &progress->mutex, &until);
    }
    pthread_mutex_unlock(&progress->mutex);
    return NULL;
}

/* ---------------------------------------------------------------- plain lines */

static void stamp(Progress *progress, int64_t time) {
    time_t seconds = (time_t)(time / 1000000000);
    struct tm parts;
    localtime_r(&seconds, &parts);
    fprintf(stderr, "%s%02d:%02d:%02d%s ", progress->style.dim, parts.tm_hour, parts.tm_min,
            parts.tm_sec, progress->style.off);
}

/* " 3 tasks", and what became of them where that is not one and the same. */
static void say_tasks(const StageTally *stage, dag_state state) {
    uint32_t tasks = ended_tasks(stage);
    const char *between = " (";
    if (tasks <= 1)
        return;
    fprintf(stderr, " %u tasks", tasks);
    for (int s = DAG_COMPLETED; s <= DAG_FILTERED && stage->tasks[state] != tasks; s++) {
        if (stage->tasks[s] > 0) {
            fprintf(stderr, "%s%u %s", between, stage->tasks[s], dag_state_name((dag_state)s));
            between = ", ";
        }
    }
    fputs(stage->tasks[state] != tasks ? ")" : "", stderr);
}

static void say_stage(Progress *progress, const dag_event *event) {
    const StageTally *stage = &progress->tally->stages[event->stage];
    dag_state state = (dag_state)event->state;
    if (state == DAG_RUNNING)
        return;
    stamp(progress, event->time);
    fprintf(stderr, "%s %s%s%s", slug(progress, event->stage), style_state(&progress->style, state),
            dag_state_name(state), progress->style.off);
    say_tasks(stage, state);
    fputs(child_counts_text(&progress->arena, &stage->children), stderr);
    if (stage->started != 0) {
        fprintf(stderr, " in %s", duration_text(&progress->arena, event->time - stage->started));
    }
    if (event->reason != NULL)
        fprintf(stderr, " (%s)", event->reason);
    fputc('\n', stderr);
}

/* The first line, without the colon that says that more follow: the summary has them. */
static int first_line(const char *text) {
    size_t n = strcspn(text, "\n");
    return (int)(text[n] == '\n' && n > 0 && text[n - 1] == ':' ? n - 1 : n);
}

static void say_task(Progress *progress, const dag_event *event) {
    dag_state state = (dag_state)event->state;
    bool bad = state == DAG_FAILED || state == DAG_CRASHED;
    if (!bad && !progress->verbose)
        return;
    stamp(progress, event->time);
    const char *child = event->depth > 0 ? strchr(event->run, '/') : NULL;
    if (child != NULL)
        fprintf(stderr, "%s: ", child + 1);
    const dag_program *program = event->program;
    fprintf(stderr, "%s [%s] %s%s%s", program->strings + program->stages[event->stage].slug,
            event->key, style_state(&progress->style, state), dag_state_name(state),
            progress->style.off);
    const char *why = event->error != NULL ? event->error->message : event->reason;
    if (why != NULL)
        fprintf(stderr, ": %.*s", first_line(why), why);
    fputc('\n', stderr);
}

static void say(Progress *progress, const dag_event *event) {
    switch ((dag_scope)event->scope) {
    case DAG_SCOPE_STAGE: say_stage(progress, event); break;
    case DAG_SCOPE_TASK: say_task(progress, event); break;
    case DAG_SCOPE_LOG:
        if (event->reason != NULL)
            fprintf(stderr, "%s\n", event->reason);
        break;
    case DAG_SCOPE_RUN:
    case DAG_SCOPE_PROGRESS:
    case DAG_SCOPE_ATTEMPT: break;
    }
    arena_reset(&progress->arena);
}

/* ---------------------------------------------------------------- */

void progress_event(void *self, const dag_event *event) {
    Progress *progress = self;
    if (progress->quiet && event->scope != DAG_SCOPE_LOG) /* a warning is told all the same */
        return;
    if (event->depth > 0 && event->scope != DAG_SCOPE_TASK && event->scope != DAG_SCOPE_RUN)
        return;
    if (!progress->live) {
        say(progress, event);
        return;
    }
    pthread_mutex_lock(&progress->mutex);
    uint32_t stage = event->depth == 0 ? event->stage : event->caller->root_stage;
    if (stage != DAG_NONE)
        progress->copy[stage] = progress->tally->stages[stage];
    bool bad = event->scope == DAG_SCOPE_TASK &&
               (event->state == DAG_FAILED || event->state == DAG_CRASHED);
    if (bad || event->scope == DAG_SCOPE_LOG) {
        screen_clear(&progress->screen);
        say(progress, event);
    }
    pthread_mutex_unlock(&progress->mutex);
}

Progress *progress_new(const Cli *cli, const Tally *tally) {
    Progress *progress = calloc(1, sizeof *progress);
    if (progress == NULL)
        return NULL;
    const char *term = getenv("TERM");
    progress->tally = tally;
    progress->program = cli->program;
    progress->style = style_for(cli->color_choice, stderr);
    progress->screen.out = stderr;
    progress->quiet = cli->quiet;
    progress->verbose = cli->verbose;
    progress->live = !cli->quiet && !cli->verbose && isatty(STDERR_FILENO) && term != NULL &&
                     strcmp(term, "dumb") != 0;
    pthread_mutex_init(&progress->mutex, NULL);
    pthread_cond_init(&progress->wake, NULL);
    if (!progress->live)
        return progress;
    progress->copy = calloc(cli->program->nstages + 1, sizeof *progress->copy);
    progress->threaded = progress->copy != NULL &&
                         pthread_create(&progress->thread, NULL, redraw_main, progress) == 0;
    progress->live = progress->threaded;
    return progress;
}

void progress_free(Progress *progress) {
    if (progress == NULL)
        return;
    if (progress->threaded) {
        pthread_mutex_lock(&progress->mutex);
        progress->ending = true;
        pthread_cond_signal(&progress->wake);
        pthread_mutex_unlock(&progress->mutex);
        pthread_join(progress->thread, NULL);
        screen_clear(&progress->screen);
    }
    pthread_cond_destroy(&progress->wake);
    pthread_mutex_destroy(&progress->mutex);
    arena_free(&progress->arena);
    free(progress->copy);
    free(progress);
}
