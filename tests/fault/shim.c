/*
 * shim.c - what the disk does to us: preloaded into a pipeline that is linked dynamically, it counts
 * the calls that change files below a folder `.dag`, and at the n-th one it kills the process or lets
 * the call fail.
 *
 * In the environment: FAULT_AT=n (from 1; 0: never), FAULT_DO:
 *   kill    before the call                     torn   in the middle of a write
 *   full    this call and all later ones give ENOSPC
 *   eio     this call gives EIO                 short  this write writes half of it
 *   nomem   counts allocations instead: this one finds no memory
 * FAULT_FILE: a file that is made when the call was reached; the number of calls is appended to it
 * when the process ends by itself.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KILL, TORN, FULL, EIO_ONCE, SHORT, NOMEM, NMODES };

static atomic_long calls;
static long at;
static int mode = KILL;
static char file[4096];

/* Only this process, not what it starts. */
__attribute__((constructor)) static void begin(void) {
    static const char *const words[] = { "kill", "torn", "full", "eio", "short", "nomem" };
    const char *word = getenv("FAULT_DO");
    for (int i = 0; word && i < NMODES; i++) {
        if (strcmp(word, words[i]) == 0)
            mode = i;
    }
    at = getenv("FAULT_AT") ? atol(getenv("FAULT_AT")) : 0;
    snprintf(file, sizeof file, "%s", getenv("FAULT_FILE") ? getenv("FAULT_FILE") : "");
    unsetenv("LD_PRELOAD");
}

static void *real(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

static void note(const char *text) {
    int fd = file[0] ? open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    ssize_t (*put)(int, const void *, size_t) =
        (ssize_t(*)(int, const void *, size_t))real("write");
    if (fd >= 0 && put(fd, text, strlen(text)) >= 0)
        close(fd);
}

__attribute__((destructor)) static void end(void) {
    char text[64];
    snprintf(text, sizeof text, "calls %ld\n", atomic_load(&calls));
    note(text);
}

static int ours(const char *path) {
    return strstr(path, "/.dag/") != NULL || strcmp(path, ".dag") == 0 ||
           strncmp(path, ".dag/", 5) == 0;
}

static int ours_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    return ours(path);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Does this call go wrong? Kills at once where it is to be killed; errno is set. */
static int wrong(int is_ours, int writes) {
    if (!is_ours || mode == NOMEM)
        return 0;
    long n = atomic_fetch_add(&calls, 1) + 1;
    if (at == 0 || n < at || (n > at && mode != FULL))
        return 0;
    if (n == at)
        note("reached\n");
    switch (mode) {
    case KILL: die(); break;
    case TORN: return writes ? 1 : (die(), 0);
    case FULL: errno = ENOSPC; return writes;
    case EIO_ONCE: errno = EIO; return 1;
    default: break;
    }
    return mode == SHORT && writes;
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))real(#name))

/* A write that goes wrong: half of it, or nothing. */
#define WRITE_OR(call, n)                         \
    do {                                          \
        if (wrong(ours_fd(fd), 1)) {              \
            if (mode == FULL || mode == EIO_ONCE) \
                return -1;                        \
            size_t half = (n) / 2;                \
            ssize_t done = call(half);            \
            if (mode == TORN)                     \
                die();                            \
            return done;                          \
        }                                         \
        return call(n);                           \
    } while (0)

ssize_t write(int fd, const void *p, size_t n) {
#define CALL(size) REAL(ssize_t, write, int, const void *, size_t)(fd, p, size)
    WRITE_OR(CALL, n);
#undef CALL
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t o) {
#define CALL(size) REAL(ssize_t, pwrite, int, const void *, size_t, off_t)(fd, p, size, o)
    WRITE_OR(CALL, n);
#undef CALL
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t o) {
#define CALL(size) REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t)(fd, p, size, o)
    WRITE_OR(CALL, n);
#undef CALL
}

int fsync(int fd) {
    return wrong(ours_fd(fd), 0) ? -1 : REAL(int, fsync, int)(fd);
}

int fdatasync(int fd) {
    return wrong(ours_fd(fd), 0) ? -1 : REAL(int, fdatasync, int)(fd);
}

int syncfs(int fd) {
    int hit = wrong(1, 0);
    return hit ? -1 : REAL(int, syncfs, int)(fd);
}

int ftruncate(int fd, off_t n) {
    return wrong(ours_fd(fd), 0) ? -1 : REAL(int, ftruncate, int, off_t)(fd, n);
}

int ftruncate64(int fd, off64_t n) {
    return wrong(ours_fd(fd), 0) ? -1 : REAL(int, ftruncate64, int, off64_t)(fd, n);
}

/* Does making a name go wrong? It is there or not: torn, it is not. */
static int name_wrong(const char *path) {
    int hit = wrong(ours(path), 1);
    if (hit && mode == TORN)
        die();
    return hit && mode != SHORT;
}

int rename(const char *from, const char *to) {
    return name_wrong(to) ? -1 : REAL(int, rename, const char *, const char *)(from, to);
}

int symlink(const char *to, const char *path) {
    return name_wrong(path) ? -1 : REAL(int, symlink, const char *, const char *)(to, path);
}

int unlink(const char *path) {
    return wrong(ours(path), 0) ? -1 : REAL(int, unlink, const char *)(path);
}

int mkdir(const char *path, mode_t m) {
    return name_wrong(path) ? -1 : REAL(int, mkdir, const char *, mode_t)(path, m);
}

static int open_with(const char *name, const char *path, int flags, mode_t m) {
    int makes = (flags & O_CREAT) != 0;
    if (makes && wrong(ours(path), 1)) {
        if (mode == TORN)
            die();
        if (mode != SHORT)
            return -1;
    }
    return ((int (*)(const char *, int, ...))real(name))(path, flags, m);
}

#define OPEN(name)                                                         \
    int name(const char *path, int flags, ...) {                           \
        va_list args;                                                      \
        va_start(args, flags);                                             \
        mode_t m = (flags & O_CREAT) != 0 ? (mode_t)va_arg(args, int) : 0; \
        va_end(args);                                                      \
        return open_with(#name, path, flags, m);                           \
    }
OPEN(open)
OPEN(open64)

/* ---------------------------------------------------------------- memory
 *
 * By glibc's other names for them: dlsym allocates itself. -DNO_MEMORY: a sanitizer's allocator comes
 * first and ends the process where there is none. */
#ifndef NO_MEMORY
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

/* Is this the allocation that fails? */
static int starves(void) {
    if (mode != NOMEM)
        return 0;
    long n = atomic_fetch_add(&calls, 1) + 1;
    if (at == 0 || n != at)
        return 0;
    note("reached\n");
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t n) {
    return starves() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
    return starves() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n) {
    return starves() ? NULL : __libc_realloc(p, n);
}
#endif
