/*
 * follow.c - what a token means for the next ones: which head, item, block or condition they are in.
 */
#include "syntax/tokens.h"

#include "parser.h"

bool is_hook_run(const Lexer *lx, int kind) {
    return kind == TOK_RUN && lx->prev.kind == TOK_NAME && lx->before.kind == TOK_A_HOOK;
}

bool is_instance(const Lexer *lx, Token token) {
    return (token.kind == TOK_CALL || token.kind == TOK_MAP) && lx->head == HEAD_OPTIONAL;
}

static void begin_head(Lexer *lx, Token token, BlockKind block) {
    lx->head = HEAD_BLOCK;
    lx->head_named = false;
    lx->head_block = block;
    lx->head_depth = lx->depth;
    lx->head_indent = line_indent(lx);
    lx->head_token = token;
}

void follow_item(Lexer *lx, Token token) {
    switch (token.kind) {
    case TOK_PIPELINE: begin_head(lx, token, BLOCK_PIPELINE); break;
    case TOK_STAGE:
    case TOK_PLUGIN: begin_head(lx, token, BLOCK_STAGE); break;
    case '=':
        if (lx->item == TOK_STAGE && lx->depth == lx->head_depth && lx->head == HEAD_BLOCK) {
            lx->head = HEAD_OPTIONAL;
        }
        break;
    default:
        if (token_is(token.kind, BEGINS_ITEM) && !is_instance(lx, token)) {
            lx->head = HEAD_NONE;
        }
        break;
    }
    if (token.kind == TOK_LBLOCK || token.kind == TOK_REOPEN || token.kind == TOK_RBLOCK) {
        lx->head = HEAD_NONE;
        lx->item = 0;
        lx->closed_at = token.kind == TOK_RBLOCK ? token.span.start : lx->closed_at;
        lx->top_at = token.kind == TOK_RBLOCK && lx->depth == 0 ? token.span.start : lx->top_at;
    } else if (token_is(token.kind, BEGINS_ITEM) && !is_instance(lx, token) &&
               !is_hook_run(lx, token.kind)) {
        lx->item = token.kind;
        lx->item_at = token.made ? lx->item_at : token.span.start;
    }
}

void follow_condition(Lexer *lx, Token token) {
    switch (token.kind) {
    case TOK_WHERE:
    case TOK_A_WHEN:
        lx->cond = true;
        lx->compared = false;
        lx->cond_depth = lx->depth;
        return;
    case TOK_COMPARE:
    case TOK_EXISTS: lx->compared = true; return;
    case TOK_AND:
    case TOK_OR:
    case TOK_NOT:
    case '(': lx->compared = false; return;
    case TOK_ORDER:
    case TOK_TAKE:
    case TOK_ON:
    case TOK_ARROW: lx->cond = false; return;
    default: break;
    }
    if (lx->depth < lx->cond_depth || token_is(token.kind, BEGINS_ITEM)) {
        lx->cond = false;
    }
}
