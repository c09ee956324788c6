/*
 * ahead.c - a lexer on a thread of its own gives what it gives without, in whatever way it ends.
 */
#include "syntax/ahead.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "base/front.h"
#include "parser.h"
#include "pure/text.h"
#include "suites.h"
#include "syntax/front_parse.h"
#include "syntax/tokens.h"

enum { STAGES = 5000 }; /* of a text that fills the ring several times */

/* A pipeline of many stages, with comments and literals, and `tail` behind it. */
static Source *large_text(Front *front, const char *tail) {
    TextBuffer text = { .arena = &front->arena };
    buffer_string(&text, "pipeline p { # begins\n");
    for (int i = 0; i < STAGES; i++) {
        buffer_string(&text,
                      arena_printf(&front->arena,
                                   "  stage s%d { out v: int = %d } # stage %d\n"
                                   "  stage t%d { in s: string  run \"echo <s>\" retry 2 }\n",
                                   i, i, i, i));
    }
    buffer_string(&text, "}\n");
    buffer_string(&text, tail);
    return source_from_text(&front->arena, &front->sources, "large.dag", buffer_end(&text), text.n);
}

static Lexer *lexer_on(Front *front, Source *source) {
    Lexer *lexer = ARENA_NEW(&front->arena, Lexer);
    File *file = ARENA_NEW(&front->arena, File);
    file->source = source;
    lexer_init(lexer, &front->arena, front->diags, file);
    return lexer;
}

static uint32_t count_comments(const Lexer *lexer) {
    uint32_t n = 0;
    for (const Comment *comment = lexer->file->comments; comment; comment = comment->next) {
        n++;
    }
    return n;
}

static bool is_same(Token a, Token b) {
    return a.kind == b.kind && a.number == b.number && a.first == b.first &&
           a.span.start == b.span.start && a.span.end == b.span.end;
}

static void gives_the_same_tokens(void) {
    Front *front = front_new();
    Source *source = large_text(front, "");
    Lexer *here = lexer_on(front, source), *there = lexer_on(front, source);
    Ahead *ahead = ahead_start(&front->arena, there);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ahead);
    uint32_t n = 0;
    Token token;
    do {
        token = ahead_next(ahead);
        CU_ASSERT_FATAL(is_same(token, lexer_next(here)));
        n++;
    } while (token.kind != TOK_YYEOF);
    CU_ASSERT(n > BATCH * BATCHES);
    CU_ASSERT_EQUAL(ahead_next(ahead).kind, TOK_YYEOF);
    CU_ASSERT_TRUE(ahead_end(ahead, &front->arena));
    CU_ASSERT_EQUAL(count_comments(there), STAGES + 1);
    CU_ASSERT_EQUAL(count_comments(there), count_comments(here));
    front_free(front);
}

static void may_end_before_the_text(void) {
    for (int asked = 0; asked < 3; asked++) {
        Front *front = front_new();
        Ahead *ahead = ahead_start(&front->arena, lexer_on(front, large_text(front, "")));
        CU_ASSERT_PTR_NOT_NULL_FATAL(ahead);
        for (int i = 0; i < asked * BATCH; i++) {
            ahead_next(ahead);
        }
        CU_ASSERT_TRUE(ahead_end(ahead, &front->arena));
        front_free(front);
    }
}

static void ends_at_a_mistake(void) {
    Front *front = front_new();
    Lexer *lexer = lexer_on(front, large_text(front, "pipeline größe { }"));
    Ahead *ahead = ahead_start(&front->arena, lexer);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ahead);
    while (ahead_next(ahead).kind != TOK_YYEOF) {
    }
    CU_ASSERT_FALSE(ahead_end(ahead, &front->arena));
    CU_ASSERT_EQUAL(front->diags->nerrors, 0); /* it is said by who reads the text once more */
    front_free(front);
}

/* The errors of a large text with this behind it, and what the first says. */
static uint32_t errors_behind(const char *tail, char *first, size_t room) {
    Front *front = front_new();
    File *file = front_parse(front, large_text(front, tail));
    uint32_t n = front->diags->nerrors;
    CU_ASSERT_EQUAL(file->broken, n > 0);
    snprintf(first, room, "%s", n ? front->diags->first->message : "");
    front_free(front);
    return n;
}

static void mistakes_are_told_once(void) {
    char said[200];
    CU_ASSERT_EQUAL(errors_behind("", said, sizeof said), 0);
    CU_ASSERT_EQUAL(errors_behind("pipeline größe { }", said, sizeof said), 1); /* the lexer's */
    CU_ASSERT_STRING_EQUAL(said, "`größe` is no name: names are made of letters a to z, "
                                 "digits and `_`");
    CU_ASSERT_EQUAL(errors_behind("pipeline q { stage { } }", said, sizeof said),
                    1); /* the grammar's */
    CU_ASSERT_STRING_EQUAL(said, "expected the stage's name after `stage`, found `{`");
    CU_ASSERT_EQUAL(errors_behind("pipeline q { input x: int = 99999999999999999999 }", said,
                                  sizeof said),
                    1); /* of a value */
    CU_ASSERT_STRING_EQUAL(said, "`99999999999999999999` is out of range");
}

/* Does the text get by with so much memory behind the text itself? */
static bool parses_within(size_t more) {
    Front *front = front_new();
    jmp_buf oom;
    Source *source = large_text(front, "");
    front->arena.limit = front->arena.held + more;
    front->arena.oom = &oom;
    if (setjmp(oom)) {
        CU_ASSERT_PTR_EQUAL(front->arena.oom, &oom);
        front_free(front);
        return false;
    }
    front_parse(front, source);
    front_free(front);
    return true;
}

static void ends_without_memory(void) {
    size_t more = 1024;
    while (more < 100 * 1024 * 1024 && !parses_within(more)) {
        more *= 2;
    }
    CU_ASSERT(more > 1024 * 1024 && more < 100 * 1024 * 1024);
}

void suite_ahead(void) {
    CU_pSuite suite = CU_add_suite("ahead", NULL, NULL);
    CU_add_test(suite, "gives the same tokens", gives_the_same_tokens);
    CU_add_test(suite, "may end before the text", may_end_before_the_text);
    CU_add_test(suite, "ends at a mistake", ends_at_a_mistake);
    CU_add_test(suite, "mistakes are told once", mistakes_are_told_once);
    CU_add_test(suite, "ends without memory", ends_without_memory);
}
