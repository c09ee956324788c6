/*
 * embed.c - a pipeline as a C function: the typed inputs of NAME_run become values, a run is made,
 * waited for, and its outputs become C forms again. Also cancellation from other threads.
 *
 * Everything is the call's own: any number of them may be at work at the same time.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/run.h"
#include "core/world.h"
#include "exec/marshal.h"

/* ---------------------------------------------------------------- cancellation */

/* A run that hears of a dag_cancel; on the stack of the call that runs it. */
typedef struct Attached {
    dag_run *run;
    struct Attached *next;
} Attached;

struct dag_cancel {
    pthread_mutex_t mutex;
    Attached *runs; /* lock */
    int asked;      /* lock; times, at most 2 */
};

dag_cancel *dag_cancel_new(void) {
    dag_cancel *cancel = calloc(1, sizeof *cancel);
    if (cancel) {
        pthread_mutex_init(&cancel->mutex, NULL);
    }
    return cancel;
}

void dag_cancel_free(dag_cancel *cancel) {
    if (cancel) {
        pthread_mutex_destroy(&cancel->mutex);
        free(cancel);
    }
}

void dag_cancel_request(dag_cancel *cancel) {
    pthread_mutex_lock(&cancel->mutex);
    cancel->asked += cancel->asked < 2;
    for (Attached *at = cancel->runs; at; at = at->next) {
        dag_run_cancel(at->run);
    }
    pthread_mutex_unlock(&cancel->mutex);
}

/* What was asked before is passed on. */
static void attach(dag_cancel *cancel, Attached *attached) {
    if (cancel) {
        pthread_mutex_lock(&cancel->mutex);
        attached->next = cancel->runs;
        cancel->runs = attached;
        for (int i = 0; i < cancel->asked; i++) {
            dag_run_cancel(attached->run);
        }
        pthread_mutex_unlock(&cancel->mutex);
    }
}

static void detach(dag_cancel *cancel, const Attached *attached) {
    if (cancel) {
        pthread_mutex_lock(&cancel->mutex);
        Attached **p = &cancel->runs;
        while (*p != attached) {
            p = &(*p)->next;
        }
        *p = attached->next;
        pthread_mutex_unlock(&cancel->mutex);
    }
}

/* ---------------------------------------------------------------- what a call owns */

typedef struct Memory {
    Arena arena; /* C forms and messages */
    dag_run *run;
} Memory;

typedef struct Call {
    const dag_embed *embed;
    const char *inputs;
    char *outputs;
    const dag_options *options;
    Memory *memory;
    dag_result *result;
} Call;

static bool fail(Call *call, const char *type, const char *message) {
    call->result->error = (dag_error){ .type = type, .message = message };
    call->result->state = DAG_FAILED;
    return false;
}

static const char *input_name(const Call *call, uint32_t i) {
    const dag_program *program = call->embed->program;
    return program->strings + program->inputs[i].name;
}

static bool refuse(Call *call, uint32_t i, const char *why) {
    return fail(call, "type",
                arena_printf(&call->memory->arena, "input %s: %s", input_name(call, i), why));
}

/* ---------------------------------------------------------------- inputs */

static bool is_pointer(const dag_type *type) {
    return type->kind == DAG_OPTIONAL || type->kind == DAG_STRING || type->kind == DAG_FILE ||
           type->kind == DAG_DIR || type->kind == DAG_SECRET || type->kind == DAG_JSON;
}

/* An input with a default is a pointer; NULL stands for the default. */
static bool take_input(Call *call, uint32_t i, dag_value *value) {
    const dag_program *program = call->embed->program;
    const dag_input *input = &program->inputs[i];
    const void *from = call->inputs + call->embed->inputs[i];
    const char *why;
    bool pointer = is_pointer(&program->types[input->type]), given = true;
    if (pointer || input->value != DAG_NONE) {
        const void *to;
        memcpy(&to, from, sizeof to);
        given = to != NULL;
        from = pointer ? from : to;
    }
    if (!given) {
        return true; /* its default, null, or the run says that it is missing */
    }
    return unmarshal(&call->memory->arena, program, input->type, from, value, &why) ||
           refuse(call, i, why);
}

static bool take_inputs(Call *call, dag_value *values) {
    const dag_program *program = call->embed->program;
    for (uint32_t i = 0; call->inputs && i < program->ninputs; i++) {
        if (!take_input(call, i, &values[i])) {
            return false;
        }
    }
    return true;
}

