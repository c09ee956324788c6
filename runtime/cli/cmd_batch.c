/*
 * cmd_batch.c - `./run batch FILE.jsonl|-`: a run for each line, which is the inputs as a JSON object; a
 * line of result for each run, as it ends.
 */
#include <errno.h>
#include <string.h>

#include "cli/command.h"
#include "cli/lines.h"
#include "cli/many.h"

typedef struct Batch {
    Many many;
    Cli *cli;
    Lines lines;
    FILE *results;
    uint64_t n, good; /* lines with a result; of them, completed */
    int64_t began;
    bool deaf; /* nobody takes the results any more */
} Batch;

/* ---------------------------------------------------------------- one line */

static bool next(void *self, One *one) {
    Batch *batch = self;
    const char *text;
    size_t n;
    LineKind kind = lines_next(&batch->lines, &text, &n);
    one->number = batch->lines.number;
    if (kind == LINE_TEXT) {
        one->cli.object = arena_text(&one->cli.arena, text, n);
        one->cli.nobject = n;
    }
    return kind != LINE_NONE;
}

static bool open_one(void *self, One *one) {
    const Batch *batch = self;
    Cli *cli = &one->cli;
    cli->json = true;
    if (cli->out_dir != NULL)
        cli->out_dir =
            arena_printf(&cli->arena, "%s/%llu", cli->out_dir, (unsigned long long)one->number);
    if (!job_tally(&one->job))
        return false;
    if (cli->object == NULL)
        cli_say(cli, "the line is longer than --max-value (%zu bytes)", batch->lines.most);
    return cli->object != NULL && job_inputs(&one->job) && job_state(&one->job) &&
           job_cache(&one->job);
}

/* It has no run: the result says why. */
static void refuse(One *one) {
    Tally *tally = &one->job.tally;
    tally->state = DAG_FAILED;
    tally->refused = true;
    tally->error =
        (dag_error){ .type = "type",
                     .message = one->cli.said != NULL ? one->cli.said : "out of memory" };
}

static void complain(const Batch *batch, const One *one, const char *what) {
    Style style = style_for(batch->cli->color_choice, stderr);
    const Tally *tally = &one->job.tally;
    fprintf(stderr, "line %llu: %s%s%s", (unsigned long long)one->number,
            style_state(&style, tally->state), dag_state_name(tally->state), style.off);
    if (one->job.run != NULL)
        fprintf(stderr, " (run %s)", dag_run_name(one->job.run));
    fprintf(stderr, "%s%s\n", what != NULL ? ": " : "", what != NULL ? what : "");
}

static void ended(void *self, One *one) {
    Batch *batch = self;
    const Tally *tally = &one->job.tally;
    if (one->job.run == NULL)
        refuse(one);
    batch->n++;
    if (tally->stages == NULL) { /* without memory there is not even that */
        complain(batch, one, one->cli.said);
        return;
    }
    bool good = tally->state == DAG_COMPLETED;
    if (one->cli.out_dir != NULL && one->job.run != NULL)
        good = outputs_copy(&one->cli, one->job.run) && good;
    batch->good += good;
    document_print(tally, one->job.run, one->number, batch->results);
    if (fflush(batch->results) != 0 && !batch->deaf) {
        batch->deaf = true;
        cli_say(batch->cli, "the results cannot be written: %s", strerror(errno));
        many_stop(&batch->many);
    }
    if (!good && !batch->cli->quiet)
        complain(batch, one, tally->error.type != NULL ? tally->error.message : one->cli.said);
}

/* ---------------------------------------------------------------- all of them */

static const ManyKind kind = { .next = next, .open = open_one, .ended = ended };

static int open_batch(Batch *batch) {
    Cli *cli = batch->cli;
    size_t most = cli->max_value > 0 ? (size_t)cli->max_value : DAG_MAX_VALUE;
    int code = many_store(&batch->many);
    if (code != EXIT_COMPLETED)
        return code;
    if (!lines_open(&batch->lines, cli->words[0], batch->many.stop, most)) {
        cli_complain(cli, "%s: %s", cli->words[0], strerror(errno));
        return EXIT_USAGE;
    }
    batch->results = many_results(cli);
    return batch->results != NULL ? EXIT_COMPLETED : EXIT_CRASHED;
}

static int finish(Batch *batch, int code) {
    Cli *cli = batch->cli;
    if (batch->lines.error != 0)
        cli_say(cli, "%s: %s", cli->words[0], strerror(batch->lines.error));
    if (batch->results != NULL && fclose(batch->results) != 0)
        batch->deaf = true;
    if (code == EXIT_COMPLETED && (batch->deaf || batch->lines.error != 0))
        code = EXIT_CRASHED;
    if (batch->n > 0 && !cli->quiet)
        fprintf(stderr, "%llu runs, %llu completed\n", (unsigned long long)batch->n,
                (unsigned long long)batch->good);
    lines_close(&batch->lines);
    return code == EXIT_COMPLETED && batch->good < batch->n ? EXIT_FAILED : code;
}

int command_batch(Cli *cli) {
    Batch batch = { .cli = cli, .lines = { .fd = -1 } };
    batch.many = (Many){ .cli = cli, .kind = &kind, .self = &batch };
    int code = many_open(&batch.many);
    if (code == EXIT_COMPLETED)
        code = open_batch(&batch);
    if (code == EXIT_COMPLETED)
        code = many_work(&batch.many);
    code = finish(&batch, code);
    many_close(&batch.many);
    return code;
}
