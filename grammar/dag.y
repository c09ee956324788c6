/*
 * dag.y - the grammar of .dag files. Actions only build the tree (syntax.h).
 *
 * Which words are keywords is decided before (context.c), and so is what is a block, an edge's
 * first word, or which `<` is what: an item begins with a token of its own, a NAME never does.
 */
%code requires {
#include "syntax.h"
}
%code {
#define OPEN parser->open->u
#define NO_NAME ((Name){ 0 })

static int yylex(union Value *value, Span *span, Parser *parser);
static void yyerror(const Span *span, Parser *parser, const char *message);

#define YYLLOC_DEFAULT(here, parts, n)                                                             \
    do {                                                                                           \
        (here) = (n) ? span_join(YYRHSLOC(parts, 1), YYRHSLOC(parts, n))                           \
                     : (Span){ YYRHSLOC(parts, 0).file, YYRHSLOC(parts, 0).end,                    \
                               YYRHSLOC(parts, 0).end };                                           \
    } while (0)
}

%define api.pure full
%define api.prefix {syntax_}
%define api.token.prefix {TOK_}
%define api.location.type {Span}
%define api.value.type {Value}
%define parse.error custom
%define parse.lac full
%param {Parser *parser}
%expect 0

%token IMPORT TYPE PLUGIN PIPELINE STAGE INPUT CONFIG OUTPUT IN OUT
%token RUN EXEC SCRIPT NATIVE C CALL MAP
%token <number> A_FLAG A_NUMBER A_DURATION A_WORD A_WORDS A_FAN A_WHEN A_RETRY A_RESOURCES A_GATE
%token <number> A_ENV A_HOOK
%token AS LINK PKG INCLUDE OVER BY ON BACKOFF GROW WHERE ORDER TAKE
%token DESC MERGE ANY TEMP PASSTHROUGH GLOB ENUM AS_PIPE
%token AND OR NOT EXISTS
%token <number> COMPARE ARROW
%token <name> NAME EDGE_NAME
%token <expr> LITERAL
%token <number> RAW STR_OPEN
%token STR_TEXT STR_CLOSE EXPR_OPEN EXPR_CLOSE BARE_OPEN TYPE_OPEN TYPE_CLOSE
%token LBLOCK RBLOCK NO_TARGET BAD
%token <number> REOPEN

%type <item> tops top import type_decl plugin plugin_head plugin_name pipeline pipeline_head items item port
%type <item> port_head stage stage_head block params param_list param attr body edge call
%type <expr> value values value_list text raw_text shell_text texts text_list exec_words exec_word
%type <expr> pipeline_expr primary args arg_list pipe condition operand bare grow backoff
%type <piece> pieces
%type <names> ref name_list type_params
%type <qname> qname
%type <type> base type type_name types
%type <field> fields field_list case_list
%type <entry> entries entry_list value_entries value_entry_list
%type <arg> stage_args stage_arg_list stage_arg
%type <cause> causes cause
%type <resource> resources resource
%type <endpoint> targets endpoint

%left OR
%left AND
%precedence NOT

%%

/* ---------------------------------------------------------------- files and blocks */

file: tops                              { file_done(parser, $1); }

tops: %empty                            { $$ = NULL; }
    | tops top                          { $$ = $1; if ($2) LIST_ADD($$, $2); }

top: import | type_decl | plugin | pipeline
   | REOPEN items RBLOCK                { $$ = reopened(parser, $2, &parser->pipeline, @$); }
   | error                              { $$ = item_rescue(parser, @$); }

import: IMPORT { item_new(parser, ITEM_IMPORT, @1, NO_NAME); } text
                                        { OPEN.import.path = $3; } import_as
                                        { $$ = item_done(parser, parser->open, @$); }
import_as: %empty
         | AS NAME                      { OPEN.import.as = $2; }

type_decl: TYPE NAME { item_new(parser, ITEM_TYPE, @1, $2); yyerrok; } type_is type
                                        { OPEN.type = $5; $$ = item_done(parser, parser->open, @$); }
type_is: '='
       | %empty                         { missing(parser, E0105, @$, "`=` and a type", " ="); }

plugin: plugin_head LBLOCK items RBLOCK { block_done(parser, $1, $3, @$); $$ = $1; }
      | plugin_head error LBLOCK items RBLOCK
                                        { $1->broken = true; block_done(parser, $1, $4, @$); $$ = $1; }
      | plugin_head error               { $$ = item_rescue(parser, @$); }
