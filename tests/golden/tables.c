/* The program of the pipeline `tables`, made by dagcc from tables.dag. */
#include "dag.h"

/* Every text once: names are offsets. */
static const char strings[] =
    /* 0 */ "\0"
    /* 1 */ "root\0"
    /* 6 */ "string\0"
    /* 13 */ ".\0"
    /* 15 */ "\".\"\0"
    /* 19 */ "bool\0"
    /* 24 */ "it != \"\"\0"
    /* 33 */ "names\0"
    /* 39 */ "list<string>\0"
    /* 52 */ "a\0"
    /* 54 */ "b\0"
    /* 56 */ "[\"a\", \"b\"]\0"
    /* 67 */ "list\0"
    /* 72 */ "scan\0"
    /* 77 */ "item\0"
    /* 82 */ "stdout | lines\0"
    /* 97 */ "ls -- \0"
    /* 104 */ "input.root\0"
    /* 115 */ " '\0"
    /* 118 */ "' \"$(pwd)/\0"
    /* 129 */ "\" \0"
    /* 132 */ "input.names\0"
    /* 144 */ "LANG\0"
    /* 149 */ "C\0"
    /* 151 */ "\"C\"\0"
    /* 155 */ "io\0"
    /* 158 */ "first\0"
    /* 164 */ "shout\0"
    /* 170 */ "quiet\0"
    /* 176 */ "config.loud and word != \"quiet\"\0"
    /* 208 */ "word\0"
    /* 213 */ "[0-9]+\0"
    /* 220 */ "it starts_with \"a\" or it matches '[0-9]+'\0"
    /* 262 */ "text\0"
    /* 267 */ "!\0"
    /* 269 */ "\"<word | upper | truncate(10)>!\"\0"
    /* 302 */ "count\0"
    /* 308 */ "words\0"
    /* 314 */ "list()\0"
    /* 321 */ "n\0"
    /* 323 */ "int\0"
    /* 327 */ "words | length\0"
    /* 342 */ "tell\0"
    /* 347 */ "printf\0"
    /* 354 */ "\"printf\"\0"
    /* 363 */ "%s of %s\n\0"
    /* 373 */ "\"%s of %s\\n\"\0"
    /* 386 */ "\"<n>\"\0"
    /* 392 */ "sorry\0"
    /* 398 */ "echo \"it's over\" >&2\0"
    /* 419 */ "count.n | add(1)\0"
    /* 436 */ "count.n\0"
    /* 444 */ "shout.text\0"
    /* 455 */ "tables\0"
    /* 462 */ "tables.dag\0"
    /* 473 */ "Something in each of the tables: edges with conditions, orders, bodies of all kinds, attributes.\0";

static const dag_type tables_types[] = {
    { .kind = DAG_STRING, .elem = DAG_NONE, .name = 6 /* string */ },
    { .kind = DAG_BOOL, .elem = DAG_NONE, .name = 19 /* bool */ },
    { .kind = DAG_LIST, .elem = 0, .name = 39 /* list<string> */ },
    { .kind = DAG_INT, .elem = DAG_NONE, .name = 323 /* int */ },
};

static const dag_const tables_consts[] = {
    { .kind = DAG_STRING, .len = 1, .u.text = 13 /* . */ },
    { .kind = DAG_STRING },
    { .kind = DAG_LIST, .len = 2, .u.first = 3 },
    { .kind = DAG_STRING, .len = 1, .u.text = 52 /* a */ },
    { .kind = DAG_STRING, .len = 1, .u.text = 54 /* b */ },
    { .kind = DAG_STRING, .len = 1, .u.text = 149 /* C */ },
    { .kind = DAG_STRING, .len = 5, .u.text = 170 /* quiet */ },
    { .kind = DAG_STRING, .len = 1, .u.text = 52 /* a */ },
    { .kind = DAG_STRING, .len = 6, .u.text = 213 /* [0-9]+ */ },
    { .kind = DAG_INT, .u.i = 10 },
    { .kind = DAG_STRING, .len = 1, .u.text = 267 /* ! */ },
    { .kind = DAG_LIST, .u.first = 12 },
    { .kind = DAG_STRING, .len = 6, .u.text = 347 /* printf */ },
    { .kind = DAG_STRING, .len = 9, .u.text = 363 /* %s of %s  */ },
    { .kind = DAG_INT, .u.i = 1 },
};

