/*
 * errand.c - see errand.h.
 */
#include "exec/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t monotonic(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---------------------------------------------------------------- what it prints */

static void close_text(ErrandText *text) {
    if (text->fd >= 0) {
        close(text->fd);
    }
    text->fd = -1;
}

static bool make_room(ErrandText *text) {
    if (text->size - text->n > 1) {
        return true;
    }
    size_t size = text->size ? text->size * 2 : 4096;
    char *more = realloc(text->text, size);
    if (more) {
        text->text = more;
        text->size = size;
    }
    return more != NULL;
}

static void read_text(Errand *errand, ErrandText *text) {
    while (text->fd >= 0) {
        if (!make_room(text)) {
            errand->lost = true;
            close_text(text);
            return;
        }
        ssize_t n = read(text->fd, text->text + text->n, text->size - text->n - 1);
        if (n > 0) {
            text->n += (size_t)n;
            text->text[text->n] = '\0';
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            close_text(text);
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

static const char *text_of(const ErrandText *text) {
    return text->n > 0 ? text->text : "";
}

const char *errand_out(const Errand *errand) {
    return text_of(&errand->out);
}

const char *errand_err(const Errand *errand) {
    return text_of(&errand->err);
}

bool errand_good(const Errand *errand) {
    return !errand->late && !errand->lost && WIFEXITED(errand->status) &&
           WEXITSTATUS(errand->status) == 0;
}

/* ---------------------------------------------------------------- its process */

void errand_init(Errand *errand) {
    *errand = (Errand){ .out.fd = -1, .err.fd = -1 };
}

void errand_free(Errand *errand) {
    if (errand->pid > 0) {
        kill(-errand->pid, SIGKILL);
        while (waitpid(errand->pid, &errand->status, 0) < 0 && errno == EINTR) {
        }
    }
    close_text(&errand->out);
    close_text(&errand->err);
    free(errand->out.text);
    free(errand->err.text);
    errand_init(errand);
}

/* In a group of its own, so that Ctrl-C is ours to heed; with the signals of a new program. */
static int spawn_it(Errand *errand, const char *const *argv, char *const *envp, int out, int err) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int error = posix_spawn_file_actions_init(&files);
    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                                  POSIX_SPAWN_SETSIGMASK);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setsigmask(&attributes, &none);
        error = posix_spawnp(&errand->pid, argv[0], &files, &attributes,
                             (char *const *)(uintptr_t)argv, envp);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return error;
}

static int listen_to(Errand *errand, ErrandText *text, int fd, int epoll) {
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = errand };
    text->fd = fd;
    text->n = 0;
    return fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0
               ? errno
               : 0;
}

int errand_start(Errand *errand, const char *const *argv, char *const *envp, int epoll,
                 int64_t limit) {
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) != 0) {
        return errno;
    }
    if (pipe2(err, O_CLOEXEC) != 0) {
        int error = errno;
        close(out[0]);
        close(out[1]);
        return error;
    }
    errand->late = errand->lost = false;
    errand->limit = monotonic() + limit;
    int error = listen_to(errand, &errand->out, out[0], epoll);
    int other = listen_to(errand, &errand->err, err[0], epoll);
    error = error ? error : other;
    errand->pid = 0;
    if (error == 0) {
        error = spawn_it(errand, argv, envp, out[1], err[1]);
    }
    close(out[1]);
    close(err[1]);
    if (error != 0) {
        errand->pid = 0;
        close_text(&errand->out);
        close_text(&errand->err);
    }
    return error;
}

void errand_fail(Errand *errand, const char *message) {
    size_t n = strlen(message);
    errand->out.n = errand->err.n = 0;
    while (errand->err.size <= n && make_room(&errand->err)) {
        errand->err.n = errand->err.size - 1; /* it grows */
    }
    errand->err.n = errand->err.size > n ? n : 0;
    if (errand->err.n > 0) {
        memcpy(errand->err.text, message, n + 1);
    }
    errand->late = errand->lost = false;
    errand->status = 127 << 8;
    errand->pid = -1;
}

bool errand_look(Errand *errand) {
    if (errand->pid == 0) {
        return false;
    }
    if (errand->pid < 0) {
        errand->pid = 0;
        return true;
    }
    read_text(errand, &errand->out);
    read_text(errand, &errand->err);
    if (!errand->late && monotonic() > errand->limit) {
        errand->late = true;
        kill(-errand->pid, SIGKILL);
    }
    pid_t pid = waitpid(errand->pid, &errand->status, WNOHANG);
    if (pid == 0 || (pid < 0 && errno == EINTR)) {
        return false;
    }
    if (pid < 0) {
        errand->lost = true; /* somebody else has taken its status */
    }
    read_text(errand, &errand->out); /* what came between the last look and its end */
    read_text(errand, &errand->err);
    close_text(&errand->out);
    close_text(&errand->err);
    errand->pid = 0;
    return true;
}
