/*
 * called.c - see called.h.
 */
#include "cli/called.h"

#include <ctype.h>
#include <string.h>

#include "core/call.h"
#include "pure/nearest.h"

/* ---------------------------------------------------------------- reading */

typedef struct Reading {
    Cli *cli;
    CalledPlace *place;
    const dag_program *program; /* in which the next word is looked up */
    const char *text;           /* what is left */
} Reading;

static uint32_t stage_of(const dag_program *program, const char *slug, size_t n) {
    for (uint32_t i = 0; i < program->nstages; i++) {
        const char *name = program->strings + program->stages[i].slug;
        if (strlen(name) == n && memcmp(name, slug, n) == 0)
            return i;
    }
    return DAG_NONE;
}

static uint32_t no_stage(const Reading *r, const char *slug) {
    Nearest nearest = nearest_to(slug);
    const dag_program *program = r->program;
    for (uint32_t i = 0; i < program->nstages; i++)
        nearest_offer(&nearest, program->strings + program->stages[i].slug);
    const char *where = r->place->nsteps == 0
                            ? ""
                            : arena_printf(&r->cli->arena, " in `%s`, which %s calls",
                                           program->strings + program->name, r->place->id);
    if (nearest.best != NULL)
        cli_complain(r->cli, "there is no stage `%s`%s; did you mean `%s`?", slug, where,
                     nearest.best);
    else
        cli_complain(r->cli, "there is no stage `%s`%s", slug, where);
    return DAG_NONE;
}

static uint32_t find_stage(const Reading *r, const char *slug, size_t n) {
    uint32_t stage = stage_of(r->program, slug, n);
    return stage != DAG_NONE ? stage : no_stage(r, arena_text(&r->cli->arena, slug, n));
}

/* "KEY.ELEMENT" or, of the one task of a stage, "ELEMENT". */
static bool read_element(Reading *r, CalledStep *step, const char *rest, size_t n) {
    Arena *arena = &r->cli->arena;
    const dag_stage *stage = &step->program->stages[step->stage];
    const char *slug = step->program->strings + stage->slug;
    const char *dot = memrchr(rest, '.', n);
    if (n > 0 && (dot != NULL || stage->axis == 0)) {
        const char *element = dot != NULL ? dot + 1 : rest;
        step->key = dot != NULL ? arena_text(arena, rest, (size_t)(dot - rest)) : "-";
        step->element = arena_text(arena, element, (size_t)(rest + n - element));
        return true;
    }
    const char *over =
        step->program->strings + step->program->ports[stage->in + stage->map_over].name;
    cli_complain(r->cli, "`%s` goes over its input `%s`: say which element, as in %s.%s.0", slug,
                 over, slug, stage->axis == 0 ? "-" : "KEY");
    return false;
}

/* "SLUG", "SLUG.KEY", "SLUG.KEY.ELEMENT", each of them with "~2" behind it. */
static bool read_step(Reading *r, const char *text, size_t n) {
    Arena *arena = &r->cli->arena;
    CalledPlace *place = r->place;
    const char *dot = memchr(text, '.', n), *attempt = memchr(text, '~', n);
    size_t slug = dot != NULL ? (size_t)(dot - text) : n;
    size_t end = attempt != NULL ? (size_t)(attempt - text) : n;
    CalledStep *step = &place->steps[place->nsteps];
    *step = (CalledStep){ .program = r->program, .stage = find_stage(r, text, slug), .key = "-" };
    if (step->stage == DAG_NONE)
        return false;
    const dag_stage *stage = &r->program->stages[step->stage];
    if (stage->sub == DAG_NONE) {
        cli_complain(r->cli, "stage `%.*s` calls no pipeline", (int)slug, text);
        return false;
    }
    const char *rest = text + slug + (dot != NULL);
    size_t nrest = end > slug ? (size_t)(text + end - rest) : 0;
    if (stage->body == DAG_BODY_MAP && !read_element(r, step, rest, nrest))
        return false;
    if (stage->body != DAG_BODY_MAP && nrest > 0)
        step->key = arena_text(arena, rest, nrest);
    place->id = arena_printf(arena, "%s%s%s", place->id, place->nsteps++ > 0 ? "/" : "",
                             called_name(arena, step));
    r->program = r->program->subs[stage->sub];
    return true;
}

/* "once.say": a stage behind a stage that calls; its keys begin otherwise. */
static const char *behind_dot(const Reading *r) {
    const char *dot = strchr(r->text, '.');
    if (dot == NULL || !islower((unsigned char)dot[1]))
        return NULL;
    uint32_t stage = stage_of(r->program, r->text, (size_t)(dot - r->text));
    return stage != DAG_NONE && r->program->stages[stage].body == DAG_BODY_CALL ? dot : NULL;
}

bool called_place(Cli *cli, const char *text, bool run, CalledPlace *place) {
    Reading r = { .cli = cli, .place = place, .program = cli->program, .text = text };
    size_t most = 1;
    for (const char *p = text; *p != '\0'; p++)
        most += *p == '/' || *p == '.';
    *place = (CalledPlace){ .id = "", .steps = ARENA_ARRAY(&cli->arena, most, CalledStep) };
    for (const char *end;
         (end = strchr(r.text, '/')) != NULL || (!run && (end = behind_dot(&r)) != NULL);
         r.text = end + 1) {
        if (!read_step(&r, r.text, (size_t)(end - r.text)))
            return false;
    }
    if (run && !read_step(&r, r.text, strlen(r.text)))
        return false;
    place->program = r.program;
    place->stage = DAG_NONE;
    if (run)
        return true;
    place->stage = find_stage(&r, r.text, strlen(r.text));
    return place->stage != DAG_NONE;
}

const char *called_name(Arena *arena, const CalledStep *step) {
    const char *slug = step->program->strings + step->program->stages[step->stage].slug;
    return arena_printf(arena, "%s.%s%s%s", slug, step->key, step->element == NULL ? "" : ".",
                        step->element == NULL ? "" : step->element);
}

/* ---------------------------------------------------------------- what it is given */

static bool give_element(Cli *cli, const CalledStep *step, uint32_t mapped, const dag_value *over,
                         dag_value *given, dag_error *error) {
    const dag_program *called = step->program->subs[step->program->stages[step->stage].sub];
    for (uint32_t i = 0; i < over->len; i++) {
        if (strcmp(call_element_name(over, i, &cli->arena), step->element) == 0)
            return call_give_element(&cli->arena, called, mapped, over, i, given, error);
    }
    error->message =
        arena_printf(&cli->arena, "there is no element %s; there are %u", step->element, over->len);
    return false;
}

const dag_value *called_inputs(Cli *cli, const CalledStep *step, const dag_value *inputs) {
    const dag_stage *stage = &step->program->stages[step->stage];
    const dag_program *called = step->program->subs[stage->sub];
    dag_value *given = ARENA_ARRAY(&cli->arena, called->ninputs, dag_value);
    uint32_t mapped = 0;
    dag_error error = { NULL, NULL };
    bool good = call_given(&cli->arena, step->program, stage, inputs, given, &mapped, &error) &&
                (step->element == NULL ||
                 give_element(cli, step, mapped, &inputs[stage->map_over], given, &error));
    if (!good)
        cli_complain(cli, "%s: %s", called_name(&cli->arena, step), error.message);
    return good ? given : NULL;
}