static bool check_where(Call *call, uint32_t i) {
    dag_run *run = call->memory->run;
    const dag_program *program = call->embed->program;
    uint32_t where = program->inputs[i].where;
    dag_value specials[DAG_NSPECIAL] = { [DAG_IT] = run->inputs[i] }, holds;
    ExprEnv env = { .run = run->inputs,
                    .specials = specials,
                    .world = world_system(),
                    .max_value = run->max_value,
                    .arena = &call->memory->arena };
    dag_error error = { NULL, NULL };
    if (!expr_eval(run->exprs, where, &env, &holds, &error)) {
        return refuse(call, i, error.message);
    }
    if (holds.u.b) {
        return true;
    }
    return refuse(call, i,
                  arena_printf(&call->memory->arena, "%s does not satisfy `%s`",
                               value_show(&call->memory->arena, run->inputs[i]),
                               program->strings + program->exprs[where].source));
}

static bool check_path(Call *call, uint32_t i, dag_value value) {
    struct stat status;
    const char *what = value.kind == DAG_DIR ? "folder" : "file";
    if (stat(value.u.text, &status) != 0) {
        return refuse(call, i,
                      arena_printf(&call->memory->arena, "%s: %s", value.u.text, strerror(errno)));
    }
    return S_ISDIR(status.st_mode) == (value.kind == DAG_DIR) ||
           refuse(call, i, arena_printf(&call->memory->arena, "%s is no %s", value.u.text, what));
}

static bool check_inputs(Call *call) {
    const dag_value *values = call->memory->run->inputs;
    for (uint32_t i = 0; i < call->embed->program->ninputs; i++) {
        bool path = values[i].kind == DAG_FILE || values[i].kind == DAG_DIR;
        bool conditional = call->embed->program->inputs[i].where != DAG_NONE;
        if ((path && !check_path(call, i, values[i])) ||
            (conditional && values[i].kind != DAG_NULL && !check_where(call, i))) {
            return false;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- the run */

static bool make_run(Call *call) {
    Arena *arena = &call->memory->arena;
    dag_value *values = ARENA_ARRAY(arena, call->embed->program->ninputs, dag_value);
    dag_error error = { NULL, NULL };
    if (!take_inputs(call, values)) {
        return false;
    }
    dag_options options = call->options ? *call->options : dag_options_default();
    options.inputs = values;
    call->memory->run = dag_run_new(call->embed->program, &options, &error);
    if (!call->memory->run) {
        return fail(call, error.type, arena_text(arena, error.message, strlen(error.message)));
    }
    call->result->run = dag_run_name(call->memory->run);
    FirstError refused = run_error(call->memory->run);
    return refused.error.type ? fail(call, refused.error.type, refused.error.message)
                              : check_inputs(call);
}

static void take_outputs(Call *call) {
    const dag_program *program = call->embed->program;
    for (uint32_t i = 0; i < program->noutputs; i++) {
        const dag_value *value = dag_run_output(call->memory->run, i);
        if (value) {
            marshal(&call->memory->arena, program, program->outputs[i].type, *value,
                    call->outputs + call->embed->outputs[i]);
        }
    }
}

static void wait_for(Call *call) {
    dag_run *run = call->memory->run;
    dag_cancel *cancel = call->options ? call->options->cancel : NULL;
    Attached attached = { .run = run };
    attach(cancel, &attached);
    call->result->state = dag_run_wait(run);
    detach(cancel, &attached);
    FirstError first = run_error(run);
    call->result->error = first.error;
    if (first.error.type && first.stage != DAG_NONE) {
        const dag_program *program = call->embed->program;
        call->result->stage = program->strings + program->stages[first.stage].slug;
        call->result->key = first.key;
    }
}

static void carry_out(Call *call) {
    if (make_run(call)) {
        wait_for(call);
        take_outputs(call);
    }
}

dag_state dag_embed_run(const dag_embed *embed, const void *inputs, void *outputs,
                        const dag_options *options) {
    jmp_buf oom;
    memset(outputs, 0, embed->size);
    Call call = { .embed = embed, .inputs = inputs, .outputs = outputs, .options = options };
    call.result = (dag_result *)(void *)((char *)outputs + embed->result);
    call.memory = call.result->memory = calloc(1, sizeof *call.memory);
    if (!call.memory || setjmp(oom)) {
        call.result->state = DAG_CRASHED;
        call.result->error = (dag_error){ .type = "oom", .message = "out of memory" };
        return DAG_CRASHED;
    }
    call.memory->arena.oom = &oom;
    carry_out(&call);
    call.memory->arena.oom = NULL;
    return call.result->state;
}

void dag_embed_free(const dag_embed *embed, void *outputs) {
    dag_result *result = (dag_result *)(void *)((char *)outputs + embed->result);
    Memory *memory = result->memory;
    if (memory) {
        dag_run_free(memory->run);
        arena_free(&memory->arena);
        free(memory);
    }
    memset(outputs, 0, embed->size);
}
