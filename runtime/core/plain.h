/*
 * plain.h - opens what others have left at a name, which may be anything: nobody is kept waiting.
 */
#ifndef DAG_CORE_PLAIN_H
#define DAG_CORE_PLAIN_H

/* Opens a file whose content stays: a regular one, or the null device. `flags` as open(2) takes them;
 * O_CLOEXEC is added. -1: errno, which is ENOTSUP for a pipe, a socket and any other device. */
int plain_open(const char *path, int flags);

/* Why plain_open has refused, for messages. */
const char *plain_why(int error);

#endif
