/*
 * secrets.h - keeps the text of secrets out of what is shown or kept: every place where one stands
 * becomes "***". Secrets are those among the run's inputs and the attempt's own; of one that has
 * several lines, each line that is not short is one too.
 */
#ifndef DAG_CORE_SECRETS_H
#define DAG_CORE_SECRETS_H

#include "core/executor.h"

/* Is a value of this type a secret, or may one be in it? */
bool secrets_in_type(const dag_program *program, uint32_t type);

/* The same text if there is none in it, else a changed copy in the attempt's arena. */
const char *secrets_hide(Attempt *attempt, const char *text);

/* The same for all texts and names in a value. */
dag_value secrets_hide_value(Attempt *attempt, dag_value value);

/* May there be any secrets? */
bool secrets_any(const Attempt *attempt);

/* The same for the file DIR/<name>, which is replaced. What cannot be read or written anew is left
 * empty. */
void secrets_hide_file(Attempt *attempt, const char *name);

#endif
