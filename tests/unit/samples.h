/*
 * samples.h - the .dag files of this repository, for tests that hold for every text.
 */
#ifndef DAG_TESTS_SAMPLES_H
#define DAG_TESTS_SAMPLES_H

#include <stddef.h>

/* Calls `visit` with the path and text of each sample. Fails the test when there are none. */
void samples_visit(void (*visit)(const char *path, const char *text, size_t n));

/* Parses a text. The printed tree, to be freed; *nerrors: the syntax errors. */
char *sample_tree(const char *text, size_t n, unsigned *nerrors);

#endif
