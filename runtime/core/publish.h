/*
 * publish.h - outputs made known to dependents, and given back when nobody needs them any more.
 */
#ifndef DAG_CORE_PUBLISH_H
#define DAG_CORE_PUBLISH_H

#include "core/sched_state.h"

/* Works off all that follows from what was decided. */
void sched_drain(Sched *s);

/* The task is decided: its outputs are made known, what it alone looked at is given back. Then
 * whatever follows. */
void publish_decided(Sched *s, uint32_t stage, uint32_t node);

/* A plain stage that looked at nothing but outputs of plain ones has completed. Then whatever
 * follows. */
void publish_plain_end(Sched *s, StageRun *run);

/* A consumer behind the edge does not need the artifact at `node` any more. */
void publish_release(Sched *s, uint32_t edge, uint32_t node);

/* A terminal stage gives back what it held for all of its tasks. */
void publish_stage_done(Sched *s, uint32_t stage);

#endif
