/* Sources: lines and columns, reading; and interned names. */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/source.h"
#include "suites.h"

typedef struct Fixture {
    Arena arena;
    Sources sources;
} Fixture;

static Source *text(Fixture *f, const char *s) {
    return source_from_text(&f->arena, &f->sources, "x.dag", s, strlen(s));
}

static bool is_at(Fixture *f, Source *s, uint32_t offset, uint32_t line, uint32_t column) {
    Position p = source_position(&f->arena, s, offset);
    return p.line == line && p.column == column;
}

static bool line_is(Fixture *f, Source *s, uint32_t line, const char *expected) {
    size_t n;
    const char *got = source_line(&f->arena, s, line, &n);
    return n == strlen(expected) && memcmp(got, expected, n) == 0;
}

static void finds_lines_and_columns(void) {
    Fixture f = { 0 };
    Source *s = text(&f, "ab\n\ncd");
    CU_ASSERT_TRUE(is_at(&f, s, 0, 1, 1));
    CU_ASSERT_TRUE(is_at(&f, s, 2, 1, 3)); /* the end of a line belongs to it */
    CU_ASSERT_TRUE(is_at(&f, s, 3, 2, 1));
    CU_ASSERT_TRUE(is_at(&f, s, 5, 3, 2));
    CU_ASSERT_TRUE(is_at(&f, s, 6, 3, 3));
    CU_ASSERT_TRUE(is_at(&f, s, 99, 3, 3)); /* past the end */
    CU_ASSERT_TRUE(line_is(&f, s, 2, ""));
    CU_ASSERT_TRUE(line_is(&f, s, 3, "cd"));
    CU_ASSERT_TRUE(line_is(&f, s, 4, ""));
    arena_free(&f.arena);
}

static void counts_characters_not_bytes(void) {
    Fixture f = { 0 };
    Source *s = text(&f, "é日👍x");
    CU_ASSERT_TRUE(is_at(&f, s, 2, 1, 2));
    CU_ASSERT_TRUE(is_at(&f, s, 5, 1, 3));
    CU_ASSERT_TRUE(is_at(&f, s, 9, 1, 4));
    arena_free(&f.arena);
}

/* Asked for here and there in one line of megabytes, as messages with notes do: were each column
 * counted from the beginning of the line, this would take minutes. */
static void columns_of_a_very_long_line(void) {
    enum { UNITS = 700000, ASKED = 40000 };
    Fixture f = { 0 };
    char *s = arena_raw(&f.arena, 3 * (size_t)UNITS + 3);
    memcpy(s, "\nx", 2);
    for (size_t i = 0; i < UNITS; i++) {
        memcpy(s + 2 + 3 * i, "\xC3\xA9z", 3); /* three bytes, two characters */
    }
    s[3 * (size_t)UNITS + 2] = '\0';
    Source *source = text(&f, s);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < ASKED; i++) {
        uint32_t unit = i % 2 ? i : UNITS - 1 - i;
        wrong += !is_at(&f, source, 2 + 3 * unit, 2, 2 + 2 * unit);
        wrong += !is_at(&f, source, 4 + 3 * unit, 2, 3 + 2 * unit);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(is_at(&f, source, 0, 1, 1));
    CU_ASSERT_TRUE(is_at(&f, source, 1, 2, 1));
    arena_free(&f.arena);
}

static void leaves_out_ends_and_marks(void) {
    Fixture f = { 0 };
    Source *s = text(&f, "\xEF\xBB\xBF"
                         "ab\r\nc\r");
    CU_ASSERT_TRUE(is_at(&f, s, 3, 1, 1)); /* the byte order mark has no column */
    CU_ASSERT_TRUE(is_at(&f, s, 7, 2, 1));
    CU_ASSERT_TRUE(line_is(&f, s, 2, "c\r")); /* no line ends there */
    size_t n;
    source_line(&f.arena, s, 1, &n);
    CU_ASSERT_EQUAL(n, 5);
    arena_free(&f.arena);
}

static void an_empty_text_has_a_line(void) {
    Fixture f = { 0 };
    Source *s = text(&f, "");
    CU_ASSERT_EQUAL(source_nlines(&f.arena, s), 1);
    CU_ASSERT_TRUE(is_at(&f, s, 0, 1, 1));
    CU_ASSERT_EQUAL(source_nlines(&f.arena, text(&f, "a\n")), 2);
    arena_free(&f.arena);
}

