/*
 * notice.h - how those that serve a store hear of runs that were queued by other processes.
 */
#ifndef DAG_CLI_NOTICE_H
#define DAG_CLI_NOTICE_H

#include <stdbool.h>

typedef struct Notice {
    int fd; /* inotify; -1: there is none, or it does not hear of other machines: one looks now and then */
} Notice;

/* Listens from now on. `root`: the state folder. */
void notice_open(Notice *notice, const char *root);
void notice_close(Notice *notice);

/* Waits until something may have been queued since the last call, `stop` is readable or `most` ms have
 * passed (-1: no limit). */
void notice_wait(Notice *notice, int stop, int most);

/* Something has been queued: wakes all who wait on this machine. */
void notice_give(const char *root);

#endif
