/*
 * page.c - see page.h: the head of the page, and its sections in their order.
 */
#include "report/page.h"

#include <string.h>

#include "report/page_parts.h"

/* Bytes of inputs or outputs, called runs: what is more is left out. */
enum { MOST_VALUES = 6000, MOST_CHILDREN = 200 };

void page_put(Page *page, const char *markup) {
    buffer_string(&page->out, markup);
}

void page_say(Page *page, const char *text) {
    markup_string(&page->out, text);
}

void page_cell(Page *page, const char *class, int64_t sorts, const char *text) {
    markup_format(&page->out, "<td class=\"%s\" data-v=\"%lld\">", class, (long long)sorts);
    page_say(page, text);
    page_put(page, "</td>");
}

const char *page_task_name(Page *page, const StoreTask *task) {
    const char *slug = page->record->stages[task->stage].slug;
    return strcmp(task->key, "-") == 0 ? slug
                                       : arena_printf(page->arena, "%s [%s]", slug, task->key);
}

void page_state(Page *page, dag_state state) {
    const char *name = dag_state_name(state);
    markup_format(&page->out, "<span class=\"badge %s\">%s</span>", name, name);
}

/* ---------------------------------------------------------------- sums */

static void add_known(int64_t *sum, int64_t more) {
    if (more >= 0) {
        *sum = (*sum > 0 ? *sum : 0) + more;
    }
}

static void add_attempt(Page *page, StageSum *sum, const StoreAttempt *attempt) {
    int64_t end = attempt->finished != 0 ? attempt->finished : page->facts->now;
    int64_t took = end > attempt->started ? end - attempt->started : 0;
    const dag_usage *usage = &attempt->usage;
    sum->attempts++;
    sum->took += took;
    sum->longest = took > sum->longest ? took : sum->longest;
    add_known(&sum->cpu, usage->user >= 0 && usage->system >= 0 ? usage->user + usage->system : -1);
    sum->most_memory = usage->max_rss > sum->most_memory ? usage->max_rss : sum->most_memory;
    add_known(&sum->read, usage->read);
    add_known(&sum->written, usage->written);
    page->begin =
        page->begin == 0 || attempt->started < page->begin ? attempt->started : page->begin;
    page->end = end > page->end ? end : page->end;
}

static const dag_stage *stage_of(const dag_program *program, const char *slug) {
    for (uint32_t i = 0; i < program->nstages; i++) {
        if (strcmp(program->strings + program->stages[i].slug, slug) == 0) {
            return &program->stages[i];
        }
    }
    return NULL;
}

static void sum_up(Page *page) {
    const StoreRecord *record = page->record;
    page->sums = ARENA_ARRAY(page->arena, record->nstages, StageSum);
    for (uint32_t i = 0; i < record->nstages; i++) {
        page->sums[i] = (StageSum){ .cpu = -1, .most_memory = -1, .read = -1, .written = -1 };
        page->sums[i].stage = stage_of(page->facts->program, record->stages[i].slug);
    }
    for (size_t i = 0; i < record->ntasks; i++) {
        StageSum *sum = &page->sums[record->tasks[i].stage];
        sum->tasks++;
        for (const StoreAttempt *a = record->tasks[i].attempts; a != NULL; a = a->next) {
            add_attempt(page, sum, a);
        }
    }
    page->on_path = ARENA_ARRAY(page->arena, record->ntasks, bool);
    page->critical = critical_path(page->arena, page->facts->program, record);
    for (size_t i = 0; i < page->critical.n; i++) {
        page->on_path[page->critical.tasks[i]] = true;
    }
}

/* ---------------------------------------------------------------- the head */

