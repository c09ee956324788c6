/*
 * store_cache_child.c - the cache for runs of called pipelines: one for each program, opened when it
 * is first called; a child's tasks go by the names that they have below the run: "all.-.3/-".
 */
#include <stdlib.h>
#include <string.h>

#include "store/store_sqlite_cache.h"

/* The cache of a called program. */
struct CacheSub {
    const dag_program *program;
    dag_reuse *cache; /* NULL: none of its stages is cacheable, or it could not be opened */
    struct CacheSub *next;
};

/* What one child holds. */
typedef struct ChildCache {
    dag_reuse table;
    dag_reuse *cache; /* of its program */
    CacheFamily *family;
    char *name; /* of the child, below the root */
} ChildCache;

static ReuseQuestion named(const ChildCache *child, const ReuseQuestion *question) {
    ReuseQuestion q = *question;
    q.key = arena_printf(question->arena, "%s/%s", child->name, question->key);
    return q;
}

static ReuseAnswer child_ask(void *self, const ReuseQuestion *question, dag_value *outputs,
                             const char **reason) {
    const ChildCache *child = self;
    ReuseQuestion q = named(child, question);
    return child->cache->ask(child->cache->self, &q, outputs, reason);
}

static void child_completed(void *self, const ReuseQuestion *question, const dag_value *outputs) {
    const ChildCache *child = self;
    ReuseQuestion q = named(child, question);
    child->cache->completed(child->cache->self, &q, outputs);
}

static dag_reuse *child_child(void *self, const char *run, const dag_program *program) {
    const ChildCache *child = self;
    return cache_family_child(child->family, run, program);
}

static bool child_gone(void *self, const char *path, int64_t *size) {
    const ChildCache *child = self;
    return child->cache->gone(child->cache->self, path, size);
}

static void child_free(void *self) {
    ChildCache *child = self;
    free(child->name);
    free(child);
}

/* Without memory for its name. */
static ReuseAnswer knows_nothing(void *self, const ReuseQuestion *question, dag_value *outputs,
                                 const char **reason) {
    (void)self, (void)question, (void)outputs;
    *reason = NULL;
    return REUSE_RUN;
}

dag_reuse *cache_of_child(dag_reuse *reuse, ReuseQuestion *question) {
    const ChildCache *child = reuse->self;
    if (reuse->ask != child_ask) {
        return reuse;
    }
    if (question) {
        *question = named(child, question);
    }
    return child->cache;
}

bool cache_any_cacheable(const dag_program *program) {
    for (uint32_t i = 0; i < program->nstages; i++) {
        if ((program->stages[i].flags & DAG_STAGE_CACHEABLE) != 0) {
            return true;
        }
    }
    for (uint32_t i = 0; i < program->nsubs; i++) {
        if (cache_any_cacheable(program->subs[i])) {
            return true;
        }
    }
    return false;
}

/* A cache that cannot be opened only costs executions: the store itself is there. */
static dag_reuse *sub_cache(CacheFamily *family, const dag_program *program) {
    struct CacheSub *sub = family->subs;
    while (sub && sub->program != program) {
        sub = sub->next;
    }
    if (sub) {
        return sub->cache;
    }
    sub = calloc(1, sizeof *sub);
    if (!sub) {
        return NULL;
    }
    char reason[512];
    dag_error error;
    CacheConfig config = family->config;
    config.program = program;
    sub->program = program;
    sub->cache = cache_any_cacheable(program)
                     ? store_cache_open(&config, reason, sizeof reason, &error)
                     : NULL;
    sub->next = family->subs;
    family->subs = sub;
    return sub->cache;
}

/* "all.-.3~2/each.-" without the numbers of attempts: the last result of a task is that of any. NULL:
 * no memory. */
static char *name_of(const char *run) {
    char *name = strdup(run), *to = name;
    for (const char *from = name; from && *from; from += *from == '~' ? strcspn(from, "/") : 0) {
        while (*from && *from != '~') {
            *to++ = *from++;
        }
    }
    if (name) {
        *to = '\0';
    }
    return name;
}

dag_reuse *cache_family_child(CacheFamily *family, const char *run, const dag_program *program) {
    dag_reuse *cache = sub_cache(family, program);
    ChildCache *child = cache ? calloc(1, sizeof *child) : NULL;
    const char *slash = strchr(run, '/');
    if (!child) {
        return NULL;
    }
    child->cache = cache;
    child->family = family;
    child->name = name_of(slash ? slash + 1 : run);
    child->table = (dag_reuse){ .self = child,
                                .ask = child->name ? child_ask : knows_nothing,
                                .completed = child->name ? child_completed : NULL,
                                .child = child_child,
                                .gone = child_gone,
                                .free = child_free };
    return &child->table;
}

void cache_family_free(CacheFamily *family) {
    while (family->subs) {
        struct CacheSub *sub = family->subs;
        family->subs = sub->next;
        if (sub->cache) {
            sub->cache->free(sub->cache->self);
        }
        free(sub);
    }
}
