/*
 * dag.y - the grammar of .dag files. Actions only build the tree (syntax.h).
 *
 * Which words are keywords is decided before (context.c), and so is what is a block, an edge's
 * first word, or which `<` is what: an item begins with a token of its own, a NAME never does.
 *
 * Two parsers are made of it: quick_parse, without LAC, for a text that has no mistake (parse.c), and
 * syntax_parse, which says what is wrong. The first one ends at the first syntax error.
 */
%code requires {
#include "syntax/syntax.h"
}
%code {
#define OPEN parser->open->u
#define NO_NAME ((Name){ 0 })
#define AT(word, span) ((Name){ word, span })
/* Of an item that begins; an error in it is a new one. */
#define ATTR(kind, span) (yyerrok, attr_new(parser, kind, span))
#define BODY(kind, span) (yyerrok, body_new(parser, BODY_##kind, span))
#define PORT(kind, span, name) (yyerrok, port_new(parser, PORT_##kind, span, name))
/* Behind an error that has cost an item: the next one counts again. */
#define RESUME                                                                                     \
    do {                                                                                           \
        if (parser->quick) {                                                                       \
            YYABORT;                                                                               \
        }                                                                                          \
        if (parser->discard && parser->error_at == parser->ntokens) {                              \
            yyclearin;                                                                             \
        }                                                                                          \
        yyerrok;                                                                                   \
    } while (0)
#define DONE(span) item_done(parser, parser->open, span)
#define PUSH(Type, list, make)                                                                     \
    do {                                                                                           \
        Type *node_ = make;                                                                        \
        LIST_ADD(list, node_);                                                                     \
    } while (0)

static int yylex(union Value *value, Span *span, Parser *parser);
static void yyerror(const Span *span, Parser *parser, const char *message);

#define YYLLOC_DEFAULT(here, parts, n)                                                             \
    do {                                                                                           \
        (here) = (n) ? span_join(YYRHSLOC(parts, 1), YYRHSLOC(parts, n))                           \
                     : span_make(YYRHSLOC(parts, 0).file, YYRHSLOC(parts, 0).end,                  \
                                 YYRHSLOC(parts, 0).end);                                          \
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

/* Keywords that begin items. Those of attributes, A_…, by the form of their rows. */
%token IMPORT TYPE PLUGIN PIPELINE STAGE INPUT CONFIG OUTPUT IN OUT
%token RUN EXEC SCRIPT NATIVE C CALL MAP
%token <number> A_FLAG A_NUMBER A_DURATION A_WORD A_WORDS A_FAN A_WHEN A_RETRY A_RESOURCES A_GATE
%token <number> A_ENV A_HOOK
/* Words inside items. AS_PIPE is the pipe `as(`. */
%token AS LINK PKG INCLUDE OVER BY ON BACKOFF GROW WHERE ORDER TAKE
%token DESC MERGE ANY TEMP PASSTHROUGH GLOB ENUM AS_PIPE
%token AND OR NOT EXISTS
%token <number> COMPARE ARROW
/* EDGE_NAME: the first word of an edge. */
%token <word> NAME EDGE_NAME
%token <expr> LITERAL
/* Strings without expressions are RAW. `<` is EXPR_OPEN in a string, BARE_OPEN or TYPE_OPEN. */
%token <number> RAW STR_OPEN
%token STR_TEXT STR_CLOSE EXPR_OPEN EXPR_CLOSE BARE_OPEN TYPE_OPEN TYPE_CLOSE
/* The { } of blocks; what is missing or wrong: an arrow's target, a character, a block's head. */
%token LBLOCK RBLOCK NO_TARGET BAD
%token <number> REOPEN

%type <item> tops top import type_decl plugin plugin_head pipeline pipeline_head items item port
%type <item> port_head stage stage_head block param_items param_list param attr body edge call
%type <expr> value values value_list text raw_text shell_text texts text_list exec_words exec_word
%type <expr> pipeline_expr primary args arg_list pipe condition operand bare grow backoff
%type <piece> pieces
%type <names> ref name_list
%type <qname> qname
%type <type> type type_form type_name types
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
   | error                              { $$ = item_rescue(parser, @$); RESUME; }

import: IMPORT { item_new(parser, ITEM_IMPORT, @1, NO_NAME); } text
                                        { OPEN.import.path = $3; } import_as
                                        { $$ = DONE(@$); }
import_as: %empty
         | AS NAME                      { OPEN.import.as = AT($2, @2); }

type_decl: TYPE NAME { item_new(parser, ITEM_TYPE, @1, AT($2, @2)); yyerrok; } type_is type
                                        { OPEN.type = $5; $$ = DONE(@$); }
type_is: '='
       | %empty                         { missing(parser, E0105, @$, "`=` and a type", " ="); }

plugin: plugin_head type_params params block
                                        { block_done(parser, $1, $4, @$); $$ = $1; }
      | plugin_head error block
                                        { $1->broken = true; yyerrok; block_done(parser, $1, $3, @$);
                                          $$ = $1; }
      | plugin_head error               { $$ = item_rescue(parser, @$); RESUME; }

plugin_head: PLUGIN NAME
                                        { $$ = item_new(parser, ITEM_PLUGIN, @1, AT($2, @2));
                                          parser->outer = $$; yyerrok; }
type_params: %empty
           | TYPE_OPEN name_list comma TYPE_CLOSE
                                        { OPEN.plugin.type_params = $2;
                                          LIST_CLOSE(OPEN.plugin.type_params); }
params: %empty
      | '(' <item>{ $$ = parser->open; } param_items ')'
                                        { parser->open = $2; OPEN.plugin.parens = true;
                                          OPEN.plugin.params = $3; }

pipeline: pipeline_head block            { block_done(parser, $1, $2, @$); $$ = $1; }
        | pipeline_head error block
                                        { $1->broken = true; yyerrok; block_done(parser, $1, $3, @$);
                                          $$ = $1; }
        | pipeline_head error           { $$ = item_rescue(parser, @$); RESUME; }
pipeline_head: PIPELINE NAME
                                        { $$ = item_new(parser, ITEM_PIPELINE, @1, AT($2, @2));
                                          yyerrok; }

items: %empty                           { $$ = NULL; block_begin(parser); }
     | items port                       { $$ = item_add(parser, $1, $2); }
     | items stage                      { $$ = item_add(parser, $1, $2); }
     | items edge                       { $$ = item_add(parser, $1, $2); }
     | items item                       { $$ = item_add(parser, $1, $2); }

item: body | attr
    | REOPEN items RBLOCK
                                        { Block *stage = $1 ? &parser->stage : NULL;
                                          $$ = reopened(parser, $2, stage, @$); }
    | error                             { $$ = item_rescue(parser, @$); RESUME; }

comma: %empty | ','

/* ---------------------------------------------------------------- ports */

port: port_head port_type               { $$ = item_done(parser, $1, @$); }
    | port_head port_type port_tail     { $$ = item_done(parser, $1, @$); }
port_head: IN NAME                      { $$ = PORT(IN, @1, AT($2, @2)); }
         | OUT NAME                     { $$ = PORT(OUT, @1, AT($2, @2)); }
         | INPUT NAME                   { $$ = PORT(INPUT, @1, AT($2, @2)); }
         | CONFIG NAME                  { $$ = PORT(CONFIG, @1, AT($2, @2)); }
         | OUTPUT NAME                  { $$ = PORT(OUTPUT, @1, AT($2, @2)); }
port_type: ':' type                     { OPEN.port.type = $2; }
         | type                         { OPEN.port.type = $1; missing_colon(parser, @1); }
         | ':'                          { missing_type(parser, @1, false); }
         | %empty                       { missing_type(parser, @$, true); }
port_tail: port_words | port_words port_given | port_given
port_words: port_word | port_words port_word
port_word: MERGE                        { OPEN.port.merge = true; port_word(parser, PORT_IN, @1); }
         | ANY                          { OPEN.port.any = true; port_word(parser, PORT_IN, @1); }
         | TEMP                         { OPEN.port.temp = true; port_word(parser, PORT_OUT, @1); }
port_given: port_value | port_value port_where | port_where
port_value: port_is value               { OPEN.port.value = $2; }
          | port_is GLOB text           { OPEN.port.value = $3; OPEN.port.glob = true;
                                          port_word(parser, PORT_OUT, @2); }
port_is: '='                            { OPEN.port.value = expr_new(parser, EXPR_BROKEN, @1); }
port_where: WHERE condition             { OPEN.port.where = $2; port_word(parser, PORT_INPUT, @1); }
          | WHERE error                 { OPEN.port.where = expr_new(parser, EXPR_BROKEN, @$);
                                          RESUME; }

param_items: %empty                     { $$ = NULL; }
           | param_list comma           { $$ = $1; LIST_CLOSE($$); }
param_list: param                       { $$ = NULL; LIST_ADD($$, $1); }
          | param_list ',' param        { $$ = $1; LIST_ADD($$, $3); }
param: NAME { port_new(parser, PORT_PARAM, @1, AT($1, @1)); } port_type param_value
                                        { $$ = DONE(@$); }
param_value: %empty | port_value

/* ---------------------------------------------------------------- stages */

stage: stage_head block                 { block_done(parser, $1, $2, @$); $$ = $1; }
     | stage_head '=' instance          { $$ = item_done(parser, $1, @$); }
     | stage_head '=' instance block    { block_done(parser, $1, $4, @$); $$ = $1; }
     | stage_head error                 { $$ = item_rescue(parser, @$); RESUME; }
     | stage_head error block
                                        { $1->broken = true; yyerrok; block_done(parser, $1, $3, @$);
                                          $$ = $1; }
stage_head: STAGE NAME
                                        { $$ = item_new(parser, ITEM_STAGE, @1, AT($2, @2));
                                          yyerrok; }
block: LBLOCK items RBLOCK              { $$ = $2; }
instance: qname                         { OPEN.stage.plugin = *$1; }
        | qname '(' { OPEN.stage.plugin = *$1; } stage_args ')'
                                        { OPEN.stage.args = $4; OPEN.stage.parens = true; }
        | <item>{ $$ = parser->outer = parser->open; } call
                                        { parser->open = $1; parser->outer = NULL;
                                          OPEN.stage.body = $2; }
call: CALL { body_new(parser, BODY_CALL, @1); } qname
                                        { OPEN.body.sub = *$3; $$ = DONE(@$); }
    | MAP { body_new(parser, BODY_MAP, @1); } qname
                                        { OPEN.body.sub = *$3; } OVER NAME
                                        { OPEN.body.over = AT($6, @6); $$ = DONE(@$); }
qname: NAME                             { $$ = qname_new(parser, NO_NAME, AT($1, @1)); }
     | NAME '.' NAME                    { $$ = qname_new(parser, AT($1, @1), AT($3, @3)); }

stage_args: %empty                      { $$ = NULL; }
          | stage_arg_list comma        { $$ = $1; LIST_CLOSE($$); }
stage_arg_list: stage_arg               { $$ = NULL; LIST_ADD($$, $1); }
              | stage_arg_list ',' stage_arg
                                        { $$ = $1; LIST_ADD($$, $3); }
stage_arg: NAME ':' value               { $$ = arg_new(parser, AT($1, @1), $3); }
         | value                        { $$ = arg_new(parser, NO_NAME, $1); }

/* ---------------------------------------------------------------- bodies */

body: RUN { BODY(RUN, @1); } shell_text
                                        { OPEN.body.words = $3; $$ = DONE(@$); }
    | EXEC { BODY(EXEC, @1); } exec_words comma
                                        { OPEN.body.words = $3; LIST_CLOSE(OPEN.body.words);
                                          $$ = DONE(@$); }
    | SCRIPT { BODY(SCRIPT, @1); } text text
                                        { OPEN.body.words = $3; $3->next = $4;
                                          $$ = DONE(@$); }
    | NATIVE { BODY(NATIVE, @1); } texts NAME
                                        { OPEN.body.files = $3; OPEN.body.function = AT($4, @4);
                                          } native_words
                                        { $$ = DONE(@$); }
    | C { BODY(C, @1); } text
                                        { OPEN.body.words = $3; } native_words
                                        { $$ = DONE(@$); }
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

attr: A_FLAG                            { attr_new(parser, $1, @1); $$ = DONE(@$); }
    | A_NUMBER { ATTR($1, @1); } value
                                        { OPEN.attr.value = $3; $$ = DONE(@$); }
    | A_DURATION { ATTR($1, @1); } value
                                        { OPEN.attr.value = $3; $$ = DONE(@$); }
    | A_WORD { ATTR($1, @1); } NAME
                                        { OPEN.attr.words = name_new(parser, AT($3, @3));
                                          $$ = DONE(@$); }
    | A_WORDS { ATTR($1, @1); } name_list comma
                                        { OPEN.attr.words = $3; LIST_CLOSE(OPEN.attr.words);
                                          $$ = DONE(@$); }
    | A_FAN { ATTR($1, @1); } NAME
                                        { OPEN.attr.words = name_new(parser, AT($3, @3)); } fan_by
                                        { $$ = DONE(@$); }
    | A_WHEN { ATTR($1, @1); } condition
                                        { OPEN.attr.value = $3; $$ = DONE(@$); }
    | A_RETRY { ATTR($1, @1); } value
                                        { OPEN.attr.value = $3; } backoff retry_on
                                        { $$ = DONE(@$); }
    | A_RESOURCES { ATTR($1, @1); } resources comma
                                        { OPEN.attr.resources = $3; LIST_CLOSE(OPEN.attr.resources);
                                          $$ = DONE(@$); }
    | A_GATE { ATTR($1, @1); } gate_word
                                        { $$ = DONE(@$); }
    | A_ENV { ATTR($1, @1); } NAME { OPEN.attr.env = AT($3, @3); } '=' value
                                        { OPEN.attr.value = $6; $$ = DONE(@$); }
    | A_HOOK { ATTR($1, @1); } NAME
                                        { OPEN.attr.words = name_new(parser, AT($3, @3));
                                          } RUN shell_text
                                        { OPEN.attr.value = $6; $$ = DONE(@$); }
fan_by: %empty
      | BY NAME '.' NAME                { OPEN.attr.by = (QName){ AT($2, @2), AT($4, @4) }; }
backoff: %empty                         { $$ = NULL; }
       | BACKOFF value                  { OPEN.attr.backoff = $2; $$ = $2; }
retry_on: %empty
        | ON causes comma               { OPEN.attr.causes = $2; LIST_CLOSE(OPEN.attr.causes); }
causes: cause                           { $$ = NULL; LIST_ADD($$, $1); }
      | causes ',' cause                { $$ = $1; LIST_ADD($$, $3); }
cause: NAME                             { $$ = cause_new(parser, AT($1, @1), NULL); }
     | NAME LITERAL                     { $$ = cause_new(parser, AT($1, @1), $2); }
resources: resource                     { $$ = NULL; LIST_ADD($$, $1); }
         | resources ',' resource       { $$ = $1; LIST_ADD($$, $3); }
resource: NAME ':' value grow           { $$ = resource_new(parser, AT($1, @1), $3, $4); }
grow: %empty                            { $$ = NULL; }
    | GROW value                        { $$ = $2; }
gate_word: %empty
         | PASSTHROUGH
                                        { Name word = parser_name(parser, @1);
                                          OPEN.attr.words = name_new(parser, word); }

/* ---------------------------------------------------------------- edges */

edge: edge_head hops                    { $$ = DONE(@$); }
edge_head: EDGE_NAME
                                        { Name none = NO_NAME;
                                          Endpoint *e = endpoint_new(parser, AT($1, @1), none, @$);
                                          edge_new(parser, e); yyerrok; }
         | EDGE_NAME '.' NAME
                                        { Name port = AT($3, @3);
                                          Endpoint *e = endpoint_new(parser, AT($1, @1), port, @$);
                                          edge_new(parser, e); yyerrok; }
hops: hop | hops hop
hop: hop_head | hop_head hop_tail
hop_head: ARROW targets                 { hop_new(parser, $1, @1, $2); }
hop_tail: hop_where | hop_where hop_choice | hop_choice
hop_choice: hop_order | hop_order hop_count | hop_count
hop_count: hop_take | hop_take hop_on | hop_on
targets: NO_TARGET                      { $$ = NULL; }
       | endpoint                       { $$ = NULL; LIST_ADD($$, $1); }
       | targets ',' endpoint           { $$ = $1; LIST_ADD($$, $3); }
       | targets ',' NO_TARGET          { $$ = $1; }
endpoint: NAME                          { $$ = endpoint_new(parser, AT($1, @1), NO_NAME, @$); }
        | NAME '.' NAME                 { $$ = endpoint_new(parser, AT($1, @1), AT($3, @3), @$); }
hop_where: WHERE condition              { parser->hop->where = $2; }
         | WHERE error                  { parser->hop->where = expr_new(parser, EXPR_BROKEN, @$);
                                          RESUME; }
hop_order: ORDER BY pipeline_expr       { parser->hop->order_by = $3; }
         | ORDER BY pipeline_expr DESC  { parser->hop->order_by = $3; parser->hop->desc = true; }
hop_take: TAKE value                    { parser->hop->take = $2; }
hop_on: ON NAME                         { parser->hop->on = AT($2, @2); }

/* ---------------------------------------------------------------- types */

type: type_name
    | type_name '?'                     { $$ = type_optional(parser, $1, @$); }
    | type_form
    | type_form '?'                     { $$ = type_optional(parser, $1, @$); }
type_form: type_name TYPE_OPEN types TYPE_CLOSE
                                        { $$ = $1; $$->form = TYPE_APPLIED; $$->span = @$;
                                          $$->args = $3; LIST_CLOSE($$->args); }
    | '{' fields '}'                    { $$ = type_new(parser, TYPE_RECORD, @$); $$->fields = $2; }
    | ENUM '(' case_list comma ')'      { $$ = type_new(parser, TYPE_ENUM, @$); $$->fields = $3;
                                          LIST_CLOSE($$->fields); }
type_name: NAME                         { $$ = type_written(parser, NO_NAME, AT($1, @1), @$); }
         | NAME '.' NAME                { $$ = type_written(parser, AT($1, @1), AT($3, @3), @$); }
types: type                             { $$ = NULL; LIST_ADD($$, $1); }
     | types ',' type                   { $$ = $1; LIST_ADD($$, $3); }
fields: %empty                          { $$ = NULL; }
      | field_list comma                { $$ = $1; LIST_CLOSE($$); }
field_list: NAME ':' type
                                        { $$ = NULL;
                                          PUSH(FieldExpr, $$, field_new(parser, AT($1, @1), $3)); }
          | field_list ',' NAME ':' type
                                        { $$ = $1;
                                          PUSH(FieldExpr, $$, field_new(parser, AT($3, @3), $5)); }
case_list: NAME
                                        { $$ = NULL;
                                          PUSH(FieldExpr, $$, field_new(parser, AT($1, @1), 0)); }
         | case_list ',' NAME
                                        { $$ = $1;
                                          PUSH(FieldExpr, $$, field_new(parser, AT($3, @3), 0)); }
name_list: NAME
                                        { $$ = NULL;
                                          PUSH(NameList, $$, name_new(parser, AT($1, @1))); }
         | name_list ',' NAME
                                        { $$ = $1;
                                          PUSH(NameList, $$, name_new(parser, AT($3, @3))); }

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
                                          $$ = piece_expr(parser, $1, e, span_join(@2, @4));
                                          yyerrok; }

/* ---------------------------------------------------------------- values, outside of < > */

value: LITERAL | text | bare
     | '[' values ']'                   { $$ = list_new(parser, $2, false, @$); }
     | '{' value_entries '}'            { $$ = record_new(parser, $2, @$); }
     | NAME '(' values ')'              { $$ = call_new(parser, AT($1, @1), $3, @$); }
     | ref                              { $$ = naked_ref(parser, $1, @$); }
bare: BARE_OPEN pipeline_expr EXPR_CLOSE
                                        { $$ = $2; $$->bare = true; }
    | BARE_OPEN error EXPR_CLOSE
                                        { $$ = expr_new(parser, EXPR_BROKEN, @$);
                                          $$->bare = true; yyerrok; }
values: %empty                          { $$ = NULL; }
      | value_list comma                { $$ = $1; LIST_CLOSE($$); }
value_list: value                       { $$ = NULL; LIST_ADD($$, $1); }
          | value_list ',' value        { $$ = $1; LIST_ADD($$, $3); }
value_entries: %empty                   { $$ = NULL; }
             | value_entry_list comma   { $$ = $1; LIST_CLOSE($$); }
value_entry_list: NAME ':' value
                                        { $$ = NULL;
                                          PUSH(EntryExpr, $$, entry_new(parser, AT($1, @1), $3)); }
                | value_entry_list ',' NAME ':' value
                                        { $$ = $1;
                                          PUSH(EntryExpr, $$, entry_new(parser, AT($3, @3), $5)); }

/* ---------------------------------------------------------------- expressions, inside of < > */

pipeline_expr: primary
             | pipeline_expr '|' pipe   { $$ = pipe_new(parser, $1, $3, @$); }
pipe: NAME                              { $$ = pipe_tail(parser, AT($1, @1), NULL, false, NULL); }
    | NAME '(' args ')'                 { $$ = pipe_tail(parser, AT($1, @1), $3, true, NULL); }
    | AS_PIPE '(' type ')'
                                        { Name as = parser_name(parser, @1);
                                          $$ = pipe_tail(parser, as, NULL, true, $3); }
primary: LITERAL | text
       | ref                            { $$ = ref_expr_new(parser, $1, @$); }
       | '[' args ']'                   { $$ = list_new(parser, $2, false, @$); }
       | '{' entries '}'                { $$ = record_new(parser, $2, @$); }
       | NAME '(' args ')'              { $$ = call_new(parser, AT($1, @1), $3, @$); }
ref: NAME
                                        { $$ = NULL;
                                          PUSH(NameList, $$, name_new(parser, AT($1, @1))); }
   | ref '.' NAME
                                        { $$ = $1;
                                          PUSH(NameList, $$, name_new(parser, AT($3, @3))); }
args: %empty                            { $$ = NULL; }
    | arg_list                          { LIST_CLOSE($$); }
    | arg_list ','                      { LIST_CLOSE($$); }
arg_list: primary                       { $$ = NULL; LIST_ADD($$, $1); }
        | arg_list ',' primary          { $$ = $1; LIST_ADD($$, $3); }
entries: %empty                         { $$ = NULL; }
       | entry_list comma               { $$ = $1; LIST_CLOSE($$); }
entry_list: NAME ':' primary
                                        { $$ = NULL;
                                          PUSH(EntryExpr, $$, entry_new(parser, AT($1, @1), $3)); }
          | entry_list ',' NAME ':' primary
                                        { $$ = $1;
                                          PUSH(EntryExpr, $$, entry_new(parser, AT($3, @3), $5)); }

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
    return parser_next(parser, value, span);
}

static int yyreport_syntax_error(const yypcontext_t *context, Parser *parser) {
    if (parser->quick) {
        parser->failed = true; /* from here on there are no tokens: nothing but RESUME follows */
        return 0;
    }
    yysymbol_kind_t symbols[YYNTOKENS];
    bool wanted[YYNTOKENS] = { false };
    bool expected[YYMAXUTOK + 1];
    int n = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
    for (int i = 0; i < n; i++) {
        wanted[symbols[i]] = true;
    }
    for (int kind = 0; kind <= YYMAXUTOK; kind++) {
        expected[kind] = wanted[YYTRANSLATE(kind)];
    }
    syntax_unexpected(parser, expected);
    return 0;
}

static void yyerror(const YYLTYPE *span, Parser *parser, const char *message) {
    (void)message; /* only: the parser's stack is full */
    syntax_too_deep(parser, *span);
}
