/*
 * blocks.c - blocks and brackets: what the user left open is closed where it is noticed, what was
 * closed too early is opened again, so that one mistake gives one error.
 */
#include "syntax/tokens.h"

#include "parser.h"

static const char *bracket_text(const Bracket *b) {
    switch (b->kind) {
    case BRACKET_BLOCK:
    case BRACKET_BRACE: return "}";
    case BRACKET_PAREN: return ")";
    case BRACKET_SQUARE: return "]";
    case BRACKET_EXPR:
    case BRACKET_TYPE: return ">";
    case BRACKET_TEXT: return "\"";
    }
    return "";
}

static const char *opener_text(const Bracket *b) {
    switch (b->kind) {
    case BRACKET_BLOCK:
    case BRACKET_BRACE: return "{";
    case BRACKET_PAREN: return "(";
    case BRACKET_SQUARE: return "[";
    case BRACKET_EXPR:
    case BRACKET_TYPE: return "<";
    case BRACKET_TEXT: return "\"";
    }
    return "";
}

static void report_open(Lexer *lx, const Bracket *b) {
    Span here = lx->start < lx->limit ? span_here(lx) : token_made(lx, 0).span;
    /* For a block: was there an error at its end, which may have taken the place of the brace? */
    bool known = b->kind == BRACKET_BLOCK ? lexer_doubts_line(lx, lx->prev.span.start) ||
                                                (lx->start == lx->limit && lexer_in_doubt(lx))
                                          : lx->skipping || lexer_in_doubt(lx);
    if (known) {
        return;
    }
    lexer_doubt(lx, lx->prev.span.start);
    Diag *diag = REPORT_BLOCK(lx, E0103, here, "expected `%s` before this", bracket_text(b));
    if (diag) {
        diag_note(lx->diags, diag, b->span, "to close the `%s` here", opener_text(b));
    }
}

Token left_open(Lexer *lx, uint32_t depth) {
    for (uint32_t i = lx->depth; i-- > depth;) {
        if (!lx->stack[i].made) {
            report_open(lx, &lx->stack[i]);
            break;
        }
    }
    return unwind_to(lx, depth);
}

uint32_t block_depth(const Lexer *lx) {
    uint32_t i = lx->depth;
    while (i > 0 && lx->stack[i - 1].kind != BRACKET_BLOCK) {
        i--;
    }
    return i;
}

static BlockKind block_here(const Lexer *lx) {
    return lx->depth ? lx->stack[lx->depth - 1].block : BLOCK_TOP;
}

static unsigned place_of(BlockKind block) {
    switch (block) {
    case BLOCK_TOP: return PLACE_TOP;
    case BLOCK_PIPELINE: return PLACE_PIPELINE;
    case BLOCK_STAGE: return PLACE_STAGE;
    }
    return 0;
}

/* ---------------------------------------------------------------- { and } */

static bool head_waits(const Lexer *lx) {
    return lx->head != HEAD_NONE && lx->depth == lx->head_depth;
}

/* May a record begin behind the last token? */
static bool record_may_begin(const Lexer *lx) {
    switch (lx->prev.kind) {
    case '=':
    case ':':
    case ',':
    case '(':
    case '[':
    case '|':
    case TOK_BARE_OPEN:
    case TOK_EXPR_OPEN:
    case TOK_TYPE_OPEN:
    case TOK_COMPARE:
    case TOK_WHERE:
    case TOK_A_WHEN:
    case TOK_AND:
    case TOK_OR:
    case TOK_NOT: return true;
    default: return false;
    }
}

Token left_brace(Lexer *lx) {
    if (head_waits(lx)) {
        Token token = open_block(lx, lx->head_block, lx->head_indent, TOK_LBLOCK, false);
        if (lx->depth > 0) {
            lx->stack[lx->depth - 1].made = lx->head_token.made;
        }
        token.number = lx->head_named; /* the grammar waits for it, even behind an error */
        return token;
    }
    const Bracket *top = top_bracket(lx);
    bool in_block = !top || top->kind == BRACKET_BLOCK;
    if (lx->prev.kind == TOK_LBLOCK) {
        Diag *diag = REPORT(lx, E0101, span_here(lx), "one `{` is enough");
        FIX(lx, diag, false, span_here(lx), "", "remove `{`");
        lexer_doubt(lx, span_here(lx).start);
        return (Token){ .kind = NO_TOKEN }; /* passed over */
    }
    if (in_block && !record_may_begin(lx) && lx->item != TOK_TYPE) {
        BlockKind guess = block_here(lx) == BLOCK_TOP ? BLOCK_PIPELINE : BLOCK_STAGE;
        return open_block(lx, guess, line_indent(lx), TOK_LBLOCK, false);
    }
    return open_brace(lx);
}

