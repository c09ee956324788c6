/*
 * embed.c - a program with a pipeline in it: runs it twice at the same time from two threads, hears
 * of what happens by callback, and cancels a third run.
 *
 *   dagcc --archive squares.dag && cc embed.c $(pkg-config --cflags --libs squares.pc) -o embed
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "squares.h"

/* One run, on a thread of its own. */
typedef struct Job {
    int64_t count;
    int tasks; /* that ended; counted by the callback, which is called on the run's thread */
    squares_outputs outputs;
    dag_state state;
} Job;

static void on_event(void *self, const dag_event *event) {
    Job *job = self;
    if (event->scope == DAG_SCOPE_TASK && event->state == DAG_COMPLETED) {
        job->tasks++;
    }
}

static void *run(void *arg) {
    Job *job = arg;
    static const char *const words[] = { "two", "words" };
    const int64_t less = 0;
    dag_sink sink = { .self = job, .event = on_event };
    dag_options options = dag_options_default();
    options.sinks = &sink;
    options.nsinks = 1;
    squares_inputs inputs = { .count = job->count };
    list_string list = { words, 2 };
    inputs.less = &less;
    inputs.words = &list;
    job->state = squares_run(&inputs, &job->outputs, &options);
    return NULL;
}

static int two_at_a_time(void) {
    Job jobs[2] = { { .count = 3 }, { .count = 100 } };
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, run, &jobs[i]);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        const squares_outputs *out = &jobs[i].outputs;
        printf("%s: %s, total %" PRId64 ", largest %" PRId64 ", %zu words, %d tasks\n",
               dag_state_name(jobs[i].state), out->text, out->sum.total,
               out->sum.largest ? *out->sum.largest : -1, out->words.len, jobs[i].tasks);
        squares_free(&jobs[i].outputs);
    }
    return jobs[0].state == DAG_COMPLETED && jobs[1].state == DAG_COMPLETED ? 0 : 1;
}

/* Cancels as soon as the first task runs, from the callback of another thread. */
typedef struct Cancelled {
    dag_cancel *cancel;
    pthread_mutex_t mutex;
    pthread_cond_t begun;
    int running; /* lock */
} Cancelled;

static void on_running(void *self, const dag_event *event) {
    Cancelled *c = self;
    if (event->scope == DAG_SCOPE_TASK && event->state == DAG_RUNNING) {
        pthread_mutex_lock(&c->mutex);
        c->running = 1;
        pthread_cond_signal(&c->begun);
        pthread_mutex_unlock(&c->mutex);
    }
}

static void *run_cancelled(void *arg) {
    Cancelled *c = arg;
    const int64_t minute = INT64_C(60000000000);
    dag_sink sink = { .self = c, .event = on_running };
    dag_options options = dag_options_default();
    options.sinks = &sink;
    options.nsinks = 1;
    options.cancel = c->cancel;
    squares_inputs inputs = { .count = 4 };
    inputs.slow = &minute;
    squares_outputs outputs;
    dag_state state = squares_run(&inputs, &outputs, &options);
    printf("%s\n", dag_state_name(state));
    squares_free(&outputs);
    return NULL;
}

static void one_cancelled(void) {
    Cancelled c = { .cancel = dag_cancel_new() };
    pthread_t thread;
    pthread_mutex_init(&c.mutex, NULL);
    pthread_cond_init(&c.begun, NULL);
    pthread_create(&thread, NULL, run_cancelled, &c);
    pthread_mutex_lock(&c.mutex);
    while (!c.running) {
        pthread_cond_wait(&c.begun, &c.mutex);
    }
    pthread_mutex_unlock(&c.mutex);
    dag_cancel_request(c.cancel);
    pthread_join(thread, NULL);
    dag_cancel_free(c.cancel);
    pthread_cond_destroy(&c.begun);
    pthread_mutex_destroy(&c.mutex);
}

static int refused(void) {
    squares_inputs inputs = { .count = 1 };
    const char *words[] = { "\xff" };
    list_string list = { words, 1 };
    squares_outputs outputs;
    inputs.words = &list;
    dag_state state = squares_run(&inputs, &outputs, NULL);
    printf("%s: %s: %s\n", dag_state_name(state), outputs.dag_info.error.type,
           outputs.dag_info.error.message);
    squares_free(&outputs);
    return state == DAG_FAILED ? 0 : 1;
}

int main(void) {
    int status = two_at_a_time();
    one_cancelled();
    return refused() || status;
}
