/* Lines that are drawn anew in place, on a terminal of any width. */
#include <CUnit/Basic.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "cli/screen.h"
#include "suites.h"

typedef struct Terminal {
    int host; /* our end: what is drawn is read here */
    Screen screen;
    char text[4096];
} Terminal;

static void resize(Terminal *terminal, int columns, int rows) {
    struct winsize size = { .ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows };
    CU_ASSERT_EQUAL_FATAL(ioctl(terminal->host, TIOCSWINSZ, &size), 0);
}

static Terminal terminal_open(int columns, int rows) {
    Terminal terminal = { .host = posix_openpt(O_RDWR | O_NOCTTY) };
    CU_ASSERT_FATAL(terminal.host >= 0);
    CU_ASSERT_FATAL(grantpt(terminal.host) == 0 && unlockpt(terminal.host) == 0);
    int end = open(ptsname(terminal.host), O_RDWR | O_NOCTTY);
    CU_ASSERT_FATAL(end >= 0);
    struct termios raw;
    CU_ASSERT_FATAL(tcgetattr(end, &raw) == 0);
    cfmakeraw(&raw);
    CU_ASSERT_FATAL(tcsetattr(end, TCSANOW, &raw) == 0);
    terminal.screen.out = fdopen(end, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(terminal.screen.out);
    resize(&terminal, columns, rows);
    return terminal;
}

static void terminal_close(Terminal *terminal) {
    fclose(terminal->screen.out);
    close(terminal->host);
}

/* What was drawn since the last look, without "\033[K". */
static const char *drawn(Terminal *terminal) {
    fputc('.', terminal->screen.out); /* so that there is something to be read */
    fflush(terminal->screen.out);
    size_t n = 0;
    while (n == 0 || terminal->text[n - 1] != '.') {
        ssize_t more = read(terminal->host, terminal->text + n, sizeof terminal->text - 1 - n);
        CU_ASSERT_FATAL(more > 0);
        n += (size_t)more;
    }
    terminal->text[n - 1] = '\0';
    for (char *p; (p = strstr(terminal->text, "\033[K")) != NULL;)
        memmove(p, p + 3, strlen(p + 3) + 1);
    return terminal->text;
}

static void fills_short_names(void) {
    Terminal t = terminal_open(80, 24);
    screen_clear(&t.screen);
    screen_line(&t.screen, "work", "3/6 tasks  1.2s", "<", ">");
    screen_line(&t.screen, "3/6 tasks", "", "<", ">");
    CU_ASSERT_STRING_EQUAL(drawn(&t), "  <work                > 3/6 tasks  1.2s\n<3/6 tasks>\n");
    terminal_close(&t);
}

static void shortens_what_is_too_long(void) {
    Terminal t = terminal_open(40, 24);
    screen_clear(&t.screen);
    screen_line(&t.screen, "a_stage_with_a_long_name_indeed", "3/6 tasks  1.2s", "", "");
    CU_ASSERT_STRING_EQUAL(drawn(&t), "  a_stage_with_a_long_~ 3/6 tasks  1.2s\n");
    screen_line(&t.screen, "a_stage_with_a_long_name_indeed", "3/6 tasks  1.2s  4.1/s  ETA 493ms",
                "", "");
    CU_ASSERT_STRING_EQUAL(drawn(&t), "  a_stage_with_a_lo~ 3/6 tasks  1.2s  4\n");
    screen_line(&t.screen, "1/2 tasks, and then a text that is too long", "", "", "");
    CU_ASSERT_STRING_EQUAL(drawn(&t), "1/2 tasks, and then a text that is too~\n");
    terminal_close(&t);
}

static void clears_the_rows_that_lines_take(void) {
    Terminal t = terminal_open(80, 24);
    screen_clear(&t.screen);
    CU_ASSERT_STRING_EQUAL(drawn(&t), "");
    screen_line(&t.screen, "work", "3/6 tasks  1.2s", "", ""); /* 38 columns */
    screen_line(&t.screen, "3/6 tasks", "", "", "");
    drawn(&t);
    resize(&t, 19, 24); /* the terminal breaks the first line into two */
    screen_clear(&t.screen);
    CU_ASSERT_STRING_EQUAL(drawn(&t), "\033[3A\r\033[J");
    screen_line(&t.screen, "work", "3/6", "", "");
    drawn(&t);
    resize(&t, 80, 24);
    screen_clear(&t.screen);
    CU_ASSERT_STRING_EQUAL(drawn(&t), "\033[1A\r\033[J");
    terminal_close(&t);
}

static void keeps_below_the_top(void) {
    Terminal t = terminal_open(80, 4);
    screen_clear(&t.screen);
    for (int i = 0; i < 9; i++)
        screen_line(&t.screen, "work", "", "", "");
    CU_ASSERT_EQUAL(screen_room(&t.screen), 0);
    CU_ASSERT_STRING_EQUAL(drawn(&t), "work\nwork\nwork\n");
    terminal_close(&t);
}

void suite_screen(void) {
    CU_pSuite suite = CU_add_suite("screen", NULL, NULL);
    CU_add_test(suite, "fills short names", fills_short_names);
    CU_add_test(suite, "shortens what is too long", shortens_what_is_too_long);
    CU_add_test(suite, "clears the rows that lines take", clears_the_rows_that_lines_take);
    CU_add_test(suite, "keeps below the top", keeps_below_the_top);
}
