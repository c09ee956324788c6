/*
 * events.c - every transition as a JSON line (--events FILE; DETAILS of the format in docs).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "pure/value.h"

/* Who follows the file sees what happens; a burst of tasks costs no write for each of them. */
enum { FLUSH_AFTER = 20 * 1000 * 1000 }; /* ns */

struct EventLog {
    FILE *file;
    Arena arena;
    int64_t flushed; /* ns: the time of the last event that is in the file for sure */
};

EventLog *event_log_open(Cli *cli, const char *path) {
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        cli_complain(cli, "--events %s: %s", path, strerror(errno));
        return NULL;
    }
    EventLog *log = calloc(1, sizeof *log);
    if (log == NULL) {
        fclose(file);
        return NULL;
    }
    log->file = file;
    return log;
}

static const char *scope_word(uint32_t scope) {
    switch ((dag_scope)scope) {
    case DAG_SCOPE_RUN: return "run";
    case DAG_SCOPE_STAGE: return "stage";
    case DAG_SCOPE_TASK: return "task";
    case DAG_SCOPE_ATTEMPT: return "attempt";
    case DAG_SCOPE_LOG: return "log";
    case DAG_SCOPE_PROGRESS: return "progress";
    }
    return "log";
}

static dag_value text(const char *chars) {
    return chars == NULL ? value_null() : value_text(DAG_STRING, chars, strlen(chars));
}

/* The reason in words: what the event says, else its error. */
static const char *reason(const dag_event *event) {
    if (event->reason != NULL)
        return event->reason;
    return event->error != NULL && event->error->type != NULL ? event->error->message : NULL;
}

void event_log_event(void *self, const dag_event *event) {
    EventLog *log = self;
    const char *slug = event->stage == DAG_NONE
                           ? NULL
                           : event->program->strings + event->program->stages[event->stage].slug;
    dag_entry entries[] = {
        { text("time"), value_float((double)event->time / 1e9) },
        { text("run"), text(event->run) },
        { text("event"), text(scope_word(event->scope)) },
        { text("stage"), text(slug) },
        { text("key"), text(event->key) },
        { text("attempt"),
          event->attempt == 0 ? value_null() : value_int(DAG_INT, event->attempt) },
        { text("state"), text(dag_state_name((dag_state)event->state)) },
        { text("reason"), text(reason(event)) },
        { text("done"), value_int(DAG_INT, event->done) }, /* these two of progress alone */
        { text("total"), value_int(DAG_INT, event->total) },
    };
    size_t n = sizeof entries / sizeof *entries;
    if (event->scope != DAG_SCOPE_PROGRESS)
        n -= 2;
    dag_value line = value_map(entries, n);
    fprintf(log->file, "%s\n", value_to_json(&log->arena, line));
    arena_reset(&log->arena);
    bool often = event->scope == DAG_SCOPE_TASK || event->scope == DAG_SCOPE_ATTEMPT;
    if (!often || event->time - log->flushed > FLUSH_AFTER) {
        fflush(log->file);
        log->flushed = event->time;
    }
}

bool event_log_close(EventLog *log) {
    if (log == NULL)
        return true;
    bool good = !ferror(log->file);
    good &= fclose(log->file) == 0;
    arena_free(&log->arena);
    free(log);
    return good;
}
