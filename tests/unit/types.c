/*
 * types.c - semantic types: interning, texts, what may stand where (LANGUAGE §3).
 */
#include "model/types.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "suites.h"

typedef struct World {
    Arena arena;
    Interner *names;
    Types *types;
} World;

static void open_world(World *w) {
    memset(w, 0, sizeof *w);
    w->names = interner_new(&w->arena);
    w->types = types_new(&w->arena, w->names);
}

static const char *word(World *w, const char *text) {
    return intern(w->names, text, strlen(text));
}

static const Type *basic(World *w, int kind) {
    return type_basic(w->types, kind);
}

static const Type *list(World *w, const Type *elem) {
    return type_of_elem(w->types, DAG_LIST, elem);
}

static const Type *optional(World *w, const Type *elem) {
    return type_of_elem(w->types, DAG_OPTIONAL, elem);
}

/* A record of up to two fields. */
static const Type *record(World *w, const char *a, const Type *ta, const char *b, const Type *tb) {
    Field fields[2] = { { word(w, a), ta }, { b ? word(w, b) : NULL, tb } };
    return type_record(w->types, fields, b ? 2 : 1);
}

static const Type *cases(World *w, const char *a, const char *b, const char *c) {
    Field fields[3] = { { word(w, a), NULL }, { word(w, b), NULL }, { NULL, NULL } };
    if (c) {
        fields[2].name = word(w, c);
    }
    return type_enum(w->types, fields, c ? 3 : 2);
}

/* May it stand there, and without a conversion? */
static bool fits(const Type *from, const Type *to) {
    bool fit = false;
    return type_assignable(from, to, &fit) && !fit;
}

static bool converts(const Type *from, const Type *to) {
    bool fit = false;
    return type_assignable(from, to, &fit) && fit;
}

static bool refused(const Type *from, const Type *to) {
    bool fit = false;
    return !type_assignable(from, to, &fit);
}

static void equal_types_are_one(void) {
    World w;
    open_world(&w);
    const Type *number = basic(&w, DAG_INT);
    CU_ASSERT_PTR_EQUAL(list(&w, number), list(&w, number));
    CU_ASSERT_PTR_EQUAL(optional(&w, optional(&w, number)), optional(&w, number));
    CU_ASSERT_PTR_EQUAL(record(&w, "a", number, "b", number), record(&w, "a", number, "b", number));
    CU_ASSERT_PTR_NOT_EQUAL(record(&w, "a", number, NULL, NULL),
                            record(&w, "b", number, NULL, NULL));
    CU_ASSERT_PTR_EQUAL(cases(&w, "x", "y", NULL), cases(&w, "x", "y", NULL));
    const Type *named = type_named(w.types, cases(&w, "x", "y", NULL), word(&w, "Mode"));
    CU_ASSERT_PTR_EQUAL(named, type_named(w.types, cases(&w, "x", "y", NULL), word(&w, "Mode")));
    CU_ASSERT_PTR_EQUAL(type_named(w.types, number, word(&w, "Count")), number);
    CU_ASSERT(fits(named, cases(&w, "x", "y", NULL)));
    CU_ASSERT(fits(cases(&w, "x", "y", NULL), named));
    arena_free(&w.arena);
}

static void types_have_texts(void) {
    World w;
    open_world(&w);
    const Type *number = basic(&w, DAG_INT);
    CU_ASSERT_STRING_EQUAL(type_text(w.types, list(&w, optional(&w, number))), "list<int?>");
    CU_ASSERT_STRING_EQUAL(type_text(w.types, record(&w, "a", number, "b", basic(&w, DAG_JSON))),
                           "{ a: int, b: json }");
    CU_ASSERT_STRING_EQUAL(type_text(w.types, cases(&w, "low", "high", NULL)), "enum(low, high)");
    CU_ASSERT_STRING_EQUAL(type_text(w.types, type_var(w.types, word(&w, "T"))), "T");
    arena_free(&w.arena);
}