plugin_head: plugin_name
           | plugin_name '(' { parser->outer = $1; } params ')'
                                        { $$ = $1; $1->u.plugin.params = $4; $1->u.plugin.parens = true;
                                          parser->outer = NULL; }
plugin_name: PLUGIN NAME                { $$ = item_new(parser, ITEM_PLUGIN, @1, $2); yyerrok; }
           | PLUGIN NAME TYPE_OPEN { item_new(parser, ITEM_PLUGIN, @1, $2); } type_params TYPE_CLOSE
                                        { $$ = parser->open; OPEN.plugin.type_params = $5; yyerrok; }
type_params: name_list comma            { $$ = $1; LIST_CLOSE($$); }

pipeline: pipeline_head LBLOCK items RBLOCK
                                        { block_done(parser, $1, $3, @$); $$ = $1; }
        | pipeline_head error LBLOCK items RBLOCK
                                        { $1->broken = true; block_done(parser, $1, $4, @$); $$ = $1; }
        | pipeline_head error           { $$ = item_rescue(parser, @$); }
pipeline_head: PIPELINE NAME            { $$ = item_new(parser, ITEM_PIPELINE, @1, $2); yyerrok; }

items: %empty                           { $$ = NULL; block_begin(parser); }
     | items item                       { $$ = item_add(parser, $1, $2); }

item: port | stage | edge | body | attr
    | REOPEN items RBLOCK               { $$ = reopened(parser, $2, $1 ? &parser->stage : NULL, @$); }
    | error                             { $$ = item_rescue(parser, @$); }

comma: %empty | ','

/* ---------------------------------------------------------------- ports */

port: port_head port_type port_words port_value port_where
                                        { $$ = item_done(parser, $1, @$); }
port_head: IN NAME                      { $$ = port_new(parser, PORT_IN, @1, $2); yyerrok; }
         | OUT NAME                     { $$ = port_new(parser, PORT_OUT, @1, $2); yyerrok; }
         | INPUT NAME                   { $$ = port_new(parser, PORT_INPUT, @1, $2); yyerrok; }
         | CONFIG NAME                  { $$ = port_new(parser, PORT_CONFIG, @1, $2); yyerrok; }
         | OUTPUT NAME                  { $$ = port_new(parser, PORT_OUTPUT, @1, $2); yyerrok; }
port_type: ':' type                     { OPEN.port.type = $2; }
         | type                         { OPEN.port.type = $1; missing_colon(parser, @1); }
         | ':'                          { missing_type(parser, @1, false); }
         | %empty                       { missing_type(parser, @$, true); }
port_words: %empty
          | port_words MERGE            { OPEN.port.merge = true; port_word(parser, PORT_IN, @2); }
          | port_words ANY              { OPEN.port.any = true; port_word(parser, PORT_IN, @2); }
          | port_words TEMP             { OPEN.port.temp = true; port_word(parser, PORT_OUT, @2); }
port_value: %empty
          | port_is value               { OPEN.port.value = $2; }
          | port_is GLOB text           { OPEN.port.value = $3; OPEN.port.glob = true;
                                          port_word(parser, PORT_OUT, @2); }
port_is: '='                            { OPEN.port.value = expr_new(parser, EXPR_BROKEN, @1); }
port_where: %empty
          | WHERE condition             { OPEN.port.where = $2; port_word(parser, PORT_INPUT, @1); }
          | WHERE error                 { OPEN.port.where = expr_new(parser, EXPR_BROKEN, @$); }

params: %empty                          { $$ = NULL; }
      | param_list comma                { $$ = $1; LIST_CLOSE($$); }
param_list: param                       { $$ = NULL; LIST_ADD($$, $1); }
          | param_list ',' param        { $$ = $1; LIST_ADD($$, $3); }
param: NAME <item>{ $$ = parser->outer; port_new(parser, PORT_PARAM, @1, $1); } port_type port_value
                                        { $$ = item_done(parser, parser->open, @$); parser->open = $2; }

/* ---------------------------------------------------------------- stages */