static const uint32_t tables_code[] = {
    /* 0: "." */
    DAG_CODE(DAG_OP_CONST, 0 /* '.' */),
    /* 1: it != "" */
    DAG_CODE(DAG_OP_SPECIAL, DAG_IT),
    DAG_CODE(DAG_OP_CONST, 1 /* '' */),
    DAG_CODE(DAG_OP_COMPARE, DAG_NE),
    /* 2: ["a", "b"] */
    DAG_CODE(DAG_OP_CONST, 2 /* list of 2 */),
    /* 3: stdout | lines */
    DAG_CODE(DAG_OP_SPECIAL, DAG_STDOUT),
    DAG_PIPE_CODE(0x1012 /* lines */, 0),
    /* 4: input.root */
    DAG_CODE(DAG_OP_RUN, 0 /* root */),
    /* 5: input.root */
    DAG_CODE(DAG_OP_RUN, 0 /* root */),
    /* 6: input.root */
    DAG_CODE(DAG_OP_RUN, 0 /* root */),
    /* 7: input.names */
    DAG_CODE(DAG_OP_RUN, 1 /* names */),
    /* 8: "C" */
    DAG_CODE(DAG_OP_CONST, 5 /* 'C' */),
    /* 9: config.loud and word != "quiet" */
    DAG_CODE(DAG_OP_INPUT, 0 /* word */),
    DAG_CODE(DAG_OP_CONST, 6 /* 'quiet' */),
    DAG_CODE(DAG_OP_COMPARE, DAG_NE),
    /* 10: it starts_with "a" or it matches '[0-9]+… */
    DAG_CODE(DAG_OP_SPECIAL, DAG_IT),
    DAG_CODE(DAG_OP_CONST, 7 /* 'a' */),
    DAG_CODE(DAG_OP_COMPARE, DAG_STARTS_WITH),
    DAG_CODE(DAG_OP_OR, 3),
    DAG_CODE(DAG_OP_SPECIAL, DAG_IT),
    DAG_CODE(DAG_OP_CONST, 8 /* '[0-9]+' */),
    DAG_CODE(DAG_OP_COMPARE, DAG_MATCHES),
    /* 11: "<word | upper | truncate(10)>!" */
    DAG_CODE(DAG_OP_INPUT, 0 /* word */),
    DAG_PIPE_CODE(0x1005 /* upper */, 0),
    DAG_CODE(DAG_OP_CONST, 9 /* 10 */),
    DAG_PIPE_CODE(0x100d /* truncate */, 1),
    DAG_CODE(DAG_OP_CONST, 10 /* '!' */),
    DAG_CODE(DAG_OP_CONCAT, 2),
    /* 12: list() */
    DAG_CODE(DAG_OP_CONST, 11 /* list of 0 */),
    /* 13: words | length */
    DAG_CODE(DAG_OP_INPUT, 0 /* words */),
    DAG_PIPE_CODE(0x002b /* length */, 0),
    /* 14: "printf" */
    DAG_CODE(DAG_OP_CONST, 12 /* 'printf' */),
    /* 15: "%s of %s\n" */
    DAG_CODE(DAG_OP_CONST, 13 /* '%s of %s ' */),
    /* 16: "<n>" */
    DAG_CODE(DAG_OP_INPUT, 0 /* n */),
    DAG_CODE(DAG_OP_TEXT, 0),
    /* 17: input.names */
    DAG_CODE(DAG_OP_RUN, 1 /* names */),
    /* 18: count.n | add(1) */
    DAG_CODE(DAG_OP_INPUT, 0 /* count.n */),
    DAG_CODE(DAG_OP_CONST, 14 /* 1 */),
    DAG_PIPE_CODE(0x1000 /* add */, 1),
    /* 19: shout.text */
    DAG_CODE(DAG_OP_INPUT, 0 /* shout.text */),
};