static void what_may_stand_where(void) {
    World w;
    open_world(&w);
    const Type *number = basic(&w, DAG_INT), *real = basic(&w, DAG_FLOAT);
    const Type *text = basic(&w, DAG_STRING), *json = basic(&w, DAG_JSON);
    const Type *file = basic(&w, DAG_FILE), *null = basic(&w, DAG_NULL);
    CU_ASSERT(fits(number, optional(&w, number)));
    CU_ASSERT(fits(null, optional(&w, number)));
    CU_ASSERT(refused(optional(&w, number), number));
    CU_ASSERT(refused(null, number));
    CU_ASSERT(converts(number, real));
    CU_ASSERT(refused(real, number));
    CU_ASSERT(converts(list(&w, number), optional(&w, list(&w, optional(&w, real)))));
    CU_ASSERT(fits(cases(&w, "a", "b", NULL), cases(&w, "c", "b", "a")));
    CU_ASSERT(refused(cases(&w, "a", "b", "c"), cases(&w, "a", "b", NULL)));
    CU_ASSERT(fits(cases(&w, "a", "b", NULL), text));
    CU_ASSERT(refused(text, cases(&w, "a", "b", NULL)));
    CU_ASSERT(refused(file, text));
    CU_ASSERT(refused(text, file));
    CU_ASSERT(refused(json, text));
    CU_ASSERT(fits(list(&w, text), json));
    CU_ASSERT(fits(optional(&w, text), json));
    CU_ASSERT(converts(list(&w, file), json));
    CU_ASSERT(refused(basic(&w, DAG_SECRET), json));
    CU_ASSERT(refused(basic(&w, DAG_SECRET), text));
    CU_ASSERT(fits(basic(&w, KIND_ANY), number));
    CU_ASSERT(fits(list(&w, number), basic(&w, KIND_ANY)));
    arena_free(&w.arena);
}

static void records_by_name(void) {
    World w;
    open_world(&w);
    const Type *number = basic(&w, DAG_INT), *text = basic(&w, DAG_STRING);
    const Type *both = record(&w, "a", number, "b", text);
    CU_ASSERT(converts(both, record(&w, "b", text, NULL, NULL)));
    CU_ASSERT(converts(both, record(&w, "b", text, "a", number)));
    CU_ASSERT(converts(both, record(&w, "a", basic(&w, DAG_FLOAT), "b", text)));
    CU_ASSERT(refused(record(&w, "a", number, NULL, NULL), both));
    CU_ASSERT(refused(both, record(&w, "a", text, "b", text)));
    CU_ASSERT_STRING_EQUAL(type_why_not(w.types, both, record(&w, "a", text, "b", text)),
                           "field `a` is int, not string");
    CU_ASSERT_STRING_EQUAL(type_why_not(w.types, list(&w, record(&w, "a", number, NULL, NULL)),
                                        list(&w, both)),
                           "{ a: int } has no field `b`");
    CU_ASSERT_PTR_NULL(type_why_not(w.types, number, text));
    arena_free(&w.arena);
}

static void types_join(void) {
    World w;
    open_world(&w);
    const Type *number = basic(&w, DAG_INT), *real = basic(&w, DAG_FLOAT);
    const Type *null = basic(&w, DAG_NULL), *text = basic(&w, DAG_STRING);
    CU_ASSERT_PTR_EQUAL(type_join(w.types, number, real), real);
    CU_ASSERT_PTR_EQUAL(type_join(w.types, number, null), optional(&w, number));
    CU_ASSERT_PTR_EQUAL(type_join(w.types, optional(&w, number), real), optional(&w, real));
    CU_ASSERT_PTR_EQUAL(type_join(w.types, list(&w, number), list(&w, null)),
                        list(&w, optional(&w, number)));
    CU_ASSERT_PTR_EQUAL(type_join(w.types, cases(&w, "a", "b", NULL), cases(&w, "b", "c", NULL)),
                        text);
    CU_ASSERT_PTR_NULL(type_join(w.types, number, text));
    arena_free(&w.arena);
}

static const Type *bind_int(void *self, const Type *var) {
    (void)var;
    return basic(self, DAG_INT);
}

static void parameters_are_replaced(void) {
    World w;
    open_world(&w);
    const Type *var = type_var(w.types, word(&w, "T"));
    const Type *generic = record(&w, "xs", list(&w, var), "x", optional(&w, var));
    const Type *number = basic(&w, DAG_INT);
    CU_ASSERT(type_mentions(generic, KIND_VAR));
    CU_ASSERT_PTR_EQUAL(type_replace(w.types, generic, bind_int, &w),
                        record(&w, "xs", list(&w, number), "x", optional(&w, number)));
    arena_free(&w.arena);
}

/* Each level holds the one below twice: what is written in a line would be a record of gigabytes. */
static void large_types_are_bounded(void) {
    World w;
    open_world(&w);
    const Type *type = basic(&w, DAG_INT);
    for (int i = 0; i < 40; i++) {
        type = record(&w, "a", type, "b", type);
    }
    CU_ASSERT_EQUAL(type->weight, TYPE_MAX_WEIGHT);
    arena_free(&w.arena);
}

void suite_types(void) {
    CU_pSuite suite = CU_add_suite("types", NULL, NULL);
    CU_add_test(suite, "equal types are one", equal_types_are_one);
    CU_add_test(suite, "types have texts", types_have_texts);
    CU_add_test(suite, "what may stand where", what_may_stand_where);
    CU_add_test(suite, "records by name", records_by_name);
    CU_add_test(suite, "types join", types_join);
    CU_add_test(suite, "parameters are replaced", parameters_are_replaced);
    CU_add_test(suite, "large types are bounded", large_types_are_bounded);
}
