/*
 * page_tasks.c - the table of tasks. Of many the most telling ones have rows: what went wrong, then what took
 * longest; the rest is summed up.
 */
#include <stdlib.h>
#include <string.h>

#include "report/page_parts.h"

/* Rows; logs with how many bytes each, of what failed and of others. */
enum { MOST_ROWS = 2000, MOST_LOGS = 60, LOG_BYTES = 4000, SHORT_LOG = 1000 };

typedef struct Ranked {
    const StoreTask *task;
    int64_t took;
    bool bad;
} Ranked;

static bool is_bad(dag_state state) {
    return state == DAG_FAILED || state == DAG_CRASHED;
}

/* Of the attempts; of a task without any, none. */
static int64_t took_of(const Page *page, const StoreTask *task) {
    int64_t took = 0;
    for (const StoreAttempt *a = task->attempts; a != NULL; a = a->next) {
        int64_t end = a->finished != 0 ? a->finished : page->facts->now;
        took += end > a->started ? end - a->started : 0;
    }
    return took;
}

static int by_weight(const void *a, const void *b) {
    const Ranked *x = a, *y = b;
    if (x->bad != y->bad) {
        return x->bad ? -1 : 1;
    }
    if (x->took != y->took) {
        return x->took > y->took ? -1 : 1;
    }
    return (x->task > y->task) - (x->task < y->task);
}

static int by_place(const void *a, const void *b) {
    const Ranked *x = a, *y = b;
    return (x->task > y->task) - (x->task < y->task);
}

static const StoreAttempt *last_attempt(const StoreTask *task) {
    const StoreAttempt *last = task->attempts;
    while (last != NULL && last->next != NULL) {
        last = last->next;
    }
    return last;
}

/* ---------------------------------------------------------------- a row */

static void put_usage(Page *page, const StoreAttempt *last) {
    dag_usage none = { -1, -1, -1, -1, -1 };
    const dag_usage *usage = last != NULL ? &last->usage : &none;
    int64_t cpu = usage->user >= 0 && usage->system >= 0 ? usage->user + usage->system : -1;
    int status = last != NULL ? last->exit_status : -1;
    page_cell(page, "n", status, status < 0 ? "" : arena_printf(page->arena, "%d", status));
    page_cell(page, "n", cpu, cpu < 0 ? "" : duration_text(page->arena, cpu));
    page_cell(page, "n", usage->max_rss,
              usage->max_rss < 0 ? "" : bytes_text(page->arena, usage->max_rss));
    page_cell(page, "n", usage->read, usage->read < 0 ? "" : bytes_text(page->arena, usage->read));
    page_cell(page, "n", usage->written,
              usage->written < 0 ? "" : bytes_text(page->arena, usage->written));
}

static void put_cells(Page *page, const Ranked *row, const StoreAttempt *last) {
    const StoreTask *task = row->task;
    int64_t since = task->started - page->begin;
    bool began = task->started != 0 && page->begin != 0 && since >= 0;
    page_put(page, "<td class=\"key\">");
    page_say(page, page->record->stages[task->stage].slug);
    page_put(page, "</td><td class=\"key\">");
    page_say(page, task->key);
    page_put(page, "</td><td>");
    page_state(page, task->state);
    page_put(page, "</td>");
    page_cell(page, "n", began ? since : -1, began ? duration_text(page->arena, since) : "");
    page_cell(page, "n", row->took, last == NULL ? "" : duration_text(page->arena, row->took));
    page_cell(page, "n", task->attempt,
              task->attempt == 0 ? "" : arena_printf(page->arena, "%u", task->attempt));
    put_usage(page, last);
}

/* ---------------------------------------------------------------- errors and logs */

static void put_log(Page *page, const StoreAttempt *last, const char *name, size_t most) {
    const char *text = page_log(page->arena, last->dir, name, most);
    if (*text == '\0') {
        return;
    }
    page_put(page, "<p class=\"sub\">");
    page_put(page, name);
    page_put(page, " <code>");
    page_say(page, last->dir);
    page_put(page, "</code></p><pre>");
    page_say(page, text);
    page_put(page, "</pre>");
}

/* Logs of attempts that were killed with the run may still hold secrets: these are not shown. */
static bool shows_log(const Page *page, const Ranked *row, const StoreAttempt *last) {
    bool few = page->record->ntasks <= MOST_LOGS;
    return last != NULL && last->dir != NULL && last->finished != 0 && (row->bad || few) &&
           page->logs < MOST_LOGS;
}

static const char *summary_of(Page *page, const StoreTask *task) {
    const char *text = task->error.type != NULL ? task->error.message
                       : task->reason != NULL   ? task->reason
                                                : "log";
    return arena_text(page->arena, text, strcspn(text, "\n"));
}

