/*
 * complete.h - what may stand for the last word of a command line, for the shells' completion.
 *
 * Both command lines (dagcc's and a compiled pipeline's) hand in the rows that they parse and explain
 * their options by. A shell runs a script (complete_script) that asks the program itself, at each press
 * of the key: `PROGRAM completion SHELL -- WORD…`. The answer is a text of lines:
 *
 *   WORD<TAB>DOC                        a word that may stand there, from its first letter on
 *   :files<TAB>PATTERN<TAB>PREFIX       names of files like PATTERN (`*`, `*.dag`) behind PREFIX
 *   :dirs<TAB>*<TAB>PREFIX              names of folders
 *
 * A word that ends in one of `=:,./` goes on: no blank comes behind it.
 */
#ifndef DAG_PURE_COMPLETE_H
#define DAG_PURE_COMPLETE_H

#include "pure/text.h"

typedef struct CompleteCommand {
    const char *word;      /* "": what runs without one */
    const char *arguments; /* placeholders: "RUN STAGE [KEY]", "FILE…" */
    const char *help;
} CompleteCommand;

typedef struct CompleteOption {
    const char *word;     /* with its dashes */
    char letter;          /* behind one dash, 0: none */
    const char *argument; /* a placeholder; NULL or "": a flag */
    bool joined;          /* -O2: the argument is never a word of its own */
    const char *help;     /* may be "" */
} CompleteOption;

typedef struct Completion Completion;

typedef struct CompleteTables {
    const CompleteCommand *commands;
    size_t ncommands;
    const CompleteOption *options;
    size_t noptions;
    /* Does the command take the option? */
    bool (*takes)(const char *command, size_t option);
    /* Offers what a placeholder stands for. False: it does not know the placeholder. Not asked for
     * FILE, DIR, alternatives (a|b) and lists (A,A), which are made of others. */
    bool (*offer)(Completion *completion, const char *placeholder);
    void *self;
} CompleteTables;

/* The question, as far as it is understood. */
struct Completion {
    Arena *arena;
    const CompleteTables *tables;
    const char **words; /* unquoted; the last one is being written */
    size_t nwords;
    const char *command;      /* "" while none is said */
    const char *arguments[8]; /* the first words behind it, the last one not among them */
    size_t narguments;
    const char *prefix; /* the part of the last word that stays before what is offered */
    const char *typed;  /* the rest of it */
    const char *listed; /* of a list: the elements before, "a,b,"; else "" */
    TextBuffer answer;
};

/* The answer for `n` words as they were typed, quotes and all; the last one, up to the cursor, may be
 * empty. In the arena. */
const char *complete_words(Arena *arena, const CompleteTables *tables, const char *const *words,
                           size_t n);

/* For `offer`: a word, if it goes on from what is typed. Of `doc` (may be NULL) the first line. */
void complete_offer(Completion *completion, const char *word, const char *doc);
/* What an option has been given on the command line so far; NULL: nothing. */
const char *complete_given(const Completion *completion, const char *option);
/* Moves n bytes of what is typed to the prefix; for values inside a word. */
void complete_behind(Completion *completion, size_t n);
/* Offers what a placeholder stands for, whatever it is made of. False: `offer` does not know it. */
bool complete_placeholder(Completion *completion, const char *placeholder);

/* The n-th placeholder of a command's arguments, from 0, without brackets; "" where there is none. */
const char *complete_argument(Arena *arena, const char *arguments, size_t n);

/* The script that sets up a shell (bash, zsh or fish) for a program by this name. NULL: an unknown
 * shell. In the arena. (complete_script.c) */
const char *complete_script(Arena *arena, const char *shell, const char *program);

/* The shells, as a placeholder. */
#define COMPLETE_SHELLS "bash|zsh|fish"

#endif
