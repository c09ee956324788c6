/**
 * Tree-sitter grammar of .dag files. It is laxer than dagcc, which says what is wrong; here a file that
 * is being written keeps its shape.
 *
 * Keywords are contextual: which words may be one is the parser's state (`word`); where both a name and a
 * keyword fit, what follows decides (`conflicts`).
 */
/* eslint-disable no-undef */

// made by make docs: words attributes-FLAG
const FLAGS = 'cacheable|uncacheable|barrier|may_fail|isolate';
// made by make docs: words attributes-NUMBER
const NUMBERS = 'max_parallel|max_tasks';
// made by make docs: words attributes-DURATION
const DURATIONS = 'timeout|stall_grace';
// made by make docs: words attributes-WORD
const WORDS = 'kind|on_error';
// made by make docs: words attributes-WORDS
const LISTS = 'tags';
// made by make docs: words items
const ITEMS = 'import|type|plugin|pipeline|stage|input|config|output|in|out|run|exec|script|native|c|call|map';
// made by make docs: words attributes
const ATTRIBUTES = 'fan|when|timeout|stall_grace|retry|cacheable|uncacheable|tags|kind|resources|max_parallel|max_tasks|barrier|may_fail|gate|isolate|env|on_error|hook';
// made by make docs: words conditions
const CONDITIONS = 'and|or|not|exists|contains|matches|starts_with|ends_with';

// A comma that ends such a list is not known here: behind it a keyword could be a name as well.
const names = (rule) => seq(rule, repeat(seq(',', rule)));
const words = (list) => choice(...list.split('|'));
const list = (rule) => seq(rule, repeat(seq(',', rule)), optional(','));
const COMPARISONS = CONDITIONS.split('|').filter((word) => !['and', 'or', 'not', 'exists'].includes(word));

