/*
 * complete.c - see complete.h. A command line is read as its parser reads it, but for mistakes: what
 * is not understood is passed over.
 */
#include "pure/complete.h"

#include <string.h>

/* ---------------------------------------------------------------- offers */

/* Is the word an element of the list that is being written? */
static bool is_listed(const Completion *c, const char *word) {
    size_t length = strlen(word);
    for (const char *p = c->listed; *p != '\0'; p += strspn(p, ",")) {
        size_t n = strcspn(p, ",");
        if (n == length && memcmp(p, word, n) == 0)
            return true;
        p += n;
    }
    return false;
}

void complete_offer(Completion *c, const char *word, const char *doc) {
    if (strncmp(word, c->typed, strlen(c->typed)) != 0 || is_listed(c, word))
        return;
    buffer_string(&c->answer, c->prefix);
    buffer_string(&c->answer, word);
    buffer_char(&c->answer, '\t');
    doc = doc == NULL ? "" : doc;
    buffer_add(&c->answer, doc, strcspn(doc, "\r\n"));
    buffer_char(&c->answer, '\n');
}

static void offer_files(Completion *c, const char *what, const char *pattern) {
    buffer_string(&c->answer, arena_printf(c->arena, ":%s\t%s\t%s\n", what, pattern, c->prefix));
}

void complete_behind(Completion *c, size_t n) {
    c->prefix = arena_printf(c->arena, "%s%.*s", c->prefix, (int)n, c->typed);
    c->typed += n;
}

/* Behind the last comma of what is typed. */
static bool offer_element(Completion *c, const char *placeholder, size_t n) {
    const char *comma = strrchr(c->typed, ',');
    if (comma != NULL) {
        size_t done = (size_t)(comma + 1 - c->typed);
        c->listed = arena_text(c->arena, c->typed, done);
        complete_behind(c, done);
    }
    return complete_placeholder(c, arena_text(c->arena, placeholder, n));
}

static bool offer_alternatives(Completion *c, const char *placeholder) {
    bool known = true;
    for (const char *p = placeholder; *p != '\0'; p += strspn(p, "|")) {
        size_t n = strcspn(p, "|");
        const char *one = arena_text(c->arena, p, n);
        if (*one >= 'A' && *one <= 'Z')
            known = complete_placeholder(c, one) && known;
        else
            complete_offer(c, one, NULL);
        p += n;
    }
    return known;
}

bool complete_placeholder(Completion *c, const char *placeholder) {
    size_t n = strcspn(placeholder, ",");
    if (placeholder[n] != '\0')
        return offer_element(c, placeholder, n);
    if (strchr(placeholder, '|') != NULL)
        return offer_alternatives(c, placeholder);
    if (strncmp(placeholder, "FILE", 4) == 0)
        offer_files(c, "files", arena_printf(c->arena, "*%s", placeholder + 4));
    else if (strcmp(placeholder, "DIR") == 0)
        offer_files(c, "dirs", "*");
    else
        return c->tables->offer(c, placeholder);
    return true;
}

/* ---------------------------------------------------------------- words */

/* A word without the quotes of a shell, as far as it has been typed. */
static const char *unquoted(Arena *arena, const char *raw) {
    char *text = arena_text(arena, raw, strlen(raw)), *to = text, quote = '\0';
    for (const char *p = raw; *p != '\0'; p++) {
        if (*p == quote || (quote == '\0' && (*p == '"' || *p == '\''))) {
            quote = quote == '\0' ? *p : '\0';
            continue;
        }
        if (*p == '\\' && quote != '\'' && p[1] != '\0')
            p++;
        *to++ = *p;
    }
    *to = '\0';
    return text;
}

static bool has_argument(const CompleteOption *option) {
    return option->argument != NULL && *option->argument != '\0';
}

static const CompleteOption *find_option(const CompleteTables *t, const char *word, size_t n) {
    for (size_t i = 0; i < t->noptions; i++) {
        if (strlen(t->options[i].word) == n && memcmp(t->options[i].word, word, n) == 0)
            return &t->options[i];
    }
    return NULL;
}

static const CompleteOption *find_letter(const CompleteTables *t, char letter) {
    for (size_t i = 0; i < t->noptions; i++) {
        if (t->options[i].letter == letter && letter != '\0')
            return &t->options[i];
    }
    return NULL;
}

/* The option with an argument that a word is or begins with; *n: the bytes of the word that say so,
 * a `=` behind them too. NULL: none. */
static const CompleteOption *option_with_argument(const CompleteTables *t, const char *word,
                                                  size_t *n) {
    *n = strcspn(word, "=");
    const CompleteOption *option = find_option(t, word, *n);
    if (option != NULL) {
        *n += word[*n] == '=';
        return has_argument(option) ? option : NULL;
    }
    option = word[1] == '-' ? NULL : find_option(t, word, 2);
    *n = 2;
    if (option != NULL)
        return has_argument(option) ? option : NULL;
    for (; word[1] != '-' && word[*n - 1] != '\0';
         (*n)++) { /* -qj4: flags, then one with its argument */
        option = find_letter(t, word[*n - 1]);
        if (option == NULL || has_argument(option))
            return option;
    }
    return NULL;
}

