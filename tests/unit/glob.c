/*
 * glob.c - patterns of files: what one component matches, and what stands in folders.
 */
#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/folder.h"
#include "core/glob.h"
#include "literal.h"
#include "suites.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void matches_components(void) {
    static const struct {
        const char *pattern, *name;
        bool matches;
    } rows[] = {
        { "*", "a", true },
        { "*", ".a", false },
        { ".*", ".a", true },
        { "?", "é", true },
        { "?", "ab", false },
        { "*.csv", "a.csv", true },
        { "*.csv", ".csv", false },
        { "*.csv", "a.csv.x", false },
        { "a*b*c", "aXbYbZc", true },
        { "a*b*c", "aXbYbZ", false },
        { "[a-c]x", "bx", true },
        { "[a-c]x", "dx", false },
        { "[!a-c]x", "dx", true },
        { "[^a-c]x", "ax", false },
        { "[]x]", "]", true },
        { "[é-ü]", "ö", true },
        { "[a", "[a", true },
        { "\\*", "*", true },
        { "\\*", "a", false },
        { "[\\]]", "]", true },
        { "a\\", "a\\", true },
        { "**", "ab", true },
        { "", "", true },
        { "*", "", true },
        { "?*", "a", true },
        { "*?", "", false },
        { "[a-]", "-", true },
        { "?", ".", false },
        { "[.]a", ".a", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *p = rows[i].pattern;
        if (glob_match(p, strlen(p), rows[i].name) != rows[i].matches) {
            printf("\n  pattern %s, name %s\n", p, rows[i].name);
            CU_FAIL("glob_match");
        }
    }
    CU_PASS("all rows");
}

/* ---------------------------------------------------------------- in folders */

static char root[64];

