/*
 * cmd_metrics.c - `./run metrics`: counts over all recorded runs, for Prometheus.
 */
#include "cli/command.h"
#include "cli/records.h"
#include "report/metrics.h"

int command_metrics(Cli *cli) {
    Records records;
    StoreMetrics metrics = { 0 };
    dag_error error = { 0 };
    int code = records_open(&records, cli);
    if (code != EXIT_COMPLETED)
        return code;
    if (records.reader != NULL &&
        !store_read_metrics(records.reader, &cli->arena, &metrics, &error))
        code = records_refuse(&error);
    else
        fputs(metrics_text(&cli->arena, cli->program->strings + cli->program->name, &metrics),
              stdout);
    records_close(&records);
    return code;
}