static const dag_expr tables_exprs[] = {
    { .n = 1, .type = 0, .line = 3, .column = 25, .source = 15 /* "." */ },
    { .first = 1, .n = 3, .type = 1, .line = 3, .column = 35, .source = 24 /* it != "" */ },
    { .first = 4, .n = 1, .type = 2, .line = 4, .column = 32, .source = 56 /* ["a", "b"] */ },
    { .first = 5, .n = 2, .type = 2, .line = 10, .column = 33, .source = 82 /* stdout | lines */ },
    { .first = 7, .n = 1, .type = 0, .line = 11, .column = 17, .source = 104 /* input.root */ },
    { .first = 8, .n = 1, .type = 0, .line = 11, .column = 31, .source = 104 /* input.root */ },
    { .first = 9, .n = 1, .type = 0, .line = 11, .column = 54, .source = 104 /* input.root */ },
    { .first = 10, .n = 1, .type = 2, .line = 11, .column = 69, .source = 132 /* input.names */ },
    { .first = 11, .n = 1, .type = 0, .line = 15, .column = 16, .source = 151 /* "C" */ },
    { .first = 12, .n = 3, .type = 1, .line = 21, .column = 10,
      .source = 176 /* config.loud and word != "quiet" */ },
    { .first = 15, .n = 7, .type = 1, .line = 38, .column = 34,
      .source = 220 /* it starts_with "a" or it matches '[0-9]+… */ },
    { .first = 22, .n = 6, .type = 0, .line = 20, .column = 24,
      .source = 269 /* "<word | upper | truncate(10)>!" */ },
    { .first = 28, .n = 1, .type = 2, .line = 26, .column = 32, .source = 314 /* list() */ },
    { .first = 29, .n = 2, .type = 3, .line = 27, .column = 19, .source = 327 /* words | length */ },
    { .first = 31, .n = 1, .type = 0, .line = 32, .column = 10, .source = 354 /* "printf" */ },
    { .first = 32, .n = 1, .type = 0, .line = 32, .column = 20, .source = 373 /* "%s of %s\n" */ },
    { .first = 33, .n = 2, .type = 0, .line = 32, .column = 34, .source = 386 /* "<n>" */ },
    { .first = 35, .n = 1, .type = 2, .line = 32, .column = 42, .source = 132 /* input.names */ },
    { .first = 36, .n = 3, .type = 3, .line = 44, .column = 20,
      .source = 419 /* count.n | add(1) */ },
    { .first = 39, .n = 1, .type = 2, .line = 45, .column = 33, .source = 444 /* shout.text */ },
};

static const dag_axis tables_axes[] = {
    { .parent = DAG_NONE, .position = DAG_NONE },
    { .parent = 0, .position = 0, .depth = 1 },
};

