/*
 * odd_machine.c - preloaded: a machine whose file systems are all of the type ODD_FS (a number), whose
 * wall clock is ODD_CLOCK seconds off.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <time.h>

int statfs(const char *path, struct statfs *status) {
    int (*real)(const char *, struct statfs *) =
        (int (*)(const char *, struct statfs *))dlsym(RTLD_NEXT, "statfs");
    int rc = real(path, status);
    if (rc == 0 && getenv("ODD_FS"))
        status->f_type = strtol(getenv("ODD_FS"), NULL, 0);
    return rc;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) =
        (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int rc = real(clock, now);
    if (rc == 0 && clock == CLOCK_REALTIME && getenv("ODD_CLOCK"))
        now->tv_sec += atol(getenv("ODD_CLOCK"));
    return rc;
}
