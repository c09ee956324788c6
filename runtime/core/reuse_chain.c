/*
 * reuse_chain.c - two sources of known results as one: the first that knows something answers.
 */
#include "core/reuse.h"

#include <stdlib.h>

typedef struct Chain {
    dag_reuse table; /* what callers hold */
    dag_reuse *first, *second;
} Chain;

static ReuseAnswer chain_ask(void *self, const ReuseQuestion *question, dag_value *outputs,
                             const char **reason) {
    Chain *chain = self;
    const char *why = NULL;
    ReuseAnswer answer = chain->first->ask(chain->first->self, question, outputs, &why);
    if (answer == REUSE_RUN) {
        answer = chain->second->ask(chain->second->self, question, outputs, reason);
    }
    if (why) {
        *reason = why;
    }
    if (why && question->result) {
        *question->result = 0; /* it has another reason */
    }
    return answer;
}

static bool asks(const dag_reuse *reuse, uint32_t stage) {
    return !reuse->asks || reuse->asks(reuse->self, stage);
}

static bool chain_asks(void *self, uint32_t stage) {
    const Chain *chain = self;
    return asks(chain->first, stage) || asks(chain->second, stage);
}

static void tell(dag_reuse *reuse, const ReuseQuestion *question, const dag_value *outputs) {
    if (reuse->completed) {
        reuse->completed(reuse->self, question, outputs);
    }
}

static void chain_completed(void *self, const ReuseQuestion *question, const dag_value *outputs) {
    Chain *chain = self;
    tell(chain->first, question, outputs);
    tell(chain->second, question, outputs);
}

static uint32_t attempts_of(dag_reuse *reuse, const ReuseQuestion *question) {
    return reuse->attempts ? reuse->attempts(reuse->self, question) : 0;
}

static uint32_t chain_attempts(void *self, const ReuseQuestion *question) {
    Chain *chain = self;
    uint32_t first = attempts_of(chain->first, question);
    uint32_t second = attempts_of(chain->second, question);
    return first > second ? first : second;
}

static bool ended_of(dag_reuse *reuse, const ReuseQuestion *question, uint32_t number) {
    return reuse->ended && reuse->ended(reuse->self, question, number);
}

static bool chain_ended(void *self, const ReuseQuestion *question, uint32_t number) {
    Chain *chain = self;
    return ended_of(chain->first, question, number) || ended_of(chain->second, question, number);
}

static dag_reuse *child_of(dag_reuse *reuse, const char *run, const dag_program *program) {
    return reuse->child ? reuse->child(reuse->self, run, program) : NULL;
}

static dag_reuse *chain_child(void *self, const char *run, const dag_program *program) {
    Chain *chain = self;
    dag_reuse *first = child_of(chain->first, run, program);
    return reuse_chain(first, child_of(chain->second, run, program));
}

static bool gone_of(dag_reuse *reuse, const char *path, int64_t *size) {
    return reuse->gone && reuse->gone(reuse->self, path, size);
}

static bool chain_gone(void *self, const char *path, int64_t *size) {
    Chain *chain = self;
    return gone_of(chain->first, path, size) || gone_of(chain->second, path, size);
}

bool reuse_may_run(const dag_reuse *reuse, uint32_t stage) {
    return !reuse || !reuse->may_run || reuse->may_run(reuse->self, stage);
}

static bool chain_may_run(void *self, uint32_t stage) {
    Chain *chain = self;
    return reuse_may_run(chain->first, stage) && reuse_may_run(chain->second, stage);
}

static void chain_free(void *self) {
    Chain *chain = self;
    chain->first->free(chain->first->self);
    chain->second->free(chain->second->self);
    free(chain);
}

dag_reuse *reuse_chain(dag_reuse *first, dag_reuse *second) {
    if (!first || !second) {
        return first ? first : second;
    }
    Chain *chain = malloc(sizeof *chain);
    if (!chain) {
        first->free(first->self);
        second->free(second->self);
        return NULL;
    }
    *chain = (Chain){ .table = { .self = chain,
                                 .ask = chain_ask,
                                 .asks = chain_asks,
                                 .completed = chain_completed,
                                 .attempts = chain_attempts,
                                 .ended = chain_ended,
                                 .child = chain_child,
                                 .gone = chain_gone,
                                 .may_run = chain_may_run,
                                 .free = chain_free },
                      .first = first,
                      .second = second };
    return &chain->table;
}
