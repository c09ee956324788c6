/*
 * sarif.c - the SARIF form of messages against the structure of its schema (SARIF 2.1.0, OASIS, §3
 * and sarif-schema-2.1.0.json): what an object must have, what it may have, and of which type.
 */
#include <CUnit/CUnit.h>
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/front.h"
#include "check/front_check.h"
#include "suites.h"
#include "syntax/front_parse.h"

/* A property of an object of the schema. type: s text, n number from 1, i number, b bool,
 * o object, a array of at least one object, e array that may be empty. */
typedef struct Property {
    const char *object, *name;
    char type;
    bool required;
    const char *of; /* the object it holds, or the words that a text may be, between | */
} Property;

static const Property properties[] = {
    { "log", "$schema", 's', false, NULL },
    { "log", "version", 's', true, "|2.1.0|" },
    { "log", "runs", 'a', true, "run" },
    { "run", "tool", 'o', true, "tool" },
    { "run", "columnKind", 's', false, "|utf16CodeUnits|unicodeCodePoints|" },
    { "run", "results", 'e', false, "result" },
    { "tool", "driver", 'o', true, "driver" },
    { "driver", "name", 's', true, NULL },
    { "driver", "version", 's', false, NULL },
    { "driver", "informationUri", 's', false, NULL },
    { "driver", "rules", 'e', false, "rule" },
    { "rule", "id", 's', true, NULL },
    { "rule", "name", 's', false, NULL },
    { "rule", "shortDescription", 'o', false, "message" },
    { "rule", "fullDescription", 'o', false, "message" },
    { "rule", "defaultConfiguration", 'o', false, "configuration" },
    { "configuration", "enabled", 'b', false, NULL },
    { "configuration", "level", 's', false, "|none|note|warning|error|" },
    { "message", "text", 's', true, NULL },
    { "result", "ruleId", 's', false, NULL },
    { "result", "ruleIndex", 'i', false, NULL },
    { "result", "level", 's', false, "|none|note|warning|error|" },
    { "result", "message", 'o', true, "message" },
    { "result", "locations", 'e', false, "location" },
    { "result", "relatedLocations", 'e', false, "location" },
    { "result", "fixes", 'e', false, "fix" },
    { "location", "physicalLocation", 'o', false, "physical" },
    { "location", "message", 'o', false, "message" },
    { "physical", "artifactLocation", 'o', true, "artifact" },
    { "physical", "region", 'o', false, "region" },
    { "artifact", "uri", 's', true, NULL },
    { "region", "startLine", 'n', true, NULL },
    { "region", "startColumn", 'n', false, NULL },
    { "region", "endLine", 'n', false, NULL },
    { "region", "endColumn", 'n', false, NULL },
    { "fix", "description", 'o', false, "message" },
    { "fix", "artifactChanges", 'a', true, "change" },
    { "change", "artifactLocation", 'o', true, "artifact" },
    { "change", "replacements", 'a', true, "replacement" },
    { "replacement", "deletedRegion", 'o', true, "region" },
    { "replacement", "insertedContent", 'o', false, "message" },
    { NULL, NULL, 0, false, NULL },
};

static bool object_fits(const cJSON *json, const char *object);

static bool wrong(const char *object, const char *name, const char *what) {
    fprintf(stderr, "sarif: %s.%s: %s\n", object, name, what);
    return false;
}

static bool array_fits(const cJSON *json, const Property *p) {
    if (!cJSON_IsArray(json) || (p->type == 'a' && cJSON_GetArraySize(json) == 0)) {
        return wrong(p->object, p->name, "no array of enough elements");
    }
    for (const cJSON *item = json->child; item; item = item->next) {
        if (!object_fits(item, p->of)) {
            return false;
        }
    }
    return true;
}

static bool is_word(const char *text, const char *words) {
    char between[64];
    snprintf(between, sizeof between, "|%s|", text);
    return !words || strstr(words, between);
}

