/*
 * notice.c - how servers hear of queued runs: of a sign, of the end of their store, and by looking.
 */
#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cli/notice.h"
#include "core/folder.h"
#include "suites.h"

static char folder[64];

static void put(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
}

static void move(const char *from, const char *to) {
    char a[128], b[128];
    snprintf(a, sizeof a, "%s/%s", folder, from);
    snprintf(b, sizeof b, "%s/%s", folder, to);
    CU_ASSERT_EQUAL(rename(a, b), 0);
}

/* Does one who waits hear of it? */
static bool heard(Notice *notice) {
    struct pollfd fd = { .fd = notice->fd, .events = POLLIN };
    if (poll(&fd, 1, 0) == 0)
        return false;
    notice_wait(notice, -1, 0); /* takes what has come */
    return true;
}

static void setup(void) {
    strcpy(folder, "/tmp/dag-notice-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}

/* Waits without a limit: it would never return if the sign were lost. */
static void hears_the_sign(void) {
    Notice notice;
    setup();
    notice_open(&notice, folder, false);
    CU_ASSERT_TRUE_FATAL(notice.fd >= 0);
    CU_ASSERT_FALSE(heard(&notice));
    notice_give(folder);
    notice_wait(&notice, -1, -1);
    notice_give(folder);
    notice_give(folder);
    notice_wait(&notice, -1, -1);
    CU_ASSERT_FALSE(heard(&notice)); /* many signs are one */
    notice_close(&notice);
    folder_remove(folder);
}

static void hears_of_the_end_of_the_store(void) {
    Notice notice;
    setup();
    put("p.db");
    notice_open(&notice, folder, false);
    move("p.db", "old.db");
    notice_wait(&notice, -1, -1);
    move("old.db", "p.db");
    notice_wait(&notice, -1, -1);
    folder_remove(folder);
    notice_wait(&notice, -1, -1);
    notice_close(&notice);
}

/* Where signs are not heard one looks, as often as is said; and still hears that it is to stop. */
static void looks_where_nothing_is_heard(void) {
    Notice notice;
    uint64_t one = 1;
    setup();
    notice_open(&notice, folder, true);
    CU_ASSERT_EQUAL(notice.fd, -1);
    CU_ASSERT_EQUAL(notice.look, NOTICE_LOOK);
    notice.look = 1;
    for (int i = 0; i < 3; i++)
        notice_wait(&notice, -1, -1);
    notice.look = 1000 * 1000;
    notice_wait(&notice, -1, 1); /* a shorter limit holds */
    int stop = eventfd(0, EFD_CLOEXEC);
    CU_ASSERT_EQUAL(write(stop, &one, sizeof one), sizeof one);
    notice_wait(&notice, stop, -1);
    close(stop);
    notice_close(&notice);
    folder_remove(folder);
}

void suite_notice(void) {
    CU_pSuite suite = CU_add_suite("notice", NULL, NULL);
    CU_add_test(suite, "hears the sign", hears_the_sign);
    CU_add_test(suite, "hears of the end of the store", hears_of_the_end_of_the_store);
    CU_add_test(suite, "looks where nothing is heard", looks_where_nothing_is_heard);
}
