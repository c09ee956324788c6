/*
 * runlock.c - locks of runs: held by one, refused to others by name, left by the dead, found again.
 */
#include "store/runlock.h"

#include <CUnit/CUnit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/folder.h"
#include "suites.h"

static char root[] = "/tmp/dag-lock-XXXXXX";
static char reason[512];

static int make_root(void) {
    return mkdtemp(root) ? 0 : 1;
}

static int remove_root(void) {
    return folder_remove(root) ? 0 : 1;
}

static RunLock *take(void) {
    reason[0] = '\0';
    return runlock_take(root, "r", reason, sizeof reason);
}

static FILE *lock_file(const char *mode) {
    char path[256];
    snprintf(path, sizeof path, "%s/lock/r", root);
    return fopen(path, mode);
}

/* Says whether a process that is forked for it gets the lock; its reason is in `reason`. */
static bool other_takes(void) {
    int ends[2];
    CU_ASSERT_FATAL(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        RunLock *lock = take();
        ssize_t n = write(ends[1], reason, sizeof reason);
        runlock_free(lock);
        _exit(n == (ssize_t)sizeof reason && lock ? 0 : 1);
    }
    int status = -1;
    close(ends[1]);
    CU_ASSERT(read(ends[0], reason, sizeof reason) == (ssize_t)sizeof reason);
    close(ends[0]);
    CU_ASSERT(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void refused_by_name(void) {
    char pid[32];
    RunLock *lock = take();
    CU_ASSERT_PTR_NOT_NULL_FATAL(lock);
    CU_ASSERT(runlock_held(root, "r"));
    CU_ASSERT_FALSE(other_takes());
    snprintf(pid, sizeof pid, "process %d on ", (int)getpid());
    CU_ASSERT_PTR_NOT_NULL(strstr(reason, pid));
    runlock_free(lock);
    CU_ASSERT_FALSE(runlock_held(root, "r"));
    CU_ASSERT(other_takes());
}

/* What a dead holder has left does not count, whoever has its number now. */
static void left_by_the_dead(void) {
    FILE *file;
    runlock_free(take());
    file = lock_file("w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file, "%d 1 boot host\n", (int)getpid());
    fclose(file);
    CU_ASSERT_FALSE(runlock_held(root, "r"));
    RunLock *lock = take();
    CU_ASSERT_PTR_NOT_NULL(lock);
    runlock_free(lock);
}

/* The number of the holder is another process's now: that one is not signalled. */
static void number_used_again(void) {
    RunLock *lock = take();
    char text[256] = "", boot[64] = "", host[64] = "";
    long pid = 0;
    FILE *file = lock_file("r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT(fscanf(file, "%ld %*s %63s %63s", &pid, boot, host) == 3);
    fclose(file);
    file = lock_file("w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file, "%ld 1 %s %s\n", pid, boot, host);
    fclose(file);
    CU_ASSERT(pid == (long)getpid());
    CU_ASSERT_FALSE(runlock_request(root, "r", RUN_CANCEL, text, sizeof text));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "cannot be signalled"));
    runlock_free(lock);
}

/* A lock held on another machine, or before this boot, is not signalled from here. */
static void held_elsewhere(void) {
    RunLock *lock = take();
    char text[256] = "";
    FILE *file = lock_file("w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file, "%d 1 another-boot far-away\n", (int)getpid());
    fclose(file);
    CU_ASSERT_FALSE(runlock_request(root, "r", RUN_CANCEL, text, sizeof text));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "on far-away: signal it there"));
    CU_ASSERT_FALSE(other_takes());
    CU_ASSERT_PTR_NOT_NULL(strstr(reason, "on far-away"));
    runlock_free(lock);
}

/* A child that was being forked when the holder was killed shares the lock for a moment longer. */
static void outlived_by_a_child(void) {
    int ready[2];
    char byte;
    CU_ASSERT_FATAL(pipe(ready) == 0);
    pid_t holder = fork();
    if (holder == 0) {
        take();
        if (fork() == 0) {
            usleep(50000); /* as long as it takes to start a process on a slow machine */
            _exit(0);
        }
        _exit(write(ready[1], "x", 1) == 1 ? 0 : 1);
    }
    CU_ASSERT(read(ready[0], &byte, 1) == 1);
    CU_ASSERT(waitpid(holder, NULL, 0) == holder);
    RunLock *lock = take();
    CU_ASSERT_PTR_NOT_NULL(lock);
    runlock_free(lock);
    close(ready[0]);
    close(ready[1]);
}

void suite_runlock(void) {
    CU_pSuite suite = CU_add_suite("runlock", make_root, remove_root);
    CU_add_test(suite, "refused by name", refused_by_name);
    CU_add_test(suite, "left by the dead", left_by_the_dead);
    CU_add_test(suite, "its number is used again", number_used_again);
    CU_add_test(suite, "held elsewhere", held_elsewhere);
    CU_add_test(suite, "outlived by a child", outlived_by_a_child);
}
