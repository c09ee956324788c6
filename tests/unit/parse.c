/*
 * parse.c - the parser: words that are keywords or names, strings, comments that document, and that
 * one mistake gives one error while what was declared stays declared.
 */
#include <CUnit/CUnit.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/front.h"
#include "samples.h"
#include "suites.h"
#include "syntax/front_parse.h"

/* ---------------------------------------------------------------- trees */

/* Does the text parse, with the words in its tree (line ends and indentation aside)? */
static void assert_tree(const char *text, const char *expected) {
    unsigned nerrors;
    char *tree = sample_tree(text, strlen(text), &nerrors);
    char *to = tree;
    for (const char *from = tree; *from; from++) {
        bool gap = *from == '\n' || (*from == ' ' && (to == tree || to[-1] == ' '));
        if (*from == '\n' && to > tree && to[-1] != ' ') {
            *to++ = ' ';
        }
        if (!gap) {
            *to++ = *from;
        }
    }
    *to = '\0';
    if (nerrors > 0 || !strstr(tree, expected)) {
        fprintf(stderr, "%s\n%u errors, expected: %s\ngot: %s\n", text, nerrors, expected, tree);
    }
    CU_ASSERT_EQUAL(nerrors, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(tree, expected));
    free(tree);
}

static void words_are_names_by_their_place(void) {
    assert_tree("pipeline p { stage in { in in: int  out out: int = <in> } }",
                "(stage in {} (in in (type int)) (out out (type int) (= (<> (ref in)))))");
    assert_tree("pipeline p { kind.run -> c.in, type => stage on success }",
                "(edge kind.run (-> c.in type) (=> stage (on success)))");
    assert_tree("type T = enum(in, run, c) type U = { where: int, on: c? }", "(enum in run c)");
    assert_tree("pipeline p { stage a { tags in, run, c  kind when  fan run } }",
                "(tags in run c) (kind when) (fan run)");
    assert_tree("pipeline p { stage a { when x in y in z: int } }",
                "(when (in (ref x) (ref y))) (in z (type int))");
    assert_tree("pipeline p { stage a { when x == y in z: int } }",
                "(when (== (ref x) (ref y))) (in z (type int))");
    assert_tree("pipeline p { stage a { when x not in y  run \"<run.in | in(in)>\" } }",
                "(not-in (ref x) (ref y))");
    assert_tree("pipeline p { stage a = map\n stage b = map q over in stage c = call\n}",
                "(stage a (= map)) (stage b (map q (over in))) (stage c (= call))");
    assert_tree("pipeline p { a -> b where c exists\n exists -> d }", "(edge exists (-> d))");
    assert_tree("pipeline p { a\n -> b where c exists\n -> d }",
                "(edge a (-> b (where (exists (ref c)))) (-> d))");
}

static void angles_are_what_their_place_makes_them(void) {
    assert_tree("pipeline p { input x: list<list<int>>= [] where it<3 and it>=2 }",
                "(and (< (ref it) (int 3)) (>= (ref it) (int 2)))");
    assert_tree("pipeline p { output x: int = <a | as(map<list<int>>)> }",
                "(pipe as () (ref a) (apply map (apply list (type int))))");
    assert_tree("pipeline p { stage a { exec \"<x | as(list<int>)>\", <y> } }",
                "(exec (text \" (pipe as () (ref x)");
}

static void strings_nest_and_lose_their_indentation(void) {
    assert_tree("pipeline p { stage a { run \"a <b | default(\"x<'y'>\")> c\" } }",
                "(args (text \" \"x\" (text ' \"y\")))");
    assert_tree("pipeline p { stage a { run '''\n    one\n      two\n\n    ''' } }",
                "\"one\\n two\\n\\n\"");
    assert_tree("pipeline p { stage a { run \"\"\"\r\n  <x> a\r\n   b\r\n  \"\"\" } }",
                "(ref x) \" a\\n b\\n\"");
    assert_tree("pipeline p { stage a { run \"\\d \\< \\\" \\\\ \\u{41}\" } }",
                "\"\\\\d < \\\" \\\\ A\"");
}

static void numbers_are_read(void) {
    assert_tree("pipeline p { config x: int = [1_000, -5, 1.5, 1e3, 1h30m, 1.5h, 10KB, 4MiB] }",
                "(int 1000) (int -5) (float 1.5) (float 1000.0) (duration 5400000000000) "
                "(duration 5400000000000) (size 10000) (size 4194304)");
}

static void comments_document_what_they_stand_at(void) {
    assert_tree("## one\n## two\n# no\npipeline p {\n  input x: int ## three\n}",
                "(doc \"three\")) (doc \"one\\ntwo\"))");
    assert_tree("pipeline p {\n  stage a { in x: int } ## four\n}",
                "(in x (type int)) (doc \"four\"))");
    assert_tree("## nothing follows\n", "(file)");
}

/* ---------------------------------------------------------------- copies */

static char *printed(const File *file) {
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    ast_print(file, out);
    fclose(out);
    return text;
}

