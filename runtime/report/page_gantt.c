/*
 * page_gantt.c - when the attempts of each stage ran, and the critical path. A stage whose attempts are too
 * many for bars is drawn as how many ran at once.
 */
#include <stdlib.h>

#include "report/lanes.h"
#include "report/page_parts.h"

/* Rows of stages; bars and lanes of one; columns of a drawing; ticks; steps of the path. */
enum {
    MOST_ROWS = 200,
    MOST_BARS = 300,
    MOST_LANES = 12,
    COLUMNS = 240,
    TICKS = 6,
    MOST_STEPS = 40
};
enum { LANE_HEIGHT = 12 };

typedef struct Bar {
    const StoreTask *task;
    const StoreAttempt *attempt;
    int64_t begin, end;
    uint32_t lane;
} Bar;

/* Where a time stands, in percent of the whole. */
static double place(const Page *page, int64_t time) {
    return 100.0 * (double)(time - page->begin) / (double)(page->end - page->begin);
}

static int by_end(const void *a, const void *b) {
    const Bar *x = a, *y = b;
    return x->end != y->end ? (x->end < y->end ? -1 : 1)
                            : (x->begin > y->begin) - (x->begin < y->begin);
}

static Bar *bars_of(Page *page, uint32_t stage, size_t *n) {
    const StoreRecord *record = page->record;
    Bar *bars = ARENA_ARRAY(page->arena, page->sums[stage].attempts, Bar);
    *n = 0;
    for (size_t i = 0; i < record->ntasks; i++) {
        const StoreTask *task = &record->tasks[i];
        const StoreAttempt *a = task->stage == stage ? task->attempts : NULL;
        for (; a != NULL; a = a->next) {
            int64_t end = a->finished != 0 ? a->finished : page->facts->now;
            bars[(*n)++] = (Bar){ task, a, a->started, end > a->started ? end : a->started, 0 };
        }
    }
    qsort(bars, *n, sizeof *bars, by_end);
    return bars;
}

/* How many lanes they take; UINT32_MAX: no memory. */
static uint32_t set_lanes(Bar *bars, size_t n) {
    Lanes lanes = { 0 };
    uint32_t most = 0;
    for (size_t i = 0; i < n; i++) {
        bars[i].lane = lanes_take(&lanes, bars[i].begin, bars[i].end);
        most = bars[i].lane >= most ? bars[i].lane + 1 : most;
    }
    lanes_free(&lanes);
    return most;
}

/* ---------------------------------------------------------------- rows */

static void put_bar(Page *page, const Bar *bar) {
    double from = place(page, bar->begin), to = place(page, bar->end);
    bool path = page->on_path[bar->task - page->record->tasks];
    const char *state = dag_state_name(bar->attempt->state);
    markup_format(&page->out,
                  "<i class=\"%s%s\" style=\"left:%.3f%%;width:%.3f%%;top:%upx\" title=\"", state,
                  path ? " path" : "", from, to - from, bar->lane * LANE_HEIGHT + 2);
    page_say(page, page_task_name(page, bar->task));
    markup_format(&page->out, ", attempt %u: %s, %s\"></i>", bar->attempt->number, state,
                  duration_text(page->arena, bar->end - bar->begin));
}

static void put_bars(Page *page, const Bar *bars, size_t n, uint32_t lanes) {
    markup_format(&page->out, "<div class=\"track\" style=\"height:%upx\">",
                  lanes * LANE_HEIGHT + 1);
    for (size_t i = 0; i < n; i++) {
        put_bar(page, &bars[i]);
    }
    page_put(page, "</div>\n");
}

/* Adds the share of each column of time in which the bar was there. */
static void add_to_columns(const Page *page, const Bar *bar, double *columns) {
    double from = place(page, bar->begin) * COLUMNS / 100,
           to = place(page, bar->end) * COLUMNS / 100;
    for (int i = (int)from; i < COLUMNS && i < to; i++) {
        double left = from > i ? from : i, right = to < i + 1 ? to : i + 1;
        columns[i] += right - left;
    }
}

