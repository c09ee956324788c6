/*
 * page_stages.c - stage by stage: what its tasks took and asked for; and what was not run, and why.
 */
#include <string.h>

#include "report/page_parts.h"

enum { MOST_STAGES = 1000, MOST_REASONS = 300 };

/* ---------------------------------------------------------------- used and asked */

static int64_t asked(const Page *page, const StageSum *sum, const char *what) {
    const dag_program *p = page->facts->program;
    const dag_stage *stage = sum->stage;
    for (uint32_t i = 0; stage != NULL && i < stage->nresource; i++) {
        const dag_resource *resource = &p->resources[stage->resource + i];
        if (strcmp(p->strings + resource->name, what) == 0) {
            return resource->amount;
        }
    }
    return -1;
}

/* A number with, where something was asked for, a bar of how much of it was used. */
static void put_used(Page *page, double sorts, const char *text, double share) {
    markup_format(&page->out, "<td class=\"n\" data-v=\"%.0f\">", sorts);
    page_say(page, text);
    if (share >= 0) {
        markup_format(&page->out,
                      "<span class=\"meter\" title=\"%.0f%% of what it asked for\"><i class=\"%s\" "
                      "style=\"width:%.0f%%\"></i></span>",
                      share * 100, share > 1 ? "over" : "", share > 1 ? 100 : share * 100);
    }
    page_put(page, "</td>");
}

static void put_memory(Page *page, const StageSum *sum) {
    int64_t limit = asked(page, sum, "memory"), used = sum->most_memory;
    const char *text = used < 0 ? "–" : bytes_text(page->arena, used);
    if (limit > 0) {
        text = arena_printf(page->arena, "%s of %s", text, bytes_text(page->arena, limit));
    }
    put_used(page, (double)used, text, limit > 0 && used >= 0 ? (double)used / (double)limit : -1);
}

/* How many processors a task kept busy on the average. */
static void put_cpu(Page *page, const StageSum *sum) {
    int64_t limit = asked(page, sum, "cpu");
    double busy = sum->cpu < 0 || sum->took == 0 ? -1 : (double)sum->cpu / (double)sum->took;
    const char *text = busy < 0 ? "–" : arena_printf(page->arena, "%.2f", busy);
    if (limit > 0) {
        text = arena_printf(page->arena, "%s of %lld", text, (long long)limit);
    }
    put_used(page, busy * 1000, text, limit > 0 && busy >= 0 ? busy / (double)limit : -1);
}

static void put_others(Page *page, const StageSum *sum) {
    const dag_program *p = page->facts->program;
    const char *comma = "";
    page_put(page, "<td class=\"why\">");
    for (uint32_t i = 0; sum->stage != NULL && i < sum->stage->nresource; i++) {
        const dag_resource *resource = &p->resources[sum->stage->resource + i];
        const char *name = p->strings + resource->name;
        if (strcmp(name, "cpu") != 0 && strcmp(name, "memory") != 0) {
            page_put(page, comma);
            page_say(page, name);
            markup_format(&page->out, " %lld", (long long)resource->amount);
            comma = ", ";
        }
    }
    page_put(page, "</td>");
}

static void put_bytes(Page *page, int64_t bytes) {
    page_cell(page, "n", bytes, bytes < 0 ? "–" : bytes_text(page->arena, bytes));
}

static void put_stage(Page *page, uint32_t i) {
    const StoreStage *stage = &page->record->stages[i];
    const StageSum *sum = &page->sums[i];
    page_put(page, "<tr><td class=\"key\">");
    page_say(page, stage->slug);
    page_put(page, "</td><td>");
    page_state(page, stage->state);
    page_put(page, "</td>");
    page_cell(page, "n", (int64_t)sum->tasks,
              arena_printf(page->arena, "%llu", (unsigned long long)sum->tasks));
    page_cell(page, "n", sum->took,
              sum->attempts > 0 ? duration_text(page->arena, sum->took) : "–");
    page_cell(page, "n", sum->longest,
              sum->attempts > 0 ? duration_text(page->arena, sum->longest) : "–");
    put_cpu(page, sum);
    put_memory(page, sum);
    put_bytes(page, sum->read);
    put_bytes(page, sum->written);
    put_others(page, sum);
    page_put(page, "</tr>\n");
}