module.exports = grammar({
  name: 'dag',
  word: ($) => $.identifier,
  extras: ($) => [/[ \t\r\n]/, $.comment, $.documentation],
  conflicts: ($) => [
    [$.reference, $.type_name],
    [$.type, $.record],
  ],

  rules: {
    file: ($) => repeat(choice($.import, $.type_declaration, $.plugin, $.pipeline)),

    import: ($) => seq('import', $.string, optional(seq('as', field('name', $.identifier)))),
    type_declaration: ($) => seq('type', field('name', $.identifier), '=', $._type),
    plugin: ($) =>
      seq(
        'plugin',
        field('name', $.identifier),
        optional(seq('<', list($.identifier), '>')),
        optional($.parameters),
        field('body', $.stage_block),
      ),
    parameters: ($) => seq('(', optional(list($.parameter)), ')'),
    parameter: ($) => seq(field('name', $.identifier), ':', $._type, optional(seq('=', $._value))),
    pipeline: ($) => seq('pipeline', field('name', $.identifier), field('body', $.pipeline_block)),

    pipeline_block: ($) =>
      seq('{', repeat(choice($.input, $.config, $.output, $.stage, $.edge, $._attribute)), '}'),
    stage_block: ($) => seq('{', repeat(choice($.in, $.out, $._body, $._attribute)), '}'),

    // ------------------------------------------------------------------ ports

    input: ($) => seq('input', $._declared, optional(seq('=', $._value)), optional($.where)),
    config: ($) => seq('config', $._declared, optional(seq('=', $._value)), optional($.where)),
    output: ($) => seq('output', $._declared, optional(seq('=', $._value))),
    in: ($) => seq('in', $._declared, optional(choice('merge', 'any')), optional(seq('=', $._value))),
    out: ($) => seq('out', $._declared, optional('temp'), optional(seq('=', choice($._value, $.glob)))),
    glob: ($) => seq('glob', $.string),
    // An instance of a plugin or pipeline gives its inputs without their types.
    _declared: ($) => prec.right(seq(field('name', $.identifier), optional(seq(':', field('type', $._type))))),

    // ------------------------------------------------------------------ stages

    stage: ($) =>
      seq(
        'stage',
        field('name', $.identifier),
        choice(
          field('body', $.stage_block),
          seq('=', choice($.instance, $.call, $.map), optional(field('body', $.stage_block))),
        ),
      ),
    instance: ($) => prec.right(seq($.qualified, optional($.arguments))),
    arguments: ($) => seq('(', optional(list($.argument)), ')'),
    argument: ($) => seq(optional(seq(field('name', $.identifier), ':')), $._value),
    qualified: ($) => prec.right(seq($.identifier, optional(seq('.', $.identifier)))),

    _body: ($) => choice($.run, $.exec, $.script, $.native, $.c, $.call, $.map),
    run: ($) => seq('run', $.string),
    exec: ($) => seq('exec', list(choice($.string, $.expression))),
    script: ($) => seq('script', field('interpreter', $.string), field('text', $.string)),
    native: ($) => seq('native', $.string_list, field('function', $.identifier), repeat($.library)),
    c: ($) => seq('c', field('text', $.string), repeat($.library)),
    library: ($) => seq(choice('link', 'pkg', 'include'), $.string_list),
    string_list: ($) => list($.string),
    call: ($) => seq('call', $.qualified),
    map: ($) => seq('map', $.qualified, 'over', $.identifier),

    // ------------------------------------------------------------------ attributes

    _attribute: ($) => choice($.attribute, $.hook),
    attribute: ($) =>
      choice(
        words(FLAGS),
        seq(choice(words(NUMBERS), words(DURATIONS)), $._value),
        seq(words(WORDS), $.word),
        seq(words(LISTS), $.name_list),
        seq('fan', $.word, optional(seq('by', $.identifier, '.', $.identifier))),
        seq('when', $._condition),
        seq('retry', $._value, optional(seq('backoff', $._value)), optional(seq('on', $.causes))),
        seq('resources', $.resources),
        prec.right(seq('gate', optional('passthrough'))),
        seq('env', field('name', $.identifier), '=', $._value),
      ),
    hook: ($) => seq('hook', $.word, 'run', $.string),
    word: ($) => $.identifier,
    name_list: ($) => names($.word),
    causes: ($) => names($.cause),
    cause: ($) => prec.right(seq($.word, optional($.number))),
    resources: ($) => names($.resource),
    resource: ($) =>
      prec.right(seq(field('name', $.identifier), ':', $._value, optional(seq('grow', $._value)))),

    // ------------------------------------------------------------------ edges

    edge: ($) => seq(choice($.endpoint, alias($._first, $.endpoint)), repeat1($.hop)),
    // A stage that is called like a keyword begins an edge: what follows tells.
    _first: ($) =>
      seq(
        field('stage', alias(choice(words(ITEMS), words(ATTRIBUTES)), $.identifier)),
        optional(seq('.', field('port', $.identifier))),
      ),
    hop: ($) =>
      prec.right(
        seq(
          choice('->', '=>'),
          seq($.endpoint, repeat(seq(',', $.endpoint))),
          optional($.where),
          optional($.order),
          optional($.take),
          optional(seq('on', $.word)),
        ),
      ),
    endpoint: ($) => prec.right(seq(field('stage', $.identifier), optional(seq('.', field('port', $.identifier))))),
    where: ($) => seq('where', $._condition),
    order: ($) => prec.right(seq('order', 'by', $._pipeline, optional('desc'))),
    take: ($) => seq('take', $._value),

    // ------------------------------------------------------------------ types

    _type: ($) => choice($.type, $.optional_type),
    optional_type: ($) => seq($.type, '?'),
    type: ($) =>
      choice(
        prec.right(seq($.type_name, optional(seq(alias(token.immediate('<'), '<'), list($._type), '>')))),
        seq('{', optional(list($.type_field)), '}'),
        seq('enum', '(', list($.case), ')'),
      ),
    type_name: ($) => prec.right(seq($.identifier, optional(seq('.', $.identifier)))),
    type_field: ($) => seq(field('name', $.identifier), ':', $._type),
    case: ($) => $.identifier,

    // ------------------------------------------------------------------ values and expressions

    _value: ($) =>
      choice($._literal, $.string, $.expression, $.value_list, $.value_record, $.value_call, $.reference),
    value_list: ($) => seq('[', optional(list($._value)), ']'),
    value_record: ($) => seq('{', optional(list(seq(field('name', $.identifier), ':', $._value))), '}'),
    value_call: ($) => seq(field('function', $.identifier), '(', optional(list($._value)), ')'),

    expression: ($) => seq('<', $._pipeline, '>'),
    _pipeline: ($) => choice($.piped, $._primary),
    piped: ($) => prec.left(seq($._pipeline, '|', $.pipe)),
    pipe: ($) =>
      prec.right(seq(field('name', $.identifier), optional(seq('(', optional(list(choice($._primary, $._type_only))), ')')))),
    // What only a type can be: as(list<int>), as(int?)
    _type_only: ($) =>
      choice(
        $.optional_type,
        alias(seq($.type_name, alias(token.immediate('<'), '<'), list($._type), '>'), $.type),
        alias(seq('{', list($.type_field), '}'), $.type),
        alias(seq('enum', '(', list($.case), ')'), $.type),
      ),
    _primary: ($) => choice($._literal, $.string, $.reference, $.list, $.record, $.function),
    list: ($) => seq('[', optional(list($._primary)), ']'),
    record: ($) => seq('{', optional(list(seq(field('name', $.identifier), ':', $._primary))), '}'),
    function: ($) => seq(field('function', $.identifier), '(', optional(list($._primary)), ')'),
    reference: ($) => prec.right(seq($.identifier, repeat(seq('.', $.identifier)))),

    _condition: ($) => choice($._operand, $.comparison, $.negation, $.conjunction, $.disjunction, $.presence),
    comparison: ($) =>
      prec.right(
        4,
        seq(
          $._operand,
          choice('==', '!=', '<', '<=', '>', '>=', 'in', seq('not', 'in'), ...COMPARISONS),
          $._operand,
        ),
      ),
    presence: ($) => prec(4, seq($._operand, 'exists')),
    negation: ($) => prec(3, seq('not', $._condition)),
    conjunction: ($) => prec.left(2, seq($._condition, 'and', $._condition)),
    disjunction: ($) => prec.left(1, seq($._condition, 'or', $._condition)),
    _operand: ($) => choice($._pipeline, $.parenthesized, $.expression),
    parenthesized: ($) => seq('(', $._condition, ')'),

    // ------------------------------------------------------------------ words and signs

    _literal: ($) => choice($.number, $.duration, $.size, $.boolean, $.null),
    boolean: () => choice('true', 'false'),
    null: () => 'null',
    number: () => /-?\d[\d_]*(\.\d[\d_]*)?([eE][+-]?\d+)?/,
    duration: () => /-?(\d[\d_]*(\.\d+)?(ms|[smhd]))+/,
    size: () => /-?\d[\d_]*(\.\d+)?([KMGTP]i?)?B/,
    identifier: () => /[A-Za-z_][A-Za-z0-9_]*/,

    string: ($) =>
      choice(
        $.raw,
        seq('"', repeat(choice($._text, $.escape, $.interpolation)), token.immediate('"')),
        seq(
          '"""',
          repeat(choice(alias($._long_text, $.text), $.escape, $.interpolation)),
          token.immediate(prec(2, '"""')),
        ),
      ),
    _text: ($) => alias(token.immediate(prec(1, /[^"\\<\n]+/)), $.text),
    _long_text: () => token.immediate(prec(1, /[^"\\<]+|"|""/)),
    escape: () => token.immediate(prec(1, /\\(u\{[0-9A-Fa-f]+\}|[^\n])/)),
    interpolation: ($) => seq(alias(token.immediate('<'), '<'), $._pipeline, '>'),
    raw: () => token(choice(/'[^'\n]*'/, /'''([^']|'[^']|''[^'])*'''/)),

    documentation: () => token(/##[^\n]*/),
    comment: () => token(prec(-1, /#[^\n]*/)),
  },
});