static void put_area(Page *page, const Bar *bars, size_t n) {
    double columns[COLUMNS] = { 0 }, most = 0;
    for (size_t i = 0; i < n; i++) {
        add_to_columns(page, &bars[i], columns);
    }
    for (int i = 0; i < COLUMNS; i++) {
        most = columns[i] > most ? columns[i] : most;
    }
    markup_format(&page->out,
                  "<div class=\"track\"><svg viewBox=\"0 0 %d 100\" preserveAspectRatio=\"none\">"
                  "<title>%zu attempts, up to about %.0f at once</title><path d=\"M0 100",
                  COLUMNS, n, most + 0.49);
    for (int i = 0; i < COLUMNS; i++) {
        markup_format(&page->out, "V%.1fH%d", most > 0 ? 100 - 96 * columns[i] / most : 100, i + 1);
    }
    page_put(page, "V100z\"/></svg></div>\n");
}

static void put_row(Page *page, uint32_t stage) {
    size_t n;
    Bar *bars = bars_of(page, stage, &n);
    uint32_t lanes = n <= MOST_BARS ? set_lanes(bars, n) : UINT32_MAX;
    page_put(page, "<div class=\"who\" title=\"");
    page_say(page, page->record->stages[stage].slug);
    page_put(page, "\">");
    page_say(page, page->record->stages[stage].slug);
    page_put(page, "</div>");
    if (lanes <= MOST_LANES) {
        put_bars(page, bars, n, lanes);
    } else {
        put_area(page, bars, n);
    }
}

/* ---------------------------------------------------------------- the scale */

/* 1, 2 or 5 times a power of ten, or what clocks have, ns. */
static int64_t step_of(int64_t whole) {
    static const int64_t clock[] = { 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400 };
    int64_t step = 1000000, minute = INT64_C(60000000000);
    for (int i = 0; whole / step >= TICKS && step < minute; i++) {
        step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    }
    for (size_t i = 0; whole / step >= TICKS && i < sizeof clock / sizeof *clock; i++) {
        step = clock[i] * 1000000000;
    }
    while (whole / step >= TICKS) {
        step *= 2;
    }
    return step;
}

static void put_scale(Page *page) {
    int64_t whole = page->end - page->begin, step = step_of(whole);
    page_put(page, "<div></div><div class=\"scale\">");
    for (int64_t at = 0; at * 20 < whole * 19; at += step) {
        markup_format(&page->out, "<span style=\"left:%.3f%%\">%s</span>",
                      100.0 * (double)at / (double)whole,
                      at == 0 ? "0" : duration_text(page->arena, at));
    }
    page_put(page, "</div>\n");
}

/* ---------------------------------------------------------------- the critical path */

static int64_t span_of(const StoreTask *task) {
    return task->finished > task->started ? task->finished - task->started : 0;
}

static void put_step(Page *page, const StoreTask *task) {
    page_put(page, "<li>");
    page_say(page, page_task_name(page, task));
    page_put(page, " <span>");
    page_say(page, duration_text(page->arena, span_of(task)));
    page_put(page, "</span></li>");
}

static void put_path(Page *page) {
    const Critical *path = &page->critical;
    int64_t busy = 0;
    size_t shown = 0;
    for (size_t i = 0; i < path->n; i++) {
        busy += span_of(&page->record->tasks[path->tasks[i]]);
    }
    page_put(page, "<p class=\"sub\" style=\"margin-top:14px\">Critical path, framed above: ");
    page_say(page, duration_text(page->arena, busy));
    page_put(page,
             " of work, each step waiting for the one before it.</p><ol class=\"path-list\">");
    for (size_t i = 0; i < path->n; i++) {
        const StoreTask *task = &page->record->tasks[path->tasks[i]];
        if (span_of(task) > 0 && shown++ < MOST_STEPS) {
            put_step(page, task);
        }
    }
    if (shown > MOST_STEPS) {
        markup_format(&page->out, "<li>… and %zu more</li>", shown - MOST_STEPS);
    }
    page_put(page, "</ol>\n");
}

void page_gantt(Page *page) {
    uint32_t rows = 0, left = 0;
    if (page->end <= page->begin) {
        return;
    }
    page_put(page, "<h2>When it ran</h2>\n<div class=\"card\"><div class=\"gantt\">\n");
    for (uint32_t i = 0; i < page->record->nstages; i++) {
        bool ran = page->sums[i].attempts > 0;
        if (ran && rows < MOST_ROWS) {
            put_row(page, i);
        }
        rows += ran;
        left += ran && rows > MOST_ROWS;
    }
    put_scale(page);
    page_put(page, "</div>");
    if (left > 0) {
        markup_format(&page->out, "<p class=\"sub\">… and %u more stages.</p>", left);
    }
    put_path(page);
    page_put(page, "</div>\n");
}
