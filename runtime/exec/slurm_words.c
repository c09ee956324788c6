/*
 * slurm_words.c - see slurm_words.h.
 */
#include "exec/slurm_words.h"

#include <stdlib.h>
#include <string.h>

#include "exec/memory.h"
#include "pure/text.h"

/* ---------------------------------------------------------------- the queue */

static SlurmState state_of(const char *word) {
    static const struct {
        const char *word;
        SlurmState state;
    } words[] = { { "COMPLETED", SLURM_ENDED },         { "FAILED", SLURM_ENDED },
                  { "SPECIAL_EXIT", SLURM_ENDED },      { "OUT_OF_MEMORY", SLURM_OOM },
                  { "TIMEOUT", SLURM_TIMEOUT },         { "DEADLINE", SLURM_TIMEOUT },
                  { "CANCELLED", SLURM_CANCELLED },     { "REVOKED", SLURM_CANCELLED },
                  { "NODE_FAIL", SLURM_NODE_FAIL },     { "BOOT_FAIL", SLURM_NODE_FAIL },
                  { "LAUNCH_FAILED", SLURM_NODE_FAIL }, { "RECONFIG_FAIL", SLURM_NODE_FAIL },
                  { "PREEMPTED", SLURM_PREEMPTED } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, word) == 0) {
            return words[i].state;
        }
    }
    return SLURM_LIVES;
}

static bool number(const char *text, uint64_t *n) {
    char *end;
    *n = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

/* The names of others may have any letter in them, so the name comes last. */
bool slurm_line(char *line, SlurmLine *parsed) {
    enum { FIELDS = 6 };
    char *fields[FIELDS];
    for (int i = 0; i < FIELDS; i++) {
        fields[i] = line;
        char *bar = i + 1 < FIELDS ? strchr(line, '|') : NULL;
        if (i + 1 < FIELDS && !bar) {
            return false;
        }
        if (bar) {
            *bar = '\0';
            line = bar + 1;
        }
    }
    uint64_t index = 0;
    bool element = number(fields[1], &index);
    *parsed = (SlurmLine){ .index = (uint32_t)index,
                           .many = !element && strcmp(fields[1], "N/A") != 0,
                           .state = state_of(fields[2]),
                           .word = fields[2],
                           .node = fields[3],
                           .name = fields[5] };
    return number(fields[0], &parsed->id) && index <= UINT32_MAX && fields[1][0] != '\0' &&
           fields[2][0] >= 'A' && fields[2][0] <= 'Z';
}

/* ---------------------------------------------------------------- submissions */

/* "123" or "123;cluster" on a line of its own: a site's wrapper may print other things. */
uint64_t slurm_id(const char *answer) {
    while (*answer) {
        char *end;
        uint64_t id = *answer >= '1' && *answer <= '9' ? strtoull(answer, &end, 10) : 0;
        if (id > 0 && (*end == ';' || *end == '\n' || *end == '\0')) {
            return id;
        }
        answer += strcspn(answer, "\n");
        answer += *answer == '\n';
    }
    return 0;
}

SlurmRefusal slurm_refusal(const char *message) {
    static const struct {
        const char *part;
        SlurmRefusal refusal;
    } known[] = { { "nvalid job array spec", SLURM_LONG },
                  { "QOSMaxSubmit", SLURM_FULL },
                  { "AssocMaxSubmit", SLURM_FULL },
                  { "AssocGrpSubmit", SLURM_FULL },
                  { "QOSGrpSubmit", SLURM_FULL },
                  { "olicy (job submit limit", SLURM_FULL },
                  { "emporarily un", SLURM_FULL },
                  { "oo many", SLURM_FULL },
                  { "job limit", SLURM_FULL },
                  { "imed out", SLURM_UNSURE },
                  { "ontact slurm", SLURM_UNSURE },
                  { "onnection", SLURM_UNSURE },
                  { "ommunication", SLURM_UNSURE },
                  { "ero Bytes", SLURM_UNSURE },
                  { "nexpected message", SLURM_UNSURE },
                  { "rotocol authentication", SLURM_UNSURE },
                  { "in standby mode", SLURM_UNSURE } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strstr(message, known[i].part)) {
            return known[i].refusal;
        }
    }
    return SLURM_REFUSED;
}

uint32_t slurm_array_size(const char *config) {
    const char *at = strstr(config, "MaxArraySize");
    at = at ? at + strcspn(at, "=\n") : "";
    long n = *at == '=' ? strtol(at + 1, NULL, 10) : 0;
    return n > 0 && n < INT32_MAX ? (uint32_t)n : 0;
}

/* ---------------------------------------------------------------- what is asked for */

/* The body's time is kept where it runs, to the millisecond; Slurm's limit, in minutes, is there for
 * when that fails: it has the grace on top, and a minute. */
SlurmAsk slurm_ask(const Attempt *attempt, int64_t grace) {
    const int64_t minute = INT64_C(60) * 1000000000;
    int64_t timeout = attempt->stage->timeout, spare = grace + minute;
    return (SlurmAsk){ .cpu = resource_asked(attempt, "cpu"),
                       .memory = memory_limit(attempt),
                       .gpu = resource_asked(attempt, "gpu"),
                       .time = timeout == 0                  ? 0
                               : timeout > INT64_MAX - spare ? INT64_MAX
                                                             : timeout + spare };
}

static int64_t up(int64_t amount, int64_t unit) {
    return amount / unit + (amount % unit != 0);
}

int64_t slurm_megabytes(int64_t bytes) {
    return up(bytes, INT64_C(1) << 20);
}

int64_t slurm_minutes(int64_t ns) {
    return up(ns, INT64_C(60) * 1000000000);
}

/* ---------------------------------------------------------------- texts */

static const char *replaced(Arena *arena, const char *text, char what, const char *with) {
    TextBuffer out = { .arena = arena };
    for (; *text; text++) {
        if (*text == what) {
            buffer_string(&out, with);
        } else {
            buffer_char(&out, *text);
        }
    }
    return buffer_end(&out);
}

const char *slurm_pattern(Arena *arena, const char *path) {
    return replaced(arena, path, '%', "%%");
}

const char *slurm_quoted(Arena *arena, const char *text) {
    return arena_printf(arena, "'%s'", replaced(arena, text, '\'', "'\\''"));
}

bool slurm_passes_on(const char *entry) {
    static const char *const names[] = { "PATH=",   "HOME=",       "USER=",
                                         "SHELL=",  "LOGNAME=",    "LANG=",
                                         "LC_",     "TMPDIR=",     "LD_LIBRARY_PATH=",
                                         "SBATCH_", "SLURM_CONF=", "SLURM_CLUSTERS=",
                                         "MUNGE_",  "KRB5CCNAME=", "TZ=" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strncmp(entry, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}
