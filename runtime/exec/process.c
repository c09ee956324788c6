/*
 * process.c - what the end of a process says of its attempt: completed, failed, crashed, cancelled,
 * with the last lines that it has printed.
 */
#include "exec/process.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "core/secrets.h"
#include "exec/script.h"
#include "exec/signame.h"
#include "exec/tail.h"
#include "exec/usage.h"

void process_fail(Attempt *attempt, dag_state state, const char *type, const char *what) {
    const char *tail = log_tail(attempt, "stderr");
    const char *between = tail[0] == '\0' ? "" : strchr(tail, '\n') ? ":\n" : ": ";
    attempt_fail(attempt, state, type, "%s%s%s", what, between, tail);
}

static void complete_script(Attempt *attempt) {
    const dag_value *given = script_outputs(attempt);
    if (given) {
        attempt_complete(attempt, given);
    }
}

/* Its leader, or a child whose end the shell reports as 137, was killed; was it for want of memory? */
static bool conclude_oom(Process *process) {
    Attempt *attempt = process->attempt;
    bool killed = attempt->outcome.exit_status == 128 + SIGKILL;
    if (!killed || !oom_take(process->oom)) {
        return false;
    }
    attempt->outcome.oom = true;
    process_fail(attempt, DAG_CRASHED, "oom", "killed by the system for want of memory");
    return true;
}

static void conclude_exit(Attempt *attempt, int status) {
    bool gate = (attempt->stage->flags & DAG_STAGE_GATE) != 0;
    attempt->outcome.exit_status = status;
    attempt->specials[DAG_EXIT] = value_int(DAG_INT, status);
    if (status == 0 && attempt->stage->body == DAG_BODY_SCRIPT) {
        complete_script(attempt);
    } else if (status == 0) {
        attempt_complete(attempt, NULL);
    } else if (gate && status == 1) {
        attempt->outcome.state = DAG_FILTERED;
    } else {
        const char *what = arena_printf(&attempt->arena, "exit status %d", status);
        process_fail(attempt, DAG_FAILED, "exit", what);
    }
}

/* Our own limit: a body that came to its end all the same has not felt it. */
static bool conclude_over(Process *process) {
    Attempt *attempt = process->attempt;
    if (process->memory.killed_at == 0 || attempt->outcome.exit_status == 0) {
        return false;
    }
    const char *what = arena_printf(&attempt->arena,
                                    "killed: it took %lld MB of memory, and may have %lld MB "
                                    "(resources memory)",
                                    (long long)(process->memory.killed_at / 1000000),
                                    (long long)(process->memory.limit / 1000000));
    attempt->outcome.oom = true;
    process_fail(attempt, DAG_CRASHED, "oom", what);
    return true;
}

/* What was asked to stop has not succeeded, whatever it says; the driver knows why it was asked. */
void process_conclude(Attempt *attempt, void *arg) {
    Process *process = arg;
    Outcome *outcome = &attempt->outcome;
    bool killed = WIFSIGNALED(process->status);
    secrets_hide_file(attempt, "stdout");
    secrets_hide_file(attempt, "stderr");
    outcome->usage = usage_of_process(&process->usage);
    outcome->exit_status = killed ? 128 + WTERMSIG(process->status) : WEXITSTATUS(process->status);
    if (process->lost) {
        outcome->exit_status = -1;
        attempt_fail(attempt, DAG_CRASHED, "spawn",
                     "its exit status was taken by other code of this process (SIGCHLD ignored?)");
    } else if (process->asked || process->forced) {
        outcome->state = DAG_CANCELLED;
    } else if (conclude_over(process) || conclude_oom(process)) {
        return;
    } else if (killed) {
        const char *what = arena_printf(&attempt->arena, "killed by %s",
                                        signal_name(&attempt->arena, WTERMSIG(process->status)));
        process_fail(attempt, DAG_CRASHED, "signal", what);
    } else {
        conclude_exit(attempt, WEXITSTATUS(process->status));
    }
}
