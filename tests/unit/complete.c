/*
 * complete.c - completion of command lines: every placeholder of the tables is known to who completes
 * it, and words are understood as a shell hands them over.
 */
#include <string.h>

#include <CUnit/CUnit.h>

#include "cli/options.h"
#include "suites.h"
#include "tools/completion.h"

static void check_placeholder(Arena *arena, const CompleteTables *tables, const char *placeholder) {
    Completion c = { .arena = arena, .tables = tables, .nwords = 1 };
    const char *none = "";
    c.answer.arena = arena;
    c.words = &none;
    c.command = c.prefix = c.typed = c.listed = "";
    if (!complete_placeholder(&c, placeholder))
        fprintf(stderr, "nobody completes %s\n", placeholder);
    CU_ASSERT_TRUE(complete_placeholder(&c, placeholder));
}

static void check_tables(Arena *arena, const CompleteTables *tables) {
    for (size_t i = 0; i < tables->ncommands; i++) {
        for (size_t k = 0; k < 4; k++) {
            check_placeholder(arena, tables,
                              complete_argument(arena, tables->commands[i].arguments, k));
        }
    }
    for (size_t i = 0; i < tables->noptions; i++) {
        if (tables->options[i].argument != NULL)
            check_placeholder(arena, tables, tables->options[i].argument);
    }
}

static void test_placeholders(void) {
    static const dag_program program = { .strings = "" };
    Cli cli = { .program = &program, .state_dir = "/nonexistent" };
    CompleteTables tables = cli_complete_tables(&cli);
    check_tables(&cli.arena, &tables);
    tables = completion_tables(&cli.arena);
    check_tables(&cli.arena, &tables);
    arena_free(&cli.arena);
}

/* ---------------------------------------------------------------- words */

static bool offer(Completion *c, const char *placeholder) {
    if (strcmp(placeholder, "GIVEN") == 0) {
        const char *given = complete_given(c, "--where");
        complete_offer(c, given == NULL ? "nothing" : given, "first\nsecond");
        return true;
    }
    return *placeholder == '\0';
}

static bool takes(const char *command, size_t option) {
    return option > 0 || strcmp(command, "go") == 0;
}

/* What is offered for words that are separated by bars. */
static const char *answer(Arena *arena, const char *line) {
    static const CompleteCommand commands[] = {
        { "", "[OPTION…] FILE.dag", "" },
        { "go", "GIVEN x|y [z|zz…]", "goes" },
        { "stop", "", "stops" },
    };
    static const CompleteOption options[] = {
        { "--where", 'w', "DIR", false, "a place" },
        { "--list", 'l', "a|b|c,a|b|c", false, "" },
        { "-W", 0, "this|that", true, "" },
        { "--quiet", 'q', NULL, false, "" },
    };
    CompleteTables tables = { commands, 3, options, 4, takes, offer, NULL };
    const char *words[10];
    size_t n = 0;
    for (const char *p = line;; p++) {
        size_t length = strcspn(p, "~");
        words[n++] = arena_text(arena, p, length);
        p += length;
        if (*p == '\0')
            return complete_words(arena, &tables, words, n);
    }
}

static void test_words(void) {
    static const char *const rows[][2] = {
        { "", "go\tgoes\nstop\tstops\n:files\t*.dag\t\n" },
        { "g", "go\tgoes\n:files\t*.dag\t\n" },
        { "stop~", "" },
        { "go~", "nothing\tfirst\n" },
        { "go~--where~a b~", "a b\tfirst\n" },
        { "go~--where=a~", "a\tfirst\n" },
        { "go~-qwa~", "a\tfirst\n" },
        { "go~-qw~'a ~", "a \tfirst\n" },
        { "go~--~--where~", "x\t\ny\t\n" },
        { "go~1~", "x\t\ny\t\n" },
        { "go~1~2~z", "z\t\nzz\t\n" },
        { "go~1~2~3~4~zz", "zz\t\n" },
        { "go~--", "--where\ta place\n--list\t\n--quiet\t\n" },
        { "--", "--list\t\n--quiet\t\n" },
        { "--where~", ":dirs\t*\t\n" },
        { "--where=d", ":dirs\t*\t--where=\n" },
        { "-wd", ":dirs\t*\t-w\n" },
        { "--list~", "a\t\nb\t\nc\t\n" },
        { "--list~b,", "b,a\t\nb,c\t\n" },
        { "--list=b,c,", "--list=b,c,a\t\n" },
        { "-W", "-Wthis\t\n-Wthat\t\n" },
        { "-Wtha", "-Wthat\t\n" },
        { "\"g", "go\tgoes\n:files\t*.dag\t\n" },
        { "g\\o", "go\tgoes\n:files\t*.dag\t\n" },
        { "--nothing~", "go\tgoes\nstop\tstops\n:files\t*.dag\t\n" },
        { "--nothing=", "" },
        { "-", "--list\t\n-W\t\n--quiet\t\n" },
    };
    Arena arena = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *said = answer(&arena, rows[i][0]);
        if (strcmp(said, rows[i][1]) != 0)
            fprintf(stderr, "%s: %s", rows[i][0], said);
        CU_ASSERT_STRING_EQUAL(said, rows[i][1]);
    }
    arena_free(&arena);
}

static void test_script(void) {
    Arena arena = { 0 };
    CU_ASSERT_PTR_NULL(complete_script(&arena, "csh", "x"));
    const char *fish = complete_script(&arena, "fish", "/a/it's\n\\");
    CU_ASSERT_PTR_NOT_NULL(strstr(fish, "complete -c 'it'\\''s?\\\\' -k"));
    CU_ASSERT_PTR_NOT_NULL(strstr(complete_script(&arena, "bash", "a b"), "program='a b'\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(complete_script(&arena, "zsh", "./ab"), "#compdef ab\n"));
    arena_free(&arena);
}

void suite_complete(void) {
    CU_pSuite suite = CU_add_suite("complete", NULL, NULL);
    CU_add_test(suite, "placeholders", test_placeholders);
    CU_add_test(suite, "words", test_words);
    CU_add_test(suite, "script", test_script);
}