static bool property_fits(const cJSON *json, const Property *p) {
    switch (p->type) {
    case 's':
        return (cJSON_IsString(json) && is_word(json->valuestring, p->of)) ||
               wrong(p->object, p->name, "no such text");
    case 'n':
        return (cJSON_IsNumber(json) && json->valuedouble >= 1) ||
               wrong(p->object, p->name, "no number from 1");
    case 'i': return cJSON_IsNumber(json) || wrong(p->object, p->name, "no number");
    case 'b': return cJSON_IsBool(json) || wrong(p->object, p->name, "no bool");
    case 'o': return object_fits(json, p->of);
    default: return array_fits(json, p);
    }
}

static const Property *property_find(const char *object, const char *name) {
    for (const Property *p = properties; p->object; p++) {
        if (strcmp(p->object, object) == 0 && strcmp(p->name, name) == 0) {
            return p;
        }
    }
    return NULL;
}

static bool object_fits(const cJSON *json, const char *object) {
    if (!cJSON_IsObject(json)) {
        return wrong(object, "", "no object");
    }
    for (const cJSON *item = json->child; item; item = item->next) {
        const Property *p = property_find(object, item->string);
        if (!p) {
            return wrong(object, item->string, "not in the schema");
        }
        if (!property_fits(item, p)) {
            return false;
        }
    }
    for (const Property *p = properties; p->object; p++) {
        if (p->required && strcmp(p->object, object) == 0 && !cJSON_HasObjectItem(json, p->name)) {
            return wrong(object, p->name, "missing");
        }
    }
    return true;
}

/* What dagcc --diagnostics=sarif prints of a text. */
static cJSON *sarif_of(const char *text, uint32_t *nerrors) {
    Front *front = front_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    Source *source =
        source_from_text(&front->arena, &front->sources, "a dir/x:y.dag", text, strlen(text));
    front_check(front, front_parse(front, source));
    diag_report(front->diags, E0903, SPAN_NONE, "a message without a place: \"\\\x7f\t");
    *nerrors = front->diags->nerrors;
    char *out = NULL;
    size_t n = 0;
    FILE *file = open_memstream(&out, &n);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    diags_print(front->diags, DIAG_SARIF, false, file);
    fclose(file);
    cJSON *json = cJSON_Parse(out);
    free(out);
    front_free(front);
    return json;
}

static void fits(const char *text) {
    uint32_t nerrors;
    cJSON *json = sarif_of(text, &nerrors);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    CU_ASSERT(object_fits(json, "log"));
    const cJSON *run = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "runs"), 0);
    const cJSON *results = cJSON_GetObjectItem(run, "results");
    CU_ASSERT((uint32_t)cJSON_GetArraySize(results) >= nerrors);
    const cJSON *rules =
        cJSON_GetObjectItem(cJSON_GetObjectItem(cJSON_GetObjectItem(run, "tool"), "driver"),
                            "rules");
    for (const cJSON *r = results ? results->child : NULL; r; r = r->next) {
        const cJSON *rule =
            cJSON_GetArrayItem(rules, cJSON_GetObjectItem(r, "ruleIndex")->valueint);
        CU_ASSERT_STRING_EQUAL(cJSON_GetObjectItem(rule, "id")->valuestring,
                               cJSON_GetObjectItem(r, "ruleId")->valuestring);
    }
    cJSON_Delete(json);
}

/* Every example of errors.def: notes, fixes, warnings, bad bytes are among them. */
static void examples_fit_the_schema(void) {
    for (int i = 0; i < NCODES; i++) {
        if (code_row((Code)i)->bad) {
            fits(code_row((Code)i)->bad);
        }
    }
}

static void no_message_fits_the_schema(void) {
    fits("pipeline p {\n  stage a { run \"true\" }\n}\n");
}

void suite_sarif(void) {
    CU_pSuite suite = CU_add_suite("sarif", NULL, NULL);
    CU_add_test(suite, "examples of errors.def fit the schema", examples_fit_the_schema);
    CU_add_test(suite, "no message of a file fits the schema", no_message_fits_the_schema);
}
