/*
 * notice.h - how those that serve a store hear of runs that were queued by other processes.
 */
#ifndef DAG_CLI_NOTICE_H
#define DAG_CLI_NOTICE_H

#include <stdbool.h>

enum { NOTICE_LOOK = 500 }; /* ms between two looks where nobody wakes us */

typedef struct Notice {
    int fd; /* inotify; -1: there is none, or it does not hear of other machines: one looks now and then */
    int look; /* ms between two looks then */
} Notice;

/* Listens from now on. `root`: the state folder. `shared`: other machines may write to it
 * (store_is_shared). */
void notice_open(Notice *notice, const char *root, bool shared);
void notice_close(Notice *notice);

/* Waits until something may have been queued since the last call, the folder or a database in it may have
 * been moved, deleted or replaced, `stop` is readable or `most` ms have passed (-1: no limit). */
void notice_wait(Notice *notice, int stop, int most);

/* Something has been queued: wakes all who wait on this machine. */
void notice_give(const char *root);

#endif