static const char *at(const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

static void make_file(const char *name) {
    int fd = open(at(name), O_CREAT | O_WRONLY, 0666);
    CU_ASSERT(fd >= 0);
    close(fd);
}

static void make_tree(void) {
    strcpy(root, "/tmp/dag-unit-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(root));
    static const char *const folders[] = { "a", "a/b", "a.d", ".hid", "z" };
    static const char *const files[] = { "x.csv",   "Y.csv",        "é.csv",     ".dot.csv",
                                         "a/1.csv", "a/b/2.csv",    "a.d/3.csv", ".hid/4.csv",
                                         "a/n.txt", "a/b/.dot.csv", "z/[s].csv" };
    for (size_t i = 0; i < COUNT(folders); i++) {
        CU_ASSERT_EQUAL(mkdir(at(folders[i]), 0777), 0);
    }
    for (size_t i = 0; i < COUNT(files); i++) {
        make_file(files[i]);
    }
    CU_ASSERT_EQUAL(symlink("x.csv", at("link.csv")), 0);
    CU_ASSERT_EQUAL(symlink("nowhere", at("broken.csv")), 0);
    CU_ASSERT_EQUAL(symlink("..", at("a/b/up")), 0); /* to a: a loop */
}

static const char *expand(Arena *arena, const char *pattern, bool folders) {
    GlobResult result;
    dag_error error;
    if (!glob_expand(arena, root, pattern, folders, &result, &error)) {
        return arena_printf(arena, "%s: %s", error.type, error.message);
    }
    const char *text = "";
    for (size_t i = 0; i < result.n; i++) {
        text = arena_printf(arena, "%s%s%s", text, i ? " " : "", result.paths[i]);
    }
    return text;
}

static void expands_patterns(void) {
    static const struct {
        const char *pattern;
        bool folders;
        const char *expected;
    } rows[] = {
        { "*.csv", false, "Y.csv link.csv x.csv é.csv" },
        { "./*.csv", false, "Y.csv link.csv x.csv é.csv" },
        { "*/*.csv", false, "a.d/3.csv a/1.csv z/[s].csv" },
        { "**/*.csv", false, "Y.csv a.d/3.csv a/1.csv a/b/2.csv link.csv x.csv z/[s].csv é.csv" },
        { "**/**/2.csv", false, "a/b/2.csv" },
        { "a/**", false, "a/1.csv a/b/2.csv a/n.txt" },
        { "a/**/up/1.csv", false, "a/b/up/1.csv" },
        { "a/**", true, "a/b a/b/up" },
        { "*", true, "a a.d z" },
        { "x.csv", false, "x.csv" },
        { "none.csv", false, "" },
        { "a", false, "" },
        { ".*.csv", false, ".dot.csv" },
        { ".hid/*", false, ".hid/4.csv" },
        { "z/\\[s\\].csv", false, "z/[s].csv" },
        { "a//b/*", false, "a/b/2.csv" },
        { "x.csv/*", false, "" },
        { "/etc/*", false, "output: /etc/*: a pattern must be relative to the task's directory" },
        { "a/../*", false, "output: ../*: leaves the task's directory" },
        { "", false, "output: .: an empty pattern matches nothing" },
    };
    Arena arena = { .chunks = NULL };
    make_tree();
    for (size_t i = 0; i < COUNT(rows); i++) {
        expect_text(rows[i].pattern, expand(&arena, rows[i].pattern, rows[i].folders),
                    rows[i].expected);
    }
    folder_remove(root);
    arena_free(&arena);
}

static void refuses_names_that_are_no_text(void) {
    Arena arena = { .chunks = NULL };
    make_tree();
    make_file("a/\xff.csv");
    expect_text("*.csv", expand(&arena, "*.csv", false), "Y.csv link.csv x.csv é.csv");
    expect_text("a/*", expand(&arena, "a/*", false),
                "output: a: holds a file whose name is not valid UTF-8");
    expect_text("listing", folder_listing(&arena, at("a")), "(not UTF-8), 1.csv, b/, n.txt");
    folder_remove(root);
    CU_ASSERT_NOT_EQUAL(access(root, F_OK), 0);
    arena_free(&arena);
}

/* A folder that may be listed and not entered: what is in it is not passed over in silence. */
static void refuses_what_cannot_be_looked_at(void) {
    Arena arena = { .chunks = NULL };
    uid_t before = geteuid();
    make_tree();
    CU_ASSERT(chmod(root, 0755) == 0 && chmod(at("a"), 0444) == 0);
    CU_ASSERT(before != 0 || seteuid(65534) == 0); /* root may look at everything */
    expect_text("a/*.csv", expand(&arena, "a/*.csv", false), "output: a/1.csv: Permission denied");
    expect_text("a/b*", expand(&arena, "a/b*/**", false), "output: a/b: Permission denied");
    expect_text("a/n.txt", expand(&arena, "a/n.txt", false), "output: a/n.txt: Permission denied");
    CU_ASSERT(seteuid(before) == 0 && chmod(at("a"), 0755) == 0);
    CU_ASSERT(folder_remove(root));
    arena_free(&arena);
}

static void lists_folders(void) {
    Arena arena = { .chunks = NULL };
    make_tree();
    expect_text("empty", folder_listing(&arena, at("a/b/none")), "nothing");
    expect_text("root", folder_listing(&arena, root),
                ".dot.csv, .hid/, Y.csv, a.d/, a/, broken.csv, link.csv, x.csv, z/, é.csv");
    char name[64];
    for (int i = 0; i < 25; i++) {
        snprintf(name, sizeof name, "z/f%02d", i);
        make_file(name);
    }
    expect_text("many", folder_listing(&arena, at("z")),
                "[s].csv, f00, f01, f02, f03, f04, f05, f06, f07, f08, f09, f10, f11, f12, f13, "
                "f14, f15, f16, f17, f18 and 6 more");
    folder_remove(root);
    arena_free(&arena);
}

/* Deeper than there are descriptors, with a folder that has the name of one that is moved up. */
static void removes_what_is_very_deep(void) {
    struct rlimit before, few;
    make_tree();
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mkdirat(fd, ".dag-0", 0777);
    for (int i = 0; i < 500; i++) {
        mkdirat(fd, "d", 0777);
        mkdirat(fd, "e", i % 50 == 0 ? 0 : 0777);
        int below = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = below;
    }
    CU_ASSERT(fd >= 0);
    close(fd);
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = 100;
    setrlimit(RLIMIT_NOFILE, &few);
    CU_ASSERT(folder_remove(root));
    setrlimit(RLIMIT_NOFILE, &before);
    CU_ASSERT_NOT_EQUAL(access(root, F_OK), 0);
}

static void makes_and_removes_folders(void) {
    char path[128];
    make_tree();
    snprintf(path, sizeof path, "%s/new/deep/er", root);
    CU_ASSERT(folder_make(path));
    CU_ASSERT_FALSE(folder_make(path)); /* it must be new */
    snprintf(path, sizeof path, "%s/x.csv/below", root);
    CU_ASSERT_FALSE(folder_make(path));
    chmod(at("new/deep"), 0);
    CU_ASSERT(folder_remove(at("new")));
    CU_ASSERT_NOT_EQUAL(access(at("new"), F_OK), 0);
    CU_ASSERT(folder_remove(at("a/b/up"))); /* the link, not what it leads to */
    CU_ASSERT_EQUAL(access(at("a/n.txt"), F_OK), 0);
    CU_ASSERT(folder_remove(root));

    Folder folder;
    CU_ASSERT(folder_init(&folder, NULL));
    const char *temporary = folder_path(&folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(temporary);
    CU_ASSERT_PTR_EQUAL(folder_path(&folder), temporary);
    strcpy(root, temporary);
    make_file("left");
    folder_free(&folder);
    CU_ASSERT_NOT_EQUAL(access(root, F_OK), 0);
}

void suite_glob(void) {
    CU_pSuite suite = CU_add_suite("glob", NULL, NULL);
    CU_add_test(suite, "matches components", matches_components);
    CU_add_test(suite, "expands patterns", expands_patterns);
    CU_add_test(suite, "refuses names that are no text", refuses_names_that_are_no_text);
    CU_add_test(suite, "refuses what cannot be looked at", refuses_what_cannot_be_looked_at);
    CU_add_test(suite, "lists folders", lists_folders);
    CU_add_test(suite, "makes and removes folders", makes_and_removes_folders);
    CU_add_test(suite, "removes what is very deep", removes_what_is_very_deep);
}
