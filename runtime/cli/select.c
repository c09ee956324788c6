/*
 * select.c - the stages that an invocation is about, and where the results of the others come from.
 */
#include "cli/select.h"

#include <stdlib.h>
#include <string.h>

#include "pure/nearest.h"
#include "store/reuse_record.h"

/* ---------------------------------------------------------------- words */

typedef struct Selector {
    Cli *cli;
    const dag_program *program;
    bool *chosen; /* so far */
} Selector;

static const char *slug(const Selector *s, uint32_t stage) {
    return s->program->strings + s->program->stages[stage].slug;
}

static uint32_t find_stage(Selector *s, const char *option, const char *word) {
    Nearest nearest = nearest_to(word);
    for (uint32_t i = 0; i < s->program->nstages; i++) {
        if (strcmp(slug(s, i), word) == 0)
            return i;
        nearest_offer(&nearest, slug(s, i));
    }
    if (nearest.best != NULL) {
        cli_complain(s->cli, "--%s: there is no stage `%s`; did you mean `%s`?", option, word,
                     nearest.best);
    } else {
        cli_complain(s->cli, "--%s: there is no stage `%s`", option, word);
    }
    return DAG_NONE;
}

/* The next word of a comma-separated list, or NULL; *list moves on. */
static const char *next_word(Selector *s, const char **list) {
    while (**list == ',' || **list == ' ')
        (*list)++;
    size_t n = strcspn(*list, ", ");
    if (n == 0)
        return NULL;
    const char *word = arena_text(&s->cli->arena, *list, n);
    *list += n;
    return word;
}

static void narrow(Selector *s, const bool *to) {
    for (uint32_t i = 0; i < s->program->nstages; i++)
        s->chosen[i] &= to[i];
}

static bool *no_stage(Selector *s) {
    return ARENA_ARRAY(&s->cli->arena, s->program->nstages, bool);
}

/* ---------------------------------------------------------------- along the edges */

/* Marks whatever feeds or precedes what is marked: stages in reverse order of the graph. */
static void mark_upstream(const dag_program *program, bool *marked) {
    for (uint32_t k = program->nstages; k-- > 0;) {
        const dag_stage *stage = &program->stages[program->topo[k]];
        if (!marked[program->topo[k]])
            continue;
        for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
            const dag_port *in = &program->ports[i];
            for (uint32_t e = in->edge; e < in->edge + in->nedges; e++) {
                marked[program->ports[program->edges[e].from].stage] = true;
            }
        }
        for (uint32_t o = stage->order; o < stage->order + stage->norder; o++) {
            marked[program->orders[o].from] = true;
        }
    }
}

static bool follows_marked(const dag_program *program, const dag_stage *stage, const bool *marked) {
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        const dag_port *in = &program->ports[i];
        for (uint32_t e = in->edge; e < in->edge + in->nedges; e++) {
            if (marked[program->ports[program->edges[e].from].stage])
                return true;
        }
    }
    for (uint32_t o = stage->order; o < stage->order + stage->norder; o++) {
        if (marked[program->orders[o].from])
            return true;
    }
    return false;
}

static void mark_downstream(const dag_program *program, bool *marked) {
    for (uint32_t k = 0; k < program->nstages; k++) {
        uint32_t i = program->topo[k];
        if (!marked[i])
            marked[i] = follows_marked(program, &program->stages[i], marked);
    }
}

static void choose_stages(Selector *s, const char *option, const char *list,
                          void (*spread)(const dag_program *program, bool *marked)) {
    if (list == NULL)
        return;
    bool *marked = no_stage(s);
    for (const char *word; (word = next_word(s, &list)) != NULL;) {
        uint32_t stage = find_stage(s, option, word);
        if (stage != DAG_NONE)
            marked[stage] = true;
    }
    if (spread != NULL)
        spread(s->program, marked);
    narrow(s, marked);
}

/* ---------------------------------------------------------------- tags and kinds */

static bool has_tag(const dag_program *program, const dag_stage *stage, const char *tag) {
    for (uint32_t t = stage->tag; t < stage->tag + stage->ntag; t++) {
        if (strcmp(program->strings + program->tags[t], tag) == 0)
            return true;
    }
    return false;
}

static bool has_kind(const dag_program *program, const dag_stage *stage, const char *kind) {
    return stage->kind != 0 && strcmp(program->strings + stage->kind, kind) == 0;
}

typedef bool Has(const dag_program *program, const dag_stage *stage, const char *word);

/* Marks the stages that have the tag or kind; there must be one. */
static void mark(Selector *s, const char *option, Has *has, const char *word, bool *marked) {
    bool any = false;
    for (uint32_t i = 0; i < s->program->nstages; i++) {
        if (!has(s->program, &s->program->stages[i], word))
            continue;
        any = marked[i] = true;
    }
    if (any)
        return;
    cli_complain(s->cli, "--%s: no stage has the %s `%s`", option, has == has_tag ? "tag" : "kind",
                 word);
}

static void choose_words(Selector *s, const char *option, const char *list, Has *has, bool keep) {
    if (list == NULL)
        return;
    bool *marked = no_stage(s);
    for (const char *word; (word = next_word(s, &list)) != NULL;) {
        mark(s, option, has, word, marked);
    }
    for (uint32_t i = 0; i < s->program->nstages; i++)
        s->chosen[i] &= marked[i] == keep;
}

