/*
 * fmt.c - prints a file in the standard layout.
 */
#include "front.h"

bool fmt_print(Front *front, const File *file, FILE *out) {
    (void)front;
    return fwrite(file->source->text, 1, file->source->size, out) == file->source->size;
}
