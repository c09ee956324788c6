/*
 * shape.h - the graph as a whole: its order, how often each stage runs (axes), what is never reached or
 * cannot be kept. In: edges between typed ports; the expressions of stages are not looked at.
 */
#ifndef DAGCC_SHAPE_H
#define DAGCC_SHAPE_H

#include "check/names/names.h"

/* Fills unit->links. */
void links_collect(Check *c, Unit *unit);
Span link_span(const Link *link);
/* Reports cycles; fills unit->order. */
void graph_sort(Check *c, Unit *unit);
/* The axis of a node from those of its inputs; its inputs' `gathers`. */
void fan_check(Check *c, Node *node);
const Axis *axis_extend(Check *c, Unit *unit, const Axis *axis, const Port *position);
const Axis *axis_cut(const Axis *axis, uint32_t depth); /* its first positions */
const Axis *axis_common(const Axis *a, const Axis *b);  /* what both begin with */
bool axis_is_prefix(const Axis *prefix, const Axis *axis);
const char *axis_text(Check *c, const Axis *axis); /* "scan.item, split.part" */
/* Gives hidden inputs their types: what they refer to, as a list where it is gathered. */
void hidden_types(Check *c, Node *node);
void cache_check(Check *c, Unit *unit);
void dead_check(Check *c, Unit *unit);
/* Counts tasks where sizes are known, against max_tasks. (size.c) */
void size_check(Check *c, Unit *unit);

#endif
