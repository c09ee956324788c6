/*
 * pipes_list.c - first last nth join flatten compact sort unique reverse length.
 */
#include "pure/compare.h"
#include "pure/hash.h"
#include "pure/pipe_call.h"

#include <string.h>

static bool is_list(PipeCall *call) {
    return call->args[0].kind == DAG_LIST || pipe_wrong(call, 0, "a list");
}

static dag_value *items_room(PipeCall *call, size_t n) {
    return arena_raw(call->env->arena, n * sizeof(dag_value));
}

/* ---------------------------------------------------------------- elements */

static bool element(PipeCall *call, int64_t i, dag_value *result) {
    if (!is_list(call)) {
        return false;
    }
    dag_value list = call->args[0];
    *result = i >= 0 && i < list.len ? list.u.items[i] : value_null();
    return true;
}

bool pipe_first(PipeCall *call, dag_value *result) {
    return element(call, 0, result);
}

bool pipe_last(PipeCall *call, dag_value *result) {
    return element(call, (int64_t)call->args[0].len - 1, result);
}

bool pipe_nth(PipeCall *call, dag_value *result) {
    if (call->nargs == 1) {
        return element(call, 0, result);
    }
    return pipe_whole(call, 1) && element(call, call->args[1].u.i, result);
}

bool pipe_length(PipeCall *call, dag_value *result) {
    dag_value v = call->args[0];
    if (v.kind != DAG_LIST && !pipe_text(call, 0)) {
        return false;
    }
    size_t n = v.kind == DAG_LIST ? v.len : text_length(v.u.text, v.len);
    *result = value_int(DAG_INT, (int64_t)n);
    return true;
}

/* ---------------------------------------------------------------- join */

/* The text forms of the elements that are not null; false: one has none. */
static bool texts_of(PipeCall *call, dag_value *texts, size_t *n, size_t *bytes) {
    dag_value list = call->args[0];
    for (uint32_t i = 0; i < list.len; i++) {
        dag_value item = list.u.items[i];
        if (item.kind == DAG_NULL) {
            continue;
        }
        texts[*n] = value_to_text(call->env->arena, item);
        if (texts[*n].kind == DAG_NULL) {
            return pipe_fail(call, "%s has no text form", value_show(call->env->arena, item));
        }
        *bytes += texts[*n].len;
        ++*n;
    }
    return true;
}

bool pipe_join(PipeCall *call, dag_value *result) {
    dag_value sep = call->nargs > 1 ? call->args[1] : value_text(DAG_STRING, ", ", 2);
    if (!is_list(call) || (call->nargs > 1 && !pipe_text(call, 1))) {
        return false;
    }
    dag_value *texts = items_room(call, call->args[0].len);
    size_t n = 0, bytes = 0;
    if (!texts_of(call, texts, &n, &bytes)) {
        return false;
    }
    bytes += n > 1 ? (n - 1) * sep.len : 0;
    char *out = pipe_room(call, bytes);
    if (!out) {
        return false;
    }
    *result = value_text(DAG_STRING, out, bytes);
    for (size_t i = 0; i < n; i++) {
        out = mempcpy(out, texts[i].u.text, texts[i].len);
        out = i + 1 < n ? mempcpy(out, sep.u.text, sep.len) : out;
    }
    return true;
}

/* ---------------------------------------------------------------- lists from lists */

bool pipe_flatten(PipeCall *call, dag_value *result) {
    if (!is_list(call)) {
        return false;
    }
    dag_value list = call->args[0];
    size_t n = 0;
    for (uint32_t i = 0; i < list.len; i++) {
        n += list.u.items[i].kind == DAG_LIST ? list.u.items[i].len : 1;
    }
    dag_value *items = items_room(call, n), *out = items;
    for (uint32_t i = 0; i < list.len; i++) {
        dag_value item = list.u.items[i];
        bool list_item = item.kind == DAG_LIST;
        for (uint32_t j = 0; j < (list_item ? item.len : 1); j++) {
            *out++ = list_item ? item.u.items[j] : item;
        }
    }
    *result = value_list(items, n);
    return true;
}