static void reads_a_file_once(void) {
    Fixture f = { 0 };
    char path[] = "/tmp/dagcc-unit-XXXXXX";
    int fd = mkstemp(path);
    CU_ASSERT_EQUAL(write(fd, "a\0b", 3), 3);
    close(fd);
    const char *message = NULL;
    Source *s = source_read(&f.arena, &f.sources, path, &message);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(s->size, 3);
    CU_ASSERT_EQUAL(memcmp(s->text, "a\0b", 4), 0); /* with a NUL behind */
    char *other = arena_printf(&f.arena, "/tmp/../tmp/%s", path + 5);
    CU_ASSERT_PTR_EQUAL(source_read(&f.arena, &f.sources, other, &message), s);
    unlink(path);
    arena_free(&f.arena);
}

static void says_why_it_cannot_read(void) {
    Fixture f = { 0 };
    const char *message = NULL;
    CU_ASSERT_PTR_NULL(source_read(&f.arena, &f.sources, "/nowhere/x.dag", &message));
    CU_ASSERT_STRING_EQUAL(message, "cannot read /nowhere/x.dag: No such file or directory");
    CU_ASSERT_PTR_NULL(source_read(&f.arena, &f.sources, "/", &message));
    CU_ASSERT_STRING_EQUAL(message, "cannot read /: Is a directory");
    CU_ASSERT_EQUAL(f.sources.n, 0);
    arena_free(&f.arena);
}

static void refuses_what_spans_cannot_name(void) {
    Fixture f = { 0 };
    const char *message = "";
    char path[] = "/tmp/dagcc-unit-XXXXXX";
    int fd = mkstemp(path);
    CU_ASSERT_EQUAL_FATAL(ftruncate(fd, (off_t)MAX_SOURCE + 1), 0); /* a hole: takes no room */
    CU_ASSERT_PTR_NULL(source_read(&f.arena, &f.sources, path, &message));
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "larger than 128 MiB"));
    CU_ASSERT_EQUAL(ftruncate(fd, 1), 0);
    while (f.sources.n + 1 < MAX_SOURCES) {
        text(&f, "");
    }
    Source *last = source_read(&f.arena, &f.sources, path, &message);
    CU_ASSERT_PTR_NOT_NULL_FATAL(last);
    Span span = { last->file, 0, last->size };
    CU_ASSERT_FALSE(SPAN_IS_NONE(span));
    CU_ASSERT_EQUAL(span.file, last->file);
    CU_ASSERT_EQUAL(span.end, 1);
    CU_ASSERT_PTR_NULL(source_read(&f.arena, &f.sources, "/dev/null", &message));
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "no more than"));
    close(fd);
    unlink(path);
    arena_free(&f.arena);
}

static void interns_equal_texts_once(void) {
    Arena arena = { 0 };
    Interner *names = interner_new(&arena);
    const char *first = intern(names, "stagex", 5);
    CU_ASSERT_STRING_EQUAL(first, "stage");
    for (int i = 0; i < 5000; i++) { /* it grows */
        char name[16];
        int n = snprintf(name, sizeof name, "n%d", i);
        intern(names, name, (size_t)n);
    }
    CU_ASSERT_PTR_EQUAL(intern(names, "stage", 5), first);
    CU_ASSERT_PTR_NOT_EQUAL(intern(names, "stag", 4), first);
    CU_ASSERT_PTR_EQUAL(intern(names, "n4999", 5), intern(names, "n4999.", 5));
    CU_ASSERT_PTR_EQUAL(intern(names, "", 0), intern(names, "x", 0));
    arena_free(&arena);
}

void suite_source(void) {
    CU_pSuite suite = CU_add_suite("source", NULL, NULL);
    CU_add_test(suite, "finds lines and columns", finds_lines_and_columns);
    CU_add_test(suite, "counts characters, not bytes", counts_characters_not_bytes);
    CU_add_test(suite, "columns of a very long line", columns_of_a_very_long_line);
    CU_add_test(suite, "leaves out ends and marks", leaves_out_ends_and_marks);
    CU_add_test(suite, "an empty text has a line", an_empty_text_has_a_line);
    CU_add_test(suite, "reads a file once", reads_a_file_once);
    CU_add_test(suite, "says why it cannot read", says_why_it_cannot_read);
    CU_add_test(suite, "refuses what spans cannot name", refuses_what_spans_cannot_name);
    CU_add_test(suite, "interns equal texts once", interns_equal_texts_once);
}