stage: stage_head block                 { block_done(parser, $1, $2, @$); $$ = $1; }
     | stage_head '=' instance          { $$ = item_done(parser, $1, @$); }
     | stage_head '=' instance block    { block_done(parser, $1, $4, @$); $$ = $1; }
     | stage_head error                 { $$ = item_rescue(parser, @$); }
     | stage_head error block           { $1->broken = true; block_done(parser, $1, $3, @$); $$ = $1; }
stage_head: STAGE NAME                  { $$ = item_new(parser, ITEM_STAGE, @1, $2); yyerrok; }
block: LBLOCK items RBLOCK              { $$ = $2; }
instance: qname                         { OPEN.stage.plugin = *$1; }
        | qname '(' { OPEN.stage.plugin = *$1; } stage_args ')'
                                        { OPEN.stage.args = $4; OPEN.stage.parens = true; }
        | <item>{ $$ = parser->outer = parser->open; } call
                                        { parser->open = $1; parser->outer = NULL; OPEN.stage.body = $2; }
call: CALL { body_new(parser, BODY_CALL, @1); } qname
                                        { OPEN.body.sub = *$3; $$ = item_done(parser, parser->open, @$); }
    | MAP { body_new(parser, BODY_MAP, @1); } qname
                                        { OPEN.body.sub = *$3; } OVER NAME
                                        { OPEN.body.over = $6; $$ = item_done(parser, parser->open, @$); }
qname: NAME                             { $$ = qname_new(parser, NO_NAME, $1); }
     | NAME '.' NAME                    { $$ = qname_new(parser, $1, $3); }

stage_args: %empty                      { $$ = NULL; }
          | stage_arg_list comma        { $$ = $1; LIST_CLOSE($$); }
stage_arg_list: stage_arg               { $$ = NULL; LIST_ADD($$, $1); }
              | stage_arg_list ',' stage_arg
                                        { $$ = $1; LIST_ADD($$, $3); }
stage_arg: NAME ':' value               { $$ = arg_new(parser, $1, $3); }
         | value                        { $$ = arg_new(parser, NO_NAME, $1); }

/* ---------------------------------------------------------------- bodies */

body: RUN { body_new(parser, BODY_RUN, @1); yyerrok; } shell_text
                                        { OPEN.body.words = $3; $$ = item_done(parser, parser->open, @$); }
    | EXEC { body_new(parser, BODY_EXEC, @1); yyerrok; } exec_words comma
                                        { OPEN.body.words = $3; LIST_CLOSE(OPEN.body.words);
                                          $$ = item_done(parser, parser->open, @$); }
    | SCRIPT { body_new(parser, BODY_SCRIPT, @1); yyerrok; } text text
                                        { OPEN.body.words = $3; $3->next = $4;
                                          $$ = item_done(parser, parser->open, @$); }
    | NATIVE { body_new(parser, BODY_NATIVE, @1); yyerrok; } texts NAME
                                        { OPEN.body.files = $3; OPEN.body.function = $4; } native_words
                                        { $$ = item_done(parser, parser->open, @$); }
    | C { body_new(parser, BODY_C, @1); yyerrok; } text
                                        { OPEN.body.words = $3; $$ = item_done(parser, parser->open, @$); }
    | call
exec_words: exec_word                   { $$ = NULL; LIST_ADD($$, $1); }
          | exec_words ',' exec_word    { $$ = $1; LIST_ADD($$, $3); }
exec_word: shell_text | bare
native_words: %empty
            | native_words LINK text_list comma
                                        { OPEN.body.links = expr_join(OPEN.body.links, $3); }
            | native_words PKG text_list comma
                                        { OPEN.body.pkgs = expr_join(OPEN.body.pkgs, $3); }
            | native_words INCLUDE text_list comma
                                        { OPEN.body.includes = expr_join(OPEN.body.includes, $3); }
texts: text_list comma                  { $$ = $1; LIST_CLOSE($$); }
text_list: text                         { $$ = NULL; LIST_ADD($$, $1); }
         | text_list ',' text           { $$ = $1; LIST_ADD($$, $3); }

/* ---------------------------------------------------------------- attributes */