void page_stages(Page *page) {
    uint32_t n = page->record->nstages, shown = n < MOST_STAGES ? n : MOST_STAGES;
    page_put(page,
             "<h2>Stages: used and asked for</h2>\n<div class=\"card wide\"><table><thead><tr>"
             "<th>Stage</th><th>State</th><th class=\"n\">Tasks</th><th class=\"n\">Total</th>"
             "<th class=\"n\">Longest</th><th class=\"n\">Processors</th>"
             "<th class=\"n\">Peak memory</th><th class=\"n\">Read</th>"
             "<th class=\"n\">Written</th><th class=\"why\">Others</th></tr></thead><tbody>\n");
    for (uint32_t i = 0; i < shown; i++) {
        put_stage(page, i);
    }
    page_put(page, "</tbody></table>");
    if (n > shown) {
        markup_format(&page->out, "<p class=\"sub\">… and %u more stages.</p>", n - shown);
    }
    page_put(page, "<p class=\"sub\">Processors: CPU time by run time, of processes and functions. "
                   "Read and written: blocks that went to the disk, not what its cache held.</p>"
                   "</div>\n");
}

/* ---------------------------------------------------------------- not run, and why */

typedef struct Reason {
    uint32_t stage;
    dag_state state;
    const char *text;
    uint64_t n;
} Reason;

static const char *reason_of(const StoreTask *task) {
    if (task->reason != NULL) {
        return task->reason;
    }
    switch (task->state) {
    case DAG_CACHED: return "nothing that its result depends on has changed";
    case DAG_FILTERED: return "a condition is false";
    case DAG_CANCELLED: return "the run was stopped";
    default: return "";
    }
}

static bool was_not_run(const StoreTask *task) {
    return task->state == DAG_CACHED || task->state == DAG_SKIPPED || task->state == DAG_FILTERED ||
           (task->state == DAG_CANCELLED && task->attempts == NULL);
}

/* Tasks stand by stage: those of the same one are at the end. */
static size_t add_reason(Reason *reasons, size_t n, const StoreTask *task) {
    const char *text = reason_of(task);
    for (size_t i = n; i-- > 0 && reasons[i].stage == task->stage;) {
        if (reasons[i].state == task->state && strcmp(reasons[i].text, text) == 0) {
            reasons[i].n++;
            return n;
        }
    }
    if (n < MOST_REASONS) {
        reasons[n++] = (Reason){ task->stage, task->state, text, 1 };
    }
    return n;
}

static void put_reason(Page *page, const Reason *reason) {
    page_put(page, "<tr><td class=\"key\">");
    page_say(page, page->record->stages[reason->stage].slug);
    page_put(page, "</td><td>");
    page_state(page, reason->state);
    markup_format(&page->out, "</td><td class=\"n\">%llu</td><td class=\"why\">",
                  (unsigned long long)reason->n);
    page_say(page, reason->text);
    page_put(page, "</td></tr>\n");
}

void page_known(Page *page) {
    Reason *reasons = ARENA_ARRAY(page->arena, MOST_REASONS, Reason);
    size_t n = 0;
    for (size_t i = 0; i < page->record->ntasks; i++) {
        if (was_not_run(&page->record->tasks[i])) {
            n = add_reason(reasons, n, &page->record->tasks[i]);
        }
    }
    if (n == 0) {
        return;
    }
    page_put(page,
             "<h2>Cached or not run, and why</h2>\n<div class=\"card wide\"><table><thead><tr>"
             "<th>Stage</th><th>State</th><th class=\"n\">Tasks</th><th "
             "class=\"why\">Why</th></tr></thead>"
             "<tbody>\n");
    for (size_t i = 0; i < n; i++) {
        put_reason(page, &reasons[i]);
    }
    page_put(page, "</tbody></table></div>\n");
}
