/*
 * shell.c - a small scanner of shell scripts (POSIX XCU 2.2 quoting, 2.3 token recognition, 2.6 word
 * expansions, 2.7.4 here-documents). An explicit stack of frames, so that nesting costs no C stack.
 */
#include "model/shell.h"

#include <string.h>

#include "base/pool.h"
#include "model/types.h"

enum { EXPR = -1, END = -2 }; /* what stands in the text besides bytes */

typedef enum FrameKind {
    FRAME_TOP,     /* the script itself */
    FRAME_COMMAND, /* $( … ) */
    FRAME_BACK,    /* ` … ` */
    FRAME_DOUBLE,  /* " … " */
    FRAME_PARAM,   /* ${name … } */
    FRAME_ARITH,   /* $(( … )) */
    FRAME_HERE     /* the body of a here-document */
} FrameKind;

typedef struct Frame {
    FrameKind kind;
    uint32_t start;   /* where it was opened */
    uint32_t parens;  /* open ( that are no frames of their own */
    uint32_t cases;   /* case … esac: its patterns end in a ) without a ( */
    bool word_start;  /* code: the next character begins a word; HERE: a line */
    bool command;     /* code: that word is a command, an assignment or a keyword */
    bool quoted;      /* PARAM: stands inside double quotes or a here-document */
    uint32_t heredoc; /* HERE: which */
} Frame;

typedef struct Heredoc {
    uint32_t delimiter, n; /* in Scan.delimiters */
    bool tabs;             /* <<-: tabs before it do not count */
    bool literal;          /* it is quoted: nothing is expanded */
} Heredoc;

typedef struct Scan {
    Arena *arena;
    ShellScan *out;
    ShellError **last;
    const Piece **pieces;
    uint32_t *starts; /* of each piece in text */
    uint32_t npieces;
    const short *text; /* bytes, EXPR, and END at the end */
    uint32_t at;
    POOL(Frame) frames;
    POOL(Heredoc) heredocs;
    uint32_t read_heredocs; /* bodies that have been read or are being read */
    POOL(char) delimiters;
} Scan;

bool shell_is_raw(const Expr *expr) {
    return expr->kind == EXPR_PIPE && expr->u.pipe.pipe.text &&
           strcmp(expr->u.pipe.pipe.text, "raw") == 0;
}

/* ---------------------------------------------------------------- pieces and errors */

