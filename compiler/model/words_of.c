/*
 * words_of.c - one table per enum of dag.h.
 */
#include "model/words_of.h"

#define WORD_OF(value) [value] = #value

const char *word_of_kind(uint32_t kind) {
    static const char *const words[] = {
        WORD_OF(DAG_NULL),   WORD_OF(DAG_BOOL),     WORD_OF(DAG_INT),  WORD_OF(DAG_FLOAT),
        WORD_OF(DAG_STRING), WORD_OF(DAG_DURATION), WORD_OF(DAG_SIZE), WORD_OF(DAG_FILE),
        WORD_OF(DAG_DIR),    WORD_OF(DAG_SECRET),   WORD_OF(DAG_LIST), WORD_OF(DAG_MAP),
        WORD_OF(DAG_RECORD), WORD_OF(DAG_ENUM),     WORD_OF(DAG_JSON), WORD_OF(DAG_OPTIONAL),
    };
    return words[kind];
}

const char *word_of_op(uint32_t op) {
    static const char *const words[] = {
        WORD_OF(DAG_OP_CONST),   WORD_OF(DAG_OP_INPUT),   WORD_OF(DAG_OP_OUT),
        WORD_OF(DAG_OP_RUN),     WORD_OF(DAG_OP_SPECIAL), WORD_OF(DAG_OP_FIELD),
        WORD_OF(DAG_OP_PIPE),    WORD_OF(DAG_OP_TEXT),    WORD_OF(DAG_OP_CONCAT),
        WORD_OF(DAG_OP_LIST),    WORD_OF(DAG_OP_RECORD),  WORD_OF(DAG_OP_FIT),
        WORD_OF(DAG_OP_COMPARE), WORD_OF(DAG_OP_NOT),     WORD_OF(DAG_OP_EXISTS),
        WORD_OF(DAG_OP_AND),     WORD_OF(DAG_OP_OR),      WORD_OF(DAG_OP_DEFAULT),
    };
    return words[op];
}

const char *word_of_special(uint32_t special) {
    static const char *const words[] = {
        WORD_OF(DAG_IT),           WORD_OF(DAG_STDOUT),     WORD_OF(DAG_STDERR),
        WORD_OF(DAG_EXIT),         WORD_OF(DAG_RUN_ID),     WORD_OF(DAG_TASK_KEY),
        WORD_OF(DAG_TASK_ATTEMPT), WORD_OF(DAG_RUN_STATUS), WORD_OF(DAG_RUN_ERROR),
    };
    return words[special];
}

const char *word_of_compare(uint32_t compare) {
    static const char *const words[] = {
        WORD_OF(DAG_EQ),      WORD_OF(DAG_NE),          WORD_OF(DAG_LT),
        WORD_OF(DAG_LE),      WORD_OF(DAG_GT),          WORD_OF(DAG_GE),
        WORD_OF(DAG_IN),      WORD_OF(DAG_NOT_IN),      WORD_OF(DAG_CONTAINS),
        WORD_OF(DAG_MATCHES), WORD_OF(DAG_STARTS_WITH), WORD_OF(DAG_ENDS_WITH),
    };
    return words[compare];
}

const char *word_of_body(uint32_t body) {
    static const char *const words[] = {
        WORD_OF(DAG_BODY_NONE),   WORD_OF(DAG_BODY_RUN),    WORD_OF(DAG_BODY_EXEC),
        WORD_OF(DAG_BODY_SCRIPT), WORD_OF(DAG_BODY_NATIVE), WORD_OF(DAG_BODY_CALL),
        WORD_OF(DAG_BODY_MAP),
    };
    return words[body];
}

const char *word_of_fan(uint32_t fan) {
    static const char *const words[] = {
        WORD_OF(DAG_SINGLE),
        WORD_OF(DAG_AGGREGATE),
        WORD_OF(DAG_GROUPED),
        WORD_OF(DAG_CROSS),
    };
    return words[fan];
}

const char *word_of_on(uint32_t on) {
    static const char *const words[] = {
        WORD_OF(DAG_ON_SUCCESS),
        WORD_OF(DAG_ON_FAILURE),
        WORD_OF(DAG_ON_ALWAYS),
    };
    return words[on];
}

const char *word_of_piece(uint32_t kind) {
    static const char *const words[] = {
        WORD_OF(DAG_PIECE_TEXT),   WORD_OF(DAG_PIECE_WORD), WORD_OF(DAG_PIECE_DOUBLE),
        WORD_OF(DAG_PIECE_SINGLE), WORD_OF(DAG_PIECE_RAW),  WORD_OF(DAG_PIECE_ARG),
        WORD_OF(DAG_PIECE_SPLICE),
    };
    return words[kind];
}

const char *word_of_hook(uint32_t when) {
    static const char *const words[] = {
        WORD_OF(DAG_HOOK_START),
        WORD_OF(DAG_HOOK_SUCCESS),
        WORD_OF(DAG_HOOK_FAILURE),
        WORD_OF(DAG_HOOK_FINISH),
    };
    return words[when];
}

const char *const words_of_stage_flags[] = {
    "DAG_STAGE_CACHEABLE", "DAG_STAGE_GATE",    "DAG_STAGE_PASSTHROUGH", "DAG_STAGE_BARRIER",
    "DAG_STAGE_MAY_FAIL",  "DAG_STAGE_ISOLATE", "DAG_STAGE_OFF",
};

const char *const words_of_port_flags[] = {
    "DAG_PORT_STREAM", "DAG_PORT_GLOB", "DAG_PORT_PATH",   "DAG_PORT_TEMP",     "DAG_PORT_LIST",
    "DAG_PORT_MERGE",  "DAG_PORT_ANY",  "DAG_PORT_HIDDEN", "DAG_PORT_OPTIONAL", "DAG_PORT_FIT",
};

const char *const words_of_edge_flags[] = { "DAG_EDGE_DESC", "DAG_EDGE_FIT" };

const char *const words_of_causes[] = {
    "DAG_CAUSE_TIMEOUT",
    "DAG_CAUSE_OOM",
    "DAG_CAUSE_CRASHED",
    "DAG_CAUSE_ANY",
};