attr: A_FLAG                            { attr_new(parser, $1, @1); $$ = item_done(parser, parser->open, @$); }
    | A_NUMBER { attr_new(parser, $1, @1); yyerrok; } value
                                        { OPEN.attr.value = $3; $$ = item_done(parser, parser->open, @$); }
    | A_DURATION { attr_new(parser, $1, @1); yyerrok; } value
                                        { OPEN.attr.value = $3; $$ = item_done(parser, parser->open, @$); }
    | A_WORD { attr_new(parser, $1, @1); yyerrok; } NAME
                                        { OPEN.attr.words = name_new(parser, $3);
                                          $$ = item_done(parser, parser->open, @$); }
    | A_WORDS { attr_new(parser, $1, @1); yyerrok; } name_list comma
                                        { OPEN.attr.words = $3; LIST_CLOSE(OPEN.attr.words);
                                          $$ = item_done(parser, parser->open, @$); }
    | A_FAN { attr_new(parser, $1, @1); yyerrok; } NAME
                                        { OPEN.attr.words = name_new(parser, $3); } fan_by
                                        { $$ = item_done(parser, parser->open, @$); }
    | A_WHEN { attr_new(parser, $1, @1); yyerrok; } condition
                                        { OPEN.attr.value = $3; $$ = item_done(parser, parser->open, @$); }
    | A_RETRY { attr_new(parser, $1, @1); yyerrok; } value
                                        { OPEN.attr.value = $3; } backoff retry_on
                                        { $$ = item_done(parser, parser->open, @$); }
    | A_RESOURCES { attr_new(parser, $1, @1); yyerrok; } resources comma
                                        { OPEN.attr.resources = $3; LIST_CLOSE(OPEN.attr.resources);
                                          $$ = item_done(parser, parser->open, @$); }
    | A_GATE { attr_new(parser, $1, @1); yyerrok; } gate_word
                                        { $$ = item_done(parser, parser->open, @$); }
    | A_ENV { attr_new(parser, $1, @1); yyerrok; } NAME { OPEN.attr.env = $3; } '=' value
                                        { OPEN.attr.value = $6; $$ = item_done(parser, parser->open, @$); }
    | A_HOOK { attr_new(parser, $1, @1); yyerrok; } NAME
                                        { OPEN.attr.words = name_new(parser, $3); } RUN shell_text
                                        { OPEN.attr.value = $6; $$ = item_done(parser, parser->open, @$); }
fan_by: %empty
      | BY NAME '.' NAME                { OPEN.attr.by = (QName){ $2, $4 }; }
backoff: %empty                         { $$ = NULL; }
       | BACKOFF value                  { OPEN.attr.backoff = $2; $$ = $2; }
retry_on: %empty
        | ON causes comma               { OPEN.attr.causes = $2; LIST_CLOSE(OPEN.attr.causes); }
causes: cause                           { $$ = NULL; LIST_ADD($$, $1); }
      | causes ',' cause                { $$ = $1; LIST_ADD($$, $3); }
cause: NAME                             { $$ = cause_new(parser, $1, NULL); }
     | NAME LITERAL                     { $$ = cause_new(parser, $1, $2); }
resources: resource                     { $$ = NULL; LIST_ADD($$, $1); }
         | resources ',' resource       { $$ = $1; LIST_ADD($$, $3); }
resource: NAME ':' value grow           { $$ = resource_new(parser, $1, $3, $4); }
grow: %empty                            { $$ = NULL; }
    | GROW value                        { $$ = $2; }
gate_word: %empty
         | PASSTHROUGH                  { OPEN.attr.words = name_new(parser, parser_name(parser, @1)); }

/* ---------------------------------------------------------------- edges */

edge: edge_head hops                    { $$ = item_done(parser, parser->open, @$); }
edge_head: EDGE_NAME                    { edge_new(parser, endpoint_new(parser, $1, NO_NAME, @$)); yyerrok; }
         | EDGE_NAME '.' NAME           { edge_new(parser, endpoint_new(parser, $1, $3, @$)); yyerrok; }
hops: hop | hops hop
hop: ARROW targets { hop_new(parser, $1, @1, $2); } hop_where hop_order hop_take hop_on
targets: NO_TARGET                      { $$ = NULL; }
       | endpoint                       { $$ = NULL; LIST_ADD($$, $1); }
       | targets ',' endpoint           { $$ = $1; LIST_ADD($$, $3); }
       | targets ',' NO_TARGET          { $$ = $1; }
endpoint: NAME                          { $$ = endpoint_new(parser, $1, NO_NAME, @$); }
        | NAME '.' NAME                 { $$ = endpoint_new(parser, $1, $3, @$); }
