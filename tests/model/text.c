/*
 * text.c - see text.h.
 */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "back/graph.h"
#include "base/front.h"
#include "check/front_check.h"
#include "syntax/front_parse.h"

/* ---------------------------------------------------------------- ports */

/* "i0", "o1": its place among the inputs or outputs of its stage. */
static void port_name(const Plan *plan, uint32_t number, char *name) {
    const PlanPort *port = &plan->ports[number];
    const PlanStage *stage = &plan->stages[port->stage];
    const uint32_t *all = port->out ? stage->out : stage->in;
    uint32_t i = 0;
    while (all[i] != number) {
        i++;
    }
    bool gate = (stage->flags & DAG_STAGE_GATE) != 0;
    sprintf(name, "%c%u", port->out && !gate ? 'o' : 'i', i);
}

static void print_ref(const Plan *plan, uint32_t number, FILE *out) {
    char name[16];
    port_name(plan, number, name);
    fprintf(out, "s%u.%s", plan->ports[number].stage, name);
}

static void print_input(const Plan *plan, uint32_t number, FILE *out) {
    const PlanPort *port = &plan->ports[number];
    char name[16];
    port_name(plan, number, name);
    fprintf(out, "    in %s: %s%s%s%s%s\n", name,
            port->list ? port->nulls ? "list<int?>" : "list<int>" : "int",
            port->optional ? "?" : "", port->merge ? " merge" : "", port->any ? " any" : "",
            !port->has_default ? ""
            : port->list       ? " = [77]"
                               : " = 77");
}

static void print_cond(const char *subject, PlanCond cond, FILE *out) {
    long long n = cond.n;
    switch (cond.test) {
    case PLAN_ANYTHING: break;
    case PLAN_AT_LEAST: fprintf(out, "%s >= %lld", subject, n); break;
    case PLAN_NOT: fprintf(out, "%s != %lld", subject, n); break;
    case PLAN_BROKEN:
        fprintf(out, "%s == %lld or (%s | json | as(list<int>) | length) > 0", subject, n, subject);
        break;
    }
}

/* ---------------------------------------------------------------- stages */

static void print_fan(const Plan *plan, const PlanStage *stage, FILE *out) {
    static const char *const words[] = { "single", "aggregate", "grouped", "cross" };
    if (stage->fan == DAG_SINGLE) {
        return;
    }
    fprintf(out, "    fan %s", words[stage->fan]);
    if (stage->by != DAG_NONE) {
        fprintf(out, " by ");
        print_ref(plan, stage->by, out);
    }
    fprintf(out, "\n");
}

static void print_resources(const PlanStage *stage, FILE *out) {
    const char *before = "    resources ";
    for (uint32_t i = 0; i < PLAN_RESOURCES; i++) {
        if (stage->amount[i] > 0) {
            fprintf(out, "%sresource%u: %lld", before, i, (long long)stage->amount[i]);
            fprintf(out, stage->grow > 1 ? " grow %lld" : "", (long long)stage->grow);
            before = ", ";
        }
    }
    fprintf(out, "\n");
}

static void print_limits(const PlanStage *stage, FILE *out) {
    if (stage->retry > 0) {
        fprintf(out, "    retry %u backoff %lldms%s\n", stage->retry,
                (long long)stage->backoff / 1000000, stage->retry_on ? " on crashed" : "");
    }
    if (stage->max_tasks > 0) {
        fprintf(out, "    max_tasks %u\n", stage->max_tasks);
    }
    if (stage->max_parallel > 0) {
        fprintf(out, "    max_parallel %u\n", stage->max_parallel);
    }
    print_resources(stage, out);
}

static void print_when(const Plan *plan, const PlanStage *stage, FILE *out) {
    char name[16];
    if ((stage->flags & DAG_STAGE_OFF) != 0) {
        fprintf(out, "    when config.on == true\n");
    } else if (stage->has_when) {
        port_name(plan, stage->in[stage->when], name);
        fprintf(out, "    when ");
        print_cond(name, stage->cond, out);
        fprintf(out, "\n");
    }
}

static void print_stage(const Plan *plan, uint32_t number, FILE *out) {
    const PlanStage *stage = &plan->stages[number];
    bool gate = (stage->flags & DAG_STAGE_GATE) != 0;
    fprintf(out, "  stage s%u {\n", number);
    print_fan(plan, stage, out);
    for (uint32_t i = 0; i < stage->nin; i++) {
        print_input(plan, stage->in[i], out);
    }
    for (uint32_t i = 0; !gate && i < stage->nout; i++) {
        bool stream = plan->ports[stage->out[i]].stream;
        fprintf(out, "    out o%u: %s = <stdout | %s>\n", i, stream ? "stream<int>" : "int",
                stream ? "lines | int" : "int");
    }
    fprintf(out, "%s%s%s%s", gate ? "    gate" : "",
            stage->flags & DAG_STAGE_PASSTHROUGH ? " passthrough\n" : "\n",
            stage->flags & DAG_STAGE_BARRIER ? "    barrier\n" : "",
            stage->flags & DAG_STAGE_MAY_FAIL ? "    may_fail\n" : "");
    print_limits(stage, out);
    print_when(plan, stage, out);
    fprintf(out, "    run \"true\"\n  }\n");
}

/* ---------------------------------------------------------------- edges */

