/*
 * hash.h - a hash of values that agrees with value_equal.
 */
#ifndef DAG_PURE_HASH_H
#define DAG_PURE_HASH_H

#include "pure/value.h"

/* Equal values have equal hashes, 2 and 2.0 too. Not for storage: it may change. */
uint64_t value_hash(dag_value v);

#endif
