/*
 * looks.c - many files are looked at as stat does, and found by path in any order.
 */
#include "store/looks.h"

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/folder.h"
#include "suites.h"

enum { MANY = 2000 }; /* past what one thread looks at */

static char root[] = "/tmp/dag-looks-XXXXXX";
static char names[MANY + 1][40];

/* Every third is missing; the last is the folder. */
static int make_files(void) {
    if (!mkdtemp(root))
        return 1;
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "%s/%d", root, i * 7 % MANY);
        int fd = i % 3 == 0 ? -1 : open(names[i], O_WRONLY | O_CREAT, i % 2 ? 0644 : 0755);
        if (i % 3 != 0 && (fd < 0 || write(fd, names[i], (size_t)i % 20) < 0 || close(fd) != 0))
            return 1;
    }
    snprintf(names[MANY], sizeof names[MANY], "%s", root);
    return 0;
}

static int remove_files(void) {
    return folder_remove(root) ? 0 : 1;
}

static void same(const Look *look, const char *path) {
    struct stat is, said;
    CU_ASSERT_PTR_NOT_NULL_FATAL(look);
    CU_ASSERT_STRING_EQUAL(look->path, path);
    CU_ASSERT_EQUAL(look->error == 0, stat(path, &is) == 0);
    if (look->error)
        return;
    said = look_status(look);
    CU_ASSERT(said.st_size == is.st_size && said.st_ino == is.st_ino && said.st_dev == is.st_dev);
    CU_ASSERT(said.st_mode == is.st_mode);
    CU_ASSERT(said.st_mtim.tv_sec == is.st_mtim.tv_sec);
    CU_ASSERT(said.st_mtim.tv_nsec == is.st_mtim.tv_nsec);
    CU_ASSERT(said.st_ctim.tv_nsec == is.st_ctim.tv_nsec);
}

/* In two parts, the second of which has the first one's last path again. */
static void take_all(Arena *arena, Looks *looks) {
    const size_t half = MANY / 2;
    Look *taken = ARENA_ARRAY(arena, MANY + 2, Look);
    for (size_t i = 0; i <= MANY; i++)
        taken[i < half ? i : i + 1].path = names[i];
    taken[half].path = names[half - 1];
    looks->arena = arena;
    looks_take(taken, half);
    looks_keep(looks, taken, half);
    looks_take(taken + half, 0);
    looks_keep(looks, taken + half, 0);
    looks_take(taken + half, MANY + 2 - half);
    looks_keep(looks, taken + half, MANY + 2 - half);
}

static void in_order(void) {
    Arena arena = { 0 };
    Looks looks = { 0 };
    take_all(&arena, &looks);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i <= MANY; i++)
            same(looks_find(&looks, names[i]), names[i]);
    }
    arena_free(&arena);
}

/* Behind the last one of a single batch comes its first. */
static void round_and_round(void) {
    Arena arena = { 0 };
    Looks looks = { .arena = &arena };
    Look *one = ARENA_ARRAY(&arena, 1, Look);
    one->path = names[1];
    looks_take(one, 1);
    looks_keep(&looks, one, 1);
    for (int i = 0; i < 3; i++) {
        same(looks_find(&looks, names[1]), names[1]);
        CU_ASSERT_PTR_NULL(looks_find(&looks, names[2]));
    }
    arena_free(&arena);
}

static void in_no_order(void) {
    Arena arena = { 0 };
    Looks looks = { 0 };
    CU_ASSERT_PTR_NULL(looks_find(&looks, names[0]));
    take_all(&arena, &looks);
    for (size_t i = 0; i <= MANY; i++) {
        const char *path = names[i * 1009 % (MANY + 1)];
        same(looks_find(&looks, path), path);
        CU_ASSERT_PTR_NULL(looks_find(&looks, "/nowhere"));
        CU_ASSERT_PTR_NULL(looks_find(&looks, ""));
    }
    arena_free(&arena);
}

void suite_looks(void) {
    CU_pSuite suite = CU_add_suite("looks", make_files, remove_files);
    CU_add_test(suite, "in order", in_order);
    CU_add_test(suite, "round and round", round_and_round);
    CU_add_test(suite, "in no order", in_no_order);
}
