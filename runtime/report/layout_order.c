/*
 * layout_order.c - the order within layers: each vertex where its neighbours are on the average, layer
 * after layer, down and up in turn; the order with the fewest crossings stays.
 */
#include <stdlib.h>
#include <string.h>

#include "report/layout_parts.h"

enum { SWEEPS = 24, PATIENCE = 6 };

/* ---------------------------------------------------------------- crossings */

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* How many of those counted so far stand right of `place`; counts it too. A Fenwick tree: W. Barth,
 * M. Jünger, P. Mutzel: Simple and efficient bilayer cross counting (2002). */
static uint64_t count_right(uint32_t *tree, uint32_t n, uint32_t place, uint64_t counted) {
    uint64_t upto = 0;
    for (uint32_t i = place + 1; i > 0; i -= i & -i) {
        upto += tree[i];
    }
    for (uint32_t i = place + 1; i <= n; i += i & -i) {
        tree[i]++;
    }
    return counted - upto;
}

/* Between a layer and the one below it. */
static uint64_t crossings_below(const Layers *ls, const Layer *layer, Arena *scratch) {
    uint32_t n = layer[1].n;
    uint32_t *tree = ARENA_ARRAY(scratch, n + 1, uint32_t);
    uint64_t crossings = 0, counted = 0;
    for (uint32_t i = 0; i < layer->n; i++) {
        const Vertex *v = &ls->vertices[layer->vertices[i]];
        uint32_t *places = ARENA_ARRAY(scratch, v->nnear[1], uint32_t);
        for (uint32_t k = 0; k < v->nnear[1]; k++) {
            places[k] = ls->vertices[v->near[1][k]].place;
        }
        qsort(places, v->nnear[1], sizeof *places, by_number);
        for (uint32_t k = 0; k < v->nnear[1]; k++) {
            crossings += count_right(tree, n, places[k], counted++);
        }
    }
    return crossings;
}

uint64_t layers_crossings(const Layers *ls) {
    Arena scratch = { .oom = ls->arena->oom };
    uint64_t total = 0;
    for (uint32_t i = 0; i + 1 < ls->nlayers; i++) {
        total += crossings_below(ls, &ls->layers[i], &scratch);
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return total;
}

/* ---------------------------------------------------------------- barycentres */

typedef struct Rated {
    double centre;
    uint32_t vertex, place;
} Rated;

static int by_centre(const void *a, const void *b) {
    const Rated *x = a, *y = b;
    if (x->centre != y->centre) {
        return x->centre < y->centre ? -1 : 1;
    }
    return (x->place > y->place) - (x->place < y->place);
}

/* Where its neighbours above (0) or below (1) stand on the average; without any, where it is. */
static double centre(const Layers *ls, const Vertex *v, int side) {
    double sum = 0;
    for (uint32_t k = 0; k < v->nnear[side]; k++) {
        sum += ls->vertices[v->near[side][k]].place;
    }
    return v->nnear[side] == 0 ? v->place : sum / v->nnear[side];
}

static void sort_layer(Layers *ls, Layer *layer, int side, Rated *rated) {
    for (uint32_t i = 0; i < layer->n; i++) {
        const Vertex *v = &ls->vertices[layer->vertices[i]];
        rated[i] = (Rated){ centre(ls, v, side), layer->vertices[i], i };
    }
    qsort(rated, layer->n, sizeof *rated, by_centre);
    for (uint32_t i = 0; i < layer->n; i++) {
        layer->vertices[i] = rated[i].vertex;
        ls->vertices[rated[i].vertex].place = i;
    }
}

static void keep(const Layers *ls, uint32_t *best) {
    for (uint32_t i = 0; i < ls->nvertices; i++) {
        best[i] = ls->vertices[i].place;
    }
}

static void restore(Layers *ls, const uint32_t *best) {
    for (uint32_t i = 0; i < ls->nvertices; i++) {
        ls->vertices[i].place = best[i];
        ls->layers[ls->vertices[i].layer].vertices[best[i]] = i;
    }
}

void layers_order(Layers *ls) {
    uint32_t *best = ARENA_ARRAY(ls->arena, ls->nvertices, uint32_t);
    Rated *rated = ARENA_ARRAY(ls->arena, ls->nvertices, Rated);
    uint64_t fewest = layers_crossings(ls);
    keep(ls, best);
    for (int sweep = 0, since = 0; sweep < SWEEPS && since < PATIENCE && fewest > 0; sweep++) {
        int side = sweep % 2;
        for (uint32_t i = 1; i < ls->nlayers; i++) {
            sort_layer(ls, &ls->layers[side == 0 ? i : ls->nlayers - 1 - i], side, rated);
        }
        uint64_t now = layers_crossings(ls);
        since = now < fewest ? 0 : since + 1;
        if (now < fewest) {
            fewest = now;
            keep(ls, best);
        }
    }
    restore(ls, best);
}
