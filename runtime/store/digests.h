/*
 * digests.h - the digest of a stage's definition as text: recorded with a run, compared by a resume.
 */
#ifndef DAG_STORE_DIGESTS_H
#define DAG_STORE_DIGESTS_H

#include "core/digest.h"

/* False without memory. */
bool store_stage_digest(const dag_program *program, uint32_t stage, char text[DIGEST_TEXT]);

#endif