bool pipe_compact(PipeCall *call, dag_value *result) {
    if (!is_list(call)) {
        return false;
    }
    dag_value list = call->args[0], *items = items_room(call, list.len);
    size_t n = 0;
    for (uint32_t i = 0; i < list.len; i++) {
        if (list.u.items[i].kind != DAG_NULL) {
            items[n++] = list.u.items[i];
        }
    }
    *result = value_list(items, n);
    return true;
}

static bool reverse_text(PipeCall *call, dag_value *result) {
    dag_value v = call->args[0];
    char *out = pipe_room(call, v.len);
    if (!out) {
        return false;
    }
    char *to = out + v.len;
    for (const char *p = v.u.text, *end = p + v.len; p < end;) {
        const char *start = p;
        text_decode(&p);
        to -= p - start;
        memcpy(to, start, (size_t)(p - start));
    }
    *result = value_text(DAG_STRING, out, v.len);
    return true;
}

bool pipe_reverse(PipeCall *call, dag_value *result) {
    dag_value v = call->args[0];
    if (v.kind != DAG_LIST) {
        return pipe_text(call, 0) && reverse_text(call, result);
    }
    dag_value *items = items_room(call, v.len);
    for (uint32_t i = 0; i < v.len; i++) {
        items[i] = v.u.items[v.len - 1 - i];
    }
    *result = value_list(items, v.len);
    return true;
}

/* ---------------------------------------------------------------- sort, unique */

/* Merges the sorted runs from[start .. middle .. end) into `to`, the first one's element first
 * where both are equal. */
static void merge(const dag_value *from, dag_value *to, size_t start, size_t middle, size_t end) {
    size_t a = start, b = middle;
    for (size_t i = start; i < end; i++) {
        bool second = a == middle || (b < end && value_order(from[b], from[a]) < 0);
        to[i] = second ? from[b++] : from[a++];
    }
}

/* Stable merge sort, bottom up (Knuth, TAOCP 5.2.4); returns whichever array holds the result. */
static dag_value *merge_sort(dag_value *items, dag_value *spare, size_t n) {
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t start = 0; start < n; start += 2 * width) {
            size_t middle = start + width < n ? start + width : n;
            size_t end = start + 2 * width < n ? start + 2 * width : n;
            merge(items, spare, start, middle, end);
        }
        dag_value *sorted = spare;
        spare = items;
        items = sorted;
    }
    return items;
}

static bool sortable(PipeCall *call) {
    dag_value list = call->args[0];
    const dag_value *first = NULL;
    for (uint32_t i = 0; i < list.len; i++) {
        const dag_value *item = &list.u.items[i];
        if (item->kind == DAG_NULL) {
            continue;
        }
        first = first ? first : item;
        if (!compare_ordered(*first, *item)) {
            Arena *arena = call->env->arena;
            return pipe_fail(call, "%s and %s have no order", value_show(arena, *first),
                             value_show(arena, *item));
        }
    }
    return true;
}

bool pipe_sort(PipeCall *call, dag_value *result) {
    if (!is_list(call) || !sortable(call)) {
        return false;
    }
    dag_value list = call->args[0];
    dag_value *items = items_room(call, list.len), *spare = items_room(call, list.len);
    for (uint32_t i = 0; i < list.len; i++) {
        items[i] = list.u.items[i];
    }
    *result = value_list(merge_sort(items, spare, list.len), list.len);
    return true;
}

/* Puts item i into the table of indices + 1 (0: free), unless an equal one is there. */
static bool insert(uint32_t *table, size_t mask, const dag_value *items, uint32_t i) {
    size_t slot = value_hash(items[i]) & mask;
    for (; table[slot] != 0; slot = (slot + 1) & mask) {
        if (value_equal(items[table[slot] - 1], items[i])) {
            return false;
        }
    }
    table[slot] = i + 1;
    return true;
}

bool pipe_unique(PipeCall *call, dag_value *result) {
    if (!is_list(call)) {
        return false;
    }
    dag_value list = call->args[0], *items = items_room(call, list.len);
    size_t size = 4, n = 0;
    while (size < (size_t)list.len * 2) {
        size *= 2;
    }
    uint32_t *table = ARENA_ARRAY(call->env->arena, size, uint32_t);
    for (uint32_t i = 0; i < list.len; i++) {
        if (insert(table, size - 1, list.u.items, i)) {
            items[n++] = list.u.items[i];
        }
    }
    *result = value_list(items, n);
    return true;
}
