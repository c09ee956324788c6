/* Finds and reads the samples, from the repository's root, where the tests run. */
#include "samples.h"

#include <CUnit/CUnit.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/front.h"
#include "syntax/front_parse.h"

enum { MAX_SAMPLE = 1 << 20 };

static void visit_file(const char *path, void (*visit)(const char *, const char *, size_t)) {
    FILE *file = fopen(path, "rb");
    char *text = malloc(MAX_SAMPLE + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    size_t n = fread(text, 1, MAX_SAMPLE, file);
    text[n] = '\0';
    fclose(file);
    visit(path, text, n);
    free(text);
}

void samples_visit(void (*visit)(const char *path, const char *text, size_t n)) {
    glob_t found;
    int status = glob("tests/cases/*.dag", 0, NULL, &found);
    status |= glob("tests/golden/*.dag", GLOB_APPEND, NULL, &found);
    CU_ASSERT_EQUAL(status, 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        visit_file(found.gl_pathv[i], visit);
    }
    globfree(&found);
}

char *sample_tree(const char *text, size_t n, unsigned *nerrors) {
    char *tree = NULL;
    size_t ntree;
    Front *front = front_new();
    FILE *out = open_memstream(&tree, &ntree);
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    Source *source = source_from_text(&front->arena, &front->sources, "sample.dag", text, n);
    File *file = front_parse(front, source);
    *nerrors = front->diags->nerrors;
    CU_ASSERT_EQUAL(file->broken, *nerrors > 0);
    ast_print(file, out);
    fclose(out);
    front_free(front);
    return tree;
}