static void put_title(Page *page) {
    const StoreRunInfo *run = &page->record->run;
    const char *doc = page->facts->program->strings + page->facts->program->doc;
    page_put(page, "<h1>");
    page_say(page, run->pipeline);
    page_state(page, run->state);
    page_put(page, "</h1>\n<p class=\"sub\">");
    if (*doc != '\0') {
        page_say(page, arena_text(page->arena, doc, strcspn(doc, "\n")));
        page_put(page, "<br>");
    }
    page_put(page, "Run <code>");
    page_say(page, run->id);
    page_put(page, "</code>, started ");
    page_say(page, time_text(page->arena, run->created));
    if (run->finished != 0) {
        page_put(page, ", finished ");
        page_say(page, time_text(page->arena, run->finished));
    }
    if (run->origin != NULL) {
        page_put(page, ", a replay of <code>");
        page_say(page, run->origin);
        page_put(page, "</code>");
    }
    page_put(page, "</p>\n");
}

static void put_tile(Page *page, const char *value, const char *what) {
    page_put(page, "<div class=\"tile\"><b>");
    page_say(page, value);
    page_put(page, "</b><span>");
    page_say(page, what);
    page_put(page, "</span></div>");
}

static uint64_t tasks_in(const StoreRecord *record, int from, int to) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < record->nstages; i++) {
        for (int state = from; state <= to; state++) {
            n += record->stages[i].tasks[state];
        }
    }
    return n;
}

static const char *number(Page *page, uint64_t n) {
    return arena_printf(page->arena, "%llu", (unsigned long long)n);
}

static void put_tiles(Page *page) {
    const StoreRecord *record = page->record;
    int64_t cpu = -1, memory = -1;
    for (uint32_t i = 0; i < record->nstages; i++) {
        add_known(&cpu, page->sums[i].cpu);
        memory = page->sums[i].most_memory > memory ? page->sums[i].most_memory : memory;
    }
    page_put(page, "<div class=\"tiles\">");
    put_tile(page, duration_text(page->arena, record->run.duration), "duration");
    put_tile(page, number(page, record->ntasks), record->ntasks == 1 ? "task" : "tasks");
    put_tile(page, number(page, tasks_in(record, DAG_COMPLETED, DAG_COMPLETED)), "completed");
    put_tile(page, number(page, tasks_in(record, DAG_CACHED, DAG_CACHED)), "cached");
    put_tile(page, number(page, tasks_in(record, DAG_FAILED, DAG_CRASHED)), "failed");
    put_tile(page, cpu < 0 ? "–" : duration_text(page->arena, cpu), "CPU time");
    put_tile(page, memory < 0 ? "–" : bytes_text(page->arena, memory), "peak memory");
    page_put(page, "</div>\n");
}

static void put_error(Page *page) {
    const StoreRunInfo *run = &page->record->run;
    const char *message = run->error.type != NULL ? run->error.message : run->reason;
    if (message == NULL || run->state == DAG_COMPLETED) {
        return;
    }
    page_put(page, "<div class=\"card error\"><b>");
    page_say(page, run->error.type != NULL ? run->error.type : dag_state_name(run->state));
    page_put(page, "</b>");
    if (run->error_stage < page->record->nstages) {
        page_put(page, " in <code>");
        page_say(page, page->record->stages[run->error_stage].slug);
        if (run->error_key != NULL && strcmp(run->error_key, "-") != 0) {
            page_say(page, arena_printf(page->arena, " [%s]", run->error_key));
        }
        page_put(page, "</code>");
    }
    page_put(page, "<pre>");
    page_say(page, message);
    page_put(page, "</pre></div>\n");
}

static void put_resume(Page *page) {
    if (page->facts->resume != NULL) {
        page_put(page, "<p class=\"go\">To go on: <code>");
        page_say(page, page->facts->resume);
        page_put(page, "</code></p>\n");
    }
}

static void put_values(Page *page, const char *title, const char *json) {
    if (json == NULL || strcmp(json, "{}") == 0) {
        return;
    }
    size_t n = strlen(json);
    page_put(page, "<details class=\"go\"><summary>");
    page_put(page, title);
    page_put(page, "</summary><pre>");
    markup_text(&page->out, json, n < MOST_VALUES ? n : MOST_VALUES);
    page_put(page, n < MOST_VALUES ? "</pre></details>\n" : " …</pre></details>\n");
}