/* Is a `}` at the start of its line indented like a block further out than the innermost? */
static bool belongs_outside(const Lexer *lx) {
    return lx->newline && lx->depth > 1 && line_indent(lx) <= lx->stack[lx->depth - 2].indent;
}

/* `stage x }`: the block that is missing, and for a `}` of a block outside its end. */
static Token missing_block(Lexer *lx) {
    const char *what = lx->head_block == BLOCK_PIPELINE ? "pipeline" : "stage";
    Span at = token_made(lx, 0).span;
    if (!lx->doubt || lx->doubt_at < lx->head_token.span.start) {
        REPORT_BLOCK(lx, E0104, lx->start < lx->limit ? span_here(lx) : at,
                     "expected `{` and the items of the %s before this", what);
        lexer_doubt(lx, lx->prev.span.start);
    }
    lx->cursor = lx->mark;
    Token token = open_block(lx, lx->head_block, lx->head_indent, TOK_LBLOCK, true);
    token.number = lx->head_named;
    return token;
}

/* `stage x map …` */
static Token missing_equal(Lexer *lx) {
    Span span = span_here(lx);
    Diag *diag = REPORT(lx, E0101, span, "expected `=` before `%.*s`", (int)(span.end - span.start),
                        lx->start);
    Span at = { span.file, span.start, span.start };
    FIX(lx, diag, true, at, "= ", "insert `=`");
    lexer_doubt(lx, span.start);
    lx->cursor = lx->mark;
    return token_made(lx, '=');
}

Token right_brace(Lexer *lx) {
    if (head_waits(lx) && lx->head == HEAD_BLOCK) {
        return missing_block(lx);
    }
    const Bracket *top = top_bracket(lx);
    if (!top) {
        Token token = token_here(lx, TOK_RBLOCK);
        token.number = true; /* it closes nothing */
        return token;
    }
    if (top->kind == BRACKET_BRACE || top->kind == BRACKET_BLOCK) {
        if (top->made && belongs_outside(lx)) {
            return unwind_to(lx, lx->depth - 1);
        }
        lx->closed_early = !lx->newline || line_indent(lx) != top->indent;
        return close_top(lx);
    }
    for (uint32_t i = lx->depth; i-- > 0;) {
        if (lx->stack[i].kind == BRACKET_BRACE || lx->stack[i].kind == BRACKET_BLOCK) {
            return left_open(lx, i + 1);
        }
    }
    return left_open(lx, 0);
}

Token right_bracket(Lexer *lx, BracketKind kind) {
    for (uint32_t i = lx->depth; i-- > 0 && lx->stack[i].kind != BRACKET_BLOCK;) {
        if (lx->stack[i].kind == kind) {
            return i + 1 == lx->depth ? close_top(lx) : left_open(lx, i + 1);
        }
    }
    Token token = token_here(lx, kind == BRACKET_PAREN ? ')' : ']');
    token.number = true; /* it closes nothing */
    return token;
}

Token end_of_file(Lexer *lx) {
    if (head_waits(lx) && lx->head == HEAD_BLOCK) {
        return missing_block(lx);
    }
    return lx->depth ? left_open(lx, 0) : token_here(lx, TOK_YYEOF);
}

/* ---------------------------------------------------------------- items */

/* A block was closed too early, or its first line is missing: what follows is taken for a block of
 * that kind. The token's number: does it continue the last one? */
