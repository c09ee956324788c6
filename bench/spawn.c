/*
 * spawn.c - the limit that process stages are measured against: threads that vfork, exec /bin/true
 * and wait, with nothing else. spawn THREADS TASKS
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_long left;

static void *spawn_all(void *unused) {
    static char *const argv[] = { "/bin/true", NULL };
    static char *const envp[] = { NULL };
    (void)unused;
    while (atomic_fetch_sub(&left, 1) > 0) {
        pid_t pid = vfork();
        if (pid == 0) {
            execve(argv[0], argv, envp);
            _exit(127);
        }
        int status;
        if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
            exit(1);
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    long threads = atol(argv[1]);
    pthread_t ids[64];
    if (threads < 1 || threads > 64)
        return 2;
    atomic_store(&left, atol(argv[2]));
    for (long i = 0; i < threads; i++) {
        if (pthread_create(&ids[i], NULL, spawn_all, NULL) != 0)
            return 1;
    }
    for (long i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    return 0;
}
