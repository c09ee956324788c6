/*
 * usage.c - struct rusage to dag_usage.
 */
#include "exec/usage.h"

static int64_t to_ns(struct timeval t) {
    return (int64_t)t.tv_sec * 1000000000 + (int64_t)t.tv_usec * 1000;
}

dag_usage usage_none(void) {
    return (dag_usage){ -1, -1, -1, -1, -1 };
}

dag_usage usage_of_process(const struct rusage *r) {
    return (dag_usage){ .user = to_ns(r->ru_utime),
                        .system = to_ns(r->ru_stime),
                        .max_rss = (int64_t)r->ru_maxrss * 1024,
                        .read = (int64_t)r->ru_inblock * 512,
                        .written = (int64_t)r->ru_oublock * 512 };
}

dag_usage usage_of_thread(const struct rusage *before, const struct rusage *after) {
    return (dag_usage){ .user = to_ns(after->ru_utime) - to_ns(before->ru_utime),
                        .system = to_ns(after->ru_stime) - to_ns(before->ru_stime),
                        .max_rss = -1,
                        .read = (int64_t)(after->ru_inblock - before->ru_inblock) * 512,
                        .written = (int64_t)(after->ru_oublock - before->ru_oublock) * 512 };
}
