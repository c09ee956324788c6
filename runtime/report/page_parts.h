/*
 * page_parts.h - what the sections of the page (page.h) share. Each section is a function in a file of
 * its own and says nothing where it has nothing to say.
 */
#ifndef DAG_REPORT_PAGE_PARTS_H
#define DAG_REPORT_PAGE_PARTS_H

#include "report/critical.h"
#include "report/graph.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/words.h"

/* What the tasks of a stage took together. */
typedef struct StageSum {
    uint64_t attempts, tasks;
    int64_t took, longest; /* ns of attempts */
    int64_t cpu;           /* ns; -1: not known, as below */
    int64_t most_memory, read, written;
    const dag_stage *stage; /* in the program; NULL: it is not there any more */
} StageSum;

typedef struct Page {
    Arena *arena;
    TextBuffer out;
    const PageFacts *facts;
    const StoreRecord *record;
    StageSum *sums; /* by stage of the record */
    Critical critical;
    bool *on_path;      /* by task */
    int64_t begin, end; /* ns: of the attempts */
    size_t logs;        /* whose ends were shown */
} Page;

/* Markup of our own. */
void page_put(Page *page, const char *markup);
/* Text of others. */
void page_say(Page *page, const char *text);
/* A cell: class, what it is sorted by, its text. */
void page_cell(Page *page, const char *class, int64_t sorts, const char *text);
/* "work [3]", "work" of an only task. */
const char *page_task_name(Page *page, const StoreTask *task);
/* The badge of a state. */
void page_state(Page *page, dag_state state);

void page_graph(Page *page);
void page_gantt(Page *page);  /* and the critical path (page_gantt.c) */
void page_stages(Page *page); /* resources used and asked (page_stages.c) */
void page_known(Page *page);  /* what was not run, and why (page_stages.c) */
void page_tasks(Page *page);  /* (page_tasks.c) */
void page_children(Page *page);

/* The last lines of DIR/<name>, at most `most` bytes; "" when there are none. (page_logs.c) */
const char *page_log(Arena *arena, const char *dir, const char *name, size_t most);

extern const char page_style[], page_style_tables[], page_script[];

#endif
