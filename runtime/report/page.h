/*
 * page.h - a recorded run as one page of HTML that needs nothing else: no network, no other file.
 *
 * Everything that the run has made up (names, values, messages, logs) is escaped. What is shown is bounded:
 * a run of any size gives a page that a browser takes.
 */
#ifndef DAG_REPORT_PAGE_H
#define DAG_REPORT_PAGE_H

#include "store/store_read.h"

typedef struct PageFacts {
    const dag_program *program; /* as it is now; the graph is its */
    const StoreRecord *record;
    const StoreChildRun *children; /* runs of called pipelines */
    size_t nchildren;
    const char *resume; /* the command that goes on with the run, or NULL */
    int64_t now;        /* ns since 1970: the end of what has not ended */
} PageFacts;

/* The page, in the arena. Reads the ends of logs of the run's attempts. */
const char *page_text(Arena *arena, const PageFacts *facts);

#endif
