/*
 * ctx.c - the calls of a native function: memory, logs, failure, streams, facts about its task.
 *
 * One thread at a time may use a ctx, but for dag_cancelled and dag_progress, which any may.
 */
#include "exec/ctx.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/secrets.h"
#include "exec/marshal.h"
#include "pure/text.h"

void ctx_init(dag_ctx *ctx, Attempt *attempt) {
    *ctx = (dag_ctx){ .attempt = attempt,
                      .cancelled = &attempt->cancelled,
                      .done = &attempt->done,
                      .total = &attempt->total,
                      .log = -1 };
    ctx->streams = ARENA_ARRAY(&attempt->arena, attempt->stage->nout, Emitted);
}

void ctx_free(dag_ctx *ctx) {
    if (ctx->log >= 0) {
        close(ctx->log);
        ctx->log = -1;
    }
}

/* ---------------------------------------------------------------- memory */

/* Aligned for any type, as users expect; the arena aligns to eight bytes. */
void *dag_alloc(dag_ctx *ctx, size_t n) {
    char *memory = arena_alloc(&ctx->attempt->arena, n > SIZE_MAX / 2 ? n : n + 8);
    return memory + (uintptr_t)memory % 16;
}

char *dag_strdup(dag_ctx *ctx, const char *text) {
    return arena_text(&ctx->attempt->arena, text, strlen(text));
}

char *dag_printf(dag_ctx *ctx, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(&ctx->attempt->arena, format, args);
    va_end(args);
    return text;
}

/* ---------------------------------------------------------------- saying something */

enum { MOST_TYPE = 64, MOST_MESSAGE = 16 * 1024 }; /* bytes of what is said about a failure */

/* At most n bytes of a text, of whole characters, fit for a terminal; secrets hidden. */
static const char *fit_to_say(dag_ctx *ctx, const char *text, size_t n) {
    Arena *arena = &ctx->attempt->arena;
    text = secrets_hide(ctx->attempt, text);
    size_t have = strlen(text), take = have;
    if (have > n) {
        for (take = n; take > 0 && (text[take] & 0xc0) == 0x80; take--) {
        }
    }
    return arena_printf(arena, "%s%s", text_printable(arena, text, take), have > take ? "…" : "");
}

/* One word: events and documents have it in one line. */
static const char *type_to_say(dag_ctx *ctx, const char *type) {
    char *word = NULL;
    if (type && *type) {
        const char *said = fit_to_say(ctx, type, MOST_TYPE);
        word = arena_text(&ctx->attempt->arena, said, strlen(said));
    }
    for (char *p = word; p && *p; p++) {
        *p = *p == '\n' || *p == '\t' ? ' ' : *p;
    }
    return word ? word : "exit";
}

int dag_fail(dag_ctx *ctx, const char *type, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *message =
        format ? arena_vprintf(&ctx->attempt->arena, format, args) : "the function said nothing";
    va_end(args);
    ctx->failure.type = type_to_say(ctx, type);
    ctx->failure.message = fit_to_say(ctx, message, MOST_MESSAGE);
    return 1;
}

static void open_log(dag_ctx *ctx) {
    Attempt *attempt = ctx->attempt;
    if (ctx->log >= 0 || !attempt_make_dir(attempt)) {
        return;
    }
    const char *path = arena_printf(&attempt->arena, "%s/stderr", attempt->dir);
    ctx->log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static void write_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno != EINTR) {
            return;
        }
        bytes += written > 0 ? written : 0;
        n -= written > 0 ? (size_t)written : 0;
    }
}

/* A log that cannot be written (a full disk) does not end the task. */
void dag_log(dag_ctx *ctx, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(&ctx->attempt->arena, format, args);
    va_end(args);
    text = secrets_hide(ctx->attempt, text);
    size_t n = strlen(text);
    bool ended = n > 0 && text[n - 1] == '\n';
    const char *line = ended ? text : arena_printf(&ctx->attempt->arena, "%s\n", text);
    open_log(ctx);
    if (ctx->log >= 0) {
        write_all(ctx->log, line, n + !ended);
    }
}

void dag_progress(dag_ctx *ctx, int64_t done, int64_t total) {
    atomic_store_explicit(ctx->done, done, memory_order_relaxed);
    atomic_store_explicit(ctx->total, total, memory_order_relaxed);
}

/* ---------------------------------------------------------------- facts */

bool dag_cancelled(dag_ctx *ctx) {
    return atomic_load_explicit(ctx->cancelled, memory_order_relaxed);
}

const char *dag_run_id(dag_ctx *ctx) {
    return ctx->attempt->run_id;
}

const char *dag_stage_name(dag_ctx *ctx) {
    return ctx->attempt->program->strings + ctx->attempt->stage->slug;
}

const char *dag_key(dag_ctx *ctx) {
    return ctx->attempt->key;
}

uint32_t dag_attempt_number(dag_ctx *ctx) {
    return attempt_number(ctx->attempt);
}

/* Made when it is asked for. "" when it cannot be: the task then fails when it ends. */
const char *dag_workdir(dag_ctx *ctx) {
    if (attempt_make_dir(ctx->attempt)) {
        return ctx->attempt->work;
    }
    ctx->broken = ctx->attempt->outcome.error;
    return "";
}

/* ---------------------------------------------------------------- streams */

static void append(Arena *arena, Emitted *stream, dag_value value) {
    if (stream->n == stream->size) {
        size_t size = stream->size ? stream->size * 2 : 16;
        stream->items =
            arena_grow(arena, stream->items, stream->size * sizeof value, size * sizeof value);
        stream->size = size;
    }
    stream->items[stream->n++] = value;
}

/* The first value that cannot be emitted decides; the function need not look. */
void dag_emit(dag_ctx *ctx, uint32_t port, const void *value) {
    Attempt *attempt = ctx->attempt;
    const dag_program *program = attempt->program;
    const dag_port *out = &program->ports[attempt->stage->out + port];
    Emitted *stream = &ctx->streams[port];
    const char *why;
    dag_value read;
    if (ctx->broken.type) {
        return;
    }
    if (unmarshal(&attempt->arena, program, out->type, value, &read, &why)) {
        append(&attempt->arena, stream, value_copy(&attempt->arena, read));
        return;
    }
    ctx->broken.type = "output";
    ctx->broken.message = arena_printf(&attempt->arena, "output %s: element %zu: %s",
                                       program->strings + out->name, stream->n, why);
}