static void put_more(Page *page, const Ranked *row, const StoreAttempt *last) {
    const StoreTask *task = row->task;
    markup_format(&page->out, "<tr class=\"more\"><td colspan=\"11\"><details%s><summary>",
                  row->bad && page->logs < 3 ? " open" : "");
    page_say(page, summary_of(page, task));
    page_put(page, "</summary>");
    if (task->error.type != NULL && strchr(task->error.message, '\n') != NULL) {
        page_put(page, "<pre>");
        page_say(page, task->error.message);
        page_put(page, "</pre>");
    }
    if (shows_log(page, row, last)) {
        page->logs++;
        put_log(page, last, "stderr", row->bad ? LOG_BYTES : SHORT_LOG);
        put_log(page, last, "stdout", row->bad ? LOG_BYTES : SHORT_LOG);
    }
    page_put(page, "</details></td></tr>");
}

static bool has_log(Page *page, const Ranked *row, const StoreAttempt *last) {
    return shows_log(page, row, last) && (*page_log(page->arena, last->dir, "stderr", 64) != '\0' ||
                                          *page_log(page->arena, last->dir, "stdout", 64) != '\0');
}

static void put_task(Page *page, const Ranked *row) {
    const StoreTask *task = row->task;
    const StoreAttempt *last = last_attempt(task);
    bool more = task->error.type != NULL || task->reason != NULL || has_log(page, row, last);
    markup_format(&page->out, "<tbody data-state=\"%s\"%s><tr>", dag_state_name(task->state),
                  more ? " class=\"has\"" : "");
    put_cells(page, row, last);
    page_put(page, "</tr>");
    if (more) {
        put_more(page, row, last);
    }
    page_put(page, "</tbody>\n");
}

/* ---------------------------------------------------------------- the table */

static void put_tools(Page *page) {
    page_put(page,
             "<div class=\"tools\" id=\"tools\"><input id=\"find\" type=\"search\" "
             "placeholder=\"Find in tasks\" aria-label=\"Find in tasks\"><select id=\"state\" "
             "aria-label=\"State\"><option value=\"\">every state</option>");
    for (int state = DAG_PENDING; state <= DAG_FILTERED; state++) {
        const char *name = dag_state_name((dag_state)state);
        uint64_t n = 0;
        for (uint32_t i = 0; i < page->record->nstages; i++) {
            n += page->record->stages[i].tasks[state];
        }
        if (n > 0) {
            markup_format(&page->out, "<option value=\"%s\">%s</option>", name, name);
        }
    }
    page_put(page, "</select><span class=\"sub\" id=\"shown\"></span></div>\n");
}

/* What has no row, by stage and state. */
static void put_rest(Page *page, const Ranked *rest, size_t n) {
    uint64_t counts[DAG_NSTATES];
    int64_t took = 0;
    page_put(page, "<p class=\"sub\">Without a row, as they are many:</p><table><tbody>\n");
    for (size_t i = 0; i < n;) {
        uint32_t stage = rest[i].task->stage;
        memset(counts, 0, sizeof counts);
        for (took = 0; i < n && rest[i].task->stage == stage; i++) {
            counts[rest[i].task->state]++;
            took += rest[i].took;
        }
        page_put(page, "<tr><td class=\"key\">");
        page_say(page, page->record->stages[stage].slug);
        page_put(page, "</td><td>");
        for (int state = 0; state < DAG_NSTATES; state++) {
            if (counts[state] > 0) {
                markup_format(&page->out, "%llu ", (unsigned long long)counts[state]);
                page_state(page, (dag_state)state);
                page_put(page, " ");
            }
        }
        page_put(page, "</td>");
        page_cell(page, "n", took, duration_text(page->arena, took));
        page_put(page, "</tr>\n");
    }
    page_put(page, "</tbody></table>");
}

void page_tasks(Page *page) {
    size_t n = page->record->ntasks, shown = n < MOST_ROWS ? n : MOST_ROWS;
    Ranked *rows = ARENA_ARRAY(page->arena, n, Ranked);
    for (size_t i = 0; i < n; i++) {
        const StoreTask *task = &page->record->tasks[i];
        rows[i] = (Ranked){ task, took_of(page, task), is_bad(task->state) };
    }
    if (n > shown) {
        qsort(rows, n, sizeof *rows, by_weight);
        qsort(rows, shown, sizeof *rows, by_place);
        qsort(rows + shown, n - shown, sizeof *rows, by_place);
    }
    page_put(page, "<h2>Tasks</h2>\n<div class=\"card wide\">");
    put_tools(page);
    page_put(page, "<table id=\"tasks\"><thead><tr><th data-by>Stage</th><th data-by>Key</th>"
                   "<th data-by>State</th><th data-by class=\"n\">Began at</th>"
                   "<th data-by class=\"n\">Took</th><th data-by class=\"n\">Attempts</th>"
                   "<th data-by class=\"n\">Exit</th><th data-by class=\"n\">CPU</th>"
                   "<th data-by class=\"n\">Memory</th><th data-by class=\"n\">Read</th>"
                   "<th data-by class=\"n\">Written</th></tr></thead>\n");
    for (size_t i = 0; i < shown; i++) {
        put_task(page, &rows[i]);
    }
    page_put(page, "</table>");
    if (n > shown) {
        put_rest(page, rows + shown, n - shown);
    }
    page_put(page, "</div>\n");
}
