/*
 * report.c - --report FILE: a recorded run as a page, after a run and from `show`.
 */
#include "cli/report.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "core/secrets.h"
#include "pure/text.h"
#include "report/page.h"

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A word for the shell. */
static const char *quoted(Arena *arena, const char *word) {
    static const char *const plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "_-./:+@%,";
    if (*word != '\0' && strspn(word, plain) == strlen(word))
        return word;
    TextBuffer out = { .arena = arena };
    buffer_char(&out, '\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            buffer_string(&out, "'\\''");
        else
            buffer_char(&out, *word);
    }
    buffer_char(&out, '\'');
    return buffer_end(&out);
}

/* Secrets are not recorded: who resumes gives them again. NULL: the run is over, or goes on. */
static const char *resume_command(Cli *cli, const StoreRunInfo *run) {
    const dag_program *program = cli->program;
    if (run->state == DAG_COMPLETED || run->state == DAG_RUNNING || strchr(run->id, '/') != NULL)
        return NULL;
    const char *text = arena_printf(&cli->arena, "%s resume %s", quoted(&cli->arena, cli->self),
                                    quoted(&cli->arena, run->id));
    if (strcmp(cli->state_dir, ".dag") != 0)
        text =
            arena_printf(&cli->arena, "%s --state %s", text, quoted(&cli->arena, cli->state_dir));
    for (uint32_t i = 0; i < program->ninputs; i++) {
        if (secrets_in_type(program, program->inputs[i].type))
            text = arena_printf(&cli->arena, "%s --input %s=…", text,
                                program->strings + program->inputs[i].name);
    }
    return text;
}

static int write_file(Cli *cli, const char *text) {
    FILE *file = fopen(cli->report_file, "we");
    bool good = file != NULL && fputs(text, file) >= 0;
    int why = errno;
    if (file != NULL && fclose(file) != 0 && good) {
        good = false;
        why = errno;
    }
    if (good)
        return EXIT_COMPLETED;
    fprintf(stderr, "error: --report %s: %s\n", cli->report_file, strerror(why));
    return EXIT_CRASHED;
}

int report_write(Records *records, const StoreRecord *record) {
    Cli *cli = records->cli;
    StoreChildRun *children = NULL;
    size_t n = 0;
    dag_error error = { 0 };
    if (!store_read_children(records->reader, &cli->arena, record->run.id, &children, &n, &error))
        return records_refuse(&error);
    PageFacts facts = { .program = cli->program,
                        .record = record,
                        .children = children,
                        .nchildren = n,
                        .resume = resume_command(cli, &record->run),
                        .now = now() };
    return write_file(cli, page_text(&cli->arena, &facts));
}

bool report_ready(Cli *cli) {
    FILE *file = strcmp(cli->state_dir, ":memory:") == 0 ? NULL : fopen(cli->report_file, "ae");
    if (file != NULL)
        return fclose(file) == 0;
    if (strcmp(cli->state_dir, ":memory:") == 0)
        cli_complain(cli, "--report is made from what the run has recorded: not with "
                          "--state :memory:");
    else
        cli_complain(cli, "--report %s: %s", cli->report_file, strerror(errno));
    return false;
}

int report_run(Cli *cli, const char *run) {
    Records records;
    StoreRecord record;
    int code = records_open(&records, cli);
    if (code == EXIT_COMPLETED)
        code = records_load(&records, run, &record);
    if (code == EXIT_COMPLETED)
        code = report_write(&records, &record);
    records_close(&records);
    return code;
}
