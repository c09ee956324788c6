/*
 * words_of.h - the names of dag.h's enumerators, as C text ("DAG_OP_FIELD"). For people, what is
 * behind the prefix is taken: word_of_op(op) + WORD_OP.
 */
#ifndef DAGCC_WORDS_OF_H
#define DAGCC_WORDS_OF_H

#include "dag.h"

const char *word_of_kind(uint32_t kind);
const char *word_of_op(uint32_t op);
const char *word_of_special(uint32_t special);
const char *word_of_compare(uint32_t compare);
const char *word_of_body(uint32_t body);
const char *word_of_fan(uint32_t fan);
const char *word_of_on(uint32_t on);
const char *word_of_piece(uint32_t kind);
const char *word_of_hook(uint32_t when);

/* The lengths of their prefixes: DAG_, DAG_OP_, DAG_BODY_ … */
enum { WORD = 4, WORD_OP = 7, WORD_BODY = 9, WORD_ON = 7, WORD_PIECE = 10, WORD_HOOK = 9 };

/* By bit. */
extern const char *const words_of_stage_flags[];
extern const char *const words_of_port_flags[];
extern const char *const words_of_edge_flags[];
extern const char *const words_of_causes[];

#endif