/* Does the option wait for the next word? */
static bool waits(const CompleteOption *option, const char *word, size_t n) {
    return option != NULL && !option->joined && word[n] == '\0' && word[n - 1] != '=';
}

static bool is_option(const char *word) {
    return word[0] == '-' && word[1] != '\0';
}

static void take_plain(Completion *c, const char *word) {
    const CompleteTables *t = c->tables;
    enum { MOST = sizeof c->arguments / sizeof *c->arguments };
    for (size_t i = 0; *c->command == '\0' && c->narguments == 0 && i < t->ncommands; i++) {
        if (strcmp(t->commands[i].word, word) == 0) {
            c->command = word;
            return;
        }
    }
    if (c->narguments < MOST)
        c->arguments[c->narguments++] = word;
}

/* Reads all words but the last; the option that waits for that one, or NULL. */
static const CompleteOption *read_words(Completion *c) {
    const CompleteOption *waiting = NULL;
    bool plain = false;
    for (size_t i = 0; i + 1 < c->nwords; i++) {
        const char *word = c->words[i];
        size_t n;
        if (waiting != NULL) {
            waiting = NULL;
        } else if (!plain && strcmp(word, "--") == 0) {
            plain = true;
        } else if (!plain && is_option(word)) {
            const CompleteOption *option = option_with_argument(c->tables, word, &n);
            waiting = waits(option, word, n) ? option : NULL;
        } else {
            take_plain(c, word);
        }
    }
    return waiting;
}

const char *complete_given(const Completion *c, const char *name) {
    const char *value = NULL;
    for (size_t i = 0; i + 1 < c->nwords; i++) {
        size_t n;
        const char *word = c->words[i];
        const CompleteOption *option =
            is_option(word) ? option_with_argument(c->tables, word, &n) : NULL;
        if (option == NULL || strcmp(option->word, name) != 0)
            continue;
        value = !waits(option, word, n) ? word + n : i + 2 < c->nwords ? c->words[i + 1] : value;
    }
    return value;
}

/* ---------------------------------------------------------------- the last word */

static void offer_options(Completion *c) {
    for (size_t i = 0; i < c->tables->noptions; i++) {
        const CompleteOption *option = &c->tables->options[i];
        if (c->tables->takes(c->command, i))
            complete_offer(c, option->word, option->help);
    }
}

static void offer_commands(Completion *c) {
    for (size_t i = 0; i < c->tables->ncommands; i++) {
        const CompleteCommand *command = &c->tables->commands[i];
        if (*command->word != '\0')
            complete_offer(c, command->word, command->help);
    }
}

const char *complete_argument(Arena *arena, const char *arguments, size_t n) {
    for (const char *p = arguments; *p != '\0'; p += strspn(p, " ")) {
        size_t length = strcspn(p, " ");
        const char *word = arena_text(arena, p, length), *more = strstr(word, "…");
        p += length;
        if (strncmp(word, "[-", 2) == 0 || strncmp(word, "[OPTION", 7) == 0)
            continue;
        if (n == 0 || more != NULL) {
            size_t end = more != NULL ? (size_t)(more - word) : strcspn(word, "]");
            return arena_text(arena, word + (*word == '['), end - (*word == '['));
        }
        n--;
    }
    return "";
}

static void offer_plain(Completion *c) {
    const CompleteTables *t = c->tables;
    if (*c->command == '\0' && c->narguments == 0)
        offer_commands(c);
    for (size_t i = 0; i < t->ncommands; i++) {
        if (strcmp(t->commands[i].word, c->command) == 0) {
            complete_placeholder(c, complete_argument(c->arena, t->commands[i].arguments,
                                                      c->narguments));
        }
    }
}

const char *complete_words(Arena *arena, const CompleteTables *tables, const char *const *words,
                           size_t n) {
    Completion c = { .arena = arena, .tables = tables, .nwords = n == 0 ? 1 : n };
    c.answer.arena = arena;
    c.command = c.prefix = c.typed = c.listed = "";
    c.words = ARENA_ARRAY(arena, c.nwords, const char *);
    c.words[0] = "";
    for (size_t i = 0; i < n; i++)
        c.words[i] = unquoted(arena, words[i]);
    c.typed = c.words[c.nwords - 1];
    const CompleteOption *option = read_words(&c);
    size_t length = 0;
    if (option == NULL && is_option(c.typed)) {
        option = option_with_argument(tables, c.typed, &length);
        option = waits(option, c.typed, length) ? NULL : option;
    }
    if (option != NULL) {
        complete_behind(&c, length);
        complete_placeholder(&c, option->argument);
    } else if (*c.typed == '-') {
        offer_options(&c);
    } else {
        offer_plain(&c);
    }
    return buffer_end(&c.answer);
}