/* ---------------------------------------------------------------- sections */

static const char *caption_of(Page *page, const StoreStage *stage) {
    TextBuffer text = { .arena = page->arena };
    for (int state = DAG_PENDING; state <= DAG_FILTERED; state++) {
        if (stage->tasks[state] > 0) {
            markup_format(&text, "%s%u %s", text.n > 0 ? ", " : "", stage->tasks[state],
                          dag_state_name((dag_state)state));
        }
    }
    if (stage->started != 0 && stage->ended > stage->started) {
        markup_format(&text, " · %s", duration_text(page->arena, stage->ended - stage->started));
    }
    return text.n > 0 ? markup_short(page->arena, buffer_end(&text), 44)
                      : dag_state_name(stage->state);
}

void page_graph(Page *page) {
    const dag_program *program = page->facts->program;
    GraphLook *looks = ARENA_ARRAY(page->arena, program->nstages, GraphLook);
    for (uint32_t i = 0; i < page->record->nstages; i++) {
        const StoreStage *stage = &page->record->stages[i];
        if (page->sums[i].stage != NULL) {
            looks[page->sums[i].stage - program->stages] =
                (GraphLook){ dag_state_name(stage->state), caption_of(page, stage) };
        }
    }
    page_put(page, "<h2>Graph</h2>\n<div class=\"card wide\">");
    page_put(page, graph_svg_inline(page->arena, program, looks));
    page_put(page, "</div>\n");
}

static void put_child(Page *page, const StoreChildRun *child) {
    page_put(page, "<tr><td class=\"key\">");
    page_say(page, child->run.id);
    page_put(page, "</td><td>");
    page_state(page, child->run.state);
    page_put(page, "</td>");
    page_cell(page, "n", child->run.duration, duration_text(page->arena, child->run.duration));
    page_put(page, "<td class=\"why\">");
    page_say(page, child->run.error.type != NULL ? child->run.error.message : "");
    page_put(page, "</td></tr>\n");
}

void page_children(Page *page) {
    size_t n = page->facts->nchildren, shown = n < MOST_CHILDREN ? n : MOST_CHILDREN;
    if (n == 0) {
        return;
    }
    page_put(page, "<h2>Runs of called pipelines</h2>\n<div class=\"card wide\"><table><thead><tr>"
                   "<th>Run</th><th>State</th><th class=\"n\">Took</th><th "
                   "class=\"why\">Error</th></tr></thead>"
                   "<tbody>\n");
    for (size_t i = 0; i < shown; i++) {
        put_child(page, &page->facts->children[i]);
    }
    page_put(page, "</tbody></table>");
    if (n > shown) {
        markup_format(&page->out, "<p class=\"sub\">… and %zu more.</p>", n - shown);
    }
    page_put(page, "</div>\n");
}

static void put_head(Page *page) {
    page_put(page, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                   "<meta name=\"generator\" content=\"dagcc\"><title>");
    page_say(page, page->record->run.pipeline);
    page_put(page, " ");
    page_say(page, page->record->run.id);
    page_put(page, "</title>\n<style>");
    page_put(page, graph_svg_style);
    page_put(page, page_style);
    page_put(page, page_style_tables);
    page_put(page, "</style></head>\n<body class=\"dag\"><main>\n");
}

const char *page_text(Arena *arena, const PageFacts *facts) {
    Page page = {
        .arena = arena, .out = { .arena = arena }, .facts = facts, .record = facts->record
    };
    sum_up(&page);
    put_head(&page);
    put_title(&page);
    put_tiles(&page);
    put_error(&page);
    put_resume(&page);
    put_values(&page, "Inputs", page.record->run.inputs);
    put_values(&page, "Outputs", page.record->run.outputs);
    page_graph(&page);
    page_gantt(&page);
    page_stages(&page);
    page_known(&page);
    page_children(&page);
    page_tasks(&page);
    page_put(&page, "</main><script>");
    page_put(&page, page_script);
    page_put(&page, "</script></body></html>\n");
    return buffer_end(&page.out);
}