static void print_edge(const Plan *plan, const PlanEdge *edge, FILE *out) {
    fprintf(out, "  ");
    print_ref(plan, edge->from, out);
    fprintf(out, " -> ");
    print_ref(plan, edge->to, out);
    if (edge->where.test != PLAN_ANYTHING) {
        fprintf(out, " where ");
        print_cond("it", edge->where, out);
    }
    if (edge->order.test == PLAN_BROKEN) {
        fprintf(out, " order by it | sub(%lld) | mul(3) | mul(9223372036854775807)",
                (long long)edge->order.n);
    } else if (edge->order.test != PLAN_ANYTHING) {
        fprintf(out, " order by it");
    }
    if (edge->order.test != PLAN_ANYTHING && edge->desc) {
        fprintf(out, " desc");
    }
    if (edge->take != DAG_NONE) {
        fprintf(out, " take %u", edge->take);
    }
    fprintf(out, "\n");
}

static void print_output(const Plan *plan, uint32_t number, FILE *out) {
    const PlanPort *port = &plan->ports[number];
    fprintf(out, "  output out%u: %s = <", number, port->list ? "list<int>" : "int?");
    print_ref(plan, plan->edges[port->edges[0]].from, out);
    fprintf(out, ">\n");
}

static void print_pipeline(const Plan *plan, FILE *out) {
    static const char *const words[] = { "success", "failure", "always" };
    fprintf(out, "pipeline plan {\n  config on: bool = false\n%s",
            plan->continue_on_error ? "  on_error continue\n" : "");
    for (uint32_t i = 0; i < plan->nstages; i++) {
        print_stage(plan, i, out);
    }
    for (uint32_t i = 0; i < plan->nedges; i++) {
        if (plan->ports[plan->edges[i].to].stage != DAG_NONE) {
            print_edge(plan, &plan->edges[i], out);
        }
    }
    for (uint32_t i = 0; i < plan->norders; i++) {
        const PlanOrder *order = &plan->orders[i];
        fprintf(out, "  s%u => s%u on %s\n", order->from, order->to, words[order->on]);
    }
    for (uint32_t i = 0; i < plan->nports; i++) {
        if (plan->ports[i].stage == DAG_NONE) {
            print_output(plan, i, out);
        }
    }
    fprintf(out, "}\n");
}

/* ---------------------------------------------------------------- the compiled tables */

/* Where the compiler has put the ports. False: the tables have another shape. */
static bool adopt(Plan *plan, const dag_program *program) {
    if (program->nstages != plan->nstages) {
        return false;
    }
    for (uint32_t i = 0; i < plan->nstages; i++) {
        const PlanStage *stage = &plan->stages[i];
        const dag_stage *row = &program->stages[i];
        if (row->nin != stage->nin || row->nout != stage->nout) {
            return false;
        }
        for (uint32_t k = 0; k < stage->nin; k++) {
            plan->ports[stage->in[k]].number = row->in + k;
        }
        for (uint32_t k = 0; k < stage->nout; k++) {
            plan->ports[stage->out[k]].number = row->out + k;
        }
    }
    uint32_t output = 0;
    for (uint32_t i = 0; i < plan->nports; i++) {
        if (plan->ports[i].stage == DAG_NONE) {
            plan->ports[i].number = program->outputs[output++].in;
        }
    }
    for (uint32_t i = 0; i < plan->nports; i++) {
        for (uint32_t k = 0; k < plan->ports[i].nedges; k++) {
            plan->edges[plan->ports[i].edges[k]].number =
                program->ports[plan->ports[i].number].edge + k;
        }
    }
    plan->program = *program;
    return output == program->noutputs;
}

/* Are all errors that a stage can never run, or not without failing? Marks those. */
static bool only_impossible(Text *text) {
    for (const Diag *diag = text->front->diags->first; diag; diag = diag->next) {
        unsigned stage;
        if (diag->severity != SEVERITY_ERROR || diag->code == E0709) {
            continue; /* the latter: `max_tasks` will fail it */
        }
        if (diag->code != E0503 || sscanf(diag->message, "`s%u`", &stage) != 1) {
            return false;
        }
        text->dead[stage] = true;
    }
    return true;
}

static const char *first_error(const Text *text) {
    for (const Diag *diag = text->front->diags->first; diag; diag = diag->next) {
        if (diag->severity == SEVERITY_ERROR) {
            return diag->message;
        }
    }
    return "no error";
}

bool text_compile(Text *text, Plan *plan, char *wrong, size_t size) {
    size_t n = 0;
    *text = (Text){ .front = front_new() };
    FILE *out = open_memstream(&text->source, &n);
    if (!out || !text->front) {
        abort();
    }
    print_pipeline(plan, out);
    fclose(out);
    Source *source =
        source_from_text(&text->front->arena, &text->front->sources, "plan.dag", text->source, n);
    Model *model = front_check(text->front, front_parse(text->front, source));
    if (text->front->diags->nerrors > 0) {
        text->impossible = only_impossible(text);
        if (!text->impossible) {
            snprintf(wrong, size, "compiling: %s", first_error(text));
        }
        return false;
    }
    if (!adopt(plan, &lower_model(text->front, model)->program)) {
        snprintf(wrong, size, "the compiled tables have another shape");
        return false;
    }
    return true;
}

void text_free(Text *text) {
    front_free(text->front);
    free(text->source);
    *text = (Text){ 0 };
}
