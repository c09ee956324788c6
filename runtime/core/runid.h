/*
 * runid.h - names for runs: "20260102-030405-1a2b3c".
 */
#ifndef DAG_CORE_RUNID_H
#define DAG_CORE_RUNID_H

#include <stdint.h>

enum { RUNID_SIZE = 23 }; /* with the NUL */

/* The name of a run made now. Two runs made one after the other never share one. */
void runid_make(char id[RUNID_SIZE]);

/* The name of a run made at `now`, ns since 1970: date and time in UTC, then the part of the second
 * in steps of 60 ns. */
void runid_at(int64_t now, char id[RUNID_SIZE]);

#endif
