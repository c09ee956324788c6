/*
 * lineage.h - a recorded run as a graph: which artifacts went into which task. An artifact is a value
 * at an output of a task; of a stream, each element is one.
 */
#ifndef DAG_CLI_LINEAGE_H
#define DAG_CLI_LINEAGE_H

#include "cli/cli.h"
#include "store/store_read.h"

/* An artifact that was an input of a task. */
typedef struct Link {
    uint32_t from, to; /* tasks[] of the record; to: DAG_NONE: an output of the pipeline */
    uint32_t edge;     /* edges[] */
    int64_t element;   /* position in a stream, -1: none */
} Link;

typedef struct Lineage {
    Cli *cli;
    const StoreRecord *record;
    const dag_program *program; /* at hand: the called pipeline where the run is a child */
    Link *links;                /* by `to` */
    size_t nlinks, room;
    size_t *first;     /* by task: its links are links[first[i] .. first[i + 1]) */
    dag_value *inputs; /* by task: objects by port, null: not recorded */
    dag_value *outputs;
    bool *marked;            /* by task: part of what is asked for */
    const bool **run_inputs; /* by stage of the record; NULL: not looked at yet */
} Lineage;

void lineage_build(Lineage *lineage, Cli *cli, const StoreRecord *record);

/* The task that has this file among its outputs; DAG_NONE. *port: which output. */
uint32_t lineage_maker(const Lineage *lineage, const char *path, const char **port);

/* Marks the task, all that went into it and all that it went into; or every task. */
void lineage_mark(Lineage *lineage, uint32_t task);
void lineage_mark_all(Lineage *lineage);

/* The artifact behind a link, and how it is called: "work[1].f", "nums.n[2]". */
dag_value lineage_value(const Lineage *lineage, const Link *link);
const char *lineage_name(const Lineage *lineage, uint32_t task, const char *port, int64_t element);

/* Is it the path of a file or folder below the run's folders, or of an input that is one? */
bool lineage_is_path(dag_value value);

/* Is an output of the stage a stream? */
bool lineage_is_stream(const Lineage *lineage, uint32_t stage, const char *port);

/* Which of the run's inputs the stage of the record mentions, by input of the program; NULL:
 * the program does not have the stage any more. */
const bool *lineage_run_inputs(const Lineage *lineage, uint32_t stage);

/* What the output of the pipeline is called that an edge (to_stage DAG_NONE) leads to. */
const char *lineage_result(const Lineage *lineage, uint32_t edge);

/* Documents of others. (provenance_prov.c, provenance_openlineage.c) */
void provenance_prov(const Lineage *lineage, FILE *out);
void provenance_openlineage(const Lineage *lineage, FILE *out);

#endif
