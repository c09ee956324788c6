/* The functions that register suites: one for each row of suites.def. */
#ifndef DAG_TESTS_SUITES_H
#define DAG_TESTS_SUITES_H

#define SUITE(name) void suite_##name(void);
#include "suites.def"
#undef SUITE

#endif
