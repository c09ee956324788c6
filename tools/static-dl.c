/* Stands in for dlopen and its kin in statically linked pipelines (-Wl,--wrap=dlopen, see link.conf).
 *
 * SQLite contains sqlite3_load_extension, which nothing here calls, and so refers to dlopen. In a
 * static program glibc's own works only beside the very same glibc, and the linker warns about that
 * at each link. These always say no, and say why. */
#include <stddef.h>

void *__wrap_dlopen(const char *file, int mode);
void *__wrap_dlsym(void *handle, const char *name);
int __wrap_dlclose(void *handle);
char *__wrap_dlerror(void);

void *__wrap_dlopen(const char *file, int mode) {
    (void)file;
    (void)mode;
    return NULL;
}

void *__wrap_dlsym(void *handle, const char *name) {
    (void)handle;
    (void)name;
    return NULL;
}

int __wrap_dlclose(void *handle) {
    (void)handle;
    return -1;
}

char *__wrap_dlerror(void) {
    static char message[] = "a statically linked program cannot load shared libraries";
    return message;
}
