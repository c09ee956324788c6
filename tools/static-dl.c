/* Stands in for glibc's dlopen in statically linked pipelines.
 *
 * SQLite contains sqlite3_load_extension, which nothing here calls, and so refers to dlopen. In a
 * static program glibc's own would only work beside the very same glibc; the linker warns about that
 * each time, and the dynamic loader comes along. These four always say no, and say why. */
#include <stddef.h>

void *dlopen(const char *file, int mode);
void *dlsym(void *handle, const char *name);
int dlclose(void *handle);
char *dlerror(void);

void *dlopen(const char *file, int mode) {
    (void)file;
    (void)mode;
    return NULL;
}

void *dlsym(void *handle, const char *name) {
    (void)handle;
    (void)name;
    return NULL;
}

int dlclose(void *handle) {
    (void)handle;
    return -1;
}

char *dlerror(void) {
    static char message[] = "a statically linked program cannot load shared libraries";
    return message;
}