/* tag:x, kind:y: any of them */
static void choose_select(Selector *s, const char *list) {
    if (list == NULL)
        return;
    bool *marked = no_stage(s);
    for (const char *word; (word = next_word(s, &list)) != NULL;) {
        if (strncmp(word, "tag:", 4) == 0)
            mark(s, "select", has_tag, word + 4, marked);
        else if (strncmp(word, "kind:", 5) == 0)
            mark(s, "select", has_kind, word + 5, marked);
        else
            cli_complain(s->cli, "--select takes tag:NAME and kind:NAME, not `%s`", word);
    }
    narrow(s, marked);
}

/* ---------------------------------------------------------------- */

bool selection_given(const Cli *cli) {
    return cli->only != NULL || cli->from != NULL || cli->until != NULL || cli->select != NULL ||
           cli->types != NULL || cli->exclude_tags != NULL;
}

const bool *selection_chosen(Cli *cli) {
    Selector s = { .cli = cli, .program = cli->program };
    s.chosen = no_stage(&s);
    for (uint32_t i = 0; i < cli->program->nstages; i++)
        s.chosen[i] = true;
    choose_stages(&s, "only", cli->only, NULL);
    choose_stages(&s, "from", cli->from, mark_downstream);
    choose_stages(&s, "until", cli->until, mark_upstream);
    choose_select(&s, cli->select);
    choose_words(&s, "types", cli->types, has_kind, true);
    choose_words(&s, "exclude-tags", cli->exclude_tags, has_tag, false);
    return cli->bad ? NULL : s.chosen;
}

/* ---------------------------------------------------------------- results of the others */

typedef struct Selection {
    dag_reuse table; /* what callers hold */
    const bool *chosen;
    StoreReader *reader;
    dag_reuse **sources; /* by stage: the newest run in which it ended well; NULL: none */
    dag_reuse **owned;   /* each once */
    size_t nowned;
} Selection;

static ReuseAnswer ask(void *self, const ReuseQuestion *question, dag_value *outputs,
                       const char **reason) {
    Selection *selection = self;
    if (selection->chosen[question->stage] || question->anew != NULL)
        return REUSE_RUN;
    dag_reuse *source = selection->sources[question->stage];
    ReuseAnswer answer = REUSE_RUN;
    if (source != NULL)
        answer = source->ask(source->self, question, outputs, reason);
    if (answer != REUSE_RUN)
        return answer;
    *reason = "unselected";
    return REUSE_SKIP;
}

static bool may_run(void *self, uint32_t stage) {
    const Selection *selection = self;
    return selection->chosen[stage];
}

bool selection_has(dag_reuse *reuse, uint32_t stage) {
    const Selection *selection = reuse->self;
    return selection->sources[stage] != NULL;
}

static void selection_free(void *self) {
    Selection *selection = self;
    for (size_t i = 0; i < selection->nowned; i++)
        selection->owned[i]->free(selection->owned[i]->self);
    if (selection->reader != NULL)
        store_reader_free(selection->reader);
    free(selection);
}

static bool ended_well(const StoreRecord *record, uint32_t stage) {
    dag_state state = record->stages[stage].state;
    return state == DAG_COMPLETED || state == DAG_CACHED;
}

/* Takes from a run what is still missing. *missing counts down. */
static void take_record(Cli *cli, Selection *selection, const char *id, uint32_t *missing) {
    const dag_program *program = cli->program;
    StoreRecord *record = ARENA_NEW(&cli->arena, StoreRecord);
    dag_error error = { 0 };
    dag_reuse *reuse = NULL;
    if (!store_read_record(selection->reader, &cli->arena, id, record, &error))
        return;
    for (uint32_t i = 0; i < program->nstages; i++) {
        if (selection->chosen[i] || selection->sources[i] != NULL)
            continue;
        uint32_t recorded = record_stage(record, program, i);
        if (recorded == DAG_NONE || !ended_well(record, recorded))
            continue;
        if (reuse == NULL) {
            RecordReuse what = { .program = program, .record = record, .rerun = selection->chosen };
            reuse = reuse_record(&what);
            if (reuse == NULL)
                return;
            selection->owned[selection->nowned++] = reuse;
        }
        selection->sources[i] = reuse;
        --*missing;
    }
}

static bool take_records(Cli *cli, Selection *selection, const char *root) {
    const dag_program *program = cli->program;
    char reason[512];
    dag_error error = { 0 };
    StoreRunInfo *runs;
    size_t n;
    uint32_t missing = 0;
    for (uint32_t i = 0; i < program->nstages; i++)
        missing += !selection->chosen[i];
    if (root == NULL || missing == 0)
        return true;
    selection->reader =
        store_reader_open(root, program->strings + program->name, reason, sizeof reason, &error);
    if (selection->reader == NULL)
        return error.type == NULL;
    if (!store_read_runs(selection->reader, &cli->arena, &runs, &n, &error))
        return false;
    selection->owned = ARENA_ARRAY(&cli->arena, n, dag_reuse *);
    for (size_t i = 0; i < n && missing > 0; i++) {
        take_record(cli, selection, runs[i].id, &missing);
    }
    return true;
}

dag_reuse *selection_reuse(Cli *cli, const bool *chosen, const char *root) {
    Selection *selection = calloc(1, sizeof *selection);
    if (selection == NULL) {
        cli_complain(cli, "out of memory");
        return NULL;
    }
    selection->table =
        (dag_reuse){ .self = selection, .ask = ask, .may_run = may_run, .free = selection_free };
    selection->chosen = chosen;
    selection->sources = ARENA_ARRAY(&cli->arena, cli->program->nstages, dag_reuse *);
    if (take_records(cli, selection, root))
        return &selection->table;
    cli_complain(cli, "the results of earlier runs cannot be read");
    selection_free(selection);
    return NULL;
}
