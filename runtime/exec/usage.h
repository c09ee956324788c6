/*
 * usage.h - what a process or thread has used, from the kernel's account.
 */
#ifndef DAG_EXEC_USAGE_H
#define DAG_EXEC_USAGE_H

#include <sys/resource.h>

#include "dag.h"

/* Nothing known. */
dag_usage usage_none(void);

/* Of a process that was waited for, its own waited-for children included. Its max_rss is never less
 * than what this process had when it was started: the kernel counts the memory that both shared
 * before exec. read and written: what went to and from storage, in blocks of 512. */
dag_usage usage_of_process(const struct rusage *r);

/* Of a thread between two looks at RUSAGE_THREAD. */
dag_usage usage_of_thread(const struct rusage *before, const struct rusage *after);

#endif
