/*
 * streams.c - see streams.h.
 */
#include "cli/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* open gives the lowest number that is free: those below are held by then. */
static void hold(int fd, int flags) {
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
        int got = open("/dev/null", flags);
        if (got >= 0 && got != fd)
            close(got);
    }
}

void streams_hold(void) {
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    hold(STDIN_FILENO, O_WRONLY);
    hold(STDOUT_FILENO, O_RDONLY);
    hold(STDERR_FILENO, O_RDONLY);
    sigaction(SIGXFSZ, &ignore, NULL);
}

int streams_end(Cli *cli, int code) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    /* what was lost before has left no reason */
    cli_say(cli, "stdout: %s", errno != 0 ? strerror(errno) : "not everything could be written");
    return code == EXIT_COMPLETED ? EXIT_CRASHED : code;
}
