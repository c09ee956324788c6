/*
 * first_process.h - what the first process of a container owes to the others.
 */
#ifndef DAG_CLI_FIRST_PROCESS_H
#define DAG_CLI_FIRST_PROCESS_H

/* Where we are process 1, a child goes on in our place and this process reaps what is orphaned and hands
 * signals on, until the child has ended. Returns -1 in the process that goes on (the child, or where none
 * is needed or can be made, this one), else the exit code. Before there is a thread. */
int first_process(void);

#endif