static uint32_t piece_at(const Scan *s, uint32_t at) {
    uint32_t low = 0, high = s->npieces;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (s->starts[middle] <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* An expression; the character itself where the piece is written as it is read: without escapes and
 * with no indentation taken off. */
static Span span_of(const Scan *s, uint32_t at) {
    uint32_t i = piece_at(s, at);
    const Piece *piece = s->pieces[i];
    Span span = piece->expr ? piece->expr->span : piece->span;
    if (!piece->expr && piece->len == (size_t)(span.end - span.start)) {
        span.start += at - s->starts[i];
        span.end = span.start + 1;
    }
    return span;
}

static void report(Scan *s, uint32_t at, const char *message, const char *help) {
    ShellError *error = ARENA_NEW(s->arena, ShellError);
    error->span = span_of(s, at);
    error->message = message;
    error->help = help;
    *s->last = error;
    s->last = &error->next;
}

static const Expr *expr_at(const Scan *s, uint32_t at) {
    return s->pieces[piece_at(s, at)]->expr;
}

static const Type *result_at(const Scan *s, uint32_t at) {
    const Expr *expr = expr_at(s, at);
    return expr->fit ? expr->fit : expr->type;
}

static bool is_list(const Type *type) {
    return type && type->kind == DAG_LIST;
}

/* The expression at the current place is of that kind. */
static void take_expr(Scan *s, dag_piece_kind kind) {
    uint32_t piece = piece_at(s, s->at);
    if (shell_is_raw(s->pieces[piece]->expr)) {
        s->out->kinds[piece] = DAG_PIECE_RAW;
    } else {
        s->out->kinds[piece] = kind;
        if (kind != DAG_PIECE_WORD && is_list(result_at(s, s->at))) {
            report(s, s->at, "a list in quotes would be one word",
                   "take the quotes away, or `| join(\" \")` it");
        }
    }
    s->at++;
}

/* An expression where none can stand: reported once, and taken. */
static void refuse_expr(Scan *s, dag_piece_kind kind, const char *message, const char *help) {
    if (!shell_is_raw(expr_at(s, s->at))) {
        report(s, s->at, message, help);
    }
    s->out->kinds[piece_at(s, s->at)] = shell_is_raw(expr_at(s, s->at)) ? DAG_PIECE_RAW : kind;
    s->at++;
}

/* ---------------------------------------------------------------- frames */

static Frame *top(Scan *s) {
    return &s->frames.items[s->frames.n - 1];
}

static void open_frame(Scan *s, FrameKind kind, uint32_t length) {
    Frame frame = { .kind = kind, .start = s->at, .word_start = true, .command = true };
    if (s->frames.n > 0) {
        FrameKind around = top(s)->kind;
        frame.quoted = around == FRAME_DOUBLE || around == FRAME_HERE || around == FRAME_ARITH ||
                       (around == FRAME_PARAM && top(s)->quoted);
        top(s)->word_start = false;
    }
    POOL_ADD(s->arena, &s->frames, frame);
    s->at += length;
}

static void close_frame(Scan *s, uint32_t length) {
    s->frames.n--;
    s->at += length;
}

static bool is_blank(int c) {
    return c == ' ' || c == '\t';
}

static bool is_name_char(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_one_of(int c, const char *set) {
    return c > 0 && strchr(set, c);
}

/* Does a word end before c? */
static bool ends_word(int c) {
    return c == END || is_one_of(c, " \t\n;&|()<>");
}

/* ---------------------------------------------------------------- what all contexts share */

static void backslash(Scan *s, dag_piece_kind kind) {
    s->at++;
    if (s->text[s->at] == EXPR) {
        refuse_expr(s, kind, "a backslash before an expression would quote the quotes around it",
                    "take the backslash away");
    } else if (s->text[s->at] != END) {
        s->at++;
    }
}

static void single_quoted(Scan *s) {
    uint32_t start = s->at++;
    while (s->text[s->at] != '\'') {
        if (s->text[s->at] == END) {
            report(s, start, "a single quote in the script is not closed", NULL);
            return;
        }
        if (s->text[s->at] == EXPR) {
            take_expr(s, DAG_PIECE_SINGLE);
        } else {
            s->at++;
        }
    }
    s->at++;
}

/* ${name: up to what follows the name. */
static void open_parameter(Scan *s) {
    open_frame(s, FRAME_PARAM, 2);
    if (is_one_of(s->text[s->at], "#@*?$!-")) {
        s->at++;
    }
    while (is_name_char(s->text[s->at])) {
        s->at++;
    }
    if (s->text[s->at] == EXPR) {
        refuse_expr(s, DAG_PIECE_DOUBLE, "a value cannot be the name of a shell variable",
                    "write the expression alone, without `${ }`");
    }
}

static void dollar(Scan *s, dag_piece_kind kind) {
    int next = s->text[s->at + 1];
    if (next == '(' && s->text[s->at + 2] == '(') {
        open_frame(s, FRAME_ARITH, 3);
    } else if (next == '(') {
        open_frame(s, FRAME_COMMAND, 2);
    } else if (next == '{') {
        open_parameter(s);
    } else if (next == EXPR) {
        s->at++;
        refuse_expr(s, kind, "a value cannot be the name of a shell variable",
                    "take the `$` away: the expression is the value");
    } else {
        s->at += is_one_of(next, "#@*?$!-") ? 2 : 1;
    }
}

/* ---------------------------------------------------------------- here-documents */

/* One character of a delimiter: true when it is quoted. */
static bool delimiter_char(Scan *s, int *quote) {
    int c = s->text[s->at++];
    if (*quote ? c == *quote : (c == '\'' || c == '"')) {
        *quote = *quote ? 0 : c;
        return true;
    }
    if (c == '\\' && *quote != '\'' && s->text[s->at] > 0) {
        c = s->text[s->at++];
        POOL_ADD(s->arena, &s->delimiters, (char)c);
        return true;
    }
    POOL_ADD(s->arena, &s->delimiters, (char)c);
    return false;
}

/* << or <<- with its delimiter; the body begins on the next line. */
static void open_heredoc(Scan *s) {
    Heredoc here = { .delimiter = s->delimiters.n };
    s->at += 2;
    if (s->text[s->at] == '-') {
        here.tabs = true;
        s->at++;
    }
    while (is_blank(s->text[s->at])) {
        s->at++;
    }
    int quote = 0;
    while (s->text[s->at] != END && (quote || !ends_word(s->text[s->at]))) {
        if (s->text[s->at] == EXPR) {
            refuse_expr(s, DAG_PIECE_WORD, "the end of a here-document cannot be a value",
                        "write a fixed word, as in `<<END`");
        } else {
            here.literal |= delimiter_char(s, &quote);
        }
    }
    here.n = s->delimiters.n - here.delimiter;
    POOL_ADD(s->arena, &s->heredocs, here);
}

/* Begins the body of the next here-document, if one is due. */
static void next_heredoc(Scan *s) {
    if (s->read_heredocs < s->heredocs.n) {
        uint32_t heredoc = s->read_heredocs++;
        open_frame(s, FRAME_HERE, 0);
        top(s)->heredoc = heredoc;
        s->frames.items[s->frames.n - 2].word_start = true; /* where the code goes on */
    }
}

/* At the start of a line of the body: is it the delimiter? Then it is taken, with its end. */
static bool heredoc_ends(Scan *s, const Heredoc *here) {
    uint32_t at = s->at;
    while (here->tabs && s->text[at] == '\t') {
        at++;
    }
    for (uint32_t i = 0; i < here->n; i++, at++) {
        if (s->text[at] != (unsigned char)s->delimiters.items[here->delimiter + i]) {
            return false;
        }
    }
    if (s->text[at] != '\n' && s->text[at] != END) {
        return false;
    }
    s->at = at + (s->text[at] == '\n');
    return true;
}

static void here_step(Scan *s) {
    Frame *frame = top(s);
    Heredoc here = s->heredocs.items[frame->heredoc];
    if (frame->word_start && heredoc_ends(s, &here)) {
        close_frame(s, 0);
        next_heredoc(s);
        return;
    }
    int c = s->text[s->at];
    frame->word_start = c == '\n';
    if (c == EXPR && here.literal) {
        refuse_expr(s, DAG_PIECE_DOUBLE,
                    "the here-document's end is quoted, so the shell expands nothing in it",
                    "take the quotes of its end away");
    } else if (c == EXPR) {
        take_expr(s, DAG_PIECE_DOUBLE);
    } else if (c == '\\' && !here.literal) {
        backslash(s, DAG_PIECE_DOUBLE);
    } else if (c == '$' && !here.literal) {
        dollar(s, DAG_PIECE_DOUBLE);
    } else if (c == '`' && !here.literal) {
        open_frame(s, FRAME_BACK, 1);
    } else {
        s->at++;
    }
}

/* ---------------------------------------------------------------- quotes, parameters, arithmetic */

static void double_step(Scan *s) {
    switch (s->text[s->at]) {
    case EXPR: take_expr(s, DAG_PIECE_DOUBLE); break;
    case '"': close_frame(s, 1); break;
    case '\\': backslash(s, DAG_PIECE_DOUBLE); break;
    case '$': dollar(s, DAG_PIECE_DOUBLE); break;
    case '`': open_frame(s, FRAME_BACK, 1); break;
    default: s->at++;
    }
}

static void param_step(Scan *s) {
    bool quoted = top(s)->quoted;
    dag_piece_kind kind = quoted ? DAG_PIECE_DOUBLE : DAG_PIECE_WORD;
    int c = s->text[s->at];
    if (c == EXPR) {
        take_expr(s, kind);
    } else if (c == '}') {
        close_frame(s, 1);
    } else if (c == '\\') {
        backslash(s, kind);
    } else if (c == '$') {
        dollar(s, kind);
    } else if (c == '"') {
        open_frame(s, FRAME_DOUBLE, 1);
    } else if (c == '`') {
        open_frame(s, FRAME_BACK, 1);
    } else if (c == '\'' && !quoted) {
        single_quoted(s);
    } else {
        s->at++;
    }
}

/* The shell computes with what a value says, and some shells run what an index says: numbers only. */
static void arith_expr(Scan *s) {
    const Type *type = result_at(s, s->at);
    if (type && type->kind != DAG_INT && type->kind != DAG_SIZE && type->kind != KIND_ANY) {
        refuse_expr(s, DAG_PIECE_DOUBLE, "the shell's arithmetic takes an int",
                    "convert it with `| int`");
    } else {
        take_expr(s, DAG_PIECE_DOUBLE);
    }
}

static void arith_step(Scan *s) {
    Frame *frame = top(s);
    switch (s->text[s->at]) {
    case EXPR: arith_expr(s); break;
    case '\\': backslash(s, DAG_PIECE_DOUBLE); break;
    case '$': dollar(s, DAG_PIECE_DOUBLE); break;
    case '`': open_frame(s, FRAME_BACK, 1); break;
    case '(':
        frame->parens++;
        s->at++;
        break;
    case ')':
        if (frame->parens > 0) {
            frame->parens--;
            s->at++;
        } else if (s->text[s->at + 1] == ')') {
            close_frame(s, 2);
        } else { /* it was $( ( … ) … ) all along */
            frame->kind = FRAME_COMMAND;
            s->at++;
        }
        break;
    default: s->at++;
    }
}

/* ---------------------------------------------------------------- code */

static bool word_is(const Scan *s, uint32_t n, const char *word) {
    if (strlen(word) != n || !ends_word(s->text[s->at + n])) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (s->text[s->at + i] != word[i]) {
            return false;
        }
    }
    return true;
}

/* Is a command what follows that keyword? */
static bool leads_command(const Scan *s, uint32_t n) {
    static const char *const words[] = { "if",    "then", "elif", "else", "while",
                                         "until", "do",   "{",    "!",    "time" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (word_is(s, n, words[i])) {
            return true;
        }
    }
    return false;
}

/* The length of `NAME=` at the current place, or 0. */
static uint32_t assignment(const Scan *s) {
    uint32_t n = 0;
    while (is_name_char(s->text[s->at + n])) {
        n++;
    }
    return n > 0 && s->text[s->at + n] == '=' ? n + 1 : 0;
}

static void command_word(Scan *s, Frame *frame, uint32_t n) {
    uint32_t assigned = assignment(s);
    if (assigned && s->text[s->at + assigned] == EXPR && is_list(result_at(s, s->at + assigned))) {
        report(s, s->at + assigned, "a shell variable takes one word, not a list",
               "`| join(\" \")` it");
    }
    if (word_is(s, n, "case")) {
        frame->cases++;
    } else if (word_is(s, n, "esac") && frame->cases > 0) {
        frame->cases--;
    }
    frame->command = assigned || leads_command(s, n);
}

/* What the word that begins here means for those behind it. */
static void begin_word(Scan *s, Frame *frame) {
    uint32_t n = 0;
    while (!ends_word(s->text[s->at + n]) && !is_one_of(s->text[s->at + n], "'\"`$\\") &&
           s->text[s->at + n] != EXPR) {
        n++;
    }
    frame->word_start = false;
    if (frame->command) {
        command_word(s, frame, n);
    } else if (frame->cases > 0 && word_is(s, n, "in")) {
        frame->command = true; /* a pattern, or esac */
    }
}

static void comment(Scan *s) {
    bool back = top(s)->kind == FRAME_BACK;
    while (s->text[s->at] != '\n' && s->text[s->at] != END && !(back && s->text[s->at] == '`')) {
        if (s->text[s->at] == EXPR) {
            take_expr(s, DAG_PIECE_WORD);
        } else {
            s->at++;
        }
    }
}

static void close_paren(Scan *s, Frame *frame) {
    if (frame->parens == 0 && frame->cases == 0 && frame->kind == FRAME_COMMAND) {
        close_frame(s, 1);
        return;
    }
    frame->parens -= frame->parens > 0;
    frame->word_start = frame->command = true;
    s->at++;
}

/* ; & | ( ) < > and the end of a line */
static void operator_step(Scan *s, Frame *frame, int c) {
    if (c == ')') {
        close_paren(s, frame);
        return;
    }
    frame->word_start = true;
    if (c == '<' && s->text[s->at + 1] == '<') {
        if (s->text[s->at + 2] == '<') {
            s->at += 3;
        } else {
            open_heredoc(s);
        }
        return;
    }
    frame->command |= c != '<' && c != '>';
    frame->parens += c == '(';
    s->at++;
    if (c == '\n') {
        next_heredoc(s);
    }
}

static void code_step(Scan *s) {
    Frame *frame = top(s);
    int c = s->text[s->at];
    if (is_blank(c)) {
        frame->word_start = true;
        s->at++;
        return;
    }
    if (ends_word(c)) {
        operator_step(s, frame, c);
        return;
    }
    if (c == '\\' && s->text[s->at + 1] == '\n') {
        s->at += 2;
        return;
    }
    if (c == '#' && frame->word_start) {
        comment(s);
        return;
    }
    if (frame->word_start && !(c == '`' && frame->kind == FRAME_BACK)) {
        begin_word(s, frame);
    }
    switch (c) {
    case EXPR: take_expr(s, DAG_PIECE_WORD); break;
    case '\\': backslash(s, DAG_PIECE_WORD); break;
    case '\'': single_quoted(s); break;
    case '"': open_frame(s, FRAME_DOUBLE, 1); break;
    case '$': dollar(s, DAG_PIECE_WORD); break;
    case '`':
        if (frame->kind == FRAME_BACK) {
            close_frame(s, 1);
        } else {
            open_frame(s, FRAME_BACK, 1);
        }
        break;
    default: s->at++;
    }
}

/* ---------------------------------------------------------------- the whole */

static void step(Scan *s) {
    switch (top(s)->kind) {
    case FRAME_TOP:
    case FRAME_COMMAND:
    case FRAME_BACK: code_step(s); break;
    case FRAME_DOUBLE: double_step(s); break;
    case FRAME_PARAM: param_step(s); break;
    case FRAME_ARITH: arith_step(s); break;
    case FRAME_HERE: here_step(s); break;
    }
}

/* What is open at the end; only the innermost is told: the others are open because of it. A
 * here-document may end with the script. */
static void report_open(Scan *s) {
    const Frame *frame = top(s);
    switch (frame->kind) {
    case FRAME_TOP:
    case FRAME_HERE: break;
    case FRAME_COMMAND: report(s, frame->start, "`$(` in the script is not closed", NULL); break;
    case FRAME_BACK:
        report(s, frame->start, "a back quote in the script is not closed", NULL);
        break;
    case FRAME_DOUBLE:
        report(s, frame->start, "a double quote in the script is not closed", NULL);
        break;
    case FRAME_PARAM: report(s, frame->start, "`${` in the script is not closed", NULL); break;
    case FRAME_ARITH: report(s, frame->start, "`$((` in the script is not closed", NULL); break;
    }
}

/* All pieces as one text. */
static void flatten(Scan *s, const Piece *pieces) {
    size_t n = 1;
    for (const Piece *piece = pieces; piece; piece = piece->next) {
        n += piece->expr ? 1 : piece->len;
        s->npieces++;
    }
    short *text = ARENA_ARRAY(s->arena, n + 3, short); /* and room to look ahead */
    s->text = text;
    s->pieces = ARENA_ARRAY(s->arena, s->npieces, const Piece *);
    s->starts = ARENA_ARRAY(s->arena, s->npieces, uint32_t);
    uint32_t at = 0, i = 0;
    for (const Piece *piece = pieces; piece; piece = piece->next, i++) {
        s->pieces[i] = piece;
        s->starts[i] = at;
        for (size_t k = 0; !piece->expr && k < piece->len; k++) {
            text[at++] = (unsigned char)piece->text[k];
        }
        if (piece->expr) {
            text[at++] = EXPR;
        }
    }
    text[at] = text[at + 1] = text[at + 2] = text[at + 3] = END;
}

bool shell_scan(Arena *arena, const Piece *pieces, ShellScan *scan) {
    Scan s = { .arena = arena, .out = scan, .last = &scan->errors };
    flatten(&s, pieces);
    *scan = (ShellScan){ .n = s.npieces };
    scan->kinds = ARENA_ARRAY(arena, s.npieces, dag_piece_kind); /* all TEXT */
    if (s.npieces == 0) {
        return true;
    }
    open_frame(&s, FRAME_TOP, 0);
    while (s.text[s.at] != END) {
        step(&s);
    }
    if (!scan->errors) {
        report_open(&s);
    }
    return !scan->errors;
}