hop_where: %empty
         | WHERE condition              { parser->hop->where = $2; }
         | WHERE error                  { parser->hop->where = expr_new(parser, EXPR_BROKEN, @$); }
hop_order: %empty
         | ORDER BY pipeline_expr       { parser->hop->order_by = $3; }
         | ORDER BY pipeline_expr DESC  { parser->hop->order_by = $3; parser->hop->desc = true; }
hop_take: %empty
        | TAKE value                    { parser->hop->take = $2; }
hop_on: %empty
      | ON NAME                         { parser->hop->on = $2; }

/* ---------------------------------------------------------------- types */

type: base
    | base '?'                          { $$ = type_optional(parser, $1, @$); }
base: type_name
    | type_name TYPE_OPEN types TYPE_CLOSE
                                        { $$ = $1; $$->form = TYPE_APPLIED; $$->span = @$;
                                          $$->args = $3; LIST_CLOSE($$->args); }
    | '{' fields '}'                    { $$ = type_new(parser, TYPE_RECORD, @$); $$->fields = $2; }
    | ENUM '(' case_list comma ')'      { $$ = type_new(parser, TYPE_ENUM, @$); $$->fields = $3;
                                          LIST_CLOSE($$->fields); }
type_name: NAME                         { $$ = type_written(parser, NO_NAME, $1, @$); }
         | NAME '.' NAME                { $$ = type_written(parser, $1, $3, @$); }
types: type                             { $$ = NULL; LIST_ADD($$, $1); }
     | types ',' type                   { $$ = $1; LIST_ADD($$, $3); }
fields: %empty                          { $$ = NULL; }
      | field_list comma                { $$ = $1; LIST_CLOSE($$); }
field_list: NAME ':' type               { $$ = NULL; FieldExpr *f = field_new(parser, $1, $3); LIST_ADD($$, f); }
          | field_list ',' NAME ':' type
                                        { $$ = $1; FieldExpr *f = field_new(parser, $3, $5); LIST_ADD($$, f); }
case_list: NAME                         { $$ = NULL; FieldExpr *f = field_new(parser, $1, NULL); LIST_ADD($$, f); }
         | case_list ',' NAME           { $$ = $1; FieldExpr *f = field_new(parser, $3, NULL); LIST_ADD($$, f); }
name_list: NAME                         { $$ = NULL; NameList *n = name_new(parser, $1); LIST_ADD($$, n); }
         | name_list ',' NAME           { $$ = $1; NameList *n = name_new(parser, $3); LIST_ADD($$, n); }

/* ---------------------------------------------------------------- strings */

text: raw_text                          { $$ = text_cook(parser, $1, false); }
shell_text: raw_text                    { $$ = text_cook(parser, $1, true); }
raw_text: RAW                           { $$ = text_raw(parser, $1, @$); }
        | STR_OPEN pieces STR_CLOSE     { $$ = text_new(parser, $1, $2, @$); }
pieces: %empty                          { $$ = NULL; }
      | pieces STR_TEXT                 { $$ = piece_text(parser, $1, @2); }
      | pieces EXPR_OPEN pipeline_expr EXPR_CLOSE
                                        { $$ = piece_expr(parser, $1, $3, span_join(@2, @4)); }
      | pieces EXPR_OPEN error EXPR_CLOSE
                                        { Expr *e = expr_new(parser, EXPR_BROKEN, @3);
                                          $$ = piece_expr(parser, $1, e, span_join(@2, @4)); yyerrok; }

/* ---------------------------------------------------------------- values, outside of < > */

value: LITERAL | text | bare
     | '[' values ']'                   { $$ = list_new(parser, $2, false, @$); }
     | '{' value_entries '}'            { $$ = record_new(parser, $2, @$); }
     | NAME '(' values ')'              { $$ = call_new(parser, $1, $3, @$); }
     | ref                              { $$ = naked_ref(parser, $1, @$); }
bare: BARE_OPEN pipeline_expr EXPR_CLOSE
                                        { $$ = $2; $$->bare = true; }
    | BARE_OPEN error EXPR_CLOSE        { $$ = expr_new(parser, EXPR_BROKEN, @$); $$->bare = true; yyerrok; }