static const dag_stage tables_stages[] = {
    /* 0: stage list, line 9 */
    { .slug = 67 /* list */, .body = DAG_BODY_RUN, .fan = DAG_SINGLE, .nout = 1, .nafter = 1,
      .when = DAG_NONE, .npiece = 8, .native = DAG_NONE, .sub = DAG_NONE, .map_over = DAG_NONE,
      .nenv = 1, .ntag = 2, .kind = 72 /* scan */, .retry = 2, .retry_on = DAG_CAUSE_CRASHED,
      .nexit_code = 1, .backoff = 500000000, .line = 9 },
    /* 1: stage shout, line 18 */
    { .slug = 164 /* shout */, .body = DAG_BODY_NONE, .fan = DAG_SINGLE, .axis = 1, .in = 1,
      .nin = 1, .out = 2, .nout = 1, .when = 9, .native = DAG_NONE, .sub = DAG_NONE,
      .map_over = DAG_NONE, .line = 18 },
    /* 2: stage count, line 24 */
    { .slug = 302 /* count */, .body = DAG_BODY_NONE, .fan = DAG_AGGREGATE, .in = 3, .nin = 1,
      .out = 4, .nout = 1, .when = DAG_NONE, .native = DAG_NONE, .sub = DAG_NONE,
      .map_over = DAG_NONE, .line = 24 },
    /* 3: stage tell, line 30 */
    { .slug = 342 /* tell */, .body = DAG_BODY_EXEC, .fan = DAG_SINGLE,
      .flags = DAG_STAGE_MAY_FAIL, .in = 5, .nin = 1, .out = 6, .after = 1, .nafter = 1,
      .when = DAG_NONE, .piece = 8, .npiece = 4, .native = DAG_NONE, .sub = DAG_NONE,
      .map_over = DAG_NONE, .line = 30 },
    /* 4: stage sorry, line 36 */
    { .slug = 392 /* sorry */, .body = DAG_BODY_RUN, .fan = DAG_SINGLE, .in = 6, .out = 6,
      .norder = 2, .when = DAG_NONE, .piece = 12, .npiece = 1, .native = DAG_NONE, .sub = DAG_NONE,
      .map_over = DAG_NONE, .line = 36 },
};

static const uint32_t tables_topo[] = {
    0, 1, 2, 3, 4,
};

static const dag_port tables_ports[] = {
    /* 0: out list.item: string, line 10 */
    { .name = 77 /* item */, .stage = 0, .axis = 1, .flags = DAG_PORT_STREAM, .value = 3,
      .nedges = 1, .line = 10 },
    /* 1: in shout.word: string, line 19 */
    { .name = 208 /* word */, .stage = 1, .axis = 1, .value = DAG_NONE, .nedges = 1, .line = 19 },
    /* 2: out shout.text: string, line 20 */
    { .name = 262 /* text */, .stage = 1, .axis = 1, .value = 11, .edge = 1, .nedges = 2,
      .line = 20 },
    /* 3: in count.words: list<string>, line 26 */
    { .name = 308 /* words */, .stage = 2, .type = 2, .axis = 1,
      .flags = DAG_PORT_LIST | DAG_PORT_OPTIONAL, .value = 12, .edge = 1, .nedges = 1, .line = 26 },
    /* 4: out count.n: int, line 27 */
    { .name = 321 /* n */, .stage = 2, .type = 3, .value = 13, .edge = 3, .nedges = 2, .line = 27 },
    /* 5: in tell.n: int, line 31 */
    { .name = 321 /* n */, .stage = 3, .type = 3, .value = DAG_NONE, .edge = 2, .nedges = 1,
      .line = 31 },
    /* 6: for an output: count.n: int, line 44 */
    { .name = 436 /* count.n */, .stage = DAG_NONE, .type = 3, .flags = DAG_PORT_HIDDEN,
      .value = DAG_NONE, .edge = 3, .nedges = 1, .line = 44 },
    /* 7: for an output: shout.text: list<string>, line 45 */
    { .name = 444 /* shout.text */, .stage = DAG_NONE, .type = 2, .axis = 1,
      .flags = DAG_PORT_LIST | DAG_PORT_HIDDEN, .value = DAG_NONE, .edge = 4, .nedges = 1,
      .line = 45 },
};

static const dag_edge tables_edges[] = {
    /* 0: list.item -> shout.word, line 38 */
    { .to = 1, .where = 10, .order_by = DAG_NONE, .take = DAG_NONE, .line = 38 },
    /* 1: shout.text -> count.words, line 39 */
    { .from = 2, .to = 3, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE, .line = 39 },
    /* 2: count.n -> tell.n, line 40 */
    { .from = 4, .to = 5, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE, .line = 40 },
    /* 3: count.n -> count.n, line 44 */
    { .from = 4, .to = 6, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE, .line = 44 },
    /* 4: shout.text -> shout.text, line 45 */
    { .from = 2, .to = 7, .where = DAG_NONE, .order_by = DAG_NONE, .take = DAG_NONE, .line = 45 },
};