static void check_copy(const char *path, const char *text, size_t n) {
    Front *front = front_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    Source *source = source_from_text(&front->arena, &front->sources, path, text, n);
    File *file = front_parse(front, source);
    File copy = { .source = source, .items = ast_copy_items(&front->arena, file->items) };
    char *one = printed(file), *two = printed(&copy);
    CU_ASSERT_STRING_EQUAL(one, two);
    free(one);
    free(two);
    front_free(front);
}

static void copies_print_alike(void) {
    samples_visit(check_copy);
}

/* ---------------------------------------------------------------- mistakes */

static void assert_broken(const char *text, unsigned errors, const char *declared) {
    unsigned nerrors;
    char *tree = sample_tree(text, strlen(text), &nerrors);
    CU_ASSERT_EQUAL(nerrors, errors);
    CU_ASSERT_PTR_NOT_NULL(strstr(tree, declared));
    if (nerrors != errors || !strstr(tree, declared)) {
        fprintf(stderr, "%s\n%u errors, expected: %s\ngot: %s\n", text, nerrors, declared, tree);
    }
    free(tree);
}

static void what_is_broken_is_declared(void) {
    assert_broken("pipeline p { stage a { out x string = \"a\" } }", 1, "(type string)");
    assert_broken("pipeline p { stage a { out x = \"a\" } }", 1, "(broken-type)");
    assert_broken("pipeline p { stage a { out x: int = @ } }", 1, "(out x");
    assert_broken("pipeline p { stage a = q(x: ) stage b { } }", 1, "(stage b");
    assert_broken("pipeline p { stge a { in x: int } }", 1, "(stage a");
    assert_broken("pipeline p {\n stage a { run \"true\"\n stage b { }\n}", 1, "(stage b");
    assert_broken("pipeline p {\n stage a\n stage b { }\n}", 1, "(stage a");
    assert_broken("pipeline p { a.x -> b.y where it. \n stage c { } }", 1, "(-> b.y");
    assert_broken("pipeline p {\n a ->\n stage c { }\n}", 1, "(edge a");
    assert_broken("pipeline p { stage a { } } }\nstage b { }\n", 1, "(stage b");
    assert_broken("pipeline p {\n stage a { run \"x }\n stage b { }\n}", 1, "(stage b");
    assert_broken("pipeline p { input x: int where it > 1 && it = 3 || !it }", 4, "(input x");
}

typedef struct Tally {
    unsigned texts, cascades; /* with more than one error */
    unsigned worst;
} Tally;

static void try_text(Tally *tally, const char *text, size_t n) {
    unsigned nerrors;
    free(sample_tree(text, n, &nerrors));
    tally->texts++;
    tally->cascades += nerrors > 1;
    tally->worst = nerrors > tally->worst ? nerrors : tally->worst;
}

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* Tries the text without the n bytes at `at`. */
static void without(Tally *tally, const char *text, size_t ntext, size_t at, size_t n, char *copy) {
    memcpy(copy, text, at);
    memcpy(copy + at, text + at + n, ntext - at - n + 1);
    try_text(tally, copy, ntext - n);
}

/* Every character and word taken away, every pair of characters swapped. */
static void try_edits(Tally *tally, const char *text, size_t n, char *copy) {
    for (size_t i = 0; i < n; i++) {
        size_t word = 0;
        while (is_word(text[i + word]) && (i == 0 || !is_word(text[i - 1]))) {
            word++;
        }
        if (!isspace((unsigned char)text[i])) {
            without(tally, text, n, i, 1, copy);
        }
        if (word > 1) {
            without(tally, text, n, i, word, copy);
        }
        if (i + 1 < n && !isspace((unsigned char)text[i]) && !isspace((unsigned char)text[i + 1])) {
            memcpy(copy, text, n + 1);
            copy[i] = text[i + 1];
            copy[i + 1] = text[i];
            try_text(tally, copy, n);
        }
    }
}

static void check_edits(const char *path, const char *text, size_t n) {
    unsigned nerrors;
    char *tree = sample_tree(text, n, &nerrors);
    free(tree);
    if (nerrors > 0 || !strstr(path, "tests/cases/")) {
        return;
    }
    Tally tally = { 0 };
    char *copy = malloc(n + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    try_edits(&tally, text, n, copy);
    free(copy);
    if (tally.cascades * 100 > tally.texts) {
        fprintf(stderr, "%s: %u of %u edits give more than one error, up to %u\n", path,
                tally.cascades, tally.texts, tally.worst);
    }
    CU_ASSERT(tally.cascades * 100 <= tally.texts);
}

static void one_mistake_is_one_error(void) {
    samples_visit(check_edits);
}

void suite_parse(void) {
    CU_pSuite suite = CU_add_suite("parse", NULL, NULL);
    CU_add_test(suite, "words are names by their place", words_are_names_by_their_place);
    CU_add_test(suite, "angles are what their place makes them",
                angles_are_what_their_place_makes_them);
    CU_add_test(suite, "strings nest and lose their indentation",
                strings_nest_and_lose_their_indentation);
    CU_add_test(suite, "numbers are read", numbers_are_read);
    CU_add_test(suite, "comments document what they stand at",
                comments_document_what_they_stand_at);
    CU_add_test(suite, "copies print alike", copies_print_alike);
    CU_add_test(suite, "what is broken is declared", what_is_broken_is_declared);
    CU_add_test(suite, "one mistake is one error", one_mistake_is_one_error);
}
