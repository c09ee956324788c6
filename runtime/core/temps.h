/*
 * temps.h - files of outputs that are marked `temp`: who may still look at them, and when the last
 * one has finished; and tasks that are carried out once more because such a file is gone.
 *
 * A file is held by every artifact whose value mentions its path: the one that it was made for, and
 * what gates, expressions and calls have handed it on in. An artifact gives back what it holds when
 * its last consumer has ended well; a consumer that did not may be tried again by a resume, and so
 * the file is kept.
 */
#ifndef DAG_CORE_TEMPS_H
#define DAG_CORE_TEMPS_H

#include "core/sched_state.h"

/* s->temps stays NULL where no output of the program is marked; then nothing else here is called. */
void temps_setup(Sched *s);
void temps_free(Sched *s);

/* The outputs of a task are present: what they hold. */
void temps_publish(Sched *s, uint32_t stage, uint32_t node);

/* A task ends without success, or with outputs that are dead: what it looked at is kept. */
void temps_spoil(Sched *s, uint32_t stage, uint32_t node);

/* The same for one that has only the beginning of a key. */
void temps_spoil_short(Sched *s, uint32_t stage);

/* Nobody behind the edge looks at the artifact at `node` any more. */
void temps_release(Sched *s, uint32_t edge, uint32_t node);

/* The run has completed: all goes but what results of the pipeline mention. */
void temps_end(Sched *s);

/* Has the file been given up already? */
bool temps_is_over(const Sched *s, const char *path);

/* ---------------------------------------------------------------- again.c */

/* As sched_again and sched_wait. */
void again_begin(Sched *s, uint32_t stage, uint32_t node);
void again_wait(Sched *s, const Launch *launch, uint32_t stage, uint32_t node);

/* Takes the attempt of a task that was carried out once more. */
void again_finish(Sched *s, const Launch *launch, const Outcome *outcome);

/* It is not carried out after all; those that waited for it end in `state`, as CANCELLED or SKIPPED. */
void again_give_up(Sched *s, uint32_t stage, uint32_t node, TaskState state, const char *reason);

void again_free(Sched *s);

#endif