static Token reopen(Lexer *lx, BlockKind block) {
    const char *what = block == BLOCK_PIPELINE ? "pipeline" : "stage";
    bool brace = lx->prev.kind == TOK_RBLOCK;
    bool known = (brace && (lx->prev.made || lexer_doubts_line(lx, lx->closed_at))) ||
                 (block == BLOCK_PIPELINE && lx->doubt && lx->doubt_at >= lx->top_at) ||
                 lexer_doubts_line(lx, lx->closed_at);
    Diag *diag = known ? NULL
                       : REPORT_BLOCK(lx, E0109, span_here(lx), "this belongs into a %s%s", what,
                                      brace ? ", which was closed before" : "");
    if (diag && brace) {
        diag_note(lx->diags, diag, lx->prev.span, "closed here");
    }
    bool first = lx->newline;
    lx->cursor = lx->mark;
    Token token = open_block(lx, block, line_indent(lx), TOK_REOPEN, true);
    token.number = block == BLOCK_PIPELINE || (brace && (!first || lx->closed_early));
    return token;
}

/* Is an item of a stage indented deeper than the items of the pipeline that it stands in? Then the
 * first line of its stage is missing. `in` and `out` that stand among those items are the pipeline's own,
 * under a wrong word (build.c). */
static bool lacks_stage(const Lexer *lx, int kind) {
    const Bracket *top = &lx->stack[lx->depth - 1];
    if ((kind == TOK_IN || kind == TOK_OUT) && lx->newline && top->has_items &&
        line_indent(lx) == top->items_indent) {
        return false;
    }
    return lx->prev.kind == TOK_RBLOCK ||
           (lx->newline && top->has_items && line_indent(lx) > top->items_indent);
}

/* While skipping: are we in brackets that were opened by mistake, and is this line indented like
 * the items around them? */
static bool ends_skipping(const Lexer *lx) {
    if (!lx->skipping || lx->skip_expr || lx->skip_depth == 0 || lx->depth <= lx->skip_depth) {
        return false;
    }
    const Bracket *block = &lx->stack[lx->skip_depth - 1];
    return lx->newline && block->has_items && line_indent(lx) <= block->items_indent;
}

/* Remembers how deep the items of a block are indented. */
static void note_indent(Lexer *lx) {
    Bracket *top = top_bracket(lx);
    if (top && !top->has_items && lx->newline) {
        top->has_items = true;
        top->items_indent = line_indent(lx);
    }
}

/* Is a stage not closed, when an item of the pipeline begins in it? */
static bool stage_left_open(Lexer *lx, int kind) {
    const Bracket *top = top_bracket(lx);
    return kind == TOK_STAGE || top->made || (lx->newline && line_indent(lx) <= top->indent);
}

Token before_item(Lexer *lx, int kind, unsigned places) {
    uint32_t depth = block_depth(lx);
    bool doubtful = lx->skipping || depth < lx->depth;
    if (doubtful && !lx->newline && kind != TOK_EDGE_NAME && !looks_declared(lx, kind)) {
        return (Token){ .kind = NO_TOKEN };
    }
    if (ends_skipping(lx)) {
        return unwind_to(lx, lx->skip_depth);
    }
    if (depth < lx->depth) {
        return left_open(lx, depth);
    }
    if (head_waits(lx) && !lx->newline && (kind == TOK_CALL || kind == TOK_MAP)) {
        return missing_equal(lx);
    }
    bool in_stage = !lx->newline && places == PLACE_STAGE;
    if (head_waits(lx) && (lx->head == HEAD_BLOCK || in_stage)) {
        return missing_block(lx);
    }
    BlockKind here = block_here(lx);
    bool misplaced = !(places & place_of(here));
    if (misplaced && places == PLACE_TOP) {
        return left_open(lx, 0);
    }
    if (misplaced && here == BLOCK_TOP && !(lx->skipping && !lx->newline)) {
        return reopen(lx, BLOCK_PIPELINE);
    }
    if (misplaced && here == BLOCK_STAGE && stage_left_open(lx, kind)) {
        return left_open(lx, lx->depth - 1);
    }
    if (misplaced && here == BLOCK_PIPELINE && lacks_stage(lx, kind)) {
        return reopen(lx, BLOCK_STAGE);
    }
    note_indent(lx);
    return (Token){ .kind = NO_TOKEN };
}
