/*
 * trace.h - a run as a file of the Chrome trace format, for Perfetto and chrome://tracing: the JSON array
 * form of https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU ("Trace Event
 * Format"), whose closing bracket may be missing.
 *
 * One complete event for each attempt, on lanes: an attempt stands where the last one had ended, so
 * there are as many lanes as attempts ran at the same time. Flows along the edges that artifacts took.
 * Counters of running tasks and of each resource. What is kept in memory does not grow with the run.
 */
#ifndef DAG_REPORT_TRACE_H
#define DAG_REPORT_TRACE_H

#include "dag.h"

typedef struct Trace Trace;

/* Creates or replaces the file. NULL: errno says why. */
Trace *trace_open(const char *path);

/* A listener (dag_sink) that asks for `children` and `attempts`. What it has heard is in the file at
 * most 20 ms of events later, in whole lines. */
void trace_event(void *trace, const dag_event *event);

/* Ends and frees it; NULL is none. False: not everything could be written. */
bool trace_close(Trace *trace);

#endif
