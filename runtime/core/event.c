/*
 * event.c - delivers events to the listeners, and the words for states.
 */
#include "core/event.h"

void events_emit(const Events *events, const dag_event *event) {
    dag_event full = *event;
    full.run = events->run;
    full.program = events->program;
    full.caller = events->caller;
    full.depth = events->depth;
    full.number = events->number;
    bool begins = event->scope == DAG_SCOPE_ATTEMPT && event->state == DAG_RUNNING;
    for (size_t i = 0; i < events->nsinks; i++) {
        const dag_sink *sink = &events->sinks[i];
        bool asks = event->scope == DAG_SCOPE_PROGRESS ? sink->progress : !begins || sink->attempts;
        if (asks) {
            sink->event(sink->self, &full);
        }
    }
}

const char *dag_state_name(dag_state state) {
    switch (state) {
    case DAG_PENDING: return "pending";
    case DAG_RUNNING: return "running";
    case DAG_COMPLETED: return "completed";
    case DAG_CACHED: return "cached";
    case DAG_FAILED: return "failed";
    case DAG_CRASHED: return "crashed";
    case DAG_CANCELLED: return "cancelled";
    case DAG_SKIPPED: return "skipped";
    case DAG_FILTERED: return "filtered";
    case DAG_QUEUED: return "queued";
    case DAG_PAUSED: return "paused";
    case DAG_NSTATES: break;
    }
    return "unknown";
}