values: %empty                          { $$ = NULL; }
      | value_list comma                { $$ = $1; LIST_CLOSE($$); }
value_list: value                       { $$ = NULL; LIST_ADD($$, $1); }
          | value_list ',' value        { $$ = $1; LIST_ADD($$, $3); }
value_entries: %empty                   { $$ = NULL; }
             | value_entry_list comma   { $$ = $1; LIST_CLOSE($$); }
value_entry_list: NAME ':' value        { $$ = NULL; EntryExpr *e = entry_new(parser, $1, $3); LIST_ADD($$, e); }
                | value_entry_list ',' NAME ':' value
                                        { $$ = $1; EntryExpr *e = entry_new(parser, $3, $5); LIST_ADD($$, e); }

/* ---------------------------------------------------------------- expressions, inside of < > */

pipeline_expr: primary
             | pipeline_expr '|' pipe   { $$ = pipe_new(parser, $1, $3, @$); }
pipe: NAME                              { $$ = pipe_tail(parser, $1, NULL, false, NULL); }
    | NAME '(' args ')'                 { $$ = pipe_tail(parser, $1, $3, true, NULL); }
    | AS_PIPE '(' type ')'              { $$ = pipe_tail(parser, parser_name(parser, @1), NULL, true, $3); }
primary: LITERAL | text
       | ref                            { $$ = ref_expr_new(parser, $1, @$); }
       | '[' args ']'                   { $$ = list_new(parser, $2, false, @$); }
       | '{' entries '}'                { $$ = record_new(parser, $2, @$); }
       | NAME '(' args ')'              { $$ = call_new(parser, $1, $3, @$); }
ref: NAME                               { $$ = NULL; NameList *n = name_new(parser, $1); LIST_ADD($$, n); }
   | ref '.' NAME                       { $$ = $1; NameList *n = name_new(parser, $3); LIST_ADD($$, n); }
args: %empty                            { $$ = NULL; }
    | arg_list comma                    { $$ = $1; LIST_CLOSE($$); }
arg_list: primary                       { $$ = NULL; LIST_ADD($$, $1); }
        | arg_list ',' primary          { $$ = $1; LIST_ADD($$, $3); }
entries: %empty                         { $$ = NULL; }
       | entry_list comma               { $$ = $1; LIST_CLOSE($$); }
entry_list: NAME ':' primary            { $$ = NULL; EntryExpr *e = entry_new(parser, $1, $3); LIST_ADD($$, e); }
          | entry_list ',' NAME ':' primary
                                        { $$ = $1; EntryExpr *e = entry_new(parser, $3, $5); LIST_ADD($$, e); }

/* ---------------------------------------------------------------- conditions */

condition: operand
         | operand COMPARE operand      { $$ = compare_new(parser, $1, $2, @2, $3, @$); }
         | operand EXISTS               { $$ = logic_new(parser, EXPR_EXISTS, $1, NULL, @$); }
         | NOT condition                { $$ = logic_new(parser, EXPR_NOT, $2, NULL, @$); }
         | condition AND condition      { $$ = logic_new(parser, EXPR_AND, $1, $3, @$); }
         | condition OR condition       { $$ = logic_new(parser, EXPR_OR, $1, $3, @$); }
operand: pipeline_expr
       | '(' condition ')'              { $$ = $2; $$->parens = true; }
       | BARE_OPEN pipeline_expr EXPR_CLOSE
                                        { $$ = wrapped_operand(parser, $2, @$); }

%%

static int yylex(YYSTYPE *value, YYLTYPE *span, Parser *parser) {
    Token token = parser_next(parser, value);
    *span = token.span;
    return token.kind;
}

static int yyreport_syntax_error(const yypcontext_t *context, Parser *parser) {
    yysymbol_kind_t symbols[YYNTOKENS];
    bool expected[YYMAXUTOK + 1] = { false };
    int n = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
    for (int kind = 0; kind <= YYMAXUTOK; kind++) {
        for (int i = 0; i < n; i++) {
            expected[kind] |= (yysymbol_kind_t)YYTRANSLATE(kind) == symbols[i];
        }
    }
    syntax_unexpected(parser, expected);
    return 0;
}

static void yyerror(const YYLTYPE *span, Parser *parser, const char *message) {
    (void)message; /* only: the parser's stack is full */
    syntax_too_deep(parser, *span);
}
