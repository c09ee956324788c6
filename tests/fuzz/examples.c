/* Writes every example of errors.def into a file of the current folder: seeds for the fuzzer. */
#include <stdio.h>

static const char *const texts[] = {
#define ERROR(code, title, explanation, bad, good) bad, good,
#define WARNING(code, name, default_on, title, explanation, bad, good) bad, good,
#include "base/errors.def"
#undef ERROR
#undef WARNING
};

int main(void) {
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char name[32];
        snprintf(name, sizeof name, "example-%zu.dag", i);
        FILE *out = texts[i] ? fopen(name, "w") : NULL;
        if (out) {
            fputs(texts[i], out);
            fclose(out);
        }
    }
    return 0;
}
