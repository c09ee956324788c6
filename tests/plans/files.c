/* What the pipeline reads. Half of the changes leave a file's time as it was. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

static void write_file(const char *path, const char *text) {
    char before[64] = "";
    struct stat status;
    bool there = stat(path, &status) == 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, before, sizeof before - 1);
    if (fd >= 0) {
        close(fd);
    }
    if (n > 0 && strcmp(before, text) == 0) {
        return;
    }
    FILE *f = fopen(path, "we");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
        abort();
    }
    if (there && text[1] % 2 == 0) {
        struct timespec times[2] = { status.st_atim, status.st_mtim };
        utimensat(AT_FDCWD, path, times, 0);
    }
}

static void drop_others(const World *w) {
    DIR *dir = opendir("in/dir");
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        bool known = e->d_name[0] == '.';
        for (int i = 0; i < w->nentries; i++) {
            known |= atoi(e->d_name + 1) == w->entries[i].name;
        }
        if (!known) {
            unlinkat(dirfd(dir), e->d_name, 0);
        }
    }
    if (dir) {
        closedir(dir);
    }
}

void world_files(const World *w) {
    char path[64], text[32];
    mkdir("in", 0777);
    mkdir("in/dir", 0777);
    mkdir("flags", 0777);
    snprintf(text, sizeof text, "F%d\n", w->file);
    write_file("in/file", text);
    for (int i = 0; i < w->nentries; i++) {
        snprintf(path, sizeof path, "in/dir/e%d.txt", w->entries[i].name);
        snprintf(text, sizeof text, "E%d\n", w->entries[i].text);
        write_file(path, text);
    }
    drop_others(w);
    for (int i = 0; i < w->nstages; i++) {
        snprintf(path, sizeof path, "flags/s%d", i);
        if (w->fails[i]) {
            write_file(path, "x");
        } else {
            unlink(path);
        }
    }
}
