/*
 * provenance_check.c - do documents follow their standards? Reads one from stdin:
 *   prov         PROV-JSON (W3C member submission 2013, section 2 and 3): known parts, names with
 *                declared prefixes, attribute values, required ends of relations, which must exist
 *   openlineage  JSON lines of run events (spec 2-0-2): required members, words, forms, base facets;
 *                each run starts once and ends once
 * Says what is wrong; status 0: nothing.
 */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wrong;

static void bad(const char *what, const char *where) {
    printf("%s: %s\n", where ? where : "?", what);
    wrong = 1;
}

static const char *text(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

/* A URI of RFC 3986's characters: a scheme, and no bare percent sign. */
static int is_uri(const char *s) {
    size_t n = s ? strcspn(s, ":") : 0;
    if (n == 0 || s[n] != ':' || s[n + 1] == '\0')
        return 0;
    for (; *s; s++) {
        if (*s == '%' && !(isxdigit((unsigned char)s[1]) && isxdigit((unsigned char)s[2])))
            return 0;
        if (!isalnum((unsigned char)*s) && !strchr("%-._~:/?#@!$&'()*+,;=", *s))
            return 0;
    }
    return 1;
}

/* `form`: 0 stands for a digit, x for a hexadecimal one, the rest for itself. */
static int has_form(const char *s, const char *form) {
    for (; s && *form; s++, form++) {
        int good = *form == '0'   ? isdigit((unsigned char)*s)
                   : *form == 'x' ? isxdigit((unsigned char)*s)
                                  : *s == *form;
        if (!good)
            return 0;
    }
    return s != NULL;
}

static int is_time(const char *s) {
    return has_form(s, "0000-00-00T00:00:00") && s[strlen(s) - 1] == 'Z';
}

/* ---------------------------------------------------------------- PROV-JSON */

static const struct {
    const char *name;
    const char *ends[3], *of[3]; /* a required end and the part that it stands in */
} relations[] = {
    { "wasGeneratedBy", { "prov:entity", "prov:activity" }, { "entity", "activity" } },
    { "used", { "prov:activity", "prov:entity" }, { "activity", "entity" } },
    { "wasDerivedFrom", { "prov:generatedEntity", "prov:usedEntity" }, { "entity", "entity" } },
    { "wasAssociatedWith",
      { "prov:activity", "prov:agent", "prov:plan" },
      { "activity", "agent", "entity" } },
};
enum { NRELATIONS = sizeof relations / sizeof *relations };

static void check_attribute(const cJSON *value) {
    int literal = cJSON_IsString(value) || cJSON_IsNumber(value) || cJSON_IsBool(value);
    int typed = cJSON_IsObject(value) && text(value, "$") && is_uri(text(value, "type"));
    if (!literal && !typed)
        bad("no attribute value", value->string);
    if (strcmp(value->string, "prov:startTime") == 0 ||
        strcmp(value->string, "prov:endTime") == 0) {
        if (!is_time(value->valuestring))
            bad("no time", value->string);
    }
}

static void check_name(const cJSON *document, const char *name) {
    char prefix[64] = "";
    size_t n = strcspn(name, ":");
    if (n < sizeof prefix)
        memcpy(prefix, name, n);
    if (!is_uri(name) || !text(cJSON_GetObjectItemCaseSensitive(document, "prefix"), prefix))
        bad("no name with a declared prefix", name);
}

static void check_elements(const cJSON *document, const char *part) {
    const cJSON *each, *attribute;
    cJSON_ArrayForEach(each, cJSON_GetObjectItemCaseSensitive(document, part)) {
        check_name(document, each->string);
        if (!cJSON_IsObject(each))
            bad("no object", each->string);
        cJSON_ArrayForEach(attribute, each) check_attribute(attribute);
    }
}

static void check_relation(const cJSON *document, int r) {
    const cJSON *each, *all = cJSON_GetObjectItemCaseSensitive(document, relations[r].name);
    if (!cJSON_IsObject(all) || !all->child)
        bad("there are none", relations[r].name);
    cJSON_ArrayForEach(each, all) {
        for (int i = 0; i < 3 && relations[r].ends[i]; i++) {
            const char *end = text(each, relations[r].ends[i]);
            const cJSON *of = cJSON_GetObjectItemCaseSensitive(document, relations[r].of[i]);
            if (!end || !cJSON_GetObjectItemCaseSensitive(of, end))
                bad("an end is missing", each->string);
        }
    }
}

static void check_prov(const cJSON *document) {
    static const char *const elements[] = { "entity", "activity", "agent" };
    const cJSON *part;
    cJSON_ArrayForEach(part, document) {
        int known = strcmp(part->string, "prefix") == 0;
        for (int i = 0; i < 3; i++)
            known |= strcmp(part->string, elements[i]) == 0;
        for (int i = 0; i < NRELATIONS; i++)
            known |= strcmp(part->string, relations[i].name) == 0;
        if (!known)
            bad("unknown part", part->string);
    }
    cJSON_ArrayForEach(part, cJSON_GetObjectItemCaseSensitive(document, "prefix")) {
        if (!is_uri(part->valuestring))
            bad("no URI", part->string);
    }
    for (int i = 0; i < 3; i++)
        check_elements(document, elements[i]);
    for (int i = 0; i < NRELATIONS; i++)
        check_relation(document, i);
}

/* ---------------------------------------------------------------- OpenLineage */

static void check_facets(const cJSON *object) {
    const cJSON *facet;
    cJSON_ArrayForEach(facet, cJSON_GetObjectItemCaseSensitive(object, "facets")) {
        if (!is_uri(text(facet, "_producer")) || !is_uri(text(facet, "_schemaURL")))
            bad("no base facet", facet->string);
    }
}

static void check_sets(const cJSON *event, const char *name) {
    const cJSON *each, *sets = cJSON_GetObjectItemCaseSensitive(event, name);
    if (!cJSON_IsArray(sets))
        bad("no list", name);
    cJSON_ArrayForEach(each, sets) {
        if (!text(each, "namespace") || !text(each, "name"))
            bad("a data set without a name", name);
    }
}

static void check_event(const cJSON *event) {
    static const char words[] = " START RUNNING COMPLETE ABORT FAIL OTHER ";
    const cJSON *run = cJSON_GetObjectItemCaseSensitive(event, "run");
    const cJSON *job = cJSON_GetObjectItemCaseSensitive(event, "job");
    const char *type = text(event, "eventType");
    char word[32];
    snprintf(word, sizeof word, " %s ", type ? type : "?");
    if (!strstr(words, word))
        bad("unknown", word);
    if (!is_time(text(event, "eventTime")))
        bad("no time", "eventTime");
    if (!has_form(text(run, "runId"), "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"))
        bad("no UUID", "runId");
    if (!is_uri(text(event, "producer")) || !is_uri(text(event, "schemaURL")))
        bad("no URI", "producer");
    if (!text(job, "namespace") || !text(job, "name"))
        bad("no name", "job");
    check_facets(run);
    check_facets(job);
    check_sets(event, "inputs");
    check_sets(event, "outputs");
}

static void check_openlineage(char *lines) {
    char started[64] = "";
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
        cJSON *event = cJSON_Parse(line);
        const char *type = text(event, "eventType");
        const char *id = text(cJSON_GetObjectItemCaseSensitive(event, "run"), "runId");
        check_event(event);
        int starts = type && strcmp(type, "START") == 0;
        if (!id || starts == (started[0] != '\0') || (!starts && strcmp(id, started) != 0))
            bad("does not start once and end once", id);
        snprintf(started, sizeof started, "%s", starts && id ? id : "");
        cJSON_Delete(event);
    }
    if (started[0])
        bad("does not end", started);
}

int main(int argc, char **argv) {
    static char all[1 << 22];
    size_t n = fread(all, 1, sizeof all - 1, stdin);
    if (argc != 2 || n == 0)
        return 2;
    if (strcmp(argv[1], "prov") == 0) {
        cJSON *document = cJSON_Parse(all);
        if (!document)
            bad("no JSON", "document");
        check_prov(document);
        cJSON_Delete(document);
    } else {
        check_openlineage(all);
    }
    return wrong;
}
