/*
 * select.h - which stages may run: --only, --from, --until, --select, --types, --exclude-tags.
 */
#ifndef DAG_CLI_SELECT_H
#define DAG_CLI_SELECT_H

#include "cli/cli.h"
#include "core/reuse.h"

/* Is anything selected at all? */
bool selection_given(const Cli *cli);

/* By stage: may it run? All options together, each narrows. In cli->arena. NULL after saying which
 * stage, tag or kind there is not. */
const bool *selection_chosen(Cli *cli);

/* What the others give: the results of the newest run in which the stage ended well, or nothing
 * (skipped, "unselected"). `root`: the state folder, or NULL. NULL after saying what is wrong. */
dag_reuse *selection_reuse(Cli *cli, const bool *chosen, const char *root);

/* Is there a run whose results the stage, which is not chosen, gives? `reuse`: of selection_reuse. */
bool selection_has(dag_reuse *reuse, uint32_t stage);

#endif
