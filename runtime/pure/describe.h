/*
 * describe.h - documents about a program that the compiler and the compiled pipeline both print.
 *
 * Pure: in go the tables, out comes JSON, which lives in the arena and ends in a newline.
 */
#ifndef DAG_PURE_DESCRIBE_H
#define DAG_PURE_DESCRIBE_H

#include "dag.h"
#include "pure/arena.h"

/* The graph, a line for each stage and edge:
 *
 *   {"pipeline", "stages": [{"slug", "fan", "axis": ["scan.item"], "kind", "tags",
 *                            "in": [{"name", "type", "axis"}], "out": [ likewise ]}],
 *    "edges": [{"from", "to", "kind": "data" or "order", "on", "where"}]}
 *
 * An edge that a reference inside an expression makes has no input by name: its `to` is the stage.
 * What an output of the pipeline takes is an edge to "output.NAME". */
const char *describe_graph(Arena *arena, const dag_program *program);

/* A JSON Schema (draft 2020-12) of the inputs, in the forms that a run takes them in: T? may be
 * left out or null, a duration is text or seconds, a size text or bytes. */
const char *describe_schema(Arena *arena, const dag_program *program);

#endif