static const uint32_t tables_out_edges[] = {
    0, 1, 4, 2, 3,
};

static const dag_order tables_orders[] = {
    /* 0: tell => sorry, line 41 */
    { .from = 3, .to = 4, .on = DAG_ON_FAILURE, .line = 41 },
    /* 1: list => sorry, line 42 */
    { .to = 4, .on = DAG_ON_ALWAYS, .line = 42 },
};

static const uint32_t tables_out_orders[] = {
    1, 0,
};

static const dag_piece tables_pieces[] = {
    { DAG_PIECE_TEXT, 97 /* ls --  */ },
    { DAG_PIECE_WORD, 4 /* input.root */ },
    { DAG_PIECE_TEXT, 115 /*  ' */ },
    { DAG_PIECE_SINGLE, 5 /* input.root */ },
    { DAG_PIECE_TEXT, 118 /* ' "$(pwd)/ */ },
    { DAG_PIECE_DOUBLE, 6 /* input.root */ },
    { DAG_PIECE_TEXT, 129 /* "  */ },
    { DAG_PIECE_WORD, 7 /* input.names */ },
    { DAG_PIECE_ARG, 14 /* "printf" */ },
    { DAG_PIECE_ARG, 15 /* "%s of %s\n" */ },
    { DAG_PIECE_ARG, 16 /* "<n>" */ },
    { DAG_PIECE_SPLICE, 17 /* input.names */ },
    { DAG_PIECE_TEXT, 398 /* echo "it's over" >&2 */ },
};

static const dag_env_row tables_env[] = {
    { .name = 144 /* LANG */, .value = 8 },
};

static const dag_name tables_tags[] = {
    155 /* io */,
    158 /* first */,
};

static const int32_t tables_exit_codes[] = {
    75,
};

static const dag_input tables_inputs[] = {
    /* 0: input root, line 3 */
    { .name = 1 /* root */, .value = 0, .where = 1, .line = 3 },
    /* 1: input names, line 4 */
    { .name = 33 /* names */, .type = 2, .value = 2, .where = DAG_NONE, .line = 4 },
};

static const dag_output tables_outputs[] = {
    /* 0: output n, line 44 */
    { .name = 321 /* n */, .type = 3, .value = 18, .in = 6, .nin = 1, .line = 44 },
    /* 1: output words, line 45 */
    { .name = 308 /* words */, .type = 2, .value = 19, .in = 7, .nin = 1, .line = 45 },
};

static const dag_program tables_program = {
      .abi = DAG_ABI, .name = 455 /* tables */, .source = 462 /* tables.dag */,
      .doc = 473 /* Something in each of the tables: edges w… */, .strings = strings,
      .types = tables_types, .ntypes = 4, .consts = tables_consts, .nconsts = 15,
      .code = tables_code, .ncode = 40, .exprs = tables_exprs, .nexprs = 20, .axes = tables_axes,
      .naxes = 2, .stages = tables_stages, .nstages = 5, .topo = tables_topo, .ports = tables_ports,
      .nports = 8, .edges = tables_edges, .nedges = 5, .out_edges = tables_out_edges,
      .orders = tables_orders, .norders = 2, .out_orders = tables_out_orders,
      .pieces = tables_pieces, .env = tables_env, .tags = tables_tags,
      .exit_codes = tables_exit_codes, .inputs = tables_inputs, .ninputs = 2,
      .outputs = tables_outputs, .noutputs = 2, .timeout = 3600000000000,
      .stall_grace = 30000000000, .max_parallel = 4
};

#ifndef DAG_NO_MAIN
int main(int argc, char **argv)
{
    return dag_main(&tables_program, argc, argv);
}
#endif
