/*
 * style.c - colours and durations, for people.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"

Style style_for(ColorChoice choice, FILE *stream) {
    static const Style plain = { "", "", "", "", "", "" };
    static const Style colored = { "\033[1m",  "\033[31m", "\033[32m",
                                   "\033[33m", "\033[2m",  "\033[0m" };
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    bool unwanted = (no_color != NULL && *no_color != '\0') || term == NULL || *term == '\0';
    if (choice == COLOR_AUTO && !unwanted && isatty(fileno(stream)))
        choice = COLOR_ALWAYS;
    return choice == COLOR_ALWAYS ? colored : plain;
}

const char *style_state(const Style *style, dag_state state) {
    switch (state) {
    case DAG_COMPLETED:
    case DAG_CACHED: return style->green;
    case DAG_FAILED:
    case DAG_CRASHED: return style->red;
    case DAG_CANCELLED:
    case DAG_SKIPPED:
    case DAG_PAUSED: return style->yellow;
    case DAG_PENDING:
    case DAG_RUNNING:
    case DAG_FILTERED:
    case DAG_QUEUED:
    case DAG_NSTATES: return style->dim;
    }
    return "";
}
