/*
 * path_stat.c - says what stat says, of paths in any order and form.
 */
#include "core/path_stat.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/folder.h"
#include "suites.h"

static char root[] = "/tmp/dag-stat-XXXXXX";
static char name[600];

static const char *at(const char *below) {
    snprintf(name, sizeof name, "%s%s", root, below);
    return name;
}

static int make_files(void) {
    static const char *const folders[] = { "/a", "/a/b", "/c", "/other" };
    static const char *const files[] = { "/a/1", "/a/2", "/a/b/1", "/c/1", "/other/1" };
    if (!mkdtemp(root))
        return 1;
    for (size_t i = 0; i < 4; i++) {
        if (mkdir(at(folders[i]), 0777) != 0)
            return 1;
    }
    for (size_t i = 0; i < 5; i++) {
        int fd = open(at(files[i]), O_WRONLY | O_CREAT, 0666);
        if (fd < 0 || close(fd) != 0)
            return 1;
    }
    char target[600];
    snprintf(target, sizeof target, "%s", at("/a/2"));
    return symlink(target, at("/c/link"));
}

static int remove_files(void) {
    return folder_remove(root) ? 0 : 1;
}

static void same(PathStat *paths, const char *path) {
    struct stat a, b;
    errno = 0;
    int first = stat(path, &a), error = errno;
    errno = 0;
    int second = path_stat(paths, path, &b);
    CU_ASSERT_EQUAL(second, first);
    CU_ASSERT_EQUAL(errno, error);
    CU_ASSERT(first != 0 || (a.st_ino == b.st_ino && a.st_dev == b.st_dev));
}

static void as_stat(void) {
    static const char *const paths[] = { "/a/1",     "/a/2", "/a/3",    "/a/b/1",   "/a",
                                         "/a/",      "/c/1", "/c/link", "/a//2",    "/c//1",
                                         "/other/1", "",     "/a/1/",   "/c/../a/1" };
    const size_t n = sizeof paths / sizeof *paths;
    PathStat stats = { 0 };
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            same(&stats, at(paths[i]));
            same(&stats, at(paths[k]));
        }
    }
    same(&stats, "/");
    same(&stats, ".");
    same(&stats, at("/c/1"));
    same(&stats,
         at("//etc/passwd")); /* what begins with a slash behind the folder is below it still */
    path_stat_end(&stats);
}

static void anew_after_a_move(void) {
    PathStat stats = { 0 };
    char moved[600];
    same(&stats, at("/other/1"));
    same(&stats, at("/other/2"));
    snprintf(moved, sizeof moved, "%s", at("/moved"));
    CU_ASSERT(rename(at("/other"), moved) == 0);
    path_stat_end(&stats);
    same(&stats, at("/other/1"));
    same(&stats, at("/moved/1"));
    path_stat_end(&stats);
}

void suite_path_stat(void) {
    CU_pSuite suite = CU_add_suite("path_stat", make_files, remove_files);
    CU_add_test(suite, "as stat", as_stat);
    CU_add_test(suite, "anew after a move", anew_after_a_move);
}
